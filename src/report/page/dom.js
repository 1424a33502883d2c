// Elements. All text goes in as text nodes: whatever a CRM calls a deal, it is shown and never read.

/** An element with properties (attributes; on...: listeners) and children: nodes, texts, lists; what
 * is null or false is left out. */
export function el(name, properties = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (key === "style") Object.assign(element.style, value);
    else element.setAttribute(key, value === true ? "" : value);
  }
  add(element, children);
  return element;
}

export function add(element, children) {
  for (const child of [children].flat(Infinity))
    if (child !== null && child !== undefined && child !== false)
      element.append(child instanceof Node ? child : document.createTextNode(String(child)));
  return element;
}

/** A name from the data: it has its own direction of writing, and breaks anywhere when it must. */
export const name = (text) =>
  el(
    "bdi",
    {
      class: String(text)
        .split(/\s/)
        .some((word) => word.length > 20)
        ? "name long"
        : "name",
    },
    text,
  );

const SVG = "http://www.w3.org/2000/svg";
export function svg(tag, attributes, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return add(element, children);
}

/** Buttons of which each is on or off; `changed` is told after a press. */
export function toggles({ label, items, isOn, press, describe }) {
  const buttons = items.map((item, i) => {
    const button = el(
      "button",
      { type: "button", class: "chip", "aria-pressed": String(isOn(i)) },
      describe(item, i),
    );
    button.addEventListener("click", () => press(i));
    return button;
  });
  const group = el("div", { class: "chips", role: "group", "aria-label": label }, buttons);
  group.refresh = () => buttons.forEach((button, i) => button.setAttribute("aria-pressed", String(isOn(i))));
  return group;
}

/** Choosing one of several; chosen(place) is told of a change. */
export function choice({ label, items, chosen, start = 0 }) {
  const select = el(
    "select",
    {},
    items.map((item, i) => el("option", { value: i, selected: i === start }, item)),
  );
  select.addEventListener("change", () => chosen(Number(select.value)));
  return el("label", { class: "choice" }, el("span", {}, label), select);
}
