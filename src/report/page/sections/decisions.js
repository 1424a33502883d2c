// What a plan gains, costs, and hangs on.
import { box, chart, disc, drawnRows, nameAxis, rule, segment, tip, valueAxis, words } from "../chart.js";
import { againstFirst, data, first, plans } from "../data.js";
import { choice, el, name } from "../dom.js";
import { halfWidth, money, moneyShort, number, percent, points, short, signedMoney, signedMoneyShort } from "../format.js";
import { part, section } from "../section.js";
import { onSelection, planButtons, selected } from "../selection.js";
import { table } from "../table.js";
import { planColour, planLine, theme } from "../theme.js";

const nameWidth = (width) => (width < 500 ? 104 : 190);

/** Paired gains over the first plan, the largest first. */
export function gains() {
  if (plans.length < 2) return null;
  const rows = plans.map((plan, place) => ({ plan, place, pair: againstFirst(place), half: 1.96 * plan.hit_gain_se }))
    .slice(1).sort((a, b) => b.plan.hit_gain - a.plan.hit_gain);
  const ends = rows.flatMap(({ plan, pair, half }) => [plan.hit_gain - half, plan.hit_gain + half, pair.draws_low, pair.draws_high, 0])
    .filter((x) => x !== null);
  const room = 0.03 * (Math.max(...ends) - Math.min(...ends));
  const option = (width) => {
    const { ink, muted } = theme();
    return {
      grid: { left: nameWidth(width) + 12, right: 64, top: 10, bottom: 44 },
      tooltip: { trigger: "item", formatter: ({ dataIndex }) => {
        const { plan, pair } = rows[dataIndex];
        return tip(short(plan.plan), [["gain, points", points(plan.hit_gain)], ["± simulation", halfWidth(plan.hit_gain_se)],
          ["history leaves open", pair.draws_low === null ? "–" : `${points(pair.draws_low, 0)} to ${points(pair.draws_high, 0)}`],
          ["expected bookings", signedMoney(plan.bookings_gain_mean)]]);
      } },
      xAxis: valueAxis({ min: Math.min(...ends) - room, max: Math.max(...ends) + room, name: "points of P(hit) gained", nameLocation: "middle",
        nameGap: 28, axisLabel: { formatter: (x) => points(x, 0), showMinLabel: false, showMaxLabel: false } }),
      yAxis: nameAxis(rows.map(({ plan }) => plan.plan), nameWidth(width)),
      series: [{ ...drawnRows(rows.length, (i, at, y) => {
        const { plan, place, pair, half } = rows[i];
        const colour = planColour(place);
        return [
          pair.draws_low !== null && box(at(pair.draws_low), y - 5, at(pair.draws_high) - at(pair.draws_low), 10, colour, { opacity: 0.25 }),
          segment(at(plan.hit_gain - half), y, at(plan.hit_gain + half), y, colour, 4),
          disc(at(plan.hit_gain), y, 5, colour),
          words(width - 56, y, points(plan.hit_gain), ink, { fontWeight: 600, fontSize: 13 }),
        ].filter(Boolean);
      }), clip: false }, { type: "line", data: [], markLine: { ...rule("xAxis", 0, "", muted), lineStyle: { color: muted, width: 1, type: "solid" } } }],
    };
  };
  return section("gains", ["What each plan gains over ", name(short(first.plan, 60))],
    "Every plan meets the same simulated futures, so that luck cancels out. The dot has its 95\u00a0% interval of the simulation; the pale bar is the range that the history leaves open, wide enough for all pairs of plans at once.",
    chart({
      id: "gains", height: 64 + 34 * rows.length, option,
      label: `Gains over the first plan in points: ${rows.slice(0, 8).map(({ plan }) => `${short(plan.plan, 60)} ${points(plan.hit_gain)}`).join(", ")}.`,
      table: () => table({
        caption: "Gains over the first plan", rows, sortable: true, columns: [
          { label: "Plan", text: true, heads: true, show: (r) => name(r.plan.plan), value: (r) => r.plan.plan },
          { label: "Gain, points", show: (r) => points(r.plan.hit_gain, 2), value: (r) => r.plan.hit_gain },
          { label: "± simulation", show: (r) => halfWidth(r.plan.hit_gain_se), value: (r) => r.half },
          { label: "History leaves open", show: (r) => (r.pair.draws_low === null ? "–" : `${points(r.pair.draws_low)} to ${points(r.pair.draws_high)}`), value: (r) => r.pair.draws_low },
          { label: "Expected bookings", show: (r) => signedMoney(r.plan.bookings_gain_mean), value: (r) => r.plan.bookings_gain_mean },
          { label: "± simulation", show: (r) => money(1.96 * r.plan.bookings_gain_se), value: (r) => r.plan.bookings_gain_se },
          { label: "Best in", show: (r) => percent(r.plan.best_probability, 0), value: (r) => r.plan.best_probability },
        ],
      }),
    }));
}

/** Plans that no cheaper or equally cheap plan beats, by cost. */
function frontier() {
  const order = [...plans.keys()].sort((a, b) => plans[a].cost - plans[b].cost || plans[b].hit_gain - plans[a].hit_gain);
  let most = -Infinity;
  return order.filter((place) => plans[place].hit_gain > most && ((most = plans[place].hit_gain), true));
}

const nameOf = (place) => short(plans[place].plan, 22);
const tallOf = (width) => (width < 500 ? 320 : 380);

/** On which side of its dot each name stands, so that it hides neither names nor dots; a name for
 * which there is no room is left out. */
function placeNames(order, at, width) {
  const taken = order.map((place) => { const [x, y] = at(place); return [x - 7, y - 7, x + 7, y + 7]; });
  const sides = new Map();
  for (const place of order) {
    const [x, y] = at(place);
    const wide = 7.2 * [...nameOf(place)].length;
    const boxes = { top: [x - wide / 2, y - 25, x + wide / 2, y - 10], right: [x + 9, y - 7, x + 11 + wide, y + 7],
      left: [x - 11 - wide, y - 7, x - 9, y + 7], bottom: [x - wide / 2, y + 10, x + wide / 2, y + 25] };
    const free = Object.keys(boxes).find((side) => { const [x1, y1, x2, y2] = boxes[side];
      return x1 > 40 && x2 < width - 2 && taken.every((other) => other[2] < x1 || other[0] > x2 || other[3] < y1 || other[1] > y2); });
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
  const [least, most] = [Math.min(0, ...plans.map((plan) => plan.hit_gain)), Math.max(0.01, ...plans.map((plan) => plan.hit_gain))];
  const option = (width) => {
    const { ink, muted, paper } = theme();
    const tall = tallOf(width);
    const grid = { left: 52, right: 28, top: 30, bottom: 48 };
    const axes = { x: [0, 1.06 * dearest], y: [least - 0.06 * (most - least), most + 0.08 * (most - least)] };
    const at = (place) => [
      grid.left + plans[place].cost / axes.x[1] * (width - grid.left - grid.right),
      grid.top + (axes.y[1] - plans[place].hit_gain) / (axes.y[1] - axes.y[0]) * (tall - grid.top - grid.bottom)];
    const named = placeNames([...plans.keys()].sort((a, b) => isOn.has(b) - isOn.has(a)), at, width);
    const dot = (place) => ({ value: [plans[place].cost, plans[place].hit_gain], place,
      itemStyle: { opacity: 1, color: isOn.has(place) ? planColour(place) : paper, borderColor: planColour(place), borderWidth: 2 },
      label: { show: named.has(place), position: named.get(place), formatter: nameOf(place), color: isOn.has(place) ? ink : muted, fontWeight: isOn.has(place) ? 600 : 400 } });
    return {
      grid,
      tooltip: { trigger: "item", formatter: ({ data: { place } }) => { const plan = plans[place];
        return tip(short(plan.plan), [["cost", money(plan.cost)], ["gain, points", points(plan.hit_gain)],
          ["cost of a point", money(plan.cost_per_point)], ["gain less cost", signedMoney(plan.net_gain)]]); } },
      xAxis: valueAxis({ min: 0, max: axes.x[1], name: "cost", nameLocation: "middle", nameGap: 30, axisLabel: { formatter: moneyShort, showMaxLabel: false } }),
      yAxis: valueAxis({ min: axes.y[0], max: axes.y[1], name: "points gained", nameLocation: "end", nameTextStyle: { align: "left", padding: [0, 0, 0, -40], color: muted },
        axisLabel: { formatter: (x) => points(x, 0), showMinLabel: false, showMaxLabel: false } }),
      series: [
        { type: "line", silent: true, symbol: "none", data: onFrontier.map((place) => [plans[place].cost, plans[place].hit_gain]),
          step: "end", lineStyle: { color: muted, width: 1.5, type: "dotted" } },
        { type: "scatter", symbolSize: 13, data: [...plans.keys()].map(dot), label: { distance: 6, fontSize: 12, textBorderColor: paper, textBorderWidth: 3 } },
      ],
    };
  };
  return section("costs", "Cost against gain",
    "The dotted line joins the plans that nothing cheaper beats: filled dots are worth a discussion, hollow ones cost more than another plan that gains as much.",
    chart({ id: "costs", height: tallOf, option,
      label: `Cost against gain. On the frontier: ${onFrontier.slice(0, 10).map((place) => `${short(plans[place].plan, 60)} at ${moneyShort(plans[place].cost)} for ${points(plans[place].hit_gain)} points`).join("; ")}.`,
      table: () => table({ caption: "Cost against gain", rows: [...plans.keys()], sortable: true, columns: [
        { label: "Plan", text: true, heads: true, show: (p) => name(plans[p].plan), value: (p) => plans[p].plan },
        { label: "Cost", show: (p) => money(plans[p].cost), value: (p) => plans[p].cost },
        { label: "Gain, points", show: (p) => points(plans[p].hit_gain), value: (p) => plans[p].hit_gain },
        { label: "Cost of a point", show: (p) => money(plans[p].cost_per_point), value: (p) => plans[p].cost_per_point },
        { label: "Gain less cost", show: (p) => signedMoney(plans[p].net_gain), value: (p) => plans[p].net_gain },
        { label: "On the frontier", text: true, show: (p) => (isOn.has(p) ? "yes" : "no"), value: (p) => (isOn.has(p) ? "yes" : "no") },
      ] }) }));
}

const MOST_FACTORS = 12;
const readable = (factor) => factor.replace(/_/g, " ");
/** What a factor is set to. */
const setting = (x, unit) => (unit === "factor" ? `×\u2009${number(x)}` : unit === "quantile" ? `${percent(x, 0)} quantile`
  : unit === "strength" ? `${number(x)}\u2009× stated` : `${number(x)} ${unit}`);
const draws = () => `by ${number(data.decision_draws)} of the parameter draws, so that levels may differ a little from the table above`;

function tornadoOption(rows, base, width) {
  const { ink, good, bad, muted } = theme();
  const visible = rows.slice(0, MOST_FACTORS);
  const ends = visible.flatMap((r) => [r.hit_low, r.hit_high]);
  const room = 0.12 * (Math.max(...ends) - Math.min(...ends) || 0.1);
  return {
    grid: { left: nameWidth(width) + 12, right: 16, top: 26, bottom: 40 },
    tooltip: { trigger: "item", formatter: ({ dataIndex }) => { const r = visible[dataIndex];
      return tip(short(readable(r.factor), 60), [[`at ${setting(r.low, r.unit)}`, percent(r.hit_low)], [`at ${setting(r.high, r.unit)}`, percent(r.hit_high)]]); } },
    xAxis: valueAxis({ min: Math.max(0, Math.min(...ends, base) - room), max: Math.min(1, Math.max(...ends, base) + room), name: "chance of quota", nameLocation: "middle", nameGap: 26,
      axisLabel: { formatter: (x) => percent(x, 0), showMinLabel: false, showMaxLabel: false } }),
    yAxis: nameAxis(visible.map((r) => readable(r.factor)), nameWidth(width)),
    series: [{ ...drawnRows(visible.length, (i, at, y, height) => {
      const r = visible[i];
      const end = (value, hit, other, colour) => [
        box(at(base), y - height * 0.3, at(hit) - at(base), height * 0.6, colour),
        width >= 500 && words(at(hit) + (hit >= other ? 5 : -5), y, setting(value, r.unit), muted, { align: hit >= other ? "left" : "right", fontSize: 11 })];
      return [...end(r.low, r.hit_low, r.hit_high, bad), ...end(r.high, r.hit_high, r.hit_low, good)].filter(Boolean);
    }), clip: false }, { type: "line", data: [], markLine: rule("xAxis", base, percent(base), ink, "start") }],
  };
}

function shareList(plan) {
  const shares = (data.shares ?? []).filter((s) => s.plan === plan && s.share !== null);
  if (shares.length === 0) return null;
  return part("Where the range comes from", "Shares of the variance of the chance over the parameters that the history allows.",
    el("ul", { class: "shares" }, shares.filter((s) => s.share >= 0.005).map((s) => el("li", {},
      el("span", {}, name(readable(s.source))), el("i", { "aria-hidden": "true" }, el("b", { style: { width: `${100 * Math.min(1, s.share)}%` } })),
      el("b", {}, percent(s.share, 0))))));
}

export function sensitivity() {
  if (!data.sensitivity?.length) return null;
  const asked = plans.filter((plan) => data.sensitivity.some((r) => r.plan === plan.plan));
  let plan = asked[asked.length - 1];
  const rowsOf = () => data.sensitivity.filter((r) => r.plan === plan.plan && r.hit_low !== null);
  const say = () => `What the chance of ${short(plan.plan, 60)} depends on most: ${rowsOf().slice(0, 4).map((r) => `${r.factor} from ${percent(r.hit_low)} to ${percent(r.hit_high)}`).join("; ")}.`;
  const shares = el("div", {}, shareList(plan.plan));
  const figure = chart({
    id: "tornado", height: 70 + 30 * Math.min(MOST_FACTORS, Math.max(...asked.map((p) => data.sensitivity.filter((r) => r.plan === p.plan && r.hit_low !== null).length))),
    label: say(), option: (width) => tornadoOption(rowsOf(), plan.hit_probability_stated ?? plan.hit_probability, width),
    caption: `One thing at a time: orange at its low value, blue at its high one; all else stays as it is; ${draws()}.`,
    table: () => table({ caption: "What the chance depends on", rows: data.sensitivity.filter((r) => r.hit_low !== null), columns: [
      { label: "Plan", text: true, show: (r) => name(r.plan) },
      { label: "What", text: true, heads: true, show: (r) => name(readable(r.factor)) },
      { label: "Low", show: (r) => `${setting(r.low, r.unit)}` },
      { label: "Chance", show: (r) => percent(r.hit_low) },
      { label: "High", show: (r) => `${setting(r.high, r.unit)}` },
      { label: "Chance", show: (r) => percent(r.hit_high) },
    ] }),
  });
  return section("sensitivity", "What the outcome hangs on", null,
    asked.length > 1 && choice({ label: "Plan", items: asked.map((p) => short(p.plan, 60)), start: asked.length - 1, chosen: (i) => {
      plan = asked[i];
      figure.redraw(say());
      shares.replaceChildren(...[shareList(plan.plan)].filter(Boolean));
    } }), figure, shares);
}

/** How far labels at these heights move so that none hides another. */
function spread(heights, least = 16) {
  const order = [...heights.keys()].sort((a, b) => heights[a] - heights[b]);
  const placed = [...heights];
  order.forEach((i, k) => { if (k > 0) placed[i] = Math.max(heights[i], placed[order[k - 1]] + least); });
  return placed.map((height, i) => height - heights[i]);
}

export function delays() {
  if (!data.delays?.length) return null;
  const of = (place) => data.delays.filter((row) => row.plan === place);
  const days = of(0).map((row) => row.days);
  const HEIGHT = 300, TOP = 16, BOTTOM = 44;
  const option = (width) => {
    const places = selected();
    const all = places.flatMap((place) => of(place).map((r) => r.hit_probability));
    const [low, high] = [Math.floor(20 * Math.min(...all)) / 20, Math.ceil(20 * Math.max(...all)) / 20];
    const shifts = spread(places.map((place) => (high - of(place).at(-1).hit_probability) / (high - low) * (HEIGHT - TOP - BOTTOM)));
    const room = width < 500 ? 92 : 160;
    return {
      grid: { left: 48, right: room, top: TOP, bottom: BOTTOM },
      tooltip: { trigger: "axis", formatter: (items) => tip(items[0].axisValue === 0 ? "As planned" : `${items[0].axisValue} days later`,
        places.map((place) => [short(plans[place].plan), percent(of(place).find((r) => r.days === Number(items[0].axisValue))?.hit_probability), planColour(place)])) },
      xAxis: valueAxis({ min: 0, max: Math.max(...days), name: "days later than planned", nameLocation: "middle", nameGap: 28, splitLine: { show: false },
        axisLabel: { customValues: days }, axisTick: { show: true, customValues: days } }),
      yAxis: valueAxis({ min: low, max: high, axisLabel: { formatter: (x) => percent(x, 0) } }),
      series: places.map((place, i) => ({ type: "line", name: plans[place].plan, symbol: "circle", symbolSize: 7,
        data: of(place).map((r) => [r.days, r.hit_probability]), itemStyle: { color: planColour(place) },
        lineStyle: { color: planColour(place), type: planLine(place), width: 2 },
        endLabel: { show: true, offset: [0, shifts[i]], formatter: short(plans[place].plan, width < 500 ? 13 : 24), color: planColour(place), width: room - 12, overflow: "truncate" } })),
    };
  };
  const figure = chart({ id: "delays", height: HEIGHT, option,
    caption: `All levers of a plan start later; ${draws()}.`,
    label: `The chance of quota when plans start later: ${plans.slice(0, 8).map((plan, place) => `${short(plan.plan, 60)} from ${percent(of(place)[0]?.hit_probability)} to ${percent(of(place).at(-1)?.hit_probability)}`).join("; ")}.`,
    table: () => table({ caption: "Later starts", rows: data.delays, columns: [
      { label: "Plan", text: true, heads: true, show: (r) => name(plans[r.plan].plan) },
      { label: "Days later", show: (r) => number(r.days) },
      { label: "Chance of quota", show: (r) => percent(r.hit_probability) },
      { label: "± simulation", show: (r) => halfWidth(r.hit_probability_se) },
      { label: "Expected bookings", show: (r) => money(r.bookings_mean) },
    ] }) });
  onSelection(figure.redraw);
  const own = of(data.best);
  const lost = own.length > 1 ? own[0].hit_probability - own.at(-1).hit_probability : 0;
  return section("delays", "What waiting costs", data.best !== 0 && own.length > 1 &&
    [name(short(plans[data.best].plan, 60)), ` started ${own.at(-1).days} days later loses ${points(lost).replace("+", "")} points of its chance, and ${signedMoneyShort(own[0].bookings_mean - own.at(-1).bookings_mean).replace("+", "")} of expected bookings.`],
  planButtons(), figure);
}
