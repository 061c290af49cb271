#!/usr/bin/env python3
"""Writes golden.json: the models of insight/ at 40 digits, straight from the papers' integrals, by mpmath 1.3.

    python3 golden.py > golden.json

Nothing here is the formula that the library evaluates. Every figure is an integral over the customer's own rates and
chances, taken numerically: p over Beta(a, b), lambda over Gamma(r, alpha), mu over Gamma(s, beta), lambda in closed form.
"""
import json
from mpmath import mp, mpf, beta, exp, expm1, factorial, gamma, log, log1p, quad, rf

mp.dps = 40

# the published parameters, ones with a = 1 and s = 1 where formulas have removable singularities, and far ones
BG = [(".243", "4.414", ".793", "2.426"), ("2", "30", "1", "3"), (".05", ".4", ".02", "40"), ("12", "300", "3.5", ".6")]
PARETO = [(".553", "10.578", ".606", "11.669"), ("2", "5", "1", "40"), (".3", "200", "4", ".7")]
ROWS = [(0, "0", "38.86"), (1, "1.71", "38.86"), (2, "30.43", "38.86"), (7, "29.43", "38.86"), (26, "30.86", "31"),
        (10, "5", "38.86"), (60, "400", "520"), (3, ".1", "1000")]
HORIZONS = ["1", "39", "2000"]


def over_p(f, a, b):
    """The mean of f(p) over Beta(a, b), by s = logit p."""
    def part(s):
        p = 1 / (1 + exp(-s))
        q = 1 / (1 + exp(s))
        return p ** a * q ** b * f(p, q)
    # pieces grow outwards, up to where the slower tail has fallen by e^-100
    centre = log(a / b)
    points = [centre]
    for sign, fall in ((-1, min(a, mpf(1))), (1, min(b, mpf(1)))):
        step, at = mpf(2), centre
        while abs(at) < 100 / fall:
            at += sign * step
            points.append(at)
            step = min(2 * step, 8 / fall)
    points.sort()
    return quad(part, points, maxdegree=9) / beta(a, b)


def over_time(f, low, high, scale):
    """The integral of f over u from low to high, by ln(scale + u)."""
    ends = log(scale + low), log(scale + high)
    points = [ends[0] + (ends[1] - ends[0]) * k / 24 for k in range(25)]
    # mpmath stops at an absolute error: what is integrated is made about one
    top = max(f(exp(y) - scale) * exp(y) for y in points)
    return top * quad(lambda y: f(exp(y) - scale) * exp(y) / top, points, method="gauss-legendre")


def bg_row(params, row, at_first):
    r, alpha, a, b = map(mpf, params)
    x, t_x, T = row[0], mpf(row[1]), mpf(row[2])
    n = r + x
    survived = x + at_first
    scale = gamma(n) / gamma(r) * alpha ** r
    # chances seen: never dropped out, or dropped out at the last purchase
    stays = beta(a, b + survived) / beta(a, b)
    active = scale * stays * (alpha + T) ** -n
    gone = scale * (beta(a + 1, b + survived - 1) / beta(a, b)) * (alpha + t_x) ** -n if survived else mpf(0)
    alive = active / (active + gone)
    out = {"log_likelihood": log(active + gone), "p_alive": alive}
    for h in HORIZONS:
        w = mpf(h) / (alpha + T)
        mean = over_p(lambda p, q: -expm1(-n * log1p(p * w)) / p, a, b + survived)
        out["expected_" + h] = alive * mean
        out["p_no_purchase_" + h] = 1 - alive * (1 - (1 + w) ** -n)
    return out


def bg_new(params, at_first):
    r, alpha, a, b = map(mpf, params)
    out = {}
    for t in HORIZONS:
        w = mpf(t) / alpha
        start = b / (a + b) if at_first else mpf(1)
        out["expected_" + t] = start * over_p(lambda p, q: -expm1(-r * log1p(p * w)) / p, a, b + at_first)
    z = mpf(39) / (alpha + 39)
    negative_binomial = lambda n: rf(r, n) / factorial(n) * (1 - z) ** r * z ** n
    for n in (0, 1, 2, 9):
        stays = beta(a, b + n + at_first) / beta(a, b)
        p = negative_binomial(n) * stays
        if n + at_first > 0:
            goes = beta(a + 1, b + n + at_first - 1) / beta(a, b)
            p += goes * (1 - sum(negative_binomial(i) for i in range(n)))
        out["p_%d_in_39" % n] = p
    return out


def pareto_row(params, row):
    r, alpha, s, b = map(mpf, params)
    x, t_x, T = row[0], mpf(row[1]), mpf(row[2])
    n = r + x
    scale = gamma(n) / gamma(r) * alpha ** r * b ** s
    active = scale * (alpha + T) ** -n * (b + T) ** -s
    gone = scale * s * over_time(lambda u: (alpha + u) ** -n * (b + u) ** -(s + 1), t_x, T, min(alpha, b))
    alive = active / (active + gone)
    out = {"log_likelihood": log(active + gone), "p_alive": alive}
    for h in HORIZONS:
        H = mpf(h)
        A, B = alpha + T, b + T
        out["expected_" + h] = alive * n / A * over_time(lambda u: (B / (B + u)) ** s, 0, H, B)
        out["p_no_purchase_" + h] = 1 - alive * n * A ** n * B ** s * over_time(
            lambda u: (A + u) ** -(n + 1) * (B + u) ** -s, 0, H, min(A, B))
    return out


def pareto_new(params):
    r, alpha, s, b = map(mpf, params)
    out = {}
    for t in HORIZONS:
        t_ = mpf(t)
        out["expected_" + t] = r / alpha * over_time(lambda u: (b / (b + u)) ** s, 0, t_, b)
    t = mpf(39)
    for n in (0, 1, 2, 9):
        nb = lambda u: rf(r, n) / factorial(n) * (alpha / (alpha + u)) ** r * (u / (alpha + u)) ** n
        out["p_%d_in_39" % n] = nb(t) * (b / (b + t)) ** s + over_time(
            lambda u: nb(u) * s * b ** s * (b + u) ** -(s + 1), 0, t, min(alpha, b))
    return out


def numbers(values):
    return {name: float(value) for name, value in values.items()}


def case(params, rows, new):
    return {"parameters": [float(p) for p in params], "rows": rows, "new": numbers(new)}


def row_of(row, values):
    return {"x": row[0], "t_x": float(row[1]), "T": float(row[2]), **numbers(values)}


print(json.dumps({
    "made by": "golden.py",
    "bgnbd": [case(p, [row_of(w, bg_row(p, w, 0)) for w in ROWS], bg_new(p, 0)) for p in BG],
    "mbgnbd": [case(p, [row_of(w, bg_row(p, w, 1)) for w in ROWS], bg_new(p, 1)) for p in BG],
    "paretonbd": [case(p, [row_of(w, pareto_row(p, w)) for w in ROWS], pareto_new(p)) for p in PARETO],
}, indent=1))
