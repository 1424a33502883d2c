// Week by week against the plan; what follows; who signs.
import { data, first, rows } from "../data.js";
import { el, name } from "../dom.js";
import { date, dayOfYear, list, moneyShort, number, short } from "../format.js";
import { caption, empty, facts, given, givenDate, ruled, table } from "./parts.js";

const MOST_WEEKS = 14;
const HEADS = [
  "Week until",
  "Warning",
  "Low",
  "Middle",
  "Booked",
  "New deals expected",
  "New deals",
  "Win rate",
  "Mean deal",
  "Days to win",
];

/** Places of the weeks that are shown: all of a quarter; of a longer period some, and its last. */
function weeks() {
  const n = data.fan.week.length;
  const step = Math.ceil(n / MOST_WEEKS);
  return [...data.fan.week.keys()].filter((w) => (n - 1 - w) % step === 0);
}

/** What is known: bookings and new deals before the as-of date. */
function today(created) {
  if (data.as_of === null) return [];
  const counted = [...created].filter(([day]) => day < data.as_of).at(-1)?.[1];
  const n = counted === undefined ? "" : number(Math.round(counted));
  return [[`before ${dayOfYear(data.as_of)}`, "", "", "", moneyShort(data.booked), "", n, "", "", ""]];
}

export function tracking({ place }) {
  const { fan } = data;
  if (!fan) return table(HEADS, empty(MOST_WEEKS - 4, HEADS.length), { className: "write tracking" });
  const created = new Map(rows("inflow").map((row) => [row.until, row.created]));
  const expected = (day) => (created.has(day) ? number(Math.round(created.get(day))) : "");
  return [
    caption(
      "All since the start of the period. Of this plan's futures half are below the middle, one in four below low, one in twenty below the warning: booked less than that, reassess at once. New deals, win rate, mean deal and days to win tell early whether volume, win rate, value and velocity hold.",
      created.size > 0 && [" New deals are expected as under ", name(short(first.plan, 40)), "."],
    ),
    table(
      HEADS,
      [
        ...today(created),
        ...weeks().map((w) => [
          date(fan.week[w]),
          ...["q05", "q25", "q50"].map((key) => moneyShort(fan[key][place][w])),
          "",
          expected(fan.week[w]),
          ...empty(1, 4)[0],
        ]),
      ],
      { className: "write tracking" },
    ),
  ];
}

export const consequences = ({ words }) =>
  facts([
    ["If the target is missed", given(words.implication)],
    ["If it is reached", given(words.incentive)],
  ]);

/** The middle of the futures at the end of the last week that is over on a day. */
function middleBy(day, place) {
  if (!data.fan || day === null || day === undefined) return "\u00a0";
  const over = [...data.fan.week.keys()].filter((w) => data.fan.week[w] <= day);
  return moneyShort(over.length > 0 ? data.fan.q50[place][over.at(-1)] : data.booked);
}

function provenance() {
  const groups = [...new Set(rows("review").map((row) => row.group))];
  return caption(
    `Numbers by recoup ${data.recoup_version}: ${number(data.paths)} paths over ${number(data.parameter_draws)} parameter draws, seed ${data.seed}, inputs ${data.input_digest}.`,
    groups.length > 0 && ` The scenario holds notes of ${list(groups.map((group) => short(group)))}.`,
  );
}

export function signing({ place, words }) {
  const signer = (role, who) =>
    el(
      "div",
      {},
      el("p", { class: "rule" }),
      el("p", {}, role, who && [": ", name(short(who, 40))]),
      el("p", { class: "muted" }, "Name, date, signature"),
    );
  return [
    table(
      ["Review on", "Middle by then", "Booked", "Chance then", "Decision", "By"],
      [
        [givenDate(words.review), middleBy(words.review, place), ...empty(1, 4)[0]],
        [givenDate(data.period_end), middleBy(data.period_end, place), ...empty(1, 4)[0]],
        ...empty(1, 6),
      ],
      { texts: 6, className: "write review" },
    ),
    ruled(1, true, el("strong", {}, "Notes")),
    el(
      "div",
      { class: "signatures" },
      signer("Responsible", words.owner),
      signer("Sales leadership"),
      signer("Finance"),
    ),
    provenance(),
  ];
}
