// @ts-check
// Coarse to fine, seen: a row per parameter, trials from left to right at their values, and over them a band per round
// from bound to bound, from the trial that it began with to the next round of its box.

import { h, replace, svg } from "../lib/dom.js";
import { plain, share } from "../lib/format.js";

const HEIGHT = 100;
const MOST_DOTS = 3_000;

/**
 * @typedef {{parameter: string, low: any, high: any, unit_low: number, unit_high: number, weights: Record<string, number> | null, moved_by: number[], rule: string, reason: string}} Bound
 * @typedef {{index: number, box: number, first_number: number, finished: number, bounds: Bound[], reason: string, rule: string, best: number | null}} Round
 * @typedef {{numbers: number[], rank: Float32Array, units: Record<string, (number | null)[]>}} Points `rank`: 0 best, 1 worst
 * @typedef {{round: number, parameter: string} | null} Chosen
 */

/** @param {{choose: (round: number, parameter: string) => void, trial: (number: number) => string}} what */
export function rounds(what) {
  const rows = h("div", { class: "rounds" });
  const why = h("div", { class: "why", role: "status" });
  const legend = h("div", { class: "legend" });
  return {
    element: h("div", { class: "stack" }, legend, rows, why),
    /** @param {Round[]} list @param {Points} points @param {Chosen} chosen */
    show: (list, points, chosen) => {
      const focused = document.activeElement?.getAttribute("data-key");
      const end = Math.max(...list.map((each) => each.first_number + 1), ...points.numbers.slice(-1), 1) + 1;
      replace(legend, boxes(list).map((box) => mark(box)), h("span", {}, "dots: trials; dark: the best tenth"));
      replace(rows, names(list).map((name) => row(name, list, end, points, chosen, what.choose)), axis(end));
      replace(why, explained(list, chosen, what.trial));
      if (focused) /** @type {SVGElement | null} */ (rows.querySelector(`[data-key="${CSS.escape(focused)}"]`))?.focus();
    },
  };
}

/** @param {Round[]} list */
const names = (list) => list[0]?.bounds.map((bound) => bound.parameter) ?? [];
/** @param {Round[]} list */
const boxes = (list) => [...new Set(list.map((each) => each.box))];
/** @param {number} box */
const tint = (box) => (box === 0 ? "var(--line-strong)" : `var(--series-${((box - 1) % 6) + 1})`);
/** @param {number} box */
const mark = (box) => h("span", {}, h("i", { style: { background: tint(box) } }), box === 0 ? "the whole space" : `box ${box}`);

/** @param {number} end */
function axis(end) {
  const last = end - 1;
  return h("div", { class: "row" }, h("div"), h("div", { class: "ends note number" }, ...[0, Math.round(last / 2), last].map((each) => h("span", {}, `trial ${each}`))));
}

/** @param {string} name @param {Round[]} list @param {number} end @param {Points} points @param {Chosen} chosen @param {(round: number, parameter: string) => void} choose */
function row(name, list, end, points, chosen, choose) {
  const last = list[list.length - 1].bounds.find((each) => each.parameter === name);
  const drawing = svg("svg", { viewBox: `0 0 ${end} ${HEIGHT}`, preserveAspectRatio: "none", role: "group", "aria-label": `${name}, round by round` });
  const reachable = chosen?.parameter === name ? chosen.round : list[list.length - 1].index;
  const bands = list.flatMap((round, index) => {
    const bound = round.bounds.find((each) => each.parameter === name);
    if (!bound || round.rule === "close") return [];
    const until = list.slice(index + 1).find((each) => each.box === round.box && each.first_number > round.first_number)?.first_number ?? end;
    return [band(bound, round, until, chosen?.round === round.index && chosen.parameter === name, round.index === reachable, choose)];
  });
  drawing.append(...bands, ...dots(points, points.units[name]));
  return h("div", { class: "row" }, h("div", {}, h("b", {}, name), h("small", {}, last ? extent(last) : "")), drawing);
}

/** @param {Bound} bound @param {Round} round @param {number} until @param {boolean} pressed @param {boolean} reachable @param {(round: number, parameter: string) => void} choose */
function band(bound, round, until, pressed, reachable, choose) {
  const pick = () => choose(round.index, bound.parameter);
  const group = svg(
    "g",
    {
      class: "bound",
      "data-rule": bound.rule,
      "data-key": `${round.index} ${bound.parameter}`,
      role: "button",
      tabindex: reachable ? "0" : "-1",
      "aria-pressed": String(pressed),
      "aria-label": `Round ${round.index}, ${bound.reason}`,
      style: { color: tint(round.box) },
      onclick: pick,
      onkeydown: (/** @type {KeyboardEvent} */ event) => step(event, pick),
    },
    svg("title", {}, bound.reason),
  );
  const [x, width] = [round.first_number, Math.max(0.4, until - round.first_number)];
  for (const [top, height, strength] of parts(bound)) group.append(svg("rect", { x, width, y: top * HEIGHT, height: Math.max(1.5, height * HEIGHT), "fill-opacity": strength }));
  return group;
}

/** Top, height and strength of each part: one between the bounds, or one per label, as dark as it is likely.
 * @param {Bound} bound @returns {[number, number, number][]} */
function parts(bound) {
  if (!bound.weights) return [[1 - bound.unit_high, bound.unit_high - bound.unit_low, 0.2]];
  const weights = Object.values(bound.weights);
  return weights.map((weight, index) => [1 - (index + 1) / weights.length, 1 / weights.length, 0.04 + 0.4 * weight]);
}

/** Arrow keys walk along a parameter's rounds. @param {KeyboardEvent} event @param {() => void} pick */
function step(event, pick) {
  const element = /** @type {SVGElement} */ (event.currentTarget);
  if (event.key === "Enter" || event.key === " ") pick();
  else if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
  else {
    const next = event.key === "ArrowLeft" ? element.previousElementSibling : element.nextElementSibling;
    if (next?.classList.contains("bound")) /** @type {any} */ (next).focus();
  }
  event.preventDefault();
}

/** @param {Points} points @param {(number | null)[] | undefined} units */
function dots(points, units) {
  if (!units) return [];
  const stride = Math.max(1, Math.ceil(points.numbers.length / MOST_DOTS));
  const path = (/** @type {boolean} */ best) =>
    points.numbers.map((number, row) => {
      const unit = units[row];
      const shown = unit !== null && points.rank[row] <= 0.1 === best && (best || row % stride === 0);
      return shown ? `M${number + 0.5} ${(HEIGHT - Number(unit) * HEIGHT).toFixed(1)}h0` : "";
    }).join("");
  return [svg("path", { d: path(false), class: "dots" }), svg("path", { d: path(true), class: "dots best" })];
}

/** @param {Bound} bound */
function extent(bound) {
  if (!bound.weights) return `${plain(bound.low)} … ${plain(bound.high)}`;
  return Object.entries(bound.weights).map(([label, weight]) => `${label} ${share(weight, 1)}`).join(", ");
}

/** @param {Round[]} list @param {Chosen} chosen @param {(number: number) => string} link */
function explained(list, chosen, link) {
  const round = list.find((each) => each.index === chosen?.round);
  const bound = round?.bounds.find((each) => each.parameter === chosen?.parameter);
  if (!round || !bound) {
    const last = list[list.length - 1];
    return [h("p", {}, h("strong", {}, `Round ${last.index}: `), last.reason), h("p", { class: "note" }, "Click a band to see why that bound moved.")];
  }
  const movers = bound.moved_by.flatMap((number) => [" ", h("a", { href: link(number) }, `#${number}`)]);
  return [
    h("p", {}, h("strong", {}, `Round ${round.index}${round.box ? `, box ${round.box}` : ""}: `), bound.reason),
    h("p", { class: "note" }, `From trial ${round.first_number} on, with ${round.finished} finished.`, movers.length ? " Moved by" : "", ...movers),
  ];
}
