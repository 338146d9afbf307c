// @ts-check
// One trial: its configuration, how it came on, what it printed, what went wrong.

import { h, replace } from "../lib/dom.js";
import { get } from "../lib/api.js";
import { ago, duration, moment, number, plain } from "../lib/format.js";
import { href } from "../lib/route.js";
import { badge, copyButton, empty, figure, filled, panel } from "../parts/basics.js";
import { attemptsTable } from "../parts/attempts.js";
import { curvesOf } from "../charts/curves.js";
import { logView } from "../parts/log.js";
import { nudgesOf } from "../parts/nudges.js";
import { trialActions } from "./trial_actions.js";

/** @param {import("../lib/route.js").Route} route @returns {import("../main.js").Page} */
export function trial(route) {
  const [, name, , wanted] = route.path;
  const base = `/studies/${encodeURIComponent(name)}`;
  const element = h("div", {}, h("h1", { class: "hidden-text" }, `Trial ${wanted}`));
  const [head, figures, why] = [h("div", { class: "head" }), h("dl", { class: "figures" }), h("div")];
  const places = { params: h("div"), curves: h("div"), attempts: h("div"), about: h("div"), log: h("div") };
  const curves = curvesOf();
  const log = logView();
  const attempts = attemptsTable();
  const nudges = nudgesOf(name);
  let last = "";

  const refresh = async () => {
    const [study, one] = await Promise.all([get(base), get(`${base}/trials/${wanted}`)]);
    if (!element.hasAttribute("data-loaded")) {
      element.setAttribute("data-loaded", "");
      replace(element, head, h("div", { class: "stack" }, figures, why, h("div", { class: "two" }, places.curves, places.params), nudges.element, places.log, h("div", { class: "two" }, places.attempts, places.about)));
      replace(places.curves, panel("Curves", {}, curves.element));
      replace(places.log, panel("Log", { tools: log.tools }, log.element));
      replace(places.attempts, panel("Attempts and events", { flush: true }, attempts.element));
    }
    const text = JSON.stringify([one, study.state, study.counts]);
    if (text !== last) show(study, one);
    last = text;
    await Promise.all([
      filled(h("div"), async () => {
        const metrics = await get(`/trials/${one.id}/metrics`);
        curves.show(metrics, study.spec.metric.name, await nudges.refresh(one, metrics, study.spec.metric.name));
      }),
      log.refresh(one),
      filled(h("div"), async () => attempts.show((await get(`/trials/${one.id}/attempts`)).items)),
    ]);
  };
  /** @param {any} study @param {any} one */
  const show = (study, one) => {
    replace(head, ...title(study, one));
    replace(figures, ...keyFigures(study, one));
    replace(why, one.reason ? reason(one) : "");
    replace(places.params, params(study, one));
    replace(places.about, about(study, one));
  };
  return { element, title: `#${wanted} · ${name}`, study: name, refresh, dispose: () => curves.dispose() };
}

/** @param {any} study @param {any} one */
function title(study, one) {
  const trail = h("p", { class: "under" }, h("a", { href: href(["studies", study.name]) }, study.name), " / ", h("a", { href: href(["studies", study.name, "trials"]) }, "trials"));
  const last = Object.values(study.counts).reduce((sum, each) => sum + Number(each), 0) - 1;
  const step = (/** @type {number} */ to, /** @type {string} */ label, /** @type {string} */ said) => (to < 0 || to > last ? null : h("a", { class: "button", href: href(["studies", study.name, "trials", to]), "aria-label": said }, label));
  return [
    h("div", { class: "grow" }, trail, h("div", { class: "title" }, h("h1", {}, `Trial #${one.number}`), badge(one.state), study.best?.number === one.number ? h("span", { class: "badge", "data-state": "completed" }, "★ best") : null)),
    h("div", { class: "actions" }, step(one.number - 1, "←", "The trial before"), step(one.number + 1, "→", "The next trial"), trialActions(study, one)),
  ];
}

/** @param {any} study @param {any} one */
function keyFigures(study, one) {
  return [
    figure(study.spec.metric.name, number(one.value), study.best ? `best ${number(study.best.value)}` : null),
    figure("Step", number(one.step)),
    figure("Round", number(one.round), `origin: ${one.origin}`),
    figure("Attempts", number(one.attempts)),
    figure("Time", duration(one.seconds), one.started_at ? `started ${ago(one.started_at)}` : "not started"),
    figure("Node", one.node ?? "–"),
  ];
}

/** @param {any} one */
function reason(one) {
  const bad = one.state === "failed" || one.state === "infeasible";
  return h("div", { class: bad ? "problem" : "advice" }, h("strong", {}, one.reason.code), h("pre", { class: "plain" }, one.reason.message));
}

/** @param {any} study @param {any} one */
function params(study, one) {
  const pairs = Object.keys(study.spec.space).filter((name) => name in one.params);
  const list = h("dl", { class: "pairs" }, pairs.flatMap((name) => [h("dt", {}, name), h("dd", { class: "mono" }, typeof one.params[name] === "number" ? String(one.params[name]) : plain(one.params[name]))]));
  const tools = [
    copyButton(JSON.stringify(one.params, null, 2), "JSON", "Copy the parameters as JSON"),
    copyButton(python(one.params), "Python", "Copy the parameters as Python"),
    copyButton(flags(one.params), "CLI", "Copy the parameters as a command line"),
  ];
  return panel("Parameters", { tools }, pairs.length ? list : empty("No parameter", "This study has constants only."));
}

/** @param {Record<string, any>} values */
export function python(values) {
  const literal = (/** @type {any} */ value) => (value === null ? "None" : value === true ? "True" : value === false ? "False" : JSON.stringify(value));
  return `params = {\n${Object.entries(values).map(([name, value]) => `    ${JSON.stringify(name)}: ${literal(value)},\n`).join("")}}`;
}

/** @param {Record<string, any>} values */
export function flags(values) {
  const quoted = (/** @type {any} */ value) => (/^[\w.+-]+$/.test(String(value)) ? String(value) : `'${String(value).replaceAll("'", `'\\''`)}'`);
  return Object.entries(values).map(([name, value]) => `${quoted(`--${name}`)} ${quoted(value)}`).join(" ");
}

/** @param {any} study @param {any} one */
function about(study, one) {
  const train = study.spec.train;
  const rows = {
    Created: moment(one.created_at),
    Started: moment(one.started_at),
    Finished: moment(one.finished_at),
    Trained: train.function ?? train.builtin ?? train.command?.join(" ") ?? "by a program outside",
    Code: study.spec.code?.bundle ?? "–",
    Resources: Object.entries(study.spec.resources ?? {}).filter(([, value]) => typeof value === "number" && value > 0).map(([key, value]) => `${value} ${key}`).join(", ") || "–",
    Seed: String(study.spec.search.seed ?? "–"),
    ID: one.id,
  };
  return panel("Environment", {}, h("dl", { class: "pairs" }, Object.entries(rows).flatMap(([key, value]) => [h("dt", {}, key), h("dd", {}, value)])));
}
