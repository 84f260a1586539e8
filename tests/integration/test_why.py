# SPDX-License-Identifier: MIT
"""explain ID WHAT: each number that it prints is one of the report, the samples or the artifacts."""
import json
import re
import shutil
import unittest

from harness import SOURCE, Case, NightsCase


class Why(Case):
    def setUp(self):
        super().setUp()
        self.root = self.dir / "tree"
        shutil.copytree(SOURCE / "examples" / "nightly", self.root)
        (self.root / "plain.csv").write_text(
            'model,tokens_s,note\n\na,10.5,"two\nlines"\na,11.5,\na,NaN,\na,12.75,\nb,30,x\nb,31,\n')
        (self.root / "t.md").write_text("# Run\n\ntext\n\n| engine | ttft_ms |\n|---|---|\n"
                                        "| e1 | 12.5 |\n| e2 | 17.25 |\n")
        self.ctl("review", "--state", self.dir / "state", self.root)
        self.folder = (self.dir / "state" / "reports" / "latest").resolve()
        self.report = json.loads((self.folder / "report.json").read_text())
        self.facts = {f["id"]: f for f in self.report["facts"]}

    def explain(self, what, code=0):
        return self.ctl("explain", self.folder, what, code=code).stdout

    def fact(self, statistic, metric, **subject):
        return next(f for f in self.report["facts"] if f["statistic"] == statistic and
                    f["metric"] == metric and subject.items() <= f["subject"].items())

    def test_json_has_the_entry_and_the_lines(self):
        said = json.loads(self.ctl("--json", "explain", self.folder, "K1").stdout)
        self.assertEqual((said["schema"], said["what"]), ("chimerad.why/1", "K1"))
        self.assertEqual(said["entry"], self.report["findings"][0])
        self.assertEqual(said["lines"], self.explain("K1").splitlines())

    def test_verify_in_json_counts_and_lists_what_is_wrong(self):
        path = self.folder / "report.json"
        good = json.loads(self.ctl("--json", "verify", path).stdout)
        self.assertEqual((good["schema"], good["facts"]), ("chimerad.verify/1", len(self.facts)))
        self.assertEqual((good["wrong"], good["altered"]), ([], []))
        (self.root / "t.md").unlink()
        bad = json.loads(self.ctl("--json", "verify", path, code=4).stdout)
        self.assertTrue(any("t.md" in line for line in bad["wrong"]), bad["wrong"])

    def test_a_fact_has_formula_cells_with_lines_and_values(self):
        fact = self.fact("median", "tokens_s", model="a")
        out = self.explain(fact["id"])
        self.assertIn(f"{fact['id']}  {fact['label']}, model=a = 11.5 tok/s\n", out)
        self.assertIn("median: the median of the cells, n = 3\n", out)
        # the first record begins in line 3, and takes two
        self.assertRegex(out, r"A\d+ plain\.csv: tokens_s, rows 1-2,4, line 3, 5, 7\n")
        self.assertIn("values: 10.5 11.5 12.75\n", out)
        self.assertRegex(out, r"excluded: A\d+ plain\.csv: tokens_s, rows 3, line 6: \S")

    def test_round_numbers_have_no_exponent_and_a_quote_in_a_cell_holds_no_line(self):
        rows = ['m5" x,100', 'm6" y,20', *(f"c,{100 + i}" for i in range(9))]
        root = self.tree({"inches.csv": "model,mb_s\n" + "\n".join(rows) + "\n"}, "inches")
        self.ctl("review", "--state", self.dir / "other", root)
        self.folder = self.dir / "other" / "reports" / "latest"
        facts = json.loads((self.folder / "report.json").read_text())["facts"]
        one, many = (next(f["id"] for f in facts if f["n"] == n) for n in (1, 9))
        self.assertIn(' = 100 MB/s\n', self.explain(one))
        self.assertRegex(self.explain(one), r"inches\.csv: mb_s, rows 1, line 2\n")
        self.assertRegex(self.explain(many),
                         r"rows 3-11, line 4, 5, 6, 7, 8, 9, 10, 11, \.\.\.\n")

    def test_rows_of_markdown_have_lines_too_and_of_a_file_that_changed_none(self):
        fact = self.fact("value", "ttft_ms", engine="e2")
        self.assertRegex(self.explain(fact["id"]), r"t\.md: ttft_ms, rows 2, line 8\n")
        with open(self.root / "t.md", "a") as file:
            file.write("\n")
        self.assertRegex(self.explain(fact["id"]), r"t\.md: ttft_ms, rows 2\n")

    def test_a_fact_over_facts_shows_these(self):
        [delta] = [f for f in self.report["facts"] if f["id"] ==
                   next(k for k in self.report["findings"] if k["kind"] == "regression")["facts"][0]]
        out = self.explain(delta["id"])
        self.assertIn("delta_pct: 100 (this - reference) / |reference|", out)
        for used in delta["from"]:
            self.assertRegex(out, rf"\n  {used}  {re.escape(self.facts[used]['label'])}")

    def test_every_fact_and_finding_can_be_explained(self):
        for one in self.report["facts"][::7] + self.report["findings"]:
            out = self.explain(one["id"])
            self.assertTrue(out.startswith(one["id"] + "  "), out[:80])
            self.assertNotIn("no formula is known", out)

    def test_a_finding_has_each_gate_and_what_would_have_flipped_it(self):
        for finding in self.report["findings"]:
            out = self.explain(finding["id"])
            for gate in finding["gates"]:
                line = next(x for x in out.splitlines() if f"  {gate['name']}: " in x)
                self.assertIn("  passed" if gate["passed"] else "  not passed", line)
                numbers = [float(x) for x in re.findall(
                    r"(?:: |against |below |above |beyond |at |within )(-?[\d.]+(?:e-?\d+)?)",
                    line.split(gate["name"], 1)[1])]
                self.assertEqual(numbers, [gate["value"], gate["threshold"],
                                           abs(gate["threshold"])], line)
                self.assertIn("would not pass" if gate["passed"] else "would pass", line)

    def test_a_series_without_a_change_has_the_gates_that_decided(self):
        out = self.explain("times@command=scan")
        steady = out[out.index("No change was found:"):]
        center = self.fact("median", "times", command="scan")
        noise = next(n for n in self.report["configuration"]["noise"] if n["fact"] == center["id"])
        self.assertIn(f"passed      earlier runs: {noise['earlier_runs']} against 8", steady)
        self.assertIn(f"not passed  distance from the median of the earlier runs, %: "
                      f"{noise['distance_pct']} against {noise['limit_pct']}; it would pass at "
                      f"{noise['limit_pct']} or more", steady)
        self.assertIn(f"A change of {noise['noticed_pct']} % would have been noticed", steady)
        self.assertRegex(steady, r"not passed  effect, %: [\d.]+ against 2;")

    def test_a_series_with_a_change_has_its_finding_and_one_without_a_past_says_so(self):
        out = self.explain("times@command=lookups")
        self.assertIn("\nK1  ", out)
        self.assertNotIn("No change was found", out)
        self.assertIn("not tested  it has no earlier run", self.explain("tokens_s@model=b"))
        both = self.explain("throughput")  # its quantity
        self.assertEqual(re.findall(r"^F\d+ .*(model=\w)", both, re.M)[:1], ["model=a"])
        self.assertIn("model=b", both)

    def test_each_figure_of_the_page_is_found_by_its_place(self):
        for numeral in self.report["numerals"][::9]:
            at = f"report.md:{numeral['line']}:{numeral['column'] + len(numeral['text']) - 1}"
            out = self.explain(at)
            self.assertIn(f'"{numeral["text"]}"', out)
            if numeral["means"] == "fact":
                self.assertRegex(out, rf"\n{numeral['ref']}  ")
            elif numeral["means"] == "figure":
                self.assertIn(f"figure: {numeral['ref']} of report.json", out)

    def test_what_is_not_there_is_one_line(self):
        for what in ("F99999", "K99", "no_metric", "tokens_s@model=z", "report.md:1:1",
                     "report.md:0:1", "report.md:x", "report.md:3", "report.md:3:1x", "", "@"):
            done = self.ctl("explain", self.folder, what, code=1)
            self.assertEqual((len(done.stderr.splitlines()), done.stdout), (1, ""), what)
        self.ctl("explain", self.folder, code=2)

    def test_a_forged_report_does_no_harm(self):
        def forge(change):
            report = json.loads((self.folder / "report.json").read_text())
            change(report)
            folder = self.dir / "forged"
            shutil.rmtree(folder, ignore_errors=True)
            shutil.copytree(self.folder, folder)
            (folder / "report.json").write_text(json.dumps(report))
            return folder

        def loop(report):
            report["facts"][0] |= {"from": ["F1", "F1"], "label": "x\x1b[2J\ny"}

        def lie(report):
            for a in report["inventory"]["artifacts"]:
                a |= {"path": "../../etc/passwd", "bytes": -1, "tables": 3}
            report["facts"][0]["cells"] = [{"artifact": "A1", "table": 1, "rows": "0-,9-1,-,x"}, 3]

        out = self.ctl("explain", forge(loop), "F1").stdout
        self.assertIn("x?[2J?y", out)
        self.assertLess(len(out), 20000)
        self.ctl("explain", forge(lie), "F1")
        self.ctl("explain", forge(lambda r: r.update(facts=[1, {}, None], findings={})), "x", code=1)


class WhyNights(NightsCase):
    def test_a_fact_of_an_earlier_review_is_named_by_it(self):
        self.measure(100, 101, 99, 100, 100, 101)
        report = self.measure(70)
        fact = next(f for f in report["facts"] if any("review" in c for c in f["cells"]))
        out = self.ctl("explain", "latest", fact["id"], socket=self.daemon.socket).stdout
        cell = fact["cells"][0]
        self.assertIn(f"review {cell['review']}, its {cell['fact']}\n", out)


if __name__ == "__main__":
    unittest.main()
