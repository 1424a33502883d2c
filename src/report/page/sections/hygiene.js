// The pipeline: which deals are what they seem, and the forecast without the others.
import { rows, total } from "../data.js";
import { el, name } from "../dom.js";
import { date, halfWidth, money, number, percent } from "../format.js";
import { section } from "../section.js";
import { table } from "../table.js";

function forecasts() {
  const list = rows("forecast");
  if (list.length === 0) return null;
  const isAlike = list.length === 2 && list[0].n_open === list[1].n_open;
  return el(
    "div",
    { class: "beside" },
    list.slice(0, isAlike ? 1 : 2).map((row) =>
      el(
        "div",
        { class: "card" },
        el("h3", {}, row.pipeline.charAt(0).toUpperCase() + row.pipeline.slice(1)),
        el(
          "dl",
          {},
          [
            ["open deals", number(row.n_open)],
            ["their amount", money(row.open_amount)],
            ["expected bookings", money(row.expected)],
            ["chance of quota", `${percent(row.hit_probability)} ± ${halfWidth(row.hit_probability_se)}`],
          ].map(([term, value]) => el("div", {}, el("dt", {}, term), el("dd", {}, value))),
        ),
      ),
    ),
    isAlike && el("p", { class: "muted" }, "No deal is to be closed, so that both forecasts are one."),
  );
}

function rules() {
  if (rows("rule").length === 0) return null;
  return table({
    caption: "Rules of hygiene",
    rows: rows("rule"),
    columns: [
      { label: "Rule", text: true, heads: true, show: (r) => r.rule },
      { label: "Means", text: true, class: "long", show: (r) => r.meaning },
      { label: "Deals", show: (r) => (r.n_deals < 0 ? `no ${r.missing || "data"}` : number(r.n_deals)) },
      { label: "Of all open", show: (r) => percent(r.share, 0) },
      { label: "Amount", show: (r) => money(r.amount) },
      { label: "Expected", show: (r) => money(r.expected) },
    ],
  });
}

function deals() {
  const list = rows("hygiene");
  if (list.length === 0) return null;
  const of = (label, show, value, text) => ({ label, show, value, text });
  return table({
    caption:
      list.length < total("hygiene")
        ? `The first ${list.length} of ${total("hygiene")} deals to look at`
        : "Deals to look at",
    rows: list,
    sortable: true,
    most: 12,
    className: "hygiene",
    columns: [
      { label: "Deal", text: true, heads: true, show: (r) => name(r.deal), value: (r) => r.deal },
      of(
        "Do",
        (r) => el("span", { class: `disposition ${r.disposition.replace(/\W/g, "-")}` }, r.disposition),
        (r) => r.disposition,
        true,
      ),
      of(
        "Amount",
        (r) => money(r.amount),
        (r) => r.amount,
      ),
      of(
        "Rep",
        (r) => name(r.rep),
        (r) => r.rep,
        true,
      ),
      of(
        "Stage",
        (r) => name(r.stage),
        (r) => r.stage,
        true,
      ),
      of(
        "Days in stage",
        (r) => number(r.stage_days === null ? null : Math.round(r.stage_days)),
        (r) => r.stage_days,
      ),
      of(
        "Created",
        (r) => date(r.created),
        (r) => r.created,
      ),
      of(
        "Chance",
        (r) => percent(r.win_probability, 0),
        (r) => r.win_probability,
      ),
      of(
        "Expected",
        (r) => money(r.expected),
        (r) => r.expected,
      ),
      of(
        "Why",
        (r) => name(r.rules),
        (r) => r.rules,
        true,
      ),
    ],
  });
}

export function hygiene() {
  const parts = [forecasts(), rules(), deals()].filter(Boolean);
  if (parts.length === 0) return null;
  return section(
    "hygiene",
    "The pipeline, as it is and scrubbed",
    rows("hygiene").length > 0
      ? `${number(total("hygiene"))} open deals match a rule of hygiene. Press a heading to sort.`
      : null,
    parts,
  );
}
