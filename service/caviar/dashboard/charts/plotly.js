// @ts-check
// Pictures that the service drew in Plotly's form, in the colours of the page.

import { get } from "../lib/api.js";
import { h, replace } from "../lib/dom.js";
import { colour } from "../lib/theme.js";

/** @type {Promise<any> | null} */
let loading = null;

/** Plotly itself, fetched when the first picture needs it. */
function plotly() {
  loading ??= load().catch((error) => {
    loading = null;
    throw error;
  });
  return loading;
}

/** What a page will need soon is fetched meanwhile. */
export const prepare = () => void plotly().catch(() => {});

async function load() {
  const { plotly: address } = await get("/meta");
  if (!address) throw new Error("Pictures need plotly on the server: pip install 'caviar[plots]'");
  await new Promise((done, failed) => {
    const script = h("script", { src: address, onload: done, onerror: () => failed(new Error("plotly.js did not come.")) });
    document.head.append(script);
  });
  return /** @type {any} */ (window).Plotly;
}

const HEIGHT = 320;
const CONFIG = { displaylogo: false, showSendToCloud: false, responsive: true, modeBarButtonsToRemove: ["autoScale2d", "toImage"] };

/**
 * @param {{label: string, height?: number, choose?: (numbers: number[]) => void, open?: (number: number) => void}} what
 * `choose`: trials were marked with a box or a lasso; `open`: one was clicked.
 */
export function picture(what) {
  const plot = h("div", { class: "plot", role: "figure", "aria-label": what.label, style: { minHeight: `${what.height ?? HEIGHT}px` } });
  /** @type {any} */
  let figure = null;
  /** @type {Set<number> | null} */
  let marked = null;
  let bound = false;

  const draw = async () => {
    if (!figure) return;
    const shown = figure;
    const library = await plotly();
    if (shown !== figure || !plot.isConnected) return;
    await library.react(plot, themed(shown.data, marked), layout(shown.layout, what.height), CONFIG);
    if (!bound) bind(/** @type {any} */ (plot), what);
    bound = true;
  };
  let turn = Promise.resolve();
  /** A page does not wait for its pictures (the first has Plotly to fetch), and no picture is drawn twice at once. */
  const begin = () => {
    turn = turn.then(draw).catch((error) => replace(plot, h("div", { class: "empty" }, error.message)));
  };
  addEventListener("caviar:theme", begin);
  return {
    element: plot,
    /** @param {any} next @param {Set<number> | null} [selection] */
    show: (next, selection = null) => {
      if (next === figure && selection === marked) return;
      [figure, marked] = [next, selection];
      const why = next.layout?.meta?.empty;
      if (why) {
        bound = false;
        return replace(plot, h("div", { class: "empty" }, why));
      }
      if (!bound) replace(plot);
      begin();
    },
    dispose: () => {
      removeEventListener("caviar:theme", begin);
      if (bound) /** @type {any} */ (window).Plotly?.purge(plot);
    },
  };
}

/** @param {any} plot @param {{choose?: (numbers: number[]) => void, open?: (number: number) => void}} what */
function bind(plot, what) {
  const numbers = (/** @type {any} */ event) => [...new Set((event?.points ?? []).map((/** @type {any} */ each) => each.customdata).filter(Number.isInteger))];
  if (what.choose) {
    plot.on("plotly_selected", (/** @type {any} */ event) => event && what.choose?.(/** @type {number[]} */ (numbers(event))));
    plot.on("plotly_deselect", () => what.choose?.([]));
  }
  plot.on("plotly_click", (/** @type {any} */ event) => {
    const [first] = numbers(event);
    if (what.open && first !== undefined) what.open(/** @type {number} */ (first));
  });
}

/** Traces whose points are trials show which of them are marked. @param {any[]} traces @param {Set<number> | null} marked */
function themed(traces, marked) {
  return traces.map((trace) => {
    if (trace.type === "contour" || trace.type === "heatmap") return trace;
    if (!marked || !Array.isArray(trace.customdata) || !String(trace.mode ?? "markers").includes("markers")) return { ...trace, selectedpoints: null };
    const chosen = trace.customdata.flatMap((/** @type {any} */ number, /** @type {number} */ index) => (marked.has(number) ? [index] : []));
    return { ...trace, selectedpoints: chosen, selected: { marker: { opacity: 0.95 } }, unselected: { marker: { opacity: 0.08 } } };
  });
}

/** @param {any} given @param {number | undefined} height */
function layout(given, height) {
  const [text, line, muted, panel] = ["--text", "--line", "--muted", "--panel"].map(colour);
  const axis = { gridcolor: line, zerolinecolor: line, linecolor: line, tickcolor: line, tickfont: { color: muted }, automargin: true };
  const axes = Object.keys({ xaxis: 1, yaxis: 1, ...given }).filter((name) => /^[xy]axis\d*$/.test(name));
  return {
    ...given,
    ...Object.fromEntries(axes.map((name) => [name, { ...axis, ...given[name] }])),
    title: undefined,
    height: given.height ?? height ?? HEIGHT,
    autosize: true,
    margin: { l: 56, r: 16, t: 12, b: 44, ...(given.margin ? { l: given.margin.l, b: given.margin.b } : {}) },
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    font: { family: getComputedStyle(document.body).fontFamily, size: 12, color: text },
    legend: { orientation: "h", y: 1.02, yanchor: "bottom", x: 0, bgcolor: "rgba(0,0,0,0)", font: { color: muted }, ...given.legend },
    hoverlabel: { bgcolor: panel, bordercolor: line, font: { color: text } },
    modebar: { bgcolor: "rgba(0,0,0,0)", color: muted, activecolor: text },
    colorway: ["--series-1", "--series-2", "--series-3", "--series-4", "--series-5", "--series-6"].map(colour),
  };
}
