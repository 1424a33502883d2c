// The Sales Improvement Plan of one plan, on sheets for paper: words from the scenario, numbers from
// the results. What is missing is to be filled in by hand.
import { printed } from "./chart.js";
import { againstFirst, data, first, gap, plans, rows, total } from "./data.js";
import { el, name } from "./dom.js";
import {
  date,
  dayOfYear,
  halfWidth,
  list,
  money,
  moneyShort,
  number,
  percent,
  points,
  short,
  signedMoney,
} from "./format.js";
import { CAUSES, found, swotCards } from "./sections/causes.js";
import { attainmentOption, fanOption } from "./sections/distributions.js";
import { comparisons, gapSentence, waterfallOption } from "./sections/gap.js";
import { blank, empty, facts, given, givenDate, grid, heading, sheet } from "./sheets.js";
import { skillShown, skillsByRep, skillStages, skillStyle, standings } from "./sections/people.js";

const WIDTH = 640;
const MOST_REPS = 16;
const MOST_COHORTS = 6;
const MOST_FINDINGS = 6;

function title(plan, words) {
  return el(
    "header",
    { class: "title" },
    el("p", { class: "eyebrow" }, name(data.title)),
    el("h1", {}, "Sales Improvement Plan"),
    el("p", { class: "plan-name" }, name(plan.plan)),
    facts(
      [
        [
          "Period",
          data.period_start === null
            ? blank()
            : `${dayOfYear(data.period_start)} to ${date(data.period_end)}`,
        ],
        ["As known on", givenDate(data.as_of)],
        ["Responsible", given(words.owner)],
        ["Team", given(words.team)],
        ["Start", givenDate(words.start)],
        ["Reassessment", givenDate(words.review)],
      ],
      "facts grid",
    ),
  );
}

function cohorts() {
  const rowsOf = standings("cohort").slice(0, MOST_COHORTS);
  return (
    rowsOf.length > 1 &&
    grid(
      ["As things stand", "Quota", "Booked", "Open", "Expected", "Gap"],
      rowsOf.map((row) => [
        name(short(row.name, 30)),
        ...[row.quota, row.booked, row.open_amount, row.expected, row.gap].map(moneyShort),
      ]),
    )
  );
}

function performance(plan, place) {
  const base = place === 0 ? [] : [first];
  const of = (label, show) => [label, ...base.map(show), show(plan)];
  return [
    heading("1. Performance against expectation"),
    el(
      "p",
      {},
      gap > 0
        ? `As things stand, bookings of ${money(first.bookings_mean)} are expected against a quota of ${money(first.plan_quota)}: ${money(gap)} short. The chance of reaching quota is ${percent(first.hit_probability, 0)}.`
        : `As things stand, bookings of ${money(first.bookings_mean)} are expected against a quota of ${money(first.plan_quota)}: ${money(-gap)} above. The chance of reaching quota is ${percent(first.hit_probability, 0)}.`,
    ),
    grid(
      ["", ...base.map(({ plan: text }) => name(short(text, 40))), name(short(plan.plan, 40))],
      [
        of("Quota", (p) => money(p.plan_quota)),
        of("Booked so far", () => money(data.booked)),
        of("Expected bookings", (p) => money(p.bookings_mean)),
        of(
          "Likely range (10 to 90\u00a0%)",
          (p) => `${moneyShort(p.bookings_q10)} to ${moneyShort(p.bookings_q90)}`,
        ),
        of("Expected attainment", (p) => percent(p.attainment_mean)),
        of("Chance of reaching quota", (p) => percent(p.hit_probability)),
        of("… error of the simulation, points", (p) => `± ${halfWidth(p.hit_probability_se)}`),
        of(
          "… range the history leaves open",
          (p) => `${percent(p.hit_probability_low, 0)} to ${percent(p.hit_probability_high, 0)}`,
        ),
      ],
    ),
    cohorts(),
    data.histogram &&
      printed({
        label: "Distribution of bookings",
        width: WIDTH,
        height: 200,
        option: () => attainmentOption(place === 0 ? [0] : [0, place], true),
      }),
    data.histogram &&
      el(
        "p",
        { class: "caption" },
        place === 0
          ? "All simulated futures; right of the line the quota is reached."
          : [
              "Solid: ",
              name(short(plan.plan, 40)),
              "; dashed: ",
              name(short(first.plan, 40)),
              ". Right of the line the quota is reached.",
            ],
      ),
  ];
}

function challenges() {
  const [comparison] = comparisons();
  const finds = CAUSES.flatMap(([cause, text]) => found(cause).map((row) => [text, row])).slice(
    0,
    MOST_FINDINGS,
  );
  const hygiene = rows("forecast");
  const scrubbed = hygiene.find((row) => row.pipeline === "scrubbed"),
    asIs = hygiene.find((row) => row.pipeline === "as is");
  return [
    heading("2. Challenges"),
    comparison && el("p", {}, gapSentence(comparison)),
    comparison &&
      printed({
        label: gapSentence(comparison),
        width: WIDTH,
        height: 270,
        option: (width) => waterfallOption(comparison, width, true),
      }),
    finds.length > 0
      ? el(
          "ul",
          {},
          finds.map(([text, row]) =>
            el("li", {}, el("strong", {}, `${text}. `), name(row.sentence || row.subject)),
          ),
        )
      : el(
          "p",
          {},
          rows("finding").length > 0
            ? "None of the four causes (skill, process, motivation, market) stands out beyond chance."
            : ["Causes: ", blank()],
        ),
    scrubbed &&
      asIs &&
      el(
        "p",
        {},
        el("strong", {}, "Pipeline. "),
        asIs.n_open === scrubbed.n_open
          ? `None of the ${number(asIs.n_open)} open deals has to be closed.`
          : `${number(asIs.n_open - scrubbed.n_open)} of ${number(asIs.n_open)} open deals are to be closed; without them ${money(scrubbed.expected)} are expected instead of ${money(asIs.expected)}.`,
        rows("hygiene").length > 0 && ` ${number(total("hygiene"))} need attention: the page lists them.`,
      ),
    el("h3", {}, "Commentary"),
    el("p", { class: "lines" }, blank()),
  ];
}

function improvement(plan, place, words) {
  const own = againstFirst(place);
  const late = (data.delays ?? []).filter((row) => row.plan === place);
  return [
    heading("3. Timescale"),
    facts(
      [
        ["Start", givenDate(words.start)],
        ["Reassessment", givenDate(words.review)],
        ["End of the period", givenDate(data.period_end)],
      ],
      "facts grid",
    ),
    late.length > 1 &&
      el(
        "p",
        {},
        `Starting ${late.at(-1).days} days later would lower the chance of quota from ${percent(late[0].hit_probability, 0)} to ${percent(late.at(-1).hit_probability, 0)}.`,
      ),
    heading("4. Expected improvement"),
    facts(
      [
        ["Target", `${money(plan.plan_quota)} by ${date(data.period_end)}`],
        ["Chance with this plan", percent(plan.hit_probability)],
        ["Gain in chance", place === 0 ? "–" : `${points(plan.hit_gain)} points`],
        ["Gain in bookings", place === 0 ? "–" : signedMoney(plan.bookings_gain_mean)],
      ],
      "facts grid",
    ),
    own &&
      own.draws_low !== null &&
      el(
        "p",
        {},
        `What the history leaves open: a gain between ${points(own.draws_low, 0)} and ${points(own.draws_high, 0)} points.`,
      ),
    data.fan &&
      printed({
        label: "Cumulative bookings by week",
        width: WIDTH,
        height: 260,
        option: () => fanOption(place, true),
      }),
    heading("5. Responsible"),
    facts(
      [
        ["Responsible", given(words.owner)],
        ["Team", given(words.team)],
      ],
      "facts grid",
    ),
  ];
}

function activities(plan, words) {
  const levers = rows("lever").filter((row) => row.plan === plan.plan);
  const actions = rows("action").filter((row) => row.plan === plan.plan);
  const cost = words.cost ?? plan.cost;
  return [
    heading("6. Activities"),
    levers.length > 0 && el("h3", {}, "Levers that the forecast counts on"),
    levers.length > 0 &&
      el(
        "table",
        {},
        el(
          "thead",
          {},
          el(
            "tr",
            {},
            ["What", "Owner", "Start", "Evidence", "Cost"].map((h) => el("th", { scope: "col" }, h)),
          ),
        ),
        el(
          "tbody",
          {},
          levers.map((row) =>
            el(
              "tr",
              {},
              el(
                "th",
                { scope: "row" },
                name(row.kind.replace(/_/g, " ")),
                el("small", {}, name(short(row.keys, 220))),
              ),
              el("td", {}, row.owner ? name(row.owner) : given(words.owner)),
              el("td", {}, givenDate(row.start)),
              el("td", {}, row.evidence.replace(/_/g, " ")),
              el("td", { class: "number" }, money(row.cost)),
            ),
          ),
        ),
      ),
    el("h3", {}, "Actions"),
    el(
      "table",
      { class: "write" },
      el(
        "thead",
        {},
        el(
          "tr",
          {},
          ["What", "Owner", "Due", "Measure"].map((h) => el("th", { scope: "col" }, h)),
        ),
      ),
      el(
        "tbody",
        {},
        actions.map((row) =>
          el(
            "tr",
            {},
            el("th", { scope: "row" }, given(row.what)),
            el("td", {}, given(row.owner)),
            el("td", {}, givenDate(row.due)),
            el("td", {}, given(row.measure)),
          ),
        ),
        actions.length === 0 &&
          el(
            "tr",
            {},
            [0, 1, 2, 3].map(() => el("td", {}, blank())),
          ),
        empty(actions.length === 0 ? 3 : 1, 4).map((line) =>
          el(
            "tr",
            {},
            line.map((text) => el("td", {}, text)),
          ),
        ),
      ),
    ),
    heading("7. Investment"),
    facts(
      [
        ["Money", cost > 0 ? money(cost) : blank()],
        ["Selling time", words.hours > 0 ? `${number(words.hours)} hours` : blank()],
        ["In words", given(words.investment)],
        ["Cost of a point of chance", plan.cost_per_point === null ? "–" : money(plan.cost_per_point)],
      ],
      "facts grid",
    ),
    heading("8. Help needed"),
    el("p", {}, given(words.help)),
  ];
}

function people() {
  const reps = skillsByRep();
  const stages = skillStages();
  // Those about whom the matrix says something come first, then by their place.
  const said = (rep) =>
    [...rep.by.values()].filter((row) => row.verdict === "above" || row.verdict === "below").length;
  const shown = [...reps].sort((a, b) => said(b) - said(a)).slice(0, MOST_REPS);
  return [
    heading("9. Skill matrix"),
    reps.length === 0
      ? el("p", {}, blank())
      : [
          el(
            "p",
            { class: "caption" },
            `Conversion by stage, shrunk to the cohort; shaded where clearly above or below the team.${reps.length > shown.length ? ` ${shown.length} of ${reps.length} reps, those with most to say first; all are on the page.` : ""}`,
          ),
          el(
            "table",
            { class: "matrix" },
            el(
              "thead",
              {},
              el(
                "tr",
                {},
                ["Rep", "Cohort"].map((h) => el("th", { scope: "col", class: "text" }, h)),
                stages.map((stage) => el("th", { scope: "col", class: "number" }, name(short(stage, 16)))),
              ),
            ),
            el(
              "tbody",
              {},
              shown.map((rep) =>
                el(
                  "tr",
                  {},
                  el("th", { scope: "row" }, name(short(rep.rep, 28))),
                  el("td", {}, name(short(rep.cohort, 20))),
                  stages.map((stage) =>
                    el(
                      "td",
                      { class: "number", style: skillStyle(rep.by.get(stage)) },
                      skillShown(rep.by.get(stage)),
                    ),
                  ),
                ),
              ),
            ),
          ),
        ],
  ];
}

const swot = () => [
  heading("10. Strengths, weaknesses, opportunities, threats"),
  rows("swot").length > 0
    ? swotCards(4)
    : facts(
        ["Strengths", "Weaknesses", "Opportunities", "Threats"].map((term) => [term, blank()]),
        "facts quadrants",
      ),
];

function tracking(place) {
  const { fan } = data;
  const lines = fan
    ? fan.week.map((day, w) => [
        date(day),
        moneyShort(fan.q25[place][w]),
        moneyShort(fan.q50[place][w]),
        moneyShort(fan.q75[place][w]),
        "",
        "",
        "",
        "",
      ])
    : empty(10, 8);
  return [
    heading("11. Weekly tracking"),
    el(
      "p",
      { class: "caption" },
      "Cumulative bookings: half of the futures lie between low and high. Below low for two weeks running: reassess at once.",
    ),
    grid(
      ["Week until", "Low", "Expected", "High", "Booked", "New deals", "Win rate", "Median cycle"],
      lines,
      "write tracking",
    ),
  ];
}

function closing(words) {
  return [
    heading("12. Implication and incentive"),
    facts(
      [
        ["If the target is missed", given(words.implication)],
        ["If it is reached", given(words.incentive)],
      ],
      "facts wide",
    ),
    heading("13. Review and sign-off"),
    el(
      "table",
      { class: "write review" },
      el(
        "thead",
        {},
        el(
          "tr",
          {},
          ["Review on", "Result", "Decision", "By"].map((h) => el("th", { scope: "col" }, h)),
        ),
      ),
      el(
        "tbody",
        {},
        el("tr", {}, el("td", {}, givenDate(words.review)), el("td"), el("td"), el("td")),
        empty(2, 4).map((line) =>
          el(
            "tr",
            {},
            line.map((text) => el("td", {}, text)),
          ),
        ),
      ),
    ),
    el(
      "div",
      { class: "signatures" },
      ["Responsible", "Sales leadership", "Finance"].map((role) =>
        el(
          "div",
          {},
          el("p", { class: "rule" }),
          el("p", {}, role),
          el("p", { class: "muted" }, "Name, date, signature"),
        ),
      ),
    ),
    el(
      "p",
      { class: "caption" },
      `Numbers: recoup ${data.recoup_version}, ${number(data.paths)} paths over ${number(data.parameter_draws)} parameter draws, seed ${data.seed}, inputs ${data.input_digest}.`,
      rows("review").length > 0 &&
        ` With notes of ${list([...new Set(rows("review").map((row) => row.group))].map((group) => short(group)))}.`,
    ),
  ];
}

export function planDocument(place) {
  const plan = plans[place];
  const words = rows("document").find((row) => row.plan === plan.plan) ?? {};
  return [
    sheet(title(plan, words), performance(plan, place)),
    sheet(challenges()),
    sheet(improvement(plan, place, words)),
    sheet(activities(plan, words)),
    sheet(people(), swot()),
    sheet(tracking(place), closing(words)),
  ];
}
