// @ts-check
// Which page an address means.

import { h } from "../lib/dom.js";
import { empty } from "../parts/basics.js";
import { clusters } from "./clusters.js";
import { newStudy } from "./new.js";
import { settings } from "./settings.js";
import { studies } from "./studies.js";
import { study } from "./study.js";
import { trial } from "./trial.js";

/** @typedef {import("../main.js").Page} Page */
/** @typedef {import("../lib/route.js").Route} Route */

/** @type {Record<string, (route: Route) => Page>} */
const BY_NAME = { studies, clusters, settings, new: newStudy };

/** `key` is the same for addresses of one page. @param {Route} route @returns {{key: string, make: (route: Route) => Page}} */
export function pageFor(route) {
  const [name = "studies", id, part = "", more] = route.path;
  if (name === "studies" && id !== undefined) {
    if (part === "trials" && more !== undefined) return { key: `trial ${id} ${more}`, make: trial };
    return { key: `study ${id} ${part}`, make: study };
  }
  return { key: `${name} ${name === "new" ? (route.query.get("from") ?? "") : ""}`, make: BY_NAME[name] ?? nowhere };
}

/** @returns {Page} */
function nowhere() {
  const element = h("div", { "data-loaded": true }, empty("There is no such page.", "The links above lead to those there are."));
  return { element, title: "Not found", refresh: async () => {} };
}
