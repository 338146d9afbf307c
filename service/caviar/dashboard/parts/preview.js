// @ts-check
// What a study would draw: warnings, a histogram per parameter, its first configurations.

import { h, svg } from "../lib/dom.js";
import { counted, number, plain, share } from "../lib/format.js";
import { panel } from "./basics.js";
import { table } from "./table.js";

const FIRST = 8;

/** @param {any} found the answer of /preview */
export function previewed(found) {
  const names = Object.keys(found.histograms);
  const warnings = found.warnings.map((/** @type {any} */ each) => h("div", { class: "advice" }, each.detail, " ", h("code", {}, each.pointer)));
  const note = found.cardinality === null ? "What 1,000 random draws look like, each on its own scale." : `${counted(found.cardinality, "configuration")} in all.`;
  const charts = names.map((name) => histogram(name, found.histograms[name]));
  const configurations = table({ label: "First configurations", key: (row) => String(row.index), columns: names.map((name) => ({ name, title: name, right: true, cell: (row) => (name in row.params ? plain(row.params[name]) : "–") })) });
  configurations.show(found.configurations.slice(0, FIRST).map((/** @type {any} */ params, /** @type {number} */ index) => ({ index, params })));
  return [
    ...warnings,
    panel("What will be drawn", { note }, h("div", { class: "histograms" }, charts)),
    panel("First configurations", { flush: true }, configurations.element),
  ];
}

/** @param {string} name @param {any} data */
function histogram(name, data) {
  const top = Math.max(1, ...data.counts);
  const bars = data.counts.map((/** @type {number} */ count, /** @type {number} */ index) => svg("rect", { x: index + 0.06, width: 0.88, y: 40 - (40 * count) / top, height: (40 * count) / top, fill: "var(--accent)", "fill-opacity": 0.75 }, svg("title", {}, `${binned(data, index)}: ${count}`)));
  const drawing = svg("svg", { viewBox: `0 0 ${data.counts.length} 40`, preserveAspectRatio: "none", role: "img", "aria-label": `Histogram of ${name}: ${ends(data)}` }, bars);
  const scale = data.scale && data.scale !== "linear" ? ` · ${data.scale}` : "";
  const active = data.active < 0.999 ? ` · in ${share(data.active, 1)}` : "";
  return h("figure", {}, h("figcaption", {}, h("b", {}, name), h("span", { class: "note" }, scale, active)), drawing, h("div", { class: "ends note number" }, ...extremes(data).map((each) => h("span", {}, each))));
}

/** @param {any} data @param {number} index */
const binned = (data, index) => (data.labels ? data.labels[index] : `${number(data.edges[index])} to ${number(data.edges[index + 1])}`);

/** @param {any} data @returns {string[]} */
function extremes(data) {
  if (data.labels) return data.labels.length <= 4 ? data.labels : [data.labels[0], data.labels[data.labels.length - 1]];
  const edges = data.edges;
  return [edges[0], edges[Math.floor(edges.length / 2)], edges[edges.length - 1]].map((each) => number(each));
}

/** @param {any} data */
const ends = (data) => extremes(data).join(" to ");
