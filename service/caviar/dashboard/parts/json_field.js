// @ts-check
// JSON that a person writes in a dialog.

/** What the text says; an error that tells where it is wrong. @param {string} text @param {string} what */
export function parsed(text, what) {
  try {
    return text.trim() === "" ? {} : JSON.parse(text);
  } catch (error) {
    throw new Error(`${what}: this is not JSON. ${/** @type {Error} */ (error).message}`);
  }
}

/** A number where the text is one, else what JSON makes of it, else the text itself. @param {string} text */
export function literal(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
