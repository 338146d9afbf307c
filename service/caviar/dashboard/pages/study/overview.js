// @ts-check
// A study at a glance: how it came on, where it looks, what matters, its best trials.

import { h, replace } from "../../lib/dom.js";
import { can } from "../../lib/abilities.js";
import { get } from "../../lib/api.js";
import { go, here, href, setQuery } from "../../lib/route.js";
import { picture } from "../../charts/plotly.js";
import { rounds } from "../../charts/rounds.js";
import { empty, filled, panel } from "../../parts/basics.js";
import { filters, pictureQuery } from "../../parts/filters.js";
import { insights } from "../../parts/insights.js";
import { leaderboard } from "../../parts/leaderboard.js";
import { marked } from "../../parts/marks.js";
import { rankingTable } from "../../parts/ranking.js";

const SHOWN = 25;
const DOTS_MILLISECONDS = 3_000;

/** @param {string} name @returns {import("../study.js").Part} */
export function overview(name) {
  const base = `/studies/${encodeURIComponent(name)}`;
  const places = { rounds: h("div"), ranking: h("div"), board: h("div") };
  const history = picture({ label: "History: the value of each trial, and the best so far", height: 320, open: (number) => go(["studies", name, "trials", number]) });
  const bands = rounds({
    choose: (round, parameter) => setQuery({ bound: `${round}:${parameter}` }),
    trial: (number) => href(["studies", name, "trials", number]),
  });
  const ranked = rankingTable(name);
  const more = insights(name);
  const top = h("div", { class: "two" }, panel("History", {}, history.element), more.beside);
  const tools = h("div", { class: "tools" }, filters().slice(0, 2));
  const element = h("div", { class: "stack" }, tools, top, more.below, places.rounds, places.board, panel("Best trials", { flush: true }, places.ranking));
  /** @type {any} */
  let known = null;

  const showHistory = async () => {
    const [figure, chosen] = await Promise.all([get(`${base}/figures/history`, pictureQuery()), marked(name)]);
    history.show(figure, chosen);
  };
  const drawRounds = () => {
    if (known?.rounds.length) bands.show(known.rounds, known.points, chosen());
  };
  /** The dots of a study of many trials are a large answer: not more often than they are looked at. */
  const showRounds = async (/** @type {any} */ study) => {
    if (known && study.state === "running" && Date.now() - known.at < DOTS_MILLISECONDS) return;
    const [list, all] = await Promise.all([get(`${base}/rounds`), get(`${base}/figures/parallel`, { ...pictureQuery(), best: 0 })]);
    if (list.items.length === 0) return;
    if (known?.list === list && known?.all === all) return;
    known = { at: Date.now(), list, all, rounds: list.items, points: pointsOf(all) };
    if (!bands.element.isConnected) replace(places.rounds, panel("Rounds: from coarse to fine", { note: "Bands are where the search looks; they narrow onto what worked." }, bands.element));
    drawRounds();
  };
  const showBoard = async (/** @type {any} */ study) => {
    if (!(await can("/studies/{study}/leaderboard"))) return;
    const board = await get(`${base}/leaderboard`);
    if (board.repeated) replace(places.board, panel("Leaderboard over seeds", { flush: true }, leaderboard(name, board, study)));
  };
  const refresh = async (/** @type {any} */ study) => {
    await Promise.all([
      showHistory(),
      study.spec.search.strategy === "coarse_to_fine" ? showRounds(study) : null,
      more.refresh(),
      showBoard(study),
      filled(places.ranking, async () => {
        const best = await get(`${base}/ranking`, { limit: SHOWN });
        if (best.items.length === 0) return empty("No trial has finished yet.", waiting(study), next(study));
        ranked.show(best.items, study);
        return ranked.element;
      }),
    ]);
  };
  return { element, refresh, turn: () => (drawRounds(), void showHistory().catch(() => {})), dispose: () => [history, more].forEach((each) => each.dispose()) };
}

/** @param {any} figure */
function pointsOf(figure) {
  const trace = figure.data[0];
  if (!trace) return { numbers: [], rank: new Float32Array(), units: {} };
  const values = trace.line.color;
  const sign = figure.layout.meta.goal === "minimize" ? 1 : -1;
  const order = [...values.keys()].sort((a, b) => sign * (values[a] - values[b]));
  const rank = new Float32Array(values.length);
  order.forEach((row, place) => (rank[row] = place / values.length));
  const units = Object.fromEntries(trace.dimensions.slice(0, -1).map((/** @type {any} */ each) => [each.label, each.values]));
  return { numbers: trace.customdata, rank, units };
}

function chosen() {
  const [round, ...parameter] = (here().query.get("bound") ?? "").split(":");
  return parameter.length ? { round: Number(round), parameter: parameter.join(":") } : null;
}

/** @param {any} study */
function waiting(study) {
  if (study.counts.running) return "The first ones are running.";
  return study.spec.train.external ? "A program of yours asks for trials and tells their results." : "Trials start when a worker joins.";
}

/** @param {any} study */
function next(study) {
  if (study.counts.running) return undefined;
  if (study.spec.train.external) return `curl -X POST ${location.origin}/api/v1/studies/${study.name}/ask -H "Authorization: Bearer $CAVIAR_TOKEN"`;
  return `caviar agent --server ${location.origin}`;
}
