# SPDX-License-Identifier: MIT
"""verify against a report of which anything at all was changed, and a tree that has moved on.

Almost nothing is sealed again here: test_hostile_trees.py does that.
"""
import json
import os
import random
import re
import shutil
import unittest

from harness import SOURCE, Case, seal

EACH = int(os.environ.get("CHIMERAD_ALTERED", "24"))  # changes of each kind
SEED = int(os.environ.get("CHIMERAD_SEED", "1"))
DIGITS = "0123456789"


def leaves(node, path=()):
    """(path, value) of everything in a JSON text that is no list and no object."""
    if isinstance(node, dict):
        for key, value in node.items():
            yield from leaves(value, (*path, key))
    elif isinstance(node, list):
        for i, value in enumerate(node):
            yield from leaves(value, (*path, i))
    else:
        yield path, node


def put(node, path, value):
    for step in path[:-1]:
        node = node[step]
    node[path[-1]] = value


class Changer:
    """Each method changes one thing and returns (what it did, what verify has to say: a regex)."""
    KINDS = ("page_digit", "page_byte", "value", "member", "verdict", "sample", "cell",
             "html_digit", "beside_byte", "gone")

    def __init__(self, seed, folder, root):
        self.r, self.folder, self.root = random.Random(seed), folder, root
        self.page = folder / "report.md"
        self.html = folder / "report.html"
        self.path = folder / "report.json"

    def edit_json(self, path, change):
        """As chimerad writes it, but for the one thing: what is around it keeps its bytes."""
        node = json.loads(path.read_text())
        said = change(node)
        text = json.dumps(node, indent=1, ensure_ascii=False)
        path.write_text(text + "\n")
        return said

    def digit(self, text):
        at = self.r.choice([i for i, c in enumerate(text) if c in DIGITS])
        return text[:at] + self.r.choice([d for d in DIGITS if d != text[at]]) + text[at + 1:]

    def page_digit(self):
        """Outside of the fenced prompts each digit is traced, and a wrong one seen as that."""
        lines, fenced = self.page.read_text().split("\n"), False
        places = []
        for i, line in enumerate(lines):
            fenced ^= line.startswith("```")
            if not fenced and re.search("[0-9]", line):
                places.append(i)
        at = self.r.choice(places)
        before, lines[at] = lines[at], self.digit(lines[at])
        self.page.write_text("\n".join(lines))
        return f"{before} -> {lines[at]}", rf"wrong: report\.md:{at + 1}:"

    def flip(self, path):
        data = bytearray(path.read_bytes())
        at = self.r.randrange(len(data))
        data[at] ^= 1 << self.r.randrange(7)
        path.write_bytes(data)
        return f"{path.name}: byte {at}"

    def page_byte(self):
        return self.flip(self.page), "altered: "

    def html_digit(self):
        """A number of the page that most people read, outside of its tags."""
        html = self.html.read_text()
        body = html.index("<main")
        at = self.r.choice([m.start() for m in re.finditer(r"\d(?=[^<>]*<)", html[body:])]) + body
        self.html.write_text(html[:at] + str((int(html[at]) + 1) % 10) + html[at + 1:])
        return html[at - 20:at + 20], r"altered: report\.html: sha256:\w+ expected"

    def beside(self):
        """report.html and the plots."""
        return self.r.choice([self.html, *sorted((self.folder / "plots").iterdir())])

    def beside_byte(self):
        path = self.beside()
        return self.flip(path), rf"altered: (plots/)?{re.escape(path.name)}: "

    def gone(self):
        path = self.beside()
        path.unlink()
        return path.name, rf"altered: (plots/)?{re.escape(path.name)}: it is not there"

    def value(self):
        def change(report):
            fact = self.r.choice([f for f in report["facts"] if f["value"]])
            fact["value"] = float(fact["value"]) * self.r.choice([1.0000001, .5, -1, 3])
            return fact["id"]
        said = self.edit_json(self.path, change)
        return said, rf"wrong: (report\.md:.*)?\b{said}\b"

    def member(self):
        """Anything in report.json: what cannot be recomputed is sealed."""
        def change(report):
            path, old = self.r.choice(list(leaves(report)))
            new = not old if isinstance(old, bool) else old + 1 if isinstance(old, (int, float)) \
                else "x" if old is None else old + "x"
            put(report, path, new)
            return f"{path}: {old} -> {new}"
        return self.edit_json(self.path, change), "altered: |wrong: "

    def verdict(self):
        def change(report):
            finding = self.r.choice(report["findings"])
            what = self.r.choice(["job", "verdict", "state", "kind", "severity", "passed"])
            if what == "job":
                report["job"]["verdict"] = "same"
            elif what == "passed":
                gate = self.r.choice([g for f in report["findings"] for g in f["gates"]
                                      if abs(g["value"]) != abs(g["threshold"])])
                gate["passed"] = not gate["passed"]
            else:
                values = {"verdict": ["changed", "equal", "undecided"], "severity": ["low"],
                          "state": ["suspected", "spike", "recovered"],
                          "kind": ["improvement", "trend", "outlier"]}[what]
                finding[what] = self.r.choice([v for v in values if v != finding[what]])
            return what
        said = self.edit_json(self.path, change)
        return said, "wrong: K\\d+: gate" if said == "passed" else "altered: |wrong: "

    def sample(self):
        def change(samples):
            some = self.r.choice([k for k, v in samples.items() if v and any(v)])
            at = self.r.choice([i for i, x in enumerate(samples[some]) if x])
            samples[some][at] *= 1.001
            return some
        said = self.edit_json(self.folder / "samples.json", change)
        return said, rf"wrong: {said}: samples\.json"

    def cell(self):
        """A digit of an artifact; that of a cell changes its fact as well."""
        report = json.loads(self.path.read_text())
        artifact = self.r.choice([a for a in report["inventory"]["artifacts"] if a["tables"]])
        path = self.root / artifact["path"]
        path.write_text(self.digit(path.read_text()))
        return artifact["path"], rf"wrong: {artifact['id']}: .*digest"


class Altered(Case):
    def setUp(self):
        super().setUp()
        self.root = self.dir / "tree"
        shutil.copytree(SOURCE / "examples" / "nightly", self.root)
        rows = "".join(f"{m},{base + i / 7:.3f},{'refused' if i == 4 else ''}\n" for i in range(9)
                       for m, base in (("a", 10), ("b", 30)))
        (self.root / "plain.csv").write_text("model,tokens_s,error\n" + rows)
        (self.root / "notes.md").write_text("# Run\n\n| model | ttft_ms |\n|---|---|\n"
                                            "| a | 12.5 |\n| b | 17.25 |\n")
        self.ctl("review", "--state", self.dir / "state", self.root)
        self.folder = (self.dir / "state" / "reports" / "latest").resolve()

    def verify(self, folder, code=4, *args):
        return self.ctl("verify", folder / "report.json", *args, code=code).stdout

    def test_no_change_is_missed(self):
        kept = self.dir / "kept"
        shutil.copytree(self.root, kept)
        self.verify(self.folder, 0)
        missed, seed, done = [], SEED * 100000, 0
        for kind in Changer.KINDS:
            for _ in range(EACH):
                seed, done = seed + 1, done + 1
                folder = self.dir / "changed"
                shutil.copytree(self.folder, folder)
                said, wanted = getattr(Changer(seed, folder, self.root), kind)()
                out = self.verify(folder)
                if not re.search(wanted, out):
                    missed.append(f"{seed} {kind}: {said}: {wanted} not in {out[:400]}")
                if kind != "cell" and "altered: " not in out:
                    missed.append(f"{seed} {kind}: {said}: the seal holds: {out[:400]}")
                shutil.rmtree(folder)
                if kind == "cell":
                    shutil.rmtree(self.root)
                    shutil.copytree(kept, self.root)
        self.assertEqual(missed, [], "\n".join(missed))
        self.assertGreaterEqual(done, 200)

    def test_a_report_of_before_the_other_files_were_sealed_is_verified_as_it_was(self):
        path = self.folder / "report.json"
        report = json.loads(path.read_text())
        named = {f["file"] for f in report.pop("files")}
        self.assertIn("report.html", named)
        self.assertEqual(named, {"report.html", *(p["file"] for p in report["plots"])})
        path.write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n")
        seal(self.folder)
        self.verify(self.folder, 0)

    def test_in_a_partial_report_a_file_beside_it_may_be_missing_and_not_altered(self):
        (self.folder / "report.html").unlink()
        self.verify(self.folder, 0, "--partial")
        plot = next((self.folder / "plots").iterdir())
        plot.write_bytes(plot.read_bytes() + b" ")
        self.assertIn(f"altered: plots/{plot.name}: ",
                      self.verify(self.folder, 4, "--partial"))

    def test_a_name_in_files_leads_nowhere_else(self):
        path = self.folder / "report.json"
        report = json.loads(path.read_text())
        for name in ("../latest/report.html", "/etc/passwd", "a/../../b", "", "plots/./a.svg"):
            report["files"][0]["file"] = name
            path.write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n")
            seal(self.folder)
            self.assertIn(f'wrong: report.json: files: "{name}" is no file beside it',
                          self.verify(self.folder))

    def test_each_cited_cell_is_looked_at(self):
        """Every number of a column in turn: its own facts are wrong, beside the file's digest."""
        report = json.loads((self.folder / "report.json").read_text())
        text = (self.root / "plain.csv").read_text()
        lines = text.split("\n")
        artifact = next(a for a in report["inventory"]["artifacts"] if a["path"] == "plain.csv")
        for row in range(1, 19):
            model, number, error = lines[row].split(",")
            if error:
                continue
            changed = list(lines)
            changed[row] = f"{model},{float(number) + 1:.3f},"
            (self.root / "plain.csv").write_text("\n".join(changed))
            out = self.verify(self.folder)
            mine = [f["id"] for f in report["facts"] if f["statistic"] == "median" and
                    f["subject"].get("model") == model and
                    any(c.get("artifact") == artifact["id"] for c in f["cells"])]
            self.assertTrue(mine)
            for fact in mine:
                self.assertIn(f"wrong: {fact}: samples.json: number", out)
        (self.root / "plain.csv").write_text(text)
        self.verify(self.folder, 0)

    def test_a_file_that_is_gone_is_named_once_with_what_stood_on_it(self):
        (self.root / "plain.csv").unlink()
        out = self.verify(self.folder)
        named = re.findall(r"^wrong: (A\d+): plain\.csv is not there any more$", out, re.M)
        self.assertEqual(len(named), 1)
        self.assertRegex(out, rf"wrong: {named[0]}: not there, and neither are the cells of \d+ ")
        self.assertLess(len(out.splitlines()), 12, out)
        self.assertIn("not there: 1 artifacts", self.verify(self.folder, 0, "--partial"))

    def test_a_line_more_is_told_as_size_digest_and_rows(self):
        with open(self.root / "plain.csv", "a") as file:
            file.write("a,11.5,\n")
        out = self.verify(self.folder)
        for words in ("bytes expected", "digest sha256", "table 1: 18 rows expected, 19 found"):
            self.assertRegex(out, rf"wrong: A\d+: .*{words}")
        self.assertNotIn("wrong: F", out)  # what the report cites is what it was

    def test_a_time_alone_changes_nothing_and_a_new_file_is_no_fault(self):
        for path in self.root.rglob("*"):
            os.utime(path, (2e9, 2e9))
        self.verify(self.folder, 0)
        (self.root / "later.csv").write_text("model,x_ms\na,1\n")
        os.utime(self.root / "later.csv", (2e9, 2e9))
        self.verify(self.folder, 0)
        os.utime(self.root / "later.csv", (1e9, 1e9))  # it was there, and the review hid it
        self.assertIn("later.csv is there but not listed", self.verify(self.folder))


if __name__ == "__main__":
    unittest.main()
