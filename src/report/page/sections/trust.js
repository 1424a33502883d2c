// What all this rests on: the evidence for each effect, the tables, and where the numbers come from.
import { data, plans, rows } from "../data.js";
import { el, name } from "../dom.js";
import { date, money, number, percent } from "../format.js";
import { part, section } from "../section.js";
import { table } from "../table.js";

const GRADES = {
  experiment: "experiment, or a fact: as stated",
  before_after: "before against after: ± 25\u00a0%",
  association: "association: ± 50\u00a0%",
  opinion: "opinion: ± 100\u00a0%",
};

const hasDecisions = () => data.decision_draws > 0;
const times = (x) => (x === null ? "–" : `${number(x)} ×`);

function evidence() {
  if (rows("lever").length === 0) return null;
  return part(
    "How well the effects are known",
    "The grade widens an effect beyond what the plan states, by one standard deviation of so much of it; that is part of every number here.",
    table({
      caption: "Levers and their evidence",
      rows: rows("lever"),
      sortable: true,
      most: 10,
      columns: [
        { label: "Plan", text: true, show: (r) => name(r.plan), value: (r) => r.plan },
        {
          label: "Lever",
          text: true,
          heads: true,
          show: (r) => name(r.kind.replace(/_/g, " ")),
          value: (r) => r.kind,
        },
        {
          label: "Evidence",
          text: true,
          show: (r) => GRADES[r.evidence] ?? r.evidence,
          value: (r) => r.evidence,
        },
        { label: "Start", text: true, class: "date", show: (r) => date(r.start), value: (r) => r.start },
        { label: "Cost", show: (r) => money(r.cost), value: (r) => r.cost },
        { label: "What exactly", text: true, class: "long", show: (r) => el("code", {}, name(r.keys)) },
      ],
    }),
  );
}

function breakEven() {
  if (!hasDecisions()) return null;
  return part(
    "What it takes",
    `Centered: the plan's effects less their means, so that only their uncertainty is left. Break-even: the multiple of its stated effects that brings the chance to ${percent(data.target, 0)}; below 1 there is room to be wrong.`,
    table({
      caption: "Break-even effects",
      rows: plans,
      sortable: true,
      most: 20,
      columns: [
        { label: "Plan", text: true, heads: true, show: (p) => name(p.plan), value: (p) => p.plan },
        { label: "As stated", show: (p) => percent(p.hit_probability), value: (p) => p.hit_probability },
        {
          label: "Centered",
          show: (p) => percent(p.hit_probability_centered),
          value: (p) => p.hit_probability_centered,
        },
        {
          label: "Break-even",
          show: (p) => (p.break_even === null && p !== plans[0] ? "not up to 4 ×" : times(p.break_even)),
          value: (p) => p.break_even,
        },
        {
          label: "As an effect",
          text: true,
          show: (p) =>
            p.break_even_effect === null ? "–" : `${number(p.break_even_effect)} ${p.break_even_unit}`,
        },
        { label: "Best in", show: (p) => percent(p.best_probability, 0), value: (p) => p.best_probability },
      ],
    }),
  );
}

function quality() {
  if (rows("quality").length === 0) return null;
  return part(
    "What the tables lack",
    null,
    table({
      caption: "Quality of the tables",
      rows: rows("quality"),
      most: 20,
      columns: [
        { label: "Table", text: true, heads: true, show: (r) => r.table },
        { label: "Column", text: true, show: (r) => r.column },
        { label: "Problem", text: true, show: (r) => r.problem },
        { label: "Rows", show: (r) => `${number(r.n)} of ${number(r.n_rows)}` },
        { label: "Share", show: (r) => percent(r.share, 0) },
        { label: "What follows", text: true, class: "long", show: (r) => r.meaning },
      ],
    }),
  );
}

/** Parts of the page that these results have nothing for. */
function absent() {
  const parts = [
    [rows("gap").length, "where the gap comes from (no period to compare with)"],
    [rows("finding").length, "the four causes"],
    [rows("hygiene").length + rows("rule").length, "pipeline hygiene"],
    [rows("skill").length, "the skill matrix"],
    [rows("swot").length, "strengths and weaknesses"],
    [data.histogram ? 1 : 0, "distributions and the weekly fan (the estimator conditional has none)"],
    [hasDecisions() ? 1 : 0, "later starts, sensitivity and break-even (`decisions` in the scenario)"],
  ]
    .filter(([n]) => !n)
    .map(([, text]) => text);
  return (
    parts.length > 0 &&
    part(
      "Not in these results",
      null,
      el(
        "ul",
        {},
        parts.map((text) => el("li", {}, text)),
      ),
    )
  );
}

export function assumptions() {
  const parts = [evidence(), breakEven(), quality(), absent()].filter(Boolean);
  return parts.length > 0 ? section("assumptions", "Data and assumptions", null, parts) : null;
}

export function provenance() {
  const facts = [
    ["Scenario", data.title],
    ["As-of date", date(data.as_of)],
    ["Paths", number(data.paths)],
    ["Parameter draws", number(data.parameter_draws)],
    ["Estimator", data.estimator],
    ["P(hit) by", data.hit_estimator],
    ["Seed", String(data.seed)],
    ["Instruction set", data.isa],
    ["Inputs", data.input_digest],
    ["Model", data.model_digest],
    ["recoup", `${data.recoup_version} (${data.git_sha1.slice(0, 12)})`],
  ].filter(([, value]) => value);
  return section(
    "provenance",
    "Where the numbers come from",
    "Equal inputs give equal numbers, bit for bit, on any machine and any number of threads.",
    el(
      "dl",
      { class: "provenance" },
      facts.map(([term, value]) => el("div", {}, el("dt", {}, term), el("dd", {}, name(value)))),
    ),
    el(
      "details",
      { class: "behind" },
      el("summary", {}, "The scenario, fully resolved"),
      el("pre", {}, data.scenario),
    ),
    el(
      "details",
      { class: "behind" },
      el("summary", {}, "Licences of what this page is made with"),
      el("pre", {}, document.getElementById("licences").content.textContent),
    ),
  );
}
