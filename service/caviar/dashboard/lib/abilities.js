// @ts-check
// What this service can do and what the caller's role may, as the service says itself: a page offers nothing that would
// be refused.

import { get } from "./api.js";

/** @typedef {{role: string, calls: Map<string, string[] | null>, figures: Set<string>}} Abilities `calls`: "post /trials/{trial}/stop" to the roles that may, null for everyone */

/** @type {Promise<Abilities> | null} */
let known = null;

/** @param {string} path such as `/trials/{trial}/nudges` @param {"get" | "post" | "patch" | "delete"} [method] */
export async function can(path, method = "get") {
  const { calls, role } = await abilities();
  const roles = calls.get(`${method} ${path}`);
  return roles !== undefined && (roles === null || roles.includes(role));
}

/** @param {string} kind */
export async function draws(kind) {
  return (await abilities()).figures.has(kind);
}

function abilities() {
  known ??= read().catch((error) => {
    known = null;
    throw error;
  });
  return known;
}

/** @returns {Promise<Abilities>} */
async function read() {
  const [{ role }, { paths }] = await Promise.all([get("/session"), described()]);
  const calls = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, call]) => /** @type {[string, string[] | null]} */ ([`${method} ${path.replace("/api/v1", "")}`, call["x-caviar-roles"]])),
  );
  const parameters = paths["/api/v1/studies/{study}/figures/{kind}"]?.get.parameters ?? [];
  const kinds = parameters.find((/** @type {any} */ each) => each.name === "kind")?.schema.enum ?? [];
  return { role, calls: new Map(calls), figures: new Set(kinds) };
}

/** @returns {Promise<any>} */
async function described() {
  const answer = await fetch("/openapi.json", { credentials: "same-origin" });
  if (!answer.ok) throw new Error("The service does not describe itself.");
  return answer.json();
}
