// @ts-check
// What can be done to a trial.

import { h, replace } from "../lib/dom.js";
import { can } from "../lib/abilities.js";
import { post } from "../lib/api.js";
import { problem } from "../parts/basics.js";
import { ask, done, toast } from "../parts/dialog.js";
import { enqueue } from "../parts/enqueue.js";
import { literal } from "../parts/json_field.js";

const FINAL = ["completed", "stopped", "failed", "infeasible", "cancelled"];
const ENDED = ["completed", "failed", "cancelled"];

/** Buttons that come as soon as it is known what the service can do. @param {any} study @param {any} trial */
export function trialActions(study, trial) {
  const place = h("span", { class: "actions" });
  offered(study, trial).then((buttons) => replace(place, ...buttons)).catch(() => {});
  return place;
}

/** @param {any} study @param {any} trial */
async function offered(study, trial) {
  const over = FINAL.includes(trial.state);
  const may = (/** @type {string} */ verb) => can(`/trials/{trial}/${verb}`, "post");
  const button = (/** @type {string} */ label, /** @type {() => void} */ onclick, kind = "") => h("button", { type: "button", class: kind, onclick }, label);
  return [
    !over && (await may("nudge")) ? button("Nudge…", () => nudge(trial)) : null,
    trial.state === "running" && (await may("pause")) ? button("Pause", () => act(trial, "pause", "Pauses after this step.")) : null,
    trial.state === "paused" && (await may("resume")) ? button("Resume", () => act(trial, "resume", "Goes on when there is room.")) : null,
    !ENDED.includes(study.state) && (await can("/studies/{study}/trials", "post")) ? button("Try a variation…", () => enqueue(study, trial.params, `A variation of trial #${trial.number}`)) : null,
    !over && (await may("stop")) ? button("Stop…", () => stop(trial), "danger") : null,
  ];
}

/** @param {any} trial @param {string} verb @param {string} said */
async function act(trial, verb, said) {
  try {
    const answer = await post(`/trials/${trial.id}/${verb}`);
    done(answer.warning ?? said);
  } catch (error) {
    const { message, hint } = /** @type {any} */ (error);
    toast(`${message} ${hint ?? ""}`);
  }
}

/** @param {any} trial */
function stop(trial) {
  ask({ title: `Stop trial #${trial.number}?`, text: "Its last value stands.", verb: "Stop the trial", danger: true, show: problem, act: () => act(trial, "stop", "Stopping.") });
}

/** @param {any} trial */
function nudge(trial) {
  ask({
    title: `Nudge trial #${trial.number}`,
    text: "Changes parameters between two of its steps. It is kept for good, with who said so.",
    fields: [
      { name: "name", label: "Parameter", options: Object.keys(trial.params) },
      { name: "value", label: "New value", required: true },
      { name: "note", label: "Why", help: "Such as: plateau since step 20." },
      { name: "twin", label: "Keep an untouched twin to compare with", options: ["no", "yes"] },
    ],
    verb: "Nudge",
    show: problem,
    act: async (values) => {
      const made = await post(`/trials/${trial.id}/nudge`, { params: { [values.name]: literal(values.value) }, note: values.note, twin: values.twin === "yes" });
      done(made.warning ?? "It takes effect after the present step.");
    },
  });
}
