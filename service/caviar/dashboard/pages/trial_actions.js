// @ts-check
// What can be done to a trial.

import { h, replace } from "../lib/dom.js";
import { can } from "../lib/abilities.js";
import { post } from "../lib/api.js";
import { go } from "../lib/route.js";
import { problem } from "../parts/basics.js";
import { ask, toast } from "../parts/dialog.js";
import { literal, parsed } from "../parts/json_field.js";

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
  const [steer, pause] = [await can("/trials/{trial}/nudge"), await can("/trials/{trial}/pause")];
  const button = (/** @type {string} */ label, /** @type {() => void} */ onclick, kind = "") => h("button", { type: "button", class: kind, onclick }, label);
  return [
    !over && steer ? button("Nudge…", () => nudge(trial)) : null,
    trial.state === "running" && pause ? button("Pause", () => act(trial, "pause", "Pauses after this step.")) : null,
    trial.state === "paused" && pause ? button("Resume", () => act(trial, "resume", "Goes on when there is room.")) : null,
    ENDED.includes(study.state) ? null : button("Try a variation…", () => again(study, trial)),
    over ? null : button("Stop…", () => stop(trial), "danger"),
  ];
}

/** @param {any} trial @param {string} verb @param {string} said */
async function act(trial, verb, said) {
  try {
    const answer = await post(`/trials/${trial.id}/${verb}`);
    toast(answer.warning ?? said);
    dispatchEvent(new CustomEvent("caviar:changed"));
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
      toast(made.warning ?? "It takes effect after the present step.");
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
      const made = await post(`/studies/${study.id}/trials`, { params: parsed(values.params, "Parameters") });
      toast(`Trial #${made.number} waits.`);
      go(["studies", study.name, "trials", made.number]);
    },
  });
}
