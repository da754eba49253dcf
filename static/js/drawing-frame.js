// Draws a Mermaid block in a sandboxed frame, which knows nothing but its source.

const words = document.querySelector("#notices").dataset;
const WATCHDOG = 5000;

function isDark() {
  const { theme } = document.documentElement.dataset;
  return theme ? theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
}

// Settles when the block is drawn, or has a sentence instead.
export function draw(block) {
  return new Promise((done) => drawn(block, done));
}

function drawn(block, done) {
  const source = block.textContent;
  const frame = document.createElement("iframe");
  frame.setAttribute("sandbox", "allow-scripts");
  frame.title = words.diagram;
  frame.className = "diagram";
  frame.height = 160;
  const timer = setTimeout(() => settle(false), WATCHDOG);
  addEventListener("message", hear);
  frame.src = "/drawing/";
  block.before(frame);

  function hear({ source: from, data }) {
    if (from !== frame.contentWindow) return;
    if (data.ready) {
      frame.contentWindow.postMessage({ source, dark: isDark() }, "*");
    } else settle(data.drawn === true, Number(data.height) || 0);
  }
  function settle(drawn, height) {
    clearTimeout(timer);
    removeEventListener("message", hear);
    done();
    if (!drawn) {
      frame.remove();
      const note = document.createElement("p");
      note.className = "help undrawn";
      note.textContent = words.undrawn;
      block.before(note);
      return;
    }
    frame.height = Math.min(Math.max(height, 40) + 24, 1600);
    const details = document.createElement("details");
    const summary = document.createElement("summary");
    summary.textContent = words.source;
    details.append(summary);
    block.replaceWith(details);
    details.append(block);
  }
}
