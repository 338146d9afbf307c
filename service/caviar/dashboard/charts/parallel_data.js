// @ts-check
// What the service sends for parallel coordinates, as axes and ranks; each axis on the scale that was chosen for it.

import { number } from "../lib/format.js";
import { numeric, scaleOf } from "../lib/scales.js";

/** @typedef {import("./parallel.js").Axis} Axis */

/** @param {any} figure @param {any} study @param {Record<string, string>} chosen scale by name @returns {import("./parallel.js").Lines} */
export function linesOf(figure, study, chosen) {
  const trace = figure.data[0];
  if (!trace) return { axes: [], numbers: [], rank: new Float32Array() };
  const metric = trace.dimensions.length - 1;
  const axes = trace.dimensions.map((/** @type {any} */ each, /** @type {number} */ index) => (index === metric ? metricAxis(each, chosen[each.label]) : parameterAxis(each, study.spec.space[each.label], chosen[each.label])));
  return { axes, numbers: trace.customdata, rank: ranks(trace.line.color, study.spec.metric.goal === "minimize") };
}

/** @param {any} dimension @param {any} parameter @param {string | undefined} scale @returns {Axis} */
function parameterAxis(dimension, parameter, scale) {
  const own = scaleOf(parameter);
  const values = floats(dimension.values);
  if (own.labels || !scale || scale === (parameter.scale ?? "linear")) {
    return { label: dimension.label, values, low: 0, high: 1, ticks: dimension.tickvals.map((/** @type {number} */ at, /** @type {number} */ index) => ({ at, label: dimension.ticktext[index] })), place: same, own: same };
  }
  const other = numeric(parameter.low, parameter.high, scale);
  const there = (/** @type {number} */ unit) => other.unit(own.value(unit));
  const back = (/** @type {number} */ place) => own.unit(other.value(place));
  return { label: dimension.label, values: values.map(there), low: 0, high: 1, ticks: other.ticks.map((each) => ({ at: each.unit, label: each.label })), place: there, own: back };
}

/** The metric's axis is in its own numbers. @param {any} dimension @param {string | undefined} scale @returns {Axis} */
function metricAxis(dimension, scale) {
  const values = floats(dimension.values);
  const [low, high] = dimension.range;
  if (scale === "log" && low > 0) {
    const shape = numeric(low, high, "log");
    return { label: dimension.label, values: values.map((each) => shape.unit(each)), low: 0, high: 1, ticks: shape.ticks.map((each) => ({ at: each.unit, label: each.label })), place: shape.unit, own: shape.value };
  }
  const spread = high > low ? high : low + 1;
  return { label: dimension.label, values, low, high: spread, ticks: [0, 0.25, 0.5, 0.75, 1].map((each) => low + each * (spread - low)).map((at) => ({ at, label: number(Number(at.toPrecision(3))) })), place: same, own: same };
}

const same = (/** @type {number} */ value) => value;

/** NaN where there is none. @param {(number | null)[]} values */
const floats = (values) => Float32Array.from(values, (each) => (each === null ? NaN : Number(each)));

/** 0 the best to 1 the worst, by place: outliers don't wash the colours out. @param {number[]} values @param {boolean} minimize */
function ranks(values, minimize) {
  const order = [...values.keys()].sort((a, b) => (minimize ? values[a] - values[b] : values[b] - values[a]));
  const rank = new Float32Array(values.length);
  order.forEach((row, place) => (rank[row] = values.length > 1 ? place / (values.length - 1) : 0));
  return rank;
}
