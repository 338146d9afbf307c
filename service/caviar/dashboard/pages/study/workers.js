// @ts-check
// Who trained what, and when nobody did.

import { h, replace } from "../../lib/dom.js";
import { get } from "../../lib/api.js";
import { counted, duration, seconds, share } from "../../lib/format.js";
import { go } from "../../lib/route.js";
import { selected } from "../../lib/selection.js";
import { timeline } from "../../charts/timeline.js";
import { empty, panel, problem } from "../../parts/basics.js";

const PAGE = 500;
const PAGES = 4;

/** @param {string} name @returns {import("../study.js").Part} */
export function workers(name) {
  const board = timeline({ open: (number) => go(["studies", name, "trials", number]) });
  const [place, note] = [h("div"), h("span", { class: "note", role: "status" })];
  const legend = h("div", { class: "legend" }, [["--good", "completed"], ["--warn", "stopped early"], ["--danger", "failed"], ["--info", "running"], ["--text", "not the first attempt"]].map(([name, text]) => h("span", {}, h("i", { style: { background: `var(${name})` } }), text)));
  const element = h("div", { class: "stack" }, panel("Workers over time", { tools: [note], note: "A lane per slot, a bar per trial: what is empty was idle. Click a bar to open its trial." }, legend, place));
  let busy = "";

  const refresh = async (/** @type {any} */ study) => {
    if (busy === `${study.revision}`) return;
    try {
      const bars = await barsOf(name);
      busy = `${study.revision}`;
      if (bars.length === 0) return replace(place, empty("Nothing has run yet.", "The first trial draws the first bar."));
      if (!board.element.isConnected) replace(place, board.element);
      const { idle, lanes, span } = board.show(bars, selected().numbers ? new Set(selected().numbers) : null);
      note.textContent = `${counted(lanes, "slot")} over ${duration(span)}, ${share(idle, 1)} idle`;
    } catch (error) {
      replace(place, problem(error));
    }
  };
  return { element, refresh, dispose: board.dispose };
}

/** The newest trials that have begun. @param {string} name @returns {Promise<import("../../charts/timeline.js").Bar[]>} */
async function barsOf(name) {
  const found = [];
  let token = null;
  for (let page = 0; page < PAGES; page++) {
    const answer = await get(`/studies/${encodeURIComponent(name)}/trials`, { order_by: "-number", page_size: PAGE, page_token: token });
    found.push(...answer.items);
    token = answer.next_page_token;
    if (!token) break;
  }
  const now = Date.now() / 1000;
  return found.flatMap((each) => {
    const from = seconds(each.started_at);
    if (from === null) return [];
    return [{ number: each.number, state: each.state, node: each.node ?? "unknown", from, to: seconds(each.finished_at) ?? now, attempts: each.attempts }];
  });
}
