// @ts-check
// Parallel coordinates: a line per trial across an axis per parameter. Drag along an axis to mark, click to let go.

import { h, replace } from "../lib/dom.js";
import { number } from "../lib/format.js";
import { colour } from "../lib/theme.js";
import { canvas } from "./canvas.js";
import { shade } from "./colours.js";
import { lines } from "./lines.js";

const [TOP, BOTTOM, SIDE, HEIGHT, GRIP] = [14, 16, 46, 380, 16];
const FAINT = 0.12;

/** @typedef {{label: string, values: Float32Array, low: number, high: number, ticks: {at: number, label: string}[], place: (own: number) => number, own: (place: number) => number}} Axis
 * `own`: from a place on the axis as drawn to the parameter's own scale, in which ranges are kept; `place`: back. */
/** @typedef {import("../lib/selection.js").Range} Range */
/** @typedef {{axes: Axis[], numbers: number[], rank: Float32Array}} Lines `rank`: 0 best, 1 worst */

/** @param {{brush: (ranges: Range[]) => void, edit: (axis: Axis) => void}} what */
export function parallel(what) {
  /** @type {Lines | null} */
  let data = null;
  /** @type {Range[]} */
  let ranges = [];
  /** @type {Set<number> | null} */
  let marked = null;
  let share = 1;
  /** @type {{axis: number, from: number, to: number} | null} */
  let drag = null;

  const draw = (/** @type {CanvasRenderingContext2D} */ context, /** @type {number} */ width, /** @type {number} */ height) => {
    if (!data) return;
    const began = performance.now();
    paint(context, data, width, height, marked, share);
    drawAxes(context, data.axes, width, height, shownRanges());
    board.element.dataset.milliseconds = String(Math.round(performance.now() - began));
    board.element.dataset.lines = String(data.numbers.length);
  };
  const board = canvas({ height: HEIGHT, label: "Parallel coordinates", draw });
  const heads = h("div", { class: "axis-heads" });
  const place = h("div", { class: "parallel" }, heads, h("div", { class: "board" }, board.element));

  const shownRanges = () => {
    if (!drag || !data) return ranges;
    const axis = data.axes[drag.axis];
    return [...ranges.filter((each) => each.name !== axis.label), { name: axis.label, low: axis.own(Math.min(drag.from, drag.to)), high: axis.own(Math.max(drag.from, drag.to)) }];
  };
  /** @param {PointerEvent} event */
  const at = (event) => {
    const box = board.element.getBoundingClientRect();
    const axes = data?.axes ?? [];
    const index = nearest(places(axes.length, box.width), event.clientX - box.left);
    const unit = 1 - (event.clientY - box.top - TOP) / (HEIGHT - TOP - BOTTOM);
    const { low, high } = axes[index];
    return { index, value: low + Math.min(1, Math.max(0, unit)) * (high - low), near: Math.abs(places(axes.length, box.width)[index] - (event.clientX - box.left)) < GRIP };
  };
  board.element.addEventListener("pointerdown", (event) => {
    if (!data) return;
    const hit = at(event);
    if (!hit.near) return;
    board.element.setPointerCapture(event.pointerId);
    drag = { axis: hit.index, from: hit.value, to: hit.value };
  });
  board.element.addEventListener("pointermove", (event) => {
    if (!data) return;
    if (!drag) return void (board.element.style.cursor = at(event).near ? "ns-resize" : "default");
    const box = board.element.getBoundingClientRect();
    const { low, high } = data.axes[drag.axis];
    drag.to = low + Math.min(1, Math.max(0, 1 - (event.clientY - box.top - TOP) / (HEIGHT - TOP - BOTTOM))) * (high - low);
    board.redraw();
  });
  board.element.addEventListener("pointerup", () => {
    if (!drag || !data) return;
    const axis = data.axes[drag.axis];
    const moved = Math.abs(drag.to - drag.from) > 0.01 * (axis.high - axis.low);
    const next = moved ? shownRanges() : ranges.filter((each) => each.name !== axis.label);
    drag = null;
    what.brush(next);
    board.redraw();
  });
  return {
    element: place,
    dispose: board.dispose,
    /** @param {Lines} next @param {Range[]} brushed @param {Set<number> | null} chosen @param {number} best the share of the best that is shown in full */
    show: (next, brushed, chosen, best) => {
      if (data !== next) replace(heads, next.axes.map((axis) => h("button", { type: "button", class: "quiet small", title: `Ranges and scale of ${axis.label}`, onclick: () => what.edit(axis) }, axis.label)));
      [data, ranges, marked, share] = [next, brushed, chosen, best];
      board.element.setAttribute("aria-label", `Parallel coordinates of ${number(next.numbers.length)} trials over ${next.axes.map((each) => each.label).join(", ")}${chosen ? `; ${chosen.size} marked` : ""}`);
      board.redraw();
    },
  };
}

/** @param {number} count @param {number} width */
const places = (count, width) => Array.from({ length: count }, (_, index) => SIDE + (index * (width - 2 * SIDE)) / Math.max(1, count - 1));

/** @param {number[]} xs @param {number} x */
const nearest = (xs, x) => xs.reduce((best, each, index) => (Math.abs(each - x) < Math.abs(xs[best] - x) ? index : best), 0);

/**
 * The lines, worst first; what is not marked stays as a shadow.
 * @param {CanvasRenderingContext2D} context @param {Lines} data @param {number} width @param {number} height @param {Set<number> | null} marked @param {number} share
 */
function paint(context, data, width, height, marked, share) {
  const count = data.numbers.length;
  const ratio = devicePixelRatio || 1;
  const span = (height - TOP - BOTTOM) * ratio;
  const columns = data.axes.map((axis) => axis.values.map((value) => TOP * ratio + (1 - (value - axis.low) / (axis.high - axis.low || 1)) * span));
  const xs = places(data.axes.length, width).map((each) => each * ratio);
  const order = Uint32Array.from(data.numbers.keys()).sort((a, b) => data.rank[b] - data.rank[a]);
  const isLit = (/** @type {number} */ row) => (marked ? marked.has(data.numbers[row]) : data.rank[row] <= share);
  const lit = order.filter(isLit);
  const dim = order.filter((row) => !isLit(row));
  const colours = new Uint8Array(count * 3);
  const grey = rgb(colour("--faint"));
  for (const row of dim) colours.set(grey, row * 3);
  for (const row of lit) colours.set(shade(data.rank[row]), row * 3);
  const size = { width: Math.round(width * ratio), height: Math.round(height * ratio), columns, xs, colours };
  const strength = (/** @type {number} */ lines) => Math.min(0.75, Math.max(0.03, 60 / Math.max(1, lines)));
  for (const [rows, alpha] of /** @type {[Uint32Array, number][]} */ ([[dim, Math.min(FAINT, strength(dim.length))], [lit, strength(lit.length)]])) {
    if (rows.length === 0) continue;
    const layer = new OffscreenCanvas(size.width, size.height);
    layer.getContext("2d")?.putImageData(lines({ ...size, rows, alpha }), 0, 0);
    context.drawImage(layer, 0, 0, width, height);
  }
}

/** @param {string} text such as #5a6472 @returns {[number, number, number]} */
const rgb = (text) => /** @type {any} */ ([1, 3, 5].map((at) => parseInt(text.slice(at, at + 2), 16)));

/** @param {CanvasRenderingContext2D} context @param {Axis[]} axes @param {number} width @param {number} height @param {Range[]} ranges */
function drawAxes(context, axes, width, height, ranges) {
  const xs = places(axes.length, width);
  const span = height - TOP - BOTTOM;
  context.font = `11px ${getComputedStyle(document.body).fontFamily}`;
  context.textAlign = "center";
  axes.forEach((axis, index) => {
    const y = (/** @type {number} */ value) => TOP + (1 - (value - axis.low) / (axis.high - axis.low || 1)) * span;
    context.fillStyle = colour("--line-strong");
    context.fillRect(xs[index] - 0.5, TOP, 1, span);
    for (const tick of axis.ticks) label(context, tick.label, xs[index], y(tick.at));
    const range = ranges.find((each) => each.name === axis.label);
    if (!range) return;
    context.globalAlpha = 0.3;
    context.fillStyle = colour("--accent");
    const [top, bottom] = [y(axis.place(range.high)), y(axis.place(range.low))];
    context.fillRect(xs[index] - 7, top, 14, bottom - top);
    context.globalAlpha = 1;
    context.strokeStyle = colour("--accent");
    context.lineWidth = 1.5;
    context.strokeRect(xs[index] - 7, top, 14, bottom - top);
  });
}

/** Readable on any lines. @param {CanvasRenderingContext2D} context @param {string} text @param {number} x @param {number} y */
function label(context, text, x, y) {
  context.lineWidth = 3.5;
  context.lineJoin = "round";
  context.strokeStyle = colour("--panel");
  context.strokeText(text, x, y + 4);
  context.fillStyle = colour("--text");
  context.fillText(text, x, y + 4);
}
