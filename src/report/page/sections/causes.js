// The four causes with their evidence, strengths and weaknesses, losses, benchmarks.
import { rows } from "../data.js";
import { el, name } from "../dom.js";
import { chance, date, interval, money, number, percent, withUnit } from "../format.js";
import { part, section } from "../section.js";
import { table } from "../table.js";

export const CAUSES = [
  ["skill", "Skill"],
  ["process", "Process"],
  ["motivation", "Motivation"],
  ["market", "Market"],
];
const MOST = 3;

export const found = (cause) =>
  rows("finding").filter((row) => row.cause === cause && row.verdict === "found");

function finding(row) {
  const facts = [
    !row.sentence && ["effect", withUnit(row.effect, row.unit)], // which says it otherwise
    !row.sentence &&
      row.effect_low !== null && ["95\u00a0% interval", interval(row.effect_low, row.effect_high, row.unit)],
    ["n", row.n_reference ? `${number(row.n)} against ${number(row.n_reference)}` : number(row.n)],
    row.q_value !== null && ["q", chance(row.q_value)],
    row.since !== null && ["since", date(row.since)],
  ].filter(Boolean);
  return el(
    "li",
    {},
    el("p", {}, name(row.sentence || row.subject)),
    el(
      "p",
      { class: "facts" },
      facts.map(([term, value]) => el("span", {}, `${term} ${value}`)),
    ),
    row.lever && el("details", {}, el("summary", {}, "The lever for the scenario"), el("pre", {}, row.lever)),
  );
}

const comparisons = (n) => `${n} ${n === 1 ? "comparison" : "comparisons"}`;

function card([cause, title]) {
  const of = rows("finding").filter((row) => row.cause === cause);
  const finds = found(cause);
  const tested = of.filter((row) => row.verdict !== "not enough data").length;
  const isTested = tested > 0;
  const verdict = finds.length > 0 ? `${finds.length} found` : isTested ? "Nothing found" : "Not enough data";
  return el(
    "div",
    { class: `card ${finds.length > 0 ? "is-found" : ""}` },
    el("h3", {}, title, el("small", {}, verdict)),
    finds.length > 0
      ? el("ul", {}, finds.slice(0, MOST).map(finding))
      : el(
          "p",
          { class: "muted" },
          of.length === 0
            ? "Not tested."
            : isTested
              ? `${comparisons(tested)}, none beyond chance${tested < of.length ? `; too few data for ${of.length - tested} more` : ""}.`
              : `${comparisons(of.length)}, too few data for any.`,
        ),
    finds.length > MOST && el("p", { class: "muted" }, `and ${finds.length - MOST} more in the table below`),
  );
}

export function causes() {
  const all = rows("finding");
  if (all.length === 0) return null;
  return section(
    "causes",
    "Four causes",
    "Each is tested by a rule of its own; q is the p-value with all comparisons counted: of what is found at q below 5\u00a0%, one in twenty is a false alarm on average. Nothing found does not mean that nothing is there.",
    el("div", { class: "stacks" }, CAUSES.map(card)),
    el(
      "details",
      { class: "behind" },
      el("summary", {}, `All ${all.length} comparisons`),
      table({
        caption: "Tests of the four causes",
        rows: all,
        sortable: true,
        most: 30,
        columns: [
          { label: "Cause", text: true, show: (r) => r.cause, value: (r) => r.cause },
          { label: "What", text: true, heads: true, show: (r) => name(r.subject), value: (r) => r.subject },
          { label: "Verdict", text: true, show: (r) => r.verdict, value: (r) => r.verdict },
          { label: "Effect", show: (r) => withUnit(r.effect, r.unit), value: (r) => r.effect },
          { label: "95\u00a0% interval", show: (r) => interval(r.effect_low, r.effect_high, r.unit) },
          { label: "n", show: (r) => number(r.n), value: (r) => r.n },
          { label: "p", show: (r) => chance(r.p_value), value: (r) => r.p_value },
          { label: "q", show: (r) => chance(r.q_value), value: (r) => r.q_value },
        ],
      }),
    ),
  );
}

export const QUADRANTS = [
  ["strength", "Strengths"],
  ["weakness", "Weaknesses"],
  ["opportunity", "Opportunities"],
  ["threat", "Threats"],
];

export function swotCards(most) {
  return el(
    "div",
    { class: "cards swot" },
    QUADRANTS.map(([quadrant, title]) => {
      const of = rows("swot").filter((row) => row.quadrant === quadrant);
      return el(
        "div",
        { class: `card ${quadrant}` },
        el("h3", {}, title),
        of.length === 0
          ? el("p", { class: "muted" }, "None beyond chance.")
          : el(
              "ul",
              {},
              of
                .slice(0, most)
                .map((row) =>
                  el(
                    "li",
                    {},
                    el(
                      "p",
                      {},
                      name(
                        row.sentence ||
                          `${row.dimension} ${row.name}: ${percent(row.value, 0)} won, others ${percent(row.reference, 0)}`,
                      ),
                    ),
                  ),
                ),
            ),
      );
    }),
  );
}

function losses() {
  if (rows("loss").length === 0) return null;
  return part(
    "Why deals are lost",
    null,
    table({
      caption: "Reasons of losses",
      rows: rows("loss"),
      sortable: true,
      most: 12,
      columns: [
        { label: "Reason", text: true, heads: true, show: (r) => name(r.reason), value: (r) => r.reason },
        { label: "Deals", show: (r) => number(r.n), value: (r) => r.n },
        { label: "Share", show: (r) => percent(r.share, 0), value: (r) => r.share },
        { label: "Before", show: (r) => percent(r.before, 0), value: (r) => r.before },
        { label: "Recently", show: (r) => percent(r.recent, 0), value: (r) => r.recent },
        { label: "Amount", show: (r) => money(r.amount), value: (r) => r.amount },
      ],
    }),
  );
}

function benchmarks() {
  if (rows("benchmark").length === 0) return null;
  return part(
    "Beside others",
    null,
    table({
      caption: "Our figures beside benchmarks",
      rows: rows("benchmark"),
      columns: [
        {
          label: "Measure",
          text: true,
          heads: true,
          show: (r) => [name(r.measure), r.stage && [", ", name(r.stage)]],
        },
        { label: "Ours", show: (r) => withUnit(r.value, r.unit) },
        { label: "95\u00a0% interval", show: (r) => interval(r.low, r.high, r.unit) },
        { label: "Benchmark", show: (r) => withUnit(r.benchmark, r.unit) },
        { label: "Verdict", text: true, show: (r) => r.verdict },
        { label: "Source", text: true, show: (r) => name(r.source) },
      ],
    }),
  );
}

function reviews() {
  if (rows("review").length === 0) return null;
  return part(
    "What others say",
    null,
    el(
      "ul",
      {},
      rows("review").map((row) => el("li", {}, el("strong", {}, name(row.group)), ": ", name(row.note))),
    ),
  );
}

export function dealFlow() {
  const hasSwot = rows("swot").length > 0;
  const parts = [losses(), benchmarks(), reviews()].filter(Boolean);
  if (!hasSwot && parts.length === 0) return null;
  return section("deal-flow", "The deal flow from outside", null, hasSwot && swotCards(6), parts);
}
