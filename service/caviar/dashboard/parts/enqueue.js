// @ts-check
// A configuration by hand, to be tried before all suggestions.

import { post } from "../lib/api.js";
import { go } from "../lib/route.js";
import { problem } from "./basics.js";
import { ask, toast } from "./dialog.js";
import { parsed } from "./json_field.js";

/** @param {any} study @param {Record<string, any>} params to begin with @param {string} title */
export function enqueue(study, params, title) {
  ask({
    title,
    text: "It gets the next number, before new suggestions.",
    fields: [{ name: "params", label: "Parameters (JSON)", type: "area", rows: 10, value: JSON.stringify(params, null, 2) }],
    verb: "Enqueue",
    show: problem,
    act: async (values) => {
      const made = await post(`/studies/${study.id}/trials`, { params: parsed(values.params, "Parameters") });
      toast(`Trial #${made.number} waits.`);
      go(["studies", study.name, "trials", made.number]);
    },
  });
}
