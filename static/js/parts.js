// The work, the talk and the outline: beside each other where there is room, else one of them at a time.

const room = document.querySelector(".room");
const bar = document.querySelector(".parts");
const scrolled = {};

export function part(name) {
  if (!bar || room.dataset.part === name) return;
  // The way back leads to the part before, where only one is on the screen.
  if (room.dataset.part && getComputedStyle(bar).display !== "none") history.pushState({ part: name }, "");
  turnTo(name);
}
function turnTo(name) {
  scrolled[room.dataset.part] = scrollY;
  room.dataset.part = name;
  for (const link of bar.querySelectorAll("a")) {
    if (link.hash === `#${name}`) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
}

// Shows the part that an element stands in.
export function reveal(element) {
  const holder = element?.closest("#work, #talk, #outline");
  if (holder) part(holder.id);
}

// Turns to a thread: its beginning is seen, also of one that is longer than the place it is in.
export function turn(thread) {
  reveal(thread);
  thread.focus({ preventScroll: true });
  const room = thread.closest(".threads").clientHeight || innerHeight;
  thread.scrollIntoView({ block: thread.offsetHeight > Math.min(room, innerHeight) - 100 ? "start" : "nearest" });
}

// Said to those who do not see it, and not kept.
export function tell(sentence) {
  const place = document.querySelector("#told");
  if (!place) return;
  place.textContent = sentence;
  setTimeout(() => { if (place.textContent === sentence) place.textContent = ""; }, 20000);
}

function count() {
  const [tab, sum] = [bar?.querySelector(".figure"), document.querySelector("#talk-sum .figure")];
  if (tab && sum) tab.textContent = sum.textContent;
}
document.addEventListener("htmx:after:swap", count);
document.addEventListener("cairn:news", count);

if (bar) {
  // What waits for a learner comes first, unless they are answering it in the next version already.
  part(document.querySelector(".room.learner.turn:not(:has(#draft)) .talk .waits") ? "talk" : "work");
  history.replaceState({ part: room.dataset.part }, "");
  addEventListener("popstate", ({ state }) => {
    if (!state?.part || state.part === room.dataset.part) return;
    turnTo(state.part);
    scrollTo({ top: scrolled[state.part] ?? 0 });
  });
  bar.addEventListener("click", (event) => {
    const link = event.target.closest("a");
    if (!link) return;
    event.preventDefault();
    part(link.hash.slice(1));
    scrollTo({ top: scrolled[room.dataset.part] ?? Math.min(scrollY, room.querySelector(link.hash)?.offsetTop ?? 0) });
  });
}
