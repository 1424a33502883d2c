// What each rep needs from now on, week by week.
import { rows } from "../data.js";
import { name } from "../dom.js";
import { date, money, number } from "../format.js";
import { part } from "../section.js";
import { table } from "../table.js";

/** "3.2 (4.5)": on average, and with 80 % confidence. */
const weekly = (mean, sure) => (mean === null ? "–" : `${number(mean)} (${number(sure)})`);

export function pace() {
  if (rows("pace").length === 0) return null;
  return part(
    "What each rep needs",
    "New deals and calls a week, beside what comes anyway, until the rep's number is met: on average and, in brackets, with 80\u00a0% confidence.",
    table({
      caption: "Pace of each rep",
      sortable: true,
      most: 12,
      rows: rows("pace"),
      columns: [
        { label: "Rep", text: true, heads: true, show: (r) => name(r.rep), value: (r) => r.rep },
        { label: "Goal", text: true, show: (r) => `${r.goal}, ${date(r.until)}`, value: (r) => r.until },
        { label: "Verdict", text: true, show: (r) => r.verdict, value: (r) => r.verdict },
        { label: "Number", show: (r) => money(r.number), value: (r) => r.number },
        { label: "Expected", show: (r) => money(r.expected), value: (r) => r.expected },
        { label: "Gap", show: (r) => money(r.gap), value: (r) => r.gap },
        { label: "New deals", show: (r) => weekly(r.created, r.created_sure), value: (r) => r.created },
        { label: "Calls", show: (r) => weekly(r.calls, r.calls_sure), value: (r) => r.calls },
        { label: "Calls now", show: (r) => number(r.calls_now), value: (r) => r.calls_now },
      ],
    }),
  );
}
