// @ts-check
// All state of a page is in its address: #/studies/digits/trials?state=failed&order_by=-value

/** @typedef {{path: string[], query: URLSearchParams}} Route */

/** @returns {Route} */
export function here() {
  const [path, query] = location.hash.replace(/^#\/?/, "").split("?", 2);
  return { path: path.split("/").filter(Boolean).map(decoded), query: new URLSearchParams(query ?? "") };
}

/**
 * @param {(string | number)[]} path
 * @param {Record<string, string | number | null | undefined> | URLSearchParams} [query]
 */
export function href(path, query = {}) {
  const pairs = query instanceof URLSearchParams ? query : new URLSearchParams(present(query));
  const text = pairs.toString();
  return `#/${path.map((each) => encodeURIComponent(each)).join("/")}${text ? `?${text}` : ""}`;
}

/**
 * Changes the query of the present address; null takes a name out. No new entry in the history unless `push`.
 * @param {Record<string, string | number | null | undefined>} changes
 * @param {{push?: boolean}} [how]
 */
export function setQuery(changes, how = {}) {
  const { path, query } = here();
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === undefined || value === "") query.delete(name);
    else query.set(name, String(value));
  }
  const next = href(path, query);
  if (next === location.hash) return;
  if (how.push) location.hash = next;
  else {
    history.replaceState(null, "", next);
    dispatchEvent(new HashChangeEvent("hashchange"));
  }
}

/** @param {(string | number)[]} path @param {Record<string, string | number>} [query] */
export function go(path, query) {
  location.hash = href(path, query);
}

/** @param {Record<string, any>} query @returns {Record<string, string>} */
function present(query) {
  const kept = Object.entries(query).filter(([, value]) => value !== null && value !== undefined && value !== "");
  return Object.fromEntries(kept.map(([name, value]) => [name, String(value)]));
}

/** @param {string} text */
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
