# SPDX-License-Identifier: MIT
"""Several agents over the same evidence: a review of each, and the one of all above them."""
import json
import os
import statistics

from agents_case import AGENTS, GOOD, SHORT, AgentsCase
from harness import wait_for
from scripted_server import ScriptedServer


class Agents(AgentsCase):
    def test_each_agent_has_a_report_of_the_same_facts_and_there_is_one_above_them(self):
        server = ScriptedServer(self, "ollama", slots=2, say=GOOD)
        self.start([server.endpoint()], two=AGENTS + "measure: none")
        report, each = self.reports("two")
        self.assertEqual(set(each), {"plain", "tuned"})
        for name, own in each.items():
            for part in ("facts", "inventory", "compared"):
                self.assertEqual(own[part], report[part], f"{name}: {part}")
            self.assertEqual(own["job"]["agent"], name)
            self.assertTrue(own["commentary"], name)
            self.assertTrue((self.folder / "agents" / name / "report.html").is_file())
        self.assertEqual(report["commentary"], [])
        self.assertNotIn("agents", each["plain"])
        self.assertEqual(os.readlink(self.folder / "combined.md"), "report.md")
        plain, tuned = report["agents"]
        self.assertEqual((plain["name"], plain["report"]), ("plain", "agents/plain/report.json"))
        self.assertEqual((tuned["options"]["temperature"], tuned["options"]["num_ctx"]),
                         (0.4, 3500))
        self.assertEqual(plain["options"]["num_ctx"], 4096)
        self.assertEqual({s["id"] for s in report["steps"]},
                         {f"{a}/{s}" for a in each for s in ("inventory", "analyse", "compose")})
        self.assertIn("\n## Agents\n", (self.folder / "report.md").read_text())

    def test_what_they_are_asked_is_the_same_and_fits_the_smallest_context(self):
        server = ScriptedServer(self, "ollama", slots=2, say=GOOD)
        self.start([server.endpoint()], two=AGENTS + "measure: none")
        self.reports("two")
        asked = {}
        for chat in server.chats():
            body = chat["body"]
            asked.setdefault(body["options"]["num_ctx"], set()).add(json.dumps(body["messages"]))
        self.assertEqual(set(asked), {3500, 4096})
        missing = [json.loads(x)[1]["content"][-700:] for x in asked[3500] ^ asked[4096]]
        self.assertEqual(missing, [])

    def test_each_talks_to_its_own_server(self):
        one, two = (ScriptedServer(self, "openai", say=GOOD) for _ in range(2))
        self.start([one.endpoint("one"), two.endpoint("two")],
                   two="agents:\n  - {name: a, endpoint: one}\n  - {name: b, endpoint: two}\n"
                       "measure: none")
        report, _ = self.reports("two")
        self.assertEqual([a["endpoint"] for a in report["agents"]], ["one", "two"])
        self.assertTrue(one.chats() and two.chats())

    def test_a_corpus_of_nothing_is_an_error(self):
        self.start([], two=AGENTS)
        empty = self.root / "nothing"
        empty.mkdir()
        job = self.daemon.ended(self.daemon.submit([empty], pipeline="two")["id"])
        self.assertEqual(job["state"], "failed")
        self.assertIn("there is no artifact below", job["error"]["detail"])

    def test_without_a_model_it_is_builtins_and_as_complete(self):
        self.start([], two=AGENTS)
        report, each = self.reports("two")
        self.assertEqual([a["endpoint"] for a in report["agents"]], [None, None])
        self.assertIsNone(report["concurrency"])
        self.assertEqual(each["plain"]["findings"], report["findings"])

    def test_a_killed_daemon_takes_each_agents_answers_up_again(self):
        server = ScriptedServer(self, "openai", slots=2, say=GOOD,
                                rules=[{"match": "editor of a technical report", "hold": True,
                                        "say": GOOD}])
        self.start([server.endpoint(slots=2)], two=AGENTS + "measure: none")
        job = self.daemon.submit([self.root], pipeline="two")["id"]
        server.wait_for_chat()
        held = lambda: [c for c in server.chats() if "editor of" in json.dumps(c["body"])]
        wait_for("both to compose", lambda: len(held()) >= 2)
        self.daemon.kill()
        server.release()
        before = len(server.chats())
        self.daemon.start().succeeded(job)
        folder = self.daemon.reports / job
        for name in ("plain", "tuned"):
            self.assertTrue(self.check_report(folder / "agents" / name)["commentary"])
        again = [json.dumps(c["body"]) for c in server.chats()[before:]]
        self.assertTrue(all("editor of" in text for text in again))


def measured(report, name="concurrent_s"):
    return report["concurrency"]["intervals"][name]


class Concurrency(AgentsCase):
    steps = SHORT

    TWO = "agents:\n  - {name: a, endpoint: one}\n  - {name: b, endpoint: two}\nruns: 2"

    def contest(self, endpoints, text):
        self.start(endpoints, two=text)
        report, _ = self.reports("two")
        self.page = (self.folder / "report.md").read_text()
        [finding] = [k for k in report["findings"] if k["kind"] == "concurrency"]
        return report["concurrency"], finding

    def sums(self, c):
        """The figures again, from the trials alone."""
        walls = {}
        for t in c["trials"]:
            if t["run"]:
                walls.setdefault(t["run"], {}).setdefault(t["kind"], []).append(t["wall_s"])
        sequential = statistics.median(sum(w["solo"]) for w in walls.values())
        concurrent = statistics.median(w["together"][0] for w in walls.values())
        self.assertAlmostEqual(c["sequential_s"], sequential)
        self.assertAlmostEqual(c["concurrent_s"], concurrent)
        self.assertAlmostEqual(c["speedup"], sequential / concurrent)
        self.assertAlmostEqual(c["efficiency"], sequential / concurrent / c["agents"])
        summary = json.loads((self.folder / "summary.json").read_text())
        self.assertEqual(len(summary["runs"]), c["runs"])
        for run in summary["runs"]:
            seconds = walls[run["run_number"]]
            self.assertAlmostEqual(run["sequential_estimated_s"], sum(seconds["solo"]))
            self.assertAlmostEqual(run["concurrent_wall_time_s"], seconds["together"][0])
            self.assertAlmostEqual(run["efficiency_percent"], 100 * run["concurrency_speedup"] / 2)
            path = self.folder / f"run_{run['run_number']}" / "metrics.json"
            metrics = json.loads(path.read_text())
            self.assertEqual(metrics["summary"], run)
            aggregate = metrics["insight"]["result"]["aggregate_metrics"]
            self.assertAlmostEqual(aggregate["average_ttft_ms"], run["insight_ttft_ms"])
            self.assertGreater(aggregate["average_tokens_per_second"], 0)
        self.assertIn("# Multi-Agent Summary (two)", (self.folder / "summary.md").read_text())

    def test_two_servers_of_their_own_do_not_slow_one_another_down(self):
        servers = [ScriptedServer(self, "llama", say=GOOD, tokens=20, token_ms=30, first_ms=60)
                   for _ in range(2)]
        c, finding = self.contest([s.endpoint(n) for s, n in zip(servers, ("one", "two"))],
                                  self.TWO)
        self.sums(c)
        self.assertEqual((c["agents"], c["runs"], c["contention"], c["cause"], c["uneven"]),
                         (2, 2, False, None, False))
        self.assertGreaterEqual(c["efficiency"], 0.98)
        self.assertGreater(c["tokens_per_wall_s"], 1.8 * c["tokens_per_wall_s_solo"])
        self.assertEqual(finding["severity"], "info")
        self.assertIn("do not slow one another down; together they write more", self.page)

    def test_a_lock_in_the_server_is_contention_and_has_its_name(self):
        server = ScriptedServer(self, "llama", say=GOOD, slots=2, lock=True, tokens=6,
                                token_ms=250)  # far above what a busy machine adds
        c, finding = self.contest([server.endpoint(slots=2)], AGENTS + "runs: 1")
        self.sums(c)
        self.assertLess(c["efficiency"], 0.7)
        self.assertEqual((c["contention"], c["cause"]), (True, "memory"))
        self.assertEqual(finding["severity"], "medium")
        self.assertEqual([g["passed"] for g in finding["gates"]], [False, True])
        self.assertIn("**contention**", self.page)

    def test_one_slot_is_waited_for(self):
        server = ScriptedServer(self, "llama", say=GOOD, tokens=20, token_ms=10)
        c, _ = self.contest([server.endpoint(slots=1)], AGENTS + "runs: 2")
        self.assertEqual((c["contention"], c["cause"]), (True, "slot"))

    def test_one_answer_at_a_time_is_a_queue_in_the_server(self):
        server = ScriptedServer(self, "llama", say=GOOD, slots=1, tokens=20, token_ms=10)
        c, _ = self.contest([server.endpoint(slots=2)], AGENTS + "runs: 2")
        self.assertEqual((c["contention"], c["cause"]), (True, "queue"))

    def test_a_longer_answer_is_no_contention(self):
        short = ScriptedServer(self, "llama", say=GOOD, tokens=8, token_ms=40)
        long = ScriptedServer(self, "llama", say=GOOD, tokens=40, token_ms=40)
        c, _ = self.contest([short.endpoint("one"), long.endpoint("two")], self.TWO)
        self.assertLess(c["efficiency"], 0.75)
        self.assertEqual((c["contention"], c["uneven"], c["cause"]), (False, True, None))

    def test_what_failed_said_nothing_or_ran_away_is_left_out_and_counted(self):
        bad = ScriptedServer(self, "ollama", say=GOOD, tokens=10, rules=[
            {"match": "write the executive summary",
             "send": [{"event": {"message": {"content": ""}, "done": True, "eval_count": 0,
                                 "eval_duration": 1, "done_reason": "stop"}}]}])
        good = ScriptedServer(self, "ollama", say=GOOD, tokens=10)
        c, _ = self.contest([good.endpoint("one"), bad.endpoint("two")], self.TWO)
        self.assertEqual((c["questions"], c["questions_left_out"], c["runs"]), (2, 1, 2))
        empty = c["each"][1]["left_out"]
        self.assertEqual(sum(empty.values()), 1, empty)
        for trial in c["trials"]:
            for lane in trial["agents"]:
                self.assertEqual(len(lane["calls"]), 1 if trial["run"] else 2)

    def test_what_was_kept_is_not_measured(self):
        server = ScriptedServer(self, "ollama", say=GOOD, tokens=10)
        self.start([server.endpoint()], two=AGENTS + "runs: 1")
        self.reports("two")
        before = len(server.chats())
        report, _ = self.reports("two")
        self.assertTrue(report["totals"]["cached"])
        asked = sum(len(l["calls"]) for t in report["concurrency"]["trials"] for l in t["agents"])
        self.assertEqual(len(server.chats()) - before,
                         asked + report["totals"]["calls"] - report["totals"]["cached"])

    def test_an_option_that_the_server_does_not_honour_is_named_and_not_compared(self):
        ps = {"models": [{"name": "fake", "model": "fake", "size": 9, "size_vram": 0,
                          "context_length": 2048}]}
        server = ScriptedServer(self, "ollama", say=GOOD, tokens=10,
                                rules=[{"path": "/api/ps", "body": ps}])
        c, _ = self.contest([server.endpoint()], AGENTS.replace("3500", "3500, num_gpu: 99")
                            + "runs: 1")
        self.assertEqual(c["each"][0]["ignored"], [])
        self.assertEqual(c["each"][1]["ignored"],
                         [{"option": "num_ctx", "asked": 3500, "used": 2048},
                          {"option": "num_gpu", "asked": 99, "used": None}])
        self.assertFalse(c["deltas"][0]["ranked"])
        self.assertIn("**Not honoured:** num_ctx 3,500 of `tuned`; the server used 2,048",
                      self.page)

    def test_a_killed_daemon_measures_what_is_missing(self):
        server = ScriptedServer(self, "ollama", say=GOOD, tokens=10, token_ms=20)
        self.start([server.endpoint()], two=AGENTS + "runs: 3")
        job = self.daemon.submit([self.root], pipeline="two")["id"]
        measuring = lambda: len(server.chats()) > 12
        wait_for("some trials", measuring)
        self.daemon.kill()
        before = len(server.chats())
        self.daemon.start().succeeded(job)
        self.folder = self.daemon.reports / job
        report = self.check_report(self.folder)
        c = report["concurrency"]
        self.sums(c)
        asked = sum(len(l["calls"]) for t in c["trials"] for l in t["agents"])
        self.assertLess(len(server.chats()) - before, asked)
