// When the plan acts, what it is to reach, and who answers for it.
import { printed } from "../chart.js";
import { againstFirst, data, first, rows } from "../data.js";
import { el, name } from "../dom.js";
import { date, halfWidth, list, money, number, percent, points, short, signedMoney } from "../format.js";
import { fanOption } from "../sections/distributions.js";
import { readable, setting } from "../sections/sensitivity.js";
import { blank, caption, facts, given, givenDate, table } from "./parts.js";

const WIDTH = 640;
const MOST_FACTORS = 3;

const leversOf = (plan) => rows("lever").filter((row) => row.plan === plan.plan);
const latest = (days) => (days.length > 0 ? Math.max(...days) : null);

export function timescale({ plan, place, words }) {
  const inForce = latest(leversOf(plan).map((row) => Math.ceil(row.start + (row.ramp_days ?? 0))));
  const late = (data.delays ?? []).filter((row) => row.plan === place);
  return [
    facts(
      [
        ["Start", givenDate(words.start)],
        ["Reassessment", givenDate(words.review)],
        ["All levers in force", inForce === null ? "–" : date(inForce)],
        ["End of the period", givenDate(data.period_end)],
      ],
      "grid",
    ),
    place > 0 &&
      late.length > 1 && [
        table(
          [
            `If all of it starts (by ${number(data.decision_draws)} draws)`,
            ...late.map((row) => (row.days === 0 ? "as planned" : `${number(row.days)} days later`)),
          ],
          [
            ["Chance of quota", ...late.map((row) => percent(row.hit_probability))],
            ["Expected bookings", ...late.map((row) => money(row.bookings_mean))],
          ],
        ),
      ],
  ];
}

function hangsOn(plan) {
  const factors = (data.sensitivity ?? []).filter((row) => row.plan === plan.plan && row.hit_low !== null);
  return (
    factors.length > 0 &&
    table(
      ["What the chance hangs on most", "at its low value", "chance", "at its high value", "chance"],
      factors
        .slice(0, MOST_FACTORS)
        .map((row) => [
          name(short(readable(row.factor), 60)),
          setting(row.low, row.unit),
          percent(row.hit_low),
          setting(row.high, row.unit),
          percent(row.hit_high),
        ]),
    )
  );
}

/** What the gain rests on: the effects as stated, and how wrong they may be. */
function grounds(plan) {
  const target = data.target === null ? null : percent(data.target, 0);
  return [
    plan.hit_probability_centered !== null &&
      `If the effects that are uncertain came to nothing on average, the chance would be ${percent(plan.hit_probability_centered)} instead of ${percent(plan.hit_probability_stated)}. `,
    target !== null &&
      (plan.break_even === null
        ? `No multiple of the stated effects up to 4 brings a chance of ${target}.`
        : `A chance of ${target} takes ${number(plan.break_even)}\u00a0× the stated effects.`),
  ].filter(Boolean);
}

/** With and without the plan, and the difference with both of its errors. */
function gains(plan, place) {
  const pair = againstFirst(place);
  const compared = place === 0 ? [plan] : [first, plan];
  const line = (label, show, gain) => [label, ...compared.map(show), ...(place === 0 ? [] : [gain])];
  const range = (low, high, show) => (low === null ? "–" : `${show(low, 0)} to ${show(high, 0)}`);
  return table(
    ["", ...(place === 0 ? ["As things stand"] : ["As things stand", "With this plan", "Gain"])],
    [
      line("P(hit)", (p) => el("strong", {}, percent(p.hit_probability)), `${points(plan.hit_gain)} points`),
      line(
        "… error of the simulation (95\u00a0%), points",
        (p) => `± ${halfWidth(p.hit_probability_se)}`,
        `± ${halfWidth(plan.hit_gain_se)}`,
      ),
      line(
        "… range that the history leaves open",
        (p) => range(p.hit_probability_low, p.hit_probability_high, percent),
        pair ? `${range(pair.draws_low, pair.draws_high, points)} points` : "–",
      ),
      line("Expected bookings", (p) => money(p.bookings_mean), signedMoney(plan.bookings_gain_mean)),
      line(
        "Expected attainment",
        (p) => percent(p.attainment_mean),
        `${points(plan.attainment_mean - first.attainment_mean)} points`,
      ),
    ],
  );
}

export function improvement({ plan, place }) {
  const said = grounds(plan);
  return [
    facts([
      [
        "Target",
        [
          money(plan.plan_quota),
          " by ",
          givenDate(data.period_end),
          ` with a chance of ${percent(plan.hit_probability, 0)}`,
        ],
      ],
    ]),
    gains(plan, place),
    place > 0 && said.length > 0 && el("p", {}, said),
    data.fan && [
      printed({
        label: "Cumulative bookings by week",
        width: WIDTH,
        height: 170,
        option: () => fanOption(place, true),
      }),
      caption(
        "Cumulative bookings. Line: middle of the futures; dark band: half of them; pale band: nine of ten.",
        place > 0 && [" Dashed: ", name(short(first.plan, 40)), "."],
      ),
    ],
    hangsOn(plan),
  ];
}

export function responsible({ plan, words }) {
  const owners = [...leversOf(plan), ...rows("action").filter((row) => row.plan === plan.plan)]
    .map((row) => row.owner)
    .filter((owner) => owner && owner !== words.owner);
  return facts([
    ["Responsible", given(words.owner)],
    ["Team", given(words.team)],
    [
      "Owners of activities",
      owners.length > 0 ? list([...new Set(owners)].map((owner) => short(owner))) : blank(),
    ],
  ]);
}
