// @ts-check
// What this service can do, as its own description says: a page offers nothing that would be refused.

/** @type {Promise<{paths: Set<string>, figures: Set<string>}> | null} */
let known = null;

/** @param {string} path such as `/trials/{trial}/nudge` */
export async function can(path) {
  return (await abilities()).paths.has(`/api/v1${path}`);
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

async function read() {
  const answer = await fetch("/openapi.json", { credentials: "same-origin" });
  if (!answer.ok) throw new Error("The service does not describe itself.");
  const { paths } = await answer.json();
  const parameters = paths["/api/v1/studies/{study}/figures/{kind}"]?.get.parameters ?? [];
  const kinds = parameters.find((/** @type {any} */ each) => each.name === "kind")?.schema.enum ?? [];
  return { paths: new Set(Object.keys(paths)), figures: new Set(kinds) };
}
