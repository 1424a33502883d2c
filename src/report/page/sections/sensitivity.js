// What the outcome hangs on, and where its range comes from.
import { box, chart, drawnRows, nameAxis, nameWidth, rule, tip, valueAxis, words } from "../chart.js";
import { data, plans } from "../data.js";
import { choice, el, name } from "../dom.js";
import { number, percent, short } from "../format.js";
import { part, section } from "../section.js";
import { table } from "../table.js";
import { theme } from "../theme.js";

const MOST_FACTORS = 12;
export const readable = (factor) => factor.replace(/_/g, " ");
/** What a factor is set to. */
export const setting = (x, unit) =>
  unit === "factor"
    ? `×\u2009${number(x)}`
    : unit === "quantile"
      ? `${percent(x, 0)} quantile`
      : unit === "strength"
        ? `${number(x)}\u2009× stated`
        : `${number(x)} ${unit}`;
/** What these numbers rest on. */
export const draws = () =>
  `by ${number(data.decision_draws)} of the parameter draws, so that levels may differ a little from the table above`;

function tornadoOption(rows, base, width) {
  const { ink, good, bad, muted } = theme();
  const visible = rows.slice(0, MOST_FACTORS);
  const ends = visible.flatMap((r) => [r.hit_low, r.hit_high]);
  const room = 0.12 * (Math.max(...ends) - Math.min(...ends) || 0.1);
  return {
    grid: { left: nameWidth(width) + 12, right: 16, top: 26, bottom: 40 },
    tooltip: {
      trigger: "item",
      formatter: ({ dataIndex }) => {
        const r = visible[dataIndex];
        return tip(short(readable(r.factor), 60), [
          [`at ${setting(r.low, r.unit)}`, percent(r.hit_low)],
          [`at ${setting(r.high, r.unit)}`, percent(r.hit_high)],
        ]);
      },
    },
    xAxis: valueAxis({
      min: Math.max(0, Math.min(...ends, base) - room),
      max: Math.min(1, Math.max(...ends, base) + room),
      name: "chance of quota",
      nameLocation: "middle",
      nameGap: 26,
      axisLabel: { formatter: (x) => percent(x, 0), showMinLabel: false, showMaxLabel: false },
    }),
    yAxis: nameAxis(
      visible.map((r) => readable(r.factor)),
      nameWidth(width),
    ),
    series: [
      {
        ...drawnRows(visible.length, (i, at, y, height) => {
          const r = visible[i];
          const end = (value, hit, other, colour) => [
            box(at(base), y - height * 0.3, at(hit) - at(base), height * 0.6, colour),
            width >= 500 &&
              words(at(hit) + (hit >= other ? 5 : -5), y, setting(value, r.unit), muted, {
                align: hit >= other ? "left" : "right",
                fontSize: 11,
              }),
          ];
          return [
            ...end(r.low, r.hit_low, r.hit_high, bad),
            ...end(r.high, r.hit_high, r.hit_low, good),
          ].filter(Boolean);
        }),
        clip: false,
      },
      { type: "line", data: [], markLine: rule("xAxis", base, percent(base), ink, "start") },
    ],
  };
}

function shareList(plan) {
  const shares = (data.shares ?? []).filter((s) => s.plan === plan && s.share !== null);
  if (shares.length === 0) return null;
  return part(
    "Where the range comes from",
    "Shares of the variance of the chance over the parameters that the history allows.",
    el(
      "ul",
      { class: "shares" },
      shares
        .filter((s) => s.share >= 0.005)
        .map((s) =>
          el(
            "li",
            {},
            el("span", {}, name(readable(s.source))),
            el(
              "i",
              { "aria-hidden": "true" },
              el("b", { style: { width: `${100 * Math.min(1, s.share)}%` } }),
            ),
            el("b", {}, percent(s.share, 0)),
          ),
        ),
    ),
  );
}

export function sensitivity() {
  if (!data.sensitivity?.length) return null;
  const asked = plans.filter((plan) => data.sensitivity.some((r) => r.plan === plan.plan));
  let plan = asked[asked.length - 1];
  const rowsOf = () => data.sensitivity.filter((r) => r.plan === plan.plan && r.hit_low !== null);
  const say = () =>
    `What the chance of ${short(plan.plan, 60)} depends on most: ${rowsOf()
      .slice(0, 4)
      .map((r) => `${r.factor} from ${percent(r.hit_low)} to ${percent(r.hit_high)}`)
      .join("; ")}.`;
  const shares = el("div", {}, shareList(plan.plan));
  const figure = chart({
    id: "tornado",
    height:
      70 +
      30 *
        Math.min(
          MOST_FACTORS,
          Math.max(
            ...asked.map(
              (p) => data.sensitivity.filter((r) => r.plan === p.plan && r.hit_low !== null).length,
            ),
          ),
        ),
    label: say(),
    option: (width) => tornadoOption(rowsOf(), plan.hit_probability_stated ?? plan.hit_probability, width),
    caption: `One thing at a time: orange at its low value, blue at its high one; all else stays as it is; ${draws()}.`,
    table: () =>
      table({
        caption: "What the chance depends on",
        rows: data.sensitivity.filter((r) => r.hit_low !== null),
        columns: [
          { label: "Plan", text: true, show: (r) => name(r.plan) },
          { label: "What", text: true, heads: true, show: (r) => name(readable(r.factor)) },
          { label: "Low", show: (r) => `${setting(r.low, r.unit)}` },
          { label: "Chance", show: (r) => percent(r.hit_low) },
          { label: "High", show: (r) => `${setting(r.high, r.unit)}` },
          { label: "Chance", show: (r) => percent(r.hit_high) },
        ],
      }),
  });
  return section(
    "sensitivity",
    "What the outcome hangs on",
    null,
    asked.length > 1 &&
      choice({
        label: "Plan",
        items: asked.map((p) => short(p.plan, 60)),
        start: asked.length - 1,
        chosen: (i) => {
          plan = asked[i];
          figure.redraw(say());
          shares.replaceChildren(...[shareList(plan.plan)].filter(Boolean));
        },
      }),
    figure,
    shares,
  );
}
