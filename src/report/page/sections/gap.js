// Where the gap comes from: volume, win rate, value and velocity.
import { box, chart, drawnColumns, segment, tip, valueAxis, words } from "../chart.js";
import { rows } from "../data.js";
import { choice, name } from "../dom.js";
import { moneyShort, number, percent, short, signedMoney, signedMoneyShort, money } from "../format.js";
import { part, section } from "../section.js";
import { table } from "../table.js";
import { theme } from "../theme.js";

const FACTORS = ["volume", "win rate", "value", "velocity"];
const MEANING = {
  volume: "deals in play",
  "win rate": "share won in the end",
  value: "mean amount of a win",
  velocity: "share of wins within the period",
};

const value = (x, unit) => (unit === "currency" ? money(x) : unit === "share" ? percent(x) : number(x));

/** The comparisons that are there: {reference, factors[4], total} of the team. */
export function comparisons() {
  const team = rows("gap").filter((row) => row.cohort === "");
  return [...new Set(team.map((row) => row.reference))]
    .map((reference) => {
      const of = team.filter((row) => row.reference === reference);
      return {
        reference,
        factors: FACTORS.map((factor) => of.find((row) => row.factor === factor)).filter(Boolean),
        total: of.find((row) => row.factor === "total"),
      };
    })
    .filter(({ total, factors }) => total && factors.length > 0);
}

export function waterfallOption({ reference, factors, total }, width, isPrinted) {
  const { ink, muted, first, good, bad, line } = theme();
  const bars = [
    {
      label: short(reference, 22),
      from: 0,
      to: total.reference_value,
      colour: first,
      text: moneyShort(total.reference_value),
    },
  ];
  let at = total.reference_value;
  for (const row of factors) {
    bars.push({
      label: row.factor,
      from: at,
      to: at + row.effect,
      colour: row.effect < 0 ? bad : good,
      text: signedMoneyShort(row.effect),
      row,
      low: row.effect_low === null ? null : at + row.effect_low,
      high: row.effect_high === null ? null : at + row.effect_high,
    });
    at += row.effect;
  }
  bars.push({ label: "expected", from: 0, to: total.value, colour: first, text: moneyShort(total.value) });
  const ends = bars
    .slice(1, -1)
    .flatMap((bar) => [bar.from, bar.to, bar.low, bar.high])
    .filter((x) => x !== null && x !== undefined);
  const lowest = Math.min(...ends, total.value, total.reference_value),
    highest = Math.max(...ends, total.value, total.reference_value);
  const isNarrow = width < 500;
  const bottom = Math.max(0, lowest - 0.6 * (highest - lowest)); // the bars of the sums are cut: it is said below
  return {
    grid: { left: isNarrow ? 2 : 60, right: isNarrow ? 2 : 8, top: 30, bottom: isNarrow ? 44 : 28 },
    tooltip: isPrinted
      ? undefined
      : {
          trigger: "item",
          formatter: ({ dataIndex }) => {
            const { row, label, text } = bars[dataIndex];
            return row
              ? tip(`${label}: ${MEANING[label] ?? ""}`, [
                  [reference, value(row.reference_value, row.unit)],
                  ["now", value(row.value, row.unit)],
                  ["effect", signedMoney(row.effect)],
                  ...(row.effect_low === null
                    ? []
                    : [
                        [
                          "history leaves open",
                          `${signedMoneyShort(row.effect_low)} to ${signedMoneyShort(row.effect_high)}`,
                        ],
                      ]),
                ])
              : tip(label, [["bookings", text]]);
          },
        },
    xAxis: {
      type: "category",
      data: bars.map((bar) => bar.label),
      axisTick: { show: false },
      axisLine: { lineStyle: { color: line } },
      axisLabel: {
        color: ink,
        interval: 0,
        width: (width - (isNarrow ? 4 : 70)) / bars.length - 4,
        overflow: "break",
        fontSize: isNarrow ? 11 : 13,
      },
    },
    yAxis: valueAxis({
      min: bottom,
      max: highest + 0.05 * (highest - lowest),
      axisLabel: { show: !isNarrow, formatter: moneyShort, showMinLabel: bottom === 0, showMaxLabel: false },
    }),
    series: [
      drawnColumns(bars.length, (i, y, x, wide) => {
        const bar = bars[i],
          half = wide * 0.32;
        const top = Math.min(
          y(Math.max(bar.from, bottom)),
          y(bar.to),
          bar.high === null || bar.high === undefined ? Infinity : y(bar.high),
        );
        return [
          box(
            x - half,
            y(Math.max(bar.from, bottom)),
            2 * half,
            y(bar.to) - y(Math.max(bar.from, bottom)) || 1,
            bar.colour,
          ),
          i < bars.length - 1 &&
            segment(x + half, y(bar.to), x + wide - half, y(bar.to), muted, 1, { lineDash: [3, 3] }),
          bar.low !== null && bar.low !== undefined && segment(x, y(bar.low), x, y(bar.high), ink, 1.5),
          words(x, top - 10, bar.text, ink, {
            align: "center",
            fontWeight: 600,
            fontSize: isNarrow ? 11 : 13,
          }),
        ].filter(Boolean);
      }),
    ],
  };
}

const sentence = ({ reference, factors, total }) => {
  const worst = [...factors].sort((a, b) => a.effect - b.effect)[0];
  return `Expected bookings are ${moneyShort(Math.abs(total.effect))} ${total.effect < 0 ? "below" : "above"} ${reference === "target" ? "the target" : `those of the ${reference}`}${
    worst.effect < 0 ? `; most is lost in ${worst.factor}: ${moneyShort(Math.abs(worst.effect))}` : ""
  }.`;
};
export const gapSentence = sentence;

function byCohort(reference) {
  const list = rows("gap").filter((row) => row.cohort !== "" && row.reference === reference);
  const cohorts = [...new Set(list.map((row) => row.cohort))];
  if (cohorts.length === 0) return null;
  const effect = (cohort, factor) =>
    list.find((row) => row.cohort === cohort && row.factor === factor)?.effect ?? null;
  return table({
    caption: `Effects on bookings by cohort, against ${reference}`,
    sortable: true,
    rows: cohorts,
    most: 50,
    columns: [
      { label: "Cohort", text: true, heads: true, show: (c) => name(c), value: (c) => c },
      ...[...FACTORS, "total"].map((factor) => ({
        label: factor,
        show: (c) => signedMoney(effect(c, factor)),
        value: (c) => effect(c, factor),
      })),
    ],
  });
}

export function gap() {
  const all = comparisons();
  if (all.length === 0) return null;
  let chosen = all[0];
  const cohorts = part("By cohort", null, byCohort(chosen.reference));
  const figure = chart({
    id: "gap",
    height: 340,
    label: sentence(chosen),
    option: (width) => waterfallOption(chosen, width, false),
    caption:
      "Four factors whose product is bookings; their effects add up to the difference, to the cent. Thin lines: 95\u00a0% of what the history leaves open. The axis does not begin at zero.",
    table: () =>
      table({
        caption: "The gap by factor",
        rows: rows("gap").filter((row) => row.cohort === ""),
        columns: [
          { label: "Against", text: true, show: (r) => r.reference },
          { label: "Factor", text: true, heads: true, show: (r) => r.factor },
          { label: "There", show: (r) => value(r.reference_value, r.unit) },
          { label: "Now", show: (r) => value(r.value, r.unit) },
          { label: "Effect", show: (r) => signedMoney(r.effect) },
          {
            label: "95\u00a0% interval",
            show: (r) =>
              r.effect_low === null
                ? "–"
                : `${signedMoneyShort(r.effect_low)} to ${signedMoneyShort(r.effect_high)}`,
          },
        ],
      }),
  });
  const lede = document.createElement("span");
  lede.textContent = sentence(chosen);
  return section(
    "gap",
    "Where the gap comes from",
    lede,
    all.length > 1 &&
      choice({
        label: "Against",
        items: all.map((c) => c.reference),
        chosen: (i) => {
          chosen = all[i];
          lede.textContent = sentence(chosen);
          cohorts.replaceChildren(...[cohorts.firstChild, byCohort(chosen.reference)].filter(Boolean));
          figure.redraw(sentence(chosen));
        },
      }),
    figure,
    byCohort(chosen.reference) && cohorts,
  );
}
