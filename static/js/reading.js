// The text of the work as the server has read it: where its characters are in the page, and what is selected of it.
// An element that shows a block says as `data-start` where that begins.

const work = document.querySelector("#work");
const HALF = /[\ud800-\udbff]/;

// The server counts characters, a browser counts the halves of some.
const length = (text) => (HALF.test(text) ? [...text].length : text.length);
const halves = (text, characters) => (HALF.test(text) ? [...text].slice(0, characters).join("").length : characters);

const holderOf = (file) => document.getElementById(file ? `file-${file}` : "text");
const blocksOf = (holder) => [...(holder?.querySelectorAll("[data-start]") ?? [])].sort((a, b) => a.dataset.start - b.dataset.start);

// The node and offset of a character of a block, and the last of them where it has no such.
function at(block, character) {
  const walk = document.createTreeWalker(block, NodeFilter.SHOW_TEXT);
  let node = walk.nextNode();
  let left = character;
  while (node) {
    const size = length(node.data);
    if (left <= size) return [node, halves(node.data, left)];
    left -= size;
    const next = walk.nextNode();
    if (!next) return [node, node.data.length];
    node = next;
  }
  return [block, 0];
}

// The pieces of a passage, one for each block that it goes through.
export function rangesOf({ file, start, end }, known) {
  if (!known.has(file)) known.set(file, blocksOf(holderOf(file)).map((block) => [block, Number(block.dataset.start), length(block.textContent)]));
  const ranges = [];
  for (const [block, from, size] of known.get(file)) {
    const [first, last] = [Math.max(start - from, 0), Math.min(end - from, size)];
    if (first >= last) continue;
    const range = new Range();
    range.setStart(...at(block, first));
    range.setEnd(...at(block, last));
    ranges.push(range);
  }
  return ranges;
}

// What is selected: the words, block by block, and where they begin; nothing outside the work's text.
export function selected() {
  const selection = getSelection();
  if (!work || selection.isCollapsed || !selection.rangeCount) return null;
  const range = selection.getRangeAt(0);
  const around = range.commonAncestorContainer;
  const holder = (around.nodeType === Node.TEXT_NODE ? around.parentElement : around).closest("[data-file]");
  if (!holder || !work.contains(holder)) return null;
  const pieces = [];
  let start;
  let end;
  for (const block of blocksOf(holder)) {
    if (!range.intersectsNode(block)) continue;
    const piece = new Range();
    piece.selectNodeContents(block);
    const before = piece.cloneRange();
    if (block.contains(range.startContainer)) piece.setStart(range.startContainer, range.startOffset);
    if (block.contains(range.endContainer)) piece.setEnd(range.endContainer, range.endOffset);
    if (!piece.toString().trim()) continue;
    before.setEnd(piece.startContainer, piece.startOffset);
    start ??= Number(block.dataset.start) + length(before.toString());
    end = Number(block.dataset.start) + length(before.toString()) + length(piece.toString());
    pieces.push(piece.toString());
  }
  return pieces.length ? { file: holder.dataset.file, quote: pieces.join("\n"), start, end, range } : null;
}
