# SPDX-License-Identifier: MIT
"""check --explain: what a review would make of a tree, without one."""
import json
import os
import pathlib
import unittest

from harness import Case

SWEEP = "num_ctx,ttft_s,tokens_s,note\n1024,0.21,98.5,a\n2048,0.22,99.5,b\n"


class Explain(Case):
    def explain(self, root, *args):
        return json.loads(self.ctl("check", "--explain", "--json", root, *args).stdout)

    def column(self, explained, name):
        table = explained["artifacts"][0]["tables"][0]
        return next(c for c in table["columns"] if c["name"] == name)

    def test_a_metric_has_quantity_unit_direction_and_a_cell(self):
        out = self.explain(self.tree({"a.csv": SWEEP}))
        self.assertEqual(out["schema"], "chimerad.explain/1")
        ttft = self.column(out, "ttft_s")
        self.assertEqual((ttft["role"], ttft["quantity"], ttft["unit"], ttft["better"]),
                         ("metric", "time_to_first_token", "s", "lower"))
        self.assertEqual([s["value"] for s in ttft["samples"]], [0.21, 0.22])
        self.assertEqual(ttft["samples"][0]["cells"],
                         [{"artifact": "A1", "table": 1, "rows": "1", "column": "ttft_s"}])
        self.assertEqual(self.column(out, "num_ctx")["role"], "key")

    def test_what_the_configuration_says_applies_and_is_told(self):
        config = self.dir / "c.yaml"
        config.write_text("columns: {num_ctx: ignored}\n"
                          "metrics: {ttft_s: {unit: ms, direction: none}}\n")
        root = self.tree({"a.csv": SWEEP})
        out = self.explain(root, "--config", config)
        self.assertEqual(self.column(out, "num_ctx")["why"], "set by the configuration")
        self.assertEqual(self.column(out, "num_ctx")["configured"], ["role"])
        ttft = self.column(out, "ttft_s")
        self.assertEqual((ttft["unit"], ttft["better"], ttft["configured"]),
                         ("ms", "none", ["unit", "better"]))
        text = self.ctl("check", "--explain", root, env={"CHIMERAD_CONFIG": str(config)}).stdout
        self.assertIn("num_ctx: set by the configuration", text)

    def test_a_metric_that_the_configuration_ignores_is_none(self):
        config = self.dir / "c.yaml"
        config.write_text("metrics: {tokens_s: {role: ignore}, ttft_s: {role: guard}}\n")
        out = self.explain(self.tree({"a.csv": SWEEP}), "--config", config)
        self.assertEqual(self.column(out, "tokens_s")["role"], "ignored")
        self.assertEqual(self.column(out, "ttft_s")["role"], "metric")

    def test_earlier_runs_name_the_run_whose_columns_they_have(self):
        out = self.explain(self.tree({"2026-11-20/a.csv": SWEEP,
                                      "2026-11-21/a.csv": SWEEP.replace("98.5", "98.6")}))
        first, last = (a["tables"][0] for a in out["artifacts"])
        self.assertEqual((first["columns_of"], first["columns"]), ("A2", []))
        self.assertEqual(last["columns_of"], None)
        self.assertEqual(last["configurations"], 2)

    def test_text_fits_80_columns_and_hostile_names_do_no_harm(self):
        evil = "ti\x1b[2Jme_ms" + "x" * 300
        root = self.tree({"e.csv": f"backend,{evil}\nx,1.5\ny,2.5\n", "a.csv": SWEEP,
                          "cut.json": '{"a": [1,'})
        text = self.ctl("check", "--explain", root, env={"COLUMNS": "80"}).stdout
        self.assertNotIn("\x1b", text)
        self.assertTrue(all(len(line) <= 80 for line in text.split("\n")), text)
        self.assertIn("cut.json: json,", text)
        self.assertIn("unreadable", text)

    def test_a_copy_is_named_and_not_explained_twice(self):
        out = self.explain(self.tree({"a.csv": SWEEP, "b.csv": SWEEP}))
        self.assertEqual(out["artifacts"][1]["duplicate_of"], "A1")
        self.assertEqual(out["artifacts"][1]["tables"], [])

    def test_a_missing_path_is_one_line(self):
        done = self.ctl("check", "--explain", self.dir / "nowhere", code=1)
        self.assertRegex(done.stderr, r"^chimeractl: check: .*nowhere: No such file[^\n]*\n$")
        self.assertEqual(done.stdout, "")

    def test_a_configuration_that_is_not_there_is_one_line(self):
        for more in ((), ("--explain",)):
            done = self.ctl("check", *more, "--config", "c.yaml", "d.yaml", code=1)
            self.assertRegex(done.stderr, r"^chimeractl: check: [^\n]*c\.yaml: No such file[^\n]*\n$")

    def test_nothing_is_left_behind(self):
        root = self.tree({"a.csv": SWEEP})
        home = self.dir / "home"
        home.mkdir()
        self.ctl("check", "--explain", root, env={"HOME": str(home), "XDG_STATE_HOME": str(home)})
        self.assertEqual(os.listdir(home), [])
        self.assertEqual([p.name for p in pathlib.Path(root).iterdir()], ["a.csv"])


if __name__ == "__main__":
    unittest.main()
