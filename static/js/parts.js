// The work, the talk and the outline: beside each other where there is room, else one of them at a time.

const room = document.querySelector(".room");
const bar = document.querySelector(".parts");
const scrolled = {};

export function part(name) {
  if (!bar || room.dataset.part === name) return;
  scrolled[room.dataset.part] = scrollY;
  room.dataset.part = name;
  for (const link of bar.querySelectorAll("a")) {
    if (link.hash === `#${name}`) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
}

// How many comments there are, in the tab, as their heading says it.
export function count() {
  const [figure, sum] = [bar?.querySelector(".figure"), document.querySelector("#talk-sum")];
  if (figure && sum) figure.textContent = sum.dataset.count;
}

// Shows the part that an element stands in.
export function reveal(element) {
  const holder = element?.closest("#work, #talk, #outline");
  if (holder) part(holder.id);
}

if (bar) {
  // What waits for a learner comes first, unless they are answering it in the next version already.
  part(document.querySelector(".room.learner.turn:not(:has(#draft)) .talk .waits") ? "talk" : "work");
  bar.addEventListener("click", (event) => {
    const link = event.target.closest("a");
    if (!link) return;
    event.preventDefault();
    part(link.hash.slice(1));
    scrollTo({ top: scrolled[room.dataset.part] ?? Math.min(scrollY, room.querySelector(link.hash)?.offsetTop ?? 0) });
  });
}
