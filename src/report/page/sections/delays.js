// What waiting costs.
import { chart, tip, valueAxis } from "../chart.js";
import { data, plans } from "../data.js";
import { name } from "../dom.js";
import { halfWidth, money, number, percent, points, short, signedMoneyShort } from "../format.js";
import { section } from "../section.js";
import { onSelection, planButtons, selected } from "../selection.js";
import { table } from "../table.js";
import { planColour, planLine, theme } from "../theme.js";
import { draws } from "./sensitivity.js";

/** How far labels at these heights move so that none hides another. */
function spread(heights, least = 16) {
  const order = [...heights.keys()].sort((a, b) => heights[a] - heights[b]);
  const placed = [...heights];
  order.forEach((i, k) => {
    if (k > 0) placed[i] = Math.max(heights[i], placed[order[k - 1]] + least);
  });
  return placed.map((height, i) => height - heights[i]);
}

export function delays() {
  if (!data.delays?.length) return null;
  const of = (place) => data.delays.filter((row) => row.plan === place);
  const days = of(0).map((row) => row.days);
  const HEIGHT = 300,
    TOP = 16,
    BOTTOM = 44;
  const option = (width) => {
    const places = selected();
    const all = places.flatMap((place) => of(place).map((r) => r.hit_probability));
    const [low, high] = [Math.floor(20 * Math.min(...all)) / 20, Math.ceil(20 * Math.max(...all)) / 20];
    const shifts = spread(
      places.map(
        (place) => ((high - of(place).at(-1).hit_probability) / (high - low)) * (HEIGHT - TOP - BOTTOM),
      ),
    );
    const room = width < 500 ? 92 : 160;
    return {
      grid: { left: 48, right: room, top: TOP, bottom: BOTTOM },
      tooltip: {
        trigger: "axis",
        formatter: (items) =>
          tip(
            items[0].axisValue === 0 ? "As planned" : `${items[0].axisValue} days later`,
            places.map((place) => [
              short(plans[place].plan),
              percent(of(place).find((r) => r.days === Number(items[0].axisValue))?.hit_probability),
              planColour(place),
            ]),
          ),
      },
      xAxis: valueAxis({
        min: 0,
        max: Math.max(...days),
        name: "days later than planned",
        nameLocation: "middle",
        nameGap: 28,
        splitLine: { show: false },
        axisLabel: { customValues: days },
        axisTick: { show: true, customValues: days },
      }),
      yAxis: valueAxis({ min: low, max: high, axisLabel: { formatter: (x) => percent(x, 0) } }),
      series: places.map((place, i) => ({
        type: "line",
        name: plans[place].plan,
        symbol: "circle",
        symbolSize: 7,
        data: of(place).map((r) => [r.days, r.hit_probability]),
        itemStyle: { color: planColour(place) },
        lineStyle: { color: planColour(place), type: planLine(place), width: 2 },
        endLabel: {
          show: true,
          offset: [0, shifts[i]],
          formatter: short(plans[place].plan, width < 500 ? 13 : 24),
          color: theme().ink,
          width: room - 12,
          overflow: "truncate",
        },
      })),
    };
  };
  const figure = chart({
    id: "delays",
    height: HEIGHT,
    option,
    caption: `All levers of a plan start later; ${draws()}.`,
    label: `The chance of quota when plans start later: ${plans
      .slice(0, 8)
      .map(
        (plan, place) =>
          `${short(plan.plan, 60)} from ${percent(of(place)[0]?.hit_probability)} to ${percent(of(place).at(-1)?.hit_probability)}`,
      )
      .join("; ")}.`,
    table: () =>
      table({
        caption: "Later starts",
        rows: data.delays,
        columns: [
          { label: "Plan", text: true, heads: true, show: (r) => name(plans[r.plan].plan) },
          { label: "Days later", show: (r) => number(r.days) },
          { label: "Chance of quota", show: (r) => percent(r.hit_probability) },
          { label: "± simulation", show: (r) => halfWidth(r.hit_probability_se) },
          { label: "Expected bookings", show: (r) => money(r.bookings_mean) },
        ],
      }),
  });
  onSelection(figure.redraw);
  const own = of(data.best);
  const lost = own.length > 1 ? own[0].hit_probability - own.at(-1).hit_probability : 0;
  return section(
    "delays",
    "What waiting costs",
    data.best !== 0 &&
      own.length > 1 && [
        name(short(plans[data.best].plan, 60)),
        ` started ${own.at(-1).days} days later loses ${points(lost).replace("+", "")} points of its chance, and ${signedMoneyShort(own[0].bookings_mean - own.at(-1).bookings_mean).replace("+", "")} of expected bookings.`,
      ],
    planButtons(),
    figure,
  );
}
