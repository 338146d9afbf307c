// @ts-check
// All studies at a glance: how far, how good, how long still.

import { h, replace } from "../lib/dom.js";
import { can } from "../lib/abilities.js";
import { get } from "../lib/api.js";
import { ago, duration, moment, number, seconds } from "../lib/format.js";
import { here, href, setQuery } from "../lib/route.js";
import { sparkline } from "../charts/sparkline.js";
import { badge, empty, problem, progress, tags } from "../parts/basics.js";
import { isLeaving } from "../parts/farewell.js";
import { table } from "../parts/table.js";

const STATES = ["queued", "running", "paused", "completed", "failed", "cancelled"];
const PAGE = 100;
const PAUSE_MILLISECONDS = 250;

/** @returns {import("../main.js").Page} */
export function studies() {
  const search = h("input", { type: "search", class: "grow", placeholder: "Search names, labels and notes", "aria-label": "Search names, labels and notes", value: here().query.get("q") ?? "", oninput: (/** @type {any} */ event) => setQuery({ q: event.target.value }) });
  const buttons = STATES.map(chip);
  const chips = h("div", { class: "chips", role: "group", "aria-label": "States" }, buttons);
  const [list, more, said] = [h("div"), h("div", { class: "actions" }), h("div", { "aria-live": "polite" })];
  const fresh = h("a", { class: "button primary", href: href(["new"]), hidden: true }, "New study");
  can("/studies", "post").then((may) => (fresh.hidden = !may)).catch(() => {});
  const rows = table({ label: "Studies", columns: columns(), key: (row) => row.id, stamp: () => String(Math.floor(Date.now() / 15_000)), sorted: order(), onsort: (sort) => setQuery({ sort }) });
  const element = h(
    "div",
    {},
    h("div", { class: "head" }, h("h1", { class: "grow" }, "Studies"), fresh),
    h("div", { class: "tools" }, search, chips),
    said,
    h("section", { class: "panel", "aria-label": "Studies" }, list),
    more,
  );
  let [pages, turn, timer] = [1, 0, 0];

  const refresh = async () => {
    const mine = (turn += 1);
    const { found, token } = await read(pages);
    if (mine !== turn) return;
    const shown = found.filter((each) => !isLeaving(each));
    rows.show(shown);
    replace(list, shown.length ? rows.element : asked() ? empty("No study is like that.", "Clear the search or the states.") : await none());
    replace(more, token ? h("button", { type: "button", onclick: () => ((pages += 1), refresh()) }, "More studies") : null);
    replace(said);
    element.setAttribute("data-loaded", "");
  };
  const drawTools = () => {
    STATES.forEach((state, index) => buttons[index].setAttribute("aria-pressed", String(chosen().includes(state))));
    rows.sort(order());
  };
  const again = () => {
    drawTools();
    clearTimeout(timer);
    timer = setTimeout(() => refresh().catch((error) => replace(said, problem(error))), PAUSE_MILLISECONDS);
  };
  drawTools();
  return { element, title: "Studies", refresh, turn: again, poll: 3_000, dispose: () => clearTimeout(timer) };
}

/** So many pages of what the address asks for. @param {number} pages */
async function read(pages) {
  const { query } = here();
  const found = [];
  let token = null;
  for (let page = 0; page < pages; page++) {
    const answer = await get("/studies", { search: words(query.get("q")), state: query.get("state"), order_by: order(), page_size: PAGE, page_token: token });
    found.push(...answer.items);
    token = answer.next_page_token;
    if (!token) break;
  }
  return { found, token };
}

/** A label is found as it is shown, too: `team: vision`. @param {string | null} text */
const words = (text) => text?.replaceAll(/:\s*/g, "=");

const asked = () => Boolean(here().query.get("q") || here().query.get("state"));

/** @returns {import("../parts/table.js").Column[]} */
function columns() {
  return [
    { name: "name", title: "Name", sort: "name", cell: (row) => h("div", {}, h("a", { href: href(["studies", row.name]) }, h("strong", {}, row.name)), h("div", {}, tags(row.labels))) },
    { name: "state", title: "State", sort: "state", cell: (row) => h("span", { title: row.reason?.message }, badge(row.state)) },
    { name: "best", title: "Best", sort: "best", right: true, cell: (row) => best(row) },
    { name: "trend", title: "Best so far", cell: (row) => trend(row) },
    { name: "progress", title: "Trials", sort: "ended", cell: (row) => trials(row) },
    { name: "left", title: "Time left", right: true, tight: true, cell: (row) => left(row) },
    { name: "compute", title: "Compute", sort: "compute_seconds", right: true, tight: true, cell: (row) => (row.progress.compute_seconds ? duration(row.progress.compute_seconds) : "–") },
    { name: "created", title: "Created", sort: "created_at", right: true, tight: true, cell: (row) => h("span", { title: moment(row.created_at) }, ago(row.created_at)) },
  ];
}

/** @param {any} row */
function trend(row) {
  const values = row.progress.best_so_far;
  return values.length ? sparkline(values, `From ${number(values[0])} to ${number(values[values.length - 1])}`) : h("span", { class: "muted" }, "–");
}

/** @param {any} row */
function left(row) {
  const { eta, eta_reason: why } = row.progress;
  if (!eta) return h("span", { class: "muted", title: why }, "–");
  return h("span", { title: `Between ${moment(eta.low)} and ${moment(eta.high)}` }, duration(Math.max(0, (seconds(eta.middle) ?? 0) - Date.now() / 1000)));
}

/** @param {any} row */
function best(row) {
  if (!row.best) return h("span", { class: "muted" }, "–");
  return h("span", { title: `trial ${row.best.number}` }, h("strong", { class: "number" }, number(row.best.value)), h("div", { class: "note" }, row.spec.metric.name));
}

/** @param {any} row */
function trials(row) {
  const total = row.spec.budget.trials;
  return h("div", {}, progress(row.counts, total), h("div", { class: "note number" }, `${number(row.progress.ended)} of ${number(total)}`, row.counts.failed ? `, ${row.counts.failed} failed` : ""));
}

const chosen = () => (here().query.get("state") ?? "").split(",").filter(Boolean);
const order = () => here().query.get("sort") ?? "-created_at";

/** @param {string} state */
function chip(state) {
  const flip = () => {
    const others = chosen().filter((each) => each !== state);
    setQuery({ state: (chosen().includes(state) ? others : [...others, state]).join(",") });
  };
  return h("button", { type: "button", "aria-pressed": "false", onclick: flip }, state);
}

async function none() {
  if (!(await can("/studies", "post"))) return empty("No study yet.", "They appear here when somebody submits one.");
  return empty("No study yet.", "Write one with “New study”, or submit one from a terminal:", "caviar submit study.yaml --watch");
}
