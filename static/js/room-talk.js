// What helps while a comment is written: saved replies, and the names of the people whom it can call.

import { bringBack, forget, keptFields, say } from "./cairn.js";

const body = document.body;
const news = document.querySelector("#news");
const headers = () => ({ "X-CSRFToken": body.dataset.csrf, "HX-Request": "true" });
const lost = () => say(document.querySelector("#notices").dataset.lost);
const changed = (field) => field.dispatchEvent(new Event("input", { bubbles: true }));

// A saved reply goes to where the cursor is.
document.addEventListener("click", async (event) => {
  const asking = event.target.closest("button[data-saved]");
  if (!asking) return;
  event.preventDefault();
  const place = asking.closest(".saving");
  const open = place.parentNode.querySelector(".saved-choice");
  if (open) {
    open.remove();
    return;
  }
  try {
    const answer = await fetch(asking.dataset.saved, { headers: headers() });
    if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
    const held = document.createElement("template");
    held.innerHTML = await answer.text();
    place.after(held.content.querySelector(".saved-choice"));
    place.nextElementSibling.querySelector("button, a").focus();
  } catch { lost(); }
}, true);

function close(choice) {
  const asking = choice.previousElementSibling?.querySelector("button");
  choice.remove();
  asking?.focus();
}

document.addEventListener("click", (event) => {
  const choice = event.target.closest(".saved-choice");
  if (!choice) return;
  if (event.target.closest("[data-away]")) close(choice);
  const chosen = event.target.closest("button[data-words]");
  if (!chosen) return;
  const field = choice.closest("form").querySelector("textarea");
  const from = field.selectionStart;
  const before = field.value.slice(0, from);
  const blank = before && !/\s$/.test(before) ? " " : "";
  field.setRangeText(blank + chosen.dataset.words, from, field.selectionEnd, "end");
  choice.remove();
  field.focus();
  changed(field);
  fetch(chosen.dataset.use, { method: "POST", headers: headers(), body: new URLSearchParams({ used: "yes" }) }).catch(() => { /* only how often it was used is not counted */ });
});

// Esc closes the list, and leads back to the button.
document.addEventListener("keydown", (event) => {
  const choice = event.key === "Escape" && event.target.closest?.(".saved-choice");
  if (choice) close(choice);
});

// A comment's earlier words, and the form that changes it, can be left as they came.
const mores = new Map();
document.addEventListener("htmx:before:swap", ({ detail: { ctx } }) => {
  const more = ctx.sourceElement.closest?.(".more");
  if (!more) return;
  const kept = more.cloneNode(true);
  for (const link of kept.querySelectorAll(".htmx-request")) link.classList.remove("htmx-request");
  mores.set(more.id, kept);
});
document.addEventListener("htmx:after:swap", () => {
  for (const words of document.querySelectorAll(".words")) words.querySelector("p:has(> [data-shut])").hidden = !mores.has(words.id);
});
function fold(words) {
  const more = mores.get(words.id);
  if (!more) return;
  words.replaceWith(more);
  window.htmx?.process(more);
  more.querySelector("a").focus();
}
document.addEventListener("click", ({ target }) => {
  if (target.closest("[data-shut]")) fold(target.closest(".words"));
});
document.addEventListener("keydown", (event) => {
  const words = event.key === "Escape" && event.target.closest?.(".words");
  if (!words || [...words.querySelectorAll("textarea")].some((one) => one.value !== one.defaultValue)) return;
  event.stopImmediatePropagation();
  fold(words);
}, true);

// A comment becomes a saved reply without leaving the page.
document.addEventListener("submit", async (event) => {
  if (event.target.id !== "save-reply") return;
  event.preventDefault();
  const data = new URLSearchParams({ comment: event.submitter.value });
  try {
    const answer = await fetch(event.target.action, { method: "POST", headers: headers(), body: data });
    const held = document.createElement("template");
    held.innerHTML = await answer.text();
    const told = held.content.querySelector(".saved-reply");
    if (!told) throw new Error(String(answer.status));
    say(told.textContent, answer.ok ? "success" : "error");
  } catch { lost(); }
  delete event.target.dataset.sent;
}, true);

// What became of several threads is said too, not only shown: it comes with the list, which nobody reads aloud.
document.addEventListener("htmx:after:swap", () => {
  const told = document.querySelector("#several [role=status]:not([data-said])");
  if (!told) return;
  told.dataset.said = "";
  told.removeAttribute("role"); // Once is enough.
  say(told.textContent.trim(), "info");
});

// Several at once: all that are listed, and how many are selected.
const picks = () => [...document.querySelectorAll("#threads .pick input")].filter((one) => one.checkVisibility());
function count() {
  const told = document.querySelector("#several [data-selected]");
  if (!told) return;
  document.querySelector("#several [data-all]").hidden = false;
  const chosen = document.querySelectorAll("#threads .pick input:checked").length;
  told.textContent = chosen ? told.dataset.selected.replace("%s", chosen) : "";
}
document.addEventListener("change", ({ target }) => { if (target.matches(".pick input")) count(); });
document.addEventListener("toggle", ({ target }) => { if (target.matches?.(".pick-several")) count(); }, true);
document.addEventListener("click", ({ target }) => {
  if (!target.closest?.("[data-all]")) return;
  for (const one of picks()) one.checked = true;
  count();
});

// The form for other words stands where the link to it was, and Cancel brings that back.
const instead = new Map(); // the id of what stands under a comment → what stood there
document.addEventListener("click", (event) => {
  const place = event.target.closest(".more[id]");
  if (place && event.target.closest("a")) instead.set(place.id, place.cloneNode(true));
  const cancel = event.target.closest("[data-cancel]");
  if (!cancel) return;
  const [words, details] = [cancel.closest(".words"), cancel.closest("details.change")];
  for (const field of cancel.closest("form").querySelectorAll("textarea")) forget(field.id);
  if (details) {
    details.open = false;
    details.querySelector("summary").focus();
    return; // The press resets the form.
  }
  const before = instead.get(words.id);
  if (!before) return;
  event.preventDefault();
  words.replaceWith(before);
  window.htmx?.process(before);
  before.querySelector("[data-change]")?.focus();
});

// Other words for a sent comment that were begun before the page was lost: their form is asked for again.
async function reopen() {
  for (const id of keptFields().filter((one) => one.startsWith("change-"))) {
    const place = document.getElementById(id.replace("change-", "words-"));
    const link = place?.querySelector(":scope > [data-change]");
    if (!link) continue;
    instead.set(place.id, place.cloneNode(true));
    try {
      const answer = await fetch(link.href, { headers: headers() });
      if (!answer.ok || answer.redirected || !place.isConnected) continue;
      const held = document.createElement("template");
      held.innerHTML = await answer.text();
      const words = held.content.querySelector(".words");
      words.querySelector("textarea")?.removeAttribute("autofocus");
      place.replaceWith(words);
      window.htmx?.process(words);
      bringBack();
    } catch { /* it is asked for again with the next page */ }
  }
}
reopen();
document.addEventListener("htmx:after:swap", reopen);

// `@` and letters in a comment: a list of names. Arrows choose, Enter or Tab takes, Esc closes; plain typing goes on.
let names = null;
let list = null;
let field = null;
let shown = [];
let at = 0;

const WRITTEN = /(?:^|[^\w@./])@([^\n@]{0,40})$/u;
const asked = () => field.value.slice(0, field.selectionStart).match(WRITTEN)?.[1];

document.addEventListener("input", async ({ target }) => {
  if (!target.matches?.(".thread textarea")) return;
  field = target;
  if (asked() === undefined) return shut();
  if (names === null) {
    names = [];
    try {
      const answer = await fetch(news.dataset.people, { headers: headers() });
      if (answer.ok && !answer.redirected) names = (await answer.json()).names;
    } catch { names = null; }
  }
  const word = asked()?.toLocaleLowerCase();
  if (word === undefined || !names || document.activeElement !== field) return shut();
  shown = names.filter((name) => name.toLocaleLowerCase().startsWith(word) || (word && name.toLocaleLowerCase().includes(` ${word}`)));
  if (shown.some((name) => name.toLocaleLowerCase() === word)) shown = [];
  if (shown.length) draw();
  else shut();
});

function draw() {
  if (!list) {
    list = document.createElement("ul");
    list.className = "names";
    list.id = "names";
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", news.dataset.names);
    list.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      const one = event.target.closest("[role=option]");
      if (one) take(Number(one.dataset.place));
    });
  }
  at = 0;
  list.replaceChildren(...shown.slice(0, 8).map((name, place) => {
    const one = document.createElement("li");
    one.id = `name-${place}`;
    one.dataset.place = place;
    one.setAttribute("role", "option");
    one.textContent = name;
    return one;
  }));
  field.closest(".field").after(list);
  field.setAttribute("aria-controls", "names");
  field.setAttribute("aria-autocomplete", "list");
  point();
}

function point() {
  [...list.children].forEach((one, place) => one.setAttribute("aria-selected", String(place === at)));
  field.setAttribute("aria-activedescendant", `name-${at}`);
}

function shut() {
  list?.remove();
  for (const name of ["aria-controls", "aria-autocomplete", "aria-activedescendant"]) field?.removeAttribute(name);
}

function take(place) {
  const end = field.selectionStart;
  const from = end - asked().length;
  const name = shown[place];
  shut();
  field.setRangeText(`${name} `, from, end, "end");
  changed(field);
  field.focus();
}

document.addEventListener("keydown", (event) => {
  if (!list?.isConnected || event.target !== field || event.ctrlKey || event.metaKey || event.isComposing) return;
  const count = list.children.length;
  if (event.key === "ArrowDown") at = (at + 1) % count;
  else if (event.key === "ArrowUp") at = (at + count - 1) % count;
  else if (event.key === "Enter" || event.key === "Tab") {
    event.preventDefault();
    event.stopPropagation();
    return take(at);
  } else if (event.key === "Escape") {
    event.stopPropagation();
    return shut();
  } else return;
  event.preventDefault();
  point();
}, true);
document.addEventListener("focusout", ({ target }) => { if (target === field) shut(); });
