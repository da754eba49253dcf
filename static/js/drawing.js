// Inside the sandboxed frame: draws the one diagram it is told, and says how tall it became.
addEventListener("message", async ({ source: asker, data }) => {
  if (asker !== parent) return;
  // The frame knows nothing of the page around it, not even that it is dark.
  document.body.style.background = data.dark ? "#1e2122" : "#fffefb";
  try {
    mermaid.initialize({ startOnLoad: false, securityLevel: "strict", theme: data.dark ? "dark" : "neutral", htmlLabels: false, flowchart: { htmlLabels: false } });
    const { svg } = await mermaid.render("drawing", data.source);
    document.body.innerHTML = svg;
    parent.postMessage({ drawn: true, height: Math.ceil(document.querySelector("svg").getBoundingClientRect().height) }, "*");
  } catch {
    parent.postMessage({ drawn: false }, "*");
  }
});
parent.postMessage({ ready: true }, "*");
