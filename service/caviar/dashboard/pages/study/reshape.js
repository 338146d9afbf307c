// @ts-check
// A study that goes on elsewhere: forked into another space, or its own space changed under way.

import { get, patch, post } from "../../lib/api.js";
import { go } from "../../lib/route.js";
import { problem } from "../../parts/basics.js";
import { ask, done, toast } from "../../parts/dialog.js";
import { parsed } from "../../parts/json_field.js";

const EXAMPLE = "By name: {\"low\": …, \"high\": …} narrows, a whole parameter adds one, null takes one out.";

/** Begins with the bounds that the newest round of the best box found, or with those given. @param {any} study @param {Record<string, any>} [given] */
export async function fork(study, given) {
  const space = given ?? (await narrowed(study));
  ask({
    title: `Fork ${study.name}`,
    text: "A new study; results that lie in its space count as its history.",
    fields: [
      { name: "name", label: "Name", value: `${study.name}-fork`, required: true },
      { name: "space", label: "Changes of the space (JSON)", type: "area", rows: 9, value: JSON.stringify(space, null, 2), help: EXAMPLE },
      { name: "trials", label: "Trials", type: "number", min: 1, value: study.spec.budget.trials },
    ],
    verb: "Fork",
    show: problem,
    act: async (values) => {
      const made = await post(`/studies/${study.id}/fork`, { name: values.name, space: parsed(values.space, "Space"), budget: { trials: Number(values.trials) } });
      toast(`${made.name} was made.`);
      go(["studies", made.name]);
    },
  });
}

/** @param {any} study */
export async function retune(study) {
  const space = await narrowed(study);
  ask({
    title: `Change the space of ${study.name}`,
    text: "While it goes on. Trials keep their numbers, and count where they lie in the new space.",
    fields: [
      { name: "space", label: "Changes (JSON)", type: "area", rows: 9, value: JSON.stringify(space, null, 2), help: EXAMPLE },
      { name: "note", label: "Why" },
    ],
    verb: "Change the space",
    show: problem,
    act: async (values) => {
      await patch(`/studies/${study.id}/space`, { space: parsed(values.space, "Space"), note: values.note || undefined });
      done("The space was changed.");
    },
  });
}

/** Whether a finished study's result still holds: its best configurations run again beside neighbours. @param {any} study */
export function recheck(study) {
  ask({
    title: `Does the result of ${study.name} still hold?`,
    text: "Its best configurations, neighbours and controls are trained again. Only where others are better now a new study begins.",
    fields: [{ name: "note", label: "Why", help: "Such as: new data since May." }],
    verb: "Check",
    show: problem,
    act: async (values) => {
      await post(`/studies/${study.id}/retune`, { note: values.note || undefined });
      done("The check has begun.");
    },
  });
}

/** The bounds of the last round as changes of the space; none where there are no rounds. @param {any} study */
async function narrowed(study) {
  const { items } = await get(`/studies/${study.id}/rounds`);
  const bounds = items[items.length - 1]?.bounds ?? [];
  const moved = bounds.filter((/** @type {any} */ each) => each.rule === "zoom" || each.rule === "pan");
  return Object.fromEntries(moved.map((/** @type {any} */ each) => [each.parameter, { low: each.low, high: each.high }]));
}
