// @ts-check
// Who worked when: a lane per slot of each node, a bar per attempt; what is empty was idle. Drag to mark a span of time.

import { h } from "../lib/dom.js";
import { duration } from "../lib/format.js";
import { colour } from "../lib/theme.js";
import { canvas } from "./canvas.js";
import { between, found } from "./timeline_data.js";

const [LANE, GAP, TOP, BOTTOM, RIGHT, DRAGGED] = [16, 3, 8, 24, 8, 4];
const COLOURS = { completed: "--good", stopped: "--warn", failed: "--danger", infeasible: "--danger", lost: "--danger", running: "--info", leased: "--info", paused: "--violet", returned: "--violet", cancelled: "--faint" };

/** @typedef {import("./timeline_data.js").Lanes} Lanes */

/** @param {{open: (number: number) => void, choose: (numbers: number[]) => void}} what */
export function timeline(what) {
  /** @type {Lanes | null} */
  let data = null;
  /** @type {Set<number> | null} */
  let marked = null;
  /** @type {{from: number, to: number} | null} */
  let drag = null;
  const tip = h("div", { class: "tip", hidden: true });
  const board = canvas({ height: 120, label: "Timeline of workers", draw: (context, width) => data && draw(context, width, data, marked, drag) });
  const time = (/** @type {MouseEvent} */ event) => {
    const { from, to } = /** @type {Lanes} */ (data);
    const box = board.element.getBoundingClientRect();
    return from + ((event.clientX - box.left - left(box.width)) / (box.width - left(box.width) - RIGHT)) * (to - from);
  };
  const hit = (/** @type {MouseEvent} */ event) => {
    const lane = data?.lanes[Math.floor((event.clientY - board.element.getBoundingClientRect().top - TOP) / (LANE + GAP))];
    const at = data ? time(event) : NaN;
    return data && lane && at >= data.from && at <= data.to ? found(lane, at, (data.to - data.from) / 400, data.from, data.to) : null;
  };
  board.element.addEventListener("pointerdown", (event) => {
    if (!data) return;
    board.element.setPointerCapture(event.pointerId);
    drag = { from: time(event), to: time(event) };
  });
  board.element.addEventListener("pointermove", (event) => {
    if (drag) {
      drag.to = time(event);
      return board.redraw();
    }
    const under = hit(event);
    tip.hidden = under === null;
    board.element.style.cursor = under && "bar" in under ? "pointer" : "crosshair";
    if (!under) return;
    tip.textContent = "bar" in under ? `#${under.bar.number} ${under.bar.state}, ${duration(under.bar.to - under.bar.from)}${under.bar.attempt > 1 ? `, attempt ${under.bar.attempt}` : ""}` : `idle for ${duration(under.idle)}`;
    tip.style.left = `${Math.max(0, Math.min(event.offsetX + 12, board.element.clientWidth - 200))}px`;
    tip.style.top = `${event.offsetY + 14}px`;
  });
  board.element.addEventListener("pointerleave", () => (tip.hidden = true));
  board.element.addEventListener("pointerup", (event) => {
    const span = drag;
    drag = null;
    board.redraw();
    if (!span || !data) return;
    const pixel = (data.to - data.from) / board.element.clientWidth;
    const under = hit(event);
    if (Math.abs(span.to - span.from) > DRAGGED * pixel) what.choose(between(data, Math.min(span.from, span.to), Math.max(span.from, span.to)));
    else if (under && "bar" in under) what.open(under.bar.number);
  });
  return {
    element: h("div", { class: "timeline" }, board.element, tip),
    dispose: board.dispose,
    /** @param {Lanes} next @param {Set<number> | null} chosen */
    show: (next, chosen) => {
      [data, marked] = [next, chosen];
      board.element.setAttribute("aria-label", `Timeline of ${next.count} attempts on ${next.names.length} slots; ${Math.round(100 * (1 - next.busy))}% of the time of the slots was idle${chosen ? `; ${chosen.size} trials marked` : ""}`);
      board.resize(TOP + next.names.length * (LANE + GAP) + BOTTOM);
    },
  };
}

/** Room for the nodes' names. @param {number} width */
const left = (width) => (width < 600 ? 76 : 130);

/** @param {CanvasRenderingContext2D} context @param {number} width @param {Lanes} data @param {Set<number> | null} marked @param {{from: number, to: number} | null} drag */
function draw(context, width, data, marked, drag) {
  const [start, span] = [left(width), data.to - data.from];
  const scale = (width - start - RIGHT) / span;
  const place = (/** @type {number} */ at) => start + (at - data.from) * scale;
  context.font = `12px ${getComputedStyle(document.body).fontFamily}`;
  data.lanes.forEach((lane, index) => {
    const y = TOP + index * (LANE + GAP);
    context.fillStyle = colour("--sunken");
    context.fillRect(start, y, width - start - RIGHT, LANE);
    if (nodeOf(data.names[index]) !== nodeOf(data.names[index - 1] ?? "")) text(context, nodeOf(data.names[index]), 0, y + 12, start - 10);
    for (const bar of lane) drawBar(context, bar, place(bar.from), y, Math.max(1.5, (bar.to - bar.from) * scale - 0.7), marked);
    context.globalAlpha = 1;
  });
  const height = TOP + data.lanes.length * (LANE + GAP);
  for (const share of width < 600 ? [0, 0.5, 1] : [0, 0.25, 0.5, 0.75, 1]) {
    const said = duration(share * span);
    text(context, share === 0 ? "start" : said, place(data.from + share * span) - (share === 1 ? context.measureText(said).width : 0), height + 14, 120);
  }
  if (!drag) return;
  context.globalAlpha = 0.25;
  context.fillStyle = colour("--accent");
  context.fillRect(place(Math.min(drag.from, drag.to)), TOP, Math.abs(drag.to - drag.from) * scale, height - TOP);
  context.globalAlpha = 1;
}

/** What ended without a result is thin, what is not the first attempt has a notch. @param {CanvasRenderingContext2D} context @param {import("./timeline_data.js").Bar} bar @param {number} x @param {number} y @param {number} wide @param {Set<number> | null} marked */
function drawBar(context, bar, x, y, wide, marked) {
  context.globalAlpha = marked && !marked.has(bar.number) ? 0.2 : 1;
  context.fillStyle = colour(COLOURS[/** @type {keyof typeof COLOURS} */ (bar.state)] ?? "--faint");
  const thin = bar.state === "lost" || bar.state === "returned";
  context.fillRect(x, thin ? y + LANE / 3 : y, wide, thin ? LANE / 3 : LANE);
  if (bar.attempt === 1) return;
  context.fillStyle = colour("--text");
  context.fillRect(x, y, Math.min(3, wide), LANE);
}

/** A place is a node and a number. @param {string} name */
const nodeOf = (name) => name.replace(/ \d+$/, "");

/** @param {CanvasRenderingContext2D} context @param {string} said @param {number} x @param {number} y @param {number} most */
function text(context, said, x, y, most) {
  context.fillStyle = colour("--muted");
  let shown = said;
  while (shown.length > 3 && context.measureText(shown).width > most) shown = `${shown.slice(0, -2)}…`;
  context.fillText(shown, x, y);
}
