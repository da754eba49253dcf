// A passage that is selected in a PDF: buttons beside it, or the keys c and e, begin a comment on it or use it as evidence.

const template = document.querySelector("#pointer");
const elementOf = (node) => (node?.nodeType === Node.ELEMENT_NODE ? node : node?.parentElement);
const viewers = new Map(); // the element of a PDF → its viewer
let button = null;

// The words of a range, a line for each line of the page. A browser would part words that the page draws in pieces.
function wordsOf(range) {
  let text = "";
  const walk = document.createTreeWalker(range.commonAncestorContainer, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
  for (let node = walk.currentNode; node; node = walk.nextNode()) {
    if (!range.intersectsNode(node) || !elementOf(node).closest(".textLayer")) continue;
    if (node.nodeType === Node.TEXT_NODE) {
      text += node.data.slice(node === range.startContainer ? range.startOffset : 0, node === range.endContainer ? range.endOffset : undefined);
    } else if (node.matches("br, .textLayer")) text += "\n";
  }
  return text.trim();
}

// How many characters of its page stand before a range, counted as the server does: without white space and what is not
// seen, and each by itself, where a browser counts the halves of some.
function before(range, layer) {
  if (!layer?.contains(range.startContainer)) return null;
  const rest = new Range();
  rest.setStart(layer, 0);
  rest.setEnd(range.startContainer, range.startOffset);
  return [...rest.toString().normalize("NFKD").replace(/[\s\p{Cf}]/gu, "")].length;
}

function chosen() {
  const selection = getSelection();
  if (selection.isCollapsed || !selection.rangeCount) return null;
  const range = selection.getRangeAt(0);
  const viewer = viewers.get(elementOf(range.commonAncestorContainer).closest(".pdf"));
  const leaf = elementOf(range.startContainer).closest(".leaf") ?? elementOf(range.endContainer).closest(".leaf");
  const quote = viewer && leaf ? wordsOf(range) : "";
  if (!quote) return null;
  const start = before(range, leaf.querySelector(":scope > .textLayer")) ?? undefined;
  return { detail: { file: viewer.file, page: Number(leaf.dataset.page), quote, start }, range };
}

function begin(isClaim) {
  const place = chosen();
  if (!place) return false;
  hide();
  document.dispatchEvent(new CustomEvent("cairn:point", { detail: isClaim ? { ...place.detail, claim: true } : place.detail }));
  return true;
}

function hide() {
  button?.remove();
  button = null;
}

function offer() {
  const place = template && document.querySelector("#thread-new") && chosen();
  const boxes = place ? place.range.getClientRects() : [];
  const box = boxes[boxes.length - 1];
  if (!box) return hide();
  const frame = elementOf(place.range.startContainer).closest(".leaves").getBoundingClientRect();
  if (box.bottom < frame.top || box.top > frame.bottom) return hide();
  if (!button) {
    button = template.content.firstElementChild.cloneNode(true);
    // A press would take the selection away before the click.
    button.addEventListener("pointerdown", (event) => event.preventDefault());
    button.addEventListener("click", ({ target }) => {
      if (target.closest("button")) begin(Boolean(target.closest("[data-claim]")));
    });
    document.querySelector("main").append(button);
  }
  const left = Math.min(box.right, innerWidth - button.offsetWidth - 8);
  button.style.left = `${Math.max(left + scrollX, 8)}px`;
  button.style.top = `${Math.min(box.bottom, frame.bottom) + scrollY + 6}px`;
}

let timer = 0;
function later() {
  clearTimeout(timer);
  timer = setTimeout(offer, 150);
}

// Between lines there is nothing to hit, and a browser would select to the end of the page: an element that cannot be
// selected follows the end of the selection.
function follow() {
  const selection = getSelection();
  const layer = elementOf(selection.focusNode)?.closest(".textLayer.selecting");
  const end = layer?.querySelector(".end");
  const span = elementOf(selection.focusNode);
  if (!end || span === layer || span === end) return;
  const range = selection.getRangeAt(0);
  const isBackward = range.startContainer === selection.focusNode && range.startOffset === selection.focusOffset;
  span.parentElement.insertBefore(end, isBackward ? span : span.nextSibling);
}

function rest() {
  for (const layer of document.querySelectorAll(".textLayer.selecting")) {
    layer.classList.remove("selecting");
    const end = layer.querySelector(".end");
    if (end) layer.append(end);
  }
}

// Attends to what is selected in a viewer of pages.
export function attend(viewer) {
  if (!viewers.size) {
    document.addEventListener("selectionchange", () => {
      follow();
      later();
    });
    document.addEventListener("pointerup", rest);
    document.addEventListener("pointercancel", rest);
    // Before the page's other keys: what is selected here is this one's to comment on.
    document.addEventListener("keydown", (event) => {
      const isClaim = event.key === "e" && template?.content.querySelector("[data-claim]");
      if (!(event.key === "c" || isClaim) || !("keys" in document.body.dataset) || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.target.closest("input, textarea, select, [contenteditable], dialog[open]")) return;
      if (!document.querySelector("#thread-new") || !begin(Boolean(isClaim))) return;
      event.preventDefault();
      event.stopImmediatePropagation();
    }, true);
  }
  viewers.set(viewer.place, viewer);
  viewer.area.addEventListener("scroll", later, { passive: true });
  viewer.area.addEventListener("pointerdown", ({ target }) => {
    for (const layer of target.closest(".textLayer") ? viewer.area.querySelectorAll(".textLayer") : []) layer.classList.add("selecting");
  });
}
