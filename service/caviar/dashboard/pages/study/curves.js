// @ts-check
// How trials came on, step by step: the best, those at work and those chosen, over the band of the rest.

import { h, replace } from "../../lib/dom.js";
import { draws } from "../../lib/abilities.js";
import { get } from "../../lib/api.js";
import { go, here, setQuery } from "../../lib/route.js";
import { picture } from "../../charts/plotly.js";
import { panel, problem } from "../../parts/basics.js";
import { filters, pictureQuery } from "../../parts/filters.js";

/** @param {string} name @returns {import("../study.js").Part} */
export function curves(name) {
  const base = `/studies/${encodeURIComponent(name)}/figures`;
  const open = (/** @type {number} */ number) => go(["studies", name, "trials", number]);
  const plot = picture({ label: "Learning curves", height: 440, open });
  const rungs = picture({ label: "Rank correlation of rungs", height: 380 });
  const [said, tools, correlated] = [h("div"), h("div", { class: "tools" }), h("div")];
  const best = h("select", { "aria-label": "How many of the best", onchange: (/** @type {any} */ event) => setQuery({ best: event.target.value }) }, [5, 10, 20, 50].map((each) => h("option", { value: each, selected: String(each) === (here().query.get("best") ?? "10") }, `best ${each}`)));
  const element = h("div", { class: "stack" }, said, tools, panel("Learning curves", { tools: [best], note: "The band holds all the rest." }, plot.element), correlated);
  let begun = false;
  /** As it came, and without a legend of one line per trial. @type {any} */
  let [sent, shown] = [null, null];

  const refresh = async () => {
    if (!begun) replace(tools, ...filters().slice(0, 2));
    begun = true;
    const { query } = here();
    try {
      if (!(await draws("curves"))) throw new Error("This service draws no curves; a trial's own page has its.");
      const figure = await get(`${base}/curves`, { ...pictureQuery(), best: query.get("best") ?? 10, trials: query.get("trials") ?? query.get("pick"), metric: query.get("metric") });
      if (figure !== sent) shown = { ...figure, layout: { ...figure.layout, showlegend: false } };
      sent = figure;
      plot.show(shown);
      replace(said);
    } catch (error) {
      replace(said, problem(error));
    }
    if (!(await draws("rungs"))) return;
    const table = await get(`${base}/rungs`, pictureQuery());
    if (!rungs.element.isConnected) replace(correlated, panel("Rank correlation of rungs", { note: "How well the order at one rung foretells the order at a later one: near 1, early stopping is safe." }, rungs.element));
    rungs.show(table);
  };
  return { element, refresh, turn: () => void refresh(), dispose: () => [plot, rungs].forEach((each) => each.dispose()) };
}
