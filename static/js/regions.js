// A region of a page or a picture, marked with mouse, finger or keys while the mode is on.

import { filled, put } from "./marks.js";

const words = document.querySelector("#viewer-words")?.dataset ?? {};
const STEP = 0.01;
const LEAST = 0.01;
const DRAG = 6; // Less is a click, in pixels.
const within = (value, least, most) => Math.min(Math.max(value, least), Math.max(least, most));
const percent = (fraction) => Number((100 * fraction).toFixed(2));

// The value of a media fragment's xywh, in percent with two decimals, never beyond the edges.
export function fragment([left, top, width, height]) {
  const [x, y] = [percent(left), percent(top)];
  const most = (start, size) => Number(Math.min(percent(size), 100 - start).toFixed(2));
  return `xywh=percent:${x},${y},${most(x, width)},${most(y, height)}`;
}

export class Regions {
  // `area` holds the surfaces; `surfaceOf(element)`, `current()` and `beside(surface, by)` say which; `name(surface)` is
  // what the box is called, `taken(surface, value)` hears the region, `say` what is announced.
  constructor(viewer) {
    Object.assign(this, viewer);
    this.on = false;
    this.box = null;
    this.button.addEventListener("click", () => (this.on ? this.leave(true) : this.enter()));
    this.area.addEventListener("pointerdown", (event) => this.press(event));
    this.area.addEventListener("pointermove", (event) => this.drag(event));
    this.area.addEventListener("pointerup", (event) => this.release(event));
    this.area.addEventListener("pointercancel", () => { this.from = null; });
    this.area.addEventListener("keydown", (event) => this.key(event));
    this.button.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && this.on) this.leave(true);
    });
  }

  enter() {
    this.clear();
    this.on = true;
    this.corner = null;
    this.area.classList.add("marking");
    this.button.setAttribute("aria-pressed", "true");
    this.put(this.current());
    this.box.focus({ preventScroll: true });
    this.say(`${this.name(this.surface)}. ${words.help}`);
  }

  leave(back) {
    this.on = false;
    this.from = null;
    this.area.classList.remove("marking");
    this.button.setAttribute("aria-pressed", "false");
    this.clear();
    if (!back) return;
    this.button.focus({ preventScroll: true });
    this.say(words.left);
  }

  // Takes the box away that is drawn, or that was taken before.
  clear() {
    this.box?.remove();
    this.box = null;
  }

  // A region that was taken is seen as long as the form has it.
  settle() {
    if (!this.on && !document.querySelector("#thread-new")?.elements.region?.value) this.clear();
  }

  // A new box in the middle of what is seen of a surface.
  put(surface) {
    const [whole, frame] = [surface.getBoundingClientRect(), this.area.getBoundingClientRect()];
    const top = within((Math.max(frame.top, 0) - whole.top) / whole.height, 0, 1);
    const bottom = within((Math.min(frame.bottom, innerHeight) - whole.top) / whole.height, top, 1);
    const left = within((frame.left - whole.left) / whole.width, 0, 1);
    const right = within((frame.right - whole.left) / whole.width, left, 1);
    const [width, height] = [Math.max(0.4 * (right - left), 0.05), Math.max(Math.min(0.4 * (bottom - top), 0.25), 0.05)];
    this.draw(surface, [within((left + right - width) / 2, 0, 1 - width), within((top + bottom - height) / 2, 0, 1 - height), width, height]);
  }

  draw(surface, place) {
    if (!this.box) {
      this.box = document.createElement("div");
      this.box.className = "region";
      this.box.tabIndex = 0;
      this.box.setAttribute("role", "application");
    }
    if (this.box.parentElement !== surface) surface.append(this.box);
    this.surface = surface;
    this.place = place;
    this.box.setAttribute("aria-label", this.name(surface));
    put(this.box, place);
  }

  point({ clientX, clientY }, surface) {
    const whole = surface.getBoundingClientRect();
    return [within((clientX - whole.left) / whole.width, 0, 1), within((clientY - whole.top) / whole.height, 0, 1)];
  }

  press(event) {
    if (!this.on || event.button || !event.isPrimary) return;
    const surface = this.surfaceOf(event.target);
    if (!surface) return;
    event.preventDefault();
    this.area.setPointerCapture(event.pointerId);
    this.from = { surface, at: this.point(event, surface), x: event.clientX, y: event.clientY };
  }

  drag(event) {
    if (!this.from) return;
    const { surface, at } = this.from;
    this.between(surface, at, this.point(event, surface));
  }

  between(surface, [x, y], [toX, toY]) {
    this.draw(surface, [Math.min(x, toX), Math.min(y, toY), Math.abs(toX - x), Math.abs(toY - y)]);
  }

  release(event) {
    if (!this.from) return;
    const { surface, at, x, y } = this.from;
    this.from = null;
    const end = this.point(event, surface);
    if (Math.abs(event.clientX - x) >= DRAG && Math.abs(event.clientY - y) >= DRAG) {
      this.between(surface, at, end);
      this.take();
    } else if (this.corner?.surface === surface) {
      this.between(surface, this.corner.at, end);
      if (this.place[2] >= LEAST && this.place[3] >= LEAST) this.take();
    } else {
      this.corner = { surface, at };
      this.draw(surface, [within(at[0] - LEAST / 2, 0, 1 - LEAST), within(at[1] - LEAST / 2, 0, 1 - LEAST), LEAST, LEAST]);
      this.say(words.corner);
    }
  }

  key(event) {
    if (!this.on) return;
    if (event.key === "Escape") {
      event.preventDefault();
      this.leave(true);
      return;
    }
    if (event.target !== this.box || event.ctrlKey || event.metaKey || event.altKey) return;
    const ways = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] };
    const pages = { PageUp: -1, PageDown: 1 };
    if (event.key in ways) this.shift(ways[event.key], event.shiftKey);
    else if (event.key in pages) this.turn(pages[event.key]);
    else if (event.key === "Enter") this.take();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  shift([x, y], isSize) {
    let [left, top, width, height] = this.place;
    if (isSize) [width, height] = [within(width + x, LEAST, 1 - left), within(height + y, LEAST, 1 - top)];
    else [left, top] = [within(left + x, 0, 1 - width), within(top + y, 0, 1 - height)];
    this.draw(this.surface, [left, top, width, height]);
    this.box.scrollIntoView({ block: "nearest", inline: "nearest" });
    clearTimeout(this.timer); // A key that is held down says where it ended.
    this.timer = setTimeout(() => this.tell(), 300);
  }

  turn(by) {
    const surface = this.beside(this.surface, by);
    if (!surface) return;
    this.draw(surface, this.place);
    this.box.scrollIntoView({ block: "center" });
    this.box.focus({ preventScroll: true });
    this.tell();
  }

  tell() {
    if (!this.on || !this.box) return;
    const [left, top, width, height] = this.place.map((value) => Math.round(100 * value));
    this.say(`${this.name(this.surface)}: ${filled(words.box, { left, top, width, height })}`);
  }

  take() {
    const { surface, box, place } = this;
    if (place[2] <= 0 || place[3] <= 0) return;
    this.box = null;
    this.leave(false);
    // It stays to be seen while the comment is written.
    box.className = "region taken";
    box.removeAttribute("tabindex");
    box.removeAttribute("role");
    box.removeAttribute("aria-label");
    box.setAttribute("aria-hidden", "true");
    this.box = box;
    this.button.focus({ preventScroll: true });
    this.say(words.taken);
    this.taken(surface, fragment(place));
  }
}
