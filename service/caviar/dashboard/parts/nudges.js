// @ts-check
// What was changed of a trial under way, by whom and why.

import { h, replace } from "../lib/dom.js";
import { can } from "../lib/abilities.js";
import { get } from "../lib/api.js";
import { moment, number, plain } from "../lib/format.js";
import { href } from "../lib/route.js";
import { badge, panel } from "./basics.js";
import { table } from "./table.js";

/** @param {string} study */
export function nudgesOf(study) {
  const place = h("div");
  const twin = (/** @type {any} */ row) => (row.twin === null ? "" : h("a", { href: href(["studies", study, "trials", row.twin]) }, `twin #${row.twin}`));
  const rows = table({
    label: "Nudges",
    key: (row) => row.id,
    columns: [
      { name: "at", title: "When", tight: true, cell: (row) => moment(row.created_at) },
      { name: "step", title: "After step", right: true, cell: (row) => number(row.step) },
      { name: "what", title: "Changed", cell: (row) => Object.keys(row.new).map((name) => h("div", { class: "mono" }, `${name}: ${plain(row.old[name] ?? null)} → ${plain(row.new[name])}`)) },
      { name: "state", title: "State", cell: (row) => badge(row.state) },
      { name: "by", title: "By", cell: (row) => `${row.author} (${row.origin})` },
      { name: "note", title: "Note", cell: (row) => h("span", {}, row.note, " ", twin(row)) },
    ],
  });
  return {
    element: place,
    /** @param {any} trial */
    refresh: async (trial) => {
      if (!(await can("/trials/{trial}/nudges"))) return;
      const { items } = await get(`/trials/${trial.id}/nudges`);
      if (items.length === 0) return;
      rows.show(items);
      if (!rows.element.isConnected) replace(place, panel("Nudges", { flush: true }, rows.element));
    },
  };
}
