// The search field of every page: what is typed is looked for, and the arrow keys walk the list below it.
// Without this script it is a field with a page of its own.

const field = document.querySelector("#search");
const form = field?.form;
const said = document.querySelector("#search-said");
const list = () => document.querySelector("#search-list");
const options = () => [...form.querySelectorAll("[role=option]")];
const chosen = () => form.querySelector("[role=option][aria-selected=true]");

function choose(option) {
  chosen()?.setAttribute("aria-selected", "false");
  option?.setAttribute("aria-selected", "true");
  option?.scrollIntoView({ block: "nearest" });
  if (option) field.setAttribute("aria-activedescendant", option.id);
  else field.removeAttribute("aria-activedescendant");
}

function show(open) {
  list().hidden = !open;
  const found = open && options().length > 0;
  field.setAttribute("aria-expanded", found);
  if (found) field.setAttribute("aria-controls", "search-options");
  else field.removeAttribute("aria-controls");
  if (!open) choose(null);
}

function walk(by) {
  const all = options();
  const at = all.indexOf(chosen());
  // From the last on to the field itself, and from there to the first.
  choose(all[at < 0 ? (by > 0 ? 0 : all.length - 1) : at + by]);
}

if (field) {
  for (const [name, value] of [["role", "combobox"], ["aria-autocomplete", "list"], ["aria-expanded", "false"]]) field.setAttribute(name, value);

  field.addEventListener("keydown", (event) => {
    const { key } = event;
    const isOpen = !list().hidden;
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    if ((key === "ArrowDown" || key === "ArrowUp") && options().length) {
      if (isOpen) walk(key === "ArrowDown" ? 1 : -1);
      else show(true);
    } else if (key === "Escape" && isOpen) show(false);
    else if (key === "Enter" && isOpen && chosen()) chosen().click();
    else return;
    event.preventDefault();
  });

  document.addEventListener("htmx:after:swap", () => {
    const sum = list().dataset.said?.trim();
    // An answer may come when somebody has gone on already, or emptied the field.
    const wanted = document.activeElement === field && field.value.trim() !== "";
    show(wanted && Boolean(sum));
    if (wanted) said.textContent = sum ?? "";
  });
  field.addEventListener("input", () => {
    choose(null);
    if (!field.value.trim()) show(false);
  });
  field.addEventListener("blur", () => show(false));
  // A press on the list must not take the focus from the field before it becomes a click.
  form.addEventListener("pointerdown", (event) => { if (event.target.closest("#search-list")) event.preventDefault(); });
}

// The key of the search: to the field, or where there is no room for one to its page.
document.addEventListener("cairn:search", () => {
  if (field?.checkVisibility()) {
    field.focus();
    field.select();
  } else document.querySelector("[data-way=search]")?.click();
});
