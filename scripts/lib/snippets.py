#!/usr/bin/env python3
"""Checks that what the documents quote is what the project says: snippets.py [--tool PATRON] ROOT

In README.md and docs/**/*.md, the fenced block under each of these markers is compared:

  <!-- snippet: examples/late_payment.cpp charge -->   the lines between `tag::charge[]` and
                                                       `end::charge[]` in that file, less their indent
  <!-- snippet: examples/late_payment.out -->          that whole file
  <!-- output: patron machine list -->                 what the tool prints, run in ROOT

`--self-test` shows that it notices a quotation that has drifted.
"""
import argparse
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile
import textwrap

MARKER = re.compile(r"^<!-- (snippet|output): (.+?) -->[ \t]*$", re.M)
BLOCK = re.compile(r"\n```[a-z]*\n(.*?)^```[ \t]*$", re.M | re.S)


class Drift(Exception):
    pass


def tagged(text, tag, path):
    lines, inside, found = [], False, False
    for line in text.splitlines():
        if re.search(rf"\bend::{re.escape(tag)}\[\]", line):
            inside = False
        elif re.search(rf"\btag::{re.escape(tag)}\[\]", line):
            inside = found = True
        elif inside and not re.search(r"\b(tag|end)::\w+\[\]", line):
            lines.append(line)
    if not found:
        raise Drift(f"{path} has no tag '{tag}'")
    if inside:
        raise Drift(f"the tag '{tag}' of {path} has no end")
    return textwrap.dedent("\n".join(lines))


def source_of(kind, what, root, tool):
    if kind == "output":
        words = shlex.split(what)
        if not words or words[0] != "patron":
            raise Drift(f"only the output of patron is quoted, not of '{what}'")
        run = subprocess.run([tool, *words[1:]], cwd=root, capture_output=True, text=True, check=False)
        if run.returncode not in (0, 1):
            raise Drift(f"'{what}' ends with {run.returncode}:\n{run.stderr}")
        return run.stdout
    path, _, tag = what.partition(" ")
    if not (root / path).is_file():
        raise Drift(f"there is no {path}")
    text = (root / path).read_text(encoding="utf-8")
    return tagged(text, tag, path) if tag else text


def check_page(page, root, tool):
    """Compares every marked block of a page; the number compared and what has drifted."""
    text = page.read_text(encoding="utf-8")
    name = page.relative_to(root)
    compared, faults = 0, []
    for marker in MARKER.finditer(text):
        kind, what = marker.groups()
        line = text.count("\n", 0, marker.start()) + 1
        if kind == "output" and tool is None:
            continue
        try:
            block = BLOCK.match(text, marker.end())
            if not block:
                raise Drift("no fenced block follows the marker")
            expected = source_of(kind, what, root, tool).strip("\n")
            if block.group(1).strip("\n") != expected:
                raise Drift(f"differs from {what}, which is now:\n{expected}")
            compared += 1
        except Drift as fault:
            faults.append(f"{name}:{line}: {fault}")
    return compared, faults


def check(root, tool):
    pages = [root / "README.md", *sorted((root / "docs").rglob("*.md"))]
    compared, faults = 0, []
    for page in pages:
        if page.is_file():
            more, wrong = check_page(page, root, tool)
            compared += more
            faults += wrong
    return compared, faults


def self_test():
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        (root / "a.cpp").write_text("int main() {\n    // tag::x[]\n    f();\n        g();\n    // end::x[]\n}\n")
        page = root / "README.md"

        def verdict(text):
            page.write_text(text)
            return check(root, None)

        assert verdict("<!-- snippet: a.cpp x -->\n```cpp\nf();\n    g();\n```\n") == (1, [])
        for broken in (
            "<!-- snippet: a.cpp x -->\n```cpp\nf();\n```\n",  # a line is missing
            "<!-- snippet: a.cpp y -->\n```cpp\nf();\n```\n",  # no such tag
            "<!-- snippet: b.cpp x -->\n```cpp\nf();\n```\n",  # no such file
            "<!-- snippet: a.cpp x -->\n\nwords\n",  # nothing quoted
        ):
            compared, faults = verdict(broken)
            assert compared == 0 and len(faults) == 1, broken


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("root", nargs="?", type=pathlib.Path, default=pathlib.Path("."))
    parser.add_argument("--tool", help="the patron program; without it quoted outputs are left unchecked")
    parser.add_argument("--self-test", action="store_true")
    options = parser.parse_args()
    if options.self_test:
        self_test()
        print("snippets: a drifted quotation is noticed")
        return 0
    compared, faults = check(options.root.resolve(), options.tool)
    for fault in faults:
        print(fault, file=sys.stderr)
    print(f"snippets: {compared} quotations match, {len(faults)} do not")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
