// @ts-check
// What is wanted less often, behind one button.

import { h } from "../lib/dom.js";

/** @param {string} label @param {(Node | null)[]} entries */
export function menu(label, entries) {
  const kept = /** @type {Node[]} */ (entries.filter(Boolean));
  if (kept.length === 0) return null;
  const element = /** @type {HTMLDetailsElement} */ (h("details", { class: "menu" }, h("summary", { class: "button" }, label), h("div", { class: "sheet" }, kept)));
  const close = () => (element.open = false);
  element.addEventListener("click", (event) => /** @type {Element} */ (event.target).closest(".sheet button, .sheet a") && close());
  element.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !element.open) return;
    close();
    /** @type {HTMLElement} */ (element.firstElementChild).focus();
  });
  element.addEventListener("focusout", (event) => {
    const next = /** @type {Node | null} */ (event.relatedTarget);
    if (next && !element.contains(next)) close();
  });
  return element;
}
