// @ts-check
// Who trained what, and when nobody did.

import { h, replace } from "../../lib/dom.js";
import { get } from "../../lib/api.js";
import { counted, duration, share } from "../../lib/format.js";
import { go } from "../../lib/route.js";
import { clear, filterOf, pick, selected } from "../../lib/selection.js";
import { timeline } from "../../charts/timeline.js";
import { lanesOf } from "../../charts/timeline_data.js";
import { empty, panel, problem } from "../../parts/basics.js";
import { brushedTable } from "../../parts/brushed.js";
import { filters, pictureQuery } from "../../parts/filters.js";
import { marked } from "../../parts/marks.js";

const LEGEND = [["--good", "completed"], ["--warn", "stopped early"], ["--danger", "failed, or lost (thin)"], ["--info", "running"], ["--violet", "given back (thin)"], ["--text", "begins another attempt"]];

/** @param {string} name @returns {import("../study.js").Part} */
export function workers(name) {
  const board = timeline({ open: (number) => go(["studies", name, "trials", number]), choose: pick });
  const [place, tools, note] = [h("div"), h("div", { class: "tools" }), h("span", { class: "note", role: "status" })];
  const clearing = h("button", { type: "button", class: "small", hidden: true, onclick: clear }, "Clear the marks");
  const rows = brushedTable(name);
  const legend = h("div", { class: "legend" }, LEGEND.map(([colour, text]) => h("span", {}, h("i", { style: { background: `var(${colour})` } }), text)));
  const element = h(
    "div",
    { class: "stack" },
    tools,
    panel("Workers over time", { tools: [note, clearing], note: "A lane per slot, a bar per attempt: what is empty was idle. Click a bar to open its trial, drag to mark those of a span of time." }, legend, place),
    panel("Marked trials", { flush: true, tools: [rows.link] }, rows.element),
  );
  /** @type {any} */
  let study = null;
  /** The picture as it came, and its lanes. @type {any} */
  let [sent, lanes] = [null, null];

  const draw = async () => {
    const figure = await get(`/studies/${encodeURIComponent(name)}/figures/timeline`, pictureQuery());
    const chosen = await marked(name);
    clearing.hidden = chosen === null;
    await rows.show(study, chosen ? filterOf(selected(), study) : "");
    if (figure.data.length === 0) return replace(place, empty("Nothing has run yet.", "The first trial draws the first bar."));
    if (figure !== sent) lanes = lanesOf(figure);
    sent = figure;
    if (!board.element.isConnected) replace(place, board.element);
    board.show(lanes, chosen);
    note.textContent = `${counted(lanes.names.length, "slot")} over ${duration(lanes.to - lanes.from)}, ${share(1 - lanes.busy, 1)} idle`;
  };
  const shown = () => draw().catch((error) => replace(place, problem(error)));
  return {
    element,
    refresh: async (next) => {
      if (study === null) replace(tools, ...filters().slice(0, 2));
      study = next;
      await shown();
    },
    turn: () => study && void shown(),
    dispose: board.dispose,
  };
}
