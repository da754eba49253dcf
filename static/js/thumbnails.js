// Small pages in a strip that is closed at first; only those in sight are drawn.

import { filled } from "./marks.js";

const words = document.querySelector("#viewer-words")?.dataset ?? {};
const WIDTH = 96;

export class Thumbnails {
  constructor(viewer, button, strip) {
    Object.assign(this, { viewer, button, strip });
    this.wanted = new Set();
    button.hidden = viewer.leaves.length < 2;
    strip.id = `${viewer.leaves[0].id}-small`;
    button.setAttribute("aria-controls", strip.id);
    button.addEventListener("click", () => this.open(strip.hidden));
    strip.addEventListener("keydown", (event) => {
      const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      const at = by && this.buttons.indexOf(event.target.closest("button")) + by;
      if (!this.buttons?.[at]) return;
      event.preventDefault();
      this.buttons[at].focus();
    });
  }

  open(isOpen) {
    this.strip.hidden = !isOpen;
    this.button.setAttribute("aria-expanded", String(isOpen));
    if (!isOpen) return;
    this.buttons ??= this.make();
    this.turn(this.viewer.current);
  }

  make() {
    const buttons = this.viewer.leaves.map((leaf, index) => {
      const button = document.createElement("button");
      button.type = "button";
      button.setAttribute("aria-label", filled(words.page, { n: index + 1 }));
      button.dataset.page = index + 1;
      button.style.aspectRatio = leaf.style.aspectRatio;
      button.append(Object.assign(document.createElement("span"), { textContent: index + 1, className: "figure" }));
      button.addEventListener("click", () => this.viewer.go(index + 1));
      return button;
    });
    this.strip.append(...buttons);
    const watch = new IntersectionObserver((found) => {
      for (const { target, isIntersecting } of found) {
        if (isIntersecting) this.wanted.add(target);
        else {
          this.wanted.delete(target);
          target.querySelector("canvas")?.remove();
        }
      }
      this.pump();
    }, { root: this.strip, rootMargin: "0px 300px" });
    for (const button of buttons) watch.observe(button);
    return buttons;
  }

  async pump() {
    if (this.busy) return;
    this.busy = true;
    const next = () => [...this.wanted].find((button) => !button.querySelector("canvas") && !("failed" in button.dataset));
    for (let button = next(); button && !this.viewer.lost; button = next()) {
      await this.draw(button).catch(() => { button.dataset.failed = ""; });
    }
    this.busy = false;
  }

  async draw(button) {
    const number = Number(button.dataset.page);
    const page = await this.viewer.pdf.getPage(number);
    const natural = page.getViewport({ scale: 1 });
    const viewport = page.getViewport({ scale: Math.min(WIDTH / natural.width, (2 * WIDTH) / natural.height) });
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(Math.floor(viewport.width), 1);
    canvas.height = Math.max(Math.floor(viewport.height), 1);
    await page.render({ canvas, viewport }).promise;
    button.style.aspectRatio = `${natural.width} / ${natural.height}`;
    button.prepend(canvas);
    if (!this.viewer.drawn.has(number)) page.cleanup(); // It refuses while the page is being drawn.
  }

  turn(number) {
    if (!this.buttons || this.strip.hidden) return;
    this.strip.querySelector("[aria-current]")?.removeAttribute("aria-current");
    const button = this.buttons[number - 1];
    button.setAttribute("aria-current", "page");
    this.strip.scrollTo({ left: button.offsetLeft - this.strip.clientWidth / 2, behavior: "instant" });
  }
}
