// @ts-check
// What can be done to a study by who looks at it; what costs asks first.

import { h, replace } from "../../lib/dom.js";
import { can } from "../../lib/abilities.js";
import { post } from "../../lib/api.js";
import { href } from "../../lib/route.js";
import { problem } from "../../parts/basics.js";
import { ask, done, toast } from "../../parts/dialog.js";
import { enqueue } from "../../parts/enqueue.js";
import { farewell } from "../../parts/farewell.js";
import { menu } from "../../parts/menu.js";
import { canDescribe, describe } from "./describe.js";
import { fork, recheck, retune } from "./reshape.js";

const FINAL = ["completed", "failed", "cancelled"];

/** Buttons that come as soon as it is known what the caller may do. @param {any} study */
export function actions(study) {
  const place = h("div", { class: "actions" });
  offered(study).then((buttons) => replace(place, ...buttons)).catch(() => {});
  return place;
}

/** @param {any} study */
async function offered(study) {
  const going = !FINAL.includes(study.state);
  const may = (/** @type {string} */ verb) => can(`/studies/{study}/${verb}`, "post");
  const [making, deleting] = [await can("/studies", "post"), await can("/studies/{study}", "delete")];
  const more = [
    going && (await may("trials")) ? button("Enqueue a trial…", () => enqueue(study, start(study), "A trial by hand")) : null,
    (await may("fork")) ? button("Fork…", () => fork(study)) : null,
    going && (await can("/studies/{study}/space", "patch")) ? button("Change the space…", () => retune(study)) : null,
    study.state === "completed" && (await may("retune")) ? button("Check that it still holds…", () => recheck(study)) : null,
    (await canDescribe()) ? button("Notes and labels…", () => describe(study)) : null,
    deleting ? button("Delete…", () => farewell(study), "danger") : null,
  ];
  return [
    going && study.state !== "paused" && (await may("pause")) ? button("Pause", () => act(study, "pause", "Nothing more starts; what runs goes on.")) : null,
    study.state === "paused" && (await may("resume")) ? button("Resume", () => act(study, "resume", "Goes on.")) : null,
    study.state !== "cancelled" && (await may("extend")) ? button("Extend…", () => extend(study)) : null,
    making ? h("a", { class: "button", href: href(["new"], { from: study.name }) }, "Clone…") : null,
    going && (await may("stop")) ? button("Stop…", () => stop(study), "danger") : null,
    menu("More", more),
  ];
}

/** @param {string} label @param {() => void} onclick @param {string} [kind] */
const button = (label, onclick, kind = "") => h("button", { type: "button", class: kind, onclick }, label);

/** A configuration to begin with: the best one, else what the space says. @param {any} study */
function start(study) {
  if (study.best) return study.best.params;
  const middle = (/** @type {any} */ each) => (each.type === "constant" ? each.value : each.values ? each.values[0] : each.low);
  const plain = Object.entries(study.spec.space).filter(([, each]) => !(/** @type {any} */ (each).when));
  return Object.fromEntries(plain.map(([name, each]) => [name, middle(each)]));
}

/** @param {any} study @param {string} verb @param {string} said */
async function act(study, verb, said) {
  try {
    await post(`/studies/${study.id}/${verb}`);
    done(said);
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
    text: "New totals, and how many run at once; what is left empty stays as it is. A study that has used its budget up goes on.",
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
      done("Extended.");
    },
  });
}
