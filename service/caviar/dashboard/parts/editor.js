// @ts-check
// The document as text, in YAML or JSON. YAML is read by the service: it alone knows what a study file may say.

import { h } from "../lib/dom.js";
import { post } from "../lib/api.js";
import { toYaml } from "../lib/yaml.js";

const FORMATS = ["YAML", "JSON"];
const KEY = "caviar-editor";

/** @param {{typed: () => void}} what the text was changed by hand */
export function editor(what) {
  const area = /** @type {HTMLTextAreaElement} */ (h("textarea", { rows: 20, spellcheck: "false", "aria-label": "The study's document", oninput: what.typed }));
  let format = localStorage.getItem(KEY) === "JSON" ? "JSON" : "YAML";
  const formats = h("select", { "aria-label": "Format of the document", onchange: (/** @type {any} */ event) => turn(event.target.value) }, FORMATS.map((each) => h("option", { value: each, selected: each === format }, each)));
  /** What the text says, as it was last understood. @type {any} */
  let document_ = {};
  let said = "";

  const write = () => {
    area.value = said = format === "YAML" ? toYaml(document_) : JSON.stringify(document_, null, 2);
  };
  const turn = async (/** @type {string} */ next) => {
    await read().catch(() => {});
    localStorage.setItem(KEY, (format = next));
    write();
    what.typed();
  };
  /** The document that the text says. Throws what the reader has against it. */
  const read = async () => {
    if (area.value === said) return document_;
    const text = area.value;
    const { document } = await post("/documents", { text, format: format.toLowerCase() });
    if (text === area.value) [said, document_] = [text, document];
    return document;
  };
  return {
    area,
    formats,
    read,
    /** @param {any} next */
    show: (next) => {
      document_ = next;
      write();
    },
  };
}
