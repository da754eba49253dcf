// The admin: a month's lists in order by keyboard, and names for what the admin's own pages leave without one.
"use strict";

(() => {
  const items = (list) => [...list.children].filter((one) => one.matches(".djn-item:not(.djn-no-drag)"));
  const lists = (group) => [...document.querySelectorAll(`.djn-group-nested[data-inline-model="${group.dataset.inlineModel}"]`)]
    .filter((one) => !one.closest(".djn-empty-form"));

  const say = (item) => {
    const place = document.getElementById("order-said");
    const around = items(item.parentElement);
    place.textContent = place.dataset.said
      .replace("{place}", around.indexOf(item) + 1).replace("{count}", around.length);
  };

  // Past the end of a week's list, an item goes on in the next week's. The forms are numbered anew by nested-admin,
  // and their positions when the page is sent.
  const carry = (item, step) => {
    const group = item.closest(".djn-group");
    const around = lists(group);
    const next = around[around.indexOf(group) + step];
    if (!next || !group.matches(".djn-group-nested")) return false;
    const list = next.querySelector(":scope > .djn-items");
    list.querySelector(step < 0 ? ":scope > .djn-empty-form" : ":scope > .djn-no-drag")[step < 0 ? "before" : "after"](item);
    const { jQuery } = window.django;
    jQuery(next).djangoFormset().spliceInto(jQuery(item));
    return true;
  };

  const move = (button) => {
    const item = button.closest(".djn-item");
    const step = Number(button.dataset.step);
    const around = items(item.parentElement);
    const other = around[around.indexOf(item) + step];
    if (other) other[step < 0 ? "before" : "after"](item);
    else if (!carry(item, step)) return;
    button.focus();
    say(item);
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest(".order button");
    if (button) move(button);
  });
  document.addEventListener("formset:added", (event) => {
    const field = event.target.querySelector(":scope .fields :is(textarea, input:not([type=hidden]), select)");
    if (event.target.matches(".djn-item")) field?.focus();
  });
  document.addEventListener("formset:removed", (event) => {
    document.querySelector(`[id="${event.detail?.formsetName}-group"] > .djn-add-item > button`)?.focus();
  });

  // Tables of inlines name their fields by the column alone, and dates with a time by a word that is no label.
  const name = (field, words) => {
    if (!field.labels?.length && !field.getAttribute("aria-label")) field.setAttribute("aria-label", words.trim());
  };
  const mend = () => {
    for (const table of document.querySelectorAll(".inline-group .tabular table")) {
      const heads = [...table.querySelectorAll("thead th")];
      for (const row of table.querySelectorAll("tbody tr")) {
        [...row.cells].forEach((cell, index) => cell.querySelectorAll("input:not([type=hidden]), select, textarea")
          .forEach((field) => name(field, heads[index]?.textContent ?? "")));
      }
      for (const head of heads.filter((one) => !one.textContent.trim())) {
        head.replaceWith(Object.assign(document.createElement("td"), { className: head.className }));
      }
    }
    // On a phone a table is moved sideways, by the keyboard too.
    for (const group of document.querySelectorAll(".js-inline-admin-formset")) {
      if (!group.querySelector("a[href], button, select, textarea, input:not([type=hidden])")) group.tabIndex = 0;
    }
    for (const field of document.querySelectorAll(".datetime input:not([type=hidden])")) {
      const label = field.closest(".form-row")?.querySelector("label, legend")?.textContent ?? "";
      name(field, `${label} ${field.previousSibling?.textContent ?? ""}`);
    }
  };
  // Fields that complete what is typed are built when the page is there; they take the name of what they stand for.
  const nameCompleted = () => {
    for (const shown of document.querySelectorAll(".select2-selection__rendered[role]")) {
      const field = shown.closest(".select2")?.previousElementSibling;
      if (field?.labels?.length) name(shown, field.labels[0].textContent.replace(/:\s*$/, ""));
    }
  };
  window.addEventListener("load", () => setTimeout(nameCompleted));

  // A month is edited for a while: leaving it with something unsaved is asked about.
  let unsaved = Boolean(document.querySelector("#changes"));
  const month = document.querySelector("#month_form");
  for (const event of ["input", "change"]) month?.addEventListener(event, () => { unsaved = true; });
  month?.addEventListener("submit", () => { unsaved = false; });
  window.addEventListener("beforeunload", (event) => { if (unsaved) event.preventDefault(); });

  // A month is a long page: go to the first thing to correct.
  const open = () => {
    mend();
    document.querySelector('#month_form [aria-invalid="true"]:not([type="hidden"])')?.focus();
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", open);
  else open();
})();
