// @ts-check
// What is said of a study beside its trials: what matters, how it will go on, what looks wrong.

import { h, replace } from "../lib/dom.js";
import { get } from "../lib/api.js";
import { picture } from "../charts/plotly.js";
import { panel } from "./basics.js";

/** @param {string} name */
export function insights(name) {
  const base = `/studies/${encodeURIComponent(name)}`;
  const bars = picture({ label: "Importance of the parameters", height: 320 });
  const places = { importance: h("div"), forecast: h("div"), health: h("div") };
  const optional = (/** @type {string} */ path) => get(`${base}${path}`).catch(() => null);

  const importance = async () => {
    const figure = await optional("/figures/importance");
    if (!figure) return;
    if (!bars.element.isConnected) replace(places.importance, panel("What matters", {}, bars.element));
    await bars.show(figure);
  };
  const refresh = async () => {
    await Promise.all([importance()]);
  };
  return { element: places.importance, below: h("div", { class: "stack" }, places.forecast, places.health), refresh, dispose: bars.dispose };
}
