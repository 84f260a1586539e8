# SPDX-License-Identifier: MIT
"""Random artifact trees full of traps: whatever lies there, a report comes out and it is true.

CHIMERAD_TREES=N reviews N trees instead of the few below and CHIMERAD_TREE=SEED only that one;
the trees of a seed are the same everywhere.
"""
import html.parser
import json
import os
import pathlib
import random
import re
import shutil
import subprocess
import unittest

import check_numerals
import check_report
from harness import BUILD, DEADLINE_S, SOURCE, Case, Daemon, environment, seal

TREES = int(os.environ.get("CHIMERAD_TREES", "25"))
FIRST = int(os.environ.get("CHIMERAD_TREE", "1"))
FIRST = int(os.environ.get("CHIMERAD_FIRST", FIRST))
TREES = 1 if "CHIMERAD_TREE" in os.environ else TREES
A_DAEMON = 100  # trees that one daemon reviews: its index of reports grows with them
MUTATIONS = int(os.environ.get("CHIMERAD_MUTATIONS", "60"))

PLAIN = ["model", "backend", "num_ctx", "time_ms", "tokens_s", "latency", "ttft_s", "Mean (ms)",
         "throughput", "batch", "mode", "size_bytes", "p99_us", "cpu %", "ops/s", "n", "seed"]
TRAPS = ["a`b", "``", "```", "a|b", "\\|", "[x](http://evil.example)", "![x](x.png)", "<script>",
         "<img src=x onerror=alert()>", "</title>", "&lt;b&gt;", "&#49;", "\"q\"", "it's", "a\nb",
         " lead", "trail ", "\ttab", "٣٤", "１２", "x²", "Ⅷ", "①", "½", "𝟙𝟚", "🚀", "e\u0301",
         "a\u0308\u0301\u0302", "\u202eabc", "\u200b", "\ufeffx", "F1", "K2", "A1", "R3", "C1",
         "2026-11-21", "2026-11-21T10:00:00Z", "1e308", "-5", "007", "1,234", "1.2.3", "v1", "#",
         "# 1", "- 1", "1. x", "> 1", "    1", "***", "_1_", "__", "~~1~~", "---", "$1$", "@1",
         "www.evil.example", "http://1.evil.example/2", "a@1.example", "name#2", "column 1",
         "/a~b", "~1", "*", "", " ", "error", "NaN", "null", "true", "Time", "TIME", "time",
         "x" * 90 + "1" + "y" * 90, "µs", "%", "%s%n", "{}", "'; DROP TABLE x", "\x01", "\x1b[31m",
         "\\", "a\\", "\\1", "`1", "1`", "*1*", "<!-- 1 -->", "<?x?>", "<1", "1>", "☃3", "_", "3_4"]
NUMBERS = ["0", "-0", "1e308", "-1e308", "5e-324", "1e-300", "123456789012345678", "0.1", "0.2",
           "0.30000000000000004", "99.995", "0.9995", "999.5", "9.995", "0.00095", "-3.25", "+4",
           "1e5", "1E-3", "0.5", "1e15", "1e16", "999999999999999.9", "2.5e-9", "1e-12", "0.001",
           "100", "1000", "0.05", "-1e-9", "1.0000000001", "4503599627370497.5"]
ODD = ["NaN", "inf", "-Infinity", "null", "true", "", " ", "n/a", "1,5", "1,234", "1.234,5", "4.2k",
       "12ms", "5 %", "0x10", "1_000", "--", "1e999", "٣", "１", "1/2", "$5", "1:30", "\"", "x"]


TOOL_TEXTS = [path.read_text() for path in
              sorted((SOURCE / "tests" / "fuzz" / "collector" / "seeds" / "text").iterdir())]


class Trees:
    """One tree for a seed: {path as bytes: content}."""

    def __init__(self, seed):
        self.r = random.Random(seed)
        self.hostility = self.r.choice([0, .02, .1, .4])

    def name(self):
        r = self.r
        if r.random() >= self.hostility * 1.5:
            return r.choice(PLAIN)
        return "".join(r.choice(TRAPS) for _ in range(r.choice([1, 1, 1, 2, 3])))

    def label(self):
        r = self.r
        if r.random() < self.hostility:
            return self.name()
        return r.choice(["a", "b", "onnx", "old", "new", "q4_0", "q8_0", "512", "1024", "0.8", "-",
                         "gemma3:1b", "cuda:0", "x86-64", "Ⅷ"])

    def file_name(self, ending):
        r = self.r
        if r.random() >= self.hostility * 2:
            name = r.choice(["bench", "runs", "summary", "results", "Bench"]) + r.choice(["", "2"])
            return (name + ending).encode()
        name = self.name().replace("/", "\u2215").replace("\0", "").encode()[:200]
        if r.random() < .2:
            name += r.choice([b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xf5\x80\x80\x80", b"1\xfe2"])
        return (name.strip(b".") or b"x") + ending.encode()

    def value(self, base):
        r = self.r
        roll = r.random()
        if roll < self.hostility / 4:
            return r.choice(ODD)
        if roll < self.hostility:
            return r.choice(NUMBERS)
        x = base * r.gauss(1, .03)
        return r.choice([f"{x:.6g}", f"{x:.2f}", repr(x)])

    def json_value(self, base):
        text = self.value(base)
        try:
            json.loads(text, parse_constant=lambda x: 1 / 0)
            return text
        except (ValueError, ZeroDivisionError):
            return self.r.choice([json.dumps(text), "null", "true", "NaN"])

    def grid(self):
        """(names, rows of texts, base of each metric)."""
        r = self.r
        keys = [self.name() if r.random() < .4 else r.choice(["backend", "model", "num_ctx", "mode"])
                for _ in range(r.choice([0, 1, 1, 2]))]
        metrics = [self.name() if r.random() < .5 else r.choice(["time_ms", "tokens_s", "ttft_s"])
                   for _ in range(r.choice([1, 1, 2, 3, 6]))]
        levels = [[self.label() for _ in range(r.choice([1, 2, 3, 4, 8]))] for _ in keys]
        configurations = [[]]
        for level in levels:
            configurations = [c + [x] for c in configurations for x in level][:60]
        bases = [10 ** r.uniform(-3, 5) for _ in metrics]
        rows = []
        for c in configurations:
            scale = r.choice([1, 1, r.uniform(.5, 2)])
            for _ in range(r.choice([1, 1, 3, 5, 10])):
                rows.append(c + [self.value(b * scale) for b in bases])
        names = keys + metrics
        if r.random() < self.hostility:
            names.append(r.choice(["error", "status", "success", "note"]))
            for row in rows:
                row.append(r.choice(["", "", "0", "timeout after 30 s\nTraceback 1\n | x | <b>" * 9,
                                     self.name()]))
        if r.random() < self.hostility / 2:
            at = r.randrange(len(names))
            names[at] = r.choice([names[0], names[0] + "#2", ""])
        return names, rows[:400], bases

    def csv(self, grid=None):
        r = self.r
        names, rows, _ = grid or self.grid()
        comma, decimal = r.choice([(",", ".")] * 4 + [(";", ","), (";", "."), ("\t", ".")])

        def cell(x):
            if decimal == ",":
                x = x.replace(".", ",")
            if any(c in x for c in f'{comma}"\n\r') or r.random() < .03:
                return '"' + x.replace('"', '""') + '"'
            return x
        end = r.choice(["\n", "\n", "\r\n"])
        header = [] if r.random() < self.hostility / 4 else [names]
        text = end.join(comma.join(map(cell, row)) for row in header + rows)
        if r.random() < self.hostility / 3:
            lines = text.split(end)
            lines.insert(r.randrange(len(lines) + 1), r.choice(["", "# x 1", "1,2,3,4,5,6", "\"",
                                                               lines[0], "ms,s,ms"]))
            text = end.join(lines)
        return (r.choice(["", "", "\ufeff"]) + text + r.choice([end, ""])).encode()

    def markdown(self, grid=None):
        r = self.r
        names, rows, _ = grid or self.grid()

        def cell(x):
            x = x.replace("|", "\\|").replace("\n", " ")
            return r.choice([x] * 8 + [f"**{x}**", f"`{x}`", f"<b>{x}</b>", f"*{x}*", f"~~{x}~~"])
        out = [r.choice(["# Title 1", "words 2", "", "    code 3", "```\n| x | 1 |\n|--|--|\n```"])]
        if r.random() < self.hostility:
            out += ["", "| only | header |", "|---|:-:|", ""]
        rule = [r.choice(["---", ":--", "--:", ":-:", "-"]) for _ in names]
        out += ["", "| " + " | ".join(map(cell, names)) + " |", "|" + "|".join(rule) + "|"]
        out += ["| " + " | ".join(map(cell, row)) + " |" for row in rows]
        out += ["", r.choice(["end", "> 1", "- x\n  | a | b |\n  |---|---|\n  | 1 | 2 |", ""])]
        return "\n".join(out).encode()

    def member(self, grid_row, names, bases):
        r = self.r
        pairs = []
        for i, name in enumerate(names):
            metric = i - (len(names) - len(bases))
            if 0 <= metric and r.random() < .15:
                n = r.choice([1, 2, 5, 20, 50])
                value = "[" + ",".join(self.json_value(bases[metric]) for _ in range(n)) + "]"
            elif 0 <= metric:
                value = self.json_value(bases[metric])
            else:
                value = json.dumps(grid_row[i], ensure_ascii=r.random() < .5)
            pairs.append(f"{json.dumps(name)}:{value}")
        if r.random() < self.hostility:
            key = json.dumps(r.choice(["a/b", "c~d", "*", "", "0", "12", "x"]))
            pairs.append(f"{key}:" + r.choice(["[[1,2],[3,4]]", "{\"a\":{\"b\":[1.5,2.5]}}", "[]",
                                               "{}", "[{\"x\":1},{\"x\":2}]", "\"1\"", "[null,1]"]))
        return "{" + ",".join(pairs) + "}"

    def json(self, grid=None):
        r = self.r
        names, rows, bases = grid or self.grid()
        names = names[:len(rows[0])] if rows else names
        members = [self.member(row, names, bases[:len(names)]) for row in rows]
        shape = r.choice(["list", "list", "lines", "keyed", "nested", "samples", "one", "documents"])
        if shape == "list":
            text = "[" + ",\n".join(members) + "]"
        elif shape == "lines":
            text = "\n".join(members) + "\n"
        elif shape == "documents":
            text = "\n".join(members[:3]) + r.choice(["", "\nwords 1", "\n{\"a\":"])
        elif shape == "keyed":
            text = "{" + ",".join(f"{json.dumps(self.label() + r.choice(['', str(i)]))}:{m}"
                                  for i, m in enumerate(members)) + "}"
        elif shape == "nested":
            outer = json.dumps(self.name())
            text = f'{{"meta":{{"date":"2026-11-20T01:00:00Z","n":3}},{outer}:[{",".join(members)}]}}'
        elif shape == "samples":
            lists = [f"{json.dumps(self.name())}:[" + ",".join(
                self.json_value(r.choice(bases)) for _ in range(r.randrange(1, 50))) + "]"
                for _ in range(r.choice([1, 2, 5]))]
            text = "{" + ",".join(lists) + "}"
        else:
            text = members[0] if members else "{}"
        return text.encode()

    def table(self, grid=None):
        ending = self.r.choice([".csv", ".csv", ".json", ".md", ".jsonl", ".txt"])
        kind = {".csv": self.csv, ".md": self.markdown, ".txt": self.csv}.get(ending, self.json)
        return self.file_name(ending), kind(grid)

    def tool_text(self):
        """What a tool printed, with traps in it where the tree is hostile."""
        r = self.r
        text = r.choice(TOOL_TEXTS)
        tokens = re.split(r"(\s+)", text)
        for i, token in enumerate(tokens):
            if token.strip() and r.random() < self.hostility / 8:
                tokens[i] = r.choice([r.choice(NUMBERS), r.choice(ODD), self.name(), token * 2, ""])
        text = "".join(tokens)
        if r.random() < self.hostility:
            lines = text.split("\n")
            text = "\n".join(r.sample(lines, r.randrange(len(lines))))
        encoding = r.choice(["utf-8", "utf-8", "utf-8-sig", "utf-16", "latin-1"])
        return r.choice([text, text * 2, text.replace("\n", "\r\n")]).encode(encoding, "replace")

    def junk(self):
        r = self.r
        return self.file_name(r.choice([".csv", ".json", ".md", ".txt", ".log"])), r.choice([
            b"", b" ", b"\0\0\0", bytes(r.randrange(256) for _ in range(200)), b"{\"a\":", b"[[[[",
            b"Error: 5 failed at line 3\n", b"a,b\n", b"1\n2\n3\n", b"\xff\xfea\x001\x00", b"{}",
            b"| a |\n|---|\n", b"NaN", b"17", b"\"x\"", b"[1,2,3]", b"[]", b"a;b;c\n1;2;3\n" * 3])

    def nights(self):
        """The same table in dated folders, with a step in some."""
        r = self.r
        n, base, ending = r.randrange(1, 16), 10 ** r.uniform(-3, 4), r.choice([".csv", ".json"])
        metric, key = r.choice(["time_ms", "tokens_s", self.name()]), r.choice(["backend",
                                                                               self.name()])
        step_at, step = r.randrange(0, 16), r.choice([1, 1, 1.2, .7, 3])
        labels = [self.label() for _ in range(r.choice([1, 2, 3]))]
        file = self.file_name(ending)
        out = {}
        for night in range(n):
            level = base * (step if night >= step_at else 1)
            rows = [[x, self.value(level)] for x in labels for _ in range(r.choice([1, 5]))]
            grid = ([key, metric], rows, [level])
            folder = r.choice(["2026-11-%02d", "2026-11-%02d", "run-202611%02d", "n%02d"])
            if r.random() < .9:
                folder = "2026-11-%02d"
            content = self.csv(grid) if ending == ".csv" else (
                "[" + ",".join(self.member(row, grid[0], [level]) for row in rows) + "]").encode()
            out[(folder % (night + 1)).encode() + b"/" + file] = content
        return out

    def tree(self):
        r = self.r
        files = {}
        if r.random() < .4:
            files.update(self.nights())
        for _ in range(r.choice([0, 1, 1, 2, 4])):
            folder = r.choice([b"", b"", b"sub/", self.file_name("") + b"/"])
            name, content = self.table()
            files[folder + name] = content
        if r.random() < .3:
            files[self.file_name(r.choice([".txt", ".log", ".csv"]))] = self.tool_text()
        while r.random() < self.hostility:
            name, content = self.junk()
            files[name] = content
        for path in list(files)[:3]:
            if r.random() < .2:
                files[b"copy of " + path.replace(b"/", b" ")[-200:]] = files[path]
        return files


class Markup(html.parser.HTMLParser):
    """What stands in report.html besides text: only the writer's own marks may."""
    OWN = set("html head meta title style body main h1 h2 h3 p ul ol li table thead tbody tr th td "
              "code pre blockquote strong em br hr nav div details summary a script "
              "figure figcaption".split())
    ATTRIBUTES = set("lang charset http-equiv name content class align start id href data-v "
                     "tabindex role aria-label".split())
    DRAWN = set("svg desc g path polygon polyline rect text circle".split())
    DRAWING = set("class role viewbox r d points x y width height transform fill stroke fill-opacity "
                  "stroke-width stroke-dasharray stroke-linecap stroke-linejoin shape-rendering "
                  "text-anchor font-size".split())
    STROKE = re.compile(r"[\w\s.,()+-]*")
    PLACE = re.compile(r"#(?:[FKP]\d+|s\d+|evidence)")

    def __init__(self, text):
        super().__init__()
        self.foreign, self.scripts = [], 0
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.scripts += tag == "script"
        if tag in self.DRAWN:
            if not all(k in self.DRAWING and self.STROKE.fullmatch(v) for k, v in attrs):
                self.foreign.append((tag, attrs, self.getpos()))
        elif (tag not in self.OWN or any(k not in self.ATTRIBUTES for k, _ in attrs) or
                not all(self.PLACE.fullmatch(v) for k, v in attrs if k == "href") or
                self.scripts > 1 or (tag == "script" and attrs)):
            self.foreign.append((tag, attrs, self.getpos()))

    def handle_comment(self, data):
        self.foreign.append(("comment", data, self.getpos()))


def faults_of(folder):
    """What the outside checker says about the report in a folder."""
    arguments = check_report.arguments(["--from-roots", str(folder)])
    return check_report.run_checks(str(folder), arguments).complaints


def write(root, files):
    for path, content in files.items():
        to = root / os.fsdecode(path)
        try:
            to.parent.mkdir(parents=True, exist_ok=True)
            to.write_bytes(content)
        except (FileExistsError, IsADirectoryError, NotADirectoryError):
            pass  # a name that is a folder here and a file there: the first one stays
    root.mkdir(exist_ok=True)
    return root


def in_a_table(fact):
    return fact["cells"] and all("line" in c or ("table" in c and "rows" in c)
                                 for c in fact["cells"])


class Forger:
    """Changes one thing of a report; each kind of change is a method."""
    KINDS = ("digit", "value", "statistic", "count", "rows", "column", "place", "unit", "subject",
             "metric", "sample", "artifact", "numeral", "excluded", "size")

    def __init__(self, seed, folder, root):
        self.r, self.folder, self.root = random.Random(seed), folder, root
        self.report = json.loads((folder / "report.json").read_text())

    def forge(self, kind):
        """What was done, or None where there is nothing of the kind."""
        said = getattr(self, kind)()
        if said and kind not in ("digit", "sample", "artifact"):
            (self.folder / "report.json").write_text(json.dumps(self.report, ensure_ascii=False))
        return said

    def digits(self, text, line=""):
        """Text with one of its digits changed."""
        places = [i for i, c in enumerate(text) if c in "0123456789"]
        if not places:
            return None
        at = self.r.choice(places)
        return text[:at] + self.r.choice([d for d in "123456789" if d != text[at]]) + text[at + 1:]

    def digit(self):
        path = self.folder / "report.md"
        lines = path.read_text().split("\n")
        open_ = [i for i, x in enumerate(check_numerals.open_lines_of("\n".join(lines)))
                 if x and re.search("[0-9]", x)]
        at = self.r.choice(open_)
        before = lines[at]
        lines[at] = self.digits(before)
        path.write_text("\n".join(lines))
        return f"{before} -> {lines[at]}"

    def fact(self, wanted):
        facts = [f for f in self.report["facts"] if wanted(f)]
        return self.r.choice(facts) if facts else None

    def value(self):
        f = self.fact(lambda f: f["value"])
        if f:
            f["value"] *= self.r.choice([1.001, .9, 2])
        return f

    def statistic(self):
        f = self.fact(lambda f: f["statistic"] == "count" and f["n"] not in (None, 0))
        if f:
            f["statistic"] = "stdev"
        return f

    def count(self):
        f = self.fact(lambda f: f["cells"] and f["n"])
        if f:
            f["n"] += 1
        return f

    def rows(self):
        f = self.fact(lambda f: any("rows" in c for c in f["cells"]))
        if f:
            cell = self.r.choice([c for c in f["cells"] if "rows" in c])
            first = int(re.match(r"\d+", cell["rows"]).group())
            cell["rows"] = re.sub(r"^\d+", str(first + 1), cell["rows"], count=1)
        return f

    def column(self):
        f = self.fact(lambda f: any("table" in c for c in f["cells"]))
        others = {c["column"] for x in self.report["facts"] for c in x["cells"] if "table" in c}
        if f:
            cell = self.r.choice([c for c in f["cells"] if "table" in c])
            others -= {cell["column"]}
            if not others:
                return None
            cell["column"] = self.r.choice(sorted(others))
        return f

    def place(self):
        """In a text: another line, where there may be anything, or the end of the file."""
        f = self.fact(lambda f: any("line" in c for c in f["cells"]))
        if f:
            self.r.choice([c for c in f["cells"] if "line" in c])["line"] += 10000
        return f

    def unit(self):
        f = self.fact(lambda f: f["unit"] in ("ms", "s", "tok/s"))
        if f:
            f["unit"] = {"ms": "s", "s": "ms", "tok/s": "ms"}[f["unit"]]
        return f

    def subject(self):
        f = self.fact(lambda f: in_a_table(f) and f["subject"])
        if f:
            key = self.r.choice(sorted(f["subject"]))
            f["subject"][key] += "x"
        return f

    def metric(self):
        f = self.fact(lambda f: in_a_table(f) and f["metric"])
        if f:
            f["metric"] += "x"
        return f

    def sample(self):
        path = self.folder / "samples.json"
        samples = json.loads(path.read_text())
        some = [k for k, v in samples.items() if v and v[0]]
        if not some:
            return None
        key = self.r.choice(sorted(some))
        samples[key][0] *= 1.01
        path.write_text(json.dumps(samples))
        return key

    def artifact(self):
        some = [a for a in self.report["inventory"]["artifacts"] if a["status"] == "ok"
                and a["tables"]]
        if not some:
            return None
        a = self.r.choice(some)
        path = self.root / a["path"]
        text = self.digits(path.read_bytes().decode("utf-8", "surrogateescape"))
        if text is None:
            return None
        path.write_bytes(text.encode("utf-8", "surrogateescape"))
        return a["path"]

    def numeral(self):
        some = [n for n in self.report["numerals"] if n["means"] == "fact"]
        if not some:
            return None
        n = self.r.choice(some)
        values = {f["id"]: f["value"] for f in self.report["facts"]}
        others = [i for i in values if abs(values[i]) > 2 * abs(values[n["ref"]])]
        if not others:
            return None
        n["ref"] = self.r.choice(others)
        return n

    def excluded(self):
        f = self.fact(lambda f: in_a_table(f) and f["excluded"])
        if f:
            f["excluded"][0] |= f["cells"][0]
        return f

    def size(self):
        some = self.report["inventory"]["artifacts"]
        if not some:
            return None
        a = self.r.choice(some)
        a["bytes"] += 1
        return a


class Hostile(Case):
    def verify(self, folder):
        return subprocess.run([BUILD / "ctl" / "chimeractl", "verify", folder / "report.json"],
                              capture_output=True, timeout=DEADLINE_S, env=environment(), cwd=self.dir)

    def fault(self, daemon, root):
        """None, or what is wrong with the review of a tree."""
        job = daemon.ended(daemon.submit([root])["id"])
        if job["state"] != "succeeded":
            return f"job {job['state']}: {job['error']}"
        folder = daemon.reports / job["id"]
        done = self.verify(folder)
        if done.returncode:
            return f"verify {done.returncode}: {done.stdout[:800]} {done.stderr[:300]}"
        lines = (folder / "report.md").read_bytes().count(b"\n")
        if lines >= 300:
            return f"report.md has {lines} lines"
        foreign = Markup((folder / "report.html").read_text()).foreign
        if foreign:
            return f"report.html holds {foreign[:3]}"
        said = faults_of(folder)
        return f"check_report ({len(said)}): " + "\n    ".join(said[:4]) if said else None

    def test_random_trees(self):
        daemon, bad = None, []
        top = self.dir / "trees"
        top.mkdir()
        for seed in range(FIRST, FIRST + TREES):
            if daemon is None or (seed - FIRST) % A_DAEMON == 0:
                if daemon:
                    daemon.stop()
                    shutil.rmtree(daemon.dir)
                daemon = Daemon(self, [top]).start()
            root = write(top / str(seed), Trees(seed).tree())
            try:
                fault = self.fault(daemon, root)
            except (AssertionError, OSError, ValueError, subprocess.TimeoutExpired) as x:
                fault = f"{type(x).__name__}: {str(x)[-3000:]}"
                daemon.kill()
                shutil.rmtree(daemon.dir)
                daemon = None
            if fault:
                bad.append(f"tree {seed}: {fault}")
                if "CHIMERAD_TREES" in os.environ:
                    print(bad[-1], flush=True)
            shutil.rmtree(root)
        if daemon:
            daemon.stop()
        self.assertEqual(bad, [], "\n".join(bad))

    def test_verify_sees_each_forgery_though_it_is_sealed_again(self):
        top = self.dir / "trees"
        top.mkdir()
        daemon, missed, done = Daemon(self, [top]).start(), [], dict.fromkeys(Forger.KINDS, 0)
        self.addCleanup(daemon.stop)
        for seed in range(FIRST, FIRST + MUTATIONS):
            if (seed - FIRST) % len(Forger.KINDS) == 0:
                trees = Trees(seed)
                trees.hostility = .02
                root = write(top / str(seed), {b"a.csv": trees.csv(), **trees.tree()})
                kept = self.dir / f"kept-{seed}"
                shutil.copytree(root, kept)
                job = daemon.succeeded(daemon.submit([root])["id"])
            kind = Forger.KINDS[(seed - FIRST) % len(Forger.KINDS)]
            folder = self.dir / f"forged-{seed}"
            shutil.copytree(daemon.reports / job["id"], folder)
            said = Forger(seed, folder, root).forge(kind)
            if not said:
                continue
            if kind != "unit":  # names tell units in too many ways: the seal guards them
                seal(folder)
            done[kind] += 1
            verified = self.verify(folder)
            if verified.returncode != 4 or (b"wrong: " not in verified.stdout and kind != "unit"):
                missed.append(f"{seed} {kind}: {str(said)[:400]}: {verified.returncode} "
                              f"{verified.stdout[:200]}")
            shutil.rmtree(root)
            shutil.copytree(kept, root, symlinks=True)
            shutil.rmtree(folder)
        self.assertEqual(missed, [], f"{done}\n" + "\n".join(missed))


if __name__ == "__main__":
    unittest.main()
