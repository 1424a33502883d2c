// Skills by rep and stage; strengths, weaknesses, opportunities and threats of the deal flow.
import { rows } from "../data.js";
import { el, name } from "../dom.js";
import { list, percent, short } from "../format.js";
import { QUADRANTS } from "../sections/causes.js";
import { skillShown, skillsByRep, skillStages, skillStyle, standings } from "../sections/people.js";
import { blank, caption, ruled } from "./parts.js";

const MOST_REPS = 18;
const MOST_POINTS = 3;
const MOST_LETTERS = 190;

const MARK = { above: " ▲", below: " ▼" }; // colours are lost in black and white

/** Those about whom the matrix says most, then those furthest from their quota; by cohort. */
function chosen(reps, standing) {
  const cohorts = [...new Set(reps.map((rep) => rep.cohort))];
  const said = (rep) => [...rep.by.values()].filter((row) => row.verdict in MARK).length;
  const gap = (rep) => standing.get(rep.rep)?.gap ?? -Infinity;
  return reps
    .map((rep, at) => ({ rep, at, said: said(rep), gap: gap(rep), cohort: cohorts.indexOf(rep.cohort) }))
    .sort((a, b) => b.said - a.said || (b.gap > a.gap) - (b.gap < a.gap))
    .slice(0, MOST_REPS)
    .sort((a, b) => a.cohort - b.cohort || a.at - b.at)
    .map(({ rep }) => rep);
}

function matrix(shown, stages, standing) {
  const table = el("table", { class: "matrix" });
  const heads = ["Rep", "Cohort", ...stages.map((stage) => name(short(stage, 16)))];
  if (standing.size > 0) heads.push("Expected, of quota");
  const attainment = (rep) => {
    const own = standing.get(rep.rep);
    return own?.quota > 0 ? percent(own.expected / own.quota, 0) : "–";
  };
  table.append(
    el(
      "thead",
      {},
      el(
        "tr",
        {},
        heads.map((head, i) => el("th", { scope: "col", class: i < 2 ? "text" : "number" }, head)),
      ),
    ),
    el(
      "tbody",
      {},
      shown.map((rep) =>
        el(
          "tr",
          {},
          el("th", { scope: "row" }, name(short(rep.rep, 24))),
          el("td", { class: "text" }, name(short(rep.cohort, 16))),
          stages.map((stage) => {
            const row = rep.by.get(stage);
            return el("td", { class: "number", style: skillStyle(row) }, skillShown(row), MARK[row?.verdict]);
          }),
          standing.size > 0 && el("td", { class: "number" }, attainment(rep)),
        ),
      ),
    ),
  );
  return table;
}

function differences() {
  const told = rows("spread").filter((row) => row.verdict === "individual" || row.verdict === "systemic");
  const tested = rows("spread").filter((row) => row.verdict !== "not enough data");
  if (tested.length === 0) return null;
  const named = (row) => (row.stage ? `${row.measure} in ${short(row.stage, 24)}` : row.measure);
  const group = (verdict, words) => {
    const of = told.filter((row) => row.verdict === verdict);
    return of.length > 0 && `${words}: ${list(of.map(named))}. `;
  };
  return el(
    "p",
    {},
    told.length === 0
      ? "Within their cohorts, reps do not differ beyond chance; where cohorts differ, the matrix says so."
      : [
          group("individual", "Reps of a cohort differ beyond chance"),
          group("systemic", "The whole team became worse"),
        ],
  );
}

export function skills() {
  const reps = skillsByRep();
  const standing = new Map(standings("rep").map((row) => [row.name, row]));
  const shown = chosen(reps, standing);
  if (reps.length === 0) return el("p", {}, blank());
  return [
    caption(
      "Conversion of each stage by rep, shrunk to the cohort. ▲ above, ▼ below the team beyond chance; –: not enough deals.",
      reps.length > shown.length &&
        ` ${shown.length} of ${reps.length} reps: those who differ most, then those furthest from quota.`,
    ),
    matrix(shown, skillStages(), standing),
    differences(),
    el("h3", {}, "Who is to develop what, by whom, until when"),
    ruled(2, false, blank()),
  ];
}

export function swot() {
  const known = rows("swot").length > 0;
  return el(
    "div",
    { class: "quadrants" },
    QUADRANTS.map(([quadrant, title]) => {
      const of = rows("swot").filter((row) => row.quadrant === quadrant);
      return el(
        "div",
        {},
        el("h3", {}, title),
        of.length > 0
          ? el(
              "ul",
              {},
              of
                .slice(0, MOST_POINTS)
                .map((row) =>
                  el("li", {}, name(short(row.sentence || `${row.dimension} ${row.name}`, MOST_LETTERS))),
                ),
            )
          : el("p", {}, known ? "None beyond chance." : blank()),
      );
    }),
  );
}
