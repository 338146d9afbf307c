// @ts-check
// How far a study is, and how long it has gone on.

import { seconds } from "../lib/format.js";

/** @param {Record<string, number>} counts */
export const ended = (counts) => counts.completed + counts.stopped + counts.failed + counts.infeasible + counts.cancelled;

/** Seconds from start to end, or till now. @param {any} study */
export function elapsed(study) {
  const began = seconds(study.started_at);
  return began === null ? null : (seconds(study.finished_at) ?? Date.now() / 1000) - began;
}
