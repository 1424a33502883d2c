// What is done by whom until when, what it takes, and what help is needed.
import { rows } from "../data.js";
import { el, name } from "../dom.js";
import { money, number, short } from "../format.js";
import { keysInWords } from "./keys.js";
import { blank, empty, facts, given, givenDate, table } from "./parts.js";

const FEWEST_LINES = 6; // of actions, written ones and those to write on

const of = (kind, plan) => rows(kind).filter((row) => row.plan === plan.plan);
/** Those without a date come last. */
const byDue = (a, b) => (a.due ?? Infinity) - (b.due ?? Infinity);

function levers(plan, words) {
  const list = of("lever", plan);
  return (
    list.length > 0 && [
      el("h3", {}, "Levers that the forecast counts on"),
      table(
        ["Lever", "Owner", "Start", "Known from", "Cost"],
        list.map((row) => [
          [
            el("strong", {}, name(row.kind.replace(/_/g, " "))),
            " ",
            el("small", {}, name(short(keysInWords(row.keys), 160))),
          ],
          given(row.owner || words.owner),
          givenDate(row.start),
          row.evidence.replace(/_/g, " "),
          [money(row.cost), row.hours > 0 && el("small", {}, `${number(row.hours)} hours`)],
        ]),
        { texts: 4, className: "levers" },
      ),
    ]
  );
}

export function activities({ plan, words }) {
  const actions = of("action", plan).sort(byDue);
  const none = [blank(), blank(), blank(), blank(), "\u00a0"];
  return [
    levers(plan, words),
    el("h3", {}, "Actions"),
    table(
      ["What", "Owner", "Due", "Measure", "Done"],
      [
        ...actions.map((row) => [
          given(row.what),
          given(row.owner),
          givenDate(row.due),
          given(row.measure),
          "\u00a0",
        ]),
        ...(actions.length === 0 ? [none] : []),
        ...empty(Math.max(1, FEWEST_LINES - actions.length), 5),
      ],
      { texts: 5, className: "write todo" },
    ),
  ];
}

export function investment({ plan, words }) {
  const hasLevers = of("lever", plan).length > 0;
  const cost = words.cost ?? plan.cost;
  return [
    facts(
      [
        ["Money", cost > 0 || hasLevers ? money(cost) : blank()],
        ["Selling time", words.hours > 0 || hasLevers ? `${number(words.hours ?? 0)} hours` : blank()],
        plan.cost_per_point !== null && ["Cost per point", money(plan.cost_per_point)],
        plan.cost_per_point !== null && ["Gain less cost", money(plan.net_gain)],
      ],
      "grid",
    ),
    facts([["For", given(words.investment)]]),
  ];
}

export const help = ({ words }) => el("p", {}, given(words.help));
