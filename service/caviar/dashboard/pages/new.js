// @ts-check
// A new study: a form and an editor over one document, checked and previewed while it is written.

import { h, replace } from "../lib/dom.js";
import { can } from "../lib/abilities.js";
import { get, post } from "../lib/api.js";
import { go, here } from "../lib/route.js";
import { problem } from "../parts/basics.js";
import { toast } from "../parts/dialog.js";
import { editor } from "../parts/editor.js";
import { form } from "../parts/study_form.js";
import { previewed } from "../parts/preview.js";

const PAUSE_MILLISECONDS = 350;
const START = {
  name: "my-study",
  metric: { name: "val_error", goal: "minimize" },
  train: { builtin: "mlp", options: { dataset: "digits", epochs: 20 } },
  space: {
    learning_rate: { type: "float", low: 1e-4, high: 1, scale: "log" },
    momentum: { type: "float", low: 0.9, high: 0.999, scale: "one_minus_log" },
    batch_size: { type: "int", low: 16, high: 256, scale: "log" },
  },
  search: { strategy: "coarse_to_fine" },
  stopping: { rule: "asha" },
  budget: { trials: 60, parallel: 4 },
};

/** @returns {import("../main.js").Page} */
export function newStudy() {
  const text = editor({ typed: () => later() });
  const [said, result, place] = [h("div", { "aria-live": "polite" }), h("div", { class: "stack" }), h("div")];
  const submit = /** @type {HTMLButtonElement} */ (h("button", { type: "button", class: "primary", onclick: () => create() }, "Create the study"));
  /** @type {any} */
  let draft = null;
  let timer = 0;
  let turn = 0;

  const fields = form((next) => {
    text.show((draft = next));
    later();
  });
  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(check, PAUSE_MILLISECONDS);
  };
  /** What is written is read, shown in the form, and previewed. */
  const check = async () => {
    const mine = (turn += 1);
    try {
      const read = await text.read();
      if (mine !== turn) return;
      if (read !== draft) fields.show((draft = read));
      const found = await post("/preview", read);
      if (mine !== turn) return;
      submit.disabled = false;
      fields.point([]);
      replace(said);
      replace(result, ...previewed(found));
    } catch (error) {
      if (mine === turn) refused(error);
    }
  };
  const refused = (/** @type {any} */ error) => {
    submit.disabled = true;
    fields.point((error.errors ?? []).map((/** @type {any} */ each) => each.pointer));
    replace(said, problem(error));
  };
  const create = async () => {
    submit.disabled = true;
    try {
      const made = await post("/studies", await text.read());
      toast(`${made.name} was created.`);
      go(["studies", made.name]);
    } catch (error) {
      refused(error);
    }
  };
  const element = h(
    "div",
    {},
    h("div", { class: "head" }, h("h1", { class: "grow" }, "New study"), submit),
    h("div", { class: "two" }, h("div", { class: "stack" }, place, h("section", { class: "panel", "aria-label": "Document" }, h("header", {}, h("h2", {}, "Document"), h("span", { class: "note" }, "the same study as text: paste a study file"), text.formats), h("div", { class: "body" }, text.area))), h("div", { class: "stack" }, said, result)),
  );
  const refresh = async () => {
    if (draft !== null) return;
    if (!(await can("/studies", "post"))) throw new Error("Your role looks on: an admin makes a token of role submitter, and `caviar login-link` with it opens this page.");
    draft = await first();
    replace(place, fields.element);
    fields.show(draft);
    text.show(draft);
    element.setAttribute("data-loaded", "");
    await check();
  };
  return { element, title: "New study", refresh, poll: 3_600_000, dispose: () => clearTimeout(timer) };
}

/** A study to start from: the one the address names, else an example. */
async function first() {
  const from = here().query.get("from");
  if (!from) return structuredClone(START);
  const { spec } = await get(`/studies/${encodeURIComponent(from)}`);
  return { ...trimmed(spec), name: `${spec.name}-again`.slice(0, 200) };
}

/** Without what is not set. @param {any} document @returns {any} */
export function trimmed(document) {
  if (Array.isArray(document) || document === null || typeof document !== "object") return document;
  const kept = Object.entries(document).filter(([, value]) => value !== null && !(typeof value === "object" && Object.keys(value).length === 0));
  return Object.fromEntries(kept.map(([name, value]) => [name, trimmed(value)]));
}
