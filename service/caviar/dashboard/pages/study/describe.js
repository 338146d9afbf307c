// @ts-check
// What people write on a study: notes and labels.

import { can } from "../../lib/abilities.js";
import { patch } from "../../lib/api.js";
import { problem } from "../../parts/basics.js";
import { ask, done } from "../../parts/dialog.js";

export const canDescribe = () => can("/studies/{study}", "patch");

/** @param {any} study */
export function describe(study) {
  ask({
    title: `Notes and labels of ${study.name}`,
    fields: [
      { name: "notes", label: "Notes", type: "area", rows: 7, value: study.notes },
      { name: "labels", label: "Labels, one a line", type: "area", rows: 4, value: written(study.labels), help: "Such as team: vision. The list of studies finds them." },
    ],
    verb: "Save",
    show: problem,
    act: async (values) => {
      const gone = Object.fromEntries(Object.keys(study.labels).map((each) => [each, null]));
      await patch(`/studies/${study.id}`, { notes: values.notes, labels: { ...gone, ...read(values.labels) } });
      done("Saved.");
    },
  });
}

/** @param {Record<string, string>} labels */
const written = (labels) => Object.entries(labels).map(([name, value]) => `${name}: ${value}`).join("\n");

/** @param {string} text @returns {Record<string, string>} */
function read(text) {
  const lines = text.split("\n").map((each) => each.trim()).filter(Boolean);
  return Object.fromEntries(
    lines.map((line) => {
      const at = line.indexOf(":");
      if (at < 1) throw new Error(`A label is a name, a colon and a value, such as team: vision. “${line}” is none.`);
      return [line.slice(0, at).trim(), line.slice(at + 1).trim()];
    }),
  );
}
