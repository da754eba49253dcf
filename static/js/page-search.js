// Searching in a PDF's text, page by page from the one that is looked at; a hit may go over the end of a line.

import { filled, put } from "./marks.js";

const words = document.querySelector("#viewer-words")?.dataset ?? {};
const MOST = 1000; // Hits; nobody steps through more.
const escaped = (letter) => letter.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");

// White space in what is sought is any white space; a word may be parted by a hyphen at the end of a line.
export function sought(typed) {
  const pieces = typed.normalize("NFC").trim().split(/\s+/u).filter(Boolean);
  if (!pieces.length) return null;
  const body = pieces.map((piece) => [...piece].map(escaped).join("(?:[-\u00ad]?\\n)?"));
  return new RegExp(body.join("\\s+"), "giu");
}

export class PageSearch {
  constructor(viewer, bar) {
    this.viewer = viewer;
    this.field = bar.querySelector("input[type=search]");
    this.count = bar.querySelector("[data-count]");
    this.steps = bar.querySelectorAll("[data-seek]");
    this.hits = [];
    this.now = -1;
    this.run = 0;
    this.field.addEventListener("input", () => {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.begin(), 300);
    });
    this.field.addEventListener("keydown", (event) => {
      if (event.key === "Enter") {
        event.preventDefault();
        clearTimeout(this.timer);
        if (this.field.value !== this.typed) this.begin();
        else this.step(event.shiftKey ? -1 : 1);
      } else if (event.key === "Escape" && this.field.value) {
        event.preventDefault();
        this.field.value = "";
        this.begin();
      }
    });
    for (const button of this.steps) button.addEventListener("click", () => this.step(Number(button.dataset.seek)));
  }

  async begin() {
    const { viewer } = this;
    const run = ++this.run;
    this.typed = this.field.value;
    this.hits = [];
    this.now = -1;
    this.repaint();
    this.tell("");
    const pattern = sought(this.typed);
    if (!pattern) return;
    const pages = viewer.leaves.length;
    const first = viewer.current;
    let letters = 0;
    for (let turn = 0; turn < pages && this.hits.length < MOST; turn++) {
      const number = ((first - 1 + turn) % pages) + 1;
      let text = "";
      try { ({ text } = await viewer.textOf(number)); } catch { /* a page that cannot be read holds no hit */ }
      if (run !== this.run || viewer.lost) return;
      letters += text.trim().length;
      const found = [...text.matchAll(pattern)].map((hit) => ({ page: number, start: hit.index, end: hit.index + hit[0].length }));
      if (found.length) {
        this.hits.push(...found.slice(0, MOST - this.hits.length));
        this.paint(number);
        if (this.now < 0) this.go(this.hits[0]);
      }
      if (turn % 25 === 24) this.count.textContent = filled(words.seeking, { n: turn + 1, all: pages });
    }
    const now = this.hits[this.now];
    this.hits.sort((a, b) => a.page - b.page || a.start - b.start);
    this.now = this.hits.indexOf(now);
    if (!this.hits.length) this.tell(letters ? words.nothing : words.textless);
    else this.tell(this.place());
  }

  place() {
    const all = this.hits.length < MOST ? this.hits.length : `${MOST}+`;
    return filled(words.found, { n: this.now + 1, all, page: this.hits[this.now].page });
  }

  tell(sentence) {
    this.count.textContent = sentence;
    this.viewer.say(sentence);
    for (const button of this.steps) button.hidden = !this.hits.length;
  }

  step(by) {
    const { length } = this.hits;
    if (!length) return;
    this.go(this.hits[(this.now + by + length) % length]);
    this.tell(this.place());
  }

  go(hit) {
    this.now = this.hits.indexOf(hit);
    const height = this.height(hit);
    this.fresh = height === null ? null : hit;
    // A hit below the window would be none, and what is searched for stays in sight above it.
    const { top, height: high } = this.viewer.area.getBoundingClientRect();
    const middle = top + high / 2;
    if (middle < 100 || middle > innerHeight - 100) scrollBy({ top: middle - innerHeight * 0.66, behavior: "instant" });
    this.viewer.go(hit.page, height ?? 0.2);
    this.repaint();
  }

  // How far down its page a hit is; nothing while the page is not drawn.
  height(hit) {
    const box = this.boxes(hit)[0];
    return box ? box[1] : null;
  }

  repaint() {
    for (const number of this.viewer.near) this.paint(number);
  }

  paint(number) {
    const leaf = this.viewer.leaves[number - 1];
    leaf.querySelector(":scope > .hits")?.remove();
    const here = this.hits.filter((hit) => hit.page === number);
    if (!here.length || !this.viewer.drawn.get(number)?.layer) return;
    const layer = document.createElement("div");
    layer.className = "hits";
    const now = this.hits[this.now];
    for (const hit of here) {
      for (const box of this.boxes(hit)) {
        const shape = document.createElement("div");
        shape.className = hit === now ? "hit now" : "hit";
        put(shape, box);
        layer.append(shape);
      }
    }
    leaf.append(layer);
    // The page was not drawn yet when it was gone to: now it is known where on it.
    if (now?.page === number && this.fresh !== now) {
      this.fresh = now;
      const height = this.height(now);
      if (height !== null) this.viewer.go(number, height);
    }
  }

  // In fractions of the page, one for each piece of text.
  boxes({ page, start, end }) {
    const { layer } = this.viewer.drawn.get(page) ?? {};
    if (!layer) return [];
    const whole = this.viewer.leaves[page - 1].getBoundingClientRect();
    const { starts } = this.viewer.texts.get(page);
    const found = [];
    for (let index = 0; index < starts.length && starts[index] < end; index++) {
      const node = layer.textDivs[index]?.firstChild;
      const [from, to] = [Math.max(start - starts[index], 0), Math.min(end - starts[index], node?.data.length ?? 0)];
      if (!node || from >= to) continue;
      const range = new Range();
      range.setStart(node, from);
      range.setEnd(node, to);
      const box = range.getBoundingClientRect();
      found.push([(box.left - whole.left) / whole.width, (box.top - whole.top) / whole.height, box.width / whole.width, box.height / whole.height]);
    }
    return found;
  }
}
