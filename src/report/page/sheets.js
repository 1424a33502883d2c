// Parts of sheets for paper.
import { el, name } from "./dom.js";
import { date } from "./format.js";

export const blank = () => el("span", { class: "to-fill" }, "to be filled in");
export const given = (text) => (text ? name(text) : blank());
export const givenDate = (day) => (day === null || day === undefined ? blank() : date(day));

export const sheet = (...children) => el("section", { class: "sheet" }, children);
export const heading = (text) => el("h2", {}, text);
export const facts = (pairs, className = "facts") =>
  el(
    "dl",
    { class: className },
    pairs.map(([term, value]) => el("div", {}, el("dt", {}, term), el("dd", {}, value))),
  );
export function grid(heads, lines, className = "") {
  return el(
    "table",
    { class: className },
    el(
      "thead",
      {},
      el(
        "tr",
        {},
        heads.map((head, i) => el("th", { scope: "col", class: i ? "number" : "text" }, head)),
      ),
    ),
    el(
      "tbody",
      {},
      lines.map((line) =>
        el(
          "tr",
          {},
          line.map((value, i) =>
            i ? el("td", { class: "number" }, value) : el("th", { scope: "row" }, value),
          ),
        ),
      ),
    ),
  );
}
/** Lines to write on, as many as a table has columns. */
export const empty = (n, columns) =>
  Array.from({ length: n }, () => Array.from({ length: columns }, () => "\u00a0"));
