// @ts-check
// A parameter's own scale: values to [0, 1] and back, as the search sees them.

/** @typedef {{type: string, low?: number, high?: number, scale?: string, values?: any[], value?: any}} Parameter */
/** @typedef {{unit: (value: any) => number, value: (unit: number) => any, ticks: {unit: number, label: string}[], labels: string[] | null}} Scale */

import { number, plain } from "./format.js";

/** @param {Parameter} parameter @returns {Scale} */
export function scaleOf(parameter) {
  if (parameter.values) return labelled(parameter.values);
  if (parameter.type === "constant") return labelled([parameter.value]);
  return numeric(parameter.low ?? 0, parameter.high ?? 1, parameter.scale ?? "linear");
}

/** NaN for what is outside of the scale. @param {number} low @param {number} high @param {string} scale @returns {Scale} */
export function numeric(low, high, scale) {
  const warp = WARPS[scale] ?? WARPS.linear;
  const [from, to] = [warp.there(low), warp.there(high)];
  const width = to - from || 1;
  /** @param {any} value */
  const unit = (value) => (typeof value === "number" ? (warp.there(value) - from) / width : NaN);
  const marks = warp.ticks(low, high).filter((each) => unit(each) > -1e-9 && unit(each) < 1 + 1e-9);
  return {
    unit,
    value: (place) => warp.back(from + place * width),
    ticks: marks.map((each) => ({ unit: unit(each), label: number(each) })),
    labels: null,
  };
}

/** @param {any[]} values @returns {Scale} */
export function labelled(values) {
  const places = new Map(values.map((value, index) => [JSON.stringify(value), (index + 0.5) / values.length]));
  const labels = values.map(plain);
  return {
    unit: (value) => places.get(JSON.stringify(value)) ?? NaN,
    value: (unit) => values[Math.min(values.length - 1, Math.max(0, Math.floor(unit * values.length)))],
    ticks: labels.map((label, index) => ({ unit: (index + 0.5) / labels.length, label })),
    labels,
  };
}

/** @type {Record<string, {there: (x: number) => number, back: (x: number) => number, ticks: (low: number, high: number) => number[]}>} */
const WARPS = {
  linear: { there: (x) => x, back: (x) => x, ticks: linearTicks },
  log: { there: (x) => (x > 0 ? Math.log(x) : NaN), back: Math.exp, ticks: logTicks },
  one_minus_log: {
    there: (x) => (x < 1 ? -Math.log(1 - x) : NaN),
    back: (x) => 1 - Math.exp(-x),
    ticks: (low, high) => logTicks(1 - high, 1 - low).map((each) => Number((1 - each).toPrecision(6))),
  },
};

/** @param {number} low @param {number} high */
function linearTicks(low, high) {
  const rough = (high - low) / 4 || 1;
  const size = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((each) => each * size).find((each) => each >= rough) ?? size;
  const found = [];
  for (let index = Math.ceil(low / step - 1e-9); index * step <= high + step * 1e-9; index++) found.push(Number((index * step).toPrecision(12)));
  return found;
}

/** @param {number} low @param {number} high */
function logTicks(low, high) {
  const [first, last] = [Math.floor(Math.log10(low) + 1e-9), Math.ceil(Math.log10(high) - 1e-9)];
  if (last - first < 2) return [low, Math.sqrt(low * high), high].map((each) => Number(each.toPrecision(2)));
  const stride = Math.ceil((last - first) / 6);
  const found = [];
  for (let power = first; power <= last; power += stride) found.push(10 ** power);
  return found;
}
