// @ts-check
// A canvas as sharp as the screen, drawn again when its size or the theme changes.

import { h } from "../lib/dom.js";

/**
 * @param {{height: number, label: string, draw: (context: CanvasRenderingContext2D, width: number, height: number) => void, class?: string}} what
 */
export function canvas(what) {
  const element = /** @type {HTMLCanvasElement} */ (h("canvas", { role: "img", "aria-label": what.label, class: what.class }));
  let height = what.height;
  let frame = 0;
  const paint = () => {
    frame = 0;
    const width = element.parentElement?.clientWidth ?? 0;
    if (!element.isConnected || width === 0) return;
    const ratio = devicePixelRatio || 1;
    element.style.width = `${width}px`;
    element.style.height = `${height}px`;
    element.width = Math.round(width * ratio);
    element.height = Math.round(height * ratio);
    const context = element.getContext("2d");
    if (!context) return;
    context.scale(ratio, ratio);
    what.draw(context, width, height);
  };
  const redraw = () => {
    frame ||= requestAnimationFrame(paint);
  };
  const sized = new ResizeObserver(redraw);
  const attach = () => element.parentElement && sized.observe(element.parentElement);
  queueMicrotask(attach);
  addEventListener("caviar:theme", redraw);
  return {
    element,
    redraw: () => (attach(), redraw()),
    now: paint,
    /** @param {number} next */
    resize: (next) => ((height = next), redraw()),
    dispose: () => {
      sized.disconnect();
      removeEventListener("caviar:theme", redraw);
    },
  };
}
