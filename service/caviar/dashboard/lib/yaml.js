// @ts-check
// A study's document as YAML, the way people write it: sections as blocks, what fits on a line as a line. Reading YAML
// is the service's, which knows what it takes.

const WIDTH = 100;
const PLAIN = /^[A-Za-z_][\w./-]*$/;
const TAKEN = /^(true|false|null|yes|no|on|off|y|n)$/i;

/** @param {any} document */
export const toYaml = (document) => `${block(document, 0).join("\n")}\n`;

/** @param {any} value @param {number} depth @returns {string[]} */
function block(value, depth) {
  return Object.entries(value).flatMap(([name, each]) => entry(`${" ".repeat(2 * depth)}${scalar(name)}:`, each, depth));
}

/** @param {string} head @param {any} value @param {number} depth @returns {string[]} */
function entry(head, value, depth) {
  const line = `${head} ${flow(value)}`;
  const nested = value !== null && typeof value === "object" && !Array.isArray(value) && Object.keys(value).length > 0;
  if (!nested || (line.length <= WIDTH && !Object.values(value).some((each) => each !== null && typeof each === "object" && !Array.isArray(each)))) return [line];
  return [head, ...block(value, depth + 1)];
}

/** @param {any} value @returns {string} */
function flow(value) {
  if (Array.isArray(value)) return `[${value.map(flow).join(", ")}]`;
  if (value !== null && typeof value === "object") return `{${Object.entries(value).map(([name, each]) => `${scalar(name)}: ${flow(each)}`).join(", ")}}`;
  return typeof value === "string" ? scalar(value) : JSON.stringify(value);
}

/** JSON's strings are YAML's double-quoted ones. @param {string} text */
const scalar = (text) => (PLAIN.test(text) && !TAKEN.test(text) ? text : JSON.stringify(text));
