// One minute: the gap, the best plan, and each plan's chance with both of its errors.
import { againstFirst, best, data, first, gap, plans } from "../data.js";
import { el, name, svg } from "../dom.js";
import {
  date,
  dayOfYear,
  halfWidth,
  list,
  money,
  moneyShort,
  percent,
  points,
  short,
  signedMoneyShort,
} from "../format.js";
import { section } from "../section.js";
import { behind, table } from "../table.js";

const isOnlyPlan = plans.length === 1;

export function masthead() {
  const period =
    data.period_start === null ? null : `${dayOfYear(data.period_start)} to ${date(data.period_end)}`;
  return [
    el(
      "p",
      { class: "eyebrow" },
      name(data.title),
      period && el("span", {}, period),
      data.as_of !== null && el("span", {}, `as known on ${date(data.as_of)}`),
    ),
    el(
      "h1",
      {},
      gap > 0
        ? [moneyShort(gap), " short of quota, as things stand"]
        : [moneyShort(-gap), " above quota, as things stand"],
    ),
    el("p", { class: "verdict" }, verdict()),
    el("dl", { class: "figures" }, figures()),
  ];
}

function figures() {
  const facts = [
    ["Quota", moneyShort(first.plan_quota)],
    ["Booked so far", moneyShort(data.booked), percent(data.booked / first.plan_quota, 0)],
    ["Expected", moneyShort(first.bookings_mean), percent(first.attainment_mean, 0)],
    [gap > 0 ? "Gap" : "Above", moneyShort(Math.abs(gap)), percent(Math.abs(gap) / first.plan_quota, 0)],
    [isOnlyPlan ? "Chance of quota" : "Chance, best plan", percent(best.hit_probability, 0)],
  ];
  return facts.map(([term, value, beside]) =>
    el("div", {}, el("dt", {}, term), el("dd", {}, value, beside && el("small", {}, beside))),
  );
}

function verdict() {
  if (isOnlyPlan)
    return ["The chance of reaching quota is ", el("strong", {}, percent(first.hit_probability)), "."];
  if (best === first)
    return [
      "No plan does better than ",
      el("strong", {}, name(short(first.plan, 80))),
      ": its chance of reaching quota is ",
      el("strong", {}, percent(first.hit_probability)),
      ".",
    ];
  return [
    el("strong", {}, name(short(best.plan, 80))),
    " has the best chance of reaching quota: ",
    el("strong", {}, percent(best.hit_probability)),
    `, against ${percent(first.hit_probability)} with `,
    name(short(first.plan, 80)),
    ". ",
    certainty(),
  ];
}

/** What the history leaves open about the lead, in words. */
function certainty() {
  const equals = data.against_best
    .filter((pair) => !pair.differs_over_draws && pair.draws_low !== null && pair.plan !== 0)
    .map((pair) => plans[pair.plan].plan);
  const own = againstFirst(data.best);
  const said = [];
  if (own.draws_low !== null)
    said.push(
      own.draws_low > 0
        ? `The gain holds whatever the history leaves open: ${points(own.draws_low, 0)} to ${points(own.draws_high, 0)} points. `
        : `What the history leaves open is wide: the gain lies between ${points(own.draws_low, 0)} and ${points(own.draws_high, 0)} points. `,
    );
  if (equals.length > 0 && equals.length <= 3)
    said.push(
      list(equals.map((equal) => short(equal))),
      equals.length === 1 ? " may be as good." : " may be as good.",
    );
  else if (equals.length > 3) said.push(`${equals.length} other plans may be as good.`);
  return said;
}

/** P(hit) from 0 to 100 %: the range over parameter draws, the Monte Carlo interval, the estimate. */
function bar(plan) {
  const x = (share) => 2 + 296 * Math.min(1, Math.max(0, share));
  const half = 1.96 * plan.hit_probability_se;
  const [low, high] = [plan.hit_probability - half, plan.hit_probability + half];
  const mark = (kind, from, to, y, height) =>
    svg("rect", { class: kind, x: x(from), y, width: Math.max(1, x(to) - x(from)), height, rx: 2 });
  return svg(
    "svg",
    { viewBox: "0 0 300 20", class: "bar", "aria-hidden": "true", preserveAspectRatio: "none" },
    [0.25, 0.5, 0.75].map((share) =>
      svg("line", { class: "tick", x1: x(share), x2: x(share), y1: 0, y2: 20 }),
    ),
    svg("line", { class: "base", x1: 2, x2: 298, y1: 10, y2: 10 }),
    mark("draws", plan.hit_probability_low, plan.hit_probability_high, 5, 10),
    mark(
      "sampling",
      Math.min(low, plan.hit_probability - 0.004),
      Math.max(high, plan.hit_probability + 0.004),
      1,
      18,
    ),
  );
}

function planRow(plan, place) {
  const range =
    plan.hit_probability_low === plan.hit_probability_high
      ? "not known"
      : `${percent(plan.hit_probability_low, 0)} to ${percent(plan.hit_probability_high, 0)}`;
  const isBest = place === data.best && !isOnlyPlan;
  return el(
    "tr",
    { class: isBest ? "best" : null },
    el("th", { scope: "row" }, name(plan.plan), isBest && el("small", { class: "badge" }, "best")),
    el("td", { class: "drawn" }, bar(plan)),
    el("td", { class: "chance" }, percent(plan.hit_probability)),
    el("td", { class: "number", "data-label": "Simulation" }, `± ${halfWidth(plan.hit_probability_se)}`),
    el("td", { class: "number", "data-label": "History" }, range),
    el("td", { class: "number", "data-label": "Expected" }, moneyShort(plan.bookings_mean)),
    el("td", { class: "number", "data-label": "Cost" }, plan.cost > 0 ? moneyShort(plan.cost) : "–"),
  );
}

function everyNumber() {
  const column = (label, show, value, text) => ({ label, show, value, text });
  return table({
    caption: "The plans in numbers",
    sortable: true,
    rows: plans.map((plan, place) => ({ ...plan, place })),
    columns: [
      { label: "Plan", text: true, heads: true, show: (p) => name(p.plan), value: (p) => p.plan },
      column(
        "Chance of quota",
        (p) => percent(p.hit_probability, 2),
        (p) => p.hit_probability,
      ),
      column(
        "± simulation, points",
        (p) => halfWidth(p.hit_probability_se),
        (p) => p.hit_probability_se,
      ),
      column(
        "5\u00a0% of draws",
        (p) => percent(p.hit_probability_low),
        (p) => p.hit_probability_low,
      ),
      column(
        "95\u00a0% of draws",
        (p) => percent(p.hit_probability_high),
        (p) => p.hit_probability_high,
      ),
      column(
        "Best in",
        (p) => percent(p.best_probability, 0),
        (p) => p.best_probability,
      ),
      column(
        "Expected bookings",
        (p) => money(p.bookings_mean),
        (p) => p.bookings_mean,
      ),
      column(
        "10\u00a0%",
        (p) => money(p.bookings_q10),
        (p) => p.bookings_q10,
      ),
      column(
        "90\u00a0%",
        (p) => money(p.bookings_q90),
        (p) => p.bookings_q90,
      ),
      column(
        "Attainment",
        (p) => percent(p.attainment_mean),
        (p) => p.attainment_mean,
      ),
      column(
        "Expected shortfall",
        (p) => money(p.expected_shortfall),
        (p) => p.expected_shortfall,
      ),
      column(
        "Cost",
        (p) => money(p.cost),
        (p) => p.cost,
      ),
      column(
        "Gain less cost",
        (p) => signedMoneyShort(p.net_gain),
        (p) => p.net_gain,
      ),
    ],
  });
}

export function chances() {
  const order = [...plans.keys()].sort((a, b) => plans[b].hit_probability - plans[a].hit_probability);
  const rows = order.map((place) => planRow(plans[place], place));
  const head = ["Plan", "0 to 100\u00a0%", "Chance", "Simulation", "History leaves open", "Expected", "Cost"];
  return section(
    "chances",
    "The chance of reaching quota",
    [
      "Two errors, kept apart. The narrow mark is what the simulation knows, with its 95\u00a0% interval: more paths make it thinner. ",
      "The pale bar reaches from 5 to 95\u00a0% of all the parameters that the history allows: only more history makes it shorter.",
    ],
    el(
      "table",
      { class: "plans" },
      el(
        "thead",
        {},
        el(
          "tr",
          {},
          head.map((text, i) => el("th", { scope: "col", class: i > 1 ? "number" : null }, text)),
        ),
      ),
      el("tbody", {}, rows),
    ),
    behind(everyNumber),
  );
}
