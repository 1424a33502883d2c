// Paired gains over the first plan.
import {
  box,
  chart,
  disc,
  drawnRows,
  nameAxis,
  nameWidth,
  rule,
  segment,
  tip,
  valueAxis,
  words,
} from "../chart.js";
import { againstFirst, first, plans } from "../data.js";
import { name } from "../dom.js";
import { halfWidth, money, percent, points, short, signedMoney } from "../format.js";
import { section } from "../section.js";
import { table } from "../table.js";
import { planColour, theme } from "../theme.js";

/** Paired gains over the first plan, the largest first. */
export function gains() {
  if (plans.length < 2) return null;
  const rows = plans
    .map((plan, place) => ({ plan, place, pair: againstFirst(place), half: 1.96 * plan.hit_gain_se }))
    .slice(1)
    .sort((a, b) => b.plan.hit_gain - a.plan.hit_gain);
  const ends = rows
    .flatMap(({ plan, pair, half }) => [
      plan.hit_gain - half,
      plan.hit_gain + half,
      pair.draws_low,
      pair.draws_high,
      0,
    ])
    .filter((x) => x !== null);
  const room = 0.03 * (Math.max(...ends) - Math.min(...ends));
  const option = (width) => {
    const { ink, muted } = theme();
    return {
      grid: { left: nameWidth(width) + 12, right: 64, top: 10, bottom: 44 },
      tooltip: {
        trigger: "item",
        formatter: ({ dataIndex }) => {
          const { plan, pair } = rows[dataIndex];
          return tip(short(plan.plan), [
            ["gain, points", points(plan.hit_gain)],
            ["± simulation", halfWidth(plan.hit_gain_se)],
            [
              "history leaves open",
              pair.draws_low === null ? "–" : `${points(pair.draws_low, 0)} to ${points(pair.draws_high, 0)}`,
            ],
            ["expected bookings", signedMoney(plan.bookings_gain_mean)],
          ]);
        },
      },
      xAxis: valueAxis({
        min: Math.min(...ends) - room,
        max: Math.max(...ends) + room,
        name: "points of P(hit) gained",
        nameLocation: "middle",
        nameGap: 28,
        axisLabel: { formatter: (x) => points(x, 0), showMinLabel: false, showMaxLabel: false },
      }),
      yAxis: nameAxis(
        rows.map(({ plan }) => plan.plan),
        nameWidth(width),
      ),
      series: [
        {
          ...drawnRows(rows.length, (i, at, y) => {
            const { plan, place, pair, half } = rows[i];
            const colour = planColour(place);
            return [
              pair.draws_low !== null &&
                box(at(pair.draws_low), y - 5, at(pair.draws_high) - at(pair.draws_low), 10, colour, {
                  opacity: 0.25,
                }),
              segment(at(plan.hit_gain - half), y, at(plan.hit_gain + half), y, colour, 4),
              disc(at(plan.hit_gain), y, 5, colour),
              words(width - 56, y, points(plan.hit_gain), ink, { fontWeight: 600, fontSize: 13 }),
            ].filter(Boolean);
          }),
          clip: false,
        },
        {
          type: "line",
          data: [],
          markLine: { ...rule("xAxis", 0, "", muted), lineStyle: { color: muted, width: 1, type: "solid" } },
        },
      ],
    };
  };
  return section(
    "gains",
    ["What each plan gains over ", name(short(first.plan, 60))],
    "Every plan meets the same simulated futures, so that luck cancels out. The dot has its 95\u00a0% interval of the simulation; the pale bar is the range that the history leaves open, wide enough for all pairs of plans at once.",
    chart({
      id: "gains",
      height: 64 + 34 * rows.length,
      option,
      label: `Gains over the first plan in points: ${rows
        .slice(0, 8)
        .map(({ plan }) => `${short(plan.plan, 60)} ${points(plan.hit_gain)}`)
        .join(", ")}.`,
      table: () =>
        table({
          caption: "Gains over the first plan",
          rows,
          sortable: true,
          columns: [
            {
              label: "Plan",
              text: true,
              heads: true,
              show: (r) => name(r.plan.plan),
              value: (r) => r.plan.plan,
            },
            { label: "Gain, points", show: (r) => points(r.plan.hit_gain, 2), value: (r) => r.plan.hit_gain },
            { label: "± simulation", show: (r) => halfWidth(r.plan.hit_gain_se), value: (r) => r.half },
            {
              label: "History leaves open",
              show: (r) =>
                r.pair.draws_low === null
                  ? "–"
                  : `${points(r.pair.draws_low)} to ${points(r.pair.draws_high)}`,
              value: (r) => r.pair.draws_low,
            },
            {
              label: "Expected bookings",
              show: (r) => signedMoney(r.plan.bookings_gain_mean),
              value: (r) => r.plan.bookings_gain_mean,
            },
            {
              label: "± simulation",
              show: (r) => money(1.96 * r.plan.bookings_gain_se),
              value: (r) => r.plan.bookings_gain_se,
            },
            {
              label: "Best in",
              show: (r) => percent(r.plan.best_probability, 0),
              value: (r) => r.plan.best_probability,
            },
          ],
        }),
    }),
  );
}
