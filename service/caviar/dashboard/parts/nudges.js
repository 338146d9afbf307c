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
      { name: "effect", title: "Effect", right: true, cell: (row) => row.effect },
      { name: "by", title: "By", cell: (row) => `${row.author} (${row.origin})` },
      { name: "note", title: "Note", cell: (row) => h("span", {}, row.note, " ", twin(row)) },
    ],
  });
  return {
    element: place,
    /** What was nudged, with what the metric was before and is after. @param {any} trial @param {Record<string, any[]>} metrics @param {string} objective @returns {Promise<any[]>} */
    refresh: async (trial, metrics, objective) => {
      if (!(await can("/trials/{trial}/nudges"))) return [];
      const { items } = await get(`/trials/${trial.id}/nudges`);
      if (items.length === 0) return items;
      rows.show(items.map((/** @type {any} */ each, /** @type {number} */ index) => ({ ...each, effect: effect(each.step, items[index + 1]?.step ?? Infinity, metrics.step, metrics[objective] ?? []) })));
      if (!rows.element.isConnected) replace(place, panel("Nudges", { flush: true, note: "Effect: the metric when it took hold, and at the next nudge or now." }, rows.element));
      return items;
    },
  };
}

/** From the last value up to the nudge to the last one before the next. @param {number | null} from @param {number} until @param {number[]} steps @param {any[]} values */
function effect(from, until, steps, values) {
  if (from === null) return "not yet";
  const last = (/** @type {number} */ step) => steps.reduce((found, each, row) => (each <= step && typeof values[row] === "number" ? row : found), -1);
  const [before, after] = [last(from), last(until)];
  if (before < 0 || after <= before) return "–";
  return `${number(values[before])} → ${number(values[after])} in ${number(steps[after] - steps[before])} steps`;
}
