// @ts-check
// What the service sends of workers over time, as lanes of bars.

/** @typedef {{number: number, state: string, lane: number, from: number, to: number, attempt: number}} Bar `from`, `to`: seconds since the study began */
/** @typedef {{names: string[], lanes: Bar[][], from: number, to: number, busy: number, count: number}} Lanes `lanes`: the bars of each place, in order */

/** @param {any} figure @returns {Lanes} */
export function lanesOf(figure) {
  const { lanes: names, busy } = figure.layout.meta;
  const places = new Map(names.map((/** @type {string} */ each, /** @type {number} */ index) => [each, index]));
  const bars = figure.data.flatMap((/** @type {any} */ trace) => trace.y.map((/** @type {string} */ name, /** @type {number} */ row) => ({ number: trace.customdata[row], state: trace.name, lane: places.get(name), from: trace.base[row], to: trace.base[row] + trace.x[row], attempt: 1 })));
  bars.sort((/** @type {Bar} */ a, /** @type {Bar} */ b) => a.from - b.from);
  /** @type {Bar[][]} */
  const lanes = names.map(() => []);
  const attempts = new Map();
  for (const bar of bars) {
    bar.attempt = (attempts.get(bar.number) ?? 0) + 1;
    attempts.set(bar.number, bar.attempt);
    lanes[bar.lane].push(bar);
  }
  const to = bars.reduce((/** @type {number} */ last, /** @type {Bar} */ each) => Math.max(last, each.to), bars[0].from + 1e-3);
  return { names, lanes, from: bars[0].from, to, busy, count: bars.length };
}

/** The bar at a time, or how long nothing ran there. @param {Bar[]} lane @param {number} at @param {number} grace seconds that a short bar is wider than it is @param {number} from @param {number} to @returns {{bar: Bar} | {idle: number}} */
export function found(lane, at, grace, from, to) {
  const bar = lane.find((each) => at >= each.from && at <= Math.max(each.to, each.from + grace));
  if (bar) return { bar };
  const before = lane.reduce((last, each) => (each.to <= at ? Math.max(last, each.to) : last), from);
  const after = lane.find((each) => each.from > at)?.from ?? to;
  return { idle: after - before };
}

/** The trials at work at any time between. @param {Lanes} lanes @param {number} from @param {number} to */
export const between = ({ lanes }, from, to) => [...new Set(lanes.flat().filter((each) => each.to >= from && each.from <= to).map((each) => each.number))];
