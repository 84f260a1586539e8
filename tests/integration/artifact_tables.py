# SPDX-License-Identifier: MIT
"""Tables and JSON of artifacts, read anew.

Part of check_report.py: it shares no code with the program.
"""
import csv
import html
import io
import json
import math
import re
import statistics


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
