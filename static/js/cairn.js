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
const isOut = (raw) => raw.redirected && new URL(raw.url).pathname.startsWith("/accounts/login/");
// Whether what a form sent was taken. A browser follows the way to the log-in page, and that page is there.
export const isTaken = ({ response: { raw } }) => raw.ok && !isOut(raw);
const again = new WeakSet(); // What was sent once more already.
document.addEventListener("htmx:after:request", (event) => {
  const { ctx } = event.detail;
  const { raw, status } = ctx.response;
  if (isOut(raw)) {
    event.preventDefault();
    location.href = raw.url.split("?")[0] + "?next=" + encodeURIComponent(location.pathname + location.search);
  } else if (status >= 400 && !KEPT.includes(status)) {
    event.preventDefault();
    const told = away(status, raw.headers.get("Content-Type"), ctx.text);
    const tell = () => failed(ctx.sourceElement, told || (status === 403 || status === 404 ? sentences.refused : sentences.failed));
    if (status === 403 && !again.has(ctx.sourceElement)) renewed().then((isNew) => (isNew ? once(ctx) : tell()), tell);
    else {
      again.delete(ctx.sourceElement);
      tell();
    }
  } else again.delete(ctx.sourceElement);
});
function once({ sourceElement: source, request }) {
  again.add(source);
  source.dispatchEvent(new CustomEvent("cairn:failed", { bubbles: true }));
  if (source.matches("form")) source.requestSubmit(request.submitter);
  else source.click();
}

// Whoever logged out and in again, in another tab, has a new key, without which nothing is taken. It is only taken over
// for the same person. False for somebody else, and for nobody.
export async function renewed() {
  const answer = await fetch(document.querySelector(".bar .person")?.href ?? "/");
  if (!answer.ok || answer.redirected) return false;
  return renew(new DOMParser().parseFromString(await answer.text(), "text/html").body);
}
export function renew(fresh) {
  if (!fresh.dataset.csrf || fresh.dataset.person !== body.dataset.person) return false;
  body.dataset.csrf = fresh.dataset.csrf;
  for (const key of document.querySelectorAll("input[name=csrfmiddlewaretoken]")) key.value = body.dataset.csrf;
  return true;
}
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
  // A page that cannot be fetched would take this one, with what is typed in it, away.
  if (!navigator.onLine) {
    event.preventDefault();
    say(sentences.lost);
    return;
  }
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

// What is typed into a comment, a note or a claim is kept on this device until it is sent, whatever happens to the page,
// with what the form says beside it; and a swap that something else asked for leaves it in its field.
// With the key of the form, two pages that send the same words say them once.
const PLACE = ["file", "quote", "start", "page", "region", "part", "about", "line"];
const BESIDE = ["key", "version", "kind", "criterion", ...PLACE];
// The page of a form that was refused is the same page at another address.
const here = location.pathname.replace(/(finish|submit)\/$/, "");
const prefix = `words ${body.dataset.person} ${here} `;
const fields = () => [...document.querySelectorAll(":is(.thread, .task, .criterion) textarea[id]")].filter((field) => field.form);
const isTyped = (field) => field.value !== field.defaultValue;
const recordOf = (field) => {
  const { elements } = field.form;
  // Into the words that were changed: if they are others by now, the server answers with both.
  const names = [...BESIDE, ...(field.id.startsWith("change-") ? ["seen"] : [])].filter((name) => elements[name]);
  return { words: field.value, beside: Object.fromEntries(names.map((name) => [name, elements[name].value])) };
};
function keptOf(field) {
  try {
    const text = localStorage.getItem(prefix + field.id);
    return text?.startsWith("{") ? JSON.parse(text) : null;
  } catch { return null; }
}
function keep(field) {
  try {
    if (isTyped(field)) localStorage.setItem(prefix + field.id, JSON.stringify(recordOf(field)));
    else localStorage.removeItem(prefix + field.id);
  } catch { /* no room, or not allowed: it is still on the page */ }
}
// The fields of which something is kept, on the page or not.
export function keptFields() {
  try {
    return Object.keys(localStorage).filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length));
  } catch { return []; }
}
export function forget(id) {
  typed.delete(id);
  try { localStorage.removeItem(prefix + id); } catch { /* not allowed: nothing was kept */ }
}
let typed = new Map();
document.addEventListener("input", ({ target }) => {
  for (const field of fields()) if (field.form === target || (target.form && field.form === target.form)) keep(field);
});
document.addEventListener("htmx:after:request", ({ detail: { ctx } }) => {
  const sent = isTaken(ctx) && ctx.request.method !== "GET" ? fields().filter((field) => ctx.sourceElement.contains(field)) : [];
  for (const field of sent) forget(field.id);
  typed = new Map(fields().filter((field) => isTyped(field) && !sent.includes(field)).map((field) => [field.id, recordOf(field)]));
});
document.addEventListener("htmx:after:swap", () => bringBack());
// `isNamed`: the address says what the form is about.
export function bringBack(isNamed = false) {
  for (const field of fields()) {
    const { words, beside = {} } = typed.get(field.id) ?? keptOf(field) ?? {};
    if (!words || isTyped(field) || field.value === words) continue;
    const { elements } = field.form;
    const isOther = isNamed || ("version" in beside && beside.version !== elements.version?.value);
    field.value = words;
    for (const [name, value] of Object.entries(beside)) {
      if (elements[name] && name !== "version" && !(isOther && PLACE.includes(name))) elements[name].value = value;
    }
    field.closest("details")?.setAttribute("open", "");
    field.form.dispatchEvent(new CustomEvent("cairn:back", { bubbles: true }));
  }
}
bringBack(new URLSearchParams(location.search).has("about"));

// A summary that opens a form leads into its field, at once: the next letter is written, and is no key.
const LINE = "textarea, input:is(:not([type]), [type=text], [type=email], [type=search], [type=url])";
document.addEventListener("click", (event) => {
  const details = event.target.closest("summary")?.parentElement;
  if (!details || details.open || event.defaultPrevented) return;
  const first = details.querySelector(":is(input:not([type=hidden]), select, textarea, button)");
  if (!first?.matches(LINE) || first.closest("details") !== details) return;
  event.preventDefault();
  details.open = true;
  first.focus({ preventScroll: true });
});

// Words that are there already are gone on with at their end. A press of the mouse says itself where.
document.addEventListener("focusin", ({ target }) => {
  if (fields().includes(target) && !target.selectionEnd) target.setSelectionRange(target.value.length, target.value.length);
});

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
