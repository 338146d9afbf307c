// @ts-check
// What can be done to a trial.

import { h } from "../lib/dom.js";
import { post } from "../lib/api.js";
import { go } from "../lib/route.js";
import { problem } from "../parts/basics.js";
import { ask, toast } from "../parts/dialog.js";

const FINAL = ["completed", "stopped", "failed", "infeasible", "cancelled"];

/** @param {any} study @param {any} trial */
export function trialActions(study, trial) {
  const over = FINAL.includes(trial.state);
  const going = !["completed", "failed", "cancelled"].includes(study.state);
  return [
    going ? h("button", { type: "button", onclick: () => again(study, trial) }, "Try a variation…") : null,
    over ? null : h("button", { type: "button", class: "danger", onclick: () => stop(trial) }, "Stop…"),
  ].filter((each) => each !== null);
}

/** @param {any} trial */
function stop(trial) {
  ask({
    title: `Stop trial #${trial.number}?`,
    text: "Its last value stands.",
    verb: "Stop the trial",
    danger: true,
    show: problem,
    act: async () => {
      await post(`/trials/${trial.id}/stop`);
      toast("Stopping.");
      dispatchEvent(new CustomEvent("caviar:changed"));
    },
  });
}

/** @param {any} study @param {any} trial */
function again(study, trial) {
  ask({
    title: `A variation of trial #${trial.number}`,
    text: "The next number, before new suggestions.",
    fields: [{ name: "params", label: "Parameters (JSON)", type: "area", rows: 10, value: JSON.stringify(trial.params, null, 2) }],
    verb: "Enqueue",
    show: problem,
    act: async (values) => {
      const made = await post(`/studies/${study.id}/trials`, { params: parsed(values.params) });
      toast(`Trial #${made.number} waits.`);
      go(["studies", study.name, "trials", made.number]);
    },
  });
}

/** @param {string} text */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`This is not JSON: ${/** @type {Error} */ (error).message}`);
  }
}
