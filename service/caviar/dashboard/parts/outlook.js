// @ts-check
// How far a study is, from its counts alone.

import { seconds } from "../lib/format.js";

/** @param {Record<string, number>} counts */
export const ended = (counts) => counts.completed + counts.stopped + counts.failed + counts.infeasible + counts.cancelled;

/** Seconds left at the pace so far; null when nothing has ended. @param {any} study */
export function estimate(study) {
  const began = seconds(study.started_at);
  const done = ended(study.counts);
  if (began === null || done === 0) return null;
  const passed = Date.now() / 1000 - began;
  return Math.max(0, (passed / done) * (study.spec.budget.trials - done));
}

/** Seconds from start to end, or till now. @param {any} study */
export function elapsed(study) {
  const began = seconds(study.started_at);
  return began === null ? null : (seconds(study.finished_at) ?? Date.now() / 1000) - began;
}
