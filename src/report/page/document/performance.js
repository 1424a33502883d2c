// Performance against expectation: where we stand, and where the plan would take us.
import { printed } from "../chart.js";
import { data, first, gap, rows } from "../data.js";
import { el, name } from "../dom.js";
import { date, halfWidth, money, moneyShort, number, percent, short } from "../format.js";
import { attainmentOption } from "../sections/distributions.js";
import { standings } from "../sections/people.js";
import { caption, facts, table } from "./parts.js";

const WIDTH = 640;
const MOST_COHORTS = 5;

function figures(plan, place) {
  return facts(
    [
      ["Quota", money(plan.plan_quota)],
      ["Booked so far", money(data.booked)],
      ["Expected, as it is", money(first.bookings_mean)],
      [gap > 0 ? "Short of quota" : "Above quota", money(Math.abs(gap))],
      place === 0
        ? ["Chance of quota", percent(plan.hit_probability)]
        : ["Chance of quota", [percent(first.hit_probability, 0), " → ", percent(plan.hit_probability, 0)]],
    ],
    "key",
  );
}

function comparison(plan, place) {
  const compared = place === 0 ? [plan] : [first, plan];
  const of = (label, show) => [label, ...compared.map(show)];
  return table(
    ["", ...compared.map((p) => name(short(p.plan, 40)))],
    [
      of("Expected bookings", (p) => money(p.bookings_mean)),
      of(
        "… in four of five futures",
        (p) => `${moneyShort(p.bookings_q10)} to ${moneyShort(p.bookings_q90)}`,
      ),
      of("Expected attainment", (p) => percent(p.attainment_mean)),
      of("Chance of reaching quota, P(hit)", (p) => el("strong", {}, percent(p.hit_probability))),
      of("… error of the simulation (95\u00a0%), points", (p) => `± ${halfWidth(p.hit_probability_se)}`),
      of("… range that the history leaves open", (p) =>
        p.hit_probability_low === null
          ? "–"
          : `${percent(p.hit_probability_low, 0)} to ${percent(p.hit_probability_high, 0)}`,
      ),
    ],
  );
}

function standing() {
  const cohorts = standings("cohort");
  const team = standings("team").slice(0, 1);
  if (cohorts.length + team.length === 0) return null;
  const line = (label, row) => [
    label,
    ...[row.quota, row.booked, row.open_amount, row.expected, row.gap].map(moneyShort),
    row.quota > 0 ? percent(row.expected / row.quota, 0) : "–",
  ];
  return table(
    ["As things stand", "Quota", "Booked", "Open deals", "Expected", "Gap", "Of quota"],
    [
      ...cohorts.slice(0, MOST_COHORTS).map((row) => line(name(short(row.name, 30)), row)),
      ...team.map((row) => line(el("strong", {}, "Team"), row)),
    ],
  );
}

function shortfall() {
  const last = rows("shortfall").at(-1);
  return (
    last &&
    el(
      "p",
      {},
      `From ${date(last.start)} to ${date(last.end - 1)}, ${number(last.n_short)} of ${number(last.n_reps)} reps booked less than their quota of today (${percent(last.share, 0)}).`,
    )
  );
}

export function performance({ plan, place }) {
  return [
    figures(plan, place),
    comparison(plan, place),
    standing(),
    shortfall(),
    data.histogram && [
      printed({
        label: "Distribution of bookings, of quota",
        width: WIDTH,
        height: 225,
        option: () => attainmentOption(place === 0 ? [0] : [0, place], true),
      }),
      caption(
        place === 0
          ? "All simulated futures; right of the line the quota is reached."
          : [
              "All simulated futures. Solid: ",
              name(short(plan.plan, 40)),
              "; dashed: ",
              name(short(first.plan, 40)),
              ". Right of the line the quota is reached.",
            ],
      ),
    ],
  ];
}
