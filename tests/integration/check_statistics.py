# SPDX-License-Identifier: MIT
"""Every fact from its samples or from other facts, and which is the best.

Part of check_report.py: it shares no code with the program.
"""
import math
import re
import statistics

DIRECT = ("value", "count", "sum", "min", "max", "mean", "median", "p90", "p95", "p99", "stdev",
          "cv", "mad")
P_VALUES = ("mann_whitney_p", "sign_p")
PAIRS_MAX = 1000000  # of two samples; beyond it this script takes no time to list them
EXACT_MAX = 56  # numbers in both samples up to which a p value is counted out
SAMPLES_ALWAYS = 1000  # numbers of a fact; samples.json may leave out the lists of more


def quantile(xs, q):
    xs = sorted(xs)
    at = (len(xs) - 1) * q
    low = math.floor(at)
    high = min(low + 1, len(xs) - 1)
    return xs[low] + (xs[high] - xs[low]) * (at - low)


def direct(statistic, xs):
    return {
        "value": lambda: xs[0], "count": lambda: len(xs), "sum": lambda: math.fsum(xs),
        "min": lambda: min(xs), "max": lambda: max(xs), "mean": lambda: math.fsum(xs) / len(xs),
        "median": lambda: statistics.median(xs), "p90": lambda: quantile(xs, .90),
        "p95": lambda: quantile(xs, .95), "p99": lambda: quantile(xs, .99),
        "stdev": lambda: statistics.stdev(xs),
        "cv": lambda: statistics.stdev(xs) / abs(math.fsum(xs) / len(xs)),
        "mad": lambda: statistics.median([abs(x - statistics.median(xs)) for x in xs]),
    }[statistic]()


def samples_of(c, fact):
    """The samples of a fact; the value where it has none of its own."""
    return c.samples.get(fact["id"], [fact["value"]])


def sign_p(ratios):
    """How likely fair coins fall as unevenly; what is neither up nor down is no coin."""
    up, down = sum(x > 1 for x in ratios), sum(x < 1 for x in ratios)
    tail = sum(math.comb(up + down, i) for i in range(min(up, down) + 1))
    return min(1.0, 2 * tail / 2 ** (up + down))


def middle_ratio(xs, ys):
    """The median of all ratios; of an even number the geometric mean of the middle two."""
    ratios = sorted(x / y for x in xs for y in ys)
    n = len(ratios)
    return ratios[n // 2] if n % 2 else math.sqrt(ratios[n // 2 - 1] * ratios[n // 2])


def mann_whitney_p(xs, ys):
    """Two-sided: of all ways to draw as many ranks, the share as far from the middle."""
    pooled = sorted(xs + ys)
    if len(pooled) > EXACT_MAX:
        return None
    rank = {v: pooled.index(v) + pooled.index(v) + pooled.count(v) + 1 for v in pooled}  # doubled
    ways = {(0, 0): 1}
    for v in pooled:
        more = dict(ways)
        for (k, s), n in ways.items():
            if k == len(xs):
                continue
            more[k + 1, s + rank[v]] = more.get((k + 1, s + rank[v]), 0) + n
        ways = more
    middle = len(xs) * (len(pooled) + 1)
    seen = abs(sum(rank[x] for x in xs) - middle)
    of_size = {s: n for (k, s), n in ways.items() if k == len(xs)}
    return sum(n for s, n in of_size.items() if abs(s - middle) >= seen) / sum(of_size.values())


def over_values(statistic, values):
    """Of facts whose number is not told by the statistic."""
    if statistic == "geomean_ratio":
        return math.exp(math.fsum(map(math.log, values)) / len(values))
    return sign_p(values) if statistic == "sign_p" else direct(statistic, values)


def derived(c, f):
    """None: this script knows no formula for it."""
    parts = [c.facts[i] for i in f["from"]]
    if f["statistic"] in DIRECT + ("geomean_ratio", "sign_p"):
        return over_values(f["statistic"], [p["value"] for p in parts])
    if f["statistic"] == "common_shift":
        logs = [math.log(p["value"]) * (-1 if p["better"] == "lower" else 1) for p in parts]
        return 100 * (math.exp(statistics.median(logs)) - 1)
    if f["statistic"] == "rank":
        sign = {"higher": -1, "lower": 1}.get(parts[0]["better"], 0)
        return 1 + sum(sign * p["value"] < sign * parts[0]["value"] for p in parts)
    if len(parts) != 2:
        return None
    a, b = parts[0]["value"], parts[1]["value"]
    xs, ys = samples_of(c, parts[0]), samples_of(c, parts[1])
    if len(xs) * len(ys) > PAIRS_MAX:
        xs = ys = []
    pairs = [(x, y) for x in xs for y in ys]
    return {
        "delta": lambda: a - b, "delta_pct": lambda: 100 * (a - b) / abs(b),
        "ratio": lambda: a / b,
        "hodges_lehmann": lambda: statistics.median([x - y for x, y in pairs]) if pairs else None,
        "hodges_lehmann_ratio": lambda: middle_ratio(xs, ys) if pairs else None,
        "mann_whitney_p": lambda: mann_whitney_p(xs, ys) if pairs else None,
        "cles": lambda: sum((x > y) + .5 * (x == y) for x, y in pairs) / len(pairs)
                if pairs else None,
    }.get(f["statistic"], lambda: None)()


def close(a, b, tolerance=1e-9):
    return math.isclose(a, b, rel_tol=tolerance, abs_tol=1e-300) or abs(a - b) < 1e-12 * abs(b)


def check_facts(c):
    for f in c.report["facts"]:
        xs = c.samples.get(f["id"])
        try:
            if f["statistic"] in DIRECT and not f["from"]:
                if not xs:
                    if f["statistic"] != "count" and f["n"] <= SAMPLES_ALWAYS:
                        c.wrong(f["id"], "has no samples")
                    continue
                want = direct(f["statistic"], xs)
                if f["n"] is not None and f["n"] != len(xs):
                    c.wrong(f["id"], f"n is {f['n']}, samples are {len(xs)}")
            else:
                want = derived(c, f)
        except (ArithmeticError, statistics.StatisticsError, IndexError) as x:
            c.wrong(f["id"], f"{f['statistic']} cannot be computed: {x}")
            continue
        if want is None:
            continue
        c.counts["facts"] += 1
        if not close(f["value"], want, 1e-6 if f["statistic"] in P_VALUES else 1e-9):
            c.wrong(f["id"], f"{f['statistic']} is {f['value']!r}, computed {want!r}")


def peers_of(c, f):
    """What is equal for all that a configuration is ranked among, its work included."""
    cell = f["cells"][0]
    work = {r["column"] for r in c.report["configuration"].get("roles", [])
            if r.get("names_work") and r["artifact"] == cell.get("artifact")}
    return (f["metric"], f["statistic"], f["unit"], cell.get("artifact"), cell.get("table"),
            cell.get("column"), cell.get("pointer", "").split("/")[-1],
            tuple((k, re.sub("=[^/]*", "=", v) if k in work else None)
                  for k, v in f["subject"].items()))


def check_best(c):
    peers = {}
    for f in c.facts.values():
        if f["cells"] and f["better"] in ("higher", "lower"):
            peers.setdefault(peers_of(c, f), []).append(f)
    for k in c.report["findings"]:
        best = c.facts[k["facts"][0]] if k["kind"] == "best" and k["facts"] else None
        if not best or not best["cells"] or best["better"] == "none":
            continue
        ends = max if best["better"] == "higher" else min
        found = ends(peers[peers_of(c, best)], key=lambda f: f["value"])
        if found["value"] != best["value"]:
            c.wrong(k["id"], f"calls {best['id']} best, which {found['id']} is")
