# SPDX-License-Identifier: MIT
"""Several agents, one of whose servers is dead or dies: nobody else's words are lost for that."""
from agents_case import GOOD, SHORT, AgentsCase
from harness import wait_for
from scripted_server import ScriptedServer, claims

EDITOR = {"match": "editor of a technical report", "tokens": 10,  # says another sentence
          "say": claims("Look at the refused row before anything else.")}
TWO = "agents:\n  - {name: alive, endpoint: one}\n  - {name: dead, endpoint: two}\nruns: 3"


class DeadAgent(AgentsCase):
    steps = SHORT

    def servers(self, editor=None, **pace):
        """What each of the two says, at `pace`; `editor` is what the last question gets."""
        rule = {**EDITOR, **pace, **(editor or {})}
        return [ScriptedServer(self, "llama", say=GOOD, **{"tokens": 10, **pace}, rules=[rule])
                for _ in range(2)]

    def begin(self, servers, more=""):
        self.start([s.endpoint(n) for s, n in zip(servers, ("one", "two"))], more=more, two=TWO)
        return self.daemon.submit([self.root], pipeline="two")["id"]

    def ended(self, job):
        """(report.json of all, of the agent alive, of the dead one), each found true."""
        self.daemon.succeeded(job)
        folder = self.daemon.reports / job
        self.page = (folder / "report.md").read_text()
        self.dead_page = (folder / "agents" / "dead" / "report.md").read_text()
        return (self.check_report(folder), *(self.check_report(folder / "agents" / name)
                                             for name in ("alive", "dead")))

    def builtin(self, report):
        return {s["id"] for s in report["steps"] if s["builtin"]}

    def check_not_measured(self, report):
        if report["concurrency"]:  # of the warm-up
            self.assertEqual(report["concurrency"]["runs"], 0)
            self.assertIsNone(report["concurrency"]["speedup"])
        self.assertIn("the model of dead is not called any more: ", report["unmeasured"])
        self.assertIn("- **Not measured:** the model of dead is not called", self.page)

    def test_one_that_refuses_is_builtins_alone_and_nothing_is_measured(self):
        one, two = self.servers()
        two.kill()
        report, alive, dead = self.ended(self.begin((one, two)))
        self.assertEqual(self.builtin(alive), set())
        self.assertTrue(alive["commentary"])
        self.assertEqual(self.builtin(dead), {"inventory", "compose"})
        self.assertEqual(dead["commentary"], [])
        self.assertIn("**Built-in sentences alone:** `inventory`, `compose`, as no answer at", self.dead_page)
        self.check_not_measured(report)

    def test_one_that_dies_in_the_middle_loses_what_was_to_come(self):
        one, two = self.servers(editor={"hold": True})
        job = self.begin((one, two))
        composing = lambda s: any("editor of" in str(b["messages"]) for b in s.bodies())
        wait_for("both to compose", lambda: composing(one) and composing(two))
        two.kill()
        one.release()
        report, alive, dead = self.ended(job)
        self.assertEqual(self.builtin(alive), set())
        self.assertEqual(self.builtin(dead), {"compose"})
        self.assertTrue(dead["commentary"])
        self.check_not_measured(report)

    def test_one_that_never_answers_uses_up_its_own_time_alone(self):
        one, two = self.servers()
        two.kill()
        two.start(rules=[{"path": "*", "send": [{"do": "stall"}]}])
        job = self.begin((one, two), more="failed_calls: 2s")
        report, alive, dead = self.ended(job)
        self.assertEqual(self.builtin(alive), set())
        self.assertEqual(self.builtin(dead), {"inventory", "compose"})
        self.check_not_measured(report)

    def test_one_that_dies_while_it_is_measured_leaves_the_runs_that_were_whole(self):
        one, two = self.servers(tokens=20, token_ms=10)
        job = self.begin((one, two))
        # Two questions of the steps and two of the warm-up; then at most four a run.
        wait_for("a run to be over", lambda: len(two.chats()) >= 9)
        two.kill()
        report, alive, dead = self.ended(job)
        c = report["concurrency"]
        whole = {t["run"] for t in c["trials"] if t["kind"] == "together"
                 and all(k["answer"] == "good" for a in t["agents"] for k in a["calls"])}
        self.assertIn(c["runs"], (1, 2))
        self.assertEqual(c["runs"], len(whole))
        self.assertIn("the model of dead is not called any more", report["unmeasured"])
        self.assertIn("- **Measured no further:** the model of dead", self.page)
        for each in (alive, dead):
            self.assertEqual(self.builtin(each), set())
