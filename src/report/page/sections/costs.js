// Cost against gain: which plans nothing cheaper beats.
import { chart, tip, valueAxis } from "../chart.js";
import { plans } from "../data.js";
import { name } from "../dom.js";
import { money, moneyShort, points, short, signedMoney } from "../format.js";
import { section } from "../section.js";
import { table } from "../table.js";
import { planColour, theme } from "../theme.js";

/** Plans that no cheaper or equally cheap plan beats, by cost. */
function frontier() {
  const order = [...plans.keys()].sort(
    (a, b) => plans[a].cost - plans[b].cost || plans[b].hit_gain - plans[a].hit_gain,
  );
  let most = -Infinity;
  return order.filter((place) => plans[place].hit_gain > most && ((most = plans[place].hit_gain), true));
}

const nameOf = (place) => short(plans[place].plan, 22);
const tallOf = (width) => (width < 500 ? 320 : 380);

/** On which side of its dot each name stands, so that it hides neither names nor dots; a name for
 * which there is no room is left out. */
function placeNames(order, at, width) {
  const taken = order.map((place) => {
    const [x, y] = at(place);
    return [x - 7, y - 7, x + 7, y + 7];
  });
  const sides = new Map();
  for (const place of order) {
    const [x, y] = at(place);
    const wide = 7.2 * [...nameOf(place)].length;
    const boxes = {
      top: [x - wide / 2, y - 25, x + wide / 2, y - 10],
      right: [x + 9, y - 7, x + 11 + wide, y + 7],
      left: [x - 11 - wide, y - 7, x - 9, y + 7],
      bottom: [x - wide / 2, y + 10, x + wide / 2, y + 25],
    };
    const free = Object.keys(boxes).find((side) => {
      const [x1, y1, x2, y2] = boxes[side];
      return (
        x1 > 40 &&
        x2 < width - 2 &&
        taken.every((other) => other[2] < x1 || other[0] > x2 || other[3] < y1 || other[1] > y2)
      );
    });
    if (!free) continue;
    sides.set(place, free);
    taken.push(boxes[free]);
  }
  return sides;
}

export function costs() {
  if (!plans.some((plan) => plan.cost > 0)) return null;
  const onFrontier = frontier();
  const isOn = new Set(onFrontier);
  const dearest = Math.max(...plans.map((plan) => plan.cost));
  const [least, most] = [
    Math.min(0, ...plans.map((plan) => plan.hit_gain)),
    Math.max(0.01, ...plans.map((plan) => plan.hit_gain)),
  ];
  const option = (width) => {
    const { ink, muted, paper } = theme();
    const tall = tallOf(width);
    const grid = { left: 52, right: 28, top: 30, bottom: 48 };
    const axes = {
      x: [-0.07 * dearest, 1.06 * dearest],
      y: [least - 0.06 * (most - least), most + 0.08 * (most - least)],
    };
    const at = (place) => [
      grid.left +
        ((plans[place].cost - axes.x[0]) / (axes.x[1] - axes.x[0])) * (width - grid.left - grid.right),
      grid.top +
        ((axes.y[1] - plans[place].hit_gain) / (axes.y[1] - axes.y[0])) * (tall - grid.top - grid.bottom),
    ];
    const named = placeNames(
      [...plans.keys()].sort((a, b) => isOn.has(b) - isOn.has(a)),
      at,
      width,
    );
    const dot = (place) => ({
      value: [plans[place].cost, plans[place].hit_gain],
      place,
      itemStyle: {
        opacity: 1,
        color: isOn.has(place) ? planColour(place) : paper,
        borderColor: planColour(place),
        borderWidth: 2,
      },
      label: {
        show: named.has(place),
        position: named.get(place),
        formatter: nameOf(place),
        color: isOn.has(place) ? ink : muted,
        fontWeight: isOn.has(place) ? 600 : 400,
      },
    });
    return {
      grid,
      tooltip: {
        trigger: "item",
        formatter: ({ data: { place } }) => {
          const plan = plans[place];
          return tip(short(plan.plan), [
            ["cost", money(plan.cost)],
            ["gain, points", points(plan.hit_gain)],
            ["cost of a point", money(plan.cost_per_point)],
            ["gain less cost", signedMoney(plan.net_gain)],
          ]);
        },
      },
      xAxis: valueAxis({
        min: axes.x[0],
        max: axes.x[1],
        name: "cost",
        nameLocation: "middle",
        nameGap: 30,
        axisLabel: {
          formatter: (x) => (x < 0 ? "" : moneyShort(x)),
          showMinLabel: false,
          showMaxLabel: false,
        },
      }),
      yAxis: valueAxis({
        min: axes.y[0],
        max: axes.y[1],
        name: "points gained",
        nameLocation: "end",
        nameTextStyle: { align: "left", padding: [0, 0, 0, -40], color: muted },
        axisLabel: { formatter: (x) => points(x, 0), showMinLabel: false, showMaxLabel: false },
      }),
      series: [
        {
          type: "line",
          z: 1,
          silent: true,
          symbol: "none",
          data: onFrontier.map((place) => [plans[place].cost, plans[place].hit_gain]),
          step: "end",
          lineStyle: { color: muted, width: 1.5, type: "dotted" },
        },
        {
          type: "scatter",
          symbolSize: 13,
          data: [...plans.keys()].map(dot),
          label: { distance: 6, fontSize: 12, textBorderColor: paper, textBorderWidth: 3 },
        },
      ],
    };
  };
  return section(
    "costs",
    "Cost against gain",
    "The dotted line joins the plans that nothing cheaper beats: filled dots are worth a discussion, hollow ones cost more than another plan that gains as much.",
    chart({
      id: "costs",
      height: tallOf,
      option,
      label: `Cost against gain. On the frontier: ${onFrontier
        .slice(0, 10)
        .map(
          (place) =>
            `${short(plans[place].plan, 60)} at ${moneyShort(plans[place].cost)} for ${points(plans[place].hit_gain)} points`,
        )
        .join("; ")}.`,
      table: () =>
        table({
          caption: "Cost against gain",
          rows: [...plans.keys()],
          sortable: true,
          columns: [
            {
              label: "Plan",
              text: true,
              heads: true,
              show: (p) => name(plans[p].plan),
              value: (p) => plans[p].plan,
            },
            { label: "Cost", show: (p) => money(plans[p].cost), value: (p) => plans[p].cost },
            {
              label: "Gain, points",
              show: (p) => points(plans[p].hit_gain),
              value: (p) => plans[p].hit_gain,
            },
            {
              label: "Cost of a point",
              show: (p) => money(plans[p].cost_per_point),
              value: (p) => plans[p].cost_per_point,
            },
            {
              label: "Gain less cost",
              show: (p) => signedMoney(plans[p].net_gain),
              value: (p) => plans[p].net_gain,
            },
            {
              label: "On the frontier",
              text: true,
              show: (p) => (isOn.has(p) ? "yes" : "no"),
              value: (p) => (isOn.has(p) ? "yes" : "no"),
            },
          ],
        }),
    }),
  );
}
