// The hand-in: the draft saves itself, files are sent one by one with their progress, and nothing typed is lost.
// What is not saved yet is also kept on this device, until the server has it.
import { away, renewed, say } from "./cairn.js";

const panel = document.querySelector("#hand-in");
const form = panel?.querySelector("form#draft");
if (form) begin(form, panel.dataset.copy);
else if (panel) localStorage.removeItem(panel.dataset.copy);

function begin(form, copy) {
  const words = form.dataset;
  const headers = () => ({ "X-CSRFToken": document.body.dataset.csrf, "HX-Request": "true" });
  const sending = form.querySelector(".sending");
  let timer = 0;
  let dirty = false;
  let busy = 0; // Saves and uploads that have no answer yet; they go one after another.
  let turn = Promise.resolve();

  // The page of a refused form answers no question for it: a reload asks for the page of the work.
  if ("address" in words && !form.querySelector("[data-stale]")) history.replaceState(null, "", words.address);
  for (const plain of form.querySelectorAll("[data-plain]")) plain.hidden = true;
  restore();

  function next(act) {
    busy += 1;
    turn = turn.then(act).finally(() => { busy -= 1; });
    return turn;
  }

  // What was typed ----------------------------------------------------------------------------------------------
  function written() {
    const data = new FormData(form);
    for (const name of ["files", "csrfmiddlewaretoken"]) data.delete(name);
    return data;
  }

  function keep() {
    try { localStorage.setItem(copy, JSON.stringify([...written()])); } catch { /* no room, or not allowed: the server has it soon */ }
  }

  // With the revision it was typed into: if the draft has changed since, the server answers with both texts.
  function restore() {
    let typed = [];
    try { typed = JSON.parse(localStorage.getItem(copy) ?? "[]"); } catch { return; }
    for (const [name, value] of typed) {
      const field = form.elements[name];
      if (!field || name.startsWith("key-")) continue;
      dirty ||= field.value !== value;
      field.value = value;
    }
    if (dirty) later(0);
    else localStorage.removeItem(copy);
  }

  function swap(html, id) {
    const held = document.createElement("template");
    held.innerHTML = html;
    const fresh = held.content.getElementById(id);
    const old = document.getElementById(id);
    if (!fresh || !old) return false;
    old.replaceWith(fresh);
    globalThis.htmx?.process(fresh);
    return true;
  }

  function tell(sentence) {
    const saved = document.getElementById("saved");
    let note = saved.querySelector(".unsaved");
    if (!note) {
      saved.append(note = document.createElement("p"));
      note.className = "unsaved error";
    }
    for (const old of saved.querySelectorAll("p:not(.unsaved)")) old.hidden = true;
    note.textContent = sentence;
  }

  // What was refused of a field is said beside it: the line above may be out of sight.
  function besideFields() {
    for (const field of [form.elements.text, form.elements.link, form.elements.note]) {
      const why = document.querySelector(`#saved [data-field="${field.name}"]`);
      const id = `${field.name}-error`;
      document.getElementById(id)?.remove();
      field.removeAttribute("aria-invalid");
      if (!why) continue;
      why.id = id;
      field.setAttribute("aria-invalid", "true");
      field.setAttribute("aria-describedby", `${field.name === "text" ? "draft-text-help " : ""}${id}`);
      field.closest(".field").after(why);
    }
  }

  // The first words and the first file make a draft, and the page says so elsewhere too.
  function begun(had) {
    if (!had) document.dispatchEvent(new CustomEvent("cairn:changed"));
  }

  // Whether the server has it now.
  async function save() {
    dirty = false;
    let told = "";
    try {
      const data = written();
      const post = () => fetch(words.save, { method: "POST", body: data, headers: headers() });
      let answer = await post();
      if (answer.status === 403 && await renewed()) answer = await post();
      if (answer.redirected || answer.status === 403) {
        dirty = true;
        tell(words.gone);
        return false;
      }
      const text = await answer.text();
      told = away(answer.status, answer.headers.get("Content-Type"), text);
      if (![200, 409, 422].includes(answer.status)) throw new Error(String(answer.status));
      swap(text, "saved");
      besideFields();
      if (document.querySelector("#saved [data-stale]")) say(words.both, "warning");
      else begun(data.get("version"));
      if (answer.status === 200 && !dirty) localStorage.removeItem(copy);
      return answer.status !== 409;
    } catch {
      dirty = true;
      tell(told ? `${told} ${words.kept}` : words.waiting);
      later(5000);
      return false;
    }
  }

  // While two texts stand against each other, the person decides, not the clock.
  function later(wait) {
    clearTimeout(timer);
    timer = setTimeout(() => { if (!document.querySelector("#saved [data-stale]")) next(save); }, wait);
  }

  form.addEventListener("input", ({ target }) => {
    if (target.type === "file") return;
    keep();
    dirty = true;
    later(1500);
  });
  form.addEventListener("click", (event) => {
    if (event.target.closest("[data-theirs]")) localStorage.removeItem(copy);
    if (!event.target.closest("[data-mine]")) return;
    event.preventDefault();
    [form.elements.version.value, form.elements.revision.value] = event.target.closest("[data-mine]").value.split(" ");
    next(save);
  });
  document.querySelector("[data-discard]")?.addEventListener("submit", () => {
    clearTimeout(timer);
    dirty = false;
    localStorage.removeItem(copy);
  });
  // Back from logging in, in another tab, as well.
  for (const event of ["online", "focus"]) addEventListener(event, () => { if (dirty) later(0); });
  // Enter in a line would press the form's first button.
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing || !event.target.matches("input:not([type=file])")) return;
    event.preventDefault();
    later(0);
  });
  addEventListener("pagehide", () => {
    if (!dirty || document.querySelector("#saved [data-stale]")) return;
    const data = written();
    data.set("csrfmiddlewaretoken", document.body.dataset.csrf);
    navigator.sendBeacon(words.save, data);
  });
  // A form that overtook its own save would be a stale one, and a file on its way would be left behind. What cannot even
  // be saved is not sent: the answer would be a page without what is typed here.
  let isReady = false;
  let isWaiting = false;
  form.addEventListener("submit", async (event) => {
    clearTimeout(timer);
    if (isReady) {
      dirty = false;
      return;
    }
    event.preventDefault();
    if (isWaiting) return;
    isWaiting = true;
    const button = event.submitter;
    const label = button?.textContent;
    if (button) {
      button.setAttribute("aria-busy", "true");
      button.textContent = busy ? words.before : words.now;
    }
    const isSaved = await next(save);
    if (button) {
      button.removeAttribute("aria-busy");
      button.textContent = label;
    }
    isWaiting = false;
    if (isSaved) {
      isReady = true;
      form.requestSubmit(button);
      isReady = false;
    } else document.getElementById("saved").scrollIntoView({ block: "center" });
  });

  // A file that is gone leaves the focus with the field for others.
  document.addEventListener("htmx:after:swap", () => {
    if (document.activeElement === document.body && document.querySelector("#draft-files")) form.elements.files.focus({ preventScroll: true });
  });

  // Files -------------------------------------------------------------------------------------------------------
  const input = form.elements.files;
  input.addEventListener("change", () => { send([...input.files]); input.value = ""; });
  const drop = form.querySelector(".drop");
  for (const name of ["dragenter", "dragover"]) drop.addEventListener(name, (event) => { event.preventDefault(); drop.classList.add("over"); });
  for (const name of ["dragleave", "drop"]) drop.addEventListener(name, () => drop.classList.remove("over"));
  drop.addEventListener("drop", (event) => { event.preventDefault(); send([...event.dataTransfer.files]); });

  function send(files) {
    // What was refused is told until the same file is sent again.
    const names = files.map((file) => file.name);
    for (const old of form.querySelectorAll(".sending .error, #draft-files > .error")) {
      if (names.includes(old.dataset.file ?? old.querySelector("strong")?.textContent)) old.remove();
    }
    for (const file of files) {
      const row = document.createElement("li");
      row.dataset.file = file.name;
      sending.append(row);
      if (file.size > Number(words.limit)) fail(row, `${file.name} ${words.tooLarge}`);
      else {
        row.append(`${file.name} `, barFor(file));
        next(() => upload(file, row));
      }
    }
  }

  function barFor(file) {
    const bar = document.createElement("progress");
    bar.max = 1;
    bar.value = 0;
    bar.setAttribute("aria-label", `${words.sending} ${file.name}`);
    return bar;
  }

  function fail(row, sentence) {
    row.className = "error";
    row.setAttribute("role", "alert");
    row.textContent = sentence;
  }

  async function upload(file, row) {
    for (let wait = 3; ; wait = Math.min(wait * 2, 30)) {
      let request = await sent(file, row.querySelector("progress"));
      if (request.status === 403 && await renewed().catch(() => false)) request = await sent(file, row.querySelector("progress"));
      if ([200, 409, 422].includes(request.status) && arrived(request.responseText)) {
        if (request.status === 200) begun(form.elements.version.value);
        return row.remove();
      }
      const told = away(request.status, request.getResponseHeader("Content-Type"), request.responseText);
      if (told) return fail(row, `${file.name}: ${told}`);
      if (request.status) return fail(row, `${file.name} ${request.responseURL.includes("/login/") || request.status === 403 ? words.out : words.lost}`);
      row.replaceChildren(`${file.name}: ${words.again} `, barFor(file));
      await new Promise((done) => { setTimeout(done, wait * 1000); addEventListener("online", done, { once: true }); });
    }
  }

  function sent(file, bar) {
    return new Promise((done) => {
      const request = new XMLHttpRequest();
      request.open("POST", words.files);
      for (const [name, value] of Object.entries(headers())) request.setRequestHeader(name, value);
      request.upload.addEventListener("progress", ({ loaded, total }) => { bar.value = total ? loaded / total : 0; });
      request.addEventListener("loadend", () => done(request));
      const data = new FormData();
      data.set("files", file, file.name);
      request.send(data);
    });
  }

  // The refusals of the files before stay on the page; the list itself is always the newest.
  function arrived(html) {
    const refused = [...document.querySelectorAll("#draft-files > .error")];
    if (!swap(html, "draft-files")) return false;
    document.getElementById("draft-files").prepend(...refused);
    return true;
  }
}
