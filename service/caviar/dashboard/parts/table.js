// @ts-check
// A table whose rows stay the same elements while their data stays the same, so that focus and selection survive.

import { h, replace } from "../lib/dom.js";

/**
 * @typedef {{name: string, title: string, sort?: string, right?: boolean, tight?: boolean, cell: (row: any) => any}} Column
 * `sort`: what the address calls the order of this column.
 */

/**
 * @param {{label: string, columns: Column[], key: (row: any) => string, sorted?: string, onsort?: (order: string) => void, marked?: (row: any) => boolean, stamp?: (row: any) => string}} what
 * `stamp`: what a row's cells show beside its data.
 */
export function table(what) {
  const body = h("tbody");
  const head = h("tr");
  const element = h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": what.label }, h("table", {}, h("thead", {}, head), body));
  /** @type {Map<string, {text: string, row: HTMLElement}>} */
  let rows = new Map();
  let columns = what.columns;
  let sorted = what.sorted ?? "";

  const drawHead = () => replace(head, columns.map((each) => heading(each, sorted, what.onsort)));
  drawHead();
  return {
    element,
    /** @param {string} order */
    sort: (order) => {
      sorted = order;
      drawHead();
    },
    /** @param {Column[]} next */
    shape: (next) => {
      [columns, rows] = [next, new Map()];
      drawHead();
    },
    /** @param {any[]} data */
    show: (data) => {
      const next = new Map();
      for (const each of data) {
        const [key, text] = [what.key(each), JSON.stringify(each) + (what.marked?.(each) ?? "") + (what.stamp?.(each) ?? "")];
        const old = rows.get(key);
        next.set(key, old?.text === text ? old : { text, row: line(each, columns, what.marked) });
      }
      const wanted = [...next.values()].map((each) => each.row);
      const same = wanted.length === body.children.length && wanted.every((row, index) => row === body.children[index]);
      if (!same) replace(body, wanted);
      rows = next;
    },
  };
}

/** @param {any} data @param {Column[]} columns @param {((row: any) => boolean) | undefined} marked */
function line(data, columns, marked) {
  const cells = columns.map((each) => h("td", { class: classes(each) }, each.cell(data)));
  return h("tr", { class: marked?.(data) ? "marked" : null }, cells);
}

/** @param {Column} column @param {string} sorted @param {((order: string) => void) | undefined} onsort */
function heading(column, sorted, onsort) {
  if (!column.sort || !onsort) return h("th", { scope: "col", class: classes(column) }, column.title || h("span", { class: "hidden-text" }, column.name));
  const [up, down] = [sorted === column.sort, sorted === `-${column.sort}`];
  const next = up ? `-${column.sort}` : column.sort;
  const button = h("button", { type: "button", onclick: () => onsort(next) }, column.title);
  return h("th", { scope: "col", class: classes(column), "aria-sort": up ? "ascending" : down ? "descending" : null }, button);
}

/** @param {Column} column */
const classes = (column) => [column.right ? "right" : "", column.tight ? "tight" : ""].join(" ").trim() || null;
