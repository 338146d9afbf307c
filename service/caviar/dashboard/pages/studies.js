// @ts-check
// All studies at a glance: how far, how good, how long still.

import { h, replace } from "../lib/dom.js";
import { can } from "../lib/abilities.js";
import { get } from "../lib/api.js";
import { ago, counted, duration, moment, number } from "../lib/format.js";
import { here, href, setQuery } from "../lib/route.js";
import { badge, empty, progress, tags } from "../parts/basics.js";
import { isLeaving } from "../parts/farewell.js";
import { table } from "../parts/table.js";
import { ended, estimate } from "../parts/outlook.js";
import { trends } from "../parts/trends.js";

const STATES = ["queued", "running", "paused", "completed", "failed", "cancelled"];
const PAGE = 200;

/** @returns {import("../main.js").Page} */
export function studies() {
  const search = h("input", { type: "search", class: "grow", placeholder: "Search names and labels", "aria-label": "Search names and labels", value: here().query.get("q") ?? "", oninput: (/** @type {any} */ event) => setQuery({ q: event.target.value }) });
  const chips = h("div", { class: "chips", role: "group", "aria-label": "States" });
  const list = h("div");
  const fresh = h("a", { class: "button primary", href: href(["new"]), hidden: true }, "New study");
  can("/studies", "post").then((may) => (fresh.hidden = !may)).catch(() => {});
  const more = h("div", { class: "actions" });
  const sparks = trends(() => draw());
  const rows = table({ label: "Studies", columns: columns(sparks), key: (row) => row.id, stamp: (row) => `${sparks.stamp(row)} ${Math.floor(Date.now() / 15_000)}`, sorted: order(), onsort: (sort) => setQuery({ sort }) });
  const element = h(
    "div",
    {},
    h("div", { class: "head" }, h("h1", { class: "grow" }, "Studies"), fresh),
    h("div", { class: "tools" }, search, chips),
    h("section", { class: "panel", "aria-label": "Studies" }, list),
    more,
  );
  /** @type {any[] | null} */
  let known = null;
  let pages = 1;

  const draw = () => {
    const { query } = here();
    replace(chips, STATES.map((state) => chip(state, chosen(query))));
    rows.sort(order());
    if (known === null) return;
    const shown = sorted(known.filter((each) => fits(each, query) && !isLeaving(each)), order());
    rows.show(shown);
    replace(list, known.length === 0 ? none() : shown.length === 0 ? empty("No study is like that.", "Clear the search or the states.") : rows.element);
  };
  const refresh = async () => {
    known = [];
    let token = null;
    for (let page = 0; page < pages; page++) {
      const answer = await get("/studies", { page_size: PAGE, page_token: token });
      known.push(...answer.items);
      token = answer.next_page_token;
      if (!token) break;
    }
    replace(more, token ? h("button", { type: "button", onclick: () => ((pages += 1), refresh()) }, "Older studies") : null);
    element.setAttribute("data-loaded", "");
    draw();
  };
  draw();
  return { element, title: "Studies", refresh, turn: draw, poll: 3_000 };
}

/** @param {ReturnType<typeof trends>} sparks @returns {import("../parts/table.js").Column[]} */
function columns(sparks) {
  return [
    { name: "name", title: "Name", sort: "name", cell: (row) => h("div", {}, h("a", { href: href(["studies", row.name]) }, h("strong", {}, row.name)), h("div", {}, tags(row.spec.labels))) },
    { name: "state", title: "State", sort: "state", cell: (row) => badge(row.state) },
    { name: "best", title: "Best", sort: "best", right: true, cell: (row) => best(row) },
    { name: "trend", title: "Best so far", cell: (row) => sparks.of(row) },
    { name: "progress", title: "Trials", sort: "progress", cell: (row) => trials(row) },
    { name: "left", title: "Time left", right: true, tight: true, cell: (row) => (row.state === "running" ? duration(estimate(row)) : "–") },
    { name: "compute", title: "Compute", right: true, tight: true, cell: (row) => sparks.compute(row) },
    { name: "created", title: "Created", sort: "created", right: true, tight: true, cell: (row) => h("span", { title: moment(row.created_at) }, ago(row.created_at)) },
  ];
}

/** @param {any} row */
function best(row) {
  if (!row.best) return h("span", { class: "muted" }, "–");
  return h("span", { title: `trial ${row.best.number}` }, h("strong", { class: "number" }, number(row.best.value)), h("div", { class: "note" }, row.spec.metric.name));
}

/** @param {any} row */
function trials(row) {
  const total = row.spec.budget.trials;
  return h("div", {}, progress(row.counts, total), h("div", { class: "note number" }, `${number(ended(row.counts))} of ${number(total)}`, row.counts.failed ? `, ${row.counts.failed} failed` : ""));
}

const chosen = (/** @type {URLSearchParams} */ query) => (query.get("state") ?? "").split(",").filter(Boolean);
const order = () => here().query.get("sort") ?? "-created";

/** @param {string} state @param {string[]} pressed */
function chip(state, pressed) {
  const on = pressed.includes(state);
  const next = on ? pressed.filter((each) => each !== state) : [...pressed, state];
  return h("button", { type: "button", "aria-pressed": String(on), onclick: () => setQuery({ state: next.join(",") }) }, state);
}

/** @param {any} row @param {URLSearchParams} query */
function fits(row, query) {
  const states = chosen(query);
  const words = (query.get("q") ?? "").toLowerCase().split(/\s+/).filter(Boolean);
  const text = [row.name, row.spec.metric.name, ...Object.entries(row.spec.labels ?? {}).map((each) => each.join(":"))].join(" ").toLowerCase();
  return (states.length === 0 || states.includes(row.state)) && words.every((word) => text.includes(word));
}

/** @type {Record<string, (row: any) => any>} */
const KEYS = {
  name: (row) => row.name.toLowerCase(),
  state: (row) => STATES.indexOf(row.state),
  best: (row) => row.best?.value ?? null,
  progress: (row) => ended(row.counts) / row.spec.budget.trials,
  created: (row) => row.created_at,
};

/** Those without a value come last. @param {any[]} rows @param {string} by */
function sorted(rows, by) {
  const key = KEYS[by.replace("-", "")] ?? KEYS.created;
  const way = by.startsWith("-") ? -1 : 1;
  return [...rows].sort((a, b) => {
    const [x, y] = [key(a), key(b)];
    if (x === null || y === null) return (x === null ? 1 : 0) - (y === null ? 1 : 0);
    return x < y ? -way : x > y ? way : 0;
  });
}

function none() {
  return empty("No study yet.", `Write one with “New study”, or submit one from a terminal: ${counted(1, "line")}.`, "caviar submit study.yaml --watch");
}
