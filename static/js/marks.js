// The places that threads are about, drawn over a page of a PDF or over a picture, each with a link to its thread.

const words = document.querySelector("#viewer-words")?.dataset ?? {};
const REGION = /^(?:page=(\d+)&)?xywh=percent:([\d.]+),([\d.]+),([\d.]+),([\d.]+)$/;
const FLASH = 2400;

// A sentence with its gaps filled.
export function filled(sentence, gaps) {
  return (sentence ?? "").replace(/\{(\w+)\}/g, (gap, name) => gaps[name] ?? gap);
}

// The threads about places in one file, as the page says them now; `boxes` are [page, left, top, width, height] in
// fractions, `number` is that of the list, none of a place without a thread.
export function placesIn(file) {
  let all = [];
  try { all = JSON.parse(document.querySelector("#places").textContent); } catch { /* a page without threads */ }
  const numbers = numbered(all);
  const shown = document.querySelector("#evidence-place");
  if (shown) all.push({ thread: "evidence", ...JSON.parse(shown.textContent) });
  const written = document.querySelector("#thread-new")?.dataset.boxes;
  if (written) all.push({ thread: "written", state: "exact", ...JSON.parse(written) });
  return all.filter((place) => place.file === file).map((place, index) => {
    const [boxes, region] = boxesOf(place);
    const number = ["evidence", "written"].includes(place.thread) ? null : numbers.get(place.thread) ?? numbers.size + index + 1;
    return { thread: place.thread, boxes, region, number };
  }).filter(({ boxes }) => boxes.length);
}

function boxesOf(place) {
  if (["section", "whole"].includes(place.state)) return [[], false];
  const region = REGION.exec(place.region ?? "");
  return region ? [[[Number(region[1] ?? 1), ...region.slice(2).map((value) => value / 100)]], true] : [place.boxes ?? [], false];
}

// One number for each thread that is drawn over a page or a picture, in the order of the list, which shows it too.
function numbered(all) {
  const drawn = new Set(all.filter((place) => boxesOf(place)[0].length).map(({ thread }) => `thread-${thread}`));
  const numbers = new Map();
  for (const article of document.querySelectorAll("article.thread")) {
    const head = article.querySelector("header h3");
    if (drawn.has(article.id)) {
      numbers.set(article.id.replace("thread-", ""), numbers.size + 1);
      if (head) head.dataset.number = numbers.size;
    } else delete head?.dataset.number;
  }
  return numbers;
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
      shape.className = `mark ${region ? "region-mark" : "words-mark"} ${article?.dataset.tone ?? (number ? "theirs" : "now")}`;
      shape.dataset.thread = thread;
      put(shape, box);
      layer.append(shape);
    }
    if (!number) continue;
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
