#!/usr/bin/env python3
"""The stages of a replayed book and the flows between them: flows.py CUSTOMERS.jsonl DECISIONS.jsonl

With --pick it prints three customers worth explaining instead: one in decline, one that fell and came
back, one that rose furthest, each with a word on why.
"""
import collections
import json
import sys

ORDER = ("prospect", "initial", "stable", "strategic", "declining", "ended")


def rows(path):
    with open(path, encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.strip()]


def moves(decisions):
    """Every change of stage, in the order of the decisions: (customer, from, to)."""
    return [(d["customer"], d["from"], d["to"]) for d in decisions
            if d.get("to") and d.get("from") and d["from"] != d["to"]]


def show(customers, decisions):
    now = collections.Counter(c["stage"] for c in customers)
    flows = collections.Counter((a, b) for _, a, b in moves(decisions))
    stages = [s for s in ORDER if now[s] or any(s in pair for pair in flows)]
    stages += sorted(set(now) - set(stages))
    width = max(len(s) for s in stages) + 2
    print("stage".ljust(width) + "now".rjust(7) + "   moved to:" + "".join(s.rjust(width) for s in stages))
    for a in stages:
        cells = "".join((str(flows[a, b]) if flows[a, b] else "·").rjust(width) for b in stages)
        print(a.ljust(width) + str(now[a]).rjust(7) + " " * 12 + cells)
    print("total".ljust(width) + str(sum(now.values())).rjust(7) + f"   {sum(flows.values())} changes of stage")


def pick(customers, decisions):
    history = collections.defaultdict(list)
    for customer, _, to in moves(decisions):
        history[customer].append(to)
    wanted = (
        ("in decline", lambda c, h: c["stage"] == "declining" and len(h) >= 2),
        ("fell and came back", lambda c, h: "declining" in h and c["stage"] in ("stable", "strategic")),
        ("rose furthest", lambda c, h: c["stage"] == "strategic" or h),
        ("as good as any", lambda c, h: True),
    )
    chosen = []
    for why, fits in wanted:
        for c in sorted(customers, key=lambda c: (abs(len(history[c["customer"]]) - 4), c["customer"])):
            if len(chosen) < 3 and c["customer"] not in chosen and fits(c, history[c["customer"]]):
                chosen.append(c["customer"])
                print(c["customer"])
                if why != "as good as any":
                    break


if __name__ == "__main__":
    words = [word for word in sys.argv[1:] if word != "--pick"]
    (pick if "--pick" in sys.argv else show)(rows(words[0]), rows(words[1]))
