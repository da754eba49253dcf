// The Markdown editor: line numbers and marks beside the text, a draft that saves itself, and the preview.
// The text stays a plain text area, so that undo, spelling, dictation and screen readers work as they do everywhere.

const form = document.querySelector("#markdown");
const text = form.elements.text;
const mirror = form.querySelector(".mirror");
const words = form.dataset;
const LIST = /^([ \t]*)([-*+]|\d{1,9}[.)])([ \t]+)(\[[ xX]\][ \t]+)?/;

// Lines: a copy of the text behind the text area, which wraps as it does, carries the numbers and the marks ------------
let lines = [];

function number() {
  const fresh = text.value.split("\n");
  let first = 0;
  while (first < Math.min(lines.length, fresh.length) && lines[first] === fresh[first]) first += 1;
  let last = 0;
  while (last < Math.min(lines.length, fresh.length) - first && lines.at(-1 - last) === fresh.at(-1 - last)) last += 1;
  const old = [...mirror.children].slice(first, lines.length - last);
  const made = fresh.slice(first, fresh.length - last).map((line, place) => {
    const row = old[place] ?? document.createElement("div");
    row.textContent = line || " ";
    return row;
  });
  for (const row of old.slice(made.length)) row.remove();
  const after = mirror.children[first + Math.min(old.length, made.length)] ?? null;
  for (const row of made.slice(old.length)) mirror.insertBefore(row, after);
  lines = fresh;
  follow();
}

function follow() { mirror.scrollTop = text.scrollTop; }

function where() {
  const before = text.value.slice(0, text.selectionEnd).split("\n");
  return { line: before.length, column: before.at(-1).length + 1 };
}

function place() {
  const { line, column } = where();
  mirror.querySelector(".current")?.classList.remove("current");
  mirror.children[line - 1]?.classList.add("current");
  form.querySelector("#place").textContent = words.place
    .replace("{line}", line).replace("{count}", lines.length).replace("{column}", column);
}

function go(line, column = 1) {
  const at = Math.min(Math.max(line, 1), lines.length);
  const start = lines.slice(0, at - 1).reduce((sum, one) => sum + one.length + 1, 0);
  const spot = start + Math.min(column - 1, lines[at - 1].length);
  text.focus({ preventScroll: true });
  text.setSelectionRange(spot, spot);
  text.scrollTop = mirror.children[at - 1].offsetTop - text.clientHeight / 3;
  text.scrollIntoView({ block: "nearest" });
  place();
}

const remarked = () => [...form.querySelectorAll("#remarks [data-line]")];

function mark() {
  for (const row of mirror.querySelectorAll(".note, .warning, .error")) row.classList.remove("note", "warning", "error");
  for (const { dataset } of remarked()) mirror.children[dataset.line - 1]?.classList.add(dataset.severity);
}

function next(step) {
  const at = where().line;
  const found = remarked().map(({ dataset }) => [Number(dataset.line), Number(dataset.column ?? 1)]).sort((a, b) => a[0] - b[0]);
  const ahead = step > 0 ? found.find(([line]) => line > at) : found.findLast(([line]) => line < at);
  const target = ahead ?? (step > 0 ? found[0] : found.at(-1));
  if (target) go(...target);
}

// Typing: what is put in goes through the browser's own editing, so that it can be undone -----------------------------
function put(start, end, words) {
  text.setSelectionRange(start, end);
  document.execCommand("insertText", false, words);
}

function goOn(event) {
  const { selectionStart: at, selectionEnd, value } = text;
  const start = value.lastIndexOf("\n", at - 1) + 1;
  const line = value.slice(start, at);
  const found = LIST.exec(line);
  if (at !== selectionEnd || !found) return;
  event.preventDefault();
  const [marker, indent, bullet, blank, box] = found;
  if (line === marker && (value[at] ?? "\n") === "\n") return put(start, at, "");
  const following = bullet.replace(/\d+/, (digits) => Number(digits) + 1);
  put(at, at, `\n${indent}${following}${blank}${box ? "[ ] " : ""}`);
}

function selected() {
  const { value } = text;
  const start = value.lastIndexOf("\n", text.selectionStart - 1) + 1;
  const stop = value.indexOf("\n", Math.max(text.selectionEnd - (text.selectionEnd > text.selectionStart ? 1 : 0), start));
  return [start, stop < 0 ? value.length : stop];
}

function shift(out) {
  const [start, end] = selected();
  const block = text.value.slice(start, end);
  const moved = block.split("\n").map((line) => (out ? line.replace(/^( {1,2}|\t)/, "") : line && `  ${line}`)).join("\n");
  if (moved === block) return;
  put(start, end, moved);
  text.setSelectionRange(start, start + moved.length);
}

function carry(step) {
  const [start, end] = selected();
  const { value } = text;
  const block = value.slice(start, end);
  const from = text.selectionStart - start;
  const size = text.selectionEnd - text.selectionStart;
  if (step < 0 ? start === 0 : end === value.length) return;
  const edge = step < 0 ? value.lastIndexOf("\n", start - 2) + 1 : value.indexOf("\n", end + 1);
  const stop = step > 0 && edge < 0 ? value.length : edge;
  if (step < 0) put(stop, end, `${block}\n${value.slice(stop, start - 1)}`);
  else put(start, stop, `${value.slice(end + 1, stop)}\n${block}`);
  const top = step < 0 ? stop : start + stop - end;
  text.setSelectionRange(top + from, top + from + size);
}

text.addEventListener("keydown", (event) => {
  if (event.isComposing) return;
  const control = (event.ctrlKey || event.metaKey) && !event.altKey;
  const alone = !event.ctrlKey && !event.metaKey && !event.altKey;
  const acts = [
    [alone && !event.shiftKey && event.key === "Enter", () => goOn(event), true],
    [control && event.key === "]", () => shift(false)],
    [control && event.key === "[", () => shift(true)],
    [event.altKey && !event.ctrlKey && event.key === "ArrowUp", () => carry(-1)],
    [event.altKey && !event.ctrlKey && event.key === "ArrowDown", () => carry(1)],
  ];
  const [, act, decides] = acts.find(([is]) => is) ?? [];
  if (act && !decides) event.preventDefault();
  act?.();
});

document.addEventListener("keydown", (event) => {
  if (event.key === "F8") { event.preventDefault(); next(event.shiftKey ? -1 : 1); }
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "s") { event.preventDefault(); later(0); }
});

form.addEventListener("click", (event) => {
  const link = event.target.closest("a.line");
  if (link) { event.preventDefault(); go(Number(link.dataset.line), Number(link.dataset.column ?? 1)); }
  if (event.target.closest("[data-give-up]")) forget();
});

// Saving: one request after another; what has no answer yet is kept in this browser too ------------------------------
let timer = 0;
let dirty = false;
let busy = 0;
let turn = Promise.resolve();
const isStale = () => Boolean(form.querySelector("[data-stale]"));

function keep(sent = false) {
  try { localStorage.setItem(words.copy, JSON.stringify({ shown: form.elements.shown.value, text: text.value, sent })); } catch { /* no room, or not allowed: the site has it soon */ }
}

function forget() {
  dirty = false;
  localStorage.removeItem(words.copy);
}

function restore() {
  let copy = null;
  try { copy = JSON.parse(localStorage.getItem(words.copy)); } catch { /* nothing that can be read */ }
  if (!copy || copy.text === text.value || isStale()) return forget();
  if (copy.shown !== form.elements.shown.value) {
    if (copy.sent) return forget();
    form.elements.shown.value = copy.shown; // so the site says that the draft has changed since, with both texts
  }
  text.value = copy.text;
  dirty = true;
  later(0);
}

function tell(sentence) { form.querySelector("#draft .saved").textContent = sentence; }

// The plan: what it proposes follows the text; what somebody said about it stays as it is, and is sent with the text.
const planned = () => form.querySelector("#planned");
const questions = () => planned().querySelectorAll("select, input[type=checkbox]");
let answered = planned().hasAttribute("data-answered");

form.addEventListener("change", (event) => { answered ||= planned().contains(event.target); });
window.addEventListener("pageshow", () => { for (const field of questions()) field.disabled = false; });

// A part that somebody is in with the keyboard is exchanged when they leave it.
const waiting = new Map();

function swap(fresh) {
  const old = document.getElementById(fresh.id);
  if (fresh.id === "planned" && answered) return;
  if (old.contains(document.activeElement) && !fresh.matches("[data-stale]")) {
    waiting.set(fresh.id, fresh);
    const [token, now] = [old, fresh].map((one) => one.querySelector("[name=shown]"));
    if (token) token.value = now.value;
    return;
  }
  waiting.delete(fresh.id);
  const open = [...old.querySelectorAll("details")].map((one) => one.open);
  [...fresh.querySelectorAll("details")].forEach((one, place) => { one.open = open[place] ?? false; });
  old.replaceWith(fresh);
}

form.addEventListener("focusout", () => setTimeout(() => {
  for (const fresh of waiting.values()) swap(fresh);
  mark();
}));

async function save() {
  if (isStale()) return;
  dirty = false;
  tell(words.saving);
  const count = form.querySelector("#remarks .count").textContent;
  try {
    const body = new FormData(form);
    for (const { name } of questions()) body.delete(name);
    const answer = await fetch(form.action, { method: "POST", body, headers: { "HX-Request": "true" } });
    if (answer.redirected || ![200, 409, 422].includes(answer.status)) {
      dirty = true;
      return tell(answer.status >= 500 ? words.away : words.refused);
    }
    const held = document.createElement("template");
    held.innerHTML = await answer.text();
    for (const part of [...held.content.children]) swap(part);
    mark();
    const said = form.querySelector("#remarks .count").textContent;
    if (answer.status === 409) form.querySelector("#draft h2").scrollIntoView({ block: "nearest" });
    else if (said !== count) form.querySelector("#heard").textContent = said;
    if (answer.status === 200 && !dirty) forget();
    else if (answer.status === 422) dirty = true;
    else if (dirty) tell(words.typing);
  } catch {
    dirty = true;
    tell(words.away);
    later(5000);
  }
}

function later(wait) {
  clearTimeout(timer);
  timer = setTimeout(() => {
    busy += 1;
    turn = turn.then(save).finally(() => { busy -= 1; });
  }, wait);
}

text.addEventListener("input", () => {
  number();
  place();
  keep();
  dirty = true;
  if (!isStale()) tell(words.typing);
  later(1200);
  show(600);
});

form.addEventListener("submit", (event) => {
  if (event.submitter?.formTarget === "_blank") return;
  clearTimeout(timer);
  if (busy) {
    event.preventDefault();
    turn.then(() => form.requestSubmit(event.submitter));
    return;
  }
  if (!answered) for (const field of questions()) field.disabled = true;
  keep(true);
  dirty = false;
});
window.addEventListener("beforeunload", (event) => { if (dirty) event.preventDefault(); });

// The preview: drawn by the site, in a frame without scripts ----------------------------------------------------------
const preview = form.querySelector("#preview");
const frame = preview.querySelector("iframe");
let drawing = 0;

async function draw() {
  if (!preview.open) return;
  const body = new FormData(form);
  const answer = await fetch(words.preview, { method: "POST", body }).catch(() => null);
  if (!answer || answer.redirected || ![200, 422].includes(answer.status)) return;
  const html = await answer.text();
  const main = frame.contentDocument?.querySelector("main");
  if (main) main.replaceWith(new DOMParser().parseFromString(html, "text/html").querySelector("main"));
  else frame.srcdoc = html;
}

function show(wait) {
  clearTimeout(drawing);
  drawing = setTimeout(draw, wait);
}

preview.addEventListener("toggle", () => show(0));
if (matchMedia("(min-width: 80rem)").matches) preview.open = true;

text.addEventListener("scroll", follow);
document.addEventListener("selectionchange", () => { if (document.activeElement === text) place(); });
form.classList.add("numbered");
restore();
number();
mark();
place();
if (text.dataset.line) go(Number(text.dataset.line));
