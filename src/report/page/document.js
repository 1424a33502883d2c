// The Sales Improvement Plan of one plan, on sheets for paper: words from the scenario, numbers from
// the results. What is missing is to be filled in by hand.
import { data, plans, rows } from "./data.js";
import { activities, help, investment } from "./document/activities.js";
import { challenges } from "./document/challenges.js";
import { improvement, responsible, timescale } from "./document/improvement.js";
import { blank, facts, given, givenDate } from "./document/parts.js";
import { skills, swot } from "./document/people.js";
import { performance } from "./document/performance.js";
import { consequences, signing, tracking } from "./document/tracking.js";
import { el, name } from "./dom.js";
import { date, short } from "./format.js";

const TITLE = "Sales Improvement Plan";

/** Each begins a new page. */
const SHEETS = [
  [["Performance against expectation", performance]],
  [["Challenges", challenges]],
  [
    ["Timescale and reassessment", timescale],
    ["Expected improvement", improvement],
    ["Responsible and team", responsible],
  ],
  [
    ["Activities", activities],
    ["Investment", investment],
    ["Help needed", help],
    ["Skill matrix", skills],
    ["Strengths, weaknesses, opportunities, threats", swot],
  ],
  [
    ["Weekly tracking", tracking],
    ["Implication and incentive", consequences],
    ["Review and sign-off", signing],
  ],
];

function title(plan, words) {
  const isKnown = data.period_start !== null && data.period_end !== null;
  return el(
    "header",
    { class: "title" },
    el("p", { class: "eyebrow" }, name(data.title)),
    el("h1", {}, TITLE),
    el("p", { class: "plan-name" }, "Plan: ", name(plan.plan)),
    facts(
      [
        ["Period", isKnown ? `${date(data.period_start)} to ${date(data.period_end)}` : blank()],
        ["As known on", givenDate(data.as_of)],
        ["Responsible", given(words.owner)],
        ["Reassessment", givenDate(words.review)],
      ],
      "grid",
    ),
  );
}

/** A text of CSS: all but letters, digits and spaces as code points, so that no name ends it. */
const cssText = (text) =>
  `"${[...text].map((c) => (/[A-Za-z0-9 ]/.test(c) ? c : `\\${c.codePointAt(0).toString(16)} `)).join("")}"`;

/** What stands above and below each page, where the browser can (CSS Paged Media, margin boxes). */
function running(plan) {
  const left = cssText(`${TITLE}: ${short(plan.plan, 26)}`);
  const right = cssText(
    `${short(data.title, 24)}${data.as_of === null ? "" : `, as known on ${date(data.as_of)}`}`,
  );
  return el(
    "style",
    {},
    `@page plan-document {
      @top-left { content: ${left}; }
      @top-right { content: ${right}; }
      @bottom-right { content: "Page " counter(page) " of " counter(pages); }
    }
    @page plan-document:first { @top-left { content: none; } @top-right { content: none; } }`,
  );
}

export function planDocument(place) {
  const plan = plans[place];
  const words = rows("document").find((row) => row.plan === plan.plan) ?? {};
  let number = 0;
  const part = ([text, make]) =>
    el("section", { class: "item" }, el("h2", {}, `${++number}. ${text}`), make({ plan, place, words }));
  const sheets = SHEETS.map((parts) => el("div", { class: "sheet" }, parts.map(part)));
  sheets[0].prepend(title(plan, words));
  return [running(plan), el("div", { class: data.paper }, sheets)];
}
