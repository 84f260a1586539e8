# SPDX-License-Identifier: MIT
"""Several agents over the same evidence: a review of each, and the one of all above them."""
import json
import os

from agents_case import AGENTS, GOOD, AgentsCase
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

    def test_who_is_asked_again_is_told_with_the_options_that_it_was_given(self):
        server = ScriptedServer(self, "ollama", slots=2, say="I would rather not.")
        self.start([server.endpoint()], two=AGENTS + "measure: none")
        report, _ = self.reports("two")
        seeds = [c["options"]["seed"] for c in report["calls"] if c["step"].startswith("tuned/")]
        self.assertGreater(seeds[-1], seeds[0])
        self.assertEqual(report["agents"][1]["options"]["seed"], seeds[0])

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

    def test_none_takes_the_answers_of_another(self):
        """They would not be its own, nor their times: although the first has them all by then."""
        servers = [ScriptedServer(self, "openai", say=GOOD, tokens=10, rules=[
            {"match": "say what the benchmark files cover", "say": GOOD, "token_ms": ms}])
            for ms in (0, 100)]
        self.start([s.endpoint(n) for s, n in zip(servers, ("one", "two"))],
                   two="agents:\n  - {name: a, endpoint: one}\n  - {name: b, endpoint: two}\n"
                       "measure: none")
        report, _ = self.reports("two")
        self.assertEqual(report["totals"]["cached"], 0)
        first, other = ([json.dumps(b["messages"]) for b in s.bodies()] for s in servers)
        self.assertEqual(sorted(first), sorted(other))

    def test_an_agent_is_not_asked_of_another_server_than_it_names(self):
        one = ScriptedServer(self, "openai", say=GOOD)
        self.start([one.endpoint("one")],
                   two="agents:\n  - {name: a, endpoint: one}\n  - {name: b, endpoint: two}\n"
                       "measure: none")
        said = self.daemon.submit([self.root], pipeline="two", expect=400)["detail"]
        self.assertIn('pipeline: agent b: "two" is no configured endpoint', said)
        job = self.daemon.submit([self.root], pipeline="two", endpoint="one")
        self.daemon.succeeded(job["id"])  # one is asked for all of them

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
