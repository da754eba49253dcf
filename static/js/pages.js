// A PDF, page by page: what is near the window is drawn, with its words and the marks of threads; what is far is let go.

import { filled, flash, mark, placesIn } from "./marks.js";
import { PageSearch } from "./page-search.js";
import { attend } from "./passage.js";
import { Regions } from "./regions.js";
import { Thumbnails } from "./thumbnails.js";
import { Zoom } from "./zoom.js";

const words = document.querySelector("#viewer-words")?.dataset ?? {};
const LEVELS = [50, 75, 100, 125, 150, 175, 200, 250, 300];
const NEAR = "60%"; // Of the height of the place, above and below.
const PIXELS = 12_000_000; // Of one page at most, whatever the zoom and the screen: 48 MB.
const SIDE = 8192;
const CHUNK = 1 << 18; // Bytes asked for at once: each answer looks up who asks. Twice as many come as a whole.
const PATIENCE = 20_000; // Milliseconds for one page.
const KEPT = 20; // Pages that a selection may keep.
const FAILURES = 3; // Pages that may fail before no other is tried.
const SIZED = `zoom ${document.body.dataset.person ?? ""}`;

export class TooLong extends Error {}

function timely(promise) {
  let timer;
  const late = new Promise((_, refuse) => { timer = setTimeout(() => refuse(new TooLong()), PATIENCE); });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

function remembered() {
  try { return Number(localStorage.getItem(SIZED)) || 100; } catch { return 100; }
}

const isSelected = (element) => {
  const selection = getSelection();
  return !selection.isCollapsed && selection.rangeCount && selection.getRangeAt(0).intersectsNode(element);
};

export class PageViewer {
  constructor(place) {
    this.place = place;
    this.file = place.closest(".file")?.id.replace("file-", "") ?? "";
    this.near = new Set(); // Numbers of pages that should be drawn.
    this.drawn = new Map(); // number → { page, layer, width }
    this.texts = new Map(); // number → the text's pieces and where each begins
    this.failures = 0;
    this.late = 0; // Of them those that took too long, one after the other.
    this.current = 1;
    // Fetched while the page is read, so that it is there when the PDF comes near.
    document.head.append(Object.assign(document.createElement("link"), { rel: "modulepreload", href: place.dataset.vendor }));
  }

  start() {
    this.started ??= this.open().catch(() => this.give(this.place.dataset.broken));
    return this.started;
  }

  async open() {
    const { dataset } = this.place;
    const pdfjs = await import(dataset.vendor);
    const folder = new URL("./", new URL(dataset.vendor, location.href)).href;
    pdfjs.GlobalWorkerOptions.workerSrc = folder + "pdf.worker.min.mjs";
    this.pdfjs = pdfjs;
    this.asked = pdfjs.getDocument({
      url: dataset.pdf,
      isEvalSupported: false,
      useWasm: false,
      rangeChunkSize: CHUNK,
      wasmUrl: folder + "wasm/",
      standardFontDataUrl: folder + "standard_fonts/",
      cMapUrl: folder + "cmaps/",
      cMapPacked: true,
    });
    this.pdf = await timely(this.asked.promise);
    const first = await timely(this.pdf.getPage(1));
    this.lay(first.getViewport({ scale: 1 }));
  }

  // A sentence in place of the pages.
  give(sentence) {
    this.lost = true;
    this.asked?.destroy();
    this.watch?.disconnect();
    const note = document.createElement("p");
    note.className = "help";
    note.textContent = sentence;
    this.place.replaceChildren(note);
  }

  lay({ width, height }) {
    const { place } = this;
    const tools = document.querySelector("#page-tools").content.cloneNode(true);
    this.status = tools.querySelector("[role=status]");
    this.area = document.createElement("div");
    this.area.className = "leaves";
    this.area.tabIndex = 0;
    this.area.setAttribute("role", "region");
    this.area.setAttribute("aria-label", place.dataset.name);
    this.list = tools.querySelector("[data-list]");
    this.leaves = Array.from({ length: this.pdf.numPages }, (_, index) => {
      const leaf = document.createElement("div");
      leaf.className = "leaf";
      leaf.id = `file-${this.file}-P${index + 1}`;
      leaf.dataset.page = index + 1;
      leaf.setAttribute("role", "group");
      leaf.setAttribute("aria-label", filled(words.page, { n: index + 1 }));
      leaf.style.aspectRatio = `${width} / ${height}`;
      this.list.add(new Option(filled(words.pages, { n: index + 1, all: this.pdf.numPages }), index + 1));
      return leaf;
    });
    this.area.append(...this.leaves);
    const bar = tools.querySelector(".tools");
    const strip = tools.querySelector(".thumbs");
    place.replaceChildren(tools, this.area);
    this.remark();
    this.list.addEventListener("change", () => this.go(Number(this.list.value)));
    this.area.addEventListener("scroll", () => this.scrolled(), { passive: true });
    this.zoom = new Zoom({ tools: bar, area: this.area, levels: LEVELS, begin: remembered(), show: (scale) => this.scale(scale), said: (text) => this.say(text) });
    this.search = new PageSearch(this, bar);
    this.thumbs = new Thumbnails(this, bar.querySelector("[data-thumbs]"), strip);
    const region = bar.querySelector("[data-region]");
    region.hidden = !document.querySelector("#thread-new");
    this.regions = new Regions({
      area: this.area,
      button: region,
      surfaceOf: (element) => element.closest(".leaf"),
      current: () => this.leaves[this.current - 1],
      beside: (leaf, by) => this.leaves[leaf.dataset.page - 1 + by],
      name: (leaf) => filled(words.regionPage, { n: leaf.dataset.page }),
      taken: (leaf, value) => document.dispatchEvent(new CustomEvent("cairn:point", { detail: { file: this.file, region: `page=${leaf.dataset.page}&${value}` } })),
      say: (text) => this.say(text),
    });
    attend(this);
    this.watch = new IntersectionObserver((found) => {
      for (const { target, isIntersecting } of found) this.approach(Number(target.dataset.page), isIntersecting);
      this.pump();
    }, { root: this.area, rootMargin: `${NEAR} 0px` });
    for (const leaf of this.leaves) this.watch.observe(leaf);
    // On paper there are no pages, and what is not there does not stay scrolled.
    let kept = null;
    addEventListener("beforeprint", () => { kept = this.half(); });
    addEventListener("afterprint", () => this.go(...kept));
    // Another width is another height of all pages: the same place stays in the middle.
    new ResizeObserver(() => {
      if (this.middle && this.width !== this.area.clientWidth) this.go(...this.middle);
      this.width = this.area.clientWidth;
      this.resized();
    }).observe(this.area);
  }

  say(sentence) {
    this.status.textContent = sentence;
  }

  approach(number, isNear) {
    const leaf = this.leaves[number - 1];
    const marks = leaf.querySelector(":scope > .marks");
    if (isNear) {
      this.near.add(number);
      if (!marks) mark(leaf, this.places, number);
    } else {
      this.near.delete(number);
      marks?.remove();
      this.release(number);
    }
  }

  // Drawing --------------------------------------------------------------------------------------------------------
  async pump() {
    if (this.busy) return;
    this.busy = true;
    for (let number = this.next(); number && !this.lost; number = this.next()) {
      try {
        await this.draw(number);
      } catch (error) {
        if (error?.name !== "RenderingCancelledException") this.fail(number, error instanceof TooLong);
      }
    }
    this.busy = false;
  }

  // The nearest page that is not drawn, or drawn at another size.
  next() {
    const waiting = [...this.near].filter((number) => {
      const { width, failed } = this.drawn.get(number) ?? {};
      return !failed && width !== this.leaves[number - 1].clientWidth;
    });
    return waiting.sort((a, b) => Math.abs(a - this.current) - Math.abs(b - this.current))[0];
  }

  async draw(number) {
    const leaf = this.leaves[number - 1];
    const page = await timely(this.pdf.getPage(number));
    const natural = page.getViewport({ scale: 1 });
    leaf.style.aspectRatio = `${natural.width} / ${natural.height}`;
    const width = leaf.clientWidth;
    const scale = width / natural.width;
    const sharp = Math.min(scale * Math.min(devicePixelRatio || 1, 2), Math.sqrt(PIXELS / (natural.width * natural.height)), SIDE / natural.width, SIDE / natural.height);
    const viewport = page.getViewport({ scale: sharp });
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(Math.floor(viewport.width), 1);
    canvas.height = Math.max(Math.floor(viewport.height), 1);
    const known = this.drawn.get(number);
    this.task = { number, render: page.render({ canvas, viewport }) };
    try {
      await timely(this.task.render.promise);
    } catch (error) {
      this.task.render.cancel();
      throw error;
    } finally {
      this.task = null;
    }
    this.drawn.set(number, { ...known, page, width });
    this.begun = true;
    this.late = 0;
    if (!this.near.has(number)) return this.release(number);
    leaf.style.setProperty("--total-scale-factor", scale);
    leaf.querySelector(":scope > canvas")?.remove();
    leaf.prepend(canvas);
    if (!known?.layer) await this.letter(number, page, page.getViewport({ scale }));
  }

  // The words over the picture of a page.
  async letter(number, page, viewport) {
    const leaf = this.leaves[number - 1];
    const content = await timely(page.getTextContent());
    this.read(number, content);
    if (!this.near.has(number)) return;
    const holder = document.createElement("div");
    holder.className = "textLayer";
    const layer = new this.pdfjs.TextLayer({ textContentSource: content, container: holder, viewport });
    await timely(layer.render());
    const end = document.createElement("div");
    end.className = "end";
    holder.append(end);
    if (!this.near.has(number)) return;
    leaf.querySelector(":scope > .textLayer")?.remove();
    leaf.querySelector(":scope > canvas").after(holder);
    this.drawn.set(number, { ...this.drawn.get(number), layer });
    if (!this.texts.get(number).text.trim()) this.note(leaf, words.untexted);
    this.search.paint(number);
  }

  note(leaf, sentence) {
    if (leaf.querySelector(":scope > .untexted")) return;
    const note = document.createElement("p");
    note.className = "untexted";
    note.textContent = sentence;
    leaf.append(note);
  }

  // What takes too long twice, or before anything was drawn, would go on for ever: it is ended.
  fail(number, isLate) {
    this.drawn.set(number, { failed: true });
    this.note(this.leaves[number - 1], words.undrawn);
    this.failures += 1;
    this.late = isLate ? this.late + 1 : 0;
    const isHopeless = ![...this.drawn.values()].some((one) => one.width) && this.failures >= FAILURES;
    if (isHopeless || this.late > (this.begun ? 1 : 0)) this.give(this.place.dataset.broken);
  }

  release(number) {
    const leaf = this.leaves[number - 1];
    if (this.task?.number === number) this.task.render.cancel();
    const { page, failed } = this.drawn.get(number) ?? {};
    if (!page || failed) return;
    if (isSelected(leaf) && this.drawn.size < KEPT) return; // What is being selected stays.
    for (const part of leaf.querySelectorAll(":scope > :is(canvas, .textLayer, .hits)")) {
      if (part.matches("canvas")) part.width = part.height = 0; // Its memory goes now, not some time.
      part.remove();
    }
    this.drawn.delete(number);
    page.cleanup();
  }

  // Text -----------------------------------------------------------------------------------------------------------
  read(number, { items }) {
    if (this.texts.has(number)) return;
    const starts = [];
    let text = "";
    for (const { str, hasEOL } of items) {
      starts.push(text.length);
      text += hasEOL ? `${str}\n` : str;
    }
    this.texts.set(number, { text, starts });
  }

  // The text of a page, and where each of its pieces begins in it.
  async textOf(number) {
    if (!this.texts.has(number)) {
      const page = await timely(this.pdf.getPage(number));
      this.read(number, await timely(page.getTextContent()));
      if (!this.drawn.has(number) && this.task?.number !== number) page.cleanup();
    }
    return this.texts.get(number);
  }

  // Where one is ---------------------------------------------------------------------------------------------------
  scrolled() {
    if (this.frame) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      this.middle = this.half();
      this.turn(this.middle[0]);
    });
  }

  // The page in the middle, and how far down it that is.
  half() {
    const middle = this.area.scrollTop + this.area.clientHeight / 2;
    let [low, high] = [0, this.leaves.length - 1];
    while (low < high) {
      const half = (low + high) >> 1;
      if (this.leaves[half].offsetTop + this.leaves[half].offsetHeight < middle) low = half + 1;
      else high = half;
    }
    return [low + 1, (middle - this.leaves[low].offsetTop) / this.leaves[low].offsetHeight];
  }

  turn(number) {
    if (number === this.current) return;
    this.current = number;
    for (const one of this.drawn.keys()) if (!this.near.has(one)) this.release(one); // What was selected then.
    if (document.activeElement !== this.list) this.list.value = number;
    this.thumbs.turn(number);
    document.dispatchEvent(new CustomEvent("cairn:page", { detail: { id: this.leaves[number - 1].id } }));
  }

  // Scrolls so that a page is at the top, or so that a height of it (a fraction) is in the middle.
  go(number, height = null) {
    const leaf = this.leaves[number - 1];
    if (!leaf) return;
    const top = height === null ? leaf.offsetTop - 8 : leaf.offsetTop + height * leaf.offsetHeight - this.area.clientHeight / 2;
    this.area.scrollTo({ top, behavior: "instant" });
    this.turn(number);
    this.list.value = number;
  }

  scale(factor) {
    this.area.style.setProperty("--zoom", factor);
    try { localStorage.setItem(SIZED, Math.round(factor * 100)); } catch { /* not allowed: as wide as the place next time */ }
    this.resized();
  }

  // What is drawn is stretched at once, words too, and drawn anew when the size stays.
  resized() {
    for (const [number, { page }] of this.drawn) {
      if (!page) continue;
      const leaf = this.leaves[number - 1];
      leaf.style.setProperty("--total-scale-factor", leaf.clientWidth / page.getViewport({ scale: 1 }).width);
    }
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.pump(), 150);
  }

  // Threads --------------------------------------------------------------------------------------------------------
  remark() {
    if (!this.leaves) return;
    this.places = placesIn(this.file);
    for (const number of this.near) mark(this.leaves[number - 1], this.places, number);
    this.regions?.settle();
  }

  show({ thread, page }) {
    if (this.lost) return;
    const box = this.places.find((place) => place.thread === thread)?.boxes[0];
    const number = box?.[0] ?? page;
    if (!number || !this.leaves[number - 1]) return;
    this.area.scrollIntoView({ block: "nearest", behavior: "instant" });
    this.go(number, box ? box[2] + box[4] / 2 : null);
    if (!box) return;
    const leaf = this.leaves[number - 1];
    mark(leaf, this.places, number);
    flash(leaf, thread);
  }
}
