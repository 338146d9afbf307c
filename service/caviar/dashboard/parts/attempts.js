// @ts-check
// Each execution of a trial, and why it ended.

import { h } from "../lib/dom.js";
import { duration, moment, number, seconds } from "../lib/format.js";
import { badge } from "./basics.js";
import { table } from "./table.js";

export function attemptsTable() {
  const lasted = (/** @type {any} */ row) => {
    const from = seconds(row.started_at);
    return from === null ? null : (seconds(row.ended_at) ?? Date.now() / 1000) - from;
  };
  return table({
    label: "Attempts",
    key: (row) => row.id,
    stamp: (row) => (row.ended_at ? "" : String(Math.floor(Date.now() / 1000))),
    columns: [
      { name: "number", title: "Attempt", right: true, cell: (row) => number(row.number) },
      { name: "state", title: "State", cell: (row) => badge(row.state) },
      { name: "node", title: "Node", cell: (row) => row.node ?? "–" },
      { name: "leased", title: "Given out", tight: true, cell: (row) => moment(row.leased_at) },
      { name: "lasted", title: "Ran", right: true, tight: true, cell: (row) => duration(lasted(row)) },
      { name: "reason", title: "Why it ended", cell: (row) => (row.reason ? h("span", {}, h("strong", {}, row.reason.code), ` ${row.reason.message}`) : "–") },
    ],
  });
}
