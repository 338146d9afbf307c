// @ts-check
// Light or dark: as the system says, until somebody says otherwise.

const KEY = "caviar-theme";
const system = matchMedia("(prefers-color-scheme: dark)");

export function isDark() {
  const chosen = document.documentElement.dataset.theme;
  return chosen ? chosen === "dark" : system.matches;
}

export function restoreTheme() {
  const chosen = localStorage.getItem(KEY);
  if (chosen === "dark" || chosen === "light") document.documentElement.dataset.theme = chosen;
  system.addEventListener("change", announce);
}

export function toggleTheme() {
  const next = isDark() ? "light" : "dark";
  document.documentElement.dataset.theme = next;
  localStorage.setItem(KEY, next);
  announce();
}

/** The value of one of the theme's colours. @param {string} name such as `--accent` */
export const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

function announce() {
  dispatchEvent(new CustomEvent("caviar:theme"));
}
