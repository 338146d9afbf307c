// @ts-check
// The sparkline and the compute of each study of a list: fetched a few at a time, again only when trials have ended.

import { h } from "../lib/dom.js";
import { can } from "../lib/abilities.js";
import { get } from "../lib/api.js";
import { duration, number } from "../lib/format.js";
import { sparkline } from "../charts/sparkline.js";
import { ended } from "./outlook.js";

const AT_ONCE = 3;

/** @typedef {{of: number, values: number[], compute: number | null}} Trend `of`: how many trials had ended */

/** @param {() => void} done all that were asked for have come */
export function trends(done) {
  /** @type {Map<string, Trend>} */
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
        .then((trend) => known.set(study.id, trend))
        .catch(() => known.set(study.id, { of: ended(study.counts), values: [], compute: null }))
        .finally(() => {
          busy -= 1;
          asked.delete(study.id);
          if (queue.length === 0 && busy === 0) done();
          next();
        });
    }
  };
  /** What is known, and the question for the rest. @param {any} study */
  const found = (study) => {
    if (known.get(study.id)?.of !== ended(study.counts) && ended(study.counts) > 0 && !asked.has(study.id)) {
      asked.add(study.id);
      queue.push(study);
      queueMicrotask(next);
    }
    return known.get(study.id);
  };
  return {
    /** What has been drawn. @param {any} study */
    stamp: (study) => String(found(study)?.of),
    /** @param {any} study */
    compute: (study) => duration(found(study)?.compute),
    /** @param {any} study */
    of: (study) => {
      const { values = [] } = found(study) ?? {};
      if (!study.best) return h("span", { class: "muted" }, "–");
      if (values.length === 0) return h("span", { class: "spark" });
      return sparkline(values, `From ${number(values[0])} to ${number(study.best.value)}`);
    },
  };
}

/** @param {any} study @returns {Promise<Trend>} */
async function load(study) {
  const base = `/studies/${study.id}`;
  const [picture, forecast] = await Promise.all([get(`${base}/figures/history`), (await can("/studies/{study}/forecast")) ? get(`${base}/forecast`) : null]);
  const line = picture.data.find((/** @type {any} */ trace) => trace.name === "best so far");
  return { of: ended(study.counts), values: (line?.y ?? []).filter(Number.isFinite), compute: forecast?.spent_seconds ?? null };
}
