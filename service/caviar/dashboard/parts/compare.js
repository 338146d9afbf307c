// @ts-check
// Trials side by side: what differs between them, and how they came on.

import { h, replace } from "../lib/dom.js";
import { get } from "../lib/api.js";
import { number, plain } from "../lib/format.js";
import { href, setQuery } from "../lib/route.js";
import { picture } from "../charts/plotly.js";
import { badge, panel, problem } from "./basics.js";
import { table } from "./table.js";

const MOST = 20;

/** @param {string} name the study's */
export function comparison(name) {
  const place = h("div");
  const curves = picture({ label: "Curves of the compared trials", height: 300 });
  /** The answer that is shown. @type {any} */
  let shown = null;
  return {
    element: place,
    dispose: curves.dispose,
    /** @param {any} study @param {number[]} numbers */
    show: async (study, numbers) => {
      if (numbers.length < 2) return replace(place, (shown = null));
      try {
        const found = await get(`/studies/${encodeURIComponent(name)}/compare`, { trials: numbers.slice(0, MOST).join(",") });
        if (found === shown) return;
        shown = found;
        replace(place, drawn(name, study, found, curves.element));
        curves.show(figure(found));
      } catch (error) {
        shown = null;
        replace(place, problem(error));
      }
    },
  };
}

/** @param {string} name @param {any} study @param {any} found @param {Element} curves */
function drawn(name, study, found, curves) {
  const heads = found.trials.map((/** @type {any} */ trial, /** @type {number} */ index) => ({ name: String(trial.number), title: `#${trial.number}`, right: true, cell: (/** @type {any} */ row) => row.values[index] }));
  const lines = table({ label: "Compared trials", columns: [{ name: "what", title: "", cell: (row) => row.name }, ...heads], key: (row) => row.name, marked: (row) => row.differs });
  lines.show(rows(name, study, found));
  const clear = h("button", { type: "button", class: "small", onclick: () => setQuery({ compare: null }) }, "Clear");
  return panel(`${found.trials.length} trials compared`, { flush: true, tools: [clear], note: "What differs is marked, and comes first." }, lines.element, h("div", { style: { padding: "12px 16px" } }, curves));
}

/** @param {string} name @param {any} study @param {any} found */
function rows(name, study, found) {
  const line = (/** @type {string} */ title, /** @type {(trial: any) => any} */ cell) => ({ name: title, values: found.trials.map(cell), differs: false });
  return [
    line("trial", (each) => h("a", { href: href(["studies", name, "trials", each.number]) }, `#${each.number}`)),
    line("state", (each) => badge(each.state)),
    line(study.spec.metric.name, (each) => h("strong", {}, number(each.value))),
    ...found.parameters.map((/** @type {any} */ each) => ({ name: each.name, differs: each.differs, values: each.values.map((/** @type {any} */ value, /** @type {number} */ index) => (each.has[index] ? plain(value) : "–")) })),
  ];
}

/** @param {any} found */
function figure(found) {
  if (found.steps.length === 0) return { data: [], layout: { meta: { empty: "None of them has reported a step." } } };
  const few = found.steps.length < 40;
  const data = found.trials.map((/** @type {any} */ trial, /** @type {number} */ index) => ({ type: "scatter", mode: few ? "lines+markers" : "lines", name: `#${trial.number}`, x: found.steps, y: found.values[index], connectgaps: true, marker: { size: 5 } }));
  return { data, layout: { xaxis: { title: { text: "step" } }, yaxis: { title: { text: found.metric } }, showlegend: true } };
}
