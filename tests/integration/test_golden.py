# SPDX-License-Identifier: MIT
"""What a review makes of real files, column by column, against what was read and found right.

The trees are tests/fixtures/tools/* (real output of benchmark tools; MANIFEST.md there) and, where
the shared files are, the samples and the corpus. A golden lies in tests/fixtures/golden/: for each
file its lines, for each table its keys, metrics with quantity, unit, direction and the first and
the last configuration's figure with the cell that it stands in, covariates, and what is ignored.
The corpus has a line a table.

After a change that is meant, write them anew and read the diff:

    CHIMERAD_BUILD=$PWD/build python3 tests/integration/test_golden.py --write
"""
import difflib
import json
import subprocess
import sys
import unittest

from harness import BUILD, CORPUS, DEADLINE_S, SHARED, SOURCE, Case, environment

TOOLS = SOURCE / "tests" / "fixtures" / "tools"
GOLDEN = SOURCE / "tests" / "fixtures" / "golden"
SAMPLES = SHARED / "samples"
LOCATORS_SHOWN = 2


def folders(root):
    return sorted(p for p in root.iterdir() if p.is_dir()) if root.is_dir() else []


def explain(root):
    command = [BUILD / "ctl" / "chimeractl", "check", "--explain", "--json", root]
    done = subprocess.run(command, capture_output=True, text=True, timeout=DEADLINE_S,
                          env=environment())
    if done.returncode:
        raise AssertionError(f"{command}: {done.stderr}")
    return json.loads(done.stdout)


# --- lines ----------------------------------------------------------------------------------

def column_name(c):
    return (c["pointer"] or "").lstrip("/") or c["name"]


def sample_text(s):
    cells = [{k: v for k, v in c.items() if k != "artifact"} for c in s["cells"]]
    shown = ", ".join(json.dumps(c, ensure_ascii=False) for c in cells[:LOCATORS_SHOWN])
    more = f" and {len(cells) - LOCATORS_SHOWN} more" if len(cells) > LOCATORS_SHOWN else ""
    return f"{s['statistic']} {s['value']!r} of {s['n']} at {shown}{more}"


def measure_text(c):
    text = f"{c['quantity'] or '?'} [{c['unit'] or '?'}] {c['better']}"
    if c["factor"] != 1:
        text += f", times {c['factor'] or 'several factors'}"
    return text + (", restates" if c["restates"] else "")


def place_text(t):
    numbers = t["tables"]
    text = f"table {numbers[0]}" if len(numbers) == 1 else f"tables {numbers[0]} to {numbers[-1]}"
    text += "" if t["base"] is None else f" at {t['shape'] if t['base'] else 'the document'}"
    text += f": {t['rows']} rows"
    for what in ("failed", "passed_over"):
        text += f", {t[what]} {what.replace('_', ' ')}" if t[what] else ""
    if t["configurations"]:
        text += f", {t['configurations']} configurations"
    if t["columns_of"]:
        text += f", as in {t['columns_of']}"
    return text


def head_text(t):
    text = place_text(t)
    text += f", header in line {t['header_line']}" if t["header_line"] else ""
    text += ", decimal comma" if t["decimal"] == "," else ""
    text += f", by {t['schema']}" if t["schema"] else ""
    time = t["time"]
    text += f"; time by {time['source']} {time['name'] or ''}".rstrip()
    if time["source"] != "modification time":
        text += f" {time['first']}"
        text += f" to {time['last']}" if time["last"] != time["first"] else ""
    return text


def columns_text(t):
    """A line a metric; the columns of each other role and reason in one line."""
    lines, others = [], {}
    for c in t["columns"]:
        if c["role"] != "metric":
            others.setdefault((c["role"], c["why"]), []).append(column_name(c))
            continue
        lines.append(f"  metric {column_name(c)}: {measure_text(c)}; {c['why']}")
        lines += [f"    {sample_text(s)}" for s in c["samples"]]
    return [f"  {role} {', '.join(names)}: {why}" for (role, why), names in others.items()] + lines


def compact_text(t):
    keys = [column_name(c) for c in t["columns"] if c["role"] == "key"]
    metrics = [f"{column_name(c)} {measure_text(c)}" for c in t["columns"] if c["role"] == "metric"]
    return f"{place_text(t)}; by {', '.join(keys) or '-'}; {'; '.join(metrics) or 'no metric'}"


def file_text(a, compact):
    text = f"{a['format']}, {a['status']}"
    text += f", a copy of {a['duplicate_of']}" if a["duplicate_of"] else ""
    text += f", measured on {a['machine']}" if a["machine"] else ""
    lines = [text + (f": {a['reason']}" if a["reason"] else "")]
    for t in a["tables"]:
        lines += [compact_text(t)] if compact else [head_text(t), *columns_text(t)]
    return lines


def golden_of(root, compact=False):
    files = {f"{a['id']} {a['path']}": file_text(a, compact) for a in explain(root)["artifacts"]}
    return json.dumps(files, indent=1, ensure_ascii=False) + "\n"


def trees():
    """(root, where its golden lies, compact) of all that are there."""
    yield from ((p, GOLDEN / "tools" / f"{p.name}.json", False) for p in folders(TOOLS))
    yield from ((p, GOLDEN / "samples" / f"{p.name}.json", False) for p in folders(SAMPLES))
    if CORPUS.is_dir():
        yield CORPUS, GOLDEN / "corpus.json", True


# --- tests ----------------------------------------------------------------------------------

class Golden(Case):
    def check_tree(self, root, golden, compact):
        with self.subTest(tree=str(root)):
            have = golden_of(root, compact)
            want = golden.read_text() if golden.exists() else ""
            diff = difflib.unified_diff(want.splitlines(), have.splitlines(), str(golden),
                                        "what is made of it now", n=2, lineterm="")
            self.assertTrue(want == have, "\n" + "\n".join(diff))

    def review(self, root):
        with self.subTest(tree=str(root)):
            state = self.dir / root.name
            self.ctl("review", "--local", "--state", state, root)
            self.check_report(state / "reports" / "latest")

    def test_real_tools_are_read_as_before(self):
        self.assertTrue(folders(TOOLS))
        for root in folders(TOOLS):
            self.check_tree(root, GOLDEN / "tools" / f"{root.name}.json", False)

    def test_every_figure_about_real_tools_is_right(self):
        for root in folders(TOOLS):
            self.review(root)

    @unittest.skipUnless(SAMPLES.is_dir(), f"needs the shared samples at {SAMPLES}")
    def test_samples_are_read_as_before(self):
        for root in folders(SAMPLES):
            self.check_tree(root, GOLDEN / "samples" / f"{root.name}.json", False)

    @unittest.skipUnless(SAMPLES.is_dir(), f"needs the shared samples at {SAMPLES}")
    def test_every_figure_about_samples_is_right(self):
        for root in folders(SAMPLES):
            self.review(root)

    @unittest.skipUnless(CORPUS.is_dir(), f"needs the shared corpus at {CORPUS}")
    def test_the_corpus_is_read_as_before(self):
        self.check_tree(CORPUS, GOLDEN / "corpus.json", True)

    def test_every_golden_has_a_tree(self):
        known = {golden for _, golden, _ in trees()}
        stray = {p for p in GOLDEN.rglob("*.json") if p not in known}
        if not SAMPLES.is_dir() or not CORPUS.is_dir():
            stray = {p for p in stray if p.parent.name == "tools"}
        self.assertEqual(stray, set())


def write():
    for root, golden, compact in trees():
        golden.parent.mkdir(parents=True, exist_ok=True)
        golden.write_text(golden_of(root, compact))
        print(golden.relative_to(SOURCE))


if __name__ == "__main__":
    if sys.argv[1:] == ["--write"]:
        write()
    else:
        unittest.main()
