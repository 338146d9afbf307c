// @ts-check
// What every picture can be narrowed to: states, origins, the best part.

import { h } from "../lib/dom.js";
import { here, setQuery } from "../lib/route.js";

const STATES = ["completed", "stopped", "running", "paused", "failed", "infeasible"];
const ORIGINS = ["box", "space", "initial", "user", "random", "sobol", "grid"];

/** What the service is asked for. */
export function pictureQuery() {
  const { query } = here();
  return { state: query.get("states"), origin: query.get("origins") };
}

export function filters() {
  const top = here().query.get("top") ?? "100";
  const said = h("output", { class: "number" }, `${top}%`);
  const slide = (/** @type {any} */ event) => {
    said.textContent = `${event.target.value}%`;
    setQuery({ top: event.target.value === "100" ? null : event.target.value });
  };
  const slider = h("input", { type: "range", class: "plain-range", min: 1, max: 100, value: top, "aria-label": "Share of the best that is lit", oninput: slide });
  return [group("states", STATES), origin(), h("span", { class: "grow" }), h("label", { class: "check" }, "best", slider, said)];
}

/** @param {string} key @param {string[]} names */
function group(key, names) {
  const pressed = () => (here().query.get(key) ?? "").split(",").filter(Boolean);
  const chips = names.map((name) => {
    const flip = () => {
      const others = pressed().filter((each) => each !== name);
      const next = pressed().includes(name) ? others : [...others, name];
      setQuery({ [key]: next.join(",") });
      button.setAttribute("aria-pressed", String(next.includes(name)));
    };
    const button = h("button", { type: "button", "aria-pressed": String(pressed().includes(name)), onclick: flip }, name);
    return button;
  });
  return h("div", { class: "chips", role: "group", "aria-label": "States shown" }, chips);
}

function origin() {
  const shown = here().query.get("origins") ?? "";
  const names = ORIGINS.includes(shown) || !shown ? ORIGINS : [shown, ...ORIGINS];
  return h("select", { "aria-label": "Origin", onchange: (/** @type {any} */ event) => setQuery({ origins: event.target.value }) }, h("option", { value: "" }, "All origins"), names.map((each) => h("option", { value: each, selected: each === shown }, each)));
}
