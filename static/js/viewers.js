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

// One after the other: each loads the library anew, and five seconds are for one.
let turn = Promise.resolve();

// Mermaid ------------------------------------------------------------------------------------------------------
function isDark() {
  const { theme } = document.documentElement.dataset;
  return theme ? theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
}

function draw(block) {
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
  const sheets = document.createElement("div");
  sheets.className = "leaves";
  sheets.tabIndex = 0;
  sheets.setAttribute("role", "region");
  sheets.setAttribute("aria-label", place.dataset.name);
  place.replaceChildren(tools(place, sheets, pdf.numPages), sheets);
  for (let number = 1; number <= pdf.numPages; number++) {
    const sheet = document.createElement("div");
    sheet.className = "leaf";
    sheet.id = `${place.closest(".file").id}-P${number}`;
    sheet.setAttribute("role", "group");
    sheet.setAttribute("aria-label", `${place.dataset.page} ${number}`);
    sheet.style.aspectRatio = `${width} / ${height}`;
    sheets.append(sheet);
    seen(sheet, () => show(pdfjs, pdf, number, sheet));
    sheet.addEventListener("redraw", () => { if (sheet.querySelector("canvas")) show(pdfjs, pdf, number, sheet); });
  }
}

// The list of pages, and how large they are drawn: 100 % is as wide as the place.
function tools(place, sheets, pages) {
  const bar = document.createElement("div");
  bar.className = "row small tools";
  const list = document.createElement("select");
  list.setAttribute("aria-label", place.dataset.page);
  for (let number = 1; number <= pages; number++) list.add(new Option(`${place.dataset.page} ${number} / ${pages}`, number));
  list.addEventListener("change", () => {
    const sheet = sheets.children[list.value - 1];
    sheets.scrollTo({ top: sheet.offsetTop - sheets.offsetTop });
  });
  sheets.addEventListener("scroll", () => {
    const middle = sheets.scrollTop + sheets.clientHeight / 2;
    const at = [...sheets.children].findIndex((sheet) => sheet.offsetTop - sheets.offsetTop + sheet.offsetHeight > middle);
    if (at >= 0 && document.activeElement !== list) list.value = at + 1;
  }, { passive: true });
  let percent = 100;
  const said = document.createElement("span");
  said.setAttribute("role", "status");
  const sized = (step) => {
    percent = Math.min(Math.max(percent + step, 50), 300);
    said.textContent = `${percent} %`;
    sheets.style.setProperty("--zoom", percent / 100);
    for (const sheet of sheets.children) sheet.dispatchEvent(new Event("redraw"));
  };
  const button = (sign, name, step) => {
    const made = document.createElement("button");
    made.type = "button";
    made.className = "button quiet small";
    made.textContent = sign;
    made.setAttribute("aria-label", name);
    made.addEventListener("click", () => sized(step));
    return made;
  };
  said.textContent = "100 %";
  bar.append(list, button("−", place.dataset.smaller, -25), said, button("+", place.dataset.larger, 25));
  return bar;
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
  await page.render({ canvas, canvasContext: canvas.getContext("2d"), viewport: sharp }).promise;
  sheet.replaceChildren(canvas);
  const text = document.createElement("div");
  text.className = "textLayer";
  sheet.append(text);
  sheet.style.setProperty("--total-scale-factor", scale);
  await new pdfjs.TextLayer({ textContentSource: page.streamTextContent(), container: text, viewport: page.getViewport({ scale }) }).render();
}

function find(root) {
  for (const block of root.querySelectorAll("pre.mermaid-source:not([data-seen])")) {
    block.dataset.seen = "";
    seen(block, () => { turn = turn.then(() => draw(block)); });
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
