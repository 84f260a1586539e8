# SPDX-License-Identifier: MIT
"""The main job without a model: real trees in, true reports out."""
import json
import re
import unittest

from harness import CORPUS, SHARED, SOURCE, Case, Daemon


def by_path(report):
    return {a["path"]: a for a in report["inventory"]["artifacts"]}


def facts_of(report, path, **subject):
    """Facts over cells of the artifact at `path` whose subject holds all of `subject`."""
    ident = by_path(report)[path]["id"]
    return [f for f in report["facts"]
            if any(c.get("artifact") == ident for c in f["cells"])
            and all(f["subject"].get(k) == v for k, v in subject.items())]


class LocalReview(Case):
    def review(self, *paths, code=0):
        self.said = self.ctl("review", "--local", "--state", self.dir / "state", *paths,
                             code=code).stdout
        return self.check_report(self.dir / "state" / "reports" / "latest")

    def test_the_twelve_nights_of_the_example_show_the_slower_lookups_since_the_tenth(self):
        report = self.review(SOURCE / "examples" / "nightly")
        self.assertEqual(report["job"]["verdict"], "worse")
        bad = [k for k in report["findings"] if k["kind"] == "regression" and k["state"]]
        self.assertTrue(bad)
        for finding in bad:
            self.assertEqual(finding["since"], "2026-11-18")
            subjects = [f["subject"] for f in report["facts"] if f["id"] in finding["facts"]]
            self.assertTrue(all("lookups" in json.dumps(s) for s in subjects), subjects)
        best = {k["key"] for k in report["findings"] if k["kind"] == "best"}
        self.assertEqual([key for key in best if "zstd" in key], ["best:zstd-*.csv/median"],
                         "hyperfine's Markdown says the same as its CSV: one best of both")
        page = (self.dir / "state" / "reports" / "latest" / "report.md").read_text()
        self.assertIn("The same in `zstd-2026-11-20.md`.", page)
        self.assertIn("| `times` (ms ↓) | 69.55 | 87.15 | **+25.3** |", page)
        sentences = re.findall(r"^  K\d+ +\w+ +(.*)$", self.said, re.M)
        self.assertEqual(len(sentences), len(report["findings"]), self.said)
        for sentence in sentences:  # the terminal has the figures of the page
            self.assertIn(sentence, page.replace("`", ""))

    def test_an_empty_directory_is_reviewed_too(self):
        report = self.review(self.tree({}))
        self.assertEqual(report["job"]["verdict"], "cannot_tell")
        self.assertEqual(report["inventory"]["artifacts"], [])

    def test_a_second_review_of_the_same_tree_has_the_same_facts_and_findings(self):
        root = self.tree({"a.csv": "backend,time_ms\nx,1.5\ny,2.5\n"})
        first, second = self.review(root), self.review(root)
        self.assertEqual(first["facts"], second["facts"])
        self.assertEqual(first["findings"], second["findings"])

    def test_fail_on_an_unknown_kind_is_a_usage_error(self):
        done = self.ctl("review", "--local", "--fail-on", "regresion", self.tree({}), code=2)
        self.assertIn("regression", done.stderr)

    def test_output_is_copied_where_asked(self):
        self.ctl("review", "--local", "--state", self.dir / "state", "-o", self.dir / "out",
                 self.tree({"a.csv": "backend,time_ms\nx,1.5\ny,2.5\n"}))
        self.check_report(self.dir / "out")


@unittest.skipUnless(CORPUS.is_dir(), f"needs the shared corpus at {CORPUS}")
class Corpus(Case):
    """The 101 artifacts of the forebears and the traps in them."""

    @classmethod
    def setUpClass(cls):
        case = cls("run_once")
        case.setUp()
        cls.case = case
        case.ctl("review", "--local", "--state", case.dir / "state", CORPUS)
        cls.report = case.check_report(case.dir / "state" / "reports" / "latest")

    @classmethod
    def tearDownClass(cls):
        cls.case.doCleanups()

    def test_the_page_says_each_thing_once(self):
        page = (self.case.dir / "state" / "reports" / "latest" / "report.md").read_text()
        told = re.findall(r"^- .*\[(K\d+)[^\]]*\]$", page.split("## 5 ")[0], re.M)
        rows = re.findall(r"^\| A\d+ \|.*\| (K\d+|–) \|$", page, re.M)
        self.assertTrue(told and rows)
        self.assertEqual(len(told), len(set(told)), "a finding has one sentence")
        self.assertFalse(set(told) & set(rows), "a file has a row, or its finding a sentence")
        self.assertEqual(page.count("Best and worst "), 0, "findings rank all that are shown")
        shown = len(re.findall(r"^### 3\.", page, re.M))
        repeats = page.count("The same in ")
        left = int(re.search(r"only in report\.json: (\d+)", page)[1])
        self.assertLessEqual(shown + repeats + left, len(self.report["configuration"]["groups"]))

    def run_once(self):
        """Stands in for a test method while the class prepares its one review."""

    def test_inventory_counts_what_is_there(self):
        inventory = self.report["inventory"]
        counts = inventory["counts"]
        self.assertEqual((counts["csv"], counts["json"], counts["markdown"]), (28, 44, 29))
        self.assertEqual(inventory["bytes"], 429472)
        self.assertEqual(len(inventory["artifacts"]), 101)

    def test_byte_identical_copies_are_listed_as_four_pairs(self):
        self.assertEqual(len(self.report["inventory"]["duplicates"]), 4)
        self.assertTrue(all(len(pair) == 2 for pair in self.report["inventory"]["duplicates"]))

    def test_the_csv_that_is_an_error_message_is_unreadable_with_a_reason(self):
        artifact = by_path(self.report)["reports/profiling/ncu_summary.csv"]
        self.assertEqual(artifact["status"], "unreadable")
        self.assertTrue(artifact["reason"])
        self.assertEqual(artifact["tables"], [])

    def test_run_files_in_which_every_row_failed_give_no_facts_but_counts(self):
        rows = [a for p, a in by_path(self.report).items() if p.endswith("prompt_suite_runs.csv")]
        failed = {a["id"] for a in rows if a["status"] != "ok"}
        self.assertGreaterEqual(len(failed), 2)
        for fact in self.report["facts"]:
            if any(c.get("artifact") in failed for c in fact["cells"]):
                self.assertFalse(fact["statistic"] != "count" and fact["value"] == 0, fact)

    def test_no_best_configuration_took_no_time(self):
        facts = {f["id"]: f for f in self.report["facts"]}
        for finding in self.report["findings"]:
            if finding["kind"] == "best":
                for fact in (facts[ident] for ident in finding["facts"]):
                    if fact["cells"]:  # a difference of two may be nothing
                        self.assertNotEqual(fact["value"], 0, finding)

    def test_index_count_and_parameter_columns_are_no_metrics(self):
        metrics = {f["metric"] for f in self.report["facts"]}
        for name in ("prompt_index", "num_gpu", "num_ctx", "eval_count", "timestamp", "ID"):
            self.assertNotIn(name, metrics)
        sweep = facts_of(self.report, "reports/gemma3/gemma3_param_tuning.csv")
        self.assertTrue(sweep)
        self.assertTrue(all(f["metric"] != "temperature" for f in sweep))
        self.assertTrue(any("temperature" in f["subject"] for f in sweep))

    def test_the_best_of_the_sweep_is_what_the_rows_say(self):
        path = "reports/gemma3/gemma3_param_tuning.csv"
        best = max((f for f in facts_of(self.report, path)
                    if f["metric"] == "tokens_s" and f["statistic"] == "value"),
                   key=lambda f: f["value"])
        self.assertEqual({k: best["subject"][k] for k in ("num_gpu", "num_ctx", "temperature")},
                         {"num_gpu": "60", "num_ctx": "2048", "temperature": "0.8"})
        self.assertAlmostEqual(best["value"], 103.16, places=2)
        self.assertEqual(best["unit"], "tok/s")

    def test_configurations_that_timed_out_are_never_ranked(self):
        path = "reports/gemma3/gemma3_270m_param_tuning.csv"
        for temperature in ("0.2", "0.4"):
            ranked = facts_of(self.report, path, num_gpu="60", num_ctx="1024",
                              temperature=temperature)
            self.assertEqual([f for f in ranked if f["statistic"] != "count"], [])
        self.assertEqual(by_path(self.report)[path]["status"], "partial")

    def test_throughput_means_are_those_of_the_cells(self):
        facts = [f for f in self.report["facts"]
                 if f["metric"] == "tokens_s" and f["statistic"] == "mean"
                 and f["subject"].get("tag") in ("q4_0", "q5_K_M", "q8_0")]
        means = {f["subject"]["tag"]: round(f["value"], 2) for f in facts}
        self.assertEqual(means, {"q4_0": 76.59, "q5_K_M": 65.18, "q8_0": 46.57})


class OverTheSocket(Case):
    def test_curl_submits_watches_and_fetches(self):
        root = self.tree({"a.csv": "backend,time_ms\nx,1.5\ny,2.5\n"})
        daemon = Daemon(self, [root]).start()
        job = daemon.submit([root])
        self.assertEqual(daemon.succeeded(job["id"])["verdict"], "cannot_tell")
        status, _, events = daemon.curl("GET", f"/v1/jobs/{job['id']}/events")
        self.assertEqual(status, 200)
        for word in (b"event: step", b"event: state", b"succeeded"):
            self.assertIn(word, events)
        for kind in ("md", "html", "json"):
            status, _, text = daemon.curl("GET", f"/v1/jobs/{job['id']}/report.{kind}")
            self.assertEqual(status, 200)
            folder = daemon.reports / job["id"]
            self.assertEqual(text, (folder / f"report.{kind}").read_bytes())
        self.check_report(daemon.reports / job["id"])
        daemon.stop()

    def test_the_same_key_gives_the_same_job_and_another_body_is_refused(self):
        root = self.tree({"a.csv": "backend,time_ms\nx,1.5\ny,2.5\n"})
        daemon = Daemon(self, [root]).start()
        first = daemon.submit([root], key="night-1")
        again = daemon.submit([root], key="night-1", expect=200)
        self.assertEqual(first["id"], again["id"])
        daemon.submit([root], key="night-1", machine="other", expect=409)
        daemon.ended(first["id"])
        status, listed = daemon.get("/v1/jobs")
        self.assertEqual(status, 200)
        self.assertIn(first["id"], json.dumps(listed))
        daemon.stop()

    def test_the_client_runs_every_command_against_the_daemon(self):
        root = self.tree({"a.csv": "backend,time_ms\nx,1.5\ny,2.5\n"})
        daemon = Daemon(self, [root]).start()
        ident = self.ctl("submit", root, socket=daemon.socket).stdout.strip()
        self.ctl("watch", ident, socket=daemon.socket)
        self.assertIn(ident, self.ctl("list", socket=daemon.socket).stdout)
        shown = json.loads(self.ctl("--json", "show", "latest", socket=daemon.socket).stdout)
        self.assertEqual(shown["state"], "succeeded")
        report = self.ctl("report", ident, socket=daemon.socket).stdout
        self.assertTrue(report.startswith("# Technical Report"), report[:80])
        self.ctl("cancel", ident, code=6, socket=daemon.socket)
        self.ctl("show", "no-such-job", code=6, socket=daemon.socket)
        daemon.stop()
        self.ctl("list", code=5, socket=daemon.socket)


@unittest.skipUnless((SHARED / "example-report").is_dir(), "needs the shared example report")
class ExampleReport(Case):
    def test_the_three_artifacts_of_the_example_give_its_facts(self):
        self.ctl("review", "--local", "--state", self.dir / "state",
                 SHARED / "example-report" / "artifacts")
        report = self.check_report(self.dir / "state" / "reports" / "latest")
        found = {(f["metric"], f["subject"].get("backend") or f["subject"].get("night"),
                  f["statistic"]): f["value"] for f in report["facts"]}
        self.assertEqual(found["tokens_s", "new", "median"], 101.9)
        self.assertEqual(found["tokens_s", "old", "median"], 110.6)
        self.assertEqual(found["mean_time_ms", "onnx", "value"], 0.693)


if __name__ == "__main__":
    unittest.main()
