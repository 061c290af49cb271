#!/usr/bin/env python3
"""Every customer of two real books goes the way of the rules: usage: independent.py TOOL FOLDER

The rules of the lifecycle for customers of whom only orders are known, written again from the documentation alone
(docs/concepts.md; the defaults are those of the default rulebook), over the raw files of CDNOW and Online Retail II. Every
change of stage that the tool decides must be the one found here, on the same day, for each of 29,451 customers.
Exit code 77: the data are not at hand.
"""
import calendar
import collections
import csv
import datetime as dt
import json
import math
import os
import subprocess
import sys
import tempfile
from decimal import Decimal

WINDOW = 3               # months that are compared with the time before
DEFAULT_GAP, LEAST_GAP = 90, 7
EULER = 0.5772156649015329


def month(day):
    return day.year * 12 + day.month - 1


def last_of(number):
    return dt.date(number // 12, number % 12 + 1, calendar.monthrange(number // 12, number % 12 + 1)[1])


def beta_part(a, b, x):
    """The regularised incomplete beta function, by its continued fraction (Abramowitz and Stegun, 26.5.8)."""
    if x <= 0 or x >= 1:
        return float(x >= 1)
    if x > (a + 1) / (a + b + 2):
        return 1 - beta_part(b, a, 1 - x)
    front = math.exp(math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)) / a
    part = 0.0
    for m in range(400, 0, -1):  # from far inside outwards
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        part = even / (1 + odd / (1 + part))
    return front / (1 - (a + b) * x / (a + 1) / (1 + part))


def logarithm(value):
    """In 4096ths: to 1 in 256 beyond 511."""
    shift = max(value.bit_length() - 9, 0)
    return (int(math.log(value >> shift) * 4096 + 0.5) if value else 0) + shift * int(math.log(2) * 4096 + 0.5)


class Monitors:
    """What each order leaves of the customer's rhythm and amounts (docs/foresight.md)."""

    def __init__(self):
        self.gaps = self.days = self.logs = 0
        self.orders = self.sum = self.squares = self.recent = 0

    def came_back_after(self, days):
        self.gaps, self.days, self.logs = self.gaps + 1, self.days + days, self.logs + logarithm(days)

    def ordered(self, cents):
        if cents <= 0:
            return
        log = logarithm(cents)
        self.recent = self.recent + int((16 * log - self.recent) / 8) if self.orders else 16 * log
        self.orders, self.sum, self.squares = self.orders + 1, self.sum + log, self.squares + log * log

    def most_for_silence(self, days):
        own = max(math.log(self.days / self.gaps) - self.logs / 4096 / self.gaps, 0)
        spread = max((self.gaps * own + 0.5 * min(own, EULER) + 1.5 * EULER) / (self.gaps + 1.5), 1e-3)
        shape = (3 - spread + math.sqrt((spread - 3) ** 2 + 24 * spread)) / (12 * spread)
        chance = max(round(beta_part(self.gaps * shape, shape, self.days / (self.days + days)), 6), 1e-6)
        return min(round(500 + 750 * math.log10(0.05 / chance)), 2000) if chance <= 0.05 else 0

    def amounts_fall(self):
        n = self.orders
        if n < 8 or self.recent / 16 >= self.sum / n:
            return False
        weights = (1 - 0.875 ** (2 * n - 2)) / 64 / (1 - 0.875 ** 2) + 0.875 ** (2 * n - 2)
        variance = ((self.squares * n - self.sum ** 2) / n / 4096 ** 2 + 0.01) / n
        off = (self.recent / 16 - self.sum / n) / 4096 / math.sqrt(variance * (weights - 1 / n))
        return round(0.5 * beta_part((n - 1) / 2, 0.5, (n - 1) / (n - 1 + off * off)), 6) <= 0.01


def evidence(orders, on, gap, monitors, has_rhythm):
    """Weights of missed orders and of falling volume, in thousandths; and the volume in hundredths, None without a history.

    `orders` are those of the present cooperation: what was before a break is no measure of it.
    """
    silent = (on - orders[-1][0]).days
    weight = min(500 * (silent // gap - 1), 2000) if silent >= 2 * gap else 0
    if weight and has_rhythm:
        weight = min(weight, monitors.most_for_silence(silent))
    recent = sum(cents for day, cents in orders if month(day) > month(on) - WINDOW)
    before = sum(cents for day, cents in orders) - recent
    months = month(on) - WINDOW - month(orders[0][0]) + 1
    part = recent * months * 10_000 // (before * WINDOW) if months >= 1 and before > 0 else None
    if months >= 6 and part is not None and part < 7000:
        weight += 1000 if part < 4000 else 500
    elif monitors.amounts_fall():
        weight += 500
    if part is None:
        return weight, None
    return weight, recent * months * 100 // (before * WINDOW)


def path(orders, until):
    """The changes of stage of a customer with these orders, by day: (day, from, to)."""
    changes = []
    stage, since, fell_from, good_reviews = "prospect", orders[0][0], None, 0
    taken = began = 0  # orders that were read; the first of the present cooperation
    monitors = Monitors()

    def enter(to, on):
        nonlocal stage, since, fell_from, good_reviews
        changes.append((on.isoformat(), stage, to))
        fell_from, stage, since, good_reviews = stage, to, on, 0

    for number in range(month(orders[0][0]), month(until) + 1):
        on = last_of(number)
        while taken < len(orders) and orders[taken][0] <= on:
            if taken > 0 and orders[taken][0] > orders[taken - 1][0] and stage != "ended":
                monitors.came_back_after((orders[taken][0] - orders[taken - 1][0]).days)
            monitors.ordered(orders[taken][1])
            if stage in ("prospect", "ended"):
                began = taken
                enter("initial", orders[taken][0])
            taken += 1
        if on > until or stage in ("prospect", "ended"):
            continue
        known = orders[:taken]
        days = sorted({day for day, _ in known})
        gaps = len(days) - 1
        gap = DEFAULT_GAP if gaps < 2 else max(LEAST_GAP, ((days[-1] - days[0]).days + gaps // 2) // gaps)
        silent = (on - days[-1]).days
        weight, volume = evidence(known[began:], on, gap, monitors, gaps >= 2 and monitors.gaps >= 2)
        regular = (len(days) >= 6 and (on - known[began][0]).days >= 180 and silent <= 2 * gap and volume is not None and volume >= 80)
        good_reviews = good_reviews + 1 if regular else 0
        needed = 1500 if "stable" in (stage, stage == "declining" and fell_from) else 1000
        if stage != "declining":
            if weight >= needed:
                enter("declining", on)
            elif stage == "initial" and good_reviews >= 2 and (on - since).days >= 28:
                enter("stable", on)
        elif silent >= 365 and silent >= 4 * gap:
            enter("ended", on)
        elif 2 * weight <= needed and silent <= 2 * gap and on > since:
            enter("stable" if fell_from == "stable" and regular else "initial", on)
    return changes


def cdnow(folder):
    """Orders by customer, the feed as JSON Lines, and the tool's arguments."""
    book, feed = collections.defaultdict(list), []
    with open(os.path.join(folder, "cdnow", "CDNOW_master.txt"), encoding="ascii") as file:
        for number, line in enumerate(file):
            if number == 0:
                continue
            customer, date, _, dollars = line.split()
            day = dt.date(int(date[:4]), int(date[4:6]), int(date[6:]))
            book[customer].append((day, int(Decimal(dollars) * 100)))
            feed.append({"ref": str(number), "at": day.isoformat(), "customer": customer, "fact": "order_placed",
                         "order": str(number), "amount": dollars + " USD"})
    return book, "".join(json.dumps(fact) + "\n" for fact in feed), ["-"]


def online_retail(folder):
    book = collections.defaultdict(list)
    source = os.path.join(folder, "online_retail_ii", "invoices.csv")
    with open(source, encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["kind"] == "sale" and row["CustomerID"]:
                book[row["CustomerID"]].append((dt.date.fromisoformat(row["InvoiceDate"][:10]), int(Decimal(row["amount"]) * 100)))
    return book, "", [source, "--csv", "--fact", "order_placed", "--where", "kind=sale", "--currency", "GBP", "--date-format",
                      "%Y-%m-%d %H:%M:%S", "--map", "at=InvoiceDate,customer=CustomerID,order=Invoice,amount=amount"]


def main():
    tool, folder = sys.argv[1:]
    if not os.path.isdir(os.path.join(folder, "cdnow")) or not os.path.isdir(os.path.join(folder, "online_retail_ii")):
        print(f"skipped: the public data sets are not under {folder}")
        return 77
    different = 0
    for read in (cdnow, online_retail):
        book, feed, arguments = read(folder)
        until = max(orders[-1][0] for orders in book.values())
        decided = collections.defaultdict(list)
        with tempfile.TemporaryDirectory() as out:
            file = os.path.join(out, "decisions")
            done = subprocess.run([tool, "replay", *arguments, "--decisions", file], input=feed, stdout=subprocess.PIPE,
                                  stderr=subprocess.DEVNULL, check=False, text=True, encoding="utf-8")
            if done.returncode not in (0, 1) or len(done.stdout.splitlines()) != len(book):
                print(f"{read.__name__}: replay ends with {done.returncode} and {len(done.stdout.splitlines())} customers")
                return 1
            with open(file, encoding="utf-8") as lines:
                for decision in map(json.loads, lines):
                    if decision.get("to"):
                        decided[decision["customer"]].append((decision["at"][:10], decision["from"], decision["to"]))
        paths = {customer: path(orders, until) for customer, orders in book.items()}
        wrong = [customer for customer in paths if paths[customer] != decided[customer]]
        for customer in wrong[:5]:
            print(f"{read.__name__} {customer}: by the rules {paths[customer]}\n    decided {decided[customer]}")
        kinds = len({tuple(to for _, _, to in changes) for changes in paths.values()})
        print(f"{read.__name__}: {len(paths)} customers on {kinds} different ways, {len(wrong)} not by the rules")
        different += len(wrong)
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
