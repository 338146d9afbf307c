// @ts-check
// The best trials of a study, best first.

import { h } from "../lib/dom.js";
import { duration, number, plain } from "../lib/format.js";
import { href } from "../lib/route.js";
import { table } from "./table.js";

/** @param {string} name the study's */
export function rankingTable(name) {
  const rows = table({ label: "Best trials", columns: [], key: (row) => String(row.number) });
  let shape = "";
  return {
    element: rows.element,
    /** @param {any[]} items @param {any} study */
    show: (items, study) => {
      const parameters = Object.keys(study.spec.space).filter((each) => study.spec.space[each].type !== "constant");
      if (shape !== parameters.join()) rows.shape(columns(name, study.spec.metric.name, parameters));
      shape = parameters.join();
      rows.show(items.map((each, index) => ({ ...each, rank: index + 1 })));
    },
  };
}

/** @param {string} name @param {string} metric @param {string[]} parameters @returns {import("./table.js").Column[]} */
function columns(name, metric, parameters) {
  return [
    { name: "rank", title: "", right: true, cell: (row) => h("span", { class: "muted" }, String(row.rank)) },
    { name: "trial", title: "Trial", cell: (row) => h("a", { href: href(["studies", name, "trials", row.number]) }, `#${row.number}`) },
    { name: "value", title: metric, right: true, cell: (row) => h("strong", {}, number(row.value)) },
    ...parameters.map((each) => ({ name: each, title: each, right: true, cell: (/** @type {any} */ row) => (each in row.params ? plain(row.params[each]) : h("span", { class: "muted" }, "–")) })),
    { name: "round", title: "Round", right: true, cell: (row) => String(row.round) },
    { name: "steps", title: "Steps", right: true, cell: (row) => number(row.steps) },
    { name: "seconds", title: "Time", right: true, tight: true, cell: (row) => duration(row.seconds) },
  ];
}
