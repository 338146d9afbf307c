// @ts-check
// The service itself, and who may use it (admins).

import { h, replace } from "../lib/dom.js";
import { can } from "../lib/abilities.js";
import { get, post, remove } from "../lib/api.js";
import { ago, moment } from "../lib/format.js";
import { badge, copyLine, panel, problem } from "../parts/basics.js";
import { ask, done } from "../parts/dialog.js";
import { table } from "../parts/table.js";

const ROLES = ["viewer", "submitter", "agent", "admin"];

/** @returns {import("../main.js").Page} */
export function settings() {
  const [about, place, secret] = [h("div"), h("div"), h("div")];
  const rows = table({ label: "Tokens", key: (row) => row.id, stamp: () => String(Math.floor(Date.now() / 30_000)), columns: columns() });
  const make = h("button", { type: "button", class: "primary", onclick: () => create(secret) }, "New token…");
  const out = h("button", { type: "button", onclick: () => leave() }, "Log out");
  const tokens = panel("Tokens", { tools: [make], flush: true }, secret, place);
  tokens.hidden = true;
  const element = h("div", { class: "stack" }, h("div", { class: "head" }, h("h1", { class: "grow" }, "Settings"), out), tokens, panel("This service", {}, about));
  const refresh = async () => {
    const meta = await get("/meta");
    element.setAttribute("data-loaded", "");
    const caller = await get("/session");
    const facts = { "You are": `${caller.name} (${caller.role})`, Version: meta.version, Database: meta.database, Schema: meta.schema_revision ?? "–", Strategies: meta.strategies.join(", ") };
    replace(about, h("dl", { class: "pairs" }, Object.entries(facts).flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, value)])));
    tokens.hidden = !(await can("/tokens"));
    if (tokens.hidden) return;
    try {
      rows.show((await get("/tokens")).items);
      if (!rows.element.isConnected) replace(place, rows.element);
    } catch (error) {
      replace(place, h("div", { style: { padding: "0 16px 16px" } }, problem(error)));
    }
  };
  return { element, title: "Settings", refresh, poll: 10_000 };
}

/** @returns {import("../parts/table.js").Column[]} */
function columns() {
  return [
    { name: "name", title: "Name", cell: (row) => h("strong", {}, row.name) },
    { name: "role", title: "Role", cell: (row) => row.role },
    { name: "created", title: "Made", tight: true, cell: (row) => h("span", { title: moment(row.created_at) }, ago(row.created_at)) },
    { name: "used", title: "Last used", tight: true, cell: (row) => ago(row.last_used_at) },
    { name: "expires", title: "Expires", tight: true, cell: (row) => (row.expires_at ? moment(row.expires_at) : "never") },
    { name: "state", title: "State", cell: (row) => (row.revoked_at ? badge("cancelled") : badge("alive")) },
    { name: "act", title: "", right: true, cell: (row) => (row.revoked_at ? "" : h("button", { type: "button", class: "small danger", "aria-label": `Revoke ${row.name}`, onclick: () => revoke(row) }, "Revoke…")) },
  ];
}

/** @param {Element} place */
function create(place) {
  ask({
    title: "New token",
    fields: [
      { name: "name", label: "Name", required: true, help: "Who or what uses it." },
      { name: "role", label: "Role", options: ROLES, value: "submitter", help: "viewer sees, submitter also runs studies, agent joins workers, admin may do everything." },
    ],
    verb: "Make it",
    show: problem,
    act: async (values) => {
      const made = await post("/tokens", values);
      replace(place, h("div", { style: { padding: "0 16px 12px" } }, h("p", { class: "note" }, `The secret of ${made.name}, shown this once:`), copyLine(made.secret, "the secret")));
      dispatchEvent(new CustomEvent("caviar:changed"));
    },
  });
}

/** @param {any} token */
function revoke(token) {
  ask({
    title: `Revoke ${token.name}?`,
    text: "Whoever uses it is refused from now on.",
    verb: "Revoke",
    danger: true,
    show: problem,
    act: async () => {
      await remove(`/tokens/${token.id}`);
      done("Revoked.");
    },
  });
}

async function leave() {
  await remove("/session").catch(() => {});
  location.assign("/login");
}
