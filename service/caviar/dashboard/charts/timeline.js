// @ts-check
// Who worked when: a lane per slot of each node, a bar per trial; what is empty was idle.

import { h } from "../lib/dom.js";
import { duration } from "../lib/format.js";
import { colour } from "../lib/theme.js";
import { canvas } from "./canvas.js";

const [LANE, GAP, LEFT, TOP, BOTTOM] = [16, 3, 130, 8, 24];
const COLOURS = { completed: "--good", stopped: "--warn", failed: "--danger", infeasible: "--danger", running: "--info", paused: "--violet", cancelled: "--faint" };

/** @typedef {{number: number, state: string, node: string, from: number, to: number, attempts: number}} Bar seconds since the epoch */
/** @typedef {{node: string, bars: Bar[], busy: number}} Lane */

/** @param {{open: (number: number) => void}} what */
export function timeline(what) {
  /** @type {{lanes: Lane[], from: number, to: number, marked: Set<number> | null}} */
  let data = { lanes: [], from: 0, to: 1, marked: null };
  const tip = h("div", { class: "tip", hidden: true });
  const board = canvas({ height: 120, label: "Timeline of workers", draw: (context, width) => draw(context, width, data) });
  const hit = (/** @type {MouseEvent} */ event) => {
    const box = board.element.getBoundingClientRect();
    const lane = data.lanes[Math.floor((event.clientY - box.top - TOP) / (LANE + GAP))];
    const at = data.from + ((event.clientX - box.left - LEFT) / (box.width - LEFT - 8)) * (data.to - data.from);
    return lane?.bars.find((bar) => at >= bar.from && at <= Math.max(bar.to, bar.from + (data.to - data.from) / 400)) ?? null;
  };
  board.element.addEventListener("pointermove", (event) => {
    const bar = hit(event);
    tip.hidden = bar === null;
    board.element.style.cursor = bar ? "pointer" : "default";
    if (!bar) return;
    tip.textContent = `#${bar.number} ${bar.state}, ${duration(bar.to - bar.from)}${bar.attempts > 1 ? `, attempt ${bar.attempts}` : ""}`;
    tip.style.left = `${Math.min(event.offsetX + 12, board.element.clientWidth - 200)}px`;
    tip.style.top = `${event.offsetY + 14}px`;
  });
  board.element.addEventListener("pointerleave", () => (tip.hidden = true));
  board.element.addEventListener("click", (event) => {
    const bar = hit(event);
    if (bar) what.open(bar.number);
  });
  return {
    element: h("div", { class: "timeline" }, board.element, tip),
    dispose: board.dispose,
    /** @param {Bar[]} bars @param {Set<number> | null} marked */
    show: (bars, marked) => {
      const lanes = lanesOf(bars);
      data = { lanes, from: Math.min(...bars.map((each) => each.from)), to: Math.max(...bars.map((each) => each.to)), marked };
      const idle = idleShare(data);
      board.element.setAttribute("aria-label", `Timeline of ${bars.length} trials on ${lanes.length} slots; ${Math.round(100 * idle)}% of the time of the slots was idle`);
      board.resize(TOP + lanes.length * (LANE + GAP) + BOTTOM);
      return { idle, lanes: lanes.length, span: data.to - data.from };
    },
  };
}

/** Each bar in the first lane of its node that is free by then. @param {Bar[]} bars @returns {Lane[]} */
export function lanesOf(bars) {
  /** @type {Map<string, Lane[]>} */
  const byNode = new Map();
  for (const bar of [...bars].sort((a, b) => a.from - b.from)) {
    const lanes = byNode.get(bar.node) ?? [];
    byNode.set(bar.node, lanes);
    let lane = lanes.find((each) => each.bars[each.bars.length - 1].to <= bar.from + 1e-6);
    if (!lane) lanes.push((lane = { node: bar.node, bars: [], busy: 0 }));
    lane.bars.push(bar);
    lane.busy += bar.to - bar.from;
  }
  return [...byNode.values()].flat();
}

/** @param {{lanes: Lane[], from: number, to: number}} data */
function idleShare({ lanes, from, to }) {
  const whole = lanes.length * (to - from);
  return whole > 0 ? Math.max(0, 1 - lanes.reduce((sum, lane) => sum + lane.busy, 0) / whole) : 0;
}

/** @param {CanvasRenderingContext2D} context @param {number} width @param {{lanes: Lane[], from: number, to: number, marked: Set<number> | null}} data */
function draw(context, width, data) {
  const scale = (width - LEFT - 8) / Math.max(1e-6, data.to - data.from);
  context.font = `12px ${getComputedStyle(document.body).fontFamily}`;
  data.lanes.forEach((lane, index) => {
    const y = TOP + index * (LANE + GAP);
    context.fillStyle = colour("--sunken");
    context.fillRect(LEFT, y, width - LEFT - 8, LANE);
    if (index === 0 || data.lanes[index - 1].node !== lane.node) text(context, lane.node, 0, y + 12, LEFT - 10);
    for (const bar of lane.bars) {
      context.globalAlpha = data.marked && !data.marked.has(bar.number) ? 0.2 : 1;
      context.fillStyle = colour(COLOURS[/** @type {keyof typeof COLOURS} */ (bar.state)] ?? "--faint");
      const [x, wide] = [LEFT + (bar.from - data.from) * scale, Math.max(1.5, (bar.to - bar.from) * scale - 0.7)];
      context.fillRect(x, y, wide, LANE);
      if (bar.attempts > 1) retry(context, x, y, wide);
    }
    context.globalAlpha = 1;
  });
  const bottom = TOP + data.lanes.length * (LANE + GAP) + 14;
  for (const share of [0, 0.25, 0.5, 0.75, 1]) {
    const said = duration(share * (data.to - data.from));
    text(context, share === 0 ? "start" : said, LEFT + share * (width - LEFT - 8) - (share === 1 ? context.measureText(said).width : 0), bottom, 120);
  }
}

/** A notch: it is not the trial's first attempt. @param {CanvasRenderingContext2D} context @param {number} x @param {number} y @param {number} wide */
function retry(context, x, y, wide) {
  context.fillStyle = colour("--text");
  context.fillRect(x, y, Math.min(3, wide), LANE);
}

/** @param {CanvasRenderingContext2D} context @param {string} said @param {number} x @param {number} y @param {number} most */
function text(context, said, x, y, most) {
  context.fillStyle = colour("--muted");
  let shown = said;
  while (shown.length > 3 && context.measureText(shown).width > most) shown = `${shown.slice(0, -2)}…`;
  context.fillText(shown, x, y);
}
