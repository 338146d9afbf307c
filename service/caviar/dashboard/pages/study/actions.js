// @ts-check
// What can be done to a study; what costs asks first.

import { h, replace } from "../../lib/dom.js";
import { can } from "../../lib/abilities.js";
import { post } from "../../lib/api.js";
import { href } from "../../lib/route.js";
import { problem } from "../../parts/basics.js";
import { ask, toast } from "../../parts/dialog.js";
import { farewell } from "../../parts/farewell.js";
import { fork, retune } from "./reshape.js";

const FINAL = ["completed", "failed", "cancelled"];

/** @param {any} study */
export function actions(study) {
  const going = !FINAL.includes(study.state);
  const more = h("span", { class: "actions" });
  reshaping(study, going).then((buttons) => replace(more, ...buttons)).catch(() => {});
  return h(
    "div",
    { class: "actions" },
    going && study.state !== "paused" ? button("Pause", () => act(study, "pause", "Nothing more starts; what runs goes on.")) : null,
    study.state === "paused" ? button("Resume", () => act(study, "resume", "Goes on.")) : null,
    study.state === "cancelled" ? null : button("Extend…", () => extend(study)),
    h("a", { class: "button", href: href(["new"], { from: study.name }) }, "Clone…"),
    more,
    going ? button("Stop…", () => stop(study), "danger") : null,
    button("Delete…", () => farewell(study), "danger"),
  );
}

/** @param {any} study @param {boolean} going */
async function reshaping(study, going) {
  return [
    (await can("/studies/{study}/fork")) ? button("Fork…", () => fork(study)) : null,
    going && (await can("/studies/{study}/space")) ? button("Retune…", () => retune(study)) : null,
  ];
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
    const { message, hint } = /** @type {any} */ (error);
    toast(`${message} ${hint ?? ""}`);
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
