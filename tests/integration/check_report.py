#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Holds a published report to its contract, from its files and the artifacts alone.

It shares no code with the program: numerals are found, values rounded, statistics computed and
cells read here anew. It prints one line for each complaint and ends with 1 when there was any.
"""
import argparse
import csv
import decimal
import hashlib
import html
import io
import json
import math
import os
import re
import statistics
import subprocess
import sys
import tempfile

import check_expect

COMPLAINTS_SHOWN = 50
DIRECT = ("value", "count", "sum", "min", "max", "mean", "median", "p90", "p95", "p99", "stdev",
          "cv", "mad")
P_VALUES = ("mann_whitney_p", "sign_p")
PAIRS_MAX = 1000000  # of two samples; beyond it this script takes no time to list them
EXACT_MAX = 56  # numbers in both samples up to which a p value is counted out
SAMPLES_ALWAYS = 1000  # numbers of a fact; samples.json may leave out the lists of more


class Check:
    def __init__(self, folder, lenient):
        self.folder = folder
        self.lenient = lenient
        self.complaints = []
        self.earlier = {}
        self.counts = {"numerals": 0, "facts": 0, "cells": 0, "unread": 0}
        self.bytes = {}
        for name in ("report.md", "report.json", "samples.json"):
            with open(os.path.join(folder, name), "rb") as f:
                self.bytes[name] = f.read()
        self.md = self.bytes["report.md"].decode("utf-8")
        self.report = json.loads(self.bytes["report.json"], object_pairs_hook=no_duplicates)
        self.samples = json.loads(self.bytes["samples.json"])
        self.facts = {f["id"]: f for f in self.report["facts"]}

    def wrong(self, where, what):
        self.complaints.append(f"{where}: {what}")


def no_duplicates(pairs):
    d = dict(pairs)
    if len(d) != len(pairs):
        raise ValueError("an object has a member twice: " + ", ".join(k for k, _ in pairs))
    return d


# --- schema, seal, references ---------------------------------------------------------------

def check_schema(c, path):
    try:
        import jsonschema
    except ImportError:
        if not c.lenient:
            c.wrong("schema", "cannot be checked: install python3-jsonschema, or use --lenient")
        return
    with open(path, encoding="utf-8") as f:
        schema = json.load(f)
    for e in jsonschema.Draft202012Validator(schema).iter_errors(c.report):
        if c.lenient and e.validator == "required":
            continue
        c.wrong("schema /" + "/".join(map(str, e.absolute_path)), e.message[:200])


def check_seal(c):
    seal = c.report.get("seal")
    if seal is None:
        if not c.lenient:
            c.wrong("seal", "there is none")
        return
    piece = f',\n "seal": "{seal}"'.encode()
    raw = c.bytes["report.json"]
    if raw.count(piece) != 1:
        c.wrong("seal", "does not stand as its own last member")
        return
    h = hashlib.sha256(c.bytes["report.md"] + c.bytes["samples.json"] + raw.replace(piece, b""))
    if "sha256:" + h.hexdigest() != seal:
        c.wrong("seal", "does not match the three files")


def check_files(c):
    """What was published beside the three: reports of before `files` do not tell."""
    for f in c.report.get("files", []):
        path = os.path.join(c.folder, f["file"])
        if not os.path.isfile(path):
            c.wrong("files", f["file"] + " is not there")
            continue
        with open(path, "rb") as file:
            data = file.read()
        if len(data) != f["bytes"] or "sha256:" + hashlib.sha256(data).hexdigest() != f["digest"]:
            c.wrong("files", f["file"] + " is not what was published")


def check_references(c):
    r = c.report
    known = {x["id"] for part in (r["facts"], r["findings"], r["inventory"]["artifacts"],
                                  r["calls"]) for x in part}

    def must(where, ids):
        for i in ids:
            if i not in known:
                c.wrong(where, f"names {i}, which is not there")

    for part, letter in (("facts", "F"), ("findings", "K"), ("recommendations", "R"),
                         ("commentary", "C")):
        for i, x in enumerate(r[part]):
            if x["id"] != f"{letter}{i + 1}":
                c.wrong(f"/{part}/{i}", f"id {x['id']} is out of order")
    for f in r["facts"]:
        must(f["id"], f["from"])
        must(f["id"], [x["artifact"] for x in f["cells"] + f["excluded"] if "artifact" in x])
    for k in r["findings"]:
        must(k["id"], k["facts"] + k["artifacts"])
    for x in r["findings"] + r["recommendations"] + r["commentary"]:
        must(x["id"], [s["f"] for s in x["text"] if "f" in s])
        must(x["id"], x.get("findings", []) + x.get("about", []))
    for i, x in enumerate(r.get("risks", [])):
        must(f"/risks/{i}", [s["f"] for s in x["risk"] + x["mitigation"] if "f" in s])
        must(f"/risks/{i}", x["findings"])
    for s in r["steps"]:
        must("step " + s["id"], s["calls"])
    for i in c.samples:
        must("samples.json", [i])


# --- numerals ---------------------------------------------------------------------------------

def open_lines_of(text):
    """The lines with those inside of fences left out (None)."""
    lines, fence = [], None
    for line in text.split("\n"):
        m = re.match(r"(`{3,})[^`]*$", line)
        if fence is None and m:
            fence = m.group(1)
            lines.append(line)
        elif fence is not None and line.startswith(fence) and not line.strip("`"):
            fence = None
            lines.append(line)
        else:
            lines.append(None if fence is not None else line)
    return lines


def pointed(node, pointer):
    for token in pointer.split("/")[1:]:
        token = token.replace("~1", "/").replace("~0", "~")
        node = node[int(token)] if isinstance(node, list) else node[token]
    return node


def strings_of(node):
    if isinstance(node, str):
        yield node
    elif isinstance(node, list):
        for x in node:
            yield from strings_of(x)
    elif isinstance(node, dict):
        for k, x in node.items():
            yield k
            yield from strings_of(x)


def is_rounded(text, value, scale, bound):
    printed = decimal.Decimal(text.replace(",", ""))
    exact = decimal.Decimal(repr(value)) * decimal.Decimal(repr(scale))
    if exact < 0 <= printed and not bound:
        exact = -exact
    if bound:
        return exact < printed if bound == "<" else exact > printed
    unit = decimal.Decimal(1).scaleb(printed.as_tuple().exponent)
    return printed in (exact.quantize(unit, decimal.ROUND_HALF_EVEN),
                       exact.quantize(unit, decimal.ROUND_HALF_UP))


def entry_fault(c, e, names):
    means, text, ref = e["means"], e["text"], e["ref"]
    if means == "heading":
        return None if ref is None else "a heading has no ref"
    if means in ("fact", "figure"):
        if not re.fullmatch(r"-?(\d{1,3}(,\d{3})+|\d{1,3}|\d+(?=\.))(\.\d+)?", text):
            return "is not written as a number with commas"
        node = c.facts[ref]["value"] if means == "fact" else pointed(c.report, ref)
        value = len(node) if isinstance(node, list) else node
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            return f"{ref} is no number"
        if not is_rounded(text, value, e.get("scale", 1), e.get("bound")):
            return f"is not {ref} = {value!r} times {e.get('scale', 1)}"
        return None
    if means == "date":
        date = pointed(c.report, ref)
        same = text in date or text in date.replace("T", " ")
        return None if same and re.match(r"\d{4}-\d\d-\d\d", date) else f"is not in {date}"
    if means == "id" and text != ref:
        return f"is not {ref}"
    if text not in ref:
        return "is not part of its ref"
    return None if ref in names or any(ref in s for s in names) else "is not in report.json"


def check_numerals(c):
    lines = open_lines_of(c.md)
    if len(lines) > 300 and not c.lenient:
        c.wrong("report.md", f"has {len(lines) - 1} lines")
    names = {s for k, v in c.report.items() if k not in ("numerals", "sections", "files")
             for s in strings_of(v)}
    covered = {}
    for e in c.report["numerals"]:
        where = f"report.md:{e['line']}:{e['column']}: {e['text']}"
        line = lines[e["line"] - 1] if e["line"] <= len(lines) else None
        at = e["column"] - 1
        if line is None or line[at:at + len(e["text"])] != e["text"]:
            c.wrong(where, "does not stand there")
            continue
        try:
            fault = entry_fault(c, e, names)
        except (KeyError, IndexError, ValueError, TypeError) as x:
            fault = f"{e['ref']} leads nowhere ({type(x).__name__})"
        if fault:
            c.wrong(where, fault)
        covered.setdefault(e["line"], []).append((at, at + len(e["text"])))
    for n, line in enumerate(lines, 1):
        for m in re.finditer(r"\d+", line or ""):
            if not any(a <= m.start() and m.end() <= b for a, b in covered.get(n, ())):
                c.wrong(f"report.md:{n}:{m.start() + 1}: {m.group()}", "has no source")
    c.counts["numerals"] = len(c.report["numerals"])
    v = c.report["verification"]
    if v["numerals"] != c.counts["numerals"] or v["traced"] != v["numerals"]:
        c.wrong("/verification", f"counts {v['numerals']} numerals, {v['traced']} traced")


# --- statistics -------------------------------------------------------------------------------

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


# --- what is best -----------------------------------------------------------------------------

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


# --- cells ------------------------------------------------------------------------------------

GAPS = "\u00a0\u2009\u202f"  # blanks that may stand between thousands
NUMBER = re.compile(
    rf"[-+]?(?:[1-9]\d{{0,2}}(?:(?P<mark>[,'\u2019{GAPS}])\d{{3}}(?:(?P=mark)\d{{3}})*"
    r"(?!(?P=mark)?\d)"
    r"|(?:[ ]\d{3})+(?=\.\d))|\d+)?(?:\.\d*)?(?:[eE][-+]?\d+)?")
SCALES = {"k": 1e3, "K": 1e3, "M": 1e6, "G": 1e9, "T": 1e12}


def turning_units():
    """Spelling -> what it turns into, and how many of that it is."""
    units = {}

    def add(base, one, spellings):
        units.update((x, (base, one)) for x in spellings.split())
    for prefix, one in {"p": 1e-12, "n": 1e-9, "u": 1e-6, "\u00b5": 1e-6, "\u03bc": 1e-6,
                        "m": 1e-3, "": 1}.items():
        add("s", one, prefix + "s")
        for per in ("op", "iter", "token", "tok"):
            add("s/" + per[:3], one, f"{prefix}s/{per}")
    for one, words in {1e-12: "picoseconds", 1e-9: "nsec nsecs nsecond nanosecond nanoseconds",
                       1e-6: "usec usecs usecond microsecond microseconds",
                       1e-3: "msec msecs msecond millisecond milliseconds",
                       1: "sec secs second seconds", 60: "min mins minute minutes",
                       3600: "h hr hrs hour hours"}.items():
        add("s", one, words)
    add("byte", 1, "B byte bytes Byte Bytes")
    add("byte/s", 1, "B/s B/sec bytes/s bytes/sec byte/s byte/second")
    for i, letter in enumerate("KMGT", 1):
        add("byte", 1024 ** i, f"{letter}iB {letter.lower()}iB")
        add("byte/s", 1024 ** i, f"{letter}iB/s {letter}iB/sec")
        for x in (letter + "B", letter.lower() + "b", letter + "byte", letter + "Bytes"):
            add(letter + "B", 1, x)
            add(letter + "B/s", 1, f"{x}/s {x}/sec {x}/second")
    add("KB", 1, "kB kbyte")
    add("KB/s", 1, "kB/s kB/sec")
    for one, letters in {1: [""], 1e3: ["k", "K"], 1e6: ["M"], 1e9: ["G"]}.items():
        for x in letters:
            add("bit/s", one, f"{x}bit/s {x}bits/s {x}bits/sec {x}bps {x}b/s")
            add("Hz", one, f"{x}Hz {x}hz")
    for one, x in {1e-6: "u", 1e-3: "m", 1: "", 1e3: "k"}.items():
        add("J", one, x + "J")
        add("W", one, x + "W")
    add("J", 1e-6, "\u00b5J \u03bcJ")
    add("J", 1, "joule joules Joule Joules")
    add("J", 3600, "Wh")
    add("J", 3.6e6, "kWh")
    add("W", 1, "watt watts Watt Watts")
    for one, x in {1: "", 1e6: "M", 1e9: "G", 1e12: "T", 1e15: "P"}.items():
        add("FLOP/s", one, " ".join(x + y for y in ("FLOP/s", "FLOPS", "FLOPs", "FLOPs/s",
                                                     "Flop/s", "Flops")))
    for one, per in {1: "s sec second", 1e3: "ms", 1e6: "us \u00b5s \u03bcs", 1e9: "ns"}.items():
        for x in per.split():
            add("ops/s", one, f"ops/{x} op/{x} operations/{x}")
    add("ops/s", 1, "iops IOPS")
    return units


UNITS = turning_units()


def number_match(text, comma):
    """The number that a cell begins with; None where it begins with none."""
    text = text.strip().strip("*`").strip().replace("\u2212", "-", 1)
    text = re.sub(r"^[~\u2248]?\s*[$\u20ac\u00a3]?\s*", "", text)
    if comma:
        text = text.translate(str.maketrans(".,", ",."))
    m = NUMBER.match(text)
    return m if re.search(r"\d", m.group()) else None


def number(text, comma):
    """A cell as a number; None where it is none."""
    if isinstance(text, bool):
        return float(text)
    if isinstance(text, (int, float)):
        return float(text)
    if not isinstance(text, str):
        return None
    m = number_match(text, comma)
    if m is None:
        return {"true": 1.0, "false": 0.0}.get(text.strip().lower())
    return float(re.sub(rf"[,'\u2019 {GAPS}]", "", m.group()))


def unit_of(text, comma):
    """(base, how many of it, scale) of what stands behind the number; base None: no unit."""
    m = number_match(text, comma) if isinstance(text, str) else None
    rest = m.string[m.end():].strip() if m else ""
    own, spread, behind = re.match(r"([^\u00b1]*?)\(?\s*(\u00b1|\+/?-|$)(.*)", rest).groups()
    if spread and not own.strip():
        width = NUMBER.match(behind.strip())
        own = behind.strip()[width.end():].strip(" )")
    own = own.strip(" " + GAPS)
    if not own or own in UNITS:
        return (*UNITS.get(own, (None, 1)), 1)
    rest = own[1:].strip()
    counted = not rest or UNITS.get(rest, "?")[0] == "ops/s" or re.search(
        r"(/s|/sec|/second|[fqr]ps|[FQR]PS|iops|IOPS)$", rest)
    if own[0] in SCALES and counted:
        return (*UNITS.get(rest, ("?" if rest else None, 1)), SCALES[own[0]])
    return "?", 1, 1


def rows_in(spec):
    for part in spec.split(","):
        low, _, high = part.partition("-")
        yield from range(int(low), int(high or low) + 1)


def named(header):
    """Names as locators tell them: the second of a name is name#2, an empty one column N."""
    seen, names = {}, []
    for i, name in enumerate(header):
        name = name.strip()
        seen[name] = seen.get(name, 0) + 1
        told = f"column {i + 1}" if not name else name if seen[name] == 1 else \
            f"{name}#{seen[name]}"
        while told in names:
            told += "#2"
        names.append(told)
    return names


csv.field_size_limit(1 << 30)  # a cell is as large as its file may be


def records_of(text, delimiter):
    return [r for r in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
            if any(x.strip() for x in r)]


def delimiter_of(text):
    """The one that cuts most records alike; of equals the one that makes more cells."""
    def merit(delimiter):
        widths = [len(r) for r in records_of(text, delimiter)[:200]]
        mode = statistics.mode(widths) if widths else 0
        commas = delimiter == ";" and re.search(r";\"?-?\d+,\d", text) is not None
        mode = mode if widths.count(mode) > 1 else 1
        return mode >= 2, widths.count(mode) / max(1, len(widths)), commas, mode
    return max(",;\t|", key=merit)


def csv_table(text, table):
    """Column names and records after the header, blank lines not counted."""
    lines = text.split("\n")
    start = (table["header_line"] or 1) - 1
    body = "\n".join(lines[start:])
    records = records_of(body, delimiter_of(body))
    if table["header_line"] is None:
        return [f"column {i + 1}" for i in range(max(map(len, records), default=0))], records
    return named(records[0]), records[1:]


MARKDOWN_TABLE = re.compile(r"^[ \t]*\|.*\n[ \t]*\|[-|: \t]*-[-|: \t]*$", re.M)


def markdown_tables(text):
    lines, tables, i, fence = text.split("\n"), [], 0, False

    def cut(line):
        line = line.strip()
        line = line[1:] if line.startswith("|") else line
        line = line[:-1] if line.endswith("|") and not line.endswith("\\|") else line
        return [x.replace("\\|", "|").strip() for x in re.split(r"(?<!\\)\|", line)]

    def plain(cell):
        """Without its markup, as a reader of the page sees it."""
        text = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", cell)
        text = html.unescape(re.sub(r"</?[a-zA-Z][\w-]*(\s[^<>]*)?/?>|<[?!].*?>", " ", text)).strip()
        text = text.strip("*`").strip() or text.strip("`") or text
        return re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", text)

    while i < len(lines):
        if re.match(r" {0,3}(```|~~~)", lines[i]):
            fence = not fence
        rule = i + 1 < len(lines) and re.fullmatch(r"\s*\|?(\s*:?-+:?\s*\|?)+\s*", lines[i + 1])
        if fence or not rule or "|" not in lines[i] or len(cut(lines[i])) != len(cut(lines[i + 1])):
            i += 1
            continue
        header, rows, i = cut(lines[i]), [], i + 2
        while i < len(lines) and lines[i].strip() and not re.match(r"\s*[>#]", lines[i]):
            rows.append((list(map(plain, cut(lines[i]))) + [""] * len(header))[:len(header)])
            i += 1
        tables.append((named(map(plain, header)), rows))
    return tables


BLANKS = re.compile(r"(?:[ \t\r\n]+|//[^\n]*|/\*.*?\*/)*", re.S)
SCALAR = re.compile(r'"(?:[^"\\]|\\.)*"|[-+.\w]+', re.S)
NOTHING, MEMBERS, RECORDS, WHOLE = range(4)


def loose_scalar(text, at):
    m = SCALAR.match(text, at)
    try:
        value = json.loads(m.group()) if m else None
    except ValueError:
        value = {"nan": math.nan, "-nan": math.nan, "inf": math.inf, "-inf": -math.inf}.get(
            m.group(), m)
    return (value, m.end(), WHOLE) if m and value is not m else (None, at, NOTHING)


def loose(text, at):
    """JSON with comments, last commas, or without its end: value, place behind, what is left."""
    at = BLANKS.match(text, at).end()
    opening = text[at:at + 1]
    if opening not in ("{", "["):
        return loose_scalar(text, at)
    items, left, at = [], NOTHING, BLANKS.match(text, at + 1).end()
    while text[at:at + 1] != {"{": "}", "[": "]"}[opening]:
        name = None
        if opening == "{":
            name, at, left = loose_scalar(text, at)
            at = BLANKS.match(text, at).end() + 1
            if left != WHOLE or text[at - 1:at] != ":":
                left = NOTHING
                break
        value, at, left = loose(text, at)
        short = at == len(text) and not isinstance(value, (str, list, dict))
        if left in (WHOLE, RECORDS) and not short or left == MEMBERS and opening == "{":
            items.append((name, value))
        at = BLANKS.match(text, at).end()
        if left != WHOLE or text[at:at + 1] not in ("}", "]", ","):
            left = RECORDS if left == RECORDS else NOTHING
            break
        at = BLANKS.match(text, at + 1).end() if text[at] == "," else at
    else:
        left = WHOLE
    if opening == "{":
        left = left or (MEMBERS if items else NOTHING)
        return dict(items), at + 1, left
    if left == NOTHING and any(isinstance(value, (list, dict)) for _, value in items):
        left = RECORDS
    return [value for _, value in items], at + 1, left


def json_value(text):
    """One document, or a list of several; words before and behind them are passed over."""
    try:
        return json.loads(text)
    except ValueError:
        pass
    at = BLANKS.match(text).end()
    if text[at:at + 1] not in ("{", "["):
        first = re.search(r"^[\[{]", text[at:], re.M)
        at += first.start() if first else 0
    decoder, docs, left = json.JSONDecoder(), [], WHOLE
    while left == WHOLE and text[at:at + 1] in ("{", "["):
        try:
            doc, at = decoder.raw_decode(text, at)
        except ValueError:
            doc, at, left = loose(text, at)
        if left == WHOLE or not docs and left != NOTHING:
            docs.append(doc)
        at = re.compile(BLANKS.pattern + ",?" + BLANKS.pattern, re.S).match(text, at).end()
    several = len(docs) > 1 or left in (NOTHING, MEMBERS, RECORDS) and len(docs) == 1 and (
        docs[0] is not doc)
    return docs if several else docs[0]


def json_cells(root, pointer, rows):
    nodes, picked = [root], False
    for token in pointer.split("/")[1:]:
        if token == "*":
            wide = []
            for n in nodes:
                wide += list(n.values()) if isinstance(n, dict) else list(n)
            if rows and not picked:
                wide = [wide[r - 1] for r in rows_in(rows)]
            nodes, picked = wide, True
            continue
        token = token.replace("~1", "/").replace("~0", "~")
        nodes = [n[int(token)] if isinstance(n, list) else n[token] for n in nodes
                 if isinstance(n, list) and token.isdigit() and int(token) < len(n)
                 or isinstance(n, dict) and token in n]
    return nodes


def flat(nodes):
    for n in nodes:
        yield from n if isinstance(n, list) else [n]


def column_of(names, name):
    """Markup inside of a name is cut away by letters where this script reads it otherwise."""
    if name in names:
        return names.index(name)
    bare = [x.strip("*`") for x in names]
    if bare.count(name.strip("*`")) == 1:
        return bare.index(name.strip("*`"))
    bare = [re.sub(r"[\W_]", "", x) for x in names]
    if bare.count(re.sub(r"[\W_]", "", name)) != 1:
        raise ValueError(f"no column {name!r} in {names}")
    return bare.index(re.sub(r"[\W_]", "", name))


class Artifacts:
    def __init__(self, c, roots):
        self.c, self.roots, self.kept, self.lines = c, roots, {}, {}
        self.last_table = None, None
        self.by_id = {a["id"]: a for a in c.report["inventory"]["artifacts"]}

    def text(self, a):
        if a["id"] not in self.kept:
            root = self.roots[a["root"]]
            path = root if os.path.isfile(root) else os.path.join(root, a["path"])
            with open(path, "rb") as f:
                raw = f.read()
            bom = raw[:2] in (b"\xff\xfe", b"\xfe\xff")
            try:
                text = raw.decode("utf-16" if bom else "utf-8-sig")
            except UnicodeDecodeError:
                text = raw.decode("latin-1")
            self.lines[a["id"]] = text.split("\n")
            self.kept[a["id"]] = text.replace("\r\n", "\n").replace("\r", "\n")
        return self.kept[a["id"]]

    def line(self, a, number):
        """Lines end in LF; a tool that overwrites its progress writes CR within one."""
        self.text(a)
        return self.lines[a["id"]][number - 1]

    def table(self, a, n):
        """Read once: facts over one table come one after the other."""
        if self.last_table[0] != (a["id"], n):
            self.last_table = (a["id"], n), self.read_table(a, n)
        return self.last_table[1]

    def read_table(self, a, n):
        if a["format"] == "markdown" or MARKDOWN_TABLE.search(self.text(a)):
            return markdown_tables(self.text(a))[n - 1]
        return csv_table(self.text(a), a["tables"][n - 1])

    def cells(self, locator):
        a = self.by_id[locator["artifact"]]
        if "pointer" in locator:
            value = json_value(self.text(a))
            return json_cells(value, locator["pointer"], locator.get("rows"))
        if "line" in locator:
            line, at = self.line(a, locator["line"]), locator["column"] - 1
            return [line[at:at + locator["length"]]]
        names, rows = self.table(a, locator["table"])
        column = column_of(names, locator["column"])
        if "where" in locator:
            out = set(rows_in(locator["except"])) if locator.get("except") else set()
            picked = [r for i, r in enumerate(rows, 1) if i not in out and all(
                r[names.index(k)].strip() == v for k, v in locator["where"].items())]
        else:
            picked = [rows[i - 1] for i in rows_in(locator["rows"])]
        return [r[column] if column < len(r) else "" for r in picked]

    def is_comma(self, locator):
        tables = self.by_id[locator["artifact"]]["tables"]
        if "table" in locator:
            return tables[locator["table"] - 1]["decimal"] == ","
        return any(t["decimal"] == "," for t in tables)

    def numbers(self, locator):
        comma, factor = self.is_comma(locator), locator.get("factor", 1)
        return [None if x is None else x * factor
                for x in (number(cell, comma) for cell in flat(self.cells(locator)))]

    def told_beside(self, locator):
        """Some text of the artifact is a unit that the factor turns into another one."""
        words = set(re.findall(r"[^\s\",;|():]+", self.text(self.by_id[locator["artifact"]])))
        return any(base == other and close(locator["factor"], one / another)
                   for base, one in map(UNITS.get, words & UNITS.keys())
                   for other, another in UNITS.values())

    def units(self, locator):
        """(base, how many of it one of the fact's unit is) of each cell that names a unit."""
        comma, factor = self.is_comma(locator), locator.get("factor", 1)
        name = str(locator.get("column", locator.get("pointer", ""))).rstrip("/*)]")
        named = re.split(r"[_ (\[]", name)[-1] in UNITS  # told in another unit than the header's
        for cell in flat(self.cells(locator)):
            base, one, scale = unit_of(cell, comma)
            if base not in (None, "?"):
                yield base, one * scale / factor
            elif not close(factor, scale) and not named and not self.told_beside(locator):
                raise ValueError(f"factor {factor} of {cell!r}")


def check_units(c, f, files):
    """Whether the factors turn the units in the cells into the one that the fact states."""
    try:
        found = [x for locator in f["cells"] for x in files.units(locator)]
    except ValueError as x:
        c.wrong(f["id"], str(x))
        return
    stated = UNITS.get(f["unit"])
    for base, one in found:
        # A line may call so much a second, and leave the second out: "Transfer/sec: 5.17KB".
        fits = stated and stated[0] in (base, f"{base}/s") and close(one, stated[1])
        if f["statistic"] != "cv" and not fits:
            c.wrong(f["id"], f"states {f['unit']}, its cells are in {one} {base}")
            return


def earlier(c, locator):
    """The fact of an earlier review, if its report lies beside this one's folder."""
    path = os.path.join(os.path.realpath(c.folder), "..", locator["review"], "report.json")
    if path not in c.earlier:
        try:
            with open(path, encoding="utf-8") as file:
                c.earlier[path] = {f["id"]: f for f in json.load(file)["facts"]}
        except OSError:
            c.earlier[path] = {}
    return c.earlier[path].get(locator["fact"])


def check_cells(c, roots):
    files = Artifacts(c, roots)
    for f in c.report["facts"]:
        if not f["cells"]:
            continue
        read = files.cells if f["statistic"] == "count" else files.numbers
        if any("review" in x for x in f["cells"]):
            if not all(earlier(c, x) for x in f["cells"] if "review" in x):
                c.counts["unread"] += 1
                continue
            here = read
            read = lambda x, here=here: [earlier(c, x)["value"]] if "review" in x else here(x)
        try:
            xs = [x for locator in f["cells"] for x in read(locator)]
        except (KeyError, IndexError, ValueError, TypeError, OSError) as x:
            c.wrong(f["id"], f"its cells cannot be read: {type(x).__name__} {x}: {f['cells'][0]}")
            continue
        c.counts["cells"] += len(xs)
        if f["statistic"] == "count":
            if f["value"] != len(xs):
                c.wrong(f["id"], f"counts {f['value']}, its cells are {len(xs)}")
            continue
        if not any("review" in x for x in f["cells"]):
            check_units(c, f, files)
        want = c.samples.get(f["id"], [] if len(xs) <= SAMPLES_ALWAYS else xs)
        if None in xs or len(xs) != len(want) or not all(map(close, xs, want)):
            c.wrong(f["id"], f"cells say {xs[:4]} ({len(xs)}), samples {want[:4]} ({len(want)})")


def run_checks(folder, args):
    c = Check(folder, args.lenient)
    check_schema(c, args.schema)
    check_seal(c)
    check_files(c)
    check_references(c)
    check_numerals(c)
    check_facts(c)
    check_best(c)
    check_expect.check_expect(c)
    roots = args.root or (c.report["inventory"]["roots"] if args.from_roots else None)
    if roots:
        check_cells(c, roots)
    return c


def check(folder, args):
    c = run_checks(folder, args)
    for line in c.complaints[:COMPLAINTS_SHOWN]:
        print(line)
    n = c.counts
    print(f"{folder}: {len(c.complaints)} complaints; {n['numerals']} numerals, {n['facts']} facts "
          f"computed, {n['cells']} cells read, {n['unread']} facts of earlier reviews not read")
    return len(c.complaints)


def check_composed(program, args):
    with tempfile.TemporaryDirectory() as top:
        subprocess.run([program, top], check=True)
        folders = [os.path.join(top, x) for x in sorted(os.listdir(top))]
        return sum(check(x, args) for x in folders) + (not folders)


def arguments(argv=None):
    here = os.path.dirname(os.path.abspath(__file__))
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("folder", nargs="*")
    p.add_argument("--compose", help="a program that writes folders below the directory it is given")
    p.add_argument("--root", action="append", default=[],
                   help="where the artifacts lie, once for each root of the report, in order")
    p.add_argument("--from-roots", action="store_true", help="read the roots the report names")
    p.add_argument("--lenient", action="store_true", help="members and the seal may be missing")
    p.add_argument("--schema", default=os.path.join(here, "..", "..", "docs",
                                                    "report.schema.json"))
    return p.parse_args(argv)


def main():
    args = arguments()
    wrong = sum(check(folder, args) for folder in args.folder)
    if args.compose:
        wrong += check_composed(args.compose, args)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
