// Tables: sorted by a press on a heading, cut to a first part that can be extended.
import { add, el } from "./dom.js";

const compare = (a, b) =>
  typeof a === "string" || typeof b === "string"
    ? String(a ?? "").localeCompare(String(b ?? ""), "en", { numeric: true })
    : a - b;
const missing = (value) => value === null || value === undefined || value === "";

/** What does not exist comes last in both directions. */
function sorted(rows, value, direction) {
  return rows
    .map((row) => [value(row), row])
    .sort(([a], [b]) => (missing(a) || missing(b) ? missing(a) - missing(b) : direction * compare(a, b)))
    .map(([, row]) => row);
}

function cell(column, row) {
  const shown = column.show(row);
  const properties = {
    class: [column.text ? "text" : "number", column.class].filter(Boolean).join(" "),
    style: column.style?.(row),
    title: column.title?.(row),
    "data-label": column.label,
    scope: column.heads ? "row" : null,
  };
  return el(column.heads ? "th" : "td", properties, shown);
}

/** columns: {label, show(row), value(row) to sort by, text: left and not a number, heads: names the
 * row, style(row)}; `most` rows are shown at first. */
export function table({ caption, columns, rows, sortable = false, most = Infinity, className = "" }) {
  const state = { column: -1, direction: 1, shown: most, rows };
  const body = el("tbody");
  const more = el("button", { type: "button", class: "more" });
  const headings = columns.map((column, i) => {
    const able = sortable && column.value;
    const heading = el("th", {
      scope: "col",
      class: column.text ? "text" : "number",
      "aria-sort": able ? "none" : null,
    });
    add(
      heading,
      able ? el("button", { type: "button", onclick: () => sortBy(i) }, column.label) : column.label,
    );
    return heading;
  });

  function fill() {
    const visible = state.rows.slice(0, state.shown);
    body.replaceChildren(
      ...visible.map((row) =>
        el(
          "tr",
          {},
          columns.map((c) => cell(c, row)),
        ),
      ),
    );
    const left = state.rows.length - visible.length;
    more.hidden = left === 0;
    more.textContent = left > 200 ? `Show 200 more of ${left.toLocaleString("en-US")}` : `Show ${left} more`;
  }
  function sortBy(i) {
    // Numbers begin with the largest, names with the first.
    const again = state.column === i;
    state.direction = again ? -state.direction : columns[i].text ? 1 : -1;
    state.column = i;
    state.rows = sorted(rows, columns[i].value, state.direction);
    headings.forEach(
      (heading, h) =>
        heading.hasAttribute("aria-sort") &&
        heading.setAttribute(
          "aria-sort",
          h !== i ? "none" : state.direction > 0 ? "ascending" : "descending",
        ),
    );
    fill();
  }
  more.addEventListener("click", () => {
    state.shown += 200;
    fill();
  });
  fill();
  const element = el(
    "table",
    { class: className },
    caption && el("caption", {}, caption),
    el("thead", {}, el("tr", {}, headings)),
    body,
  );
  const wrap = el(
    "div",
    { class: "scroll", tabindex: "0", role: "region", "aria-label": caption ?? "Table" },
    element,
  );
  return el("div", { class: "table" }, wrap, more);
}

/** A table behind a chart: made when it is first opened. */
export function behind(make) {
  const details = el("details", { class: "behind" }, el("summary", {}, "The numbers as a table"));
  details.addEventListener("toggle", () => {
    if (details.open && details.children.length === 1) details.append(make());
  });
  return details;
}
