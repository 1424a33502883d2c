// Reps and cohorts: their chance under each plan, their skills, and how far they differ.
import { data, plans, rows, total } from "../data.js";
import { el, name } from "../dom.js";
import {
  chance,
  date,
  money,
  moneyShort,
  number,
  percent,
  short,
  signedMoneyShort,
  withUnit,
} from "../format.js";
import { part, section } from "../section.js";
import { onSelection, planButtons, selected } from "../selection.js";
import { table } from "../table.js";
import { pace } from "./pace.js";

/** A shade of one colour by a share from 0 to 1; the number stands in it. */
export const shade = (share, variable = "--heat") =>
  share === null || share === undefined
    ? null
    : {
        background: `color-mix(in srgb, var(${variable}) ${Math.round(8 + 52 * Math.min(1, Math.max(0, share)))}%, transparent)`,
      };
/** Above or below: two colours. */
export const twoSided = (difference, most) =>
  shade(Math.min(1, Math.abs(difference) / (most || 1)), difference < 0 ? "--below" : "--heat");

function repTable() {
  const standing = new Map(
    rows("standing")
      .filter((row) => row.level === "rep")
      .map((row) => [row.name, row]),
  );
  const list = data.reps.name.map((rep, i) => ({ rep, i, own: standing.get(rep) }));
  const known = standing.size > 0;
  const of = (label, show, value, text) => ({ label, show, value, text });
  return table({
    caption: "Chance of each rep's own quota",
    sortable: true,
    most: 12,
    className: "heat",
    rows: list,
    columns: [
      { label: "Rep", text: true, heads: true, show: (r) => name(r.rep), value: (r) => r.rep },
      ...selected().map((p) => ({
        label: name(short(plans[p].plan, 24)),
        show: (r) => percent(data.reps.hit[p][r.i], 0),
        value: (r) => data.reps.hit[p][r.i],
        style: (r) => shade(data.reps.hit[p][r.i]),
        title: (r) => `middle of bookings: ${money(data.reps.median[p][r.i])}`,
      })),
      ...(known
        ? [
            of(
              "Cohort",
              (r) => (r.own ? name(r.own.cohort) : "–"),
              (r) => r.own?.cohort,
              true,
            ),
            of(
              "Quota",
              (r) => moneyShort(r.own?.quota),
              (r) => r.own?.quota,
            ),
            of(
              "Booked",
              (r) => moneyShort(r.own?.booked),
              (r) => r.own?.booked,
            ),
            of(
              "Open",
              (r) => moneyShort(r.own?.open_amount),
              (r) => r.own?.open_amount,
            ),
          ]
        : []),
    ],
  });
}

function unitTable(caption, units, most) {
  const gains = units.mean.flatMap((means) => means.map((mean, u) => Math.abs(mean - units.mean[0][u])));
  const largest = Math.max(...gains);
  const places = () => selected().filter((p) => p !== 0);
  return table({
    caption,
    className: "heat",
    sortable: true,
    most,
    rows: units.name.map((unit, u) => ({ unit, u })),
    columns: [
      { label: "Name", text: true, heads: true, show: (r) => name(r.unit), value: (r) => r.unit },
      {
        label: name(short(plans[0].plan, 24)),
        show: (r) => moneyShort(units.mean[0][r.u]),
        value: (r) => units.mean[0][r.u],
      },
      ...places().map((p) => ({
        label: name(short(plans[p].plan, 24)),
        show: (r) => signedMoneyShort(units.mean[p][r.u] - units.mean[0][r.u]),
        value: (r) => units.mean[p][r.u] - units.mean[0][r.u],
        style: (r) => twoSided(units.mean[p][r.u] - units.mean[0][r.u], largest),
      })),
    ],
  });
}

/** Rows of the standing of one level: "team", "cohort", "rep". */
export const standings = (level) => rows("standing").filter((row) => row.level === level);

function standingTable() {
  const list = [...standings("cohort"), ...standings("team")];
  if (list.length === 0) return null;
  return table({
    caption: "Where they stand, as things are",
    rows: list,
    columns: [
      { label: "Name", text: true, heads: true, show: (r) => (r.level === "team" ? "all" : name(r.name)) },
      { label: "Quota", show: (r) => moneyShort(r.quota) },
      { label: "Booked", show: (r) => moneyShort(r.booked) },
      { label: "Open deals", show: (r) => number(r.n_open) },
      { label: "Their amount", show: (r) => moneyShort(r.open_amount) },
      { label: "Expected", show: (r) => moneyShort(r.expected) },
      { label: "10 to 90\u00a0%", show: (r) => `${moneyShort(r.low)} to ${moneyShort(r.high)}` },
      { label: "Gap", show: (r) => moneyShort(r.gap) },
      { label: "Chance", show: (r) => percent(r.hit_probability, 0) },
    ],
  });
}

/** Rows of the skill matrix by rep: {rep, cohort, stage -> row}, in the order of the records. */
export function skillsByRep() {
  const reps = new Map();
  for (const row of rows("skill")) {
    if (!reps.has(row.rep)) reps.set(row.rep, { rep: row.rep, cohort: row.cohort, by: new Map() });
    reps.get(row.rep).by.set(row.stage, row);
  }
  return [...reps.values()];
}
export const skillStages = () => [...new Set(rows("skill").map((row) => row.stage))];
export const skillShown = (row) =>
  !row || row.verdict === "not enough data" ? "–" : percent(row.conversion, 0);
export const skillStyle = (row) =>
  row && (row.verdict === "above" || row.verdict === "below")
    ? twoSided(row.conversion - row.team, 0.3)
    : null;

/** Whether any row says something. */
const saysAny = (kind) => rows(kind).some((row) => row.verdict !== "not enough data");
const tooFew = (title) => part(title, "Not enough deals have ended to tell.");

function skillMatrix() {
  if (rows("skill").length === 0) return null;
  if (!saysAny("skill")) return tooFew("Skill matrix");
  return part(
    "Skill matrix",
    "Conversion of each stage by rep, shrunk to the cohort. Coloured where it is clearly above (blue) or below (orange) the team; a dash: not enough deals.",
    table({
      caption: "Conversion by rep and stage",
      sortable: true,
      most: 12,
      className: "heat",
      rows: skillsByRep(),
      columns: [
        { label: "Rep", text: true, heads: true, show: (r) => name(r.rep), value: (r) => r.rep },
        { label: "Cohort", text: true, show: (r) => name(r.cohort), value: (r) => r.cohort },
        ...skillStages().map((stage) => ({
          label: name(stage),
          value: (r) => r.by.get(stage)?.conversion,
          show: (r) => skillShown(r.by.get(stage)),
          style: (r) => skillStyle(r.by.get(stage)),
          title: (r) => {
            const row = r.by.get(stage);
            return (
              row &&
              `${row.verdict}; ${row.n} deals, ${percent(row.low, 0)} to ${percent(row.high, 0)}; team ${percent(row.team, 0)}`
            );
          },
        })),
      ],
    }),
  );
}

function spread() {
  if (rows("spread").length === 0) return null;
  if (!saysAny("spread")) return tooFew("How far reps differ");
  return part(
    "How far reps differ",
    "Chance taken out. Systemic: all are alike; individual: some are far ahead of others.",
    table({
      caption: "Spread between reps",
      rows: rows("spread"),
      columns: [
        {
          label: "Measure",
          text: true,
          heads: true,
          show: (r) => [r.measure, r.stage && [", ", name(r.stage)]],
        },
        { label: "Verdict", text: true, show: (r) => r.verdict },
        { label: "Top 10\u00a0%", show: (r) => withUnit(r.top, r.unit) },
        { label: "Middle", show: (r) => withUnit(r.middle, r.unit) },
        { label: "Bottom 10\u00a0%", show: (r) => withUnit(r.bottom, r.unit) },
        { label: "Team", show: (r) => withUnit(r.team, r.unit) },
        { label: "Before", show: (r) => withUnit(r.before, r.unit) },
        { label: "Recently", show: (r) => withUnit(r.recent, r.unit) },
        { label: "p", show: (r) => chance(r.p_value) },
        { label: "Reps", show: (r) => number(r.n_reps) },
        { label: "n", show: (r) => number(r.n) },
      ],
    }),
  );
}

function shortfall() {
  if (rows("shortfall").length === 0) return null;
  return part(
    "Short of quota, period after period",
    null,
    table({
      caption: "Reps short of their quota",
      rows: rows("shortfall"),
      columns: [
        { label: "Period", text: true, heads: true, show: (r) => `${date(r.start)} to ${date(r.end - 1)}` },
        { label: "Short", show: (r) => `${number(r.n_short)} of ${number(r.n_reps)}` },
        { label: "Share", show: (r) => percent(r.share, 0) },
        {
          label: "95\u00a0% interval",
          show: (r) => `${percent(r.share_low, 0)} to ${percent(r.share_high, 0)}`,
        },
        { label: "Short again", show: (r) => percent(r.again, 0) },
        { label: "If by chance", show: (r) => percent(r.again_expected, 0) },
      ],
    }),
  );
}

export function people() {
  if (!data.reps && !data.cohorts && rows("skill").length === 0) return null;
  const make = () => [
    data.cohorts &&
      part(
        "Cohorts",
        "Expected bookings, and what each plan changes.",
        standingTable(),
        unitTable("Expected bookings by cohort", data.cohorts, 50),
      ),
    data.teams && part("Teams", null, unitTable("Expected bookings by team", data.teams, 20)),
    data.reps &&
      part(
        "Reps",
        [
          "Each against their own quota. ",
          total("standing") === 0 && "Quotas and pipelines of reps are not in these results.",
        ],
        repTable(),
      ),
  ];
  const tables = el("div", {}, make());
  onSelection(() => tables.replaceChildren(...make().filter(Boolean)));
  return section(
    "people",
    "Reps and cohorts",
    null,
    (data.reps || data.cohorts) && planButtons(),
    tables,
    pace(),
    skillMatrix(),
    spread(),
    shortfall(),
  );
}
