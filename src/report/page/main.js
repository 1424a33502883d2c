// The page: sections in the order in which they are asked for, the plan document after them.
import { drawAll } from "./chart.js";
import { data, plans } from "./data.js";
import { planDocument } from "./document.js";
import { add, choice, el } from "./dom.js";
import { short } from "./format.js";
import { causes, dealFlow } from "./sections/causes.js";
import { costs } from "./sections/costs.js";
import { delays } from "./sections/delays.js";
import { distributions, fan } from "./sections/distributions.js";
import { gains } from "./sections/gains.js";
import { gap } from "./sections/gap.js";
import { chances, masthead } from "./sections/headline.js";
import { hygiene } from "./sections/hygiene.js";
import { people } from "./sections/people.js";
import { sensitivity } from "./sections/sensitivity.js";
import { assumptions, provenance } from "./sections/trust.js";

const at = (id) => document.getElementById(id);
const MENU = {
  chances: "Chances",
  distributions: "Outcome",
  fan: "By week",
  gains: "Gains",
  costs: "Cost",
  delays: "Waiting",
  sensitivity: "Sensitivity",
  gap: "Gap",
  causes: "Causes",
  "deal-flow": "Deal flow",
  people: "People",
  hygiene: "Pipeline",
  assumptions: "Assumptions",
  provenance: "Sources",
  plan: "Plan",
};

/** The plan document is what is printed, unless the page itself is asked for. */
function printing() {
  const shown = at("document");
  const show = (place) => shown.replaceChildren(...planDocument(place));
  const preview = el(
    "button",
    { type: "button", "aria-pressed": "false", "aria-controls": "document" },
    "Show it here",
  );
  preview.addEventListener("click", () =>
    preview.setAttribute("aria-pressed", String(document.body.classList.toggle("with-document"))),
  );
  const print = (page) => {
    document.body.classList.toggle("print-page", page);
    window.print();
  };
  window.addEventListener("afterprint", () => document.body.classList.remove("print-page"));
  show(data.documented);
  add(
    document.head,
    el("style", {}, `@page { size: ${data.paper === "letter" ? "letter" : "A4"}; margin: 15mm 16mm 16mm; }`),
  );
  return el(
    "section",
    { id: "plan", "aria-labelledby": "plan-title" },
    el("h2", { id: "plan-title" }, "The plan document"),
    el(
      "p",
      { class: "lede" },
      "Performance, challenges, targets, activities with owners, tracking and sign-off on a few pages, to be printed. Its words come from the scenario, its numbers from these results.",
    ),
    el(
      "div",
      { class: "actions" },
      choice({
        label: "Plan",
        items: plans.map((plan) => short(plan.plan, 60)),
        start: data.documented,
        chosen: show,
      }),
      el(
        "button",
        { type: "button", class: "primary", onclick: () => print(false) },
        "Print the plan document",
      ),
      preview,
      el("button", { type: "button", onclick: () => print(true) }, "Print this page"),
    ),
  );
}

const sections = [
  chances(),
  distributions(),
  fan(),
  gains(),
  costs(),
  delays(),
  sensitivity(),
  gap(),
  causes(),
  dealFlow(),
  people(),
  hygiene(),
  assumptions(),
  provenance(),
  printing(),
].filter(Boolean);

document.title = `${data.title} – recoup`;
add(at("masthead"), masthead());
add(
  at("contents"),
  el(
    "ul",
    {},
    sections.map(({ id }) => el("li", {}, el("a", { href: `#${id}` }, MENU[id]))),
  ),
);
at("main").replaceChildren(...sections);
add(at("footer"), [
  `Made by recoup ${data.recoup_version}. `,
  "This file holds all it shows and asks for nothing else.",
]);
drawAll();
