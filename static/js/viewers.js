// Shows what was handed in: Mermaid blocks, PDFs and pictures, each begun when it comes near the window.

import { draw } from "./drawing-frame.js";
import { PageViewer } from "./pages.js";
import { PictureViewer } from "./pictures.js";

const viewers = new Map(); // file → its viewer

const MARGIN = 600;

function seen(element, act) {
  const { top, bottom } = element.getBoundingClientRect();
  if (bottom > -MARGIN && top < innerHeight + MARGIN && element.checkVisibility()) return act(); // A frame earlier.
  const watch = new IntersectionObserver(([entry]) => {
    if (!entry.isIntersecting) return;
    watch.disconnect();
    act();
  }, { rootMargin: `${MARGIN}px` });
  watch.observe(element);
}

// One after the other: each loads the library anew, and five seconds are for one.
let turn = Promise.resolve();

function find(root) {
  for (const block of root.querySelectorAll("pre.mermaid-source:not([data-seen])")) {
    block.dataset.seen = "";
    seen(block, () => { turn = turn.then(() => draw(block)); });
  }
  for (const place of root.querySelectorAll(".pdf:not([data-seen]), .picture:not([data-seen])")) {
    place.dataset.seen = "";
    const viewer = place.matches(".pdf") ? new PageViewer(place) : new PictureViewer(place);
    viewers.set(viewer.file, viewer);
    seen(place, () => viewer.start());
  }
}
find(document);
const remark = () => { for (const viewer of viewers.values()) viewer.remark(); };
document.addEventListener("htmx:after:swap", () => {
  find(document);
  remark();
});
document.addEventListener("cairn:news", remark);
document.addEventListener("cairn:left", remark);
document.addEventListener("cairn:show", async ({ detail }) => {
  const viewer = viewers.get(detail.file);
  if (!viewer) return;
  await viewer.start();
  viewer.show(detail);
});
