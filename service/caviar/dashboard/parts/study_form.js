// @ts-check
// A study's document as fields. What the form does not know it leaves as it is.

import { h, replace } from "../lib/dom.js";
import { panel } from "./basics.js";
import { parameterRows } from "./parameter_rows.js";

const STRATEGIES = ["coarse_to_fine", "random", "sobol", "grid", "tpe", "gp", "cmaes", "pbt"];
const RULES = ["none", "asha", "hyperband", "median"];
const KINDS = ["builtin", "function", "command", "external"];

/** @typedef {(path: string[], value: any) => void} Put */

/** @param {(document: any) => void} changed */
export function form(changed) {
  const body = h("div", { class: "stack" });
  /** @type {any} */
  let draft = {};

  /** Sets what is at the path, or takes it away when undefined. @type {Put} */
  const put = (path, value) => {
    const copy = structuredClone(draft);
    let at = copy;
    for (const key of path.slice(0, -1)) at = at[key] = object(at[key]);
    const last = path[path.length - 1];
    if (value === undefined) delete at[last];
    else at[last] = value;
    changed((draft = copy));
  };
  const redraw = () => {
    const space = parameterRows(object(draft.space), (next) => (put(["space"], next), redraw()), (next) => put(["space"], next));
    replace(body, panel("Study", {}, main(object(draft), put, redraw)), panel("Space", { note: "What is searched, each on its own scale." }, space), panel("Search and budget", {}, budget(object(draft), put)));
  };
  return {
    element: body,
    /** @param {any} document */
    show: (document) => {
      draft = object(document);
      redraw();
    },
    /** Marks the fields that pointers name. @param {string[]} pointers */
    point: (pointers) => {
      for (const each of body.querySelectorAll("[data-pointer]")) {
        const pointer = each.getAttribute("data-pointer") ?? "";
        if (pointers.some((wrong) => wrong === pointer || wrong.startsWith(`${pointer}/`))) each.setAttribute("aria-invalid", "true");
        else each.removeAttribute("aria-invalid");
      }
    },
  };
}

/** @param {any} value */
const object = (value) => (value !== null && typeof value === "object" && !Array.isArray(value) ? value : {});

/** @param {any} draft @param {Put} put @param {() => void} redraw */
function main(draft, put, redraw) {
  const train = object(draft.train);
  const kind = KINDS.find((each) => each in train) ?? "builtin";
  const value = kind === "command" ? [train.command].flat().join(" ") : kind === "external" ? "" : train[kind];
  const given = (/** @type {string} */ text) => (kind === "command" ? text.split(/\s+/).filter(Boolean) : text);
  const initial = { builtin: "mlp", function: "train:main", command: ["python", "train.py"], external: true };
  const change = (/** @type {string} */ next) => (put(["train"], { [next]: initial[/** @type {keyof typeof initial} */ (next)] }), redraw());
  return h("div", { class: "fields" }, [
    text("Name", "/name", draft.name, (next) => put(["name"], next || undefined)),
    text("Metric", "/metric/name", object(draft.metric).name, (next) => put(["metric", "name"], next)),
    pick("Goal", "/metric/goal", object(draft.metric).goal ?? "minimize", ["minimize", "maximize"], (next) => put(["metric", "goal"], next)),
    pick("Trained by", "/train", kind, KINDS, change),
    kind === "external" ? h("p", { class: "help" }, "A program of yours asks for trials and tells their results.") : text(kind, `/train/${kind}`, value, (next) => put(["train", kind], given(next))),
  ]);
}

/** @param {any} draft @param {Put} put */
function budget(draft, put) {
  const whole = (/** @type {string} */ next) => (next === "" ? undefined : Number(next));
  return h("div", { class: "fields" }, [
    pick("Strategy", "/search/strategy", object(draft.search).strategy ?? "random", STRATEGIES, (next) => put(["search", "strategy"], next)),
    pick("Early stopping", "/stopping/rule", object(draft.stopping).rule ?? "none", RULES, (next) => put(["stopping", "rule"], next)),
    text("Trials", "/budget/trials", object(draft.budget).trials, (next) => put(["budget", "trials"], whole(next)), "number"),
    text("At once", "/budget/parallel", object(draft.budget).parallel, (next) => put(["budget", "parallel"], whole(next)), "number"),
    text("Seconds in all", "/budget/seconds", object(draft.budget).seconds, (next) => put(["budget", "seconds"], whole(next)), "number"),
    text("GPUs a trial", "/resources/gpus", object(draft.resources).gpus, (next) => put(["resources", "gpus"], whole(next)), "number"),
  ]);
}

/** @param {string} label @param {string} pointer @param {any} value @param {(next: string) => void} oninput @param {string} [type] */
export function text(label, pointer, value, oninput, type = "text") {
  return h("label", { class: "field" }, label, h("input", { type, step: "any", value: value ?? "", "data-pointer": pointer, autocomplete: "off", oninput: (/** @type {any} */ event) => oninput(event.target.value) }));
}

/** @param {string} label @param {string} pointer @param {string} value @param {string[]} options @param {(next: string) => void} onchange */
export function pick(label, pointer, value, options, onchange) {
  const all = options.includes(value) ? options : [value, ...options];
  return h("label", { class: "field" }, label, h("select", { "data-pointer": pointer, onchange: (/** @type {any} */ event) => onchange(event.target.value) }, all.map((each) => h("option", { value: each, selected: each === value }, each))));
}
