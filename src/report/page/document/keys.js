// A lever's keys, which the results hold as one line of YAML in flow style, in words:
// {to: {cohort: [top, core]}, handover_days: 3} is "to cohort top, core; handover days 3".

/** Reads a value from a text at a place: [value, next place]. Throws where it is not flow style. */
function read(text, at) {
  const opening = text[at];
  if (opening === "{" || opening === "[") {
    const closing = opening === "{" ? "}" : "]";
    const items = [];
    at = skip(text, at + 1);
    while (text[at] !== closing) {
      let key = null,
        value;
      [value, at] = read(text, at);
      at = skip(text, at);
      if (opening === "{") {
        if (text[at] !== ":") throw new SyntaxError("no value");
        key = value;
        [value, at] = read(text, skip(text, at + 1));
        at = skip(text, at);
      }
      items.push(opening === "{" ? [key, value] : value);
      if (text[at] === ",") at = skip(text, at + 1);
      else if (text[at] !== closing) throw new SyntaxError("not closed");
    }
    return [opening === "{" ? new Map(items) : items, at + 1];
  }
  const scalar = /"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|(?:[^,:[\]{}]|:(?! ))+/uy;
  scalar.lastIndex = at;
  const found = scalar.exec(text)?.[0];
  if (!found) throw new SyntaxError("no value");
  return [unquoted(found.trim()), at + found.length];
}
const skip = (text, at) => at + /^\s*/.exec(text.slice(at))[0].length;
function unquoted(text) {
  if (text.startsWith('"')) return JSON.parse(text);
  return text.startsWith("'") ? text.slice(1, -1).replace(/''/g, "'") : text;
}

/** What is not the case, and a least amount of nothing, need no words. */
const isVoid = ([key, value]) =>
  value === "false" ||
  (key.startsWith("min_") && Number(value) === 0) ||
  (value instanceof Map && [...value].every(isVoid));
function said(value) {
  if (value instanceof Map)
    return [...value]
      .filter((entry) => !isVoid(entry))
      .map(([key, inner]) => `${key.replace(/_/g, " ")}${inner === "true" ? "" : ` ${said(inner)}`}`)
      .join("; ");
  return Array.isArray(value) ? value.map(said).join(", ") : value;
}

export function keysInWords(text) {
  try {
    const [value, end] = read(text, 0);
    return end === text.length ? said(value) : text;
  } catch {
    return text; // as it is
  }
}
