// @ts-check
// All trials: pages, order and filter by the service; what is chosen here is compared or exported.

import { h, replace } from "../../lib/dom.js";
import { addressOf, get } from "../../lib/api.js";
import { here, setQuery } from "../../lib/route.js";
import { empty, problem } from "../../parts/basics.js";
import { comparison } from "../../parts/compare.js";
import { table } from "../../parts/table.js";
import { columnMenu, shownColumns, trialColumns } from "../../parts/trial_columns.js";

const SIZES = [50, 100, 250, 500];
const FORMATS = { csv: "Export CSV", json: "JSON", parquet: "Parquet" };
const STATES = ["waiting", "running", "paused", "completed", "stopped", "failed", "infeasible", "cancelled"];

/** @param {string} name @returns {import("../study.js").Part} */
export function trials(name) {
  const base = `/studies/${encodeURIComponent(name)}/trials`;
  const said = h("div", { "aria-live": "polite" });
  const tools = h("div", { class: "tools" });
  const place = h("div");
  const foot = h("div", { class: "tools" });
  const comparing = comparison(name);
  const rows = table({
    label: "Trials",
    columns: [],
    key: (row) => row.id,
    sorted: order(),
    marked: (row) => picked().includes(row.number),
    onsort: (order_by) => setQuery({ order_by, page_token: null }),
  });
  const element = h("div", { class: "stack" }, h("div", {}, tools, said, h("section", { class: "panel", "aria-label": "Trials" }, place)), foot, comparing.element);
  /** @type {any} */
  let study = null;
  let shape = "";
  /** Tokens of the pages before, so that one can go back. @type {string[]} */
  let before = [];

  const load = async () => {
    if (!study) return;
    const columns = shownColumns(study, here().query.get("columns"));
    if (shape !== columns.join()) rows.shape([pickColumn(), ...trialColumns(study, columns)]);
    shape = columns.join();
    rows.sort(order());
    let answer;
    try {
      answer = await get(base, query());
    } catch (error) {
      return replace(said, problem(error));
    }
    replace(said);
    rows.show(answer.items);
    replace(place, answer.items.length ? rows.element : nothing());
    replace(foot, ...paging(answer.next_page_token));
    await comparing.show(study, picked());
  };
  /** @param {string | null} token */
  const paging = (token) => {
    const at = here().query.get("page_token") ?? "";
    const back = h("button", { type: "button", disabled: at === "", onclick: () => setQuery({ page_token: before.pop() ?? null }) }, "Previous");
    const on = h("button", { type: "button", disabled: token === null, onclick: () => (before.push(at), setQuery({ page_token: token })) }, "Next");
    const size = h("select", { "aria-label": "Trials per page", onchange: (/** @type {any} */ event) => ((before = []), setQuery({ page_size: event.target.value, page_token: null })) }, SIZES.map((each) => h("option", { value: each, selected: each === Number(query().page_size) }, `${each} per page`)));
    return [back, on, size, h("span", { class: "grow" }), ...exports(name)];
  };
  return {
    element,
    refresh: async (next) => {
      const first = study === null;
      study = next;
      if (first) replace(tools, ...bar(study));
      await load();
    },
    turn: () => void load(),
    dispose: comparing.dispose,
  };
}

const order = () => here().query.get("order_by") ?? "number";
const picked = () => (here().query.get("compare") ?? "").split(",").filter(Boolean).map(Number);

function query() {
  const { query } = here();
  return { state: query.get("state"), filter: query.get("filter"), order_by: order(), page_size: query.get("page_size") ?? 50, page_token: query.get("page_token") };
}

/** @param {any} study */
function bar(study) {
  const example = `value < 0.2 and state = 'completed'`;
  const filter = h("input", { type: "search", class: "grow mono", placeholder: `Filter, such as: ${example}`, "aria-label": "Filter expression", value: here().query.get("filter") ?? "" });
  const apply = (/** @type {Event} */ event) => (event.preventDefault(), setQuery({ filter: /** @type {any} */ (filter).value, page_token: null }));
  const state = h("select", { "aria-label": "State", onchange: (/** @type {any} */ event) => setQuery({ state: event.target.value, page_token: null }) }, h("option", { value: "" }, "All states"), STATES.map((each) => h("option", { value: each, selected: here().query.get("state") === each }, each)));
  return [h("form", { class: "tools grow", style: { margin: "0" }, onsubmit: apply }, filter, h("button", { type: "submit" }, "Filter")), state, columnMenu(study)];
}

function pickColumn() {
  const pick = (/** @type {any} */ event, /** @type {number} */ number) => {
    const others = picked().filter((each) => each !== number);
    setQuery({ compare: (event.target.checked ? [...others, number] : others).join(",") });
  };
  return { name: "compare", title: "", cell: (/** @type {any} */ row) => h("input", { type: "checkbox", "aria-label": `Compare trial ${row.number}`, checked: picked().includes(row.number), onchange: (/** @type {any} */ event) => pick(event, row.number) }) };
}

function nothing() {
  const { query } = here();
  if (query.get("filter") || query.get("state")) return empty("No trial is like that.", "Clear the filter or choose another state.");
  return empty("No trial yet.", "Trials start when a worker joins, or when a program asks.", `caviar agent --server ${location.origin}`);
}

/** @param {string} name */
function exports(name) {
  const { filter, state, order_by } = query();
  return Object.entries(FORMATS).map(([format, said]) =>
    h("a", { class: "button", href: addressOf(`/studies/${encodeURIComponent(name)}/trials/export`, { format, filter, state, order_by }), download: `${name}.${format}` }, said),
  );
}
