# SPDX-License-Identifier: MIT
"""Several agents over the same evidence: a review of each, and the one of all above them."""
import json
import os

from harness import Case, Daemon, wait_for
from scripted_server import ScriptedServer, claims

FILES = {"a.csv": "backend,time_ms,error\nx,1.5,\ny,2.5,\nz,0,refused\n"}
GOOD = claims("The affected rows deserve a careful look.")
STEPS = ("steps:\n"
         "  - {id: inventory, stage: ingest, agent: data-collector}\n"
         "  - {id: analyse, stage: analysis, agent: insight, needs: [inventory], for_each: group}\n"
         "  - {id: compose, stage: report, agent: report-writer, needs: [analyse],"
         " for_each: section}\n")


class AgentsCase(Case):
    def data(self, **pipelines):
        """A directory of pipelines and the shipped personas; the environment that names it."""
        root = self.dir / "data"
        (root / "pipelines").mkdir(parents=True)
        (root / "personas").symlink_to(
            os.path.join(os.path.dirname(__file__), "..", "..", "personas"))
        for name, text in pipelines.items():
            (root / "pipelines" / f"{name}.yaml").write_text(f"name: {name}\ntitle: Two\n{STEPS}"
                                                             f"{text}\n")
        return {"CHIMERAD_DATA": str(root)}

    def start(self, endpoints, **pipelines):
        self.root = self.tree(FILES)
        self.daemon = Daemon(self, [self.root], endpoints, env=self.data(**pipelines)).start()

    def reports(self, pipeline, **members):
        """(report.json of all, {agent: its report.json}), each found true by both checkers."""
        job = self.daemon.succeeded(
            self.daemon.submit([self.root], pipeline=pipeline, **members)["id"])
        folder = self.daemon.reports / job["id"]
        each = {p.name: self.check_report(p) for p in sorted((folder / "agents").iterdir())}
        self.folder = folder
        return self.check_report(folder), each


AGENTS = ("agents:\n"
          "  - {name: plain}\n"
          "  - {name: tuned, options: {temperature: 0.4, num_ctx: 3500}}\n")


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
        from harness import wait_for
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
