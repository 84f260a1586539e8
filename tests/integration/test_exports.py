# SPDX-License-Identifier: MIT
"""What is exported under the names of the Chimera harness, and read back as artifacts."""
import json
import re
import shutil
import statistics

from agents_case import GOOD, SHORT, AgentsCase
from harness import SOURCE
from scripted_server import ScriptedServer

THEIRS = SOURCE / "tests" / "fixtures" / "tools" / "chimera_agents"
TWO = ("agents:\n  - {name: plain, endpoint: one}\n"
       "  - {name: tuned, endpoint: two, options: {temperature: 0.4, top_k: 20}}\nruns: 2")


def fields(value, at=""):
    """The pointers of all members, those of list elements together."""
    if isinstance(value, dict):
        return {at + "/" + k for k in value}.union(*(fields(v, f"{at}/{k}")
                                                     for k, v in value.items()))
    if isinstance(value, list):
        return set().union(*(fields(v, at + "/*") for v in value))
    return set()


class Exports(AgentsCase):
    steps = SHORT

    def setUp(self):
        super().setUp()
        fast = ScriptedServer(self, "llama", say=GOOD, tokens=10, token_ms=8)
        slow = ScriptedServer(self, "llama", say=GOOD, tokens=10, token_ms=12)
        self.start([fast.endpoint("one"), slow.endpoint("two")], two=TWO)
        self.report, _ = self.reports("two")
        self.exported = self.dir / "exported"
        self.exported.mkdir()
        for path in [*self.folder.glob("summary.*"), *self.folder.glob("run_*")]:
            copy = shutil.copytree if path.is_dir() else shutil.copy
            copy(path, self.exported / path.name)

    def read(self):
        """The review of what was exported."""
        self.ctl("review", "--local", "--state", self.dir / "own", self.exported)
        return self.check_report(self.dir / "own" / "reports" / "latest")

    def test_the_fields_are_theirs(self):
        words = re.compile(r"/(prompt|response|summary|report_markdown|raw_response|data_summary|id"
                           r"|analysis|workflow|system_info|benchmark_data_count)(/|$)")
        for name, own in (("summary.json", "summary.json"),
                          ("run_metrics.json", "run_1/metrics.json")):
            theirs = fields(json.loads((THEIRS / name).read_text()))
            mine = fields(json.loads((self.exported / own).read_text()))
            wanted = {f for f in theirs if not words.search(f.removeprefix("/summary"))}
            missing = {f for f in wanted - mine if not re.search("/(options|configuration)/", f)}
            self.assertEqual(missing, set(), own)

    def test_what_is_read_back_is_what_was_measured(self):
        """Each call of a run together: value, unit and configuration; and nothing else."""
        facts = self.facts()
        agents = {a["name"]: a for a in self.report["agents"]}
        of_runs = {t["run"]: t for t in self.report["concurrency"]["trials"]
                   if t["kind"] == "together"}
        seen = set()
        for number, trial in of_runs.items():
            for lane in trial["agents"]:
                for call in lane["calls"]:
                    for metric, member, unit in (("throughput_tokens_per_sec", "tokens_per_s",
                                                  "tok/s"), ("ttft_ms", "ttft_ms", "ms")):
                        [(value, has, subject)] = facts[number, lane["agent"], call["question"],
                                                        metric]
                        self.assertAlmostEqual(value, call[member], places=9)
                        self.assertEqual((has, subject["model"]), (unit, "fake"))
                        for option in ("temperature", "top_k"):
                            self.assertEqual(float(subject[option]),
                                             agents[lane["agent"]]["options"][option])
                        seen.add(metric)
        invented = {k[3] for k in facts if k[1]} - seen
        self.assertEqual(invented, {"prompt_eval_duration_ms"})

    def test_a_speedup_that_was_measured_is_a_metric_and_no_estimate_is_one(self):
        facts = self.facts()
        runs = self.report["concurrency"]["trials"]
        [[(speedup, unit, _)]] = [v for k, v in facts.items() if k[3] == "concurrency_speedup"]
        walls = {}
        for t in runs:
            if t["run"]:
                walls.setdefault(t["run"], {}).setdefault(t["kind"], []).append(t["wall_s"])
        each = [sum(w["solo"]) / w["together"][0] for w in walls.values()]
        self.assertAlmostEqual(speedup, statistics.median(each))
        self.assertIsNone(unit)
        metrics = {k[3] for k in facts}
        self.assertTrue(all("sequential" not in m and "efficiency" not in m and "wall" not in m
                            and "delta" not in m for m in metrics), metrics)

    def facts(self):
        """{(run or None, agent or None, question or None, metric): [(value, unit, subject)]}"""
        report = self.read()
        paths = {a["id"]: a["path"] for a in report["inventory"]["artifacts"]}
        found = {}
        for f in report["facts"]:
            cells = f["cells"]
            if f["statistic"] not in ("value", "median") or not cells:
                continue
            run = re.match(r"run_(\d+)/", paths[cells[0]["artifact"]])
            subject = f["subject"]
            question = re.fullmatch(r"question (\d+)", subject.get("stage", ""))
            key = (run and int(run[1]), subject.get("label"), question and int(question[1]),
                   f["metric"])
            value = (f["value"], f["unit"], subject)
            if value not in found.setdefault(key, []):  # again where runs are compared
                found[key].append(value)
        return found
