// What every page needs: the key of forms sent by htmx, failures told in a sentence, and the keys.

const body = document.body;
const sentences = document.querySelector("#notices").dataset;

export function say(sentence, kind = "error") {
  const old = document.querySelector(".toast");
  old?.remove();
  const note = document.createElement("p");
  note.className = `notice toast ${kind}`;
  note.setAttribute("role", "status");
  note.textContent = sentence;
  document.querySelector("#notices").append(note);
  setTimeout(() => note.remove(), 9000);
}

// A server that lacks its database or its disk says so itself (503), in plain words.
export const away = (status, type, text) => (status === 503 && type?.startsWith("text/plain") ? text : "");

document.addEventListener("htmx:config:request", ({ detail: { ctx } }) => {
  ctx.request.headers["X-CSRFToken"] = body.dataset.csrf;
});

// A fragment is swapped for a success and for a form with errors (409, 410, 422); anything else is told, not swapped.
const KEPT = [409, 410, 422];
document.addEventListener("htmx:after:request", (event) => {
  const { ctx } = event.detail;
  const { raw, status } = ctx.response;
  if (raw.redirected && new URL(raw.url).pathname.startsWith("/accounts/login/")) {
    event.preventDefault();
    location.href = raw.url.split("?")[0] + "?next=" + encodeURIComponent(location.pathname + location.search);
  } else if (status >= 400 && !KEPT.includes(status)) {
    event.preventDefault();
    const told = away(status, raw.headers.get("Content-Type"), ctx.text);
    failed(ctx.sourceElement, told || (status === 403 || status === 404 ? sentences.refused : sentences.failed));
  }
});
document.addEventListener("htmx:error", ({ detail: { ctx } }) => {
  if (ctx?.response) return;
  failed(ctx?.sourceElement, sentences.lost);
});

function failed(element, sentence) {
  element?.dispatchEvent(new CustomEvent("cairn:failed", { bubbles: true }));
  say(sentence);
}

// The second click of a double click would meet the answer to the first, and take the tick away again.
document.addEventListener("click", (event) => {
  if (event.detail > 1 && event.target.closest(".tick")) {
    event.preventDefault();
    event.stopImmediatePropagation();
  }
}, true);

// A form is sent once: the second click of a double click would meet what the first has changed.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post") return;
  if ("sent" in form.dataset) event.preventDefault();
  form.dataset.sent = "";
  setTimeout(() => delete form.dataset.sent, 5000); // Something may have kept the page, such as a download.
});
addEventListener("pageshow", () => { for (const form of document.forms) delete form.dataset.sent; });

// Ticks answer at once and are taken back when the server does not agree.
document.addEventListener("htmx:before:request", ({ detail: { ctx } }) => {
  const task = ctx.sourceElement.closest(".task");
  if (task && ctx.sourceElement.matches("form.completion")) task.classList.toggle("done");
});
document.addEventListener("cairn:failed", ({ target }) => {
  const task = target.closest(".task");
  if (task && target.matches("form.completion")) task.classList.toggle("done");
});

// A task that was swapped keeps the focus that was in it.
let held = "";
document.addEventListener("htmx:before:swap", () => { held = document.activeElement?.closest(".task")?.id ?? ""; });
document.addEventListener("htmx:after:swap", () => {
  if (held && document.activeElement === body) document.getElementById(held)?.querySelector(".tick")?.focus({ preventScroll: true });
  held = "";
});

// What is typed into a comment, a note or a claim is kept on this device until it is sent, whatever happens to the page;
// and a swap that something else asked for leaves it in its field.
// The page of a form that was refused is the same page at another address.
const here = location.pathname.replace(/(finish|submit)\/$/, "");
const keptAs = (field) => `words ${body.dataset.person} ${here} ${field.id}`;
const kept = () => [...document.querySelectorAll(":is(.thread, .task, .criterion) textarea[id]")].filter((field) => !field.id.startsWith("change-"));
const isTyped = (field) => field.value !== field.defaultValue;
let typed = new Map();
document.addEventListener("input", ({ target }) => {
  if (!kept().includes(target)) return;
  try {
    if (isTyped(target)) localStorage.setItem(keptAs(target), target.value);
    else localStorage.removeItem(keptAs(target));
  } catch { /* no room, or not allowed: it is still on the page */ }
});
document.addEventListener("htmx:after:request", ({ detail: { ctx } }) => {
  const sent = ctx.response.raw.ok && ctx.request.method !== "GET" ? kept().filter((field) => ctx.sourceElement.contains(field)) : [];
  for (const field of sent) localStorage.removeItem(keptAs(field));
  typed = new Map(kept().filter((field) => isTyped(field) && !sent.includes(field)).map((field) => [field.id, field.value]));
});
document.addEventListener("htmx:after:swap", bringBack);
function bringBack() {
  for (const field of kept()) {
    const words = typed.get(field.id) ?? localStorage.getItem(keptAs(field));
    if (!words || isTyped(field) || field.value === words) continue;
    field.value = words;
    field.closest("details")?.setAttribute("open", "");
  }
}
bringBack();

// The month's sum follows the ticks.
document.addEventListener("htmx:after:swap", () => {
  const [sum, bar] = [document.querySelector("[data-ticked]"), document.querySelector("[data-ticked-of]")];
  if (!sum || !bar) return;
  const done = document.querySelectorAll(".document .tasks:not(.gone) > .task.done").length;
  sum.textContent = done;
  bar.setAttribute("width", (200 * done) / bar.dataset.tickedOf);
});

// So does the stone of the month on the path, whose week's tasks stand beside it.
const ticked = document.querySelector(".cairn .now .ticked");
const others = ticked && Number(ticked.textContent) - document.querySelectorAll(".split .tasks > .task.done").length;
document.addEventListener("htmx:after:swap", () => {
  if (!ticked) return;
  const stone = ticked.closest("a");
  const done = others + document.querySelectorAll(".split .tasks > .task.done").length;
  const percent = Math.round((100 * done) / (Number(stone.dataset.tasks) || 1));
  ticked.textContent = done;
  stone.querySelector(".fill").setAttribute("height", percent);
  stone.querySelector(".fill").setAttribute("y", 100 - percent);
});

// A page's own keys join the list of all keys.
const own = document.querySelector("#keys-here");
if (own) document.querySelector("#keys .keys")?.append(own.content.cloneNode(true));

// Keys: `?` lists them; a letter never acts while somebody is writing.
let before = "";
document.addEventListener("keydown", (event) => {
  if (!("keys" in body.dataset) || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input, textarea, select, [contenteditable], dialog[open]")) return;
  const key = before + event.key;
  before = event.key === "g" ? "g" : "";
  const way = { gp: "path", gd: "desk", gn: "notifications" }[key];
  if (key === "?") document.querySelector("#keys")?.showModal();
  else if (key === "/") document.querySelector(":is(#search, [data-way=search])")?.dispatchEvent(new CustomEvent("cairn:search", { bubbles: true }));
  else if (way) document.querySelector(`.bar [data-way="${way}"]`)?.click();
  else if ((key === "j" || key === "k") && document.querySelector(".queue")) step(key === "j" ? 1 : -1);
  else return;
  event.preventDefault();
});

// From one work on the desk to the next; Enter opens it.
function step(by) {
  const all = [...document.querySelectorAll(".queue > li > a")];
  const at = all.findIndex((link) => link.closest("li").contains(document.activeElement));
  all[at < 0 ? 0 : Math.min(Math.max(at + by, 0), all.length - 1)]?.focus();
}

// Ctrl+Enter sends what is being written: a comment as a comment, never as an act on the thread.
document.addEventListener("keydown", (event) => {
  const { key, target } = event;
  if (key !== "Enter" || !(event.ctrlKey || event.metaKey) || !target.closest(".thread, .criterion, .task")) return;
  if (!target.matches("textarea")) return;
  const after = (button) => target.compareDocumentPosition(button) & Node.DOCUMENT_POSITION_FOLLOWING;
  const button = target.form.querySelector("button[data-send], button[value=reply]") ?? [...target.form.querySelectorAll("button")].find(after);
  event.preventDefault();
  target.form.requestSubmit(button);
});

// A choice by mouse or finger narrows the list at once. By the keyboard every arrow is a choice, on the way to the one
// that is meant: the button follows.
for (const choice of document.querySelectorAll("form.filters select")) {
  let keyed = false;
  choice.addEventListener("keydown", () => { keyed = true; });
  choice.addEventListener("pointerdown", () => { keyed = false; });
  choice.addEventListener("change", () => { if (!keyed) choice.form.requestSubmit(); });
}

// The table of contents follows the reader.
const links = new Map([...document.querySelectorAll("nav.contents a")].map((a) => [a.hash.slice(1), a]));
if (links.size) {
  const seen = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      if (!isIntersecting) continue;
      for (const link of links.values()) link.removeAttribute("aria-current");
      links.get(target.id)?.setAttribute("aria-current", "true");
    }
  }, { rootMargin: "-10% 0px -75% 0px" });
  for (const id of links.keys()) {
    const place = document.getElementById(id);
    if (place) seen.observe(place);
  }
}

// What scrolls sideways is reached by the keyboard, also in browsers that do not see to it themselves.
const wide = new ResizeObserver((entries) => {
  for (const { target } of entries) {
    if (target.scrollWidth > target.clientWidth) target.tabIndex = 0;
    else target.removeAttribute("tabindex");
  }
});
const findWide = () => document.querySelectorAll(".prose :is(pre, table)").forEach((place) => wide.observe(place));
findWide();
document.addEventListener("htmx:after:swap", findWide);
