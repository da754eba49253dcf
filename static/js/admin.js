// The month's page in the admin: order by keyboard, and links that run no script of their own.
"use strict";

(() => {
  const words = document.documentElement.dataset;
  const items = (item) => [...item.parentElement.children].filter((other) => other.matches(".djn-item:not(.djn-no-drag):not(.djn-empty-form)"));

  // Each list numbers its own items; nested lists inside an item are left alone.
  const number = (list) => items(list).forEach((item, index) => {
    const field = [...item.querySelectorAll('input[name$="-position"]')]
      .find((input) => input.closest(".djn-item") === item);
    if (field) field.value = index;
  });

  const move = (button, step) => {
    const item = button.closest(".djn-item");
    const around = items(item);
    const other = around[around.indexOf(item) + step];
    if (!other) return;
    if (step < 0) other.before(item);
    else other.after(item);
    number(item);
    button.focus();
    const place = document.querySelector("#order-said") ?? document.body.appendChild(
      Object.assign(document.createElement("p"), { id: "order-said", className: "visually-hidden" }));
    place.setAttribute("role", "status");
    place.textContent = `${items(item).indexOf(item) + 1} / ${items(item).length}`;
  };

  const dress = (root) => {
    for (const link of root.querySelectorAll('a[href^="javascript:"]')) {
      link.setAttribute("href", "#");
      link.setAttribute("role", "button");
    }
    for (const item of root.querySelectorAll(".djn-item:not(.djn-no-drag), .djn-empty-form")) {
      const place = item.matches("tbody") ? item.querySelector(":scope > tr > td.original") : item.querySelector(":scope > h3");
      if (!place || place.querySelector(":scope > .order")) continue;
      const order = document.createElement("span");
      order.className = "order";
      for (const [step, sign, label] of [[-1, "↑", words.up ?? "Move up"], [1, "↓", words.down ?? "Move down"]]) {
        const button = document.createElement("button");
        button.type = "button";
        button.textContent = sign;
        button.setAttribute("aria-label", label);
        button.dataset.step = step;
        order.append(button);
      }
      place.append(order);
    }
  };

  document.addEventListener("DOMContentLoaded", () => dress(document));
  document.addEventListener("formset:added", (event) => dress(event.target.parentElement ?? document));
  document.addEventListener("click", (event) => {
    const button = event.target.closest(".order button");
    if (button) move(button, Number(button.dataset.step));
    if (event.target.closest('a[href="#"].djn-add-handler, a[href="#"].djn-remove-handler')) event.preventDefault();
  });
})();
