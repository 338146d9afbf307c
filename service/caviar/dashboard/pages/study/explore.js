// @ts-check
// All trials in several pictures at once: what is marked in one is marked in all, and listed below.

import { h, replace } from "../../lib/dom.js";
import { can } from "../../lib/abilities.js";
import { get } from "../../lib/api.js";
import { counted } from "../../lib/format.js";
import { go, here, setQuery } from "../../lib/route.js";
import { brush, clear, filterOf, markedIn, narrowedTo, pick, selected } from "../../lib/selection.js";
import { parallel } from "../../charts/parallel.js";
import { linesOf } from "../../charts/parallel_data.js";
import { picture } from "../../charts/plotly.js";
import { inRows } from "../../charts/slices.js";
import { brushedTable } from "../../parts/brushed.js";
import { editAxis, scalesOf } from "../../parts/axis_dialog.js";
import { empty, filled, panel, problem } from "../../parts/basics.js";
import { filters, pictureQuery } from "../../parts/filters.js";
import { searched } from "../../parts/trial_columns.js";
import { fork } from "./reshape.js";

/** @param {string} name @returns {import("../study.js").Part} */
export function explore(name) {
  const base = `/studies/${encodeURIComponent(name)}`;
  const open = (/** @type {number} */ number) => go(["studies", name, "trials", number]);
  const board = parallel({ brush, edit: (axis) => editAxis(axis, study) });
  const plots = {
    history: picture({ label: "History", height: 380, choose: pick, open }),
    slice: picture({ label: "Slices", height: 300, choose: pick, open }),
    contour: picture({ label: "Contour", height: 380, choose: pick, open }),
  };
  const [said, tools, note, pair] = [h("div"), h("div", { class: "tools" }), h("span", { class: "note", role: "status" }), h("span", { class: "tools", style: { margin: "0" } })];
  const rows = brushedTable(name);
  const clearing = h("button", { type: "button", class: "small", onclick: clear }, "Clear the marks");
  const forking = h("button", { type: "button", class: "small", hidden: true, onclick: () => fork(study, narrowedTo(selected(), study)) }, "Fork into the marked part…");
  const place = h("div");
  const element = h(
    "div",
    { class: "stack" },
    said,
    tools,
    panel("Parallel coordinates", { tools: [note, forking, clearing], note: "Drag along an axis to mark trials; a name opens its range and scale." }, place),
    panel("Marked trials", { flush: true, tools: [rows.link] }, rows.element),
    h("div", { class: "grid" }, panel("History", { tools: [along()] }, plots.history.element), panel("Contour", { tools: [pair] }, plots.contour.element)),
    panel("Slices", {}, plots.slice.element),
  );
  /** @type {any} */
  let study = null;
  /** @type {any} */
  let found = null;
  /** The slices as they came. @type {any} */
  let sent = null;

  const load = async () => {
    const query = pictureQuery();
    const ask = (/** @type {string} */ kind, more = {}) => get(`${base}/figures/${kind}`, { ...query, ...more });
    const shown = selected().numbers?.join(",");
    const { query: address } = here();
    const [all, history, slice, contour] = await Promise.all([ask("parallel"), ask("history", { x: address.get("x") ?? "number", trials: shown }), ask("slice", { trials: shown }), ask("contour", { params: axes(study).join(","), trials: shown })]);
    found = { all, history, slice: slice === sent ? found.slice : inRows(slice), contour };
    sent = slice;
  };
  const draw = async () => {
    if (!found) return;
    const { query } = here();
    const dimensions = found.all.data[0]?.dimensions ?? [];
    const selection = selected();
    const marked = markedIn(selection, dimensions, found.all.data[0]?.customdata ?? []);
    const lines = linesFor(found.all, study, query.get("scales") ?? "");
    if (lines.numbers.length === 0) return replace(place, empty("No trial has a value yet.", "Pictures come with the first results."));
    if (!board.element.isConnected) replace(place, board.element);
    board.show(lines, selection.ranges, marked, Number(query.get("top") ?? 100) / 100);
    const { shown, of } = found.all.layout.meta;
    note.textContent = `${marked ? `${counted(marked.size, "trial")} marked of ` : ""}${shown < of ? `${shown} shown of ${of}` : counted(of, "trial")}`;
    clearing.hidden = marked === null;
    forking.hidden = Object.keys(narrowedTo(selection, study)).length === 0 || !(await can("/studies/{study}/fork", "post"));
    await Promise.all([plots.history.show(found.history, marked), plots.slice.show(found.slice, marked), plots.contour.show(found.contour, marked), rows.show(study, marked ? filterOf(selection, study) : "")]);
  };
  const all = async () => {
    try {
      await load();
      replace(said);
    } catch (error) {
      return replace(said, problem(error));
    }
    await draw();
  };
  return {
    element,
    refresh: async (next) => {
      const first = study === null;
      study = next;
      if (first) replace(tools, ...filters());
      if (first) replace(pair, ...pairMenu(study));
      await all();
    },
    turn: () => void filled(h("div"), all),
    dispose: () => [board, ...Object.values(plots)].forEach((each) => each.dispose()),
  };
}

/** The same lines for the same data and scales, so that nothing is computed twice. */
const linesFor = (() => {
  /** @type {{figure: any, scales: string, lines: import("../../charts/parallel.js").Lines} | null} */
  let last = null;
  return (/** @type {any} */ figure, /** @type {any} */ study, /** @type {string} */ scales) => {
    if (last?.figure !== figure || last?.scales !== scales) last = { figure, scales, lines: linesOf(figure, study, scalesOf(scales)) };
    return /** @type {any} */ (last).lines;
  };
})();

function along() {
  const shown = here().query.get("x") ?? "number";
  const names = { number: "by number", time: "by time", compute: "by compute" };
  return h("select", { "aria-label": "What the history runs along", onchange: (/** @type {any} */ event) => setQuery({ x: event.target.value }) }, Object.entries(names).map(([value, text]) => h("option", { value, selected: value === shown }, text)));
}

/** @param {any} study @returns {string[]} */
function axes(study) {
  const names = searched(study);
  const chosen = (here().query.get("contour") ?? "").split(",").filter((each) => names.includes(each));
  return chosen.length === 2 ? chosen : names.slice(0, 2);
}

/** @param {any} study */
function pairMenu(study) {
  const names = searched(study);
  return [0, 1].map((index) => {
    const change = (/** @type {any} */ event) => {
      const next = axes(study);
      next[index] = event.target.value;
      setQuery({ contour: next.join(",") });
    };
    return h("select", { "aria-label": index ? "Upward" : "Across", onchange: change }, names.map((each) => h("option", { value: each, selected: each === axes(study)[index] }, each)));
  });
}
