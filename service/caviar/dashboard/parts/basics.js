// @ts-check
// Badges, panels, key figures, empty states, problems, commands to copy.

import { h, replace } from "../lib/dom.js";
import { Problem } from "../lib/api.js";
import { toast } from "./dialog.js";

const SIGNS = { queued: "○", waiting: "○", leased: "◔", running: "◐", paused: "❚❚", completed: "✓", alive: "✓", stopped: "■", failed: "✕", lost: "✕", infeasible: "∅", cancelled: "–" };

/** @param {string} state */
export function badge(state) {
  const sign = SIGNS[/** @type {keyof typeof SIGNS} */ (state)];
  return h("span", { class: "badge", "data-state": state }, sign ? h("span", { "aria-hidden": "true" }, sign) : null, state);
}

/** @param {Record<string, string>} labels */
export function tags(labels) {
  return h("span", { class: "tags" }, Object.entries(labels ?? {}).map(([key, value]) => h("span", { class: "tag" }, `${key}: ${value}`)));
}

/**
 * @param {string} title
 * @param {{tools?: (Node | null)[], note?: string, flush?: boolean, wide?: boolean}} how
 * @param {...any} body
 */
export function panel(title, how, ...body) {
  const inside = h("div", { class: how.flush ? "body flush" : "body" }, ...body);
  const head = h("header", {}, h("h2", {}, title), ...(how.tools ?? []));
  const note = how.note ? h("p", { class: "note", style: { padding: "2px 16px 0" } }, how.note) : null;
  return h("section", { class: how.wide ? "panel wide" : "panel", "aria-label": title }, head, note, inside);
}

/** @param {string} name @param {any} value @param {any} [more] */
export function figure(name, value, more) {
  return h("div", { class: "figure" }, h("dt", {}, name), h("dd", {}, value, more ? h("small", {}, more) : null));
}

/** @param {Record<string, number>} counts @param {number} total */
export function progress(counts, total) {
  const shown = ["completed", "stopped", "failed", "infeasible", "cancelled", "running", "paused"].filter((state) => counts[state]);
  const ended = total - (total - ["completed", "stopped", "failed", "infeasible", "cancelled"].reduce((sum, state) => sum + counts[state], 0));
  const said = shown.map((state) => `${counts[state]} ${state}`).join(", ") || "nothing yet";
  return h(
    "div",
    { class: "progress", role: "img", "aria-label": `${ended} of ${total} trials: ${said}`, title: said },
    shown.map((state) => h("span", { "data-state": state, style: { width: `${(100 * counts[state]) / Math.max(1, total)}%` } })),
  );
}

/** @param {string} title @param {string} text @param {string} [command] */
export function empty(title, text, command) {
  return h("div", { class: "empty" }, h("h3", {}, title), h("p", {}, text), command ? copyLine(command) : null);
}

/** @param {string} text @param {string} [name] what is copied, for those who hear the page */
export function copyLine(text, name = "the command") {
  return h("div", { class: "command" }, h("code", { tabindex: "0" }, text), copyButton(text, "Copy", `Copy ${name}`));
}

/** @param {string | (() => string)} text @param {string} label @param {string} [name] */
export function copyButton(text, label, name) {
  const copy = async () => {
    await navigator.clipboard.writeText(typeof text === "string" ? text : text());
    toast("Copied.");
  };
  return h("button", { type: "button", class: "small", "aria-label": name, onclick: () => copy().catch(() => toast("The browser did not allow copying.")) }, label);
}

/** @param {any} error */
export function problem(error) {
  const known = error instanceof Problem ? error : new Problem({ detail: String(error?.message ?? error) });
  const list = known.errors.map((each) => h("li", {}, h("code", {}, each.pointer || "/"), ` ${each.detail}`));
  return h("div", { class: "problem", role: "alert" }, h("strong", {}, known.message), known.hint ? h("p", {}, known.hint) : null, list.length ? h("ul", {}, list) : null);
}

/**
 * Fills `place` from what `make` promises; what it refuses with is shown there instead.
 * @param {Element} place
 * @param {() => Promise<any>} make
 */
export async function filled(place, make) {
  try {
    replace(place, ...[await make()].flat());
  } catch (error) {
    replace(place, problem(error));
  }
}
