// @ts-check
// What was asked for: the study's document, to copy or to start from.

import { h, replace } from "../../lib/dom.js";
import { href } from "../../lib/route.js";
import { copyButton, panel } from "../../parts/basics.js";
import { trimmed } from "../new.js";

/** @param {string} name @returns {import("../study.js").Part} */
export function document_(name) {
  const element = h("div", { class: "stack" });
  let last = "";
  return {
    element,
    refresh: async (study) => {
      const text = JSON.stringify(trimmed(study.spec), null, 2);
      if (text === last) return;
      last = text;
      const clone = h("a", { class: "button", href: href(["new"], { from: name }) }, "Clone with edits…");
      replace(element, panel("Document", { tools: [clone, copyButton(text, "Copy", "Copy the document")] }, h("pre", { class: "block", tabindex: "0", "aria-label": "Document" }, text)));
    },
  };
}
