// Places in the work: what is selected can be commented on, what was commented on is marked, and links lead there.

import { choosing } from "./choosing.js";
import { part, reveal, tell, turn } from "./parts.js";
import { rangesOf, selected } from "./reading.js";

const body = document.body;
const work = document.querySelector("#work");
const outline = document.querySelector("#outline");
const template = document.querySelector("#pointer");
const words = template?.dataset ?? {};
const FIELDS = ["file", "quote", "start", "page", "region", "part"];

// The form ------------------------------------------------------------------------------------------------------
const form = () => document.querySelector("#thread-new");
let current = null; // The passage that is being written about.
let waiting = 0;

function region(value) {
  const page = /page=(\d+)/.exec(value)?.[1];
  return page ? words.regionOn.replace("0", page) : words.region;
}

// Fills the form: a place is { file, quote, start }, { file, page, quote }, { file, region }, { file, part } or { about }.
function fill(place) {
  const asking = form();
  if (!asking) return false;
  for (const name of FIELDS) if (asking.elements[name]) asking.elements[name].value = place[name] ?? "";
  const marked = Boolean(place.quote || place.region);
  const shown = asking.querySelector(".pointed");
  shown.hidden = !marked;
  shown.querySelector(".passage").textContent = place.quote || (place.region ? region(place.region) : "");
  const choice = asking.querySelector(".choices.about");
  if (choice) {
    choice.hidden = marked;
    asking.elements.about.value = marked ? "" : place.about ?? "";
    if (asking.elements.line && !place.line) asking.elements.line.value = "";
    lines();
  }
  const field = asking.elements.body;
  field.dataset.placeholder ??= field.placeholder;
  field.placeholder = marked ? words.write : field.dataset.placeholder;
  written(place);
  asking.dispatchEvent(new Event("input", { bubbles: true })); // It is kept with the words.
  return true;
}

// What is being written about is marked like what is talked about: words of a text here, those of a PDF by its viewer.
function written(place) {
  current = place.quote && place.start !== undefined && place.end ? { file: place.file, start: place.start, end: place.end } : null;
  const boxes = place.boxes ? JSON.stringify({ file: place.file, boxes: place.boxes }) : "";
  if ((form().dataset.boxes ?? "") !== boxes) {
    form().dataset.boxes = boxes;
    document.dispatchEvent(new CustomEvent("cairn:written"));
  }
  later();
}

// Lines are named of the files that are shown by line.
function lines() {
  const { about, line } = form()?.elements ?? {};
  if (line) line.closest(".field").hidden = !about.selectedOptions[0]?.hasAttribute("data-lines");
}
lines();

function begin(place) {
  if (isPinning()) return pinned(place);
  if (!fill(place)) return;
  hide();
  reveal(form());
  const field = form().elements.body;
  field.focus({ preventScroll: true });
  form().scrollIntoView({ block: "nearest" });
  const chosen = form().elements.about?.selectedOptions?.[0]?.textContent;
  tell(place.quote ? `${words.about} ${[...place.quote].slice(0, 120).join("")}` : `${words.about} ${place.region ? region(place.region) : chosen ?? ""}`);
}
document.addEventListener("cairn:point", ({ detail: { claim: isClaim, ...place } }) => {
  if (isClaim && !isPinning()) claimOn(place);
  else if (place.region && template?.content.querySelector("[data-claim]") && form() && !isPinning()) regional(place);
  else begin(place);
});
document.addEventListener("change", ({ target }) => {
  if (target.id === "new-about") fill({ about: target.value });
});

// What is kept of a form comes back with its place.
function restore() {
  const current = form();
  if (!current) return;
  const place = Object.fromEntries([...FIELDS, "about", "line"].map((name) => [name, current.elements[name]?.value ?? ""]));
  if (place.quote || place.region || place.part || place.about) fill(place);
}
if (form()?.elements.body.value) restore();
document.addEventListener("cairn:back", ({ target }) => { if (target === form()) restore(); });
document.addEventListener("htmx:after:swap", () => {
  lines();
  if (!form()?.elements.quote?.value) current = null;
  later();
});

document.addEventListener("click", (event) => {
  const { target } = event;
  const on = target.closest("[data-about]");
  if (on && form()) {
    event.preventDefault();
    begin({ about: on.dataset.about });
  } else if (target.closest("[data-whole]")) begin({});
  else if (target.closest("#thread-new [data-evidence]")) {
    event.preventDefault();
    claim(target.closest("[data-evidence]"));
  }
});
// As a form without a script is sent: htmx would send it as a comment. A question that is half written stays one.
function claim(button) {
  const place = selected();
  if (place) fill(place);
  const asking = form();
  asking.elements.body.disabled = true;
  asking.action = button.formAction;
  asking.submit();
  asking.elements.body.disabled = false;
}

function claimOn(place) {
  if (fill(place)) claim(form().querySelector("[data-evidence]"));
}

// Of a region that was marked, by somebody who may do either. The form has it meanwhile.
function regional(place) {
  const current = form();
  const before = Object.fromEntries([...FIELDS, "about"].map((name) => [name, current.elements[name]?.value]));
  fill(place);
  choosing(template, {
    comment: () => begin(place),
    claim: () => claimOn(place),
    leave: () => {
      fill(before);
      document.dispatchEvent(new CustomEvent("cairn:left"));
    },
  });
}

// Saying by hand where a place is now ------------------------------------------------------------------------------
const pin = document.querySelector("#pin");
const isPinning = () => pin && !pin.hidden;
function pinned(place, isGoing = true) {
  for (const name of FIELDS) pin.elements[name].value = place[name] ?? "";
  pin.elements.about.value = place.about ?? "";
  const shown = pin.querySelector(".passage");
  shown.textContent = place.quote || (place.region ? region(place.region) : "");
  shown.hidden = !shown.textContent;
  pin.elements.about.closest(".field").hidden = !shown.hidden;
  hide();
  if (isGoing) pin.querySelector("button").focus({ preventScroll: true });
}
// What is selected meanwhile is meant; another selection takes its place.
document.addEventListener("cairn:selected", ({ detail }) => { if (isPinning()) pinned(detail, false); });
function leave() {
  pin.hidden = true;
  const link = document.querySelector(`[data-pin="${CSS.escape(pin.getAttribute("action"))}"]`);
  reveal(link);
  link?.focus();
}
if (pin) {
  pin.querySelector("[data-hint]").hidden = false;
  pin.querySelector("[data-leave]").addEventListener("click", (event) => {
    event.preventDefault();
    leave();
  });
  pin.elements.about.addEventListener("change", ({ target }) => pinned({ about: target.value }));
  pin.addEventListener("keydown", ({ key }) => { if (key === "Escape") leave(); });
}
document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-pin]");
  if (!link || !pin || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  pinned({}, false);
  pin.action = link.dataset.pin;
  pin.hidden = false;
  part("work");
  show(link.closest("article.thread")?.id.replace("thread-", ""));
  pin.elements.about.focus({ preventScroll: true });
  tell(pin.querySelector("p").textContent);
});

// The button beside a selection -----------------------------------------------------------------------------------
let pointer = null;
function hide() {
  pointer?.remove();
  pointer = null;
}
function offer() {
  const place = selected();
  if (place && isPinning()) return pinned(place, false);
  if (!place || !form() || !template) return hide();
  const boxes = place.range.getClientRects();
  const box = boxes[boxes.length - 1];
  if (!box) return hide();
  if (!pointer) {
    pointer = template.content.firstElementChild.cloneNode(true);
    // A press would take the selection away before the click.
    pointer.addEventListener("pointerdown", (event) => event.preventDefault());
    pointer.addEventListener("click", ({ target }) => {
      const now = selected();
      if (!now) return;
      if (target.closest("[data-claim]")) claimOn(now);
      else begin(now);
    });
    document.querySelector("main").append(pointer);
  }
  const left = Math.min(box.right, innerWidth - pointer.offsetWidth - 8);
  pointer.style.left = `${Math.max(left + scrollX, 8)}px`;
  pointer.style.top = `${box.bottom + scrollY + 6}px`;
}
let timer = 0;
document.addEventListener("selectionchange", () => {
  clearTimeout(timer);
  timer = setTimeout(offer, 150);
});

// Marks -----------------------------------------------------------------------------------------------------------
const EVIDENCE = "evidence"; // The place that a link of the record has led to,
const WRITTEN = "written"; // and the one that is being written about: places without a thread.
let marks = new Map(); // thread → its ranges
let places = new Map(); // thread → what the page says of it
let now = null; // The thread that has, or had last, the focus.
function mark() {
  places = new Map();
  marks = new Map();
  const island = document.querySelector("#places");
  const known = new Map();
  const shown = document.querySelector("#evidence-place");
  const all = island ? JSON.parse(island.textContent) : [];
  if (shown) all.push({ thread: EVIDENCE, ...JSON.parse(shown.textContent) });
  if (current) marks.set(WRITTEN, rangesOf(current, known));
  for (const place of all) {
    places.set(place.thread, place);
    if (place.start === null || place.state === "section" || place.state === "whole") continue;
    const ranges = rangesOf(place, known);
    if (ranges.length) marks.set(place.thread, ranges);
  }
  paint();
}
function paint() {
  if (!CSS.highlights) return;
  const tones = { theirs: new Highlight(), mine: new Highlight(), done: new Highlight(), now: new Highlight() };
  tones.now.priority = 1;
  const isWriting = current && document.activeElement?.closest("#thread-new");
  for (const [thread, ranges] of marks) {
    const isNow = thread === WRITTEN || thread === EVIDENCE || (thread === now && !isWriting);
    const tone = isNow ? "now" : document.getElementById(`thread-${thread}`)?.dataset.tone;
    for (const range of ranges) tones[tone]?.add(range);
  }
  for (const [tone, highlight] of Object.entries(tones)) CSS.highlights.set(`place-${tone}`, highlight);
}
function later() {
  cancelAnimationFrame(waiting);
  waiting = requestAnimationFrame(mark);
}
mark();
// A drawing takes its source away from where it was, and a list that opens brings more.
if (work) new MutationObserver(later).observe(work, { childList: true, subtree: true });

const seen = (box) => box.bottom > 90 && box.top < innerHeight - 40;
function show(thread) {
  const place = places.get(thread);
  if (!place) return;
  document.dispatchEvent(new CustomEvent("cairn:show", { detail: { thread, file: place.file, page: Number(/page=(\d+)/.exec(place.region)?.[1] ?? /-P(\d+)$/.exec(place.element)?.[1]) || null } }));
  const range = marks.get(thread)?.[0];
  if (range && !seen(range.getBoundingClientRect())) {
    const holder = range.startContainer.parentElement;
    holder.scrollIntoView({ block: "center", inline: "nearest" });
    const box = range.getBoundingClientRect(); // Of a long block, the passage itself.
    if (!seen(box)) scrollBy({ top: box.top - innerHeight / 2 });
  } else if (!range) {
    const element = document.getElementById(place.element);
    if (element && !seen(element.getBoundingClientRect())) element.scrollIntoView({ block: "start" });
  }
}

function choose(article) {
  const thread = article.id.replace("thread-", "");
  if (now === thread && article.hasAttribute("aria-current")) return;
  document.querySelector(".thread[aria-current]")?.removeAttribute("aria-current");
  article.setAttribute("aria-current", "true");
  now = thread;
  paint();
}
document.addEventListener("focusin", ({ target }) => {
  if (target.closest?.(".thread")) paint();
  const article = target.closest?.("article.thread");
  if (!article) return;
  choose(article);
  // A page that moves under a pressed button would lose the click.
  if (target === article && getComputedStyle(work).display !== "none") show(now);
});
for (const event of ["htmx:after:swap", "cairn:news"]) {
  document.addEventListener(event, () => {
    const article = now && document.getElementById(`thread-${now}`);
    if (article) article.setAttribute("aria-current", "true");
  });
}
document.addEventListener("cairn:news", later);

// A click on a marked passage leads to its thread.
function hit({ clientX, clientY }) {
  const spot = document.caretPositionFromPoint?.(clientX, clientY);
  const [node, offset] = spot ? [spot.offsetNode, spot.offset] : (() => {
    const range = document.caretRangeFromPoint?.(clientX, clientY);
    return range ? [range.startContainer, range.startOffset] : [];
  })();
  if (!node) return null;
  const found = [...marks].filter(([thread, ranges]) => thread !== EVIDENCE && thread !== WRITTEN && ranges.some((range) => range.isPointInRange(node, offset)));
  // The shortest of those that lie one in another.
  const size = ([, ranges]) => ranges.reduce((sum, range) => sum + range.toString().length, 0);
  return found.sort((a, b) => size(a) - size(b))[0]?.[0] ?? null;
}
let pressed = [0, 0];
work?.addEventListener("pointerdown", ({ clientX, clientY }) => { pressed = [clientX, clientY]; });
work?.addEventListener("click", (event) => {
  if (event.target.closest("a, button, summary, input, select, textarea, .leaves")) return;
  // A press that moved, or a second one, selects.
  if (event.detail > 1 || Math.hypot(event.clientX - pressed[0], event.clientY - pressed[1]) > 4) return;
  const thread = hit(event);
  const article = thread && document.getElementById(`thread-${thread}`);
  if (!article) return;
  turn(article);
});

// Links -----------------------------------------------------------------------------------------------------------
// From a thread to its place: the passage itself, not only the section.
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-place]");
  const article = link?.closest("article.thread, #evidence");
  if (!article || link.search || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const thread = article.id.replace("thread-", "");
  if (!places.has(thread)) return;
  event.preventDefault();
  if (thread !== EVIDENCE) choose(article);
  part("work");
  show(thread);
  const holder = marks.get(thread)?.[0].startContainer.parentElement.closest("[data-start]") ?? document.getElementById(places.get(thread).element);
  if (holder) {
    holder.tabIndex = -1;
    holder.focus({ preventScroll: true });
  }
});

// An address leads to a thread, a page, a heading, a line, a cell, also in a part that is not shown.
function arrive(hash) {
  const id = decodeURIComponent(hash.slice(1));
  if (!id || id === "finish") return;
  const page = /^file-([0-9a-f-]{36})-P(\d+)$/.exec(id);
  const target = document.getElementById(id);
  if (page) {
    part("work");
    document.dispatchEvent(new CustomEvent("cairn:show", { detail: { thread: null, file: page[1], page: Number(page[2]) } }));
    if (!target) awaited(id);
  }
  if (!target || target === document.querySelector(`#${CSS.escape(id)}:is(dialog)`)) return;
  reveal(target);
  // What was in a part that was not shown could not be scrolled to.
  requestAnimationFrame(() => {
    // Whoever came by the keyboard goes on from there.
    if (!target.matches("form, #work, #talk, #outline, input, textarea")) {
      if (!target.matches("a[href], button, summary, [tabindex]")) target.tabIndex = -1;
      target.focus({ preventScroll: true });
    }
    if (id === EVIDENCE && places.has(EVIDENCE)) return show(EVIDENCE);
    if (id === "thread-new" && new URLSearchParams(location.search).has("about")) target.elements.body?.focus({ preventScroll: true });
    if (!target.matches("#work, #talk, #outline")) target.scrollIntoView({ block: target.matches(".thread") ? "nearest" : "start" });
    spot(id);
  });
}
// A page that a viewer has yet to make.
function awaited(id) {
  const watch = new MutationObserver(() => {
    const target = document.getElementById(id);
    if (!target) return;
    watch.disconnect();
    target.scrollIntoView({ block: "start" });
  });
  watch.observe(work, { childList: true, subtree: true });
  setTimeout(() => watch.disconnect(), 15000);
}
addEventListener("hashchange", () => arrive(location.hash));
document.addEventListener("click", ({ target }) => {
  const link = target.closest("a[href^='#']:not([data-place], .parts a)");
  if (link && link.hash.length > 1) arrive(link.hash);
});
arrive(location.hash);

// The outline -----------------------------------------------------------------------------------------------------
const entries = () => [...(outline?.querySelectorAll(".spot > a:first-child") ?? [])];
const shown = () => entries().filter((link) => link.checkVisibility()); // Not those of a list that is folded.
function spot(id) {
  const link = entries().find((one) => one.hash === `#${CSS.escape(id)}` || one.hash === `#${id}`);
  if (!link) return;
  for (const other of outline.querySelectorAll("[aria-current]")) other.removeAttribute("aria-current");
  link.setAttribute("aria-current", "true");
  const list = link.closest("details > .pages");
  if (list?.clientHeight) list.scrollTop = link.offsetTop - list.clientHeight / 2;
}
const reader = outline && new IntersectionObserver((found) => {
  for (const { target, isIntersecting } of found) {
    const page = Number(target.querySelector(".pdf [data-list]")?.value);
    if (isIntersecting) spot(page > 1 ? `${target.id}-P${page}` : target.id);
  }
}, { rootMargin: "-10% 0px -75% 0px" });
for (const link of entries()) {
  const place = document.getElementById(link.hash.slice(1));
  if (place && place.closest("#work")) reader.observe(place);
}
document.addEventListener("cairn:page", ({ detail: { id } }) => spot(id));
// A page by its number, of a file that has many.
outline?.addEventListener("submit", (event) => {
  const { about, page } = event.target.elements;
  if (!page || !form()) return;
  event.preventDefault();
  begin({ about: `${about.value}:page:${Number(page.value)}` });
});
function walk(by) {
  const all = shown();
  const place = all.indexOf(document.activeElement.closest(".spot")?.firstElementChild);
  all[Math.min(Math.max(place + by, 0), all.length - 1)]?.focus();
}

// Keys ------------------------------------------------------------------------------------------------------------
// The place of the outline that has the focus, and the one that is current.
function inOutline() {
  const focused = document.activeElement?.closest?.("#outline .spot");
  const current = focused ?? outline?.querySelector("[aria-current]")?.closest(".spot");
  return { focused, about: current?.querySelector("[data-about]")?.dataset.about };
}
function evidence() {
  const place = selected();
  const { about } = inOutline();
  const button = form()?.querySelector("[data-evidence]");
  if (place || about) return claimOn(place ?? { about });
  reveal(button);
  button?.focus();
}
function comment() {
  const place = selected();
  if (place) return begin(place);
  const { focused, about } = inOutline();
  // What is being written keeps its place, unless another was named on purpose.
  if (about && (focused || !form()?.elements.body.value)) return begin({ about });
  reveal(form());
  form()?.elements.body.focus();
}
function version(by) {
  const links = [...document.querySelectorAll("nav.versions a")].filter((link) => link.pathname === location.pathname);
  const next = links[links.findIndex((link) => link.hasAttribute("aria-current")) + by];
  if (next) next.click();
  else tell(by < 0 ? words.first : words.last);
}
const KEYS = {
  c: comment,
  ...(template?.content.querySelector("[data-claim]") ? { e: evidence } : {}),
  o: () => {
    if (!outline) return;
    reveal(outline);
    if (outline.contains(document.activeElement)) return;
    // Back to the place that the outline led to, or that is on the screen.
    const led = shown().find((link) => link.hash.slice(1) === document.activeElement.id);
    (led ?? shown().find((link) => link.matches("[aria-current]")) ?? shown()[0])?.focus();
  },
  "[": () => version(-1),
  "]": () => version(1),
};
const IN_OUTLINE = {
  ArrowDown: () => walk(1), ArrowUp: () => walk(-1), j: () => walk(1), k: () => walk(-1),
  Escape: () => document.activeElement.blur(),
};
// Before the page's other keys, so that j and k walk the outline while the focus is in it.
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input, textarea, select, [contenteditable], dialog[open]")) return;
  const inside = event.target.closest("#outline") && IN_OUTLINE[event.key];
  const letters = "keys" in body.dataset;
  const act = inside && (letters || event.key.length > 1) ? inside : letters && KEYS[event.key];
  // What is selected in a viewer is its to comment on.
  if (!act || ([comment, evidence].includes(act) && getSelection().anchorNode?.parentElement?.closest(".pdf") && !getSelection().isCollapsed)) return;
  event.preventDefault();
  act();
}, true);
