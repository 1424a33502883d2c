// Colours: those of Okabe and Ito (jfly.uni-koeln.de/color), which people with any colour vision can
// tell apart; lighter ones in the dark. Plans beyond the eighth repeat them with other lines.
import { data } from "./data.js";

const LIGHT = {
  ink: "#1d2733",
  muted: "#5a6675",
  line: "#d9dde3",
  paper: "#ffffff",
  first: "#6f7a88",
  good: "#0072B2",
  bad: "#C25400",
  plans: ["#0072B2", "#D55E00", "#009E73", "#B8578F", "#B07A00", "#3D9BD6", "#1d2733"],
};
const DARK = {
  ink: "#e9edf2",
  muted: "#a3aebb",
  line: "#36414e",
  paper: "#1a212a",
  first: "#a3aebb",
  good: "#5DB5EC",
  bad: "#F08A4B",
  plans: ["#5DB5EC", "#F08A4B", "#2FC79B", "#E5A0C9", "#E6B53C", "#B9DCF7", "#e9edf2"],
};
const LINES = ["solid", "dashed", "dotted"];

const dark = window.matchMedia("(prefers-color-scheme: dark)");
const print = window.matchMedia("print");
const paper = { isOn: false };

export const theme = () => (dark.matches && !print.matches && !paper.isOn ? DARK : LIGHT);
export const onSchemeChange = (changed) => dark.addEventListener("change", changed);
/** Paper is always light. */
export function asPrinted(make) {
  paper.isOn = true;
  try {
    return make();
  } finally {
    paper.isOn = false;
  }
}

/** The order in which plans take colours: by their chance, the best one first. */
const turns = [...data.plans.keys()]
  .slice(1)
  .sort((a, b) => data.plans[b].hit_probability - data.plans[a].hit_probability);
const turn = (place) => turns.indexOf(place);
export function planColour(place) {
  const { plans, first } = theme();
  return place === 0 ? first : plans[turn(place) % plans.length];
}
export function planLine(place) {
  return place === 0 ? "dashed" : LINES[Math.floor(turn(place) / LIGHT.plans.length) % LINES.length];
}
