// @ts-check
// Coarse to fine, seen: a row per parameter, a band per round from bound to bound, the round's trials in it.

import { h, replace, svg } from "../lib/dom.js";
import { plain, share } from "../lib/format.js";
import { scaleOf } from "../lib/scales.js";

const HEIGHT = 100;

/**
 * @typedef {{parameter: string, low: any, high: any, unit_low: number, unit_high: number, weights: Record<string, number> | null, moved_by: number[], rule: string, reason: string}} Bound
 * @typedef {{index: number, box: number, first_number: number, finished: number, bounds: Bound[], reason: string, rule: string, best: number | null}} Round
 * @typedef {{number: number, round: number, params: Record<string, any>, value: number | null}} Point
 */

/**
 * @param {{choose: (round: number, parameter: string) => void, trial: (number: number) => string}} what
 */
export function rounds(what) {
  const rows = h("div", { class: "rounds" });
  const why = h("div", { class: "why", role: "status" });
  const legend = h("div", { class: "legend" }, mark("var(--accent)", "narrowed"), mark("var(--series-2)", "moved"), mark("var(--line-strong)", "stayed"), h("span", {}, "dots: finished trials, dark: best tenth"));
  return {
    element: h("div", { class: "stack" }, legend, rows, why),
    /** @param {Round[]} list @param {Record<string, any>} space @param {Point[]} points @param {{round: number, parameter: string} | null} chosen */
    show: (list, space, points, chosen) => {
      const focused = document.activeElement?.getAttribute("data-key");
      replace(rows, names(list).map((name) => row(name, list, space, points, chosen, what.choose)));
      replace(why, explained(list, chosen, what.trial));
      if (focused) /** @type {SVGElement | null} */ (rows.querySelector(`[data-key="${CSS.escape(focused)}"]`))?.focus();
    },
  };
}

/** @param {Round[]} list */
const names = (list) => list[0]?.bounds.map((bound) => bound.parameter) ?? [];

/** @param {string} colour @param {string} text */
const mark = (colour, text) => h("span", {}, h("i", { style: { background: colour } }), text);

/**
 * @param {string} name @param {Round[]} list @param {Record<string, any>} space @param {Point[]} points
 * @param {{round: number, parameter: string} | null} chosen @param {(round: number, parameter: string) => void} choose
 */
function row(name, list, space, points, chosen, choose) {
  const bounds = list.map((round) => round.bounds.find((each) => each.parameter === name));
  const last = bounds[bounds.length - 1];
  const drawing = svg("svg", { viewBox: `0 0 ${list.length} ${HEIGHT}`, preserveAspectRatio: "none", role: "group", "aria-label": `${name} round by round` });
  bounds.forEach((bound, index) => {
    if (!bound) return;
    const pressed = chosen?.round === list[index].index && chosen.parameter === name;
    drawing.append(...shapes(bound, index, list[index], pressed, index === (chosen?.parameter === name ? list.findIndex((each) => each.index === chosen.round) : bounds.length - 1), choose));
  });
  drawing.append(...dots(name, list, space[name], points));
  return h("div", { class: "row" }, h("div", {}, h("b", {}, name), h("small", {}, last ? extent(last) : "")), drawing);
}

/** @param {Bound} bound @param {number} index @param {Round} round @param {boolean} pressed @param {boolean} reachable @param {(round: number, parameter: string) => void} choose */
function shapes(bound, index, round, pressed, reachable, choose) {
  const pick = () => choose(round.index, bound.parameter);
  const common = {
    class: "bound",
    "data-rule": bound.rule,
    "data-key": `${round.index} ${bound.parameter}`,
    role: "button",
    tabindex: reachable ? "0" : "-1",
    "aria-pressed": String(pressed),
    "aria-label": `Round ${round.index}, ${bound.reason}`,
    onclick: pick,
    onkeydown: (/** @type {KeyboardEvent} */ event) => step(event, pick),
  };
  const [x, width] = [index + 0.06, 0.88];
  if (!bound.weights) {
    const height = Math.max(1.5, (bound.unit_high - bound.unit_low) * HEIGHT);
    return [svg("rect", { ...common, x, width, y: HEIGHT - bound.unit_high * HEIGHT, height }, svg("title", {}, bound.reason))];
  }
  const group = svg("g", common, svg("title", {}, bound.reason));
  let top = 0;
  Object.values(bound.weights).forEach((weight, order) => {
    group.append(svg("rect", { x, width, y: top * HEIGHT, height: weight * HEIGHT, style: { fill: `var(--series-${(order % 6) + 1})`, stroke: "var(--panel)" } }));
    top += weight;
  });
  return [group];
}

/** Arrow keys walk along a parameter's rounds. @param {KeyboardEvent} event @param {() => void} pick */
function step(event, pick) {
  const element = /** @type {SVGElement} */ (event.currentTarget);
  const way = { ArrowLeft: "previousElementSibling", ArrowRight: "nextElementSibling" }[event.key];
  if (event.key === "Enter" || event.key === " ") pick();
  else if (!way) return;
  else {
    const next = /** @type {SVGElement | null} */ (/** @type {any} */ (element)[way]);
    if (next?.classList.contains("bound")) next.focus();
  }
  event.preventDefault();
}

/** @param {string} name @param {Round[]} list @param {any} parameter @param {Point[]} points */
function dots(name, list, parameter, points) {
  if (!parameter || parameter.values) return [];
  const scale = scaleOf(parameter);
  const places = new Map(list.map((round, index) => [round.index, index]));
  const cut = Math.max(1, Math.ceil(points.length / 10));
  return points.flatMap((point, rank) => {
    const column = places.get(point.round);
    const unit = scale.unit(point.params[name]);
    if (column === undefined || !(unit >= 0 && unit <= 1)) return [];
    const jitter = 0.15 + 0.7 * ((point.number * 0.618034) % 1);
    const [x, y] = [column + jitter, HEIGHT - unit * HEIGHT];
    const best = rank < cut;
    return [svg("path", { d: `M${x} ${y}h0`, stroke: best ? "var(--text)" : "var(--faint)", "stroke-width": best ? 5 : 3, "stroke-linecap": "round", "vector-effect": "non-scaling-stroke", "stroke-opacity": best ? 0.95 : 0.55, "pointer-events": "none" })];
  });
}

/** @param {Bound} bound */
function extent(bound) {
  if (!bound.weights) return `${plain(bound.low)} … ${plain(bound.high)}`;
  return Object.entries(bound.weights).map(([label, weight]) => `${label} ${share(weight, 1)}`).join(", ");
}

/** @param {Round[]} list @param {{round: number, parameter: string} | null} chosen @param {(number: number) => string} link */
function explained(list, chosen, link) {
  const round = list.find((each) => each.index === chosen?.round);
  const bound = round?.bounds.find((each) => each.parameter === chosen?.parameter);
  if (!round || !bound) {
    const last = list[list.length - 1];
    return [h("strong", {}, `Round ${last.index}: `), last.reason, h("p", { class: "note" }, "Click a band to see why that bound moved.")];
  }
  const movers = bound.moved_by.flatMap((number) => [" ", h("a", { href: link(number) }, `#${number}`)]);
  return [
    h("p", {}, h("strong", {}, `Round ${round.index}: `), bound.reason),
    h("p", { class: "note" }, `From trial ${round.first_number} on, with ${round.finished} finished.`, movers.length ? " Moved by" : "", ...movers),
  ];
}
