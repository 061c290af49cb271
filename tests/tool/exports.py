#!/usr/bin/env python3
"""Exported machines behave as the tool does: usage: exports.py TOOL MACHINE|FILE.json

Reads what `machine show --as scxml` and `--as xstate` print with two small interpreters, written here from the W3C's SCXML 1.0
and from XState's configuration format, for flat machines; checks that both are well formed; and walks them through random
events beside `machine run`, and beside each other, step by step.
"""
import json
import random
import re
import subprocess
import sys
import xml.etree.ElementTree as ET

WALKS = 40
STEPS = 500
SCXML = "{http://www.w3.org/2005/07/scxml}"


class Broken(Exception):
    """The export is not what its format asks for."""


def need(holds, what):
    if not holds:
        raise Broken(what)


class Walker:
    """A flat machine: where it stands, and for each state and event the choices in document order."""

    def __init__(self, initial, states, finals):
        self.state, self.states, self.finals = initial, states, finals
        need(initial in states, f"the initial state {initial} is none of the states")
        for name, events in states.items():
            for event, choices in events.items():
                for _, target in choices:
                    need(target is None or target in states, f"{name} on {event} leads to {target}, which is no state")
                free = [i for i, (guard, _) in enumerate(choices) if guard is None]
                need(free in ([], [len(choices) - 1]), f"{name} on {event} has choices behind one that is always taken")

    def send(self, event, guards):
        for guard, target in self.states[self.state].get(event, []):
            if guard is None or guard in guards:
                self.state = self.state if target is None else target
                break
        return self.state

    @property
    def ended(self):
        return self.state in self.finals


def from_scxml(text):
    root = ET.fromstring(text)
    need(root.tag == SCXML + "scxml", "the root is no scxml element of the W3C's namespace")
    need(root.get("version") == "1.0", "the version is not 1.0")
    need(root.get("datamodel") == "ecmascript", "the data model is not ecmascript")
    states, finals = {}, set()
    for state in root:
        need(state.tag in (SCXML + "state", SCXML + "final"), f"<{state.tag}> is none of the states")
        name = state.get("id")
        need(name and re.fullmatch(r"[A-Za-z_][\w.-]*", name), f"{name!r} is no id")
        need(name not in states, f"the id {name} stands twice")
        if state.tag == SCXML + "final":
            finals.add(name)
            need(len(state) == 0, f"the final state {name} has children")
        events = states.setdefault(name, {})
        for choice in state:
            need(choice.tag == SCXML + "transition", f"<{choice.tag}> in {name} is no transition")
            cond = choice.get("cond")
            guard = None
            if cond is not None:
                read = re.fullmatch(r"_event\.data\.([A-Za-z_]\w*)", cond)
                need(read, f"the condition {cond} does not read _event.data")
                guard = read[1]
            need(choice.get("event"), f"a transition of {name} has no event")
            for event in choice.get("event").split():
                events.setdefault(event, []).append((guard, choice.get("target")))
    return Walker(root.get("initial"), states, finals)


def from_xstate(text):
    config = json.loads(text)
    need(set(config) <= {"id", "initial", "states", "meta", "description", "version"}, f"unknown keys in {sorted(config)}")
    states, finals = {}, set()
    for name, state in config["states"].items():
        need(set(state) <= {"on", "type", "meta", "description"}, f"unknown keys in {name}: {sorted(state)}")
        if state.get("type") == "final":
            finals.add(name)
            need(not state.get("on"), f"the final state {name} answers events")
        events = states.setdefault(name, {})
        for event, choices in state.get("on", {}).items():
            for choice in choices if isinstance(choices, list) else [choices]:
                choice = {"target": choice} if isinstance(choice, str) else choice
                need(set(choice) <= {"guard", "target", "actions", "meta", "description"}, f"unknown keys: {sorted(choice)}")
                events.setdefault(event, []).append((choice.get("guard"), choice.get("target")))
    return Walker(config["initial"], states, finals)


def names_of(walker):
    events = sorted({e for state in walker.states.values() for e in state})
    guards = sorted({g for state in walker.states.values() for choices in state.values() for g, _ in choices if g})
    return events, guards


def main():
    tool, name = sys.argv[1:]
    chosen = ["--file", name] if name.endswith(".json") else [name]

    def ask(*arguments, given=None):
        return subprocess.run([tool, "machine", *arguments, *chosen], input=given, stdout=subprocess.PIPE, check=True,
                              text=True, encoding="utf-8").stdout

    try:
        walkers = {"SCXML": from_scxml(ask("show", "--as", "scxml")), "XState": from_xstate(ask("show", "--as", "xstate"))}
    except (Broken, ET.ParseError, KeyError, ValueError) as problem:
        print(f"{name}: the export is broken: {problem}")
        return 1
    events, guards = names_of(walkers["SCXML"])
    if (events, guards) != names_of(walkers["XState"]) or not events:
        print(f"{name}: SCXML and XState name other events or guards")
        return 1
    described = json.loads(ask("show", "--as", "json"))
    if set(described["states"]) != set(walkers["SCXML"].states) or set(guards) - set(described.get("guards", [])):
        print(f"{name}: JSON names other states or guards")
        return 1

    dice = random.Random(20260302)
    visited = {described["start"]}
    for _ in range(WALKS):  # several, since a final state ends a walk
        script = [(dice.choice(described["events"]), [g for g in guards if dice.random() < 0.5]) for _ in range(STEPS)]
        ours = ask("run", given="".join(" ".join([event, *holding]) + "\n" for event, holding in script)).split()
        if len(ours) != STEPS:
            print(f"{name}: {STEPS} events gave {len(ours)} states")
            return 1
        visited.update(ours)
        for walker in walkers.values():
            walker.state = described["start"]
        for step, ((event, holding), state) in enumerate(zip(script, ours), 1):
            for form, walker in walkers.items():
                if not walker.ended and walker.send(event, holding) != state:
                    print(f"{name}: step {step}, {event} {' '.join(holding)}: {form} goes to {walker.state}, machine run to {state}")
                    return 1
    if visited != set(described["states"]):
        print(f"{name}: no walk saw {', '.join(sorted(set(described['states']) - visited))}")
        return 1
    print(f"{name}: {WALKS} walks of {STEPS} events, {len(events)} kinds, {len(guards)} guards: no difference")
    return 0


if __name__ == "__main__":
    sys.exit(main())
