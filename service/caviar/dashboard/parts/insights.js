// @ts-check
// What is said of a study beside its trials: what matters, how it will go on, what looks wrong.

import { h, replace } from "../lib/dom.js";
import { can, draws } from "../lib/abilities.js";
import { get } from "../lib/api.js";
import { counted, duration, number, share } from "../lib/format.js";
import { href } from "../lib/route.js";
import { picture } from "../charts/plotly.js";
import { panel } from "./basics.js";

/** @param {string} name */
export function insights(name) {
  const base = `/studies/${encodeURIComponent(name)}`;
  const bars = picture({ label: "Importance of the parameters", height: 320 });
  const places = { importance: h("div"), forecast: h("div"), health: h("div") };

  const importance = async () => {
    if (!(await draws("importance"))) return;
    if (!bars.element.isConnected) replace(places.importance, panel("What matters", {}, bars.element));
    bars.show(await get(`${base}/figures/importance`));
  };
  const forecast = async () => {
    if (!(await can("/studies/{study}/forecast"))) return;
    const rows = foretold(await get(`${base}/forecast`));
    replace(places.forecast, rows.length ? panel("Forecast", {}, h("dl", { class: "pairs" }, rows.flatMap(([what, said]) => [h("dt", {}, what), h("dd", {}, said)]))) : "");
  };
  const health = async () => {
    if (!(await can("/studies/{study}/health"))) return;
    const { items } = await get(`${base}/health`);
    replace(places.health, items.length ? panel("Health", {}, h("div", { class: "stack" }, items.map((/** @type {any} */ each) => finding(name, each)))) : "");
  };
  return {
    beside: places.importance,
    below: h("div", { class: "grid" }, places.health, places.forecast),
    refresh: () => Promise.all([importance(), forecast(), health()]),
    dispose: bars.dispose,
  };
}

/** @param {string} name @param {any} found */
function finding(name, found) {
  const trials = found.trials.slice(0, 8).flatMap((/** @type {number} */ each) => [" ", h("a", { href: href(["studies", name, "trials", each]) }, `#${each}`)]);
  return h("div", { class: found.severity === "warning" ? "advice" : "why" }, h("strong", {}, found.message), h("p", {}, found.hint, ...trials));
}

/** @param {{low: number, middle: number, high: number}} range @param {(value: number) => string} shown */
const between = (range, shown) => `${shown(range.middle)} (${shown(range.low)} to ${shown(range.high)})`;

/** @param {any} said @returns {[string, string][]} */
function foretold(said) {
  /** @type {[string, string][]} */
  const rows = [];
  if (said.seconds) rows.push(["Done in", between(said.seconds, duration)]);
  rows.push(["Compute so far", duration(said.spent_seconds)]);
  if (said.compute_seconds) rows.push(["Compute to come", between(said.compute_seconds, duration)]);
  if (said.gain) rows.push([`The next ${counted(said.gain.trials, "trial")}`, `better the best by ${number(said.gain.expected)} on average; ${share(said.gain.chance, 1)} chance that they do at all`]);
  if (said.stopping) rows.push(["Early stopping", `ended ${counted(said.stopping.stopped, "trial")} and saved ${duration(said.stopping.saved_seconds)}, ${share(said.stopping.saved_share, 1)} of the compute`]);
  if (said.audit) rows.push(["Stopped wrongly", `${said.audit.wronged} of ${said.audit.audited} run on came into the best tenth (${share(said.audit.low, 1)} to ${share(said.audit.high, 1)})`]);
  for (const { top, chance } of (said.random_would_have_hit ?? []).slice(0, 2)) rows.push([`Random draws: top ${share(top, 1)}`, `would have been hit with a chance of ${share(chance, 1)}`]);
  return rows;
}
