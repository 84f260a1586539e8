# SPDX-License-Identifier: MIT
"""How a review of benchmarks goes wrong, on a small tree: docs/measuring.md lists it all."""
import json

from agents_case import FILES, GOOD, SHORT, AgentsCase
from harness import SOURCE, Case, Daemon
from scripted_server import ScriptedServer, claims

MANY = "".join(f"soak,{10 + i % 7}.{i:02}\n" for i in range(24))
COLUMNS = "model,prompt,tokens_s,eval_s,ttft_s\n"
TREE = {
    "q4.csv": COLUMNS + "q4,0,83.25,12.5,0.17\nq4,1,84.5,12.25,0.175\n",
    "q8.csv": COLUMNS + "q8,0,46.75,22.5,0.31\nq8,1,45.5,22.25,0.315\n",
    "z/q4.csv": COLUMNS + "q4,0,83.25,12.5,0.17\nq4,1,84.5,12.25,0.175\n",
    "few.csv": "test,latency_ms\nfew,10.1\nfew,11.2\nfew,12.3\nfew,13.4\nfew,15.584\n",
    "many.csv": "test,latency_ms\n" + MANY,
    "gpu.json": json.dumps({"metrics": [{"gpu": "a", "fan_speed": 40, "tokens": 512},
                                        {"gpu": "b", "fan_speed": 45, "tokens": 513}]}),
    "ncu.csv": "==ERROR== no kernels were profiled\n".encode("utf-16"),
    "digest.md": "# Digest\n\nMade with Ollama v0.1.17 on 32 GB of memory.\n\n"
                 "- q4_0: mean_latency_ms=76.590\n- 40.00: mean_latency_ms=1024\n"
                 "- latency regression of +2098.8 %\n\n"
                 "## Key Findings\n\n- A key finding: we recommend to consider num_gpu.\n",
}


class Mistakes(Case):
    @classmethod
    def setUpClass(cls):
        made = cls()
        made.setUp()
        cls.addClassCleanup(made.doCleanups)
        root = made.tree(TREE)
        made.server = ScriptedServer(made, "ollama", say=GOOD)
        made.daemon = Daemon(made, [root], [made.server.endpoint()]).start()
        for _ in range(2):  # the second one finds the report of the first below its root
            job = made.daemon.succeeded(made.daemon.submit([root], fresh=True)["id"])
            folder = made.daemon.reports / job["id"]
            (root / "report").mkdir(exist_ok=True)
            for part in ("report.md", "report.json", "samples.json"):
                (root / "report" / part).write_bytes((folder / part).read_bytes())
        cls.report, cls.page = made.check_report(folder), (folder / "report.md").read_text()
        cls.bodies = made.server.bodies()
        cls.path_of = {a["id"]: a["path"] for a in cls.report["inventory"]["artifacts"]}

    def facts(self, **members):
        return [f for f in self.report["facts"] if all(f[k] == v for k, v in members.items())]

    def files(self, fact):
        return {self.path_of[c["artifact"]] for c in fact["cells"] or []}

    def test_a_model_is_asked_about_values_and_not_about_names_of_files(self):
        asked = [m["content"] for b in self.bodies for m in b["messages"] if m["role"] == "user"]
        for value in ("83.875", "46.125"):  # the medians of two repetitions
            self.assertTrue(any(value in text and "tok/s" in text for text in asked), value)

    def test_each_figure_is_that_of_its_own_file(self):
        for model, values in (("q4", {83.25, 84.5}), ("q8", {46.75, 45.5})):
            facts = [f for f in self.facts(metric="tokens_s") if f["subject"].get("model") == model
                     and f["cells"]]
            self.assertTrue(facts)
            for fact in facts:
                self.assertEqual(self.files(fact), {f"{model}.csv"})
            ends = {f["value"] for f in facts if f["statistic"] in ("value", "min", "max")}
            self.assertEqual(ends & {83.25, 84.5, 46.75, 45.5}, values)

    def test_a_name_decides_unit_and_direction_and_not_a_part_of_it(self):
        units = {f["metric"]: (f["unit"], f["better"]) for f in self.report["facts"]
                 if f["statistic"] in ("value", "median") and f["metric"]}
        self.assertEqual(units["tokens_s"], ("tok/s", "higher"))
        self.assertEqual(units["eval_s"], ("s", "lower"))
        self.assertEqual(units["latency_ms"], ("ms", "lower"))
        self.assertNotEqual(units.get("fan_speed", ("", ""))[1], "higher")
        self.assertNotIn("tokens", units)

    def test_what_a_digest_states_is_no_measurement(self):
        for fact in self.report["facts"]:
            self.assertNotIn("digest.md", self.files(fact), fact)
            self.assertNotIn(fact["value"], (1024, 76.59, 2098.8), fact)

    def test_what_an_artifact_recommends_is_no_finding(self):
        for words in ("we recommend", "key finding:", "2098"):
            self.assertNotIn(words, self.page)
        for listed in self.report["findings"] + self.report["recommendations"]:
            self.assertNotIn("recommend to consider", json.dumps(listed))

    def test_few_values_have_no_percentile(self):
        of = {f["subject"]["test"] for f in self.facts(metric="latency_ms", statistic="p95")}
        self.assertEqual(of, {"soak"})
        self.assertEqual({f["n"] for f in self.facts(metric="latency_ms", statistic="max")},
                         {5, 24})

    def test_the_version_of_a_server_is_what_it_says_of_itself(self):
        [server] = self.report["configuration"]["endpoints"]
        self.assertEqual(server["version"], "0.33.0")
        self.assertIn("version `0.33.0`", self.page)
        self.assertNotIn("0.1.17", self.page)

    def test_copies_errors_and_own_reports_are_no_evidence(self):
        status = {a["path"]: a["status"] for a in self.report["inventory"]["artifacts"]}
        self.assertEqual(status["ncu.csv"], "unreadable")
        self.assertEqual({f["n"] for f in self.facts(metric="tokens_s", statistic="count")}, {2})
        self.assertEqual([[self.path_of[a] for a in copies]
                          for copies in self.report["inventory"]["duplicates"]],
                         [["q4.csv", "z/q4.csv"]])
        self.assertFalse([path for path in status if path.startswith("report/")])

    def test_every_call_has_a_limit_a_seed_and_all_its_options(self):
        self.assertTrue(self.bodies)
        for body in self.bodies:
            options = body["options"]
            self.assertGreater(options["num_predict"], 0)
            for name in ("seed", "temperature", "top_k", "top_p", "repeat_penalty", "num_ctx"):
                self.assertIn(name, options)


class Agents(AgentsCase):
    def test_each_persona_is_sent_with_the_data_and_unlike_ones_are_not_compared(self):
        self.steps = SHORT
        server = ScriptedServer(self, "ollama", say=GOOD, tokens=10)
        self.start([server.endpoint()], two=(
            "agents:\n  - {name: shipped}\n  - {name: own, personas: {inventory: archivist}}\n"
            "runs: 2"))
        personas = self.dir / "data" / "personas"
        personas.unlink()
        personas.mkdir()
        for file in (SOURCE / "personas").iterdir():
            (personas / file.name).write_text(file.read_text())
        (personas / "archivist.yaml").write_text(
            "name: archivist\ntitle: Archivist\ntask: inventory\nlanguage: en\n"
            "system: You are the archivist of a lighthouse.\nlimits: {words: 250}\n")
        report, _ = self.reports("two")
        said = [[m["content"] for m in b["messages"]] for b in server.bodies()]
        for words in ("archivist of a lighthouse", "DataCollector-9000"):
            sent = [texts for texts in said if words in texts[0]]
            self.assertTrue(sent, words)
            self.assertTrue(all("a.csv" in texts[1] for texts in sent), words)
        c = report["concurrency"]
        self.assertFalse(c["equal_prompts"])
        self.assertFalse(c["deltas"][0]["ranked"])

    def test_quality_is_what_stands_and_not_how_it_sounds(self):
        self.steps = SHORT
        grand = claims("**Key Finding:** GPU throughput, latency and optimisation excel (see [1]).",
                       "Recommendations: performance improved by 34 percent, consistently.")
        server = ScriptedServer(self, "ollama", say=GOOD, tokens=5, rules=[
            {"match": '"temperature":0.9', "say": grand, "tokens": 5},
            {"match": '"temperature": 0.9', "say": grand, "tokens": 5}])
        root = self.tree(FILES)
        self.ctl("tune", root, "--state", self.dir / "state", "--local", "-p", "t", "--endpoint",
                 server.url, "--model", "fake",
                 env=self.data(t="matrix: {temperature: [0.1, 0.9]}\nruns: 2"))
        report = self.check_report(self.dir / "state" / "reports" / "latest")
        quality = {v["options"]["temperature"]: v["quality_pct"]
                   for v in report["sweep"]["variants"]}
        self.assertEqual(quality, {0.1: 100, 0.9: 0})
