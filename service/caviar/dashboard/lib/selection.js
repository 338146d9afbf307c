// @ts-check
// Which trials are marked: ranges on axes, or numbers picked in a picture. It lives in the address, and reads as a filter.

import { here, setQuery } from "./route.js";
import { scaleOf } from "./scales.js";

/** @typedef {{name: string, low: number, high: number}} Range `low`, `high`: places on the axis */
/** @typedef {{ranges: Range[], numbers: number[] | null}} Selection */
/** @typedef {{label: string, values: (number | null)[]}} Axis */

const MOST_NUMBERS = 200;

/** @returns {Selection} */
export function selected() {
  const { query } = here();
  const ranges = (query.get("brush") ?? "").split("~").filter(Boolean).map(range).filter((each) => each !== null);
  const numbers = query.get("pick");
  return { ranges: /** @type {Range[]} */ (ranges), numbers: numbers ? numbers.split(",").map(Number) : null };
}

/** @param {Range[]} ranges */
export function brush(ranges) {
  setQuery({ brush: ranges.map((each) => `${encodeURIComponent(each.name)}:${short(each.low)}:${short(each.high)}`).join("~"), pick: null });
}

/** None: nothing is picked any more. @param {number[]} numbers */
export const pick = (numbers) => setQuery({ pick: numbers.slice(0, MOST_NUMBERS).join(","), brush: null });

export const clear = () => setQuery({ pick: null, brush: null });

/** The numbers of the marked trials; null when nothing is marked. @param {Selection} selection @param {Axis[]} axes @param {number[]} numbers */
export function markedIn(selection, axes, numbers) {
  if (selection.numbers) return new Set(selection.numbers);
  if (selection.ranges.length === 0) return null;
  const limits = selection.ranges.flatMap((each) => {
    const axis = axes.find((one) => one.label === each.name);
    return axis ? [{ ...each, values: axis.values }] : [];
  });
  return new Set(numbers.filter((_, row) => limits.every(({ values, low, high }) => inside(values[row], low, high))));
}

/** @param {number | null} place @param {number} low @param {number} high */
const inside = (place, low, high) => place !== null && place >= low && place <= high;

/** The same as the service's filter. @param {Selection} selection @param {any} study */
export function filterOf(selection, study) {
  if (selection.numbers) return `number in (${selection.numbers.join(", ")})`;
  return selection.ranges.map((each) => term(each, study)).join(" and ");
}

/** @param {Range} range @param {any} study */
function term({ name, low, high }, study) {
  const parameter = study.spec.space[name];
  if (!parameter) return `value >= ${exact(low)} and value <= ${exact(high)}`;
  const scale = scaleOf(parameter);
  if (scale.labels) {
    const values = parameter.values.filter((/** @type {any} */ value) => inside(scale.unit(value), low, high));
    return `params.${name} in (${values.map(literal).join(", ") || "''"})`;
  }
  const [from, to] = [scale.value(Math.max(0, low)), scale.value(Math.min(1, high))];
  return `params.${name} >= ${exact(from)} and params.${name} <= ${exact(to)}`;
}

/** The part of the space in the marked ranges, as changes of it. @param {Selection} selection @param {any} study @returns {Record<string, any>} */
export function narrowedTo(selection, study) {
  const axes = selection.ranges.filter((each) => each.name in study.spec.space);
  return Object.fromEntries(axes.map((each) => [each.name, part(each, study.spec.space[each.name])]));
}

/** @param {Range} range @param {any} parameter */
function part({ low, high }, parameter) {
  const scale = scaleOf(parameter);
  if (scale.labels) return { values: parameter.values.filter((/** @type {any} */ value) => inside(scale.unit(value), low, high)) };
  const [from, to] = [scale.value(Math.max(0, low)), scale.value(Math.min(1, high))];
  return parameter.type === "int" ? { low: Math.ceil(from), high: Math.floor(to) } : { low: Number(from.toPrecision(4)), high: Number(to.toPrecision(4)) };
}

/** @param {any} value */
const literal = (value) => (typeof value === "string" ? `'${value.replaceAll("'", "''")}'` : String(value));
/** @param {number} value */
const exact = (value) => String(Number(value.toPrecision(7)));
/** @param {number} value */
const short = (value) => String(Number(value.toPrecision(5)));

/** @param {string} text @returns {Range | null} */
function range(text) {
  const [name, low, high] = text.split(":");
  const [from, to] = [Number(low), Number(high)];
  return name && Number.isFinite(from) && Number.isFinite(to) ? { name: decodeURIComponent(name), low: from, high: to } : null;
}
