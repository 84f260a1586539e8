# SPDX-License-Identifier: MIT
"""Section 6: what the pipeline expects, beside what was measured."""
import csv
import unittest

from harness import CORPUS, Case

SWEEP = ("num_gpu,num_ctx,temperature,ttft_s,tokens_s\n"
         "999,4096,0.40,0.143,{}\n"
         "80,4096,0.4,0.131,101.2\n"
         "60,2048,0.8,0.130,103.16\n")
HEADING = "## 6 Expected and Measured"


class Expect(Case):
    def review(self, *paths, pipeline="chimera-optimized", more=(), code=0):
        self.ctl("review", "--local", "--state", self.dir / "state", "-p", pipeline, *more, *paths,
                 code=code)
        folder = self.dir / "state" / "reports" / "latest"
        return self.check_report(folder), (folder / "report.md").read_text()

    def judged(self, report, metric=""):
        return [k for k in report["findings"] if k["kind"].startswith("expectation_")
                and k["key"].startswith("expectation:" + metric)]

    def section(self, md):
        self.assertEqual(md.count(HEADING), 1)
        return md.split(HEADING)[1].split("\n## ")[0]

    def test_a_measurement_within_the_tolerance_meets_it(self):
        report, md = self.review(self.tree({"sweep.csv": SWEEP.format("101.78")}))
        [finding] = self.judged(report, "tokens_s")
        self.assertEqual((finding["kind"], finding["severity"]), ("expectation_met", "info"))
        [fact] = [f for f in report["facts"] if f["id"] in finding["facts"]]
        self.assertEqual(fact["value"], 101.78)
        [expected, _] = report["configuration"]["expect"]
        self.assertEqual(expected["value"], 102.31)
        self.assertEqual(expected["subject"],
                         {"num_gpu": "999", "num_ctx": "4096", "temperature": "0.4"})
        self.assertAlmostEqual(finding["gates"][0]["value"], 100 * (101.78 - 102.31) / 102.31)
        text = self.section(md)
        for words in ("| 102.31 tok/s | 101.8 tok/s | -0.52 % | yes (2 %)",
                      "| Technical Report 108, 4.3 |"):
            self.assertIn(words, text)
        self.assertNotIn("within what was expected", md)

    def test_a_measurement_outside_of_it_is_on_the_first_screen_and_can_fail_a_build(self):
        root = self.tree({"sweep.csv": SWEEP.format("90.5")})
        report, md = self.review(root, more=("--fail-on", "expectation_missed"), code=3)
        [finding] = self.judged(report, "tokens_s")
        self.assertEqual((finding["kind"], finding["severity"]), ("expectation_missed", "medium"))
        self.assertEqual(md.count("Measured `tokens_s` at 90.5 tok/s"), 1)
        self.assertLess(md.index("outside of what was expected"), md.index("## 2 "))
        self.assertIn("| -11.5 % | **no** (2 %)", self.section(md))

    def test_what_nobody_measured_is_told(self):
        report, md = self.review(self.tree({"a.csv": "backend,time_ms\nx,1.5\ny,2.5\n"}))
        self.assertEqual(self.judged(report), [])
        self.assertIn("| 102.31 tok/s | not measured here |", self.section(md))

    def test_a_pipeline_that_expects_nothing_has_no_such_section(self):
        report, md = self.review(self.tree({"sweep.csv": SWEEP.format("90.5")}),
                                 pipeline="nightly-review")
        self.assertNotIn(HEADING, md)
        self.assertEqual(report["configuration"]["expect"], [])
        self.assertEqual(self.judged(report), [])

    @unittest.skipUnless(CORPUS.is_dir(), f"needs the shared corpus at {CORPUS}")
    def test_the_sweep_of_the_corpus_meets_one_figure_of_its_report_and_misses_the_other(self):
        report, md = self.review(CORPUS)
        path = "reports/gemma3/gemma3_param_tuning.csv"
        [ident] = [a["id"] for a in report["inventory"]["artifacts"]
                   if a["path"].endswith("/" + path) or a["path"] == path]
        with open(next(CORPUS.rglob(path))) as file:
            rows = list(csv.DictReader(file))
        number, row = next((i, r) for i, r in enumerate(rows, 1)
                           if (r["num_gpu"], r["num_ctx"], r["temperature"]) ==
                           ("999", "4096", "0.4"))
        for metric, expected, kind, said in (
                ("tokens_s", 102.31, "expectation_met",
                 "| 102.31 tok/s | 101.8 tok/s | -0.51 % | yes (2 %)"),
                ("ttft_s", .128, "expectation_missed",
                 "| 0.128 s | 0.143 s | 11.9 % | **no** (5 %)")):
            [finding] = [k for k in self.judged(report, metric) if k["artifacts"] == [ident]]
            self.assertEqual(finding["kind"], kind)
            [fact] = [f for f in report["facts"] if f["id"] in finding["facts"]]
            self.assertEqual(fact["value"], float(row[metric]))
            self.assertEqual(fact["cells"], [{"artifact": ident, "table": 1,
                                              "rows": str(number), "column": metric}])
            self.assertAlmostEqual(finding["gates"][0]["value"],
                                   100 * (float(row[metric]) / expected - 1))
            [line] = [line for line in self.section(md).splitlines()
                      if path in line and f"`{metric}`" in line]
            self.assertIn(f"{path}`, rows `{number}` {said}", line)


if __name__ == "__main__":
    unittest.main()
