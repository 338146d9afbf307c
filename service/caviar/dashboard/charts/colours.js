// @ts-check
// Good to bad as a colour that is told apart without seeing red, on light and on dark ground.

import { isDark } from "../lib/theme.js";

const LIGHT = [[13, 92, 99], [38, 130, 142], [53, 159, 136], [122, 190, 94], [190, 186, 60], [201, 148, 60]];
const DARK = [[253, 231, 37], [148, 216, 64], [60, 188, 117], [45, 150, 141], [64, 100, 143], [82, 66, 120]];

/** `place`: 0 best, 1 worst. @param {number} place @returns {[number, number, number]} */
export function shade(place) {
  const stops = isDark() ? DARK : LIGHT;
  const at = Math.min(1, Math.max(0, place)) * (stops.length - 1);
  const [low, part] = [Math.floor(at), at % 1];
  const [from, to] = [stops[low], stops[Math.min(low + 1, stops.length - 1)]];
  return /** @type {[number, number, number]} */ (from.map((each, index) => Math.round(each + part * (to[index] - each))));
}

/** @param {number} place */
export const css = (place) => `rgb(${shade(place).join(" ")})`;
