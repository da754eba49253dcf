// Passwords that can be looked at, the browser's time zone, and passkeys where the browser has them.

for (const input of document.querySelectorAll("input[type=password]")) {
  const place = document.createElement("div");
  place.className = "secret";
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button quiet small";
  const say = (shown) => {
    input.type = shown ? "text" : "password";
    button.textContent = shown ? "Hide" : "Show";
    button.setAttribute("aria-pressed", shown);
  };
  input.before(place);
  place.append(input, button);
  button.addEventListener("click", () => say(input.type === "password"));
  // A browser keeps what was in a text field; a password is not for keeping.
  input.form?.addEventListener("submit", () => say(false));
  say(false);
}

const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
const hidden = document.querySelector("input[data-zone]");
if (hidden && !hidden.value) hidden.value = zone ?? "";
const offer = document.querySelector("[data-zone-offer]");
const chosen = document.querySelector("input[list=zones]");
if (offer && chosen && zone && chosen.value !== zone) {
  offer.hidden = false;
  chosen.closest(".field, p, div").after(offer);
  offer.querySelector("[data-zone-name]").textContent = zone;
  offer.querySelector("button").addEventListener("click", () => {
    chosen.value = zone;
    offer.hidden = true;
    chosen.focus();
  });
}

if (window.PublicKeyCredential) {
  for (const way of document.querySelectorAll("[data-passkey]")) way.hidden = false;
}
document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  for (const sentence of document.querySelectorAll("[data-passkey-failure]")) sentence.hidden = false;
});
