// @ts-check
// Requests to the service: the session's cookie goes with them, its CSRF header with those that change something.

const BASE = "/api/v1";
const SLOWEST_MILLISECONDS = 30_000;

/** A refusal, as the service words it. */
export class Problem extends Error {
  /** @param {{status?: number, code?: string, detail?: string, hint?: string, errors?: {pointer: string, detail: string}[]}} document */
  constructor(document) {
    super(document.detail ?? "The service did not answer.");
    this.status = document.status ?? 0;
    this.code = document.code ?? "no_answer";
    this.hint = document.hint ?? "";
    this.errors = document.errors ?? [];
  }
}

/** What is known already, by address: the answer is fetched again only when its ETag has changed.
 * @type {Map<string, {etag: string, data: any}>} */
const known = new Map();
const MOST_KNOWN = 60;

/** The same object again while nothing has changed. @param {string} path @param {Record<string, any>} [query] */
export async function get(path, query) {
  const address = addressOf(path, query);
  const before = known.get(address);
  const answer = await send(address, { headers: before ? { "If-None-Match": before.etag } : {} });
  if (answer.status === 304 && before) return before.data;
  const data = await answer.json();
  remember(address, answer.headers.get("ETag"), data);
  return data;
}

/** @param {string} path @param {Record<string, any>} [query] */
export async function text(path, query) {
  const answer = await send(addressOf(path, query), {});
  return { text: await answer.text(), headers: answer.headers };
}

/** @param {string} path @param {any} [body] */
export const post = (path, body) => change("POST", path, body);
/** @param {string} path @param {any} [body] */
export const patch = (path, body) => change("PATCH", path, body);
/** @param {string} path */
export const remove = (path) => change("DELETE", path);

/** @param {string} path @param {Record<string, any>} [query] */
export function addressOf(path, query = {}) {
  const kept = Object.entries(query).filter(([, value]) => value !== null && value !== undefined && value !== "");
  const pairs = new URLSearchParams(kept.map(([name, value]) => [name, String(value)])).toString();
  return `${BASE}${path}${pairs ? `?${pairs}` : ""}`;
}

/** @param {string} method @param {string} path @param {any} [body] */
async function change(method, path, body) {
  const headers = { "Content-Type": "application/json", "Idempotency-Key": crypto.randomUUID(), ...csrf() };
  const content = body === undefined ? undefined : JSON.stringify(body);
  const answer = await send(addressOf(path), { method, headers, body: content });
  return answer.status === 204 ? null : answer.json();
}

/** @param {string} address @param {RequestInit} init */
async function send(address, init) {
  const signal = AbortSignal.timeout(SLOWEST_MILLISECONDS);
  let answer;
  try {
    answer = await fetch(address, { credentials: "same-origin", cache: "no-store", keepalive: init.method === "DELETE", signal, ...init });
  } catch {
    throw new Problem({ code: "no_answer", detail: "The service can't be reached.", hint: "Is `caviar up` running?" });
  }
  if (answer.ok || answer.status === 304) return answer;
  const problem = new Problem(await answer.json().catch(() => ({ status: answer.status, detail: answer.statusText })));
  if (problem.status === 401) dispatchEvent(new CustomEvent("caviar:signed-out"));
  throw problem;
}

/** @param {string} address @param {string | null} etag @param {any} data */
function remember(address, etag, data) {
  known.delete(address);
  if (!etag) return;
  if (known.size >= MOST_KNOWN) known.delete(known.keys().next().value ?? "");
  known.set(address, { etag, data });
}

/** @returns {Record<string, string>} */
function csrf() {
  return { "Caviar-Csrf": "1" };
}
