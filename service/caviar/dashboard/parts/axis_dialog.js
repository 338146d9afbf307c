// @ts-check
// An axis by hand: its range in numbers, and the scale it is drawn on.

import { here, setQuery } from "../lib/route.js";
import { scaleOf } from "../lib/scales.js";
import { brush, selected } from "../lib/selection.js";
import { plain } from "../lib/format.js";
import { problem } from "./basics.js";
import { ask } from "./dialog.js";

const SCALES = ["linear", "log", "one_minus_log"];

/** `a:log,b:linear` by name. @param {string} text @returns {Record<string, string>} */
export const scalesOf = (text) => Object.fromEntries(text.split(",").filter(Boolean).map((each) => each.split(":").map(decodeURIComponent)));

/** @param {import("../charts/parallel.js").Axis} axis @param {any} study */
export function editAxis(axis, study) {
  const parameter = study.spec.space[axis.label];
  const scale = parameter ? scaleOf(parameter) : null;
  const range = selected().ranges.find((each) => each.name === axis.label);
  if (scale?.labels) return pickLabel(axis, parameter, scale);
  const own = parameter?.scale ?? "linear";
  const chosen = scalesOf(here().query.get("scales") ?? "");
  const shown = (/** @type {number | undefined} */ place) => (place === undefined ? "" : String(Number((scale ? scale.value(place) : place).toPrecision(6))));
  ask({
    title: axis.label,
    fields: [
      { name: "low", label: "From", type: "number", value: shown(range?.low) },
      { name: "high", label: "To", type: "number", value: shown(range?.high) },
      { name: "scale", label: "Scale", options: parameter ? SCALES.filter((each) => drawable(each, parameter)) : ["linear", "log"], value: chosen[axis.label] ?? own, help: `Its own: ${own}.` },
    ],
    verb: "Mark",
    show: problem,
    act: async ({ low, high, scale: wanted }) => {
      const others = selected().ranges.filter((each) => each.name !== axis.label);
      const place = (/** @type {string} */ text, /** @type {number} */ end) => (text === "" ? end : scale ? scale.unit(Number(text)) : Number(text));
      const next = low === "" && high === "" ? others : [...others, { name: axis.label, low: place(low, scale ? 0 : axis.own(axis.low)), high: place(high, scale ? 1 : axis.own(axis.high)) }];
      const scales = { ...chosen, [axis.label]: wanted };
      if (wanted === own) delete scales[axis.label];
      setQuery({ scales: Object.entries(scales).map((each) => each.map(encodeURIComponent).join(":")).join(",") });
      brush(next);
    },
  });
}

/** @param {import("../charts/parallel.js").Axis} axis @param {any} parameter @param {import("../lib/scales.js").Scale} scale */
function pickLabel(axis, parameter, scale) {
  ask({
    title: axis.label,
    fields: [{ name: "value", label: "Value", options: ["any", ...parameter.values.map(plain)] }],
    verb: "Mark",
    show: problem,
    act: async ({ value }) => {
      const others = selected().ranges.filter((each) => each.name !== axis.label);
      const found = parameter.values.findIndex((/** @type {any} */ each) => plain(each) === value);
      const half = 0.5 / parameter.values.length;
      const unit = scale.unit(parameter.values[found]);
      brush(found < 0 ? others : [...others, { name: axis.label, low: unit - half, high: unit + half }]);
    },
  });
}

/** @param {string} scale @param {any} parameter */
const drawable = (scale, parameter) => scale === "linear" || (scale === "log" ? parameter.low > 0 : parameter.high < 1);
