// @ts-check
// The best value so far, in the space of a word.

import { svg } from "../lib/dom.js";

/** @param {number[]} values in the order in which they came @param {string} label */
export function sparkline(values, label) {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const width = Math.max(1, values.length - 1);
  const place = (/** @type {number} */ value) => (high === low ? 14 : 26 - ((value - low) / (high - low)) * 24);
  const steps = values.map((value, index) => `${index === 0 ? "M" : "H"}${((index / width) * 118 + 1).toFixed(1)}${index === 0 ? " " : "V"}${place(value).toFixed(1)}`);
  const line = svg("path", { d: `${steps.join("")}${values.length === 1 ? "H119" : ""}`, fill: "none", stroke: "var(--accent)", "stroke-width": 1.7, "vector-effect": "non-scaling-stroke" });
  return svg("svg", { class: "spark", viewBox: "0 0 120 28", preserveAspectRatio: "none", role: "img", "aria-label": label }, line);
}
