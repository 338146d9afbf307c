// @ts-check
// A study at a glance: its rounds and its best trials.

import { h, replace } from "../../lib/dom.js";
import { get } from "../../lib/api.js";
import { here, setQuery, href } from "../../lib/route.js";
import { rounds } from "../../charts/rounds.js";
import { empty, filled, panel } from "../../parts/basics.js";
import { rankingTable } from "../../parts/ranking.js";

const SHOWN = 25;
const DOTS = 500;

/** @param {string} name @returns {import("../study.js").Part} */
export function overview(name) {
  const base = `/studies/${encodeURIComponent(name)}`;
  const places = { rounds: h("div"), ranking: h("div") };
  const picture = rounds({
    choose: (round, parameter) => setQuery({ bound: `${round}:${parameter}` }),
    trial: (number) => href(["studies", name, "trials", number]),
  });
  const ranked = rankingTable(name);
  const element = h("div", { class: "stack" }, places.rounds, panel("Best trials", { flush: true }, places.ranking));
  /** @type {any} */
  let known = null;

  const drawRounds = () => {
    if (known?.rounds.length) picture.show(known.rounds, known.space, known.points, chosen());
  };
  const refresh = async (/** @type {any} */ study) => {
    const coarse = study.spec.search.strategy === "coarse_to_fine";
    const [best, list] = await Promise.all([
      get(`${base}/ranking`, { limit: DOTS }),
      coarse ? get(`${base}/rounds`) : { items: [] },
    ]);
    known = { rounds: list.items, space: study.spec.space, points: best.items };
    if (list.items.length && !picture.element.isConnected) {
      replace(places.rounds, panel("Rounds: from coarse to fine", { note: "Each band is where a round looks; it narrows onto what worked." }, picture.element));
    }
    drawRounds();
    await filled(places.ranking, async () => {
      if (best.items.length === 0) return empty("No trial has finished yet.", waiting(study), next(study));
      ranked.show(best.items.slice(0, SHOWN), study);
      return ranked.element;
    });
  };
  return { element, refresh, turn: drawRounds };
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
