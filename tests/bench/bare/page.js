// The least that shows the first page of a PDF.
import * as pdfjs from "./pdfjs/pdf.min.mjs";

pdfjs.GlobalWorkerOptions.workerSrc = "./pdfjs/pdf.worker.min.mjs";
const pdf = await pdfjs.getDocument({ url: "paper.pdf", standardFontDataUrl: new URL("./pdfjs/standard_fonts/", location.href).href, useWasm: false }).promise;
const page = await pdf.getPage(1);
const width = page.getViewport({ scale: 1 }).width;
const viewport = page.getViewport({ scale: 800 / width });
const canvas = document.createElement("canvas");
canvas.width = Math.floor(viewport.width);
canvas.height = Math.floor(viewport.height);
await page.render({ canvas, viewport }).promise;
document.body.append(canvas);
