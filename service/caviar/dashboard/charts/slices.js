// @ts-check
// Slices in rows of four: beside each other they would be too narrow to read.

const BESIDE = 4;
const HEIGHT = 220;

/** @param {any} figure each trace on an x axis of its own, all on one y axis */
export function inRows(figure) {
  const count = figure.data.length;
  if (count <= BESIDE) return figure;
  const rows = Math.ceil(count / BESIDE);
  const layout = { ...figure.layout, grid: { rows, columns: BESIDE, pattern: "independent", ygap: 0.38, xgap: 0.08 }, height: HEIGHT * rows };
  const data = figure.data.map((/** @type {any} */ trace, /** @type {number} */ index) => ({ ...trace, yaxis: index === 0 ? "y" : `y${index + 1}` }));
  for (let index = 1; index < count; index++) {
    layout[`yaxis${index + 1}`] = { ...figure.layout.yaxis, matches: "y", title: index % BESIDE ? undefined : figure.layout.yaxis.title, showticklabels: index % BESIDE === 0 };
  }
  return { ...figure, data, layout };
}
