// @ts-check
// Slices in rows of four (of two on a telephone): beside each other they would be too narrow to read.

const [BESIDE, NARROW] = [4, 640];
const HEIGHT = 220;

/** @param {any} figure each trace on an x axis of its own, all on one y axis */
export function inRows(figure) {
  const count = figure.data.length;
  const beside = innerWidth < NARROW ? 2 : BESIDE;
  if (count <= beside) return figure;
  const rows = Math.ceil(count / beside);
  const layout = { ...figure.layout, grid: { rows, columns: beside, pattern: "independent", ygap: 0.38, xgap: 0.08 }, height: HEIGHT * rows };
  const data = figure.data.map((/** @type {any} */ trace, /** @type {number} */ index) => ({ ...trace, yaxis: index === 0 ? "y" : `y${index + 1}` }));
  for (let index = 1; index < count; index++) {
    layout[`yaxis${index + 1}`] = { ...figure.layout.yaxis, matches: "y", title: index % beside ? undefined : figure.layout.yaxis.title, showticklabels: index % beside === 0 };
  }
  return { ...figure, data, layout };
}
