# SPDX-License-Identifier: MIT
"""The numbers of every fact, read again from its cells.

Part of check_report.py: it shares no code with the program.
"""
import json
import os
import re

from artifact_numbers import UNITS, number, unit_of
from artifact_tables import (MARKDOWN_TABLE, column_of, csv_table, flat, json_cells, json_value,
                             markdown_tables, rows_in)
from check_statistics import SAMPLES_ALWAYS, close


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
