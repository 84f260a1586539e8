# SPDX-License-Identifier: MIT
"""Old answers and the room of a context: what is not asked again, and what is asked shorter."""
import unittest

from harness import Daemon
from scripted_server import ScriptedServer, claims
from server_case import ServerCase

GOOD = claims("The affected rows deserve a careful look.")
FILES = {"one/a.csv": "backend,time_ms,error\nx,1.5,\ny,2.5,\nz,0,refused\n",
         "two/b.csv": "model,tokens_s,error\ng,15,\nh,25,\nk,0,out of memory\n"}


class Answers(ServerCase):
    def start(self, **script):
        self.server = ScriptedServer(self, "ollama", say=GOOD, **script)
        self.root = self.tree(FILES)
        self.daemon = Daemon(self, [self.root], [self.server.endpoint()]).start()

    def review_again(self, **members):
        """(report, how many questions the server was asked for it)."""
        before = len(self.server.chats())
        job = self.daemon.submit([self.root], **members)
        self.daemon.succeeded(job["id"])
        return self.check_report(self.daemon.reports / job["id"]), len(self.server.chats()) - before

    def words(self, report):
        return [c["text"] for c in report["commentary"]]

    def test_what_has_not_changed_is_not_asked_again(self):
        self.start()
        first, asked = self.review_again()
        self.assertGreater(asked, 2)
        self.assertEqual({c["cached"] for c in first["calls"]}, {False})
        second, again = self.review_again()
        self.assertEqual(again, 0)
        self.assertEqual({c["cached"] for c in second["calls"]}, {True})
        self.assertEqual((second["totals"]["cached"], second["totals"]["output_tokens"]),
                         (len(second["calls"]), 0))
        self.assertEqual(self.words(second), self.words(first))
        for call in second["calls"]:  # nothing that was measured another night is told of this one
            self.assertEqual((call["ttft_ms"], call["total_ms"], call["eval_ms"]), (None, None, None))
            self.assertEqual((call["endpoint"], call["model"], call["error"]), ("local", "fake", None))
        fresh, again = self.review_again(fresh=True)
        self.assertEqual(again, asked)
        self.assertEqual(fresh["totals"]["cached"], 0)

    def test_a_group_that_has_not_changed_costs_nothing_when_another_has(self):
        self.start()
        first, asked = self.review_again()
        (self.root / "one/a.csv").write_text(
            FILES["one/a.csv"] + "w,3.5,\nv,4.5,\nu,0,refused\n")
        second, again = self.review_again()
        self.assertGreater(len(second["facts"]), len(first["facts"]))
        self.assertGreater(second["totals"]["cached"], 0)
        self.assertGreater(again, 0)
        self.assertLess(again, asked)

    def test_another_model_under_the_same_name_is_another_one(self):
        self.start()
        _, asked = self.review_again()
        tags = {"models": [{"name": "fake", "model": "fake", "digest": "0ddba11"}]}
        self.server.stop()
        self.server.start(rules=[{"path": "/api/tags", "body": tags}])
        report, _ = self.review_again()
        self.assertEqual(len(self.server.chats()), asked)
        self.assertEqual(report["totals"]["cached"], 0)
        self.assertEqual(report["configuration"]["endpoints"][0]["identity"], "0ddba11")

    def test_answers_that_cannot_be_kept_only_cost_their_calls(self):
        self.start()
        (self.daemon.dir / "state/answers.db").mkdir(parents=True)
        _, asked = self.review_again()
        report, again = self.review_again()
        self.assertEqual(again, asked)
        self.assertTrue(report["commentary"])
        self.assertIn("the model is asked anew", self.daemon.log.read_text())


class Room(ServerCase):
    def test_a_prompt_that_is_too_long_is_not_sent_but_shortened(self):
        tokens = {"path": "/tokenize", "body": {"tokens": [0] * 1900}, "times": 1}
        report, server = self.review_one("llama", say=GOOD, n_ctx=2300, rules=[tokens])
        refused = [c for c in report["calls"] if c["error"]]
        self.assertEqual([c["error"] for c in refused], [
            "the prompt has 1900 tokens, and 1486 fit into the context beside the answer"])
        self.assertEqual((refused[0]["attempts"], refused[0]["prompt_tokens"]), (0, 1900))
        self.assertEqual(len(server.chats()), len(report["calls"]) - 1)
        self.assertTrue(all(len(body["messages"][-1]["content"]) < 2972 for body in server.bodies()))
        self.assertTrue(report["commentary"])

    def test_what_is_left_of_a_group_is_asked_whole_or_not_at_all(self):
        """A shorter second part would offer other facts under the same ids."""
        rows = "".join(f"configuration-of-a-rather-long-name-number-{i},{100 + i}.5,\n" for i in range(90))
        long = {"path": "/tokenize", "match": "number-75", "body": {"tokens": [0] * 3400}}
        script = {"say": GOOD, "n_ctx": 4300}
        servers = {"whole": ScriptedServer(self, "llama", **script),
                   "narrow": ScriptedServer(self, "llama", **script, rules=[long])}
        self.files = {"a.csv": "backend,time_ms,error\n" + rows}
        reports = self.review(servers)
        refused = [c for c in reports["narrow"]["calls"] if c["error"]]
        self.assertEqual([c["prompt_tokens"] for c in refused], [3400])
        whole, narrow = (servers[name].chats() for name in ("whole", "narrow"))
        self.assertTrue(any("number-75" in c["body"]["messages"][-1]["content"] for c in whole))
        self.assertEqual(len(narrow), len(whole) - 2)  # asked, and asked again for a better answer

    def test_what_was_used_stands_beside_what_was_asked_for(self):
        ps = {"models": [{"name": "fake", "model": "fake", "digest": "c0ffee", "size": 1000,
                          "size_vram": 250, "context_length": 2048}]}
        report, _ = self.review_one("ollama", say=GOOD, rules=[{"path": "/api/ps", "body": ps}])
        used, = report["configuration"]["endpoints"]
        self.assertEqual((used["context_asked"], used["context_used"], used["gpu_pct"]),
                         (4096, 2048, 25))
        folder = self.dir / "daemon/state/reports" / report["job"]["id"]
        page = (folder / "report.md").read_text()
        self.assertIn("context of 2,048 tokens, **not the 4,096 that were asked for**", page)
        self.assertIn("25 % of the model on the GPU", page)


if __name__ == "__main__":
    unittest.main()
