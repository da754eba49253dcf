// The hand-in: the draft saves itself, files are sent one by one with their progress, and nothing typed is lost.

const form = document.querySelector("form#draft");
if (form) begin(form);

function begin(form) {
  for (const plain of form.querySelectorAll("[data-plain]")) plain.hidden = true;
  const headers = { "X-CSRFToken": document.body.dataset.csrf, "HX-Request": "true" };
  const place = form.querySelector(".sending");
  let timer = 0;
  let dirty = false;
  let turn = Promise.resolve();

  function written() {
    const data = new FormData();
    for (const name of ["version", "revision", "text", "link", "note"]) data.set(name, form.elements[name].value);
    return data;
  }
  function swap(html, id) {
    const held = document.createElement("template");
    held.innerHTML = html;
    const fresh = held.content.getElementById(id);
    const old = document.getElementById(id);
    if (!fresh || !old) return;
    old.replaceWith(fresh);
    globalThis.htmx?.process(fresh);
  }
  async function save() {
    dirty = false;
    try {
      const answer = await fetch(form.dataset.save, { method: "POST", body: written(), headers });
      if (![200, 409, 422].includes(answer.status)) throw new Error(String(answer.status));
      swap(await answer.text(), "saved");
    } catch {
      dirty = true;
      document.querySelector("#saved span, #saved")?.replaceChildren?.();
      const saved = document.getElementById("saved");
      let note = saved.querySelector(".error");
      if (!note) saved.append(note = Object.assign(document.createElement("span"), { className: "error" }));
      note.textContent = form.dataset.waiting;
      later(5000);
    }
  }
  const later = (wait) => { clearTimeout(timer); timer = setTimeout(() => { turn = turn.then(save); }, wait); };

  form.addEventListener("input", ({ target }) => {
    if (!["text", "link", "note"].includes(target.name)) return;
    dirty = true;
    later(1500);
  });
  addEventListener("pagehide", () => {
    if (!dirty) return;
    const data = written();
    data.set("csrfmiddlewaretoken", document.body.dataset.csrf);
    navigator.sendBeacon(form.dataset.save, data);
  });
  form.addEventListener("submit", () => { clearTimeout(timer); dirty = false; });

  // Files: one request each, one after the other, so that each has its own answer.
  const input = form.elements.files;
  input.addEventListener("change", () => { send([...input.files]); input.value = ""; });
  const drop = form.querySelector(".drop");
  for (const name of ["dragenter", "dragover"]) drop.addEventListener(name, (event) => { event.preventDefault(); drop.classList.add("over"); });
  for (const name of ["dragleave", "drop"]) drop.addEventListener(name, () => drop.classList.remove("over"));
  drop.addEventListener("drop", (event) => { event.preventDefault(); send([...event.dataTransfer.files]); });

  function send(files) {
    for (const file of files) {
      const row = document.createElement("li");
      const bar = document.createElement("progress");
      bar.max = 1;
      bar.value = 0;
      bar.setAttribute("aria-label", `${form.dataset.sending} ${file.name}`);
      row.append(`${file.name} `, bar);
      place.append(row);
      if (file.size > Number(form.dataset.limit)) fail(row, file, form.dataset.tooLarge);
      else turn = turn.then(() => upload(file, row, bar));
    }
  }
  function fail(row, file, why) {
    row.className = "error";
    row.setAttribute("role", "alert");
    row.textContent = `${file.name} ${why}`;
  }
  function upload(file, row, bar) {
    return new Promise((done) => {
      const request = new XMLHttpRequest();
      request.open("POST", form.dataset.files);
      for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
      request.upload.addEventListener("progress", ({ loaded, total }) => { bar.value = total ? loaded / total : 0; });
      request.addEventListener("load", () => {
        if ([200, 409, 422].includes(request.status)) {
          row.remove();
          swap(request.responseText, "draft-files");
        } else fail(row, file, form.dataset.lost);
        done();
      });
      request.addEventListener("error", () => { fail(row, file, form.dataset.lost); done(); });
      const data = new FormData();
      data.set("files", file, file.name);
      request.send(data);
    });
  }
}
