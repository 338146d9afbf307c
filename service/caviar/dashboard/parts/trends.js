// @ts-check
// The sparklines of a list: fetched a few at a time, again only when a study has a better trial.

import { h } from "../lib/dom.js";
import { get } from "../lib/api.js";
import { number } from "../lib/format.js";
import { sparkline } from "../charts/sparkline.js";

const AT_ONCE = 3;

/** @param {() => void} done some came */
export function trends(done) {
  /** @type {Map<string, {best: number, values: number[]}>} */
  const known = new Map();
  /** @type {any[]} */
  const queue = [];
  const asked = new Set();
  let busy = 0;

  const next = () => {
    while (busy < AT_ONCE && queue.length) {
      const study = queue.shift();
      busy += 1;
      load(study)
        .then((values) => known.set(study.id, { best: study.best.value, values }))
        .catch(() => known.set(study.id, { best: study.best.value, values: [] }))
        .finally(() => {
          busy -= 1;
          asked.delete(study.id);
          if (queue.length === 0 && busy === 0) done();
          next();
        });
    }
  };
  return {
    /** What has been drawn. @param {any} study */
    stamp: (study) => String(known.get(study.id)?.best),
    /** @param {any} study */
    of: (study) => {
      if (!study.best) return h("span", { class: "muted" }, "–");
      const found = known.get(study.id);
      if (found?.best !== study.best.value && !asked.has(study.id)) {
        asked.add(study.id);
        queue.push(study);
        queueMicrotask(next);
      }
      if (!found?.values.length) return h("span", { class: "spark" });
      return sparkline(found.values, `From ${number(found.values[0])} to ${number(study.best.value)}`);
    },
  };
}

/** @param {any} study @returns {Promise<number[]>} */
async function load(study) {
  const picture = await get(`/studies/${study.id}/figures/history`);
  const line = picture.data.find((/** @type {any} */ trace) => trace.mode === "lines");
  return (line?.y ?? []).filter(Number.isFinite);
}
