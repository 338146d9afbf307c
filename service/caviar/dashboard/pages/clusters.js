// @ts-check
// What trains: agents, their nodes, what they have free, what runs where, and how another one joins.

import { h, replace } from "../lib/dom.js";
import { get } from "../lib/api.js";
import { ago, counted, memory, moment, number } from "../lib/format.js";
import { href } from "../lib/route.js";
import { badge, copyLine, empty, panel } from "../parts/basics.js";
import { table } from "../parts/table.js";

/** @returns {import("../main.js").Page} */
export function clusters() {
  const list = h("div", { class: "stack" });
  const join = panel("Join another worker", { note: "On a machine of a Ray cluster, with a token of role agent in CAVIAR_TOKEN:" }, copyLine(`caviar agent --server ${location.origin} --ray-address auto`));
  const element = h("div", { class: "stack" }, h("div", { class: "head" }, h("h1", { class: "grow" }, "Clusters")), list, join);
  /** @type {Map<string, ReturnType<typeof cluster>>} */
  const shown = new Map();

  const refresh = async () => {
    const { items } = await get("/agents");
    element.setAttribute("data-loaded", "");
    const present = items.filter((/** @type {any} */ each) => !each.left || Date.now() - Date.parse(each.last_seen_at) < 86_400_000);
    if (present.length === 0) return replace(list, h("section", { class: "panel" }, empty("No cluster yet.", "`caviar up` brings one; the line below joins another.")));
    const details = await Promise.all(present.map((/** @type {any} */ each) => get(`/agents/${each.id}`)));
    const panels = details.map((each) => {
      const known = shown.get(each.id) ?? cluster();
      shown.set(each.id, known);
      known.show(each);
      return known.element;
    });
    if (panels.length !== list.children.length || panels.some((each, index) => each !== list.children[index])) replace(list, panels);
  };
  return { element, title: "Clusters", refresh, poll: 3_000 };
}

function cluster() {
  const head = h("header");
  const nodes = table({ label: "Nodes", key: (row) => row.id, columns: NODE_COLUMNS });
  const work = table({ label: "Trials at work", key: (row) => row.trial + row.state, stamp: tick, columns: WORK_COLUMNS });
  const idle = h("div");
  const element = h("section", { class: "panel" }, head, h("div", { class: "body flush" }, nodes.element, idle));
  return {
    element,
    /** @param {any} agent */
    show: (agent) => {
      element.setAttribute("aria-label", `Cluster ${agent.id}`);
      const state = agent.left ? "left" : agent.alive ? "alive" : "lost";
      const seen = h("span", { class: "note", title: moment(agent.last_seen_at) }, `heard of ${ago(agent.last_seen_at)}`);
      replace(head, h("h2", { class: "mono" }, agent.id.slice(0, 13)), badge(state), seen, h("span", { class: "note" }, `${number(agent.running)} running, ${number(agent.leased)} waiting there, ${counted(agent.pending_slots, "more slot")} can be had`));
      nodes.show(agent.nodes);
      work.show(agent.trials);
      replace(idle, agent.trials.length ? h("div", {}, h("h3", { style: { padding: "14px 16px 4px" } }, "At work"), work.element) : h("p", { class: "note", style: { padding: "10px 16px" } }, state === "lost" ? "Not heard of for two leases: its trials are given to others." : "Nothing runs here."));
    },
  };
}

const tick = () => String(Math.floor(Date.now() / 5_000));

/** @param {number} free @param {number} total @param {(amount: number) => string} shown @param {string} what */
function meter(free, total, shown, what) {
  if (!total) return h("span", { class: "muted" }, "–");
  const used = Math.max(0, total - free);
  return h("div", { title: `${shown(used)} of ${shown(total)} ${what} in use` }, h("span", { class: "meter", role: "img", "aria-label": `${shown(used)} of ${shown(total)} ${what} in use` }, h("span", { style: { width: `${(100 * used) / total}%` } })), h("div", { class: "note number" }, `${shown(used)} / ${shown(total)}`));
}

/** @type {import("../parts/table.js").Column[]} */
const NODE_COLUMNS = [
  { name: "host", title: "Node", cell: (row) => h("div", {}, h("strong", {}, row.host), h("div", { class: "note mono" }, row.id.slice(0, 12))) },
  { name: "cpus", title: "CPUs in use", cell: (row) => meter(row.free.cpus, row.total.cpus, number, "CPUs") },
  { name: "gpus", title: "GPUs in use", cell: (row) => meter(row.free.gpus, row.total.gpus, number, "GPUs") },
  { name: "memory", title: "Memory in use", cell: (row) => meter(row.free.memory_mb, row.total.memory_mb, memory, "memory") },
  { name: "custom", title: "Other", cell: (row) => Object.entries(row.total.custom ?? {}).map(([key, value]) => `${key}: ${number(value)}`).join(", ") || "–" },
];

/** @type {import("../parts/table.js").Column[]} */
const WORK_COLUMNS = [
  { name: "trial", title: "Trial", cell: (row) => h("a", { href: href(["studies", row.study_name, "trials", row.number]) }, `${row.study_name} #${row.number}`) },
  { name: "state", title: "State", cell: (row) => badge(row.state) },
  { name: "node", title: "Node", cell: (row) => row.node ?? "–" },
  { name: "since", title: "Since", right: true, tight: true, cell: (row) => ago(row.since) },
];
