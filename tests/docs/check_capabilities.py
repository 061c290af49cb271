#!/usr/bin/env python3
"""Checks docs/capabilities.md: check_capabilities.py ROOT

Every id of the requirement book stands there once, with a known state; what is done or partial names a
public type, tests that exist and a command, and what is not yet there names none of them.
"""
import pathlib
import re
import sys

FAMILIES = {"BASE": 9, "REL": 10, "DEV": 8, "ARC": 9, "SEG": 8, "RET": 8, "FOR": 4, "POW": 14, "CRE": 10, "ENG": 11}
STATES = ("done", "partial", "not yet")
NONE = "–"


def faults_in(page, root):
    wanted = [f"{family}-{n}" for family, last in FAMILIES.items() for n in range(1, last + 1)]
    rows = [[cell.strip() for cell in line.strip().strip("|").split("|")]
            for line in page.splitlines() if re.match(r"\| [A-Z]{3,4}-\d+ \|", line)]
    found = [row[0] for row in rows]
    for id in wanted:
        if found.count(id) != 1:
            yield f"{id} stands there {found.count(id)} times"
    for id in found:
        if id not in wanted:
            yield f"{id} is no id of the requirement book"
    for row in rows:
        if len(row) != 6 or row[5] not in STATES:
            yield f"{row[0]}: six cells, the last one of {', '.join(STATES)}"
            continue
        id, what, kind, tests, command, state = row
        if not what:
            yield f"{id}: nothing says what it is"
        named = re.findall(r"`((?:tests|examples)/[^`]+)`", tests)
        if state == "not yet":
            if (kind, tests, command) != (NONE, NONE, NONE):
                yield f"{id} is not there yet, but names a type, a test or a command"
            continue
        if kind == NONE or command == NONE or not named:
            yield f"{id} is {state}, but lacks a type, a test or a command"
        for path in named:
            if not (root / path).is_file():
                yield f"{id}: there is no {path}"


def main():
    root = pathlib.Path(sys.argv[1])
    page = (root / "docs/capabilities.md").read_text(encoding="utf-8")
    # a page with a line missing is noticed, or this check is worth nothing
    lines = page.splitlines()
    shorter = "\n".join(line for line in lines if not line.startswith("| REL-4 |"))
    assert "REL-4 stands there 0 times" in list(faults_in(shorter, root))
    faults = list(faults_in(page, root))
    for fault in faults:
        print(f"docs/capabilities.md: {fault}", file=sys.stderr)
    print(f"capabilities: {sum(FAMILIES.values())} ids, {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
