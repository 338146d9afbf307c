// @ts-check
// Numbers, times and states as people read them.

/** @param {any} value */
export function number(value) {
  if (value === null || value === undefined) return "–";
  if (typeof value !== "number") return String(value);
  if (Number.isInteger(value) && Math.abs(value) < 1e7) return value.toLocaleString("en");
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e6)) return Number(value.toPrecision(3)).toExponential().replace("e+", "e");
  return String(Number(value.toPrecision(4)));
}

/** @param {any} value a parameter's value */
export function plain(value) {
  if (value === null) return "null";
  return typeof value === "number" ? number(value) : String(value);
}

/** @param {number | null | undefined} seconds */
export function duration(seconds) {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds)) return "–";
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 60) return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
  const [large, small] = seconds < 3600 ? [60, 1] : seconds < 86400 ? [3600, 60] : [86400, 3600];
  const names = { 60: ["min", "s"], 3600: ["h", "min"], 86400: ["d", "h"] }[large] ?? ["", ""];
  const whole = Math.floor(seconds / large);
  const rest = Math.floor((seconds % large) / small);
  return rest ? `${whole} ${names[0]} ${rest} ${names[1]}` : `${whole} ${names[0]}`;
}

/** Seconds since the epoch. @param {string | null | undefined} time */
export const seconds = (time) => (time ? Date.parse(time) / 1000 : null);

/** @param {string | null | undefined} time */
export function ago(time) {
  const then = seconds(time);
  if (then === null) return "–";
  const passed = Date.now() / 1000 - then;
  if (passed < 5) return "just now";
  return passed < 7 * 86400 ? `${duration(passed).split(" ").slice(0, 2).join(" ")} ago` : moment(time);
}

/** @param {string | null | undefined} time */
export function moment(time) {
  if (!time) return "–";
  return new Date(time).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "medium" });
}

/** @param {number} part @param {number} whole */
export const share = (part, whole) => (whole ? `${Math.round((100 * part) / whole)}%` : "–");

/** @param {number} count @param {string} one @param {string} [many] */
export const counted = (count, one, many = `${one}s`) => `${number(count)} ${count === 1 ? one : many}`;

/** @param {number} megabytes */
export function memory(megabytes) {
  return megabytes >= 1000 ? `${(megabytes / 1000).toFixed(1)} GB` : `${Math.round(megabytes)} MB`;
}
