// What happens elsewhere comes into the open page: a stamp is asked for every few seconds, and only when it differs is
// the page read again. Nothing that is being typed is touched, and the focus stays where it is.

import { renew, say } from "./cairn.js";

const news = document.querySelector("#news");
const OFTEN = 5000;
const SELDOM = 20000;
const IDLE = 3 * 60 * 1000;
const LONGEST = 60000;

let stamp = news?.dataset.stamp;
let failures = 0;
let timer = 0;
let busy = false;
let touched = Date.now();
let isOut = false; // Whether the person was logged out meanwhile.

for (const event of ["keydown", "pointerdown", "focus"]) addEventListener(event, () => { touched = Date.now(); }, { capture: true, passive: true });
// What this page itself has changed, as with the first words of a draft.
document.addEventListener("cairn:changed", () => { read().catch(() => { /* the site is away: the next change brings it */ }); });
document.addEventListener("visibilitychange", () => {
  clearTimeout(timer);
  if (document.visibilityState === "visible") look();
});
if (news) later();

function later() {
  clearTimeout(timer);
  const usual = Date.now() - touched > IDLE ? SELDOM : OFTEN;
  timer = setTimeout(look, Math.min(usual * 2 ** Math.min(failures, 6), Math.max(LONGEST, usual)));
}

async function look() {
  if (busy || document.visibilityState !== "visible") return;
  busy = true;
  try {
    const answer = await fetch(news.dataset.url, { headers: { "HX-Request": "true" } });
    if (answer.redirected || answer.status === 404) {
      if (answer.redirected && !isOut) say(news.dataset.loggedOut, "warning");
      isOut = answer.redirected;
      return; // Asked again when the person comes back to the page, as from logging in somewhere else.
    }
    if (!answer.ok) throw new Error(String(answer.status));
    const now = await answer.text();
    if (now !== stamp || isOut) {
      await read();
      stamp = now;
      isOut = false;
    }
    failures = 0;
    later();
  } catch {
    failures += 1; // The site is away: asked less and less often.
    later();
  } finally {
    busy = false;
  }
}

// The same page as it is now, at the version that is on the screen.
async function read() {
  const address = new URL(location.pathname.replace(/finish\/$/, ""), location.href);
  if (news.dataset.version) address.searchParams.set("version", news.dataset.version);
  const wanted = new URLSearchParams(location.search).get("thread");
  if (wanted) address.searchParams.set("thread", wanted);
  const answer = await fetch(address);
  if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (!renew(fresh.body)) return; // Somebody else's page.
  const told = [...threads(fresh), ...criteria(fresh), ...around(fresh)];
  const [island, places] = [document.querySelector("#places"), fresh.querySelector("#places")];
  if (island && places) island.textContent = places.textContent;
  if (told.length) say(told.join(". ") + ".", "info");
  document.dispatchEvent(new CustomEvent("cairn:news"));
}

const sentence = (name, word = "") => news.dataset[name].replace("%s", word);
const isTyped = (field) => field.value !== field.defaultValue;
const isHeld = (place) => place.contains(document.activeElement) || [...place.querySelectorAll("textarea")].some(isTyped);
// A list may hold each thread in an item of its own.
const item = (thread) => thread.closest("li") ?? thread;

const whereOf = (thread) => thread.querySelector(".place .where")?.textContent ?? "";

function threads(fresh) {
  const said = [];
  let isPlaced = false; // Whether somebody put the place of a thread right.
  const list = document.querySelector("#threads");
  let before = null;
  const isFirst = !document.querySelector("article.thread");
  for (const coming of fresh.querySelectorAll("article.thread")) {
    let there = document.getElementById(coming.id);
    if (there?.closest(".rest") && !isHeld(there)) {
      item(there).remove(); // Taken up again: it stands among the others now.
      there = null;
    }
    for (const comment of coming.querySelectorAll(".comment")) {
      if (!document.getElementById(comment.id) && !("mine" in comment.dataset)) said.push([comment, Boolean(there)]);
    }
    if (!there) {
      const whole = document.importNode(item(coming), true);
      if (before) before.after(whole);
      else (document.querySelector("article.thread") ? item(document.querySelector("article.thread")).parentNode : list).prepend(whole);
      ready(whole);
      before = whole;
      continue;
    }
    before = item(there);
    if (there.dataset.stamp === coming.dataset.stamp) continue;
    isPlaced ||= whereOf(there) !== whereOf(coming);
    if (!isHeld(there)) {
      const whole = document.importNode(coming, true);
      const open = [...there.querySelectorAll("details")].map((one) => one.open);
      there.replaceWith(whole);
      whole.querySelectorAll("details").forEach((one, place) => { if (open[place]) one.open = true; });
      before = item(whole);
      ready(whole);
    } else add(there, coming);
  }
  for (const gone of document.querySelectorAll("article.thread")) {
    if (!fresh.getElementById(gone.id) && !isHeld(gone) && !gone.closest(".rest")) item(gone).remove();
  }
  rest(fresh);
  if (isFirst && said.length) list.querySelector(".none")?.remove();
  return [...words(said, fresh), ...(isPlaced ? [sentence("placed")] : [])];
}

// How many rest with each version; what was opened of them stays.
function rest(fresh) {
  let before = document.querySelector("#threads > .list");
  for (const coming of fresh.querySelectorAll("#threads > .rest")) {
    let there = document.getElementById(coming.id);
    const [old, summary] = [there?.querySelector("summary"), coming.querySelector("summary")];
    if (!there) {
      there = document.importNode(coming, true);
      before?.after(there);
      ready(there);
    } else if (old.textContent !== summary.textContent) old.textContent = summary.textContent;
    before = there;
  }
  for (const gone of document.querySelectorAll("#threads > .rest")) {
    if (!fresh.getElementById(gone.id) && !isHeld(gone)) gone.remove();
  }
}

// Into a thread in which somebody is writing comes what is new, beside what is being written.
function add(there, coming) {
  there.dataset.stamp = coming.dataset.stamp;
  const header = document.importNode(coming.querySelector("header"), true);
  if (!there.querySelector("header").contains(document.activeElement)) there.querySelector("header").replaceWith(header);
  const [place, fresh] = [there, coming].map((thread) => thread.querySelector(":scope > .place"));
  if (!place?.contains(document.activeElement)) {
    place?.remove();
    if (fresh) there.querySelector("header").after(document.importNode(fresh, true));
  }
  let before = there.querySelector("header");
  for (const comment of coming.querySelectorAll(".comment")) {
    const old = document.getElementById(comment.id);
    if (old && isHeld(old)) before = old;
    else {
      const whole = document.importNode(comment, true);
      if (old) old.replaceWith(whole);
      else before.after(whole);
      ready(whole);
      before = whole;
    }
  }
}

function ready(place) {
  window.htmx?.process(place);
}

// What came, in one or two sentences.
function words(said, fresh) {
  const reviews = [...fresh.querySelectorAll(".review[id]")].filter((one) => !document.getElementById(one.id));
  if (reviews.length) return [sentence("reviewed")];
  if (said.length > 2) return [sentence("many", said.length)];
  return said.map(([comment, isReply]) => {
    const who = comment.querySelector(".who")?.textContent ?? "";
    const act = comment.querySelector(".act")?.textContent;
    return act ? `${who}: ${act}` : sentence(isReply ? "replied" : "wrote", who);
  });
}

// What was claimed and marked. A form that is open, and what has the focus, stays; the rest of its criterion comes in
// around it, and the whole of it with the next news.
function criteria(fresh) {
  const told = [];
  for (const coming of fresh.querySelectorAll("#criteria .criterion")) {
    const there = document.getElementById(coming.id);
    if (!there) continue;
    const { stamp } = coming.dataset;
    if (there.dataset.stamp !== stamp) {
      const [name, state] = [coming.children[1], coming.querySelector(".pill")].map((one) => one.textContent.trim());
      if (there.dataset.told !== stamp) told.push(`${name}: ${state}`);
      there.dataset.told = stamp;
      if (isHeld(there) || there.querySelector("details.decision[open]")) surround(there, coming);
      else {
        const whole = document.importNode(coming, true);
        const history = whole.querySelector(".history");
        if (history) history.open = Boolean(there.querySelector(".history[open]"));
        there.replaceWith(whole);
        ready(whole);
      }
    }
    about(document.getElementById(coming.id), coming);
  }
  return told;
}

const own = (criterion) => [...criterion.children].filter((part) => !part.matches(".acts, .notice"));
function surround(there, coming) {
  if (own(there).some((part) => part.contains(document.activeElement))) return;
  own(there).forEach((part) => part.remove());
  there.prepend(...own(coming).map((part) => document.importNode(part, true)));
  const [old, history] = [there, coming].map((criterion) => criterion.querySelector(".acts > .history"));
  if (!history || old?.contains(document.activeElement)) return;
  const whole = document.importNode(history, true);
  whole.open = Boolean(old?.open);
  old?.remove();
  there.querySelector(".acts").prepend(whole);
}

// What was said about a criterion stands behind it.
function about(there, coming) {
  const [old, list] = [there, coming].map((one) => (one.nextElementSibling?.matches("ul.about") ? one.nextElementSibling : null));
  if (old?.contains(document.activeElement) || old?.textContent === list?.textContent) return;
  old?.remove();
  if (!list) return;
  const whole = document.importNode(list, true);
  there.after(whole);
  ready(whole);
}

// What stands around the threads. What holds the focus, or an open form, waits for the next time.
const PLACES = ["state-line", "hold", "talk-sum", "review-bar", "points", "reviews", "several"];
function around(fresh) {
  const told = [];
  for (const id of PLACES) {
    const [old, coming] = [document.getElementById(id), fresh.getElementById(id)];
    if (!old || !coming || isHeld(old) || old.querySelector("details[open] form")) continue;
    if (old.textContent.trim() === coming.textContent.trim()) continue;
    if (id === "hold" && "renew" in old.dataset && !("renew" in coming.dataset) && coming.textContent.trim()) told.push(sentence("hold"));
    const whole = document.importNode(coming, true);
    if (old.querySelector(".earlier[open]")) whole.querySelector(".earlier")?.setAttribute("open", "");
    old.replaceWith(whole);
    ready(whole);
  }
  const [old, coming] = [document.getElementById("versions"), fresh.getElementById("versions")];
  const all = (place) => [...(place?.querySelectorAll("a:not(.compare)") ?? [])];
  if (all(coming).length > all(old).length) {
    const newest = all(coming).at(-1);
    const line = sentence("handedIn", newest.textContent.trim().split(",")[0]);
    told.push(line);
    const notice = document.createElement("p");
    notice.className = "notice";
    notice.id = "news-version";
    const link = document.createElement("a");
    link.href = newest.getAttribute("href");
    link.textContent = news.dataset.show;
    notice.append(`${line}. `, link);
    document.getElementById("news-version")?.remove();
    (old ?? document.querySelector(".work"))?.before(notice);
    if (old && !old.contains(document.activeElement)) old.replaceWith(document.importNode(coming, true));
  }
  return told;
}
