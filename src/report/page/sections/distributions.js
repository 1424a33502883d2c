// How bookings may end: their distribution by plan, and the way there by week.
import { chart, rule, tip, valueAxis } from "../chart.js";
import { best, data, first, plans } from "../data.js";
import { choice, name } from "../dom.js";
import { date, dayOfYear, milliseconds, money, moneyShort, percent, short } from "../format.js";
import { section } from "../section.js";
import { onSelection, planButtons, selected } from "../selection.js";
import { table } from "../table.js";
import { planColour, planLine, theme } from "../theme.js";

const sum = (values) => values.reduce((a, b) => a + b, 0);

/** Points of a plan's density over attainment: the middles of the bins. */
function density(place) {
  const { edge, count } = data.histogram;
  const total = sum(count[place]);
  const quota = plans[place].plan_quota;
  return count[place].map((n, bin) => [
    (edge[bin] + edge[bin + 1]) / 2 / quota,
    total > 0 ? (n / total / (edge[bin + 1] - edge[bin])) * quota : 0,
  ]);
}

/** Share of the futures at or above an attainment; linear within a bin. */
function atLeast(place, attainment) {
  const { edge, count } = data.histogram;
  const value = attainment * plans[place].plan_quota;
  const above = count[place].map(
    (n, bin) => n * Math.min(1, Math.max(0, (edge[bin + 1] - value) / (edge[bin + 1] - edge[bin]))),
  );
  return sum(above) / sum(count[place]);
}

/** From where to where nearly all futures of the plans lie. */
function span(places) {
  const ends = places.map((place) => {
    const points = density(place);
    const most = Math.max(...points.map(([, y]) => y));
    const visible = points.filter(([, y]) => y > 0.004 * most);
    return [visible[0][0], visible[visible.length - 1][0]];
  });
  return [Math.min(0.98, ...ends.map(([low]) => low)), Math.max(1.02, ...ends.map(([, high]) => high))];
}

export function attainmentOption(places, isPrinted) {
  const { ink } = theme();
  const [low, high] = span(places);
  return {
    grid: { left: 12, right: 20, top: 34, bottom: 44 },
    tooltip: isPrinted
      ? undefined
      : {
          trigger: "axis",
          axisPointer: { type: "line" },
          formatter: ([{ axisValue }]) =>
            tip(
              `At least ${percent(axisValue)} of quota`,
              places.map((place) => [
                short(plans[place].plan),
                percent(atLeast(place, axisValue)),
                planColour(place),
              ]),
            ),
        },
    xAxis: valueAxis({
      min: Math.floor(20 * low) / 20,
      max: Math.ceil(20 * high) / 20,
      name: "bookings, of quota",
      nameLocation: "middle",
      nameGap: 28,
      axisLabel: { formatter: (x) => percent(x, 0), showMinLabel: false, showMaxLabel: false },
    }),
    yAxis: { type: "value", show: false, min: 0 },
    series: places.map((place, i) => ({
      type: "line",
      name: plans[place].plan,
      data: density(place),
      smooth: 0.5,
      symbol: "none",
      lineStyle: { color: planColour(place), type: planLine(place), width: place === data.best ? 3 : 2 },
      itemStyle: { color: planColour(place) },
      areaStyle:
        place === data.best || places.length === 1 ? { color: planColour(place), opacity: 0.1 } : undefined,
      markLine: i === 0 ? rule("xAxis", 1, "quota", ink, "end") : undefined,
    })),
  };
}

export function distributions() {
  if (!data.histogram) return null;
  const figure = chart({
    id: "distributions",
    height: (width) => (width < 500 ? 280 : 340),
    label: `Distribution of bookings as a share of quota, by plan. ${plans
      .map((plan) => `${short(plan.plan, 60)}: ${percent(plan.hit_probability, 0)} reach quota`)
      .slice(0, 8)
      .join("; ")}.`,
    option: () => attainmentOption(selected(), false),
    caption:
      "Each curve holds all simulated futures of a plan; the part to the right of the quota is its chance. Point at the chart to read the chance of any attainment.",
    table: () =>
      table({
        caption: "Bookings by quantile",
        rows: plans,
        columns: [
          { label: "Plan", text: true, heads: true, show: (p) => name(p.plan) },
          ...data.quantile.map((q, i) => ({
            label: percent(q, 0),
            show: (p) => money(data.bookings_quantile[plans.indexOf(p)][i]),
          })),
        ],
      }),
  });
  onSelection(figure.redraw);
  return section("distributions", "How the period may end", null, planButtons(), figure);
}

/** Weeks of the fan with the as-of date, where all is known, before them. */
function weeks(place) {
  const keys = ["q05", "q25", "q50", "q75", "q95"];
  const known =
    data.as_of === null
      ? []
      : [
          {
            day: data.as_of,
            q05: data.booked,
            q25: data.booked,
            q50: data.booked,
            q75: data.booked,
            q95: data.booked,
          },
        ];
  return known.concat(
    data.fan.week.map((day, w) => ({
      day: day + 1,
      ...Object.fromEntries(keys.map((key) => [key, data.fan[key][place][w]])),
    })),
  );
}

export function fanOption(place, isPrinted) {
  const { ink, muted } = theme();
  const colour = planColour(place);
  const points = weeks(place);
  const line = (key, style) => ({
    type: "line",
    symbol: "none",
    silent: true,
    lineStyle: { opacity: 0 },
    data: points.map((p) => [milliseconds(p.day), p[key]]),
    ...style,
  });
  const band = (low, high, opacity) => [
    line(low, { stack: low, stackStrategy: "all" }),
    line(low, {
      stack: low,
      stackStrategy: "all",
      areaStyle: { color: colour, opacity },
      data: points.map((p) => [milliseconds(p.day), p[high] - p[low]]),
    }),
  ];
  const last = points[points.length - 1];
  return {
    grid: { left: 60, right: 64, top: 28, bottom: 28 },
    tooltip: isPrinted
      ? undefined
      : {
          trigger: "axis",
          axisPointer: { type: "line" },
          formatter: (items) => {
            const p = points.find(({ day }) => milliseconds(day) === items[0].axisValue) ?? points[0];
            return tip(`By ${date(p.day - 1)}`, [
              ["95\u00a0%", money(p.q95)],
              ["75\u00a0%", money(p.q75)],
              ["middle", money(p.q50)],
              ["25\u00a0%", money(p.q25)],
              ["5\u00a0%", money(p.q05)],
            ]);
          },
        },
    xAxis: {
      type: "time",
      min: milliseconds(points[0].day),
      axisLine: { lineStyle: { color: muted } },
      max: milliseconds(last.day),
      axisTick: { show: false },
      axisLabel: {
        color: muted,
        hideOverlap: true,
        customValues: points.map((p) => milliseconds(p.day)),
        formatter: (t) => dayOfYear(t / 86400000),
      },
    },
    yAxis: valueAxis({
      min: 0,
      max: Math.max(last.q95, plans[place].plan_quota) * 1.04,
      axisLabel: { formatter: moneyShort, showMaxLabel: false },
    }),
    series: [
      ...band("q05", "q95", 0.16),
      ...band("q25", "q75", 0.26),
      line("q50", {
        silent: false,
        lineStyle: { color: colour, width: 2.5, opacity: 1 },
        itemStyle: { color: colour },
        endLabel: { show: true, formatter: moneyShort(last.q50), color: ink, fontWeight: 600 },
        markLine: rule(
          "yAxis",
          plans[place].plan_quota,
          `quota ${moneyShort(plans[place].plan_quota)}`,
          ink,
          "insideStartTop",
        ),
        markPoint:
          data.as_of === null
            ? undefined
            : {
                symbol: "circle",
                symbolSize: 9,
                silent: true,
                itemStyle: { color: ink },
                data: [{ coord: [milliseconds(points[0].day), data.booked] }],
                label: {
                  formatter: `booked ${moneyShort(data.booked)}`,
                  position: "right",
                  offset: [4, 12],
                  color: ink,
                  fontWeight: 600,
                },
              },
      }),
      ...(place === 0
        ? []
        : [
            line("q50", {
              lineStyle: { color: theme().first, width: 2, type: "dashed", opacity: 1 },
              data: weeks(0).map((p) => [milliseconds(p.day), p.q50]),
            }),
          ]),
    ],
  };
}

export function fan() {
  if (!data.fan) return null;
  let place = data.best;
  const say = () =>
    `Cumulative bookings by week under ${short(plans[place].plan, 60)}: from ${moneyShort(data.booked)} booked to ${moneyShort(
      data.fan.q50[place][data.fan.week.length - 1],
    )} in the middle of the futures.`;
  const figure = chart({
    id: "fan",
    height: (width) => (width < 500 ? 280 : 340),
    label: say(),
    option: () => fanOption(place, false),
    caption: [
      "The line is the middle of the futures; half of them lie in the dark band, nine of ten in the pale one.",
      best !== first && [" Dashed: ", name(first.plan), "."],
      " The dot is what is booked today.",
    ],
    table: () =>
      table({
        caption: "Bookings by the end of each week",
        rows: plans.flatMap((plan, p) => data.fan.week.map((day, w) => ({ plan, p, day, w }))),
        most: 50,
        columns: [
          { label: "Plan", text: true, heads: true, show: (r) => name(r.plan.plan) },
          { label: "Until", text: true, show: (r) => date(r.day) },
          ...[
            ["5\u00a0%", "q05"],
            ["25\u00a0%", "q25"],
            ["middle", "q50"],
            ["75\u00a0%", "q75"],
            ["95\u00a0%", "q95"],
          ].map(([label, key]) => ({ label, show: (r) => money(data.fan[key][r.p][r.w]) })),
        ],
      }),
  });
  return section(
    "fan",
    "The way there, week by week",
    null,
    plans.length > 1 &&
      choice({
        label: "Plan",
        items: plans.map((plan) => short(plan.plan, 60)),
        start: data.best,
        chosen: (chosen) => {
          place = chosen;
          figure.redraw(say());
        },
      }),
    figure,
  );
}
