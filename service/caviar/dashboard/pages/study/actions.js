// @ts-check
// What can be done to a study; what costs asks first.

import { h } from "../../lib/dom.js";
import { post, remove } from "../../lib/api.js";
import { go } from "../../lib/route.js";
import { problem } from "../../parts/basics.js";
import { ask, toast } from "../../parts/dialog.js";

const FINAL = ["completed", "failed", "cancelled"];

/** @param {any} study */
export function actions(study) {
  const going = !FINAL.includes(study.state);
  return h(
    "div",
    { class: "actions" },
    going && study.state !== "paused" ? button("Pause", () => act(study, "pause", "Nothing more starts; what runs goes on.")) : null,
    study.state === "paused" ? button("Resume", () => act(study, "resume", "Goes on.")) : null,
    study.state === "cancelled" ? null : button("Extend…", () => extend(study)),
    going ? button("Stop…", () => stop(study), "danger") : null,
    button("Delete…", () => drop(study), "danger"),
  );
}

/** @param {string} label @param {() => void} onclick @param {string} [kind] */
const button = (label, onclick, kind = "") => h("button", { type: "button", class: kind, onclick }, label);

/** @param {any} study @param {string} verb @param {string} said */
async function act(study, verb, said) {
  try {
    await post(`/studies/${study.id}/${verb}`);
    toast(said);
    dispatchEvent(new CustomEvent("caviar:changed"));
  } catch (error) {
    toast(String(/** @type {any} */ (error).message));
  }
}

/** @param {any} study */
function stop(study) {
  ask({
    title: `Stop ${study.name}?`,
    text: `Ends the study and its ${study.counts.running} running trials; what they have reported stays. A stopped study can't go on.`,
    verb: "Stop the study",
    danger: true,
    show: problem,
    act: () => act(study, "stop", "Stopping."),
  });
}

/** @param {any} study */
function extend(study) {
  const { budget } = study.spec;
  ask({
    title: `Extend ${study.name}`,
    text: "New totals; what is left empty stays as it is. A study that has used its budget up goes on.",
    fields: [
      { name: "trials", label: "Trials in all", type: "number", value: budget.trials, min: 1 },
      { name: "parallel", label: "At once", type: "number", value: budget.parallel ?? "", min: 1 },
      { name: "seconds", label: "Seconds in all", type: "number", value: budget.seconds ?? "", min: 0 },
    ],
    verb: "Extend",
    show: problem,
    act: async (values) => {
      const given = Object.entries(values).filter(([name, value]) => value !== "" && Number(value) !== budget[name]);
      await post(`/studies/${study.id}/extend`, Object.fromEntries(given.map(([name, value]) => [name, Number(value)])));
      toast("Extended.");
      dispatchEvent(new CustomEvent("caviar:changed"));
    },
  });
}

/** @param {any} study */
function drop(study) {
  ask({
    title: `Delete ${study.name}?`,
    text: "Stops what runs and takes the study, its trials and their logs away. This can't be taken back.",
    verb: "Delete the study",
    danger: true,
    show: problem,
    act: async () => {
      await remove(`/studies/${study.id}`);
      toast(`${study.name} was deleted.`);
      go(["studies"]);
    },
  });
}
