// A section of the page: a heading, what it says in a sentence, and what shows it.
import { el } from "./dom.js";

export function section(id, title, lede, ...children) {
  return el(
    "section",
    { id, "aria-labelledby": `${id}-title` },
    el("h2", { id: `${id}-title` }, title),
    lede && el("p", { class: "lede" }, lede),
    children,
  );
}

export const part = (title, lede, ...children) =>
  el("div", { class: "part" }, el("h3", {}, title), lede && el("p", {}, lede), children);
