// @ts-check
// The frame around every page: which page the address means, what keeps it true, and how it says that it does.

import { h, replace } from "./lib/dom.js";
import { can } from "./lib/abilities.js";
import { here, href } from "./lib/route.js";
import { watch } from "./lib/live.js";
import { isDark, restoreTheme, toggleTheme } from "./lib/theme.js";
import { problem } from "./parts/basics.js";
import { pageFor } from "./pages/pages.js";

/** @typedef {import("./lib/route.js").Route} Route */
/**
 * @typedef {{element: Element, title: string, study?: string, poll?: number, refresh: () => Promise<void>, turn?: (route: Route) => void, dispose?: () => void}} Page
 * `turn`: the address changed, but it is still this page's.
 */

const MOODS = { live: "Live", polling: "Up to date", resting: "Resting", offline: "No connection" };
const LINKS = /** @type {const} */ ([["studies", "Studies"], ["new", "New study"], ["clusters", "Clusters"], ["settings", "Settings"]]);

const mood = h("span", { class: "mood", "data-mood": "none", role: "status" }, "Connecting");
const nav = h("nav", { "aria-label": "Main" }, LINKS.map(([path, title]) => h("a", { href: href([path]), "data-page": path }, title)));
const main = h("main", { id: "main", tabindex: "-1" });
const themeButton = h("button", { type: "button", class: "quiet", onclick: () => (toggleTheme(), nameTheme()) });

/** @type {{key: string, page: Page, watching: ReturnType<typeof watch>} | null} */
let shown = null;

function start() {
  restoreTheme();
  nameTheme();
  addEventListener("caviar:theme", nameTheme);
  const icon = new URL("./icon.svg", import.meta.url).pathname;
  const brand = h("a", { class: "brand", href: href(["studies"]) }, h("img", { src: icon, alt: "" }), "Caviar");
  document.body.append(
    h("a", { class: "skip", href: "#main", onclick: (/** @type {Event} */ event) => (event.preventDefault(), main.focus()) }, "Skip to the content"),
    h("header", { class: "bar" }, h("div", { class: "bar-inner" }, brand, nav, mood, themeButton)),
    main,
  );
  addEventListener("hashchange", turn);
  addEventListener("caviar:changed", () => shown?.watching.now());
  addEventListener("caviar:signed-out", signedOut);
  can("/studies", "post").then((may) => may || nav.querySelector("[data-page=new]")?.remove()).catch(() => {});
  turn();
}

function turn() {
  const route = here();
  const { key, make } = pageFor(route);
  markLink(route.path[0] ?? "studies");
  if (shown?.key === key) return shown.page.turn?.(route);
  shown?.watching.stop();
  shown?.page.dispose?.();
  open(key, make, route);
}

/** @param {string} key @param {(route: Route) => Page} make @param {Route} route */
function open(key, make, route) {
  const first = shown === null;
  const page = make(route);
  document.title = `${page.title} · Caviar`;
  replace(main, page.element);
  if (!first) {
    main.focus({ preventScroll: true });
    scrollTo(0, 0);
  }
  const refresh = () => page.refresh().catch((error) => failed(page, error));
  shown = { key, page, watching: watch({ study: page.study, poll: page.poll, refresh, mood: say }) };
}

/** What can't be shown at all is said in its place; a page already shown stays, and the frame says what is wrong.
 * @param {Page} page @param {any} error */
function failed(page, error) {
  if (page.element.isConnected && !page.element.hasAttribute("data-loaded")) replace(page.element, problem(error));
  throw error;
}

/** @param {import("./lib/live.js").Mood} next */
function say(next) {
  if (mood.dataset.mood === next) return;
  mood.dataset.mood = next;
  mood.textContent = MOODS[next];
}

/** @param {string} path */
function markLink(path) {
  for (const link of nav.children) {
    if (link.getAttribute("data-page") === path) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
}

function nameTheme() {
  themeButton.textContent = isDark() ? "☀" : "☾";
  themeButton.setAttribute("aria-label", isDark() ? "Light colours" : "Dark colours");
}

function signedOut() {
  location.assign("/login");
}

start();
