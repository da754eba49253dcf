// A picture: larger and smaller, moved about, with the marks of threads; a region of it can be commented on.

import { flash, mark, placesIn } from "./marks.js";
import { Regions } from "./regions.js";
import { Zoom } from "./zoom.js";

const words = document.querySelector("#viewer-words")?.dataset ?? {};
const LEVELS = [25, 50, 75, 100, 125, 150, 200, 300, 400, 600, 800];

export class PictureViewer {
  constructor(place) {
    this.place = place; // A link around the picture, for a page without a script.
    this.file = place.closest(".file")?.id.replace("file-", "") ?? "";
  }

  start() {
    if (!this.surface && document.querySelector("#picture-tools")) this.open();
    return Promise.resolve();
  }

  open() {
    const image = this.place.querySelector("img");
    const tools = document.querySelector("#picture-tools").content.cloneNode(true);
    const bar = tools.querySelector(".tools");
    this.status = tools.querySelector("[role=status]");
    const holder = document.createElement("div");
    holder.className = "picture viewer";
    holder.dataset.seen = "";
    this.area = document.createElement("div");
    this.area.className = "wall";
    this.area.tabIndex = 0;
    this.area.setAttribute("role", "region");
    this.area.setAttribute("aria-label", image.alt);
    this.surface = document.createElement("div");
    this.surface.className = "surface";
    this.area.append(this.surface);
    holder.append(tools, this.area);
    this.place.replaceWith(holder);
    this.surface.append(image);
    this.place = holder;
    // As wide as it is, and no wider than the place: known before it has loaded, where the server knows it.
    const natural = image.width && image.getAttribute("width") ? Number(image.getAttribute("width")) : 0;
    if (natural) this.surface.style.setProperty("--natural", `${natural}px`);
    else if (!image.complete) image.addEventListener("load", () => this.grown(image), { once: true });
    else this.grown(image);
    if (image.complete && !image.naturalWidth) this.give();
    else image.addEventListener("error", () => this.give(), { once: true });
    this.zoom = new Zoom({ tools: bar, area: this.area, levels: LEVELS, show: (scale) => this.scale(scale), said: (text) => this.say(text) });
    const button = bar.querySelector("[data-region]");
    button.hidden = !document.querySelector("#thread-new");
    this.regions = new Regions({
      area: this.area,
      button,
      surfaceOf: (element) => element.closest(".surface"),
      current: () => this.surface,
      beside: () => null,
      name: () => words.regionPicture,
      taken: (_surface, value) => document.dispatchEvent(new CustomEvent("cairn:point", { detail: { file: this.file, region: value } })),
      say: (text) => this.say(text),
    });
    this.pan();
    this.remark();
  }

  // A sentence above what the browser makes of it.
  give() {
    const note = document.createElement("p");
    note.className = "help";
    note.textContent = document.querySelector("#picture-tools").dataset.broken;
    this.area.before(note);
  }

  grown(image) {
    if (image.naturalWidth) this.surface.style.setProperty("--natural", `${image.naturalWidth}px`);
  }

  scale(factor) {
    this.surface.style.setProperty("--zoom", factor);
    this.area.classList.toggle("larger", this.area.scrollWidth > this.area.clientWidth);
  }

  say(sentence) {
    this.status.textContent = sentence;
  }

  // Dragged with the mouse; a finger scrolls by itself, and so do the arrows.
  pan() {
    const { area } = this;
    let from = null;
    const isLarger = () => area.scrollWidth > area.clientWidth || area.scrollHeight > area.clientHeight;
    area.addEventListener("pointerenter", () => area.classList.toggle("larger", isLarger()));
    area.addEventListener("pointerdown", (event) => {
      if (this.regions.on || event.pointerType !== "mouse" || event.button || event.target.closest("a")) return;
      if (!isLarger()) return;
      event.preventDefault();
      area.focus({ preventScroll: true });
      area.setPointerCapture(event.pointerId);
      area.classList.add("held");
      from = [event.clientX + area.scrollLeft, event.clientY + area.scrollTop];
    });
    area.addEventListener("pointermove", ({ clientX, clientY }) => {
      if (from) area.scrollTo({ left: from[0] - clientX, top: from[1] - clientY, behavior: "instant" });
    });
    for (const end of ["pointerup", "pointercancel"]) {
      area.addEventListener(end, () => {
        from = null;
        area.classList.remove("held");
      });
    }
    // A picture that is dragged away would be a file that is dropped.
    area.addEventListener("dragstart", (event) => event.preventDefault());
  }

  remark() {
    if (!this.surface) return;
    this.places = placesIn(this.file);
    mark(this.surface, this.places, 1);
    this.regions.settle();
  }

  show({ thread }) {
    const box = this.places?.find((place) => place.thread === thread)?.boxes[0];
    if (!box) return;
    this.area.scrollIntoView({ block: "nearest", behavior: "instant" });
    const { area, surface } = this;
    area.scrollTo({
      left: (box[1] + box[3] / 2) * surface.offsetWidth - area.clientWidth / 2,
      top: (box[2] + box[4] / 2) * surface.offsetHeight - area.clientHeight / 2,
      behavior: "instant",
    });
    flash(surface, thread);
  }
}
