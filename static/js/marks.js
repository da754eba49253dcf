// The places that threads are about, drawn over a page of a PDF or over a picture, each with a link to its thread.

const words = document.querySelector("#viewer-words")?.dataset ?? {};
const REGION = /^(?:page=(\d+)&)?xywh=percent:([\d.]+),([\d.]+),([\d.]+),([\d.]+)$/;
const FLASH = 2400;

// A sentence with its gaps filled.
export function filled(sentence, gaps) {
  return (sentence ?? "").replace(/\{(\w+)\}/g, (gap, name) => gaps[name] ?? gap);
}

// The threads about places in one file, as the page says them now; `boxes` are [page, left, top, width, height] in
// fractions, `number` counts the threads of the page from 1.
export function placesIn(file) {
  let all = [];
  try { all = JSON.parse(document.querySelector("#places").textContent); } catch { /* a page without threads */ }
  const threads = [...document.querySelectorAll("article.thread")].map((article) => article.id);
  return all.filter((place) => place.file === file && !["section", "whole"].includes(place.state)).map((place, index) => {
    const region = REGION.exec(place.region ?? "");
    const boxes = region ? [[Number(region[1] ?? 1), ...region.slice(2).map((value) => value / 100)]] : place.boxes ?? [];
    return { thread: place.thread, boxes, region: Boolean(region), number: threads.indexOf(`thread-${place.thread}`) + 1 || index + 1 };
  }).filter(({ boxes }) => boxes.length);
}

export function put(element, [left, top, width, height]) {
  for (const [side, value] of Object.entries({ left, top, width, height })) element.style[side] = `${100 * value}%`;
}

// Draws those of a page (of a picture, 1) over it, in place of what was drawn before.
export function mark(surface, places, page) {
  surface.querySelector(":scope > .marks")?.remove();
  const layer = document.createElement("div");
  layer.className = "marks";
  const taken = [];
  for (const { thread, boxes, region, number } of places) {
    const here = boxes.filter((box) => box[0] === page).map((box) => box.slice(1));
    if (!here.length) continue;
    const article = document.getElementById(`thread-${thread}`);
    for (const box of here) {
      const shape = document.createElement("div");
      shape.className = `mark ${region ? "region-mark" : "words-mark"} ${article?.dataset.tone ?? "theirs"}`;
      shape.dataset.thread = thread;
      put(shape, box);
      layer.append(shape);
    }
    const link = document.createElement("a");
    link.className = region ? "number" : "number aside";
    link.href = `#thread-${thread}`;
    link.dataset.thread = thread;
    link.textContent = number;
    const about = (article?.querySelector("header") ?? article)?.textContent.replace(/\s+/g, " ").trim() ?? "";
    link.setAttribute("aria-label", filled(words.mark, { n: number, about }).replace(/[:\s]+$/, ""));
    // Of a passage in the margin, of a region at its corner. Two on one place: their numbers stand beside each other.
    let left = region ? here[0][0] : 0.01;
    const top = here[0][1];
    const [wide, high] = [30 / surface.clientWidth, 26 / surface.clientHeight];
    while (taken.some(([x, y]) => Math.abs(x - left) < wide && Math.abs(y - top) < high) && left < 1 - wide) left += wide;
    taken.push([left, top]);
    link.style.left = `${100 * left}%`;
    link.style.top = `${100 * top}%`;
    layer.append(link);
  }
  if (layer.childElementCount) surface.append(layer);
}

export function flash(surface, thread) {
  for (const shape of surface.querySelectorAll(`.marks [data-thread="${CSS.escape(thread)}"]`)) {
    shape.classList.add("flash");
    setTimeout(() => shape.classList.remove("flash"), FLASH);
  }
}
