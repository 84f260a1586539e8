# SPDX-License-Identifier: MIT
"""Every numeral of report.md: where it stands, and what it is rounded from.

Part of check_report.py: it shares no code with the program.
"""
import decimal
import re


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
