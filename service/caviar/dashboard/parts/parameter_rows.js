// @ts-check
// The parameters of a space, a row of fields each.

import { h } from "../lib/dom.js";

const TYPES = ["float", "int", "choice", "constant"];
const SCALES = ["linear", "log", "one_minus_log"];
const FRESH = { float: { type: "float", low: 0, high: 1 }, int: { type: "int", low: 1, high: 10 }, choice: { type: "choice", values: ["a", "b"] }, constant: { type: "constant", value: 1 } };

/**
 * @param {Record<string, any>} space
 * @param {(next: Record<string, any>) => void} reshape rows came, went or changed their kind
 * @param {(next: Record<string, any>) => void} change a value changed
 */
export function parameterRows(space, reshape, change) {
  const names = Object.keys(space);
  const rows = names.map((name) => row(name, Object(space[name]), space, reshape, change));
  const add = h("button", { type: "button", class: "small", onclick: () => reshape({ ...space, [fresh(names)]: FRESH.float }) }, "Add a parameter");
  return h("div", { class: "parameters" }, rows, h("div", {}, add));
}

/** @param {string[]} names */
function fresh(names) {
  let count = names.length + 1;
  while (names.includes(`parameter_${count}`)) count += 1;
  return `parameter_${count}`;
}

/** @param {string} name @param {any} parameter @param {Record<string, any>} space @param {(next: any) => void} reshape @param {(next: any) => void} change */
function row(name, parameter, space, reshape, change) {
  const current = { ...space };
  const at = `/space/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`;
  const put = (/** @type {string} */ key, /** @type {any} */ value) => {
    const next = { ...current[name] };
    if (value === undefined) delete next[key];
    else next[key] = value;
    current[name] = next;
    Object.assign(space, { [name]: next });
    change({ ...space });
  };
  const rename = (/** @type {any} */ event) => {
    const next = event.target.value.trim();
    if (next && next !== name && !(next in space)) reshape(Object.fromEntries(Object.entries(space).map(([key, value]) => [key === name ? next : key, value])));
  };
  const retype = (/** @type {any} */ event) => reshape({ ...space, [name]: FRESH[/** @type {keyof typeof FRESH} */ (event.target.value)] });
  const drop = () => reshape(Object.fromEntries(Object.entries(space).filter(([key]) => key !== name)));
  return h("div", { class: "parameter", "data-pointer": at }, [
    h("input", { value: name, "aria-label": "Name", class: "mono", onchange: rename }),
    select(`Type of ${name}`, parameter.type, TYPES, retype),
    ...values(name, parameter, at, put),
    h("button", { type: "button", class: "quiet", "aria-label": `Take ${name} out`, onclick: drop }, "✕"),
  ]);
}

/** @param {string} name @param {any} parameter @param {string} at @param {(key: string, value: any) => void} put */
function values(name, parameter, at, put) {
  const field = (/** @type {string} */ key, /** @type {any} */ shown, /** @type {(text: string) => any} */ read, wide = false) =>
    h("input", { value: shown ?? "", "aria-label": `${key} of ${name}`, placeholder: key, class: wide ? "mono wide" : "mono", "data-pointer": `${at}/${key}`, oninput: (/** @type {any} */ event) => put(key, read(event.target.value)) });
  if (parameter.type === "choice") return [field("values", (parameter.values ?? []).map((/** @type {any} */ each) => (typeof each === "string" ? each : JSON.stringify(each))).join(", "), listed, true)];
  if (parameter.type === "constant") return [field("value", typeof parameter.value === "string" ? parameter.value : JSON.stringify(parameter.value), literal, true)];
  return [
    field("low", parameter.low, literal),
    field("high", parameter.high, literal),
    select(`Scale of ${name}`, parameter.scale ?? "linear", SCALES, (event) => put("scale", event.target.value === "linear" ? undefined : event.target.value)),
  ];
}

/** @param {string} label @param {string} value @param {string[]} options @param {(event: any) => void} onchange */
const select = (label, value, options, onchange) => h("select", { "aria-label": label, onchange }, options.map((each) => h("option", { value: each, selected: each === value }, each)));

/** @param {string} text */
const listed = (text) => text.split(",").map((each) => each.trim()).filter(Boolean).map(literal);

/** A number, true, false or null where the text is one; else the text. @param {string} text */
function literal(text) {
  if (text.trim() === "") return undefined;
  try {
    const value = JSON.parse(text);
    return typeof value === "object" && value !== null ? text : value;
  } catch {
    return Number.isNaN(Number(text)) ? text : Number(text);
  }
}
