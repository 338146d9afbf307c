// @ts-check
// What one trial reported, step by step.

import { picture } from "./plotly.js";

export function curvesOf() {
  const plot = picture({ label: "Metrics by step", height: 320 });
  /** @type {any} */
  let last = null;
  let marks = "";
  return {
    element: plot.element,
    dispose: plot.dispose,
    /** @param {Record<string, (number | string | null)[]>} metrics @param {string} objective @param {any[]} nudges */
    show: (metrics, objective, nudges) => {
      const key = nudges.map((each) => each.id + each.state).join();
      if (metrics === last && key === marks) return;
      [last, marks] = [metrics, key];
      return plot.show(figure(metrics, objective, nudges));
    },
  };
}

/** @param {Record<string, (number | string | null)[]>} metrics @param {string} objective @param {any[]} nudges */
function figure(metrics, objective, nudges) {
  const names = Object.keys(metrics).filter((name) => name !== "step");
  if (names.length === 0) return { data: [], layout: { meta: { empty: "Nothing reported yet." } } };
  const rest = names.filter((name) => name !== objective);
  const few = metrics.step.length < 40;
  return {
    data: [objective, ...rest].filter((name) => name in metrics).map((name) => ({
      type: "scatter",
      mode: few ? "lines+markers" : "lines",
      name,
      x: metrics.step,
      y: metrics[name].map((value) => (typeof value === "number" ? value : null)),
      line: { width: name === objective ? 2.5 : 1.5, dash: name === objective ? "solid" : "dot" },
      marker: { size: 5 },
    })),
    layout: { xaxis: { title: { text: "step" } }, showlegend: names.length > 1, hovermode: "x unified", shapes: nudges.filter((each) => each.step !== null).map(upright) },
  };
}

/** Where a nudge took effect. @param {any} nudge */
const upright = (nudge) => ({ type: "line", x0: nudge.step, x1: nudge.step, yref: "paper", y0: 0, y1: 1, line: { color: "#8a5300", width: 1.5, dash: "dash" } });
