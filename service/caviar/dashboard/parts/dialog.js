// @ts-check
// Questions, forms and short notices.

import { h, replace } from "../lib/dom.js";

/** @typedef {{name: string, label: string, type?: string, value?: any, help?: string, options?: string[], required?: boolean, min?: number, rows?: number}} Field */

/**
 * Asks, and calls `act` with what was entered; a refusal is shown and the dialog stays.
 * @param {{title: string, text?: any, fields?: Field[], verb: string, danger?: boolean, act: (values: Record<string, string>) => Promise<any>, show: (error: any) => Node}} what
 */
export function ask(what) {
  const said = h("div", { "aria-live": "polite" });
  const submit = /** @type {HTMLButtonElement} */ (h("button", { type: "submit", class: what.danger ? "primary danger" : "primary" }, what.verb));
  const form = /** @type {HTMLFormElement} */ (
    h(
      "form",
      { method: "dialog" },
      h("h2", {}, what.title),
      typeof what.text === "string" ? h("p", { class: "muted" }, what.text) : what.text,
      (what.fields ?? []).map(field),
      said,
      h("div", { class: "actions" }, h("button", { type: "button", onclick: () => dialog.close() }, "Cancel"), submit),
    )
  );
  const dialog = /** @type {HTMLDialogElement} */ (h("dialog", { "aria-label": what.title, onclose: () => dialog.remove() }, form));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    submit.disabled = true;
    try {
      await what.act(Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, String(value)])));
      dialog.close();
    } catch (error) {
      replace(said, what.show(error));
      submit.disabled = false;
    }
  });
  document.body.append(dialog);
  dialog.showModal();
}

/** @param {Field} what */
function field(what) {
  const common = { name: what.name, required: what.required };
  let input;
  if (what.options) input = h("select", common, what.options.map((each) => h("option", { value: each, selected: each === what.value }, each)));
  else if (what.type === "area") input = h("textarea", { ...common, rows: what.rows ?? 6, spellcheck: "false", value: what.value ?? "" });
  else input = h("input", { ...common, type: what.type ?? "text", value: what.value ?? "", min: what.min, step: what.type === "number" ? "any" : null, autocomplete: "off" });
  return h("label", { class: "field" }, what.label, input, what.help ? h("small", {}, what.help) : null);
}

/** It was done: says so, and has the page look again. @param {string} said */
export function done(said) {
  toast(said);
  dispatchEvent(new CustomEvent("caviar:changed"));
}

const shelf = h("div", { class: "toasts", role: "status", "aria-live": "polite" });

/**
 * A notice for some seconds, with one thing to do about it.
 * @param {string} text
 * @param {{label: string, act: () => void}} [offer]
 */
export function toast(text, offer) {
  if (!shelf.isConnected) document.body.append(shelf);
  const act = offer && h("button", { class: "small", type: "button", onclick: () => (note.remove(), offer.act()) }, offer.label);
  const note = h("div", { class: "toast" }, h("span", { class: "grow" }, text), act);
  shelf.append(note);
  setTimeout(() => note.remove(), offer ? 10_000 : 4_000);
}
