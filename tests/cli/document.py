"""The plan document as PDF, by a real headless Chromium and read by poppler's pdfinfo and pdftotext;
the second argument is the program that writes sample results (tests/report)."""

import json
import re
import shutil
import subprocess
import sys
import unittest
from pathlib import Path

import h5py
import numpy
import yaml

WRITE_SAMPLE = str(Path(sys.argv.pop(2)).resolve())

from harness import SOURCE, RecoupTest  # noqa: E402

EXAMPLE = SOURCE / "scenarios" / "recovery-q4"
KEYS_MODULE = SOURCE / "src" / "report" / "page" / "document" / "keys.js"
SECTIONS = ["Performance against expectation", "Challenges", "Timescale and reassessment",
            "Expected improvement", "Responsible and team", "Activities", "Investment", "Help needed",
            "Skill matrix", "Strengths, weaknesses, opportunities, threats", "Weekly tracking",
            "Implication and incentive", "Review and sign-off"]
BLANK = "to be filled in"
PAPERS = {"a4": (210 / 25.4 * 72, 297 / 25.4 * 72), "letter": (612, 792)}  # in points
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sept", "Oct", "Nov", "Dec")


def flat(text):
    return " ".join(text.split())


def poppler(program, *arguments):
    return subprocess.run([program, *map(str, arguments)], check=True, capture_output=True).stdout.decode()


def as_date(day):
    """As the document shows it: a datetime.date, or days since 1970."""
    if not hasattr(day, "year"):
        day = numpy.datetime64(int(day), "D").astype(object)
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def compact(money):
    """$1.43M, as JavaScript's compact notation with three significant digits has it."""
    for unit, letter in ((1e6, "M"), (1e3, "K")):
        if money >= unit:
            return f"${float(f'{money / unit:.3g}'):g}{letter}"
    return f"${money:.3g}"


class Document(RecoupTest):
    def print(self, results, *arguments):
        """Its pages, as text with the layout kept."""
        pdf = self.folder / "plan.pdf"
        self.assert_status(self.recoup("report", results, "--pdf", "-o", pdf, *arguments), 0)
        n = int(re.search(r"Pages:\s+(\d+)", poppler("pdfinfo", pdf))[1])
        return [poppler("pdftotext", "-layout", "-f", page, "-l", page, pdf, "-") for page in range(1, n + 1)]

    def sample(self, kind):
        results = self.folder / f"{kind}.h5"
        subprocess.run([WRITE_SAMPLE, kind, results], check=True)
        return results

    def sections(self, pages):
        """Text by section; all must be there, in their order."""
        body = "\n".join(self.bodies(pages))
        starts = []
        for i, title in enumerate(SECTIONS):
            found = list(re.finditer(rf"^ *{i + 1}\. {re.escape(title)} *$", body, re.M))
            self.assertEqual(len(found), 1, title)
            starts.append(found[0].end())
        self.assertEqual(starts, sorted(starts))
        return {title: flat(body[start:end])
                for title, start, end in zip(SECTIONS, starts, starts[1:] + [len(body)])}

    def bodies(self, pages):
        """Pages without what stands above and below each, which must be right."""
        bodies = []
        for i, page in enumerate(pages):
            lines = [line for line in page.replace("\f", "").splitlines() if line.strip()]
            self.assertEqual(lines[-1].strip(), f"Page {i + 1} of {len(pages)}")
            if i > 0:
                self.assertRegex(lines[0].strip(), r"^Sales Improvement Plan: .*, as known on \d+ \w+ \d{4}$")
            bodies.append("\n".join(lines[i > 0:-1]))
        return bodies

    def check_breaks(self, pages):
        """No heading is the last of its page, nor does a table begin there."""
        heads = [f"{i + 1}. {title}" for i, title in enumerate(SECTIONS)]
        heads += ["Causes", "Pipeline", "Commentary", "Actions", "Levers that the forecast counts on"]
        for body in self.bodies(pages):
            last = flat(body.splitlines()[-1])
            self.assertNotIn(last, heads)
            self.assertNotRegex(last, r"^(What Owner Due|Rep Cohort|Lever Owner|Week until|Review on)")

    def run_example(self):
        """The example by fewer paths and draws; the words and the diagnosis are all there."""
        text = (EXAMPLE / "scenario.yaml").read_text()
        for name in ("deals", "stage_history", "reps", "activities"):
            text = text.replace(f"{name}: {name}.csv", f"{name}: {EXAMPLE / name}.csv")
        fewer = text.replace("paths: 20000", "paths: 1000").replace("draws: 200", "draws: 8")
        self.assertNotEqual(text, fewer)
        (self.folder / "scenario.yaml").write_text(fewer.replace("draws: 20}", "draws: 4}"))
        self.assert_status(self.recoup("run", "scenario.yaml", "-q"), 0)
        return self.folder / "results.h5"

    def test_example(self):
        results = self.run_example()
        plans = yaml.safe_load((EXAMPLE / "scenario.yaml").read_text())["plans"]
        with h5py.File(results) as file:
            hit = file["hit_probability"][:]
            best = int(numpy.argmax(hit))
            quantile = file["quantile"][:]
            middle = file["cumulative_bookings_quantile"][best, :, numpy.argmin(abs(quantile - 0.5))]
            week = file["week"][:]
        plan = plans[best]
        for paper, size in PAPERS.items():
            with self.subTest(paper=paper):
                pages = self.print(results, "--paper", paper)
                self.assertIn(len(pages), range(5, 8))
                found = re.search(r"Page size:\s+([\d.]+) x ([\d.]+)", poppler("pdfinfo", self.folder / "plan.pdf"))
                for i in range(2):  # Chromium rounds to whole pixels of 3/4 point
                    self.assertAlmostEqual(float(found[i + 1]), size[i], delta=0.76)
                self.check_breaks(pages)
                text = self.sections(pages)
                self.assertIn(f"Plan: {plan['name']}", flat(pages[0]))
                for title in ("Performance against expectation", "Expected improvement"):
                    self.assertIn(f"{100 * hit[best]:.1f} %", text[title].replace("\u00a0", " "))
                for title in SECTIONS:
                    if title not in ("Challenges", "Skill matrix"):  # where it is asked for comments
                        self.assertNotIn(BLANK, text[title], title)
                self.check_words(plan, text, pages)
                self.check_weeks(text["Weekly tracking"], week, middle)
                self.assertRegex(text["Skill matrix"], r"\d %\s?[▲▼]")  # not by colours alone

    def check_words(self, plan, text, pages):
        for key, title in (("investment", "Investment"), ("help", "Help needed"),
                           ("implication", "Implication and incentive"),
                           ("incentive", "Implication and incentive"), ("team", "Responsible and team"),
                           ("owner", "Responsible and team")):
            for word in flat(plan[key]).split():
                self.assertIn(word, text[title], key)
        self.assertIn(as_date(plan["review"]), text["Timescale and reassessment"])
        self.assertIn(as_date(plan["review"]), text["Review and sign-off"])
        for lever in plan["levers"]:
            self.assertIn(next(iter(lever)).replace("_", " "), text["Activities"])
        self.assertIn("from status vacant; to cohort top, core;", text["Activities"])  # not YAML
        # An action's row is in one piece: what is due is on the page of what is to be done, in their order.
        for action in plan["actions"]:
            page = next(page for page in pages if action["what"].split(" and ")[0][:24] in page)
            self.assertIn(as_date(action["due"]), page)
        order = sorted(plan["actions"], key=lambda action: action["due"])
        places = [text["Activities"].index(action["what"][:24]) for action in order]
        self.assertEqual(places, sorted(places))

    def check_weeks(self, text, week, middle):
        for day, money in zip(week, middle):
            self.assertRegex(text, rf"{as_date(day)} (\$[\d.]+[MK] ){{2}}{re.escape(compact(money))}\b")

    def test_missing_words(self):
        """A plan that says nothing, and results without records: what is missing is marked."""
        results = self.sample("plain")
        pages = self.print(results)
        self.assertIn(len(pages), range(5, 8))
        self.check_breaks(pages)
        text = self.sections(pages)
        for title, least in {"Challenges": 4, "Timescale and reassessment": 2, "Responsible and team": 3,
                             "Activities": 4, "Investment": 2, "Help needed": 1, "Skill matrix": 1,
                             "Strengths, weaknesses, opportunities, threats": 4,
                             "Implication and incentive": 2, "Review and sign-off": 1}.items():
            self.assertGreaterEqual(text[title].count(BLANK), least, title)

    def test_chosen_plan(self):
        results = self.sample("full")
        for plan in ("plan 1", "plan 3"):
            pages = self.print(results, "--plan", plan)
            self.assertIn(len(pages), range(5, 8))
            self.check_breaks(pages)
            self.assertIn(f"Plan: {plan}", flat(pages[0]))
            self.assertTrue(all(f"Sales Improvement Plan: {plan} " in page for page in pages[1:]))
            text = self.sections(pages)
            number = plan.split()[1]
            for word in ("help", "implication", "incentive", "investment", "team", "owner"):
                self.assertIn(f"{word} {number}", " ".join(text.values()))
            self.assertIn(f"what {3 * int(number)}", text["Activities"])

    def test_hostile_names(self):
        """Whatever plans, reps and owners are called is text, above and below the pages too."""
        results = self.sample("hostile")
        with h5py.File(results) as file:
            names = [name.decode() if isinstance(name, bytes) else name for name in file["plan"].asstr()[:]]
        self.assertEqual(len(names), 9)
        for i in (0, 1, 3, 6):
            with self.subTest(plan=names[i]):
                pages = self.print(results, "--plan", names[i])
                self.sections(pages)  # running heads and page numbers are there
                shown = re.sub(r"[^\w<>&;{}|$'`\"\\%=/!-]", "", names[i].replace("\u2028", "").replace("\u2029", ""))
                squeezed = re.sub(r"[^\w<>&;{}|$'`\"\\%=/!-]", "", pages[0])
                self.assertIn(shown, squeezed)
                self.assertIn(shown[:20], re.sub(r"[^\w<>&;{}|$'`\"\\%=/!-]", "", pages[2]))

    @unittest.skipUnless(shutil.which("node"), "node is not on PATH")
    def test_keys_in_words(self):
        """Keys of levers: flow YAML in words; what is not such is shown as it is."""
        cases = {
            "{stage: negotiation, speed: {lognormal: [1.4, 0.1]}}": "stage negotiation; speed lognormal 1.4, 0.1",
            "{from: {status: vacant}, deals: {min_amount: 0}, leads: false, handover_days: 3}":
                "from status vacant; handover days 3",
            "{leads: true, to: {cohort: [top, core]}}": "leads; to cohort top, core",
            '{cohort: "a: b, {c} \\"d\\"", stage: \'it\'\'s\'}': 'cohort a: b, {c} "d"; stage it\'s',
            "{url: http://x}": "url http://x",
            "{}": "", "[]": "", "plain words": "plain words",
            "{a: [b}": "{a: [b}", "{a b}": "{a b}", "{a: 1} x": "{a: 1} x", "": "", "{": "{", "{a: 1,": "{a: 1,",
            "<script>1</script>": "<script>1</script>",
        }
        program = (f"import {{ keysInWords }} from {str(KEYS_MODULE)!r};"
                   "console.log(JSON.stringify(JSON.parse(process.argv[1]).map(keysInWords)));")
        done = subprocess.run(["node", "--input-type=module", "-e", program, json.dumps(list(cases))],
                              check=True, capture_output=True, text=True)
        self.assertEqual(dict(zip(cases, json.loads(done.stdout))), cases)


if __name__ == "__main__":
    unittest.main()
