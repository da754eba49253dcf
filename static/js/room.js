// The submission's page: the sheet as a dialog, the draft that saves itself, the hold, and the keys.

import { away, isTaken, renewed, say } from "./cairn.js";
import { tell, turn } from "./parts.js";

const body = document.body;
const sheet = document.querySelector("#finish");

// The sheet stands open at the end of the page; with a script it is a dialog.
if (sheet) {
  const close = sheet.querySelector("[data-close]");
  close.hidden = false;
  close.addEventListener("click", () => sheet.close());
  new MutationObserver(() => {
    const words = [...document.querySelectorAll(".thread textarea")].some((field) => field.value !== field.defaultValue);
    sheet.querySelector("[data-unfinished]").hidden = !words;
  }).observe(sheet, { attributeFilter: ["open"] });
  sheet.close();
  if ("shown" in sheet.dataset || location.hash === "#finish") sheet.showModal();
  // What was refused is where the eyes are; what a decision needs is at hand.
  const wrong = sheet.querySelector(".error, [role=alert]");
  const around = wrong?.closest("fieldset, .notice") ?? wrong;
  around?.scrollIntoView({ block: "center" });
  around?.querySelector("textarea, input:not([type=hidden]), button")?.focus({ preventScroll: true });
  sheet.addEventListener("change", ({ target }) => {
    const mark = target.value === "not_yet" && target.closest(".mark");
    if (mark) mark.querySelector("details").open = true;
  });
}
document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-finish]")) return;
  event.preventDefault();
  finish();
});

function finish() {
  const current = document.querySelector("#finish");
  if (current) {
    if (!current.open) current.showModal();
  } else if (document.querySelector("#review-bar [data-finish]")) {
    // A first comment made a draft: its sheet comes with the page, so the page is read again.
    location.hash = "finish";
    location.reload();
  } else document.querySelector("#review-bar form")?.requestSubmit();
}

async function post(address, data) {
  const sent = () => fetch(address, { method: "POST", body: data, headers: { "X-CSRFToken": body.dataset.csrf, "HX-Request": "true" } });
  const answer = await sent();
  return answer.status === 403 && await renewed() ? sent() : answer;
}

// The draft review saves itself a second after the last letter, marks and all. What is not saved yet is kept on this
// device too.
const form = sheet?.querySelector("form[data-save]");
const place = location.pathname.replace(/finish\/$/, "");
const copy = form && `sheet ${body.dataset.person} ${place} ${form.elements.review.value}`;
const inSheet = (name) => [...form.elements].filter((field) => field.name === name);
let unsaved = false; // Whether it is newer than what the server has.
const isKept = (name) => /^(summary|verdict)$|-(decision|note|evidence)$/.test(name);
const typedInSheet = () => [...new FormData(form)].filter(([name]) => isKept(name));
function keepSheet() {
  try { localStorage.setItem(copy, JSON.stringify({ typed: typedInSheet(), unsaved, revision: form.elements.revision.value })); } catch { /* no room, or not allowed: it is still on the page */ }
}
function restoreSheet() {
  let kept = null;
  try { kept = JSON.parse(localStorage.getItem(copy)); } catch { /* not allowed, or broken: the server's stands */ }
  if (!kept?.unsaved) return;
  const { typed, revision } = kept;
  for (const [name, value] of typed) {
    for (const field of inSheet(name)) {
      if (field.type === "radio") field.checked = field.value === value;
      else if (!field.options || [...field.options].some((option) => option.value === value)) field.value = value;
      if (field.type === "textarea" && value) field.closest("details")?.setAttribute("open", "");
    }
  }
  // Into the state it was typed: if the draft has changed since, the server answers with both texts.
  form.elements.revision.value = revision;
  later(save);
}
// What was kept of reviews that are sent is of no use any more.
try {
  for (const name of Object.keys(localStorage)) {
    if (name.startsWith(`sheet ${body.dataset.person} ${place} `) && name !== copy) localStorage.removeItem(name);
  }
} catch { /* not allowed: nothing was kept */ }
let timer = 0;
let saving = Promise.resolve();
async function save() {
  let told = "";
  try {
    unsaved = false;
    const data = new FormData();
    for (const [name, value] of [...typedInSheet(), ["revision", form.elements.revision.value]]) data.set(name, value);
    const answer = await post(form.dataset.save, data);
    const text = await answer.text();
    told = away(answer.status, answer.headers.get("Content-Type"), text);
    if (![200, 409, 422].includes(answer.status)) throw new Error(String(answer.status));
    const held = document.createElement("template");
    held.innerHTML = text;
    const fragment = held.content.querySelector("#review-saved");
    document.querySelector("#review-saved").replaceWith(fragment);
    fragment.querySelector("[name=over]")?.addEventListener("click", (event) => {
      event.preventDefault();
      form.elements.revision.value = event.target.value;
      later(save);
    });
    if (answer.ok) {
      form.elements.revision.value = fragment.dataset.revision;
      keepSheet();
    }
  } catch {
    unsaved = true;
    say(told || document.querySelector("#notices").dataset.lost);
  }
}
form?.addEventListener("input", ({ target }) => {
  if (!isKept(target.name)) return;
  unsaved = true;
  keepSheet();
  clearTimeout(timer);
  timer = setTimeout(saveNow, 1000);
});
function saveNow() {
  clearTimeout(timer);
  if (unsaved) later(save);
}
sheet?.addEventListener("close", saveNow);
// A form that overtook its own save would be a stale one.
let busy = 0;
function later(act) {
  busy += 1;
  saving = saving.then(act).finally(() => { busy -= 1; });
}
if (form && !sheet.querySelector("[role=alert]")) restoreSheet();
form?.addEventListener("submit", (event) => {
  clearTimeout(timer);
  if (busy) {
    event.preventDefault();
    saving.then(() => form.requestSubmit(event.submitter));
    return;
  }
  if (event.submitter) setTimeout(() => { for (const button of event.defaultPrevented ? [] : form.querySelectorAll("button")) button.disabled = true; });
});

// The hold is renewed while somebody looks at the page.
setInterval(async () => {
  const hold = document.querySelector("#hold[data-renew]");
  if (!hold || document.visibilityState !== "visible") return;
  const data = new FormData();
  data.set("state", "renewed");
  try {
    const answer = await post(hold.dataset.renew, data);
    if (!answer.ok && answer.status !== 409) return;
    const held = document.createElement("template");
    held.innerHTML = await answer.text();
    const fresh = held.content.querySelector("#hold");
    const taken = fresh.querySelector(".pill")?.textContent;
    hold.replaceWith(fresh);
    if (answer.status === 409 && taken) say(taken, "warning");
  } catch { /* the next minute tries again */ }
}, 60 * 1000);

// What one did is said too: the page shows it, and does not read it aloud.
const words = document.querySelector("#told")?.dataset ?? {};
const isMentor = Boolean(document.querySelector(".room.mentor"));
let did = "";
document.addEventListener("submit", ({ target, submitter }) => {
  const kept = isMentor ? "kept" : "sent";
  if (target.id === "thread-new") did = target.dataset.told ? "" : kept;
  else if (target.matches(".change form, .words form")) did = submitter?.name === "remove" ? "removed" : "saved";
  else did = { reply: kept, now: "sent", fixed: "sent", disagree: "sent" }[submitter?.value] ?? submitter?.value ?? "";
}, true);
document.addEventListener("htmx:after:request", ({ detail: { ctx } }) => { if (!ctx.response.raw.ok || ctx.request.method === "GET") did = ""; });
document.addEventListener("htmx:after:swap", () => {
  if (words[did] && !document.querySelector("[data-say]:not([data-said])")) tell(words[did]);
  did = "";
});

// A swapped list keeps its place, and a swapped thread the focus that was in it. After a new comment about the whole the
// next can follow; one about a place, and a question, is shown where it is listed, and what is typed next is not about
// something else.
let focused = "";
let scrolled = 0;
let listed = new Set();
let added = null; // The sentence about what the form for new ones sent, once it was taken.
document.addEventListener("htmx:after:request", ({ detail: { ctx } }) => {
  const form = ctx.sourceElement;
  added = form.id === "thread-new" && isTaken(ctx) ? { told: form.dataset.told, isPlaced: ["file", "quote", "region", "part", "about"].some((name) => form.elements[name]?.value) } : null;
});
document.addEventListener("htmx:before:swap", () => {
  focused = document.activeElement?.closest(".thread, #several")?.id ?? "";
  scrolled = document.querySelector("#threads")?.scrollTop ?? 0;
  listed = new Set(threads().map((one) => one.id));
});
document.addEventListener("htmx:after:swap", () => {
  const list = document.querySelector("#threads");
  if (list && !list.scrollTop) list.scrollTop = scrolled;
  for (const told of document.querySelectorAll("[data-say]:not([data-said])")) {
    told.dataset.said = "";
    say(told.textContent.trim(), "success");
  }
  const there = focused && document.getElementById(focused);
  if (there && there.matches("article")) there.dataset.stay = "";
  const fresh = added && threads().find((one) => !listed.has(one.id));
  if (fresh && added.told) say(added.told, "success");
  if (fresh && (added.told || added.isPlaced)) {
    fresh.focus({ preventScroll: true });
    fresh.scrollIntoView({ block: "nearest" });
  } else if (focused) {
    // Of a thread that is gone, the one after it, or before it.
    const order = [...listed];
    const [at, byId] = [order.indexOf(focused), (id) => document.getElementById(id)];
    const place = byId(focused) ?? order.slice(at + 1).map(byId).find(Boolean) ?? order.slice(0, Math.max(at, 0)).map(byId).findLast(Boolean);
    if (!document.activeElement?.closest(".thread, #several")) {
      const inside = { "thread-new": "textarea", several: "button, summary" }[focused];
      const field = inside ? place?.querySelector(inside) ?? document.querySelector("article.thread") : place;
      field?.focus({ preventScroll: true });
    }
    if (focused !== "several") place?.scrollIntoView({ block: "nearest" });
  }
  focused = "";
  added = null;
});

// A link to a thread that rests with an older version: the page that shows it.
const named = /^#thread-([0-9a-f-]{36})$/.exec(location.hash)?.[1];
if (named && !document.getElementById(`thread-${named}`) && !new URLSearchParams(location.search).has("thread")) {
  const address = new URL(location.href);
  address.searchParams.set("thread", named);
  location.replace(address);
}

// Which comments are listed. What is settled under the hand stays until the choice is made again.
const talk = document.querySelector("#talk");
document.querySelector("#only")?.addEventListener("click", (event) => {
  const link = event.target.closest("a");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  for (const one of talk.querySelectorAll("[data-stay]")) delete one.dataset.stay;
  if (link.dataset.show) talk.dataset.only = link.dataset.show;
  else delete talk.dataset.only;
  for (const one of link.parentNode.children) {
    if (one === link) one.setAttribute("aria-current", "true");
    else one.removeAttribute("aria-current");
  }
  history.replaceState(history.state, "", link.href.split("#")[0]);
});
document.addEventListener("focusin", ({ target }) => {
  const thread = target.closest?.("article.thread");
  if (talk && "only" in talk.dataset && thread) thread.dataset.stay = "";
});
// What is typed goes with an act: its button says so.
const isTyped = (field) => Boolean(field?.value.trim()) && field.value !== field.defaultValue;
function sayWhatGoes({ target }) {
  const form = target.form ?? target;
  if (!form.matches?.("form.answer")) return;
  for (const button of form.querySelectorAll("[data-with]")) {
    button.dataset.alone ??= button.textContent;
    button.textContent = form.elements.body?.value.trim() ? button.dataset.with : button.dataset.alone;
  }
}
document.addEventListener("input", sayWhatGoes);
document.addEventListener("cairn:back", sayWhatGoes);
for (const form of document.querySelectorAll("form.answer")) sayWhatGoes({ target: form });

// Keys: a letter never acts while somebody is writing.
const isListed = (one) => !one.closest(".rest:not([open])") && getComputedStyle(one.closest("li") ?? one).display !== "none";
const threads = () => [...document.querySelectorAll("article.thread")].filter(isListed);
const current = () => document.activeElement?.closest("article.thread");
function step(by) {
  const all = threads();
  const place = all.indexOf(current());
  const next = all[place < 0 ? 0 : Math.min(Math.max(place + by, 0), all.length - 1)];
  if (next) turn(next);
}
// From thread to thread whose place is another one in this version, or has other words.
function change(by) {
  const at = current();
  const all = threads().filter((one) => one.querySelector(".place:is(.moved, .changed, .section, .whole)"));
  const lies = (one, where) => !at || Boolean(at.compareDocumentPosition(one) & where);
  const next = by > 0 ? all.find((one) => lies(one, Node.DOCUMENT_POSITION_FOLLOWING)) : all.findLast((one) => lies(one, Node.DOCUMENT_POSITION_PRECEDING));
  if (next) turn(next);
  else tell(all.length ? words.noMore : words.unchanged);
}
document.addEventListener("toggle", ({ target }) => {
  if (target.open && target.matches?.(".thread details")) target.scrollIntoView({ block: "nearest" });
}, true);
// Esc leaves the field, so that letters act again.
document.addEventListener("keydown", ({ key, target }) => {
  if (key === "Escape" && target.matches(".thread textarea")) target.closest(".thread").focus();
});
const KEYS = {
  j: () => step(1),
  k: () => step(-1),
  n: () => change(1),
  p: () => change(-1),
  r: () => {
    // To one's own words that are not sent yet nobody replies: they are changed.
    const details = current()?.querySelector("form.answer details") ?? current()?.querySelector("details.change:has(textarea)");
    if (!details) return;
    details.open = true;
    details.querySelector("textarea").focus();
  },
  s: () => {
    const button = current()?.querySelector('button[value="confirm"]');
    // A letter sends no words that are half typed: the button says that it will.
    if (button && isTyped(button.form.elements.body)) button.focus();
    else button?.click();
  },
  f: finish,
};
document.addEventListener("keydown", (event) => {
  if (!("keys" in body.dataset) || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (event.target.closest("input, textarea, select, [contenteditable], dialog[open]")) return;
  const act = KEYS[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});
