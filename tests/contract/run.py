#!/usr/bin/env python3
"""Holds the tool to its contract from outside: runs cases, each a few commands and what they must answer.

usage: run.py TOOL CASE.json...
       run.py TOOL --self-test       the runner itself must notice what is wrong

A case is one JSON object:
  why, source   what it shows, and where that is promised
  feed          facts, one a line: objects, or strings that are written as they are; its path is @feed
  files         more files: {"@name": [lines] or "text"}; any other @name is a path that nothing stands at yet
  steps         commands in order, each an object:
    cmd         arguments; a word that is or ends in @name has the path in its place
    input       what stands on its standard input: "@name", or text
    exit        its exit code, 0 unless said
    says        texts that standard error must have; hides: texts that it must not have
    save        "@name": where its standard output is kept for later steps
    same        "@name": the answer is that file, byte for byte
    read        "@name": the file that is the answer, instead of standard output
    as          rows (objects a line, by customer; what replay prints), lines (objects a line), json, text;
                rows for replay, json after --format json, else text
    expect      {path: value}: a path is dotted, numbers index lists, # is a length; "" is the whole.
                A value is what must be there, or one of {"lt"|"gt": n}, {"near": [n, by]}, {"in": [...]},
                {"has": part}, {"lacks": part}, {"like": regular expression}, {"absent": true}, {"keys": [...]}
"""
import json
import os
import re
import subprocess
import sys
import tempfile

ABSENT = object()


def at(value, path):
    """What stands at a dotted path, or ABSENT."""
    for key in path.split(".") if path else []:
        if key == "#":
            value = len(value)
        elif isinstance(value, list):
            if not key.lstrip("-").isdigit() or not -len(value) <= int(key) < len(value):
                return ABSENT
            value = value[int(key)]
        elif isinstance(value, dict) and key in value:
            value = value[key]
        else:
            return ABSENT
    return value


def holds(saw, want):
    """Whether what was seen is what is wanted."""
    if not isinstance(want, dict):
        # 1 is not true, and true is not 1
        return saw is not ABSENT and saw == want and isinstance(saw, bool) == isinstance(want, bool)
    if "absent" in want:
        return (saw is ABSENT) == want["absent"]
    if saw is ABSENT:
        return False
    checks = {
        "lt": lambda n: saw < n,
        "gt": lambda n: saw > n,
        "near": lambda n: abs(saw - n[0]) <= n[1],
        "in": lambda all: saw in all,
        "has": lambda part: part in saw,
        "lacks": lambda part: part not in saw,
        "like": lambda pattern: re.search(pattern, saw, re.M) is not None,
        "keys": lambda keys: isinstance(saw, dict) and set(keys) <= set(saw),
    }
    return all(checks[name](value) for name, value in want.items())


def shown(value):
    return "nothing" if value is ABSENT else json.dumps(value, ensure_ascii=False)[:300]


def parsed(text, form):
    if form == "text":
        return text
    if form == "json":
        return json.loads(text)
    objects = [json.loads(line) for line in text.splitlines() if line]
    if form == "lines":
        return objects
    return {o["customer"]: o for o in objects}


def form_of(command):
    """How the answer of a command is read where the case does not say."""
    if command[-1:] == ["json"]:
        return "json"
    return "rows" if command[0] == "replay" and "--format" not in command and "--help" not in command else "text"


def written(content):
    if isinstance(content, str):
        return content
    return "".join((line if isinstance(line, str) else json.dumps(line, ensure_ascii=False)) + "\n" for line in content)


class Case:
    def __init__(self, tool, case, folder):
        self.tool, self.case, self.folder = tool, case, folder
        self.misses = []
        files = dict(case.get("files", {}))
        if "feed" in case:
            files["@feed"] = case["feed"]
        for name, content in files.items():
            with open(self.path(name), "w", encoding="utf-8", errors="surrogateescape", newline="") as file:
                file.write(written(content))

    def path(self, word):
        """The word with the path in the place of @name."""
        return re.sub(r"@([a-z_0-9.]+)$", lambda m: os.path.join(self.folder, m[1]), word)

    def content(self, name):
        with open(self.path(name), "rb") as file:
            return file.read()

    def step(self, step):
        given = step.get("input", "")
        given = self.content(given) if re.fullmatch("@[a-z_0-9.]+", given) else given.encode()
        run = subprocess.run([self.tool] + [self.path(word) for word in step["cmd"]], input=given, capture_output=True,
                             timeout=120, check=False)
        told = run.stderr.decode(errors="replace")
        miss = self.misses.append
        if run.returncode != step.get("exit", 0):
            miss(f"exit code {run.returncode}, not {step.get('exit', 0)}: {told[-300:]}")
            return
        for text in step.get("says", []):
            if text not in told:
                miss(f"standard error lacks {text!r}: {told[-300:]!r}")
        for text in step.get("hides", []):
            if text in told:
                miss(f"standard error has {text!r}")
        if "save" in step:
            with open(self.path(step["save"]), "wb") as file:
                file.write(run.stdout)
        answer = self.content(step["read"]) if "read" in step else run.stdout
        if "same" in step and answer != self.content(step["same"]):
            miss(f"{step.get('read', 'standard output')} is not {step['same']}: {answer[:200]!r}")
        if "expect" not in step:
            return
        form = step.get("as") or form_of(step["cmd"])
        text = answer.decode()
        try:
            saw = parsed(text, form)
        except ValueError as problem:
            miss(f"the output is not {form}: {problem}: {text[:200]!r}")
            return
        for path, want in step["expect"].items():
            try:
                ok = holds(at(saw, path), want)
            except (TypeError, ValueError):
                ok = False
            if not ok:
                miss(f"{path or 'the output'} is {shown(at(saw, path))}, not {shown(want)}")

    def run(self):
        for number, step in enumerate(self.case["steps"], 1):
            before = len(self.misses)
            try:
                self.step(step)
            except subprocess.TimeoutExpired:
                self.misses.append("no end after two minutes")
            for i in range(before, len(self.misses)):
                self.misses[i] = f"step {number} ({' '.join(step['cmd'])[:80]}): {self.misses[i]}"
        return self.misses


def run(tool, case):
    with tempfile.TemporaryDirectory() as folder:
        return Case(tool, case, folder).run()


def self_test(tool):
    order = {"ref": "o", "at": "2025-02-01", "customer": "C", "fact": "order_placed", "order": "O", "amount": "1.00 EUR"}
    def one(**step):
        return {"feed": [order], "steps": [{"cmd": ["replay", "@feed"], **step}]}
    sound = [one(expect={"C.stage": "initial"}), one(says=["1 applied"], hides=["1 rejected"]), one(expect={"C.evidence.#": 0})]
    wrong = [one(exit=1), one(says=["2 applied"]), one(hides=["1 applied"]), one(same="@feed"), one(expect={"C.stage": "stable"}),
             one(expect={"C.stage": {"absent": True}}), one(expect={"D": {"in": [1]}}), one(expect={"C.risk.x": {"gt": 0}}),
             one(expect={"C.evidence.#": {"gt": 0}}), one(**{"as": "json", "expect": {"stage": "x"}}), one(expect={"C": {"keys": ["none"]}})]
    missed = [c for c in sound if run(tool, c)] + [c for c in wrong if not run(tool, c)]
    for case in missed:
        print("the runner is wrong about", json.dumps(case["steps"]))
    return not missed


def main():
    tool, *cases = sys.argv[1:]
    if cases == ["--self-test"]:
        return 0 if self_test(tool) else 1
    failed = 0
    for path in cases:
        with open(path, encoding="utf-8") as file:
            case = json.load(file)
        misses = run(tool, case)
        failed += bool(misses)
        if misses:
            print(f"{os.path.basename(path)}: {case['why']} ({case['source']})")
            for miss in misses:
                print("   ", miss)
    print(f"{len(cases) - failed} of {len(cases)} cases hold")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
