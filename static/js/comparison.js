// Two versions beside each other: from change to change, both pages of a PDF, and pictures over each other.

const body = document.body;
const bar = document.querySelector("[data-steps]");
const changes = () => [...document.querySelectorAll("[data-change]")].sort((one, other) => one.dataset.change - other.dataset.change);
let at = -1;

function step(by) {
  const all = changes();
  if (!all.length) return;
  const focused = all.indexOf(document.activeElement?.closest("[data-change]"));
  const from = focused < 0 ? at : focused;
  go(all, from < 0 && by < 0 ? all.length - 1 : Math.min(Math.max(from + by, 0), all.length - 1));
}
function go(all, place) {
  at = place;
  const change = all[place];
  for (let around = change.closest("details"); around; around = around.parentElement.closest("details")) around.open = true;
  for (const other of all) other.toggleAttribute("data-current", other === change);
  change.focus({ preventScroll: true });
  change.scrollIntoView({ block: "center" });
  const said = bar?.querySelector("[role=status]");
  if (said) said.textContent = bar.dataset.said.replace("{n}", place + 1).replace("{all}", all.length);
}
if (bar) {
  bar.hidden = false;
  bar.addEventListener("click", ({ target }) => {
    const button = target.closest("[data-step]");
    if (button) step(Number(button.dataset.step));
  });
}
document.addEventListener("keydown", (event) => {
  if (!("keys" in body.dataset) || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (event.target.closest("input, textarea, select, [contenteditable], dialog[open]")) return;
  const by = { n: 1, p: -1 }[event.key];
  if (!by) return;
  event.preventDefault();
  step(by);
});

// A link to a place that is folded away, or in a drawing's source, opens what holds it.
function reveal() {
  const place = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
  if (!place) return;
  for (let around = place.closest("details"); around; around = around.parentElement.closest("details")) around.open = true;
  const all = changes();
  if (all.includes(place)) go(all, all.indexOf(place));
  else {
    place.scrollIntoView({ block: "center" });
    const next = all.findIndex((one) => place.compareDocumentPosition(one) & Node.DOCUMENT_POSITION_FOLLOWING);
    at = (next < 0 ? all.length : next) - 1;
  }
}
addEventListener("hashchange", reveal);
reveal();

// Both pages: the viewers hear where to go.
document.addEventListener("click", (event) => {
  const link = event.target.closest("a.pages");
  if (!link) return;
  event.preventDefault();
  const both = document.getElementById(link.hash.slice(1));
  both.open = true;
  both.scrollIntoView({ block: "start" });
  both.querySelector("summary").focus({ preventScroll: true });
  for (const side of ["old", "new"]) {
    const detail = { file: link.dataset[side], page: Number(link.dataset[`${side}Page`]) };
    document.dispatchEvent(new CustomEvent("cairn:show", { detail }));
  }
});

// Pictures over each other: how far the newer one covers the older.
for (const choice of document.querySelectorAll("[data-needs-script]")) choice.hidden = false;
for (const slider of document.querySelectorAll("[data-over]")) {
  const pictures = slider.closest(".pictures");
  const cover = () => pictures.style.setProperty("--over", slider.value / 100);
  slider.addEventListener("input", cover);
  cover();
}
