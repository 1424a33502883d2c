// Challenges: where the gap comes from, why, and what the pipeline is worth.
import { printed } from "../chart.js";
import { rows } from "../data.js";
import { el, name } from "../dom.js";
import { money, moneyShort, number, percent, short, signedMoneyShort } from "../format.js";
import { CAUSES, found } from "../sections/causes.js";
import { comparisons, gapSentence, waterfallOption } from "../sections/gap.js";
import { blank, caption, ruled, table } from "./parts.js";

const WIDTH = 640;
const MOST_FINDINGS = 4;
const MOST_RULES = 4;
const MOST_LACKS = 2;
const MOST_LETTERS = 260;

function whence() {
  const all = comparisons();
  if (all.length === 0) return el("p", {}, "Where the gap comes from: ", blank());
  return [
    el("p", {}, gapSentence(all[0])),
    printed({
      label: gapSentence(all[0]),
      width: WIDTH,
      height: 215,
      option: (width) => waterfallOption(all[0], width, true),
    }),
    table(
      ["Effect on bookings against", ...all[0].factors.map((row) => row.factor), "total"],
      all.map(({ reference, factors, total }) => [
        name(short(reference, 40)),
        ...[...factors, total].map((row) => signedMoneyShort(row.effect)),
      ]),
    ),
  ];
}

function why() {
  const finds = CAUSES.flatMap(([cause, text]) => found(cause).map((row) => [text, row])).sort(
    ([, a], [, b]) => (a.q_value ?? 1) - (b.q_value ?? 1),
  );
  const causes = CAUSES.map(([, text]) => text.toLowerCase()).join(", ");
  return [
    el("h3", {}, "Causes"),
    finds.length > 0
      ? el(
          "ul",
          {},
          finds
            .slice(0, MOST_FINDINGS)
            .map(([text, row]) =>
              el(
                "li",
                {},
                el("strong", {}, `${text}. `),
                name(short(row.sentence || row.subject, MOST_LETTERS)),
              ),
            ),
        )
      : el(
          "p",
          {},
          rows("finding").length > 0
            ? `None of ${number(rows("finding").length)} comparisons (${causes}) stands out beyond chance.`
            : blank(),
        ),
    finds.length > MOST_FINDINGS &&
      caption(`The ${MOST_FINDINGS} clearest of ${finds.length}; all are on the page of this report.`),
  ];
}

function pipeline() {
  const [asIs, scrubbed] = ["as is", "scrubbed"].map((text) =>
    rows("forecast").find((row) => row.pipeline === text),
  );
  const rules = rows("rule").filter((row) => row.n_deals > 0);
  const unknown = rows("rule").filter((row) => row.n_deals < 0);
  if (rows("rule").length === 0 && !asIs) return [el("h3", {}, "Pipeline"), el("p", {}, blank())];
  const closed = asIs && scrubbed ? asIs.n_open - scrubbed.n_open : 0;
  return [
    el("h3", {}, "Pipeline"),
    el(
      "p",
      {},
      asIs &&
        `${number(asIs.n_open)} deals of ${money(asIs.open_amount)} are open. ${
          closed > 0
            ? `${number(closed)} of them do not hold up; without them ${money(scrubbed.expected)} are expected instead of ${money(asIs.expected)}, with a chance of quota of ${percent(scrubbed.hit_probability)} instead of ${percent(asIs.hit_probability)}. `
            : "None of them has to be written off. "
        }`,
      unknown.length > 0 && `Not to be told from these tables: ${unknown.map((row) => row.rule).join(", ")}.`,
    ),
    rules.length > 0 &&
      table(
        ["Deals to look at", "Deals", "Amount", "Expected of it"],
        rules
          .sort((a, b) => b.amount - a.amount)
          .slice(0, MOST_RULES)
          .map((row) => [
            [el("strong", {}, row.rule), ": ", row.meaning],
            number(row.n_deals),
            moneyShort(row.amount),
            moneyShort(row.expected),
          ]),
        { className: "wide" },
      ),
  ];
}

function lacks() {
  const worst = [...rows("quality")].sort((a, b) => b.share - a.share).slice(0, MOST_LACKS);
  return (
    worst.length > 0 &&
    el(
      "p",
      {},
      el("strong", {}, "What the tables lack. "),
      worst.map((row) => [
        name(short(`${row.table}, ${row.column || "all"}: ${row.problem}; ${row.meaning}`, 200)),
        ". ",
      ]),
    )
  );
}

export const challenges = () => [
  whence(),
  why(),
  pipeline(),
  lacks(),
  el("h3", {}, "Commentary"),
  ruled(2, true, blank()),
];
