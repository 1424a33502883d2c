// Which plans the charts and tables of several plans show; one choice for the whole page.
import { data, plans } from "./data.js";
import { el, name, toggles } from "./dom.js";
import { planColour, planLine } from "./theme.js";

const AT_FIRST = 4;
const shown = new Set();
const watchers = [];
const groups = [];

[...plans.keys()]
  .sort((a, b) => (b === 0) - (a === 0) || plans[b].hit_probability - plans[a].hit_probability)
  .slice(0, AT_FIRST)
  .forEach((place) => shown.add(place));

/** Places of the plans that are shown, in their order. */
export const selected = () => [...plans.keys()].filter((place) => shown.has(place));

/** Calls `changed` after each change of the choice. */
export const onSelection = (changed) => watchers.push(changed);

function press(place) {
  if (!shown.delete(place)) shown.add(place);
  if (shown.size === 0) shown.add(place); // one is left
  groups.forEach((group) => group.refresh());
  watchers.forEach((changed) => changed());
}

function swatch(place) {
  return el("i", {
    class: "swatch",
    "aria-hidden": "true",
    style: { borderTopColor: planColour(place), borderTopStyle: planLine(place) },
  });
}

/** Buttons for all plans. */
export function planButtons() {
  const group = toggles({
    label: "Plans that are shown",
    items: plans,
    isOn: (place) => shown.has(place),
    press,
    describe: (plan, place) => [
      swatch(place),
      name(plan.plan),
      place === data.best && el("small", {}, "best"),
    ],
  });
  groups.push(group);
  return group;
}
