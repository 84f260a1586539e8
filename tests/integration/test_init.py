# SPDX-License-Identifier: MIT
"""A pipeline to begin with: what init writes is valid, and so is what it holds as comments."""
import json
import re
import shutil

from harness import SOURCE, Case, Daemon

HOSTILE = 'a": {b}\\ #\t\u2028key'


class FromATree(Case):
    def init(self, *args, **more):
        return self.ctl("init", *args, **more).stdout

    def good(self, name, text, kind):
        path = self.dir / name
        path.write_text(text)
        self.assertEqual(self.ctl("check", path).stdout, f"{path}: a good {kind}\n")

    def test_the_example_of_nights(self):
        text = self.init(SOURCE / "examples" / "nightly")
        self.good("nightly.yaml", text, "pipeline")
        self.assertIn("# From 49 artifacts, 12 runs, 2026-11-09 to 2026-11-20.\n", text)
        self.assertIn('#  "samples_ts": {unit: "tok/s", direction: higher, role: primary}', text)
        self.assertIn('#  "samples_ns": {unit: "ns", direction: lower, role: guard}', text)
        self.assertIn('#  "build_commit": covariate\n', text)
        rules = text[text.index("#columns:"):]
        self.good("rules.yaml", re.sub(r"(?m)^#", "", rules), "configuration")

    def test_the_promise_that_it_suggests_is_kept(self):
        root = self.tree({"sweep.csv": "threads,tok_per_s\n1,50\n2,90\n4,120\n"})
        text = self.init(root, "--name", "mine").replace("expect: []\n#", "expect:\n")
        shutil.copytree(SOURCE / "personas", self.dir / "data" / "personas")
        shutil.copytree(SOURCE / "pipelines", self.dir / "data" / "pipelines")
        (self.dir / "data" / "pipelines" / "mine.yaml").write_text(text)
        daemon = Daemon(self, [root], env={"CHIMERAD_DATA": str(self.dir / "data")}).start()
        self.ctl("review", root, "-p", "mine", "-o", self.dir / "out", socket=daemon.socket)
        report = json.loads((self.dir / "out" / "report.json").read_text())
        kinds = {f["kind"] for f in report["findings"]}
        self.assertIn("expectation_met", kinds)
        self.assertNotIn("expectation_missed", kinds)

    def test_names_of_columns_cannot_leave_their_comment(self):
        quoted = HOSTILE.replace('"', '""')
        root = self.tree({"a.csv": f'"{quoted}",time_ms\nx,1\ny,2\n'})
        text = self.init(root)
        self.good("a.yaml", text, "pipeline")
        self.assertIn(json.dumps(HOSTILE), text)
        self.good("b.yaml", re.sub(r"(?m)^#", "", text[text.index("#columns:"):]), "configuration")

    def test_nothing_is_overwritten(self):
        root = self.tree({"a.csv": "name,time_ms\nx,1\n"})
        to = self.dir / "p.yaml"
        self.assertEqual(self.init(root, "-o", to), "")
        before = to.read_text()
        done = self.ctl("init", root, "-o", to, code=1)
        self.assertIn("remove it, or give another -o FILE", done.stderr)
        self.assertEqual(to.read_text(), before)

    def test_what_it_cannot_begin_with(self):
        empty = self.tree({}, "empty")
        self.assertIn("no artifact is there", self.ctl("init", empty, code=1).stderr)
        self.assertIn("No such file", self.ctl("init", self.dir / "none", code=1).stderr)
        self.assertIn("is no name", self.ctl("init", empty, "--name", "A b", code=2).stderr)
        self.assertIn("give the trees", self.ctl("init", code=2).stderr)
