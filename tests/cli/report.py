"""The page and the plan document, in a real headless Chromium; the second argument is the program
that writes sample results (tests/report)."""

import re
import subprocess
import sys
import time
import unittest
from pathlib import Path

WRITE_SAMPLE = str(Path(sys.argv.pop(2)).resolve())

from browser import Browser  # noqa: E402
from harness import SOURCE, RecoupTest, digest  # noqa: E402

MEGABYTE = 1 << 20
PAPERS = {"a4": (8.27, 11.69), "letter": (8.5, 11)}

# Every chart with the size of what it drew, and how many shapes.
CHARTS = """
return [...document.querySelectorAll("[data-chart]")].map((chart) => {
  const svg = chart.querySelector("svg");
  const box = svg ? svg.getBoundingClientRect() : { width: 0, height: 0 };
  return { name: chart.dataset.chart, width: box.width, height: box.height,
    shapes: svg ? svg.querySelectorAll("path, rect, circle, polyline, line").length : 0,
    label: chart.getAttribute("aria-label") ?? "", role: chart.getAttribute("role") };
});"""
WIDTHS = "return [document.documentElement.scrollWidth, window.innerWidth];"
COLUMN = """
const table = document.querySelector("table.hygiene");
const heads = [...table.querySelectorAll("thead th")];
const at = heads.findIndex((head) => head.textContent === arguments[0]);
return { sort: heads[at].getAttribute("aria-sort"),
  cells: [...table.querySelectorAll("tbody tr")].map((row) => row.children[at].textContent) };"""
PLACE = """
const chart = document.querySelector(`[data-chart="${arguments[0]}"]`);
chart.scrollIntoView({ block: "center" });
const { x, y, width, height } = chart.getBoundingClientRect();
return [x, y, width, height];"""
DRAWN = "return document.querySelector('[data-chart=\"distributions\"] svg').outerHTML;"


def count_pages(pdf):
    """Chromium writes page objects as they are, not compressed."""
    return len(re.findall(rb"/Type\s*/Page\b", pdf))


def money(text):
    return float(re.sub(r"[^\d.-]", "", text.replace("−", "-")))


class Report(RecoupTest):
    @classmethod
    def setUpClass(cls):
        cls.browser = Browser().__enter__()
        cls.addClassCleanup(cls.browser.__exit__)

    def sample(self, kind):
        """The page of a sample."""
        results, page = self.folder / f"{kind}.h5", self.folder / f"{kind}.html"
        subprocess.run([WRITE_SAMPLE, kind, results], check=True)
        self.assert_status(self.recoup("report", results, "-o", page), 0)
        return page

    def example(self):
        """The example's results, by fewer paths and draws; diagnosis and decisions are all there."""
        folder = SOURCE / "scenarios" / "recovery-q4"
        text = (folder / "scenario.yaml").read_text()
        for name in ("deals", "stage_history", "reps", "activities"):
            text = text.replace(f"{name}: {name}.csv", f"{name}: {folder / name}.csv")
        fewer = text.replace("paths: 20000", "paths: 1000").replace("draws: 200", "draws: 8")
        self.assertNotEqual(text, fewer)
        (self.folder / "scenario.yaml").write_text(fewer.replace("draws: 20}", "draws: 4}"))
        self.assert_status(self.recoup("run", "scenario.yaml", "-q"), 0)
        return self.folder / "results.h5"

    def look(self, page, width, dark=False):
        """Opens a page, which must not complain, ask for anything, or be wider than the screen."""
        self.browser.console(), self.browser.requests()
        self.browser.open(page, width, dark=dark)
        self.assertEqual(self.browser.console(), [])
        self.assertEqual(set(self.browser.requests()), {page.resolve().as_uri()})
        wide, screen = self.browser.run(WIDTHS)
        self.assertLessEqual(wide, screen)

    def check_charts(self, expected, width):
        charts = self.browser.run(CHARTS)
        self.assertEqual({chart["name"] for chart in charts}, set(expected))
        for chart in charts:
            with self.subTest(chart=chart["name"], width=width):
                self.assertGreater(chart["width"], 0.6 * width - 100)
                self.assertGreater(chart["height"], 80)
                self.assertGreater(chart["shapes"], 4)
                self.assertEqual(chart["role"], "img")
                self.assertGreater(len(chart["label"]), 20)

    def test_example(self):
        results = self.example()
        page = self.folder / "report.html"
        self.assert_status(self.recoup("report", results), 0)  # into the current folder
        self.assertLess(page.stat().st_size, 2 * MEGABYTE)
        for width in (1280, 390):
            for dark in (False, True):
                self.look(page, width, dark)
            self.check_charts(self.browser.run(
                "return [...document.querySelectorAll('[data-chart]')].map((c) => c.dataset.chart)"), width)
        names = {chart["name"] for chart in self.browser.run(CHARTS)}
        self.assertLessEqual({"distributions", "fan", "gains", "costs", "tornado", "delays"}, names)
        for paper, inches in PAPERS.items():
            self.assertIn(count_pages(self.browser.pdf(*inches)), range(5, 8), paper)
        self.assert_status(self.recoup("report", results, "--pdf", "--paper", "letter"), 0)
        pdf = (self.folder / "report.pdf").read_bytes()
        self.assertIn(count_pages(pdf), range(5, 8))
        self.assertRegex(pdf, rb"/MediaBox\s*\[0 0 612 79[12]")

    def test_every_section(self):
        page = self.sample("full")
        again = self.folder / "again.html"
        self.assert_status(self.recoup("report", "full.h5", "-o", again), 0)
        self.assertEqual(digest(page), digest(again))
        for width in (1280, 390):
            self.look(page, width)
            self.check_charts(["distributions", "fan", "gains", "costs", "gap"], width)
        levels = self.browser.run("return [...document.querySelectorAll('#page h1, #page h2, #page h3')]"
                                  ".map((h) => Number(h.tagName[1]));")
        self.assertEqual(levels[0], 1)
        self.assertEqual(levels.count(1), 1)
        self.assertTrue(all(b <= a + 1 for a, b in zip(levels, levels[1:])), levels)
        # Behind each chart there is a table with at least as many rows as plans, or factors.
        self.browser.run("document.querySelectorAll('figure details').forEach((d) => { d.open = true; });")
        time.sleep(0.2)
        rows = self.browser.run("return [...document.querySelectorAll('figure')].map((f) =>"
                                "f.querySelectorAll('details tbody tr').length);")
        self.assertTrue(all(n >= 3 for n in rows), rows)
        for inches in PAPERS.values():
            self.assertIn(count_pages(self.browser.pdf(*inches)), range(5, 8))

    def test_few_numbers(self):
        """Results without records, or with a single plan, leave sections out."""
        for kind, charts in {"plain": ["distributions", "fan", "gains", "costs"],
                             "single": ["distributions", "fan", "gap"]}.items():
            with self.subTest(kind=kind):
                self.look(self.sample(kind), 1280)
                self.check_charts(charts, 1280)
                self.assertIn(count_pages(self.browser.pdf(*PAPERS["a4"])), range(5, 8))
        self.browser.open(self.folder / "plain.html", 1280)
        shown = self.browser.run("return document.body.textContent")
        self.assertIn("to be filled in", shown)
        self.assertIn("Not in these results", shown)

    def test_sorting(self):
        self.look(self.sample("full"), 1280)
        self.assertEqual(self.browser.run(COLUMN, "Amount")["sort"], "none")
        before = [money(cell) for cell in self.browser.run(COLUMN, "Amount")["cells"]]
        self.assertGreater(len(set(before)), 10)
        self.browser.press("table.hygiene thead button", 2)
        down = self.browser.run(COLUMN, "Amount")
        self.assertEqual(down["sort"], "descending")
        amounts = [money(cell) for cell in down["cells"]]
        self.assertEqual(amounts, sorted(amounts, reverse=True))
        self.assertGreaterEqual(amounts[0], max(before))  # of all deals, not of those that were shown
        self.browser.press("table.hygiene thead button", 2)
        up = self.browser.run(COLUMN, "Amount")
        self.assertEqual(up["sort"], "ascending")
        self.assertEqual([money(c) for c in up["cells"]], sorted(money(c) for c in up["cells"]))
        self.assertEqual(self.browser.run(COLUMN, "Rep")["sort"], "none")

    def test_toggling(self):
        self.look(self.sample("full"), 1280)
        pressed = "return document.querySelectorAll('.chip')[arguments[0]].getAttribute('aria-pressed')"
        before = self.browser.run(DRAWN)
        self.assertEqual(self.browser.run(pressed, 1), "true")
        self.browser.press(".chip", 1)
        self.assertEqual(self.browser.run(pressed, 1), "false")
        without = self.browser.run(DRAWN)
        self.assertLess(without.count("<path"), before.count("<path"))
        # By the keyboard, back again.
        self.browser.run("document.querySelectorAll('.chip')[1].focus()")
        self.browser.call("POST", "/actions", {"actions": [{"type": "key", "id": "keys", "actions": [
            {"type": "keyDown", "value": " "}, {"type": "keyUp", "value": " "}]}]})
        self.assertEqual(self.browser.run(pressed, 1), "true")
        self.assertEqual(self.browser.run(DRAWN).count("<path"), before.count("<path"))

    def test_pointing(self):
        """Pointing at the middle of a chart's bars or curves tells their numbers."""
        page = self.sample("full")
        self.look(page, 1280)
        for chart, across, fragment in (("distributions", 0.5, "At least"), ("fan", 0.5, "middle"),
                                        ("gap", 0.25, "volume")):
            with self.subTest(chart=chart):
                x, y, width, height = self.browser.run(PLACE, chart)
                for step in (0, 2):
                    self.browser.devtools("Input.dispatchMouseEvent", type="mouseMoved",
                                          x=x + across * width + step, y=y + 0.16 * height)
                told = ""
                for _ in range(50):
                    told = self.browser.run("return [...document.querySelectorAll(arguments[0])]"
                                            ".map((tip) => tip.textContent).join()",
                                            f'[data-chart="{chart}"] .tip')
                    if fragment in told:
                        break
                    time.sleep(0.1)
                self.assertIn(fragment, told)
        self.assertEqual(self.browser.console(), [])

    def test_hostile_names(self):
        page = self.sample("hostile")
        for width in (1280, 390):
            self.look(page, width)
        self.assertIsNone(self.browser.run("return window.harmed ?? null"))
        self.browser.run("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
        time.sleep(0.2)
        # Nothing of the names became an element.
        self.assertEqual(self.browser.run(
            "return document.querySelectorAll('#page script, #page img, #page b[onerror], #document script,"
            " #document img, body > script').length"), 2)
        shown = self.browser.run("return [...document.querySelectorAll('.plans th bdi')].map((n) => n.textContent)")
        for fragment in ("<script>window.harmed = 1</script> 1", "</script><script>window.harmed = 2</script><!-- 2",
                         '<img src=x onerror="window.harmed = 3"> 3', "${harmed} {{data}} {a|b} 4", "__proto__ 9",
                         "\u05e9\u05dc\u05d5\u05dd \u0633\u0644\u0627\u0645 \u202eright to left 6",
                         "lines\u2028and\u2029paragraphs &lt;b&gt; &amp; 7", "\U0001f600"):
            self.assertTrue([name for name in shown if fragment in name], fragment)
        self.assertGreater(max(map(len, shown)), 290)
        self.browser.pdf(*PAPERS["a4"])
        self.assertIsNone(self.browser.run("return window.harmed ?? null"))
        self.assertEqual(self.browser.console(), [])

    def test_large(self):
        page = self.sample("large")
        self.assertLess(page.stat().st_size, 5 * MEGABYTE)
        started = time.monotonic()
        self.browser.open(page, 1280)
        seconds = time.monotonic() - started
        self.assertEqual(self.browser.console(), [])
        self.check_charts(["distributions", "fan", "gains", "costs", "gap"], 1280)
        print(f"2,000 reps, 50 plans: {page.stat().st_size:,} bytes, opened in {seconds:.2f} s",
              file=sys.stderr)

    def test_wrong_usage(self):
        subprocess.run([WRITE_SAMPLE, "single", self.folder / "r.h5"], check=True)
        for arguments, status, fragment in [((), 2, "RESULTS"), (("r.h5", "--paper", "a5"), 2, "a5"),
                                            (("r.h5", "--plan", "plan 7"), 3, "plan 7"),
                                            (("none.h5",), 3, "none.h5"),
                                            (("r.h5", "-o", "no/such/folder.html"), 1, "no/such")]:
            with self.subTest(arguments=arguments):
                done = self.recoup("report", *arguments)
                self.assert_status(done, status)
                self.assertIn(fragment, done.stderr)
        self.assertEqual(list(self.folder.glob("report*")), [])


if __name__ == "__main__":
    unittest.main()
