// @ts-check
// Which page an address means.

import { h } from "../lib/dom.js";
import { empty } from "../parts/basics.js";
import { studies } from "./studies.js";
import { study } from "./study.js";

/** @typedef {import("../main.js").Page} Page */
/** @typedef {import("../lib/route.js").Route} Route */

/** @type {Record<string, (route: Route) => Page>} */
const BY_NAME = { studies };

/** `key` is the same for addresses of one page. @param {Route} route @returns {{key: string, make: (route: Route) => Page}} */
export function pageFor(route) {
  const [name = "studies", id, part = ""] = route.path;
  if (name === "studies" && id !== undefined) {
    return { key: `study ${id} ${part}`, make: study };
  }
  return { key: name, make: BY_NAME[name] ?? nowhere };
}

/** @returns {Page} */
function nowhere() {
  const element = h("div", { "data-loaded": true }, empty("There is no such page.", "The links above lead to those there are."));
  return { element, title: "Not found", refresh: async () => {} };
}
