// Numbers and dates as people read them. What does not exist is a dash.
import { data } from "./data.js";

const NONE = "–";
const MINUS = "−";
const exists = (x) => typeof x === "number" && Number.isFinite(x);
const SPACE = "\u00a0"; // that no line breaks at
const withMinus = (text) => text.replace(/-/g, MINUS);

function moneyFormat(options) {
  try {
    return new Intl.NumberFormat("en-US", {
      style: "currency",
      currency: data.currency,
      currencyDisplay: "narrowSymbol",
      ...options,
    });
  } catch {
    // the currency is no code of three letters
    const plain = new Intl.NumberFormat("en-US", options);
    return { format: (x) => `${plain.format(x)} ${data.currency}`.trim() };
  }
}
const wholeMoney = moneyFormat({ maximumFractionDigits: 0, minimumFractionDigits: 0 });
const shortMoney = moneyFormat({
  notation: "compact",
  maximumSignificantDigits: 3,
  minimumFractionDigits: undefined,
});

/** $1,234,567 */
export const money = (x) => (exists(x) ? withMinus(wholeMoney.format(Math.round(x) || 0)) : NONE);
/** $1.23M, for headings and axes */
export const moneyShort = (x) => (exists(x) ? withMinus(shortMoney.format(x)) : NONE);

const fixed = (x, digits) =>
  x.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });

/** 45.8 %; a chance that is not 0 or 1 is not shown as such */
export function percent(x, digits = 1) {
  if (!exists(x)) return NONE;
  const least = 10 ** -digits;
  if (x > 0 && 100 * x < least / 2) return `<${fixed(least, digits)}${SPACE}%`;
  if (x < 1 && 100 * x > 100 - least / 2) return `>${fixed(100 - least, digits)}${SPACE}%`;
  return withMinus(`${fixed(100 * x, digits)}${SPACE}%`);
}
/** +12.3 points of a probability */
export const points = (x, digits = 1) =>
  exists(x) ? `${sign(x, digits)}${fixed(Math.abs(100 * x), digits)}` : NONE;
const sign = (x, digits) =>
  fixed(Math.abs(100 * x), digits) === fixed(0, digits) ? "" : x < 0 ? MINUS : "+";
/** half of a 95 % interval in points; never ±0 */
export function halfWidth(standardError) {
  if (!exists(standardError)) return NONE;
  const half = 196 * standardError;
  return half < 0.005 ? "<0.01" : fixed(half, half < 0.095 ? 2 : 1);
}
export const signedMoney = (x) => (exists(x) ? (x > 0 ? "+" : "") + money(x) : NONE);
export const signedMoneyShort = (x) => (exists(x) ? (x > 0 ? "+" : "") + moneyShort(x) : NONE);

/** 1,234 or 0.123: three significant digits below a thousand */
export function number(x) {
  if (!exists(x)) return NONE;
  return withMinus(
    Math.abs(x) >= 1000 || Number.isInteger(x)
      ? fixed(x, 0)
      : x.toLocaleString("en-US", { maximumSignificantDigits: 3 }),
  );
}

/** A value with its unit, as records have it. */
export function withUnit(x, unit) {
  if (unit === "currency") return money(x);
  if (unit === "share") return percent(x);
  if (unit === "points") return exists(x) ? `${points(Math.abs(x) <= 1 ? x : x / 100)} points` : NONE;
  if (unit === "times") return exists(x) ? `${number(x)} ×` : NONE;
  return unit && exists(x) ? `${number(x)} ${unit}` : number(x);
}

/** "a to b unit" */
export const interval = (low, high, unit) =>
  !exists(low) || !exists(high)
    ? NONE
    : `${withUnit(low, unit).replace(` ${unit}`, "")} to ${withUnit(high, unit)}`;

/** A p-value. */
export function chance(p) {
  if (!exists(p)) return NONE;
  return p < 0.001 ? "<0.001" : fixed(p, 3);
}

const DAY = 86400000;
const dateFormat = (options) => {
  const format = new Intl.DateTimeFormat("en-GB", { timeZone: "UTC", ...options });
  return (day) => (exists(day) ? format.format(new Date(day * DAY)) : NONE);
};
/** 2 Nov 2026, 2 Nov */
export const date = dateFormat({ day: "numeric", month: "short", year: "numeric" });
export const dayOfYear = dateFormat({ day: "numeric", month: "short" });
export const milliseconds = (day) => day * DAY;

/** "a, b and c" */
export function list(items) {
  return items.length < 2
    ? items.join("")
    : `${items.slice(0, -1).join(", ")} and ${items[items.length - 1]}`;
}
/** A name cut to a length, for places where a long one would hide the rest. */
export const short = (text, length = 40) =>
  [...text].length > length ? `${[...text].slice(0, length - 1).join("")}…` : text;
