# SPDX-License-Identifier: MIT
"""Section 6: what the pipeline expects, beside what was measured."""
import csv
import json
import os
import unittest

from harness import CORPUS, Case

SWEEP = ("num_gpu,num_ctx,temperature,ttft_s,tokens_s\n"
         "999,4096,0.40,0.143,{}\n"
         "80,4096,0.4,0.131,101.2\n"
         "60,2048,0.8,0.130,103.16\n")
HEADING = "## 6 Expected and Measured"


class ExpectCase(Case):
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


class Expect(ExpectCase):
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

    def test_the_ranks_of_what_was_measured_stand_beside_it(self):
        report, md = self.review(self.tree({"sweep.csv": SWEEP.format("101.78")}))
        [finding] = self.judged(report, "tokens_s")
        [rank] = [f for f in report["facts"] if f["id"] == finding["rank"]]
        self.assertEqual((rank["statistic"], rank["value"], len(rank["from"])), ("rank", 2, 3))
        self.assertIn(f"yes (2 %) [{finding['id']}] | 2 of 3 |", self.section(md))

    def test_why_nothing_was_measured_is_told(self):
        for name, csv_text, why, outcome in (
                ("a", "num_gpu,num_ctx,temperature,ttft_s,tokens_s\n1,4096,0.4,0.1,50\n"
                      "2,4096,0.4,0.1,60\n", "not of this configuration", "no_configuration"),
                ("b", "num_gpu,load_s,eval_s\n999,1.5,0.25\n80,1.25,0.5\n",
                 "nothing here has this metric", "no_metric"),
                ("c", "num_gpu,num_ctx,temperature,ttft_s,tokens_s,error\n999,4096,0.4,,,refused\n"
                      "80,4096,0.4,0.1,60,\n", "its runs failed", "failed")):
            with self.subTest(outcome):
                report, md = self.review(self.tree({f"{name}.csv": csv_text}, name))
                self.assertEqual(report["configuration"]["expect"][0]["outcome"], outcome)
                self.assertIn(f"| 102.31 tok/s | not measured here | – | {why} | – |",
                              self.section(md))

    def test_tables_that_fit_an_expectation_less_than_another_one_alarm_less(self):
        other = SWEEP.replace("101.2", "51.2").replace("103.16", "53.1").replace("0.143", "0.2")
        report, md = self.review(self.tree({"big.csv": SWEEP.format("101.78"),
                                            "small.csv": other.format("50.5")}))
        self.assertEqual(self.section(md).count("small.csv"), 2)
        [less] = [line for line in self.section(md).splitlines() if "which fit less: " in line]
        self.assertIn("`tokens_s` 50.5 tok/s in `small.csv` [K", less)
        self.assertEqual(self.section(md).count("| `tokens_s` |"), 1)
        paths = {a["id"]: a["path"] for a in report["inventory"]["artifacts"]}
        severities = {(paths[k["artifacts"][0]], k["key"].split("/")[0].split(":")[1]):
                      k["severity"] for k in self.judged(report)}
        self.assertEqual(severities, {("big.csv", "tokens_s"): "info",
                                      ("big.csv", "ttft_s"): "medium",
                                      ("small.csv", "tokens_s"): "low",
                                      ("small.csv", "ttft_s"): "low"})

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
            self.assertIn(f"{path}`, row `{number}` {said}", line)


EXPECTED = ("expect:\n"
            "  - {metric: tokens_s, subject: {num_gpu: 999, num_ctx: 4096}, value: 100,\n"
            "     unit: tok/s, source: \"Report 7\"}\n"
            "  - {metric: ttft_s, subject: {num_gpu: 999, num_ctx: 4096}, value: 0.13,\n"
            "     source: \"Report 7\"}\n")


class Contradictions(ExpectCase):
    """What an expectation claims, against the options that run and against the data."""

    def claimed(self, text, files, **more):
        data = self.dir / "data"
        (data / "pipelines").mkdir(parents=True)
        (data / "personas").symlink_to(
            os.path.join(os.path.dirname(__file__), "..", "..", "personas"))
        (data / "pipelines" / "claims.yaml").write_text(
            "name: claims\ntitle: Claims\nsteps:\n"
            "  - {id: inventory, stage: ingest, agent: data-collector}\n" + text)
        self.env = {"CHIMERAD_DATA": str(data)}
        self.ctl("review", "--local", "--state", self.dir / "state", "-p", "claims",
                 self.tree(files), env=self.env, **more)
        self.folder = self.dir / "state" / "reports" / "latest"
        return self.check_report(self.folder), (self.folder / "report.md").read_text()

    def contradictions(self, report):
        return [k for k in report["findings"] if k["kind"] == "contradiction"]

    def sentence(self, k):
        return "".join(s["t"] if "t" in s else s["f"] for s in k["text"])

    def test_a_configuration_that_is_not_the_one_that_runs(self):
        report, md = self.claimed("options: {num_gpu: 80, num_ctx: 4096, temperature: 0.40}\n"
                                  + EXPECTED, {"sweep.csv": SWEEP.format("100")})
        [k] = [k for k in self.contradictions(report) if "options" in k["key"]]
        self.assertEqual(k["key"],
                         "contradiction:expected-options:num_gpu=999,num_ctx=4096/num_gpu=80/")
        self.assertEqual({g["name"]: (g["value"], g["threshold"], g["passed"])
                          for g in k["gates"]},
                         {"equal to the expected num_gpu": (80, 999, False),
                          "equal to the expected num_ctx": (4096, 4096, True)})
        self.assertEqual(self.sentence(k),
                         "What is expected of tokens_s (Report 7) is of a configuration with "
                         "num_gpu 999, but the options of the pipeline say num_gpu 80: it is no "
                         "figure of what runs.")
        self.assertEqual(k["expectation"], 0)
        self.assertIn("but the options of the pipeline say `num_gpu` `80`", self.section(md))
        self.assertEqual(report["configuration"]["options"],
                         [{"agent": None, "options": {"num_gpu": 80, "num_ctx": 4096,
                                                      "temperature": 0.4}}])
        told = self.ctl("explain", self.folder / "report.json", k["id"]).stdout
        self.assertIn("not passed  equal to the expected num_gpu: 80 against 999; it would pass "
                      "at 999", told)

    def test_options_that_are_the_same_or_not_set_contradict_nothing(self):
        report, _ = self.claimed("options: {num_gpu: 999, top_k: 20}\n" + EXPECTED,
                                 {"sweep.csv": SWEEP.format("100")})
        self.assertEqual([k for k in self.contradictions(report) if "options" in k["key"]], [])

    def test_what_a_matrix_sets_in_turn_contradicts_nothing(self):
        report, _ = self.claimed("options: {num_gpu: 80}\nmatrix: {num_gpu: [80, 999]}\nruns: 1\n"
                                 + EXPECTED, {"sweep.csv": SWEEP.format("100")})
        self.assertEqual([k for k in self.contradictions(report) if "options" in k["key"]], [])
        self.assertEqual(report["configuration"]["options"], [{"agent": None, "options": {}}])

    def test_each_agent_that_runs_on_something_else_is_named(self):
        agents = ("options: {num_ctx: 4096}\nagents:\n"
                  "  - {name: claimed, options: {num_gpu: 999}}\n"
                  "  - {name: other, options: {num_gpu: 80, num_ctx: 512}}\n"
                  "  - {name: plain}\n")
        report, md = self.claimed(agents + EXPECTED, {"sweep.csv": SWEEP.format("100")})
        [k] = [k for k in self.contradictions(report) if "options" in k["key"]]
        self.assertTrue(k["key"].endswith("/other"), k["key"])
        self.assertEqual(k["severity"], "info")
        self.assertIn("but the agent other runs with num_gpu 80, num_ctx 512: it is a figure of "
                      "another agent.", self.sentence(k))
        self.assertIn("the agent `other` runs with", self.section(md))
        for agent in ("claimed", "other", "plain"):
            own = self.check_report(self.folder / "agents" / agent)
            self.assertIn(k["key"], [x["key"] for x in own["findings"]])

    def test_a_unit_that_the_metric_is_not_in(self):
        report, md = self.claimed(
            "expect: [{metric: ttft_s, subject: {num_gpu: 999}, value: 143, unit: ms}]\n",
            {"sweep.csv": SWEEP.format("100")})
        self.assertEqual(self.judged(report), [])
        [k] = self.contradictions(report)
        self.assertEqual((k["severity"], k["expectation"]), ("medium", 0))
        self.assertTrue(k["key"].startswith("contradiction:expected-unit:ttft_s/num_gpu=999/"))
        [fact] = [f for f in report["facts"] if f["id"] in k["facts"]]
        self.assertEqual((fact["metric"], fact["unit"], fact["value"]), ("ttft_s", "s", .143))
        self.assertIn("`ttft_s` is expected in `ms`, but `sweep.csv` has it in `s`, as 143 ms: "
                      "nothing is compared.", md)
        self.assertIn("| 143 ms | not measured here | – | in another unit | – | – |",
                      self.section(md))

    def test_a_figure_of_another_configuration(self):
        report, md = self.claimed(
            "expect: [{metric: tokens_s, subject: {num_gpu: 999}, value: 103.2, unit: tok/s,"
            " source: \"Report 7\"}]\n", {"sweep.csv": SWEEP.format("90")})
        [missed] = self.judged(report)
        [k] = self.contradictions(report)
        values = {f["id"]: (f["value"], f["subject"].get("num_gpu")) for f in report["facts"]}
        self.assertEqual([values[f] for f in k["facts"]], [(90, "999"), (103.16, "60")])
        self.assertEqual(k["facts"][0], missed["facts"][0])
        [gate] = k["gates"]
        self.assertAlmostEqual(gate["value"], 100 * (103.16 - 103.2) / 103.2)
        self.assertTrue(gate["passed"])
        self.assertIn("What is expected of `tokens_s` (`Report 7`) is not what `num_gpu` `999`",
                      self.section(md))

    def test_what_no_configuration_of_the_table_measured_is_only_missed(self):
        report, _ = self.claimed(
            "expect: [{metric: tokens_s, subject: {num_gpu: 999}, value: 150}]\n",
            {"sweep.csv": SWEEP.format("90")})
        self.assertEqual(self.contradictions(report), [])
        self.assertEqual([k["kind"] for k in self.judged(report)], ["expectation_missed"])

    def altered(self, report, change):
        """The report with a change, sealed by nobody: what verify says of it."""
        folder = self.dir / "altered"
        folder.mkdir()
        for name in ("report.md", "samples.json"):
            (folder / name).write_bytes((self.folder / name).read_bytes())
        changed = json.loads(json.dumps(report))
        change(changed)
        (folder / "report.json").write_text(json.dumps(changed, indent=1))
        return self.ctl("verify", folder / "report.json", code=4).stdout

    def test_verify_finds_a_contradiction_that_was_taken_out(self):
        report, _ = self.claimed("options: {num_gpu: 80}\n" + EXPECTED,
                                 {"sweep.csv": SWEEP.format("100")})
        text = self.altered(report, lambda r: r["configuration"]["options"][0]["options"].update(
            num_gpu=999))
        self.assertIn("is not of what is expected and run", text)


RUN = {"scenario": "chimera_homo", "run_number": 1, "collector": {}, "insight": {},
       "summary": {"concurrency_speedup": 1.9}}


def agent(given, run):
    return {"config": {"label": "a", "base_url": "http://a", "options": given},
            "result": {"configuration": run, "workflow": {"ingest_seconds": 0.03},
                       "timestamp": "2025-11-15T10:37:00Z"}, "execution_time_s": 60.5}


class Stated(ExpectCase):
    """What an artifact states of its options, and what it holds."""

    def contradictions(self, *agents, path, **reports):
        run = {**RUN, "collector": agents[0], "insight": agents[1]}
        files = {f"{os.path.dirname(path)}/{name}.md": text for name, text in reports.items()}
        report, md = self.review(self.tree({path: json.dumps(run), **files}),
                                 pipeline="nightly-review")
        found = [k for k in report["findings"] if k["kind"] == "contradiction"]
        facts = {f["id"]: f["value"] for f in report["facts"]}
        return found, [[facts[f] for f in k["facts"]] for k in found], md

    def test_a_result_of_other_options_than_the_agent_was_given(self):
        found, values, md = self.contradictions(
            agent({"num_gpu": 80, "num_ctx": 512}, {"num_gpu": 60, "num_ctx": 512}),
            agent({}, {}), path="run_1/metrics.json")
        self.assertEqual(values, [[80, 60]])
        self.assertEqual(found[0]["severity"], "medium")
        self.assertIn("an agent was given `num_gpu` 80", md)

    def test_a_directory_that_is_called_after_other_options(self):
        options = {"num_gpu": 60, "num_ctx": 512, "temperature": 0.8}
        found, values, md = self.contradictions(
            agent(options, options), agent({}, {}),
            path="gpu80_ctx512_temp0p8/run_1/metrics.json")
        self.assertEqual(values, [[60]])
        [gate] = found[0]["gates"]
        self.assertEqual((gate["value"], gate["threshold"], gate["passed"]), (60, 80, False))
        self.assertIn("and nowhere what `gpu80_ctx512_temp0p8` says", md)

    def test_a_report_of_other_options_than_the_runs_beside_it(self):
        options = {"num_gpu": 60, "num_ctx": 512}
        found, values, md = self.contradictions(
            agent(options, options), agent({}, {}), path="run_1/metrics.json",
            report="# Report\n\n**Configuration:** num_gpu=80, num_ctx=512\n\nWith `num_gpu`: 80.\n")
        self.assertEqual(values, [[80, 60]])
        self.assertIn("`run_1/report.md` states `num_gpu` 80, but the agents of "
                      "`run_1/metrics.json` ran with another one, as 60.", md)

    def test_a_report_of_several_configurations_states_none(self):
        options = {"num_gpu": 60, "num_ctx": 512}
        found, _, _ = self.contradictions(
            agent(options, options), agent({}, {}), path="run_1/metrics.json",
            report="# Report\n\nBaseline num_gpu=80, then num_gpu=120.\n\n```\nnum_ctx=9\n```\n",
            other="# Report\n\nWith num_gpu: 80, 120 it may be num_gpu=80.\n")
        self.assertEqual(found, [])

    def test_what_agrees_or_is_not_told_is_none(self):
        options = {"num_gpu": 80, "num_ctx": 512, "temperature": 0.8}
        for path in ("gpu80_ctx512_temp0p8/run_1/metrics.json", "gpu0/run_1/metrics.json",
                     "gpu80_ctx512_temp0p8x/metrics.json"):
            with self.subTest(path):
                found, _, _ = self.contradictions(agent(options, options),
                                                  agent({}, {}), path=path)
                self.assertEqual(found, [])


if __name__ == "__main__":
    unittest.main()
