// @ts-check
// The trials that are marked, best first, as the service lists them.

import { h, replace } from "../lib/dom.js";
import { get } from "../lib/api.js";
import { href } from "../lib/route.js";
import { problem } from "./basics.js";
import { table } from "./table.js";
import { shownColumns, trialColumns } from "./trial_columns.js";

const SHOWN = 25;

/** @param {string} name */
export function brushedTable(name) {
  const rows = table({ label: "Marked trials", columns: [], key: (row) => row.id });
  const link = /** @type {HTMLAnchorElement} */ (h("a", { hidden: true }, "All of them, as a table"));
  const place = h("div", {}, hint());
  let [shape, last] = ["", ""];
  return {
    element: place,
    link,
    /** @param {any} study @param {string} filter */
    show: async (study, filter) => {
      const key = `${filter} ${study.revision}`;
      if (key === last) return;
      last = key;
      link.hidden = filter === "";
      if (filter === "") return replace(place, hint());
      link.href = href(["studies", name, "trials"], { filter, order_by: best(study) });
      if (shape === "") rows.shape(trialColumns(study, shownColumns(study, null)));
      shape = "drawn";
      try {
        const found = await get(`/studies/${encodeURIComponent(name)}/trials`, { filter, order_by: best(study), page_size: SHOWN });
        if (key !== last) return;
        rows.show(found.items);
        replace(place, found.items.length ? rows.element : h("p", { class: "note", style: { padding: "0 16px 14px" } }, "No trial is marked."));
      } catch (error) {
        replace(place, h("div", { style: { padding: "0 16px 14px" } }, problem(error)));
      }
    },
  };
}

/** @param {any} study */
const best = (study) => (study.spec.metric.goal === "minimize" ? "value" : "-value");

const hint = () => h("p", { class: "note", style: { padding: "0 16px 14px" } }, "Mark trials in any picture, and they are listed here.");
