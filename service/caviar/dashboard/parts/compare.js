// @ts-check
// Trials side by side: what differs between them, and how they came on.

import { h, replace } from "../lib/dom.js";
import { get } from "../lib/api.js";
import { number, plain } from "../lib/format.js";
import { href, setQuery } from "../lib/route.js";
import { panel } from "./basics.js";
import { table } from "./table.js";

const MOST = 12;

/** @param {Element} place @param {string} name @param {any} study @param {number[]} numbers */
export async function compared(place, name, study, numbers) {
  if (numbers.length < 2) return replace(place);
  const wanted = numbers.slice(0, MOST);
  const trials = await Promise.all(wanted.map((each) => get(`/studies/${encodeURIComponent(name)}/trials/${each}`)));
  const lines = table({ label: "Compared trials", columns: columns(name, trials), key: (row) => row.name, marked: (row) => row.differs });
  lines.show(rows(study, trials));
  const all = h("a", { href: href(["studies", name, "curves"], { trials: wanted.join(",") }) }, "Their curves");
  const clear = h("button", { type: "button", class: "small", onclick: () => setQuery({ compare: null }) }, "Clear");
  const key = `${wanted.join()} ${JSON.stringify(trials)}`;
  if (place.getAttribute("data-key") === key && place.firstChild) return;
  place.setAttribute("data-key", key);
  replace(place, panel(`${wanted.length} trials compared`, { flush: true, tools: [all, clear], note: "What differs is marked." }, lines.element));
}

/** @param {string} name @param {any[]} trials */
function columns(name, trials) {
  const heads = trials.map((trial, index) => ({ name: String(trial.number), title: `#${trial.number}`, right: true, cell: (/** @type {any} */ row) => row.values[index] }));
  return [{ name: "what", title: "", cell: (/** @type {any} */ row) => row.name }, ...heads];
}

/** @param {any} study @param {any[]} trials */
function rows(study, trials) {
  const line = (/** @type {string} */ name, /** @type {any[]} */ values) => ({ name, values, differs: new Set(values).size > 1 });
  const names = Object.keys(study.spec.space);
  return [
    { ...line("state", trials.map((each) => each.state)), differs: false },
    { ...line(study.spec.metric.name, trials.map((each) => number(each.value))), differs: false },
    ...names.map((name) => line(name, trials.map((each) => (name in each.params ? plain(each.params[name]) : "–")))),
  ];
}
