// @ts-check
// What a trial prints, as it prints it, with a search.

import { h, replace } from "../lib/dom.js";
import { text } from "../lib/api.js";

const TAIL_BYTES = 256 * 1024;
const MOST_CHARACTERS = 1_000_000;
const MOST_SHOWN = 4_000;

export function logView() {
  const block = h("pre", { class: "block log", tabindex: "0", "aria-label": "Log" }, "Nothing printed yet.");
  const found = h("span", { class: "note", role: "status" });
  const search = h("input", { type: "search", placeholder: "Search the log", "aria-label": "Search the log", oninput: () => draw() });
  const follow = /** @type {HTMLInputElement} */ (h("input", { type: "checkbox", checked: true }));
  let [content, cursor, ended, busy] = ["", "", "", false];

  const draw = () => {
    const wanted = /** @type {HTMLInputElement} */ (search).value.toLowerCase();
    const lines = content.split("\n");
    const kept = wanted ? lines.filter((line) => line.toLowerCase().includes(wanted)) : lines;
    found.textContent = wanted ? `${kept.length} of ${lines.length} lines` : "";
    const shown = kept.slice(-MOST_SHOWN).join("\n");
    if (!content) replace(block, "Nothing printed yet.");
    else replace(block, ...(wanted ? marked(shown, wanted) : [shown]));
    if (follow.checked) block.scrollTop = block.scrollHeight;
  };
  return {
    element: block,
    tools: [found, search, h("label", { class: "check note" }, follow, "follow")],
    /** @param {any} trial */
    refresh: async (trial) => {
      if (busy || (ended && ended === trial.state)) return;
      busy = true;
      try {
        let more = true;
        while (more) {
          const answer = await text(`/trials/${trial.id}/logs`, cursor ? { after: cursor } : { tail: TAIL_BYTES });
          cursor = answer.headers.get("Caviar-Log-Cursor") ?? "";
          more = answer.headers.get("Caviar-Log-More") === "true" && answer.text !== "";
          content = (content + answer.text).slice(-MOST_CHARACTERS);
          if (answer.text) draw();
        }
        ended = trial.finished_at ? trial.state : "";
      } finally {
        busy = false;
      }
    },
  };
}

/** @param {string} shown @param {string} wanted */
function marked(shown, wanted) {
  const parts = [];
  const lower = shown.toLowerCase();
  let at = 0;
  for (let next = lower.indexOf(wanted); next >= 0; next = lower.indexOf(wanted, at)) {
    parts.push(shown.slice(at, next), h("mark", {}, shown.slice(next, next + wanted.length)));
    at = next + wanted.length;
  }
  return [...parts, shown.slice(at)];
}
