# SPDX-License-Identifier: MIT
"""What a report says of the expectations of its pipeline, decided anew from its facts and options.

Part of check_report.py: it shares no code with the program.
"""
import math

JUDGED = {"expectation_met": True, "expectation_missed": False}
KEY = "contradiction:expected-"


def number_of(text):
    try:
        x = float(text)
    except ValueError:
        return None
    return x if math.isfinite(x) and not set(text) - set("0123456789.eE+-") else None


def same(a, b):
    return a == b or (number_of(a) is not None and number_of(a) == number_of(b))


def meant(expected, fact):
    return all(k in fact["subject"] and same(fact["subject"][k], v)
               for k, v in expected["subject"].items())


def deviation(expected, value):
    """In per cent; None where nothing was expected and there is something."""
    off = value - expected["value"]
    if off == 0:
        return 0.0
    return 100 * off / abs(expected["value"]) if expected["value"] else None


def within(expected, value):
    off = deviation(expected, value)
    return off is not None and abs(off) <= expected["tolerance_pct"]


def near(a, b):
    return a == b or (a is not None and b is not None
                      and abs(a - b) <= 1e-9 * max(abs(a), abs(b)))


def differing(expected, party):
    """{option: (claimed, run)} of those that both tell and that are not the same."""
    both = {k: (number_of(v), party["options"][k]) for k, v in expected["subject"].items()
            if k in party["options"] and number_of(v) is not None}
    return {k: pair for k, pair in both.items() if pair[0] != pair[1]}


def check_judged(c, k, expected):
    fact = c.facts[k["facts"][0]]
    gate = k["gates"][0]
    if not meant(expected, fact):
        c.wrong(k["id"], f"judges {fact['id']}, which is of another configuration")
    if not near(gate["value"], deviation(expected, fact["value"])):
        c.wrong(k["id"], f"deviation {gate['value']}, but it is "
                         f"{deviation(expected, fact['value'])}")
    if within(expected, fact["value"]) != JUDGED[k["kind"]]:
        c.wrong(k["id"], f"is called {k['kind']}, which it is not")


def check_other(c, k, expected, findings):
    """A missed figure that its table has elsewhere, the nearest one, is told."""
    ranks = [c.facts[k["rank"]]] if "rank" in k else []
    if any(r["statistic"] != "rank" or r["from"][0] != k["facts"][0] for r in ranks):
        c.wrong(k["id"], f"its rank {k['rank']} is none of {k['facts'][0]}")
    peers = [c.facts[f] for r in ranks for f in r["from"]]
    others = [f for f in peers if not meant(expected, f) and within(expected, f["value"])]
    told = [o for o in findings if o["key"].startswith(KEY + "of:")
            and o["expectation"] == k["expectation"] and o["facts"][0] == k["facts"][0]]
    if k["severity"] == "medium" and bool(others) != bool(told) and ranks:
        c.wrong(k["id"], f"{len(others)} other configurations have it, {len(told)} told")
    for o in told:
        found = c.facts[o["facts"][1]]
        best = min((abs(deviation(expected, f["value"])) for f in others), default=None)
        if not near(abs(deviation(expected, found["value"])), best):
            c.wrong(o["id"], f"{found['id']} is not the nearest")


def check_options(c, i, expected, findings):
    for party in c.report["configuration"].get("options", []):
        wrong = differing(expected, party)
        told = [k for k in findings if k["key"].startswith(KEY + "options:")
                and k["key"].endswith("/" + (party["agent"] or ""))
                and c.report["configuration"]["expect"][k["expectation"]]["subject"]
                == expected["subject"]]
        if bool(wrong) != bool(told):
            c.wrong(f"/configuration/expect/{i}",
                    f"{party['agent'] or 'the pipeline'} differs in {wrong}, told {len(told)}")
        for k in told:
            gates = {g["name"].split()[-1]: (g["threshold"], g["value"]) for g in k["gates"]
                     if not g["passed"]}
            if gates != wrong:
                c.wrong(k["id"], f"has gates {gates}, but what differs is {wrong}")


def check_outcome(c, i, expected, findings):
    judged = [k for k in findings if k["kind"] in JUDGED and k["expectation"] == i]
    named = [f for f in c.facts.values() if f["metric"] == expected["metric"] and f["cells"]
             and f["statistic"] in ("value", "median")]
    outcome = expected["outcome"]
    wrong = ((outcome == "measured") != bool(judged)
             or (outcome == "no_metric" and named)
             or (outcome == "other_unit" and not named)
             or (outcome == "no_configuration" and any(meant(expected, f) for f in named)))
    if wrong:
        c.wrong(f"/configuration/expect/{i}", f"outcome {outcome}, but {len(judged)} findings "
                                              f"judge it and {len(named)} facts have its name")


def check_expect(c):
    findings = [k for k in c.report["findings"] if "expectation" in k]
    for k in findings:
        expected = c.report["configuration"]["expect"][k["expectation"]]
        if k["kind"] in JUDGED:
            check_judged(c, k, expected)
        if k["kind"] == "expectation_missed":
            check_other(c, k, expected, findings)
    for i, expected in enumerate(c.report["configuration"]["expect"]):
        if "outcome" in expected:
            check_options(c, i, expected, findings)
            check_outcome(c, i, expected, findings)
