// @ts-check
// A study: its head and key figures, and below them one of its parts.

import { h, replace } from "../lib/dom.js";
import { get } from "../lib/api.js";
import { ago, duration, moment, number, seconds, share } from "../lib/format.js";
import { here, href } from "../lib/route.js";
import { prepare } from "../charts/plotly.js";
import { badge, figure, progress, tags } from "../parts/basics.js";
import { elapsed, ended } from "../parts/outlook.js";
import { actions } from "./study/actions.js";
import { curves } from "./study/curves.js";
import { document_ } from "./study/document.js";
import { explore } from "./study/explore.js";
import { overview } from "./study/overview.js";
import { trials } from "./study/trials.js";
import { workers } from "./study/workers.js";

/** @typedef {{element: Element, refresh: (study: any) => Promise<void>, turn?: () => void, dispose?: () => void}} Part */

/** @type {[string, string, (name: string) => Part][]} */
const PARTS = [
  ["", "Overview", overview],
  ["explore", "Explore", explore],
  ["curves", "Curves", curves],
  ["trials", "Trials", trials],
  ["workers", "Workers", workers],
  ["document", "Document", document_],
];

const SHARED = ["brush", "pick", "states", "origins"];

/** @param {import("../lib/route.js").Route} route @returns {import("../main.js").Page} */
export function study(route) {
  const [, name, wanted = ""] = route.path;
  const [, , make] = PARTS.find(([path]) => path === wanted) ?? PARTS[0];
  prepare();
  const part = make(name);
  const head = h("div", { class: "head" });
  const figures = h("dl", { class: "figures" });
  const tabs = h("nav", { class: "tabs", "aria-label": "Parts of the study" }, PARTS.map(([path, title]) => tab(name, path, title, wanted)));
  /** What is marked and left out in one picture is so in all. */
  const carry = () => {
    for (const [index, link] of [...tabs.children].entries()) link.setAttribute("href", linkTo(name, PARTS[index][0]));
  };
  const element = h("div", {}, h("h1", { class: "hidden-text" }, name));
  let last = "";

  const refresh = async () => {
    const known = await get(`/studies/${encodeURIComponent(name)}`);
    if (!element.hasAttribute("data-loaded")) {
      element.setAttribute("data-loaded", "");
      replace(element, head, h("div", { class: "stack" }, figures, tabs, part.element));
    }
    if (last !== headline(known)) replace(head, ...title(known));
    last = headline(known);
    replace(figures, ...keyFigures(known));
    await part.refresh(known);
  };
  return { element, title: name, study: name, refresh, turn: () => (carry(), part.turn?.()), dispose: () => part.dispose?.() };
}

/** @param {string} name @param {string} path @param {string} title @param {string} wanted */
function tab(name, path, title, wanted) {
  return h("a", { href: linkTo(name, path), "aria-current": path === wanted ? "page" : null }, title);
}

/** @param {string} name @param {string} path */
function linkTo(name, path) {
  const { query } = here();
  return href(path ? ["studies", name, path] : ["studies", name], Object.fromEntries(SHARED.map((each) => [each, query.get(each)])));
}

/** What the head shows; it is drawn again only when that has changed, so that a menu in it stays. @param {any} study */
const headline = (study) => JSON.stringify([study.state, study.reason, study.spec, study.notes, study.labels]);

/** @param {any} study */
function title(study) {
  const { metric, search, stopping } = study.spec;
  const goal = `${metric.goal} ${metric.name} · ${search.strategy}${stopping?.rule && stopping.rule !== "none" ? ` with ${stopping.rule}` : ""}`;
  const why = study.reason ? h("p", { class: "under" }, study.reason.message) : null;
  return [
    h("div", { class: "grow" }, h("div", { class: "title" }, h("h1", {}, study.name), badge(study.state), tags(study.labels)), h("p", { class: "under" }, goal, h("span", { title: moment(study.created_at) }, ` · created ${ago(study.created_at)}`)), why, study.notes ? h("p", { class: "notes" }, study.notes) : null),
    actions(study),
  ];
}

/** @param {any} study */
function keyFigures(study) {
  const { counts, best, spec } = study;
  const total = spec.budget.trials;
  const running = study.state === "running";
  const link = best ? h("a", { href: href(["studies", study.name, "trials", best.number]) }, `trial #${best.number}`) : "no result yet";
  return [
    figure(`Best ${spec.metric.name}`, best ? number(best.value) : "–", link),
    figure("Trials", `${number(ended(counts))} of ${number(total)}`, progress(counts, total)),
    figure("Running", number(counts.running), counts.waiting ? `${number(counts.waiting)} waiting` : spec.budget.parallel ? `at most ${spec.budget.parallel}` : null),
    figure("Stopped early", number(counts.stopped), `${share(counts.stopped, ended(counts))} of those ended`),
    figure("Failed", number(counts.failed), counts.infeasible ? `${counts.infeasible} infeasible` : share(counts.failed, ended(counts))),
    running ? timeLeft(study) : figure("Took", duration(elapsed(study)), study.finished_at ? ago(study.finished_at) : null),
    figure("Compute", study.progress.compute_seconds ? duration(study.progress.compute_seconds) : "–", "all trials together"),
  ];
}

/** @param {any} study */
function timeLeft(study) {
  const { eta, eta_reason: why } = study.progress;
  if (!eta) return figure("Time left", "–", why);
  const until = (/** @type {string} */ time) => duration(Math.max(0, (seconds(time) ?? 0) - Date.now() / 1000));
  return figure("Time left", until(eta.middle), `${until(eta.low)} to ${until(eta.high)}`);
}
