"""The manual does what it says: its examples are run, its options are those of the program, its links
lead somewhere.

A block of code says after its language what becomes of it here. Blocks of one page share a folder;
`<!-- folder: NAME -->` in the page begins another one with the files that NAME stands for below.

    sh run, python run   is run; must succeed
    sh shown             is not run
    text                 what the block before it printed; a line `...` stands for any lines
    text of=PAGE         lines that a block of text of that page has
    yaml file=NAME, append=NAME   becomes that file, or its end
    yaml scenario        a scenario beside the tables of scenarios/recovery-q4
    yaml plans, levers, section   a part of one, beside the true model there
    yaml data            tables of other systems, which are not there

usage: manual.py RECOUP [quick]; quick: no block is run (under sanitizers, where each command has its
own tests).
"""

import os
import re
import shutil
import subprocess
import sys
import unittest
from collections import namedtuple
from pathlib import Path

QUICK = len(sys.argv) > 2 and sys.argv[2] == "quick" and bool(sys.argv.pop(2))

from exports import hubspot_export, salesforce, table  # noqa: E402
from harness import RECOUP, SCENARIO, SOURCE, RecoupTest, make_history  # noqa: E402

DOCS = SOURCE / "docs"
EXAMPLE = SOURCE / "scenarios" / "recovery-q4"
PAGES = {page.name: page.read_text() for page in sorted(DOCS.glob("*.md"))}
Block = namedtuple("Block", "page line language kind text folder")


def blocks_of(page):
    """The blocks of code of a page that name a language."""
    lines, found, folder, i = PAGES[page].splitlines(), [], None, 0
    while i < len(lines):
        named = re.fullmatch(r"<!-- folder: ([\w-]+) -->", lines[i])
        folder = (named[1], i) if named else folder
        if lines[i].startswith("```"):
            end = lines.index("```", i + 1)
            language, _, kind = lines[i][3:].partition(" ")
            text = "\n".join(lines[i + 1:end]) + "\n"
            found.append(Block(page, i + 1, language, kind, text, folder))
            i = end
        i += 1
    return [block for block in found if block.language]


BLOCKS = [block for page in PAGES for block in blocks_of(page)]


def matches(shown, printed):
    """Whether the text is as shown, `...` standing for any number of lines."""
    parts = [re.escape(part) for part in re.split(r"(?m)^\.\.\.\n", shown)]
    strip = "\n".join(line.rstrip() for line in printed.splitlines()) + "\n"
    return re.fullmatch("(?:.*\n)*?".join(parts), strip) is not None


class Examples(RecoupTest):
    def team(self):
        self.write()

    def results(self):
        self.write()
        self.run_json()
        (self.out / "results.h5").rename(self.folder / "results.h5")

    def tables(self):
        """The year of a team with stages that the page can name."""
        names = {"first": "Qualification", "second": "Proposal"}
        deals, history, reps = make_history()
        deals = [[*deal[:4], names[deal[4]], *deal[5:]] for deal in deals]
        return deals, [[deal, names[stage], entered] for deal, stage, entered in history], reps

    def salesforce(self):
        for name, (heading, rows) in salesforce(*self.tables()).items():
            file = "".join(map(str.title, name.split("_"))) + ".csv"
            (self.folder / file).write_text(table(heading, rows), newline="")

    def hubspot(self):
        (self.folder / "all-deals.csv").write_text(hubspot_export(self.tables()[0]), newline="")

    def begin(self, name):
        """An empty folder with the files of `name`."""
        for path in self.folder.iterdir():
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        self.out.mkdir()
        getattr(self, name)()

    def execute(self, block):
        """What a block printed."""
        with_recoup = f"{Path(RECOUP).parent}{os.pathsep}{os.environ['PATH']}"
        command = {"sh": ["bash", "-euo", "pipefail", "-c"], "python": [sys.executable, "-c"]}
        done = subprocess.run([*command[block.language], block.text], cwd=self.folder, timeout=300,
                              env={**os.environ, "PATH": with_recoup}, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True)
        self.assert_clean(done)
        self.assertEqual(done.returncode, 0, f"{block.page}:{block.line}\n{done.stderr}")
        return done.stdout

    @unittest.skipIf(QUICK, "not under sanitizers: each command has its own tests")
    def test_run(self):
        self.assertEqual(Path(RECOUP).name, "recoup")
        n_run = 0
        for page in PAGES:
            folder = printed = None
            for block in (block for block in BLOCKS if block.page == page):
                place = f"{page}:{block.line}"
                if block.folder and block.folder != folder:
                    folder = block.folder
                    self.begin(folder[0])
                target = re.fullmatch(r"(file|append)=([\w.-]+)", block.kind)
                if block.kind == "run":
                    self.assertTrue(folder, f"{place}: where? `<!-- folder: NAME -->` is missing")
                    printed = self.execute(block)
                    n_run += 1
                elif target:
                    with open(self.folder / target[2], "w" if target[1] == "file" else "a") as file:
                        file.write(block.text)
                elif block.language == "text" and not block.kind:
                    self.assertIsNotNone(printed, f"{place}: nothing was run before it")
                    self.assertTrue(matches(block.text, printed), f"{place}: printed was\n{printed}")
        self.assertGreaterEqual(n_run, 15)

    def test_quoted(self):
        for block in BLOCKS:
            source = re.fullmatch(r"of=([\w.-]+)", block.kind)
            if block.language == "text" and source:
                there = {line for other in BLOCKS if other.page == source[1] and other.language == "text"
                         for line in other.text.splitlines()}
                for line in block.text.splitlines():
                    self.assertIn(line, there, f"{block.page}:{block.line}")

    def test_kinds(self):
        """No block is passed over by a slip in its first line."""
        known = {"sh": r"run|shown", "python": r"run", "text": r"(of=[\w.-]+)?",
                 "yaml": r"scenario|plans|levers|section|data|(file|append)=[\w.-]+"}
        for block in BLOCKS:
            self.assertIn(block.language, known, f"{block.page}:{block.line}")
            self.assertRegex(block.kind, rf"\A({known[block.language]})\Z", f"{block.page}:{block.line}")

    def check(self, text):
        (self.folder / "scenario.yaml").write_text(text)
        return self.recoup("check", "scenario.yaml")

    def test_scenarios(self):
        """Scenarios, plans, levers and sections are accepted."""
        for path in EXAMPLE.iterdir():
            (self.folder / path.name).symlink_to(path)
        (self.folder / "scenario.yaml").unlink()
        example = (EXAMPLE / "scenario.yaml").read_text().replace(
            "cohorts:", "model: truth.yaml\ncohorts:", 1)
        example = example.replace(", parameter_draws: 200", "")
        head, plans = example.split("\nplans:", 1)
        head = re.sub(r"(?m)^optimize:.*\n", "", head) + "\n"
        n_checked = 0
        for block in BLOCKS:
            if block.language != "yaml":
                continue
            text = {"scenario": block.text, "plans": head + block.text,
                    "levers": head + "plans:\n  - name: this\n    levers:\n"
                              + re.sub(r"(?m)^", "      ", block.text.rstrip("\n")) + "\n",
                    "section": f"{head}plans:{plans}\n{block.text}"}.get(block.kind)
            if text:
                done = self.check(text)
                self.assertEqual(done.returncode, 0, f"{block.page}:{block.line}\n{done.stderr}")
                n_checked += 1
        self.assertGreaterEqual(n_checked, 15)

    def test_tables_of_other_systems(self):
        """They are scenarios but for their tables, which are not there."""
        head = ("recoup: scenario/1\nas_of: 2026-11-02\nquota: 4e5\n"
                "period: {start: 2026-10-01, end: 2026-12-31}\n")
        examples = [block for block in BLOCKS if block.kind == "data"]
        self.assertEqual(len(examples), 4)
        for block in examples:
            done = self.check(head + block.text)
            self.assert_status(done, 3)
            problems = [line for line in done.stderr.splitlines() if "error:" in line]
            self.assertTrue(problems)
            for line in problems:
                self.assertIn("No such file", line)


class Options(RecoupTest):
    """docs/commands.md against --help, both ways."""

    def lines_of_help(self, *arguments):
        done = self.recoup(*arguments)
        self.assert_status(done, 0)
        return done.stdout.splitlines()

    def commands(self):
        found = [re.match(r"  (\w+)  ", line) for line in self.lines_of_help("--help")]
        return [line[1] for line in found if line]

    def options(self, command):
        found = [re.match(r"  (?:-(?!\?)\w, |    )--([\w-]+)", line)
                 for line in self.lines_of_help(command, "--help")]
        return {line[1] for line in found if line} - {"usage"}

    def test_commands(self):
        rows = set(re.findall(r"^\| `recoup (\w+)", PAGES["commands.md"], re.M))
        self.assertEqual(rows, {*self.commands(), "help"})
        self.assertGreater(len(rows), 8)

    def test_options(self):
        short = {"-o": "output", "-q": "quiet", "-v": "verbose"}
        documented = {command: set() for command in self.commands()}
        section = re.search(r"\n\| option \| of \|.*\n\|[-|]+\n((?:\|.*\n)+)", PAGES["commands.md"])[1]
        for row in section.splitlines():
            names, commands = [cell.strip() for cell in row.split(" | ")[:2]]
            for option in re.findall(r"`(-[\w-]+)", names):
                for command in commands.split(","):
                    documented[command.strip()].add(short.get(option, option.lstrip("-")))
        for command, options in documented.items():
            self.assertEqual(options, self.options(command), command)


class Comparison(RecoupTest):
    def documented(self, heading):
        """Keys of the tables in docs/commands.md that begin with this column."""
        tables = re.findall(rf"\n\| {heading} \|.*\n\|[-|]+\n((?:\|.*\n)+)", PAGES["commands.md"])
        return {key.strip() for table in tables for row in table.splitlines()
                for key in row.strip("|").split("|")[0].split(",")}

    def test_keys(self):
        self.write({"scenario.yaml": SCENARIO + "decisions: {}\n"})
        found = self.run_json()
        self.assertEqual({key for plan in found["plans"] for key in plan}, self.documented("key of a plan"))
        self.assertEqual({key for pair in found["pairs"] for key in pair}, self.documented("key of a pair"))
        listed = re.search(r"(?s)`--json` has the keys (.*?); `--csv`", PAGES["commands.md"])[1]
        names = {name.strip() for quoted in re.findall(r"`([^`]+)`", listed) for name in quoted.split(",")}
        self.assertEqual(set(found), names - {"decisions"})


class Links(unittest.TestCase):
    def anchors(self, path):
        text = re.sub(r"(?ms)^```.*?^```", "", path.read_text())
        return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
                for heading in re.findall(r"(?m)^#+ (.*?)\s*$", text)}

    def test_links(self):
        files = [*DOCS.glob("*.md"), SOURCE / "README.md", SOURCE / "CONTRIBUTING.md"]
        n_links = 0
        for page in files:
            text = re.sub(r"(?ms)^```.*?^```|`[^`\n]*`", "", page.read_text())
            for target in re.findall(r"\]\(([^)\s]+)\)", text):
                if re.match(r"https?:|mailto:", target):
                    continue
                file, _, anchor = target.partition("#")
                path = page.parent / file if file else page
                self.assertTrue(path.exists(), f"{page.name}: {target}")
                if anchor:
                    self.assertIn(anchor, self.anchors(path), f"{page.name}: {target}")
                n_links += 1
        self.assertGreater(n_links, 50)

    def test_index(self):
        """docs/README.md names every page."""
        for page in PAGES:
            if page != "README.md":
                self.assertIn(f"]({page})", PAGES["README.md"])

    def test_named_pages(self):
        """Pages that sources name exist."""
        n_named = 0
        for folder in ("src", "include", "tests", "bench", "scripts"):
            for path in (SOURCE / folder).rglob("*"):
                if path.suffix in (".c", ".h", ".py", ".txt", ".js", ".md") and "node_modules" not in path.parts:
                    for name in re.findall(r"docs/([\w-]+\.md)", path.read_text(errors="replace")):
                        self.assertIn(name, PAGES, path)
                        n_named += 1
        self.assertGreater(n_named, 20)


if __name__ == "__main__":
    unittest.main()
