// Beside a region that was marked: to comment on it, or to use it as evidence; Escape leaves it.

let pointer = null;

function end() {
  pointer?.remove();
  pointer = null;
}

// The region may be scrolled, and be drawn larger; when it is gone, there is nothing to choose.
function follow() {
  if (!pointer) return;
  const region = document.querySelector(".region.taken");
  if (!region) return end();
  const [box, frame] = [region.getBoundingClientRect(), region.closest(".leaves, .wall").getBoundingClientRect()];
  const left = Math.min(box.left, innerWidth - pointer.offsetWidth - 8);
  const top = Math.min(Math.max(box.bottom, frame.top), frame.bottom, innerHeight - pointer.offsetHeight - 12);
  pointer.style.left = `${Math.max(left, 8) + scrollX}px`;
  pointer.style.top = `${Math.max(top, 8) + scrollY + 6}px`;
}
document.addEventListener("scroll", follow, { capture: true, passive: true });
addEventListener("resize", follow);
document.addEventListener("htmx:after:swap", () => requestAnimationFrame(follow));

// `template` holds both buttons; `comment`, `claim` and `leave` are called when one of them was chosen, or neither.
export function choosing(template, { comment, claim, leave }) {
  end();
  const from = document.activeElement;
  pointer = template.content.firstElementChild.cloneNode(true);
  pointer.addEventListener("click", ({ target }) => {
    const button = target.closest("button");
    if (!button) return;
    end();
    if (button.matches("[data-claim]")) claim();
    else comment();
  });
  pointer.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.preventDefault();
    end();
    leave();
    from?.focus({ preventScroll: true });
  });
  document.querySelector("main").append(pointer);
  follow();
  pointer.querySelector("button").focus({ preventScroll: true });
}
