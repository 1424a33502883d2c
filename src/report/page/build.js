// Bundles the page: node build.js FOLDER-OF-node_modules OUTPUT.c
// Everything goes into one HTML file, which is cut where its data belong and written as two C texts.
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const [folder, output] = process.argv.slice(2);
const sources = dirname(fileURLToPath(import.meta.url));
const packages = join(folder, "node_modules");
const esbuild = createRequire(join(folder, "package.json"))("esbuild");

const read = (...path) => readFileSync(join(...path), "utf8");

async function bundle() {
  const built = await esbuild.build({
    entryPoints: [join(sources, "main.js")],
    nodePaths: [packages],
    bundle: true,
    write: false,
    minify: true,
    format: "iife",
    target: "es2020",
    legalComments: "none", // they are in the page once, see licences()
    define: { "process.env.NODE_ENV": '"production"' },
    logLevel: "warning",
  });
  return built.outputFiles[0].text.trim();
}

// What the licences of the bundled libraries ask to be passed on.
function licences() {
  const texts = [
    ["Apache ECharts", "echarts/NOTICE"],
    ["Apache ECharts", "echarts/LICENSE"],
    ["ZRender", "zrender/LICENSE"],
    ["tslib", "tslib/LICENSE.txt"],
  ];
  return texts.map(([name, path]) => `${name}\n\n${read(packages, path).trim()}\n`).join("\n\n");
}

const escapeText = (text) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;");

// A C text: bytes beyond ASCII in octal, which ends after three digits; `?` begins a trigraph.
function asC(text) {
  const lines = [];
  const bytes = Buffer.from(text, "utf8");
  for (let at = 0; at < bytes.length; at += 2000) {
    let line = "";
    for (const byte of bytes.subarray(at, at + 2000)) {
      const character = String.fromCharCode(byte);
      const plain = byte >= 32 && byte < 127 && !'"\\?'.includes(character);
      line += plain ? character : "\\" + byte.toString(8).padStart(3, "0");
    }
    lines.push(`    "${line}"`);
  }
  return lines.join("\n");
}

const script = await bundle();
const style = (
  await esbuild.transform(read(sources, "page.css") + read(sources, "document.css"), {
    loader: "css",
    minify: true,
  })
).code.trim();
const digest = createHash("sha256").update(script).digest("base64");
const parts = {
  policy:
    `default-src 'none'; script-src 'sha256-${digest}'; style-src 'unsafe-inline'; ` +
    "base-uri 'none'; form-action 'none'",
  style,
  script,
  licences: escapeText(licences()),
};
const page = read(sources, "index.html").replace(/\{\{(\w+)\}\}/g, (whole, name) =>
  name in parts ? parts[name] : whole,
);
const [before, after] = page.split("{{data}}");
writeFileSync(
  output,
  `/* Made from src/report/page by its build.js. */
extern const char *const recoup_report_before, *const recoup_report_after;
const char *const recoup_report_before =
${asC(before)};
const char *const recoup_report_after =
${asC(after)};
`,
);
