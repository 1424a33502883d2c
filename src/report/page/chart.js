// Charts, drawn as SVG by ECharts; each stands in a figure with what it says in words, and its
// numbers as a table behind it.
import { BarChart, CustomChart, LineChart, ScatterChart } from "echarts/charts";
import { GridComponent, MarkLineComponent, MarkPointComponent, TooltipComponent } from "echarts/components";
import * as echarts from "echarts/core";
import { LabelLayout } from "echarts/features";
import { SVGRenderer } from "echarts/renderers";
import { el } from "./dom.js";
import { short } from "./format.js";
import { behind } from "./table.js";
import { asPrinted, onSchemeChange, theme } from "./theme.js";

echarts.use([
  BarChart,
  CustomChart,
  LineChart,
  ScatterChart,
  GridComponent,
  MarkLineComponent,
  MarkPointComponent,
  TooltipComponent,
  LabelLayout,
  SVGRenderer,
]);

export const FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif";

/** What all charts have in common, under what is special to one. */
function complete(option) {
  const { ink, line, paper } = theme();
  return {
    animation: false,
    useUTC: true,
    textStyle: { fontFamily: FONT, color: ink, fontSize: 13 },
    ...option,
    tooltip: option.tooltip && {
      backgroundColor: paper,
      borderColor: line,
      textStyle: { color: ink, fontSize: 13 },
      confine: true,
      transitionDuration: 0,
      ...option.tooltip,
    },
  };
}

const charts = [];

/** A figure; option(width) is asked again when the width or the colours change, or redraw() is
 * called. height: a number, or a function of the width. */
export function chart({ id, label, height, option, caption, table }) {
  const canvas = el("div", { class: "canvas", role: "img", "aria-label": label, "data-chart": id });
  const figure = el(
    "figure",
    { class: "chart" },
    canvas,
    caption && el("figcaption", {}, caption),
    table && behind(table),
  );
  const entry = { canvas, instance: null, width: 0 };
  entry.draw = () => {
    const width = canvas.clientWidth;
    if (width === 0) return;
    const tall = typeof height === "function" ? height(width) : height;
    canvas.style.height = `${tall}px`;
    entry.width = width;
    entry.instance ??= echarts.init(canvas, null, { renderer: "svg", width, height: tall });
    entry.instance.resize({ width, height: tall });
    entry.instance.setOption(complete(option(width)), { notMerge: true });
    canvas.querySelector("svg").setAttribute("viewBox", `0 0 ${width} ${tall}`); // so that paper can scale it
  };
  charts.push(entry);
  figure.redraw = (newLabel) => {
    if (newLabel) canvas.setAttribute("aria-label", newLabel);
    entry.draw();
  };
  return figure;
}

const redrawAll = () => charts.forEach((entry) => entry.draw());

/** Draws all charts, once they are in the page; from then on whenever their width or the colours
 * change, and in the colours of paper while they are printed. */
export function drawAll() {
  redrawAll();
  const observer = new ResizeObserver((changes) =>
    changes.forEach(({ target }) => {
      const entry = charts.find(({ canvas }) => canvas === target);
      if (target.clientWidth !== entry.width) entry.draw();
    }),
  );
  charts.forEach(({ canvas }) => observer.observe(canvas));
  onSchemeChange(redrawAll);
  window.addEventListener("beforeprint", () => asPrinted(redrawAll));
  window.addEventListener("afterprint", redrawAll);
}

/** A chart for paper, as an SVG element of a fixed shape that fits any width. */
export function printed({ label, width, height, option }) {
  const text = asPrinted(() => {
    const instance = echarts.init(null, null, { renderer: "svg", ssr: true, width, height });
    instance.setOption(complete(option(width)));
    const drawn = instance.renderToSVGString();
    instance.dispose();
    return drawn;
  });
  const image = document.importNode(
    new DOMParser().parseFromString(text, "image/svg+xml").documentElement,
    true,
  );
  image.removeAttribute("width");
  image.removeAttribute("height");
  image.setAttribute("role", "img");
  image.setAttribute("aria-label", label);
  return el("div", { class: "printed" }, image);
}

/** A tooltip: a heading and pairs of a text and a value, with the colour of the first. */
export function tip(heading, lines) {
  return el(
    "div",
    { class: "tip" },
    el("strong", {}, heading),
    lines.map(([text, value, colour]) =>
      el(
        "div",
        {},
        colour && el("i", { style: { background: colour } }),
        el("span", {}, text),
        el("b", {}, value),
      ),
    ),
  );
}

/** Axes in the page's hand. */
export function valueAxis(more = {}) {
  const { muted, line } = theme();
  return {
    type: "value",
    axisLine: { show: false },
    axisTick: { show: false },
    splitLine: { lineStyle: { color: line, width: 1 } },
    nameTextStyle: { color: muted },
    ...more,
    axisLabel: { color: muted, hideOverlap: true, ...more.axisLabel },
  };
}
/** Room for the names of a chart of this width. */
export const nameWidth = (width) => (width < 500 ? 104 : 190);
export function nameAxis(names, width, more = {}) {
  const { ink } = theme();
  return {
    type: "category",
    data: names.map((_, i) => i),
    inverse: true,
    axisTick: { show: false },
    axisLine: { show: false },
    ...more,
    axisLabel: {
      color: ink,
      interval: 0,
      width,
      overflow: "break",
      lineHeight: 14,
      fontSize: width < 120 ? 11 : 13,
      formatter: (i) => short(names[Number(i)], Math.floor(width / 4)),
      ...more.axisLabel,
    },
  };
}

/** A line across the chart at a value, with a text. */
export function rule(axis, value, text, colour, position = "insideEndTop") {
  return {
    silent: true,
    symbol: "none",
    animation: false,
    lineStyle: { color: colour, width: 1.5, type: "solid" },
    label: { formatter: text, color: colour, position, fontWeight: 600 },
    data: [{ [axis]: value }],
  };
}

/** Shapes of a custom series in places of a category axis (y): pieces(i, at) gives them; at(x) is the
 * place of a value on the other axis. */
export function drawnRows(n, pieces) {
  return {
    type: "custom",
    data: Array.from({ length: n }, (_, i) => [0, i]),
    clip: true,
    renderItem: (_, api) => {
      const i = api.value(1);
      const y = api.coord([0, i])[1];
      const height = api.size([0, 1])[1];
      return { type: "group", children: pieces(i, (x) => api.coord([x, i])[0], y, height) };
    },
  };
}
/** The same along a category axis (x). */
export function drawnColumns(n, pieces) {
  return {
    type: "custom",
    data: Array.from({ length: n }, (_, i) => [i, 0]),
    clip: false,
    renderItem: (_, api) => {
      const i = api.value(0);
      const x = api.coord([i, 0])[0];
      const width = api.size([1, 0])[0];
      return { type: "group", children: pieces(i, (y) => api.coord([i, y])[1], x, width) };
    },
  };
}
export const segment = (x1, y1, x2, y2, stroke, lineWidth, more = {}) => ({
  type: "line",
  shape: { x1, y1, x2, y2 },
  style: { stroke, lineWidth, ...more },
});
export const box = (x, y, width, height, fill, more = {}) => ({
  type: "rect",
  shape: {
    x: Math.min(x, x + width),
    y: Math.min(y, y + height),
    width: Math.abs(width),
    height: Math.abs(height),
    r: 2,
  },
  style: { fill, ...more },
});
export const disc = (cx, cy, r, fill, stroke) => ({
  type: "circle",
  shape: { cx, cy, r },
  style: { fill, stroke, lineWidth: stroke ? 2 : 0 },
});
export const words = (x, y, text, fill, more = {}) => ({
  type: "text",
  style: { x, y, text, fill, fontFamily: FONT, fontSize: 12, verticalAlign: "middle", ...more },
});
