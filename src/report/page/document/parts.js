// Parts of the sheets: blanks, facts, tables. What the scenario does not say is to be filled in by hand.
import { el, name } from "../dom.js";
import { date } from "../format.js";

export const blank = () => el("span", { class: "to-fill" }, "to be filled in");
export const given = (text) => (text ? name(text) : blank());
export const givenDate = (day) => (day === null || day === undefined ? blank() : date(day));

/** Terms with their values: {term, value} in pairs. */
export const facts = (pairs, className = "") =>
  el(
    "dl",
    { class: `facts ${className}` },
    pairs.filter(Boolean).map(([term, value]) => el("div", {}, el("dt", {}, term), el("dd", {}, value))),
  );

/** A table. The first `texts` columns are texts, the others numbers; each line is named by its first. */
export function table(heads, lines, { texts = 1, className = "" } = {}) {
  const kind = (i) => (i < texts ? "text" : "number");
  const cell = (value, i) =>
    i === 0 ? el("th", { scope: "row" }, value) : el("td", { class: kind(i) }, value);
  return el(
    "table",
    { class: className },
    el(
      "thead",
      {},
      el(
        "tr",
        {},
        heads.map((head, i) => el("th", { scope: "col", class: kind(i) }, head)),
      ),
    ),
    el(
      "tbody",
      {},
      lines.map((line) => el("tr", {}, line.map(cell))),
    ),
  );
}

/** Lines of a table to write on. */
export const empty = (n, columns) =>
  Array.from({ length: Math.max(0, n) }, () => Array.from({ length: columns }, () => "\u00a0"));

const MOST_LINES = 40;
/** Lines to write on: so many, or what is left of their page. */
export const ruled = (n, fills, ...words) =>
  el(
    "div",
    { class: fills ? "ruled fills" : "ruled", style: { minHeight: `${25 * n}px` } },
    el(
      "div",
      { class: "lines", "aria-hidden": "true" },
      Array.from({ length: fills ? MOST_LINES : n }, () => el("i")),
    ),
    words,
  );

export const caption = (...words) => el("p", { class: "caption" }, words);
