"""Every kind of record and each of its fields is in docs/results.md, and nothing else;
usage: check_documented.py SOURCE_FOLDER"""

import re
import sys
from pathlib import Path

source = Path(sys.argv[1])
header = (source / "include/recoup/diagnosis.h").read_text()
table = (source / "src/results/record_types.c").read_text()
page = (source / "docs/results.md").read_text()

listed = re.search(r"#define RECOUP_RECORD_LIST\(X\)(.*?)\n\n", header, re.S).group(1)
kinds = re.findall(r"X\([A-Z]+, (\w+),", listed)
fields = {kind: re.findall(r"FIELD\((\w+),", body)
          for kind, body in re.findall(r"recoup_record_field (\w+)_fields\[\] = \{(.*?)\n\};", table, re.S)}
assert len(kinds) > 10 and sorted(kinds) == sorted(fields), (kinds, list(fields))

section = re.search(r"\n## Diagnosis\n(.*)", page, re.S).group(1)
documented = {}
for line in section.splitlines():
    cells = [cell.strip() for cell in line.strip("|").split("|")]
    if line.startswith("| ") and len(cells) == 3 and cells[0] != "kind":
        names = re.sub(r"\([^()]*\)", "", cells[2])  # explanations stand in brackets
        assert cells[0] not in documented, f"{cells[0]} is documented twice"
        documented[cells[0]] = [name.strip() for name in names.split(",")]

assert list(documented) == kinds, f"kinds {list(documented)}, expected {kinds}"
for kind in kinds:
    assert documented[kind] == fields[kind], f"{kind}: {documented[kind]}, expected {fields[kind]}"
print(f"{len(kinds)} kinds, {sum(map(len, fields.values()))} fields")
