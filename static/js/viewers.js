// Draws what the page holds as text or as an address: Mermaid blocks in a sandboxed frame, PDFs page by page.

const words = document.querySelector("#notices").dataset;
const WATCHDOG = 5000;

function seen(element, act) {
  const watch = new IntersectionObserver(([entry]) => {
    if (!entry.isIntersecting) return;
    watch.disconnect();
    act();
  }, { rootMargin: "600px" });
  watch.observe(element);
}

// Mermaid ------------------------------------------------------------------------------------------------------
function draw(block) {
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
      const dark = getComputedStyle(document.documentElement).colorScheme.includes("dark")
        && (document.documentElement.dataset.theme === "dark" || matchMedia("(prefers-color-scheme: dark)").matches);
      frame.contentWindow.postMessage({ source, dark: dark && document.documentElement.dataset.theme !== "light" }, "*");
    } else settle(data.drawn === true, data.height);
  }
  function settle(drawn, height) {
    clearTimeout(timer);
    removeEventListener("message", hear);
    if (!drawn) {
      frame.remove();
      const note = document.createElement("p");
      note.className = "help";
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

// PDF ----------------------------------------------------------------------------------------------------------
async function read(place) {
  const pdfjs = await import(place.dataset.vendor);
  const folder = new URL("./", new URL(place.dataset.vendor, location.href)).href;
  pdfjs.GlobalWorkerOptions.workerSrc = folder + "pdf.worker.min.mjs";
  const asked = pdfjs.getDocument({
    url: place.dataset.pdf,
    isEvalSupported: false,
    useWasm: false,
    wasmUrl: folder + "wasm/",
    standardFontDataUrl: folder + "standard_fonts/",
    cMapUrl: folder + "cmaps/",
    cMapPacked: true,
  });
  const pdf = await asked.promise;
  const first = await pdf.getPage(1);
  const { width, height } = first.getViewport({ scale: 1 });
  place.replaceChildren();
  for (let number = 1; number <= pdf.numPages; number++) {
    const sheet = document.createElement("div");
    sheet.className = "sheet";
    sheet.id = `${place.closest(".file").id}-P${number}`;
    sheet.setAttribute("role", "group");
    sheet.setAttribute("aria-label", `${place.dataset.page} ${number}`);
    sheet.style.aspectRatio = `${width} / ${height}`;
    place.append(sheet);
    seen(sheet, () => show(pdfjs, pdf, number, sheet));
  }
}

async function show(pdfjs, pdf, number, sheet) {
  const page = await pdf.getPage(number);
  const natural = page.getViewport({ scale: 1 });
  sheet.style.aspectRatio = `${natural.width} / ${natural.height}`;
  const scale = sheet.clientWidth / natural.width;
  const sharp = page.getViewport({ scale: scale * Math.min(devicePixelRatio || 1, 2) });
  const canvas = document.createElement("canvas");
  canvas.width = sharp.width;
  canvas.height = sharp.height;
  sheet.append(canvas);
  await page.render({ canvas, canvasContext: canvas.getContext("2d"), viewport: sharp }).promise;
  const text = document.createElement("div");
  text.className = "textLayer";
  sheet.append(text);
  sheet.style.setProperty("--total-scale-factor", scale);
  await new pdfjs.TextLayer({ textContentSource: page.streamTextContent(), container: text, viewport: page.getViewport({ scale }) }).render();
}

function find(root) {
  for (const block of root.querySelectorAll("pre.mermaid-source:not([data-seen])")) {
    block.dataset.seen = "";
    seen(block, () => draw(block));
  }
  for (const place of root.querySelectorAll(".pdf:not([data-seen])")) {
    place.dataset.seen = "";
    seen(place, () => read(place).catch(() => {
      const note = document.createElement("p");
      note.className = "help";
      note.textContent = place.dataset.broken;
      place.replaceChildren(note);
    }));
  }
}
find(document);
document.addEventListener("htmx:after:swap", () => find(document));
