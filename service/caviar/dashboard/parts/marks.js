// @ts-check
// The trials that are marked, in pictures that have not the axes on which they were marked.

import { get } from "../lib/api.js";
import { markedIn, selected } from "../lib/selection.js";

/** Null: nothing is marked. @param {string} name the study's @returns {Promise<Set<number> | null>} */
export async function marked(name) {
  const selection = selected();
  if (selection.numbers) return new Set(selection.numbers);
  if (selection.ranges.length === 0) return null;
  const [trace] = (await get(`/studies/${encodeURIComponent(name)}/figures/parallel`)).data;
  return markedIn(selection, trace?.dimensions ?? [], trace?.customdata ?? []);
}
