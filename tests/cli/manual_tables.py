"""The tables of the manual name every key of scenario.yaml, its levers and model.yaml, and every
variable of results.h5, as the code has them, and nothing else. The code's tables are read from its
sources, strictly: an entry that is written in another way than those known here is an error.

usage: manual_tables.py
"""

import re
import unittest
from collections import namedtuple
from math import exp, log
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2]
Field = namedtuple("Field", "kind required")
Row = namedtuple("Row", "keys dimensions is_effect has_default required")


# --- the code's tables ------------------------------------------------------------------------------

def split_list(text):
    """The items of a C list: commas within brackets and quotes do not separate."""
    items, item, depth, i = [], "", 0, 0
    while i < len(text):
        c = text[i]
        if c == '"':
            end = i + 1
            while text[end] != '"':
                end += 2 if text[end] == "\\" else 1
            item += text[i:end + 1]
            i = end + 1
            continue
        depth += (c in "({[") - (c in ")}]")
        if c == "," and depth == 0:
            items.append(item.strip())
            item = ""
        else:
            item += c
        i += 1
    return [item for item in [*items, item.strip()] if item]


def without_comments(text):
    return re.sub(r"/\*.*?\*/", "", text, flags=re.S)


def read_array(path, declaration):
    """The items of a table in a source file."""
    found = re.findall(rf"{declaration}\[\w*\] =\s*\{{(.*?)\}};", without_comments(path.read_text()), re.S)
    assert len(found) == 1, f"{path}: {declaration}: {len(found)} times"
    return split_list(found[0])


HEADER = re.search(r"#define RECOUP_LEVER_HEADER_FIELDS\(struct_type\)(.*?)\n\n",
                   (SOURCE / "src/scenario/lever.h").read_text(), re.S)[1].replace("\\\n", "")


def read_field(item):
    """{key: Field} of one entry of a table of fields."""
    required = ".required = true" in item
    if item.startswith("RECOUP_LEVER_HEADER_FIELDS("):
        return {}  # the keys that all levers share have their own section
    for pattern, kind in ((r'RECOUP_KEY\("(\w+)", (\w+),', None), (r'KEY\("?(\w+)"?, (\w+)[,)]', None),
                          (r"\{\s*RECOUP_KEY\(\w+, (\w+), RECOUP_FIELD_(\w+)\)", None),
                          (r'\{\s*"(\w+)", RECOUP_FIELD_(\w+),', None),
                          (r'(?:POSITIVE|ANY)\("(\w+)", \d\)', "NUMBER"), (r"(FAMILY)\Z", "TEXT")):
        match = re.match(pattern, item)
        if match:
            of_family = kind is not None
            name = "family" if match[1] == "FAMILY" else match[1]
            return {name: Field(kind or match[2], required or of_family)}
    raise AssertionError(f"not understood: {item}")


def read_fields(file, array):
    fields = {}
    for item in read_array(SOURCE / "src" / file, rf"recoup_field {array}"):
        fields.update(read_field(item))
    assert fields or array == "never_fields", f"{file}: {array}"
    return fields


def arrays_of(folder):
    """Every table of fields below src/FOLDER: (file, array)."""
    return {(str(path.relative_to(SOURCE / "src")), name)
            for path in (SOURCE / "src" / folder).glob("*.c")
            for name in re.findall(r"recoup_field (\w+)\[\w*\] =", path.read_text())}


# --- the manual's tables ----------------------------------------------------------------------------

def section_of(page, heading):
    text = re.sub(r"(?ms)^```.*?^```\n", "", (SOURCE / "docs" / page).read_text())
    if not heading:
        return text
    return re.search(rf"(?ms)^#+ {re.escape(heading)}\n(.*?)(?=^## |\Z)", text)[1]


def rows_of(page, heading, first):
    """Rows of the tables whose first column is called `first`."""
    rows = []
    for head, body in re.findall(r"(?m)^(\|.*\|)\n\|[-|: ]+\|\n((?:^\|.*\|\n?)*)", section_of(page, heading)):
        names = [cell.strip() for cell in head.strip("|").split("|")]
        if names[0] != first:
            continue
        for line in body.splitlines():
            cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip("|"))]
            assert len(cells) == len(names), line
            keys = [key.strip() for key in cells[0].removesuffix("~").split(",")]
            by_name = dict(zip(names, cells))
            required = (by_name["default"] == "required" if "default" in by_name
                        else cells[-1].startswith("required"))
            rows.append(Row(keys, by_name.get("dimensions", ""), cells[0].endswith("~"),
                            "default" in by_name, required))
    return rows


def plain(key):
    """Without the parts that stand for any name: exits.STAGE.EXIT is exits."""
    return ".".join(part for part in key.split(".") if not part.isupper())


def documented(page, heading, first="key"):
    """{key: Row}; no key twice."""
    found = {}
    for row in rows_of(page, heading, first):
        for key in map(plain, row.keys):
            assert key not in found, f"{page}: {key} twice"
            found[key] = row
    return found


# Where the keys of each table of fields are documented: page, section, heading of the first column,
# what stands before the key.
SCENARIO = "scenario.md", "", "key"
TABLES = "tables.md", "Tables of other systems", "key"
PLAN = "levers.md", "A plan", "key"
MODEL = "model-files.md", "model.yaml", "key"
EXIT = "model-files.md", "model.yaml", "key of an exit"
AMOUNT = "model-files.md", "model.yaml", "key of amount"
PLACES = {
    ("scenario/keys.c", "scenario_fields"): (SCENARIO, ""),
    ("scenario/keys.c", "period_fields"): (SCENARIO, "period."),
    ("scenario/keys.c", "cohorts_fields"): (SCENARIO, "cohorts."),
    ("scenario/keys.c", "simulation_fields"): (SCENARIO, "simulation."),
    ("scenario/keys.c", "pipeline_fields"): (SCENARIO, "pipeline."),
    ("scenario/keys.c", "quota_fields"): (SCENARIO, "quota."),
    ("scenario/keys.c", "plan_fields"): (PLAN, ""),
    ("scenario/keys.c", "action_fields"): (PLAN, "actions."),
    ("scenario/data.c", "data_fields"): (SCENARIO, "data."),
    ("scenario/data.c", "table_fields"): (TABLES, ""),
    ("scenario/data.c", "join_fields"): (TABLES, "join."),
    ("scenario/data.c", "flag_fields"): (TABLES, "columns.outcome."),
    ("scenario/decisions.c", "fields"): (SCENARIO, "decisions."),
    ("scenario/diagnosis.c", "fields"): (SCENARIO, "diagnosis."),
    ("scenario/diagnosis.c", "target_fields"): (SCENARIO, "diagnosis.target."),
    ("scenario/benchmarks.c", "fields"): (SCENARIO, "benchmarks."),
    ("scenario/benchmarks.c", "benchmark_fields"): (SCENARIO, "benchmarks."),
    ("scenario/optimize.c", "optimization_fields"): (SCENARIO, "optimize."),
    ("scenario/optimize.c", "candidate_fields"): (SCENARIO, "optimize.candidates."),
    ("scenario/optimize.c", "level_fields"): (SCENARIO, "optimize.candidates.levels."),
    ("scenario/lever_reassign.c", "from_fields"): (("levers.md", "reassign", "key"), "from."),
    ("scenario/lever_reassign.c", "to_fields"): (("levers.md", "reassign", "key"), "to."),
    ("scenario/lever_reassign.c", "deals_fields"): (("levers.md", "reassign", "key"), "deals."),
    ("model/read.c", "model_fields"): (MODEL, ""),
    ("model/read.c", "market_fields"): (MODEL, "market."),
    ("model/read.c", "quarter_end_fields"): (MODEL, "market.quarter_end."),
    ("model/read.c", "mix_fields"): (MODEL, "mix."),
    ("model/read_new.c", "rate_fields"): (MODEL, "arrivals."),
    ("model/read_new.c", "fit_fields"): (MODEL, "fit."),
    ("model/read_new.c", "count_fields"): (MODEL, "fit.stages."),
    ("model/read_new.c", "amount_se_fields"): (MODEL, "fit.amount_se."),
    ("model/read_exits.c", "exit_fields"): (EXIT, ""),
    ("model/read_exits.c", "se_fields"): (EXIT, "se."),
    ("model/read_exits.c", "fit_fields"): (EXIT, "fit."),
    ("model/read_new.c", "amount_fields"): (AMOUNT, ""),
    ("model/read_new.c", "revision_fields"): (AMOUNT, "revision."),
    ("model/read_new.c", "discount_fields"): (AMOUNT, "discount."),
}
LEVERS = re.findall(r"\[RECOUP_LEVER_\w+\] = &recoup_lever_(\w+)",
                    (SOURCE / "src/scenario/lever.c").read_text())
for lever in LEVERS:
    file = "focus.c" if lever.endswith("_focus") else f"lever_{lever}.c"
    PLACES[f"scenario/{file}", "fields", lever] = (("levers.md", lever, "key"), "")

FAMILIES = {"exponential": "exponential", "weibull": "shape_scale", "gamma": "shape_scale",
            "lognormal": "lognormal", "loglogistic": "shape_scale", "gengamma": "gengamma",
            "never": "never"}


class Keys(unittest.TestCase):
    def test_every_table_is_looked_at(self):
        known = {place[:2] for place in PLACES} | {("model/family.c", f"{name}_fields")
                                                   for name in FAMILIES.values()}
        self.assertEqual(arrays_of("scenario") | arrays_of("model"), known)

    def test_keys(self):
        expected = {}  # by section
        for (file, array, *_), (section, prefix) in PLACES.items():
            for key, field in read_fields(file, array).items():
                expected.setdefault(section, {})[prefix + key] = field
        for section, fields in expected.items():
            with self.subTest(section=section):
                there = documented(*section)
                # A mapping is documented by its keys.
                parents = {key for key in fields
                           if key not in there and any(other.startswith(key + ".") for other in there)}
                self.assertEqual(set(there), set(fields) - parents)
                for key in there:
                    field = fields[key]
                    # Without a column for it, only keys of the whole are said to be required.
                    within = "." in key and not there[key].has_default
                    self.assertEqual(there[key].required, field.required and not within,
                                     f"{section} {key}: required")
                    if section[0] == "levers.md":
                        self.assertEqual(there[key].is_effect, field.kind == "EFFECT", f"{section} {key}: ~")

    def test_shared_by_levers(self):
        fields = {}
        for item in split_list(HEADER):
            fields.update(read_field(item))
        self.assertGreater(len(fields), 8)
        self.assertEqual(set(documented("levers.md", "What all levers share")), set(fields))

    def test_levers(self):
        """Each has its section with a formula or an example."""
        self.assertGreater(len(LEVERS), 10)
        headings = re.findall(r"(?m)^## (\w+)$", section_of("levers.md", ""))
        self.assertEqual(set(headings), {*LEVERS, "Effects"})
        for name in LEVERS:
            self.assertIn("*Example.*", section_of("levers.md", name), name)

    def test_examples(self):
        """The figures of the worked examples, computed again."""
        def share(logit):
            return f"{100 / (1 + exp(-logit)):.1f} %"

        outbound, more = .12 * .5**.5, 1.5**.5
        expected = {
            "What all levers share": [share(logit + x).replace(" %", "") for logit in (-log(4), 0, log(4))
                                      for x in (.1, .2, .4, .8)],
            "Effects": [f"{round(.25 * .5 * .8, 2):g}".lstrip("0")],
            "adjust": [share(.2), f"{10 * .7:g} days"],
            "reassign": [f"{10 + 4 * 30 / 40:g} days old", f"{25 + 15} at 30 / 40"],
            "channel_focus": [f"{.5**.5:.3f}"[1:], f"{more:.3f}", f"{outbound:.3f}"[1:],
                              f"{outbound + (.072 + .048) * more:.3f}"[1:]],
            "segment_focus": [f"{.6**.5:.3f}"[1:], f"{1.4**.5:.3f}",
                              f"{.5 * .6**.5 + .5 * 1.4**.5:.3f}"[1:]],
            "scrub": [f"{(1 + 2 / 8)**.5:.3f}"],
            "discount_limit": [f"{70000 * .8 / .7:,.0f}", share(log(1.5) - .03 * 100 * (.3 - .2)),
                               f"{round(80000 / (1 + exp(.3 - log(1.5))), -2):,.0f}", f"{.6 * 70000:,.0f}"],
            "coach": [share(4.5 / 10 * .4), share(.4)],
            "unblock": [f"{100 * (1 - exp(-2 * 5 / 10)):.1f} %", f"{100 * (1 - exp(-5 / 10)):.1f} %"],
            "activity": [f"{1.3**(.5 * 4.5 / 10):.3f}", f"{1.3**.5:.3f}"],
            "incentive": [f"{4 + 2 * 6 + 2} days", f"{100 * (1 - exp(-18 / 10)):.1f} %"],
            "hire": [f"{2 * (1 + .45 * 2 / 4):.2f} a day", f"on {2 * (1 + 2 / 4):g}."],
            "quota_relief": [f"{1000 * .9 - 50:g};", f"{200 * .85:g}."],
        }
        self.assertEqual(set(expected) - {"What all levers share", "Effects"}, set(LEVERS))
        for heading, figures in expected.items():
            text = " ".join(section_of("levers.md", heading).split())
            for figure in figures:
                self.assertIn(figure, text, heading)

    def test_families(self):
        rows = {row.keys[0]: row for row in rows_of("model-files.md", "model.yaml", "family")}
        self.assertEqual(set(rows), set(FAMILIES))
        text = section_of("model-files.md", "model.yaml")
        for name, array in FAMILIES.items():
            parameters = re.search(rf"(?m)^\| {name} \| ([^|]*) \|$", text)[1]
            listed = re.split(r",\s*", re.sub(r"\s*\(.*?\)", "", parameters))
            fields = [key for key in read_fields("model/family.c", f"{array}_fields") if key != "family"]
            if fields:
                self.assertEqual(listed, fields, name)
            else:
                self.assertTrue(parameters.startswith("none"), name)


class Variables(unittest.TestCase):
    SCHEMA = SOURCE / "src/results/schema.c"

    def dimension(self, name):
        return name.removeprefix("RECOUP_DIMENSION_").lower()

    def variables(self):
        """{name: dimensions}"""
        found = {}
        for item in read_array(self.SCHEMA, "recoup_variable recoup_variables"):
            macro, arguments = re.fullmatch(r"(\w+)\((.*)\)", item, re.S).groups()
            arguments = split_list(arguments)
            if macro in ("TABLE", "DECISION"):
                arguments = arguments[1:]
            elif macro == "LABEL":
                arguments.insert(1, "1")
            elif macro not in ("NUMBER", "MISSABLE"):
                raise AssertionError(f"not understood: {item}")
            name, rank = arguments[0], int(arguments[1])
            dims = "PLAN" if macro == "DECISION" else arguments[2]
            dims = split_list(re.sub(r"\ADIMS\((.*)\)\Z", r"\1", dims, flags=re.S))[:rank]
            self.assertEqual(len(dims), rank, item)
            found[name] = [self.dimension(dim) for dim in dims]
        return found

    def dimensions(self):
        items = read_array(self.SCHEMA, "recoup_dimension recoup_dimensions")
        return [re.match(r'(?:SIZE|MAYBE)\("(\w+)"|\{"(\w+)"', item).group(1, 2) for item in items]

    def test_variables(self):
        code = self.variables()
        dimensions = {a or b for a, b in self.dimensions()}
        self.assertGreater(len(dimensions), 15)
        self.assertGreater(len(code), 60)
        there = {}
        for row in rows_of("results.md", "", "variable"):
            each = [part.strip() for part in row.dimensions.split(";")]
            for i, name in enumerate(row.keys):
                self.assertNotIn(name, there)
                there[name] = [dim.strip() for dim in each[i if len(each) > 1 else 0].split(",") if dim.strip()]
        self.assertEqual(there, {name: dims for name, dims in code.items() if [name] != dims})
        sentence = re.search(r"(?s)\nDimensions: (.*?)\n\n", section_of("results.md", ""))[1]
        self.assertEqual(set(re.findall(r"`(\w+)`", sentence)) - {"decisions", "conditional"}, dimensions)
        coordinates = {name for name, dims in code.items() if [name] == dims}
        self.assertEqual(coordinates, dimensions - {"path"})

    def test_attributes(self):
        items = read_array(self.SCHEMA, "recoup_attribute recoup_attributes")
        paragraph = re.search(r"(?s)\nAttributes of the file: (.*?)\n\n", section_of("results.md", ""))[1]
        named = set(re.findall(r"`(\w+)`", paragraph))
        self.assertGreater(len(items), 12)
        for item in items:
            self.assertIn(re.fullmatch(r"(?:TEXT|INTEGER|OPTIONAL)\((\w+)\)", item)[1], named)


if __name__ == "__main__":
    unittest.main()
