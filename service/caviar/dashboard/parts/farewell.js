// @ts-check
// Deleting with a way back: what is deleted goes from sight at once, and from the service when it can't be undone any more.

import { remove } from "../lib/api.js";
import { go } from "../lib/route.js";
import { problem } from "./basics.js";
import { ask, toast } from "./dialog.js";

const UNDO_MILLISECONDS = 10_000;

/** Ids of studies that are about to be deleted. @type {Set<string>} */
const leaving = new Set();

/** @param {any} study */
export const isLeaving = (study) => leaving.has(study.id);

/** @param {any} study */
export function farewell(study) {
  ask({
    title: `Delete ${study.name}?`,
    text: "Stops what runs and takes the study, its trials and their logs away. It can be undone for ten seconds.",
    verb: "Delete the study",
    danger: true,
    show: problem,
    act: async () => begin(study),
  });
}

/** A page that is left meanwhile deletes at once. @param {any} study */
function begin(study) {
  const settle = () => {
    clearTimeout(timer);
    removeEventListener("pagehide", gone);
  };
  const gone = () => {
    settle();
    remove(`/studies/${study.id}`).catch((error) => {
      leaving.delete(study.id);
      toast(error.message);
    });
  };
  const timer = setTimeout(gone, UNDO_MILLISECONDS);
  addEventListener("pagehide", gone);
  leaving.add(study.id);
  const back = () => {
    settle();
    leaving.delete(study.id);
    go(["studies", study.name]);
  };
  toast(`${study.name} is deleted.`, { label: "Undo", act: back });
  go(["studies"]);
}
