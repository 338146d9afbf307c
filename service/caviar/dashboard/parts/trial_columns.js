// @ts-check
// The columns of a table of trials, and the menu that chooses among them.

import { h } from "../lib/dom.js";
import { ago, duration, moment, number, plain } from "../lib/format.js";
import { here, href, setQuery } from "../lib/route.js";
import { badge } from "./basics.js";

const FIXED = ["state", "value", "step", "round", "origin", "attempts", "node", "seconds", "started_at", "finished_at"];
const AT_FIRST = ["state", "value", "step", "seconds"];
const MOST_PARAMETERS = 12;

/** @param {any} study */
export const searched = (study) => Object.keys(study.spec.space).filter((name) => study.spec.space[name].type !== "constant");

/** What the address names, else the usual ones. @param {any} study @param {string | null} chosen */
export function shownColumns(study, chosen) {
  const known = [...FIXED, ...searched(study).map((name) => `params.${name}`)];
  if (chosen) return chosen.split(",").filter((each) => known.includes(each));
  return [...AT_FIRST, ...searched(study).slice(0, MOST_PARAMETERS).map((name) => `params.${name}`)];
}

/** @param {any} study @param {string[]} names @returns {import("./table.js").Column[]} */
export function trialColumns(study, names) {
  const link = (/** @type {any} */ row) => h("a", { href: href(["studies", study.name, "trials", row.number]) }, `#${row.number}`);
  return [{ name: "number", title: "Trial", sort: "number", cell: link }, ...names.map((name) => column(study, name))];
}

/** @param {any} study @param {string} name @returns {import("./table.js").Column} */
function column(study, name) {
  if (name.startsWith("params.")) {
    const parameter = name.slice("params.".length);
    const numeric = !study.spec.space[parameter]?.values;
    return { name, title: parameter, sort: numeric ? name : undefined, right: numeric, cell: (row) => (parameter in row.params ? plain(row.params[parameter]) : h("span", { class: "muted" }, "–")) };
  }
  return { name, ...FIELDS[name] };
}

/** @type {Record<string, {title: string, sort?: string, right?: boolean, tight?: boolean, cell: (row: any) => any}>} */
const FIELDS = {
  state: { title: "State", sort: "state", cell: (row) => h("span", { title: row.reason?.message }, badge(row.state)) },
  value: { title: "Value", sort: "value", right: true, cell: (row) => h("strong", {}, number(row.value)) },
  step: { title: "Step", sort: "step", right: true, cell: (row) => number(row.step) },
  round: { title: "Round", sort: "round", right: true, cell: (row) => number(row.round) },
  origin: { title: "Origin", cell: (row) => row.origin },
  attempts: { title: "Attempts", sort: "attempts", right: true, cell: (row) => number(row.attempts) },
  node: { title: "Node", cell: (row) => row.node ?? "–" },
  seconds: { title: "Time", sort: "seconds", right: true, tight: true, cell: (row) => duration(row.seconds) },
  started_at: { title: "Started", sort: "started_at", tight: true, cell: (row) => h("span", { title: moment(row.started_at) }, ago(row.started_at)) },
  finished_at: { title: "Finished", sort: "finished_at", tight: true, cell: (row) => h("span", { title: moment(row.finished_at) }, ago(row.finished_at)) },
};

/** @param {any} study */
export function columnMenu(study) {
  const names = [...FIXED, ...searched(study).map((name) => `params.${name}`)];
  const toggle = (/** @type {any} */ event, /** @type {string} */ name) => {
    const shown = shownColumns(study, here().query.get("columns"));
    const wanted = new Set(event.target.checked ? [...shown, name] : shown.filter((each) => each !== name));
    setQuery({ columns: names.filter((each) => wanted.has(each)).join(",") });
  };
  const shown = shownColumns(study, here().query.get("columns"));
  const boxes = names.map((name) => h("label", { class: "check" }, h("input", { type: "checkbox", checked: shown.includes(name), onchange: (/** @type {any} */ event) => toggle(event, name) }), name.replace(/^params\./, "")));
  return h("details", { class: "menu" }, h("summary", { class: "button" }, "Columns"), h("div", { class: "sheet" }, boxes));
}
