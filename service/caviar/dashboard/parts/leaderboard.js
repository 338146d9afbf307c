// @ts-check
// Configurations by their mean over seeds, ties in one place, and the ground that the first stands on.

import { h } from "../lib/dom.js";
import { number, plain } from "../lib/format.js";
import { href } from "../lib/route.js";
import { table } from "./table.js";

const GROUND = { flat: "The best stands on flat ground: its neighbours are nearly as good.", slope: "The best stands on a slope: its neighbours are worse.", cliff: "The best stands on a cliff: small changes lose most of it.", unknown: "" };

/** @param {string} name @param {any} board @param {any} study */
export function leaderboard(name, board, study) {
  const parameters = Object.keys(study.spec.space).filter((each) => study.spec.space[each].type !== "constant");
  const rows = table({
    label: "Leaderboard",
    key: (row) => String(row.number),
    columns: [
      { name: "place", title: "Place", right: true, cell: (row) => String(row.place) },
      { name: "trial", title: "Trial", cell: (row) => h("a", { href: href(["studies", name, "trials", row.number]) }, `#${row.number}`) },
      { name: "value", title: `mean ${study.spec.metric.name}`, right: true, cell: (row) => h("strong", {}, number(row.value)) },
      { name: "interval", title: "90% interval", right: true, cell: (row) => (row.low === null ? "–" : `${number(row.low)} … ${number(row.high)}`) },
      { name: "seeds", title: "Seeds", right: true, cell: (row) => String(row.values.length) },
      ...parameters.map((each) => ({ name: each, title: each, right: true, cell: (/** @type {any} */ row) => (each in row.params ? plain(row.params[each]) : "–") })),
    ],
  });
  rows.show(board.items);
  const ground = GROUND[/** @type {keyof typeof GROUND} */ (board.ground?.kind ?? "unknown")];
  return h("div", {}, rows.element, ground ? h("p", { class: "note", style: { padding: "8px 16px 14px" } }, ground) : null);
}
