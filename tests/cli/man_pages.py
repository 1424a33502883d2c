"""Man pages and completions, made from the same tables of options as --help."""

import re
import shutil
import subprocess
import unittest

from harness import RECOUP, RecoupTest

SHELLS = ("bash", "zsh", "fish")


class ManPages(RecoupTest):
    def commands(self):
        return re.findall(r"^  (\w+) ", self.recoup("--help").stdout, re.MULTILINE)

    def options(self, command):
        """{long: letter or None} of --help."""
        text = self.recoup(command, "--help").stdout
        return {long: letter or None for letter, long in
                re.findall(r"^  (?:-(\S), |    )--([a-z-]+)", text, re.MULTILINE)}

    def page(self, *command):
        done = self.recoup("help", "--manual", *command)
        self.assert_status(done, 0)
        return done.stdout

    def script(self, shell):
        done = self.recoup("help", "--completion", shell)
        self.assert_status(done, 0)
        path = self.folder / shell
        path.write_text(done.stdout)
        return path

    def test_every_option(self):
        self.assertGreater(len(self.commands()), 9)
        scripts = {shell: self.script(shell).read_text() for shell in SHELLS}
        for command in self.commands():
            options, page = self.options(command), self.page(command)
            self.assertLessEqual({"help", "usage", "quiet", "verbose"}, set(options))
            self.assertIn(f"recoup\\-{command} (1)", self.page())
            for long, letter in options.items():
                with self.subTest(command=command, option=long):
                    self.assertIn("\\-\\-" + long.replace("-", "\\-") + "\\fR", page)
                    if letter:
                        self.assertIn(f"\\fB\\-{letter}\\fR", page)
                    words = re.search(rf"    {command}:\*\).*?_recoup_words '(.*?)'", scripts["bash"], re.S)
                    self.assertIn("--" + long, words[1].split())
                    case = re.search(rf"^        {command}\)\n(.*?);;", scripts["zsh"], re.S | re.M)
                    self.assertRegex(case[1], rf"--{long}[=\[}}]")
                    self.assertRegex(scripts["fish"],
                                     rf"(?m)^complete .*__fish_seen_subcommand_from {command}' .*-l {long} ")

    def test_pages_are_clean(self):
        if not shutil.which("man"):
            self.skipTest("no man (Debian: man-db)")
        for command in [[], *([name] for name in self.commands())]:
            path = self.folder / "page.1"
            path.write_text(self.page(*command))
            done = subprocess.run(["man", "--warnings", "-E", "UTF-8", "-l", "-Tutf8", path],
                                  capture_output=True, text=True, env={"PATH": "/usr/bin:/bin", "MANWIDTH": "80",
                                                                       "LC_ALL": "C.UTF-8"})
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            for heading in ("NAME", "SYNOPSIS", "EXIT STATUS", "SEE ALSO"):
                self.assertIn(heading, re.sub(".\x08", "", done.stdout))  # bold is overstruck

    def complete(self, *words):
        """What bash offers for the last of these words."""
        program = ("source ./bash; complete -p recoup >&2; COMP_WORDS=(\"$@\"); COMP_CWORD=$(($# - 1)); "
                   "_recoup; [ ${#COMPREPLY[@]} -eq 0 ] || printf '%s\\n' \"${COMPREPLY[@]}\"")
        done = subprocess.run(["bash", "--norc", "-c", program, "bash", *words], cwd=self.folder,
                              capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stderr, "complete -F _recoup recoup\n")
        return sorted(done.stdout.splitlines())

    def test_bash(self):
        self.write()
        self.script("bash")
        for name in ("a b.yaml", "results.h5", "old.yml"):
            (self.folder / name).touch()
        self.assertEqual(self.complete("recoup", "co"), ["compare"])
        self.assertEqual(self.complete("recoup", "help", "ch"), ["check"])
        self.assertEqual(set(self.complete("recoup", "")), {*self.commands(), "help", "--help", "--version"})
        self.assertEqual(self.complete("recoup", "run", "--pa"), ["--paths"])
        self.assertEqual(self.complete("recoup", "run", "--estimator", ""), ["conditional", "sample", "walk"])
        self.assertEqual(self.complete("recoup", "run", "--estimator", "=", "w"), ["walk"])
        self.assertEqual(self.complete("recoup", "run", "--isa", "="), ["avx2", "avx512", "portable"])
        self.assertEqual(self.complete("recoup", "run", "--paths", ""), [])
        self.assertEqual(self.complete("recoup", "run", ""),
                         ["a b.yaml", "model.yaml", "old.yml", "out", "scenario.yaml"])
        self.assertEqual(self.complete("recoup", "compare", ""), ["out", "results.h5"])
        self.assertEqual(self.complete("recoup", "export", "results.h5", "-o", ""), ["out"])
        self.assertIn("deals.csv", self.complete("recoup", "fit", "-o", ""))

    def test_other_shells(self):
        self.write()
        tried = []
        for shell in ("zsh", "fish"):
            path = self.script(shell)
            if shutil.which(shell):
                done = subprocess.run([shell, "-n", path], capture_output=True, text=True)
                self.assertEqual((done.returncode, done.stderr), (0, ""))
                tried.append(shell)
        if "fish" in tried:
            program = "source fish; complete -C 'recoup diagnose --topic sw'; complete -C 'recoup run sce'"
            done = subprocess.run(["fish", "--no-config", "-c", program], cwd=self.folder, capture_output=True,
                                  text=True, env={"PATH": "/usr/bin:/bin", "HOME": str(self.folder)})
            self.assertEqual([line.split("\t")[0] for line in done.stdout.splitlines()], ["swot", "scenario.yaml"])
        if not tried:
            self.skipTest("neither zsh nor fish is installed")

    def test_wrong_usage(self):
        for wrong in (["--completion"], ["--completion", "csh"], ["--manual", "frobnicate"]):
            self.assert_status(self.recoup("help", *wrong), 2)


if __name__ == "__main__":
    unittest.main()
