# SPDX-License-Identifier: MIT
"""Sweeps over the options of a model: which is the best, and which are as good."""
import json

from agents_case import FILES, GOOD, SHORT, AgentsCase
from harness import Daemon, wait_for
from scripted_server import ScriptedServer


def speaks(body, ms):
    """A rule: so fast is a token of the variants whose request holds that."""
    return {"match": body, "say": GOOD, "tokens": 10, "token_ms": ms}


class TuneCase(AgentsCase):
    steps = SHORT

    def tune(self, server, matrix, code=0):
        """The process; the report, found true by both checkers, is self.report."""
        root = self.tree(FILES)
        done = self.ctl("tune", root, "--state", self.dir / "state", "--local", "-p", "t",
                        "--endpoint", server.url, "--model", "fake",
                        env=self.data(t=matrix), code=code)
        self.read(self.dir / "state" / "reports" / "latest")
        return done

    def read(self, folder):
        self.folder = folder
        self.report = self.check_report(folder)
        self.page = (folder / "report.md").read_text()
        self.sweep = self.report["sweep"]
        self.variants = self.sweep["variants"]

    def of(self, **options):
        """The variants that have these options."""
        return [v for v in self.variants if options.items() <= v["options"].items()]

    def best(self):
        return self.variants[self.sweep["winner"]]


class Tune(TuneCase):
    MATRIX = ("matrix: {top_k: [10, 20, 40, 80], temperature: [0.1, 0.2, 0.4], top_p: [0.8, 0.9]}\n"
              "runs: 5\n")

    def test_the_best_of_24_is_found_in_half_the_calls_and_what_is_as_good_is_named(self):
        # Most of a loaded machine's noise is a millisecond or so: the truth lies further apart.
        server = ScriptedServer(self, "ollama", say=GOOD, tokens=10, token_ms=40,
                                rules=[speaks('"top_k":40', 10)])
        done = self.tune(server, self.MATRIX)
        self.assertEqual(len(self.variants), 24)
        self.assertEqual(self.best()["options"]["top_k"], 40)
        questions = self.sweep["questions"]
        self.assertEqual(self.sweep["full_grid_calls"], 24 * 5 * questions)
        asked = len(server.chats()) - self.report["totals"]["calls"]
        self.assertEqual(asked, self.sweep["calls"])
        self.assertLessEqual(2 * asked, 24 * 5 * questions)
        as_good = self.of(top_k=40)
        self.assertEqual(len(as_good), 6)
        self.assertTrue(all(v["tied"] for v in as_good if v is not self.best()), self.sweep)
        self.assertTrue(all(not v["tied"] for v in self.variants if v not in as_good))
        self.assertEqual(self.best()["quality_pct"], 100)
        tuned = (self.folder / "tuned.yaml").read_text()
        self.assertIn("\noptions: {", tuned)
        self.assertIn("top_k: 40", tuned.splitlines()[-1])
        self.assertIn("not told apart", done.stdout)
        self.assertIn("\n## Sweep\n", self.page)

    def test_what_the_server_does_not_do_is_named_and_takes_no_part(self):
        # The ones that are clamped are the fastest: they would win.
        server = ScriptedServer(self, "ollama", say=GOOD, tokens=10, token_ms=20, min_ctx=5000,
                                layers=34, rules=[speaks('"num_ctx":3500', 2),
                                                  speaks('"num_gpu":80', 2),
                                                  speaks('"num_gpu":60', 10)])
        self.tune(server, "matrix: {num_ctx: [3500, 6000], num_gpu: [20, 60, 80]}\nruns: 3\n")
        self.assertEqual(self.best()["options"], {"num_ctx": 6000, "num_gpu": 60})
        self.assertEqual(sum(v["rank"] is not None for v in self.variants), 2)
        for v in self.of(num_ctx=3500):
            self.assertIn({"option": "num_ctx", "asked": 3500, "used": 5000}, v["ignored"])
        for v in self.of(num_gpu=80):
            self.assertIn({"option": "num_gpu", "asked": 80, "used": 35}, v["ignored"])
        for v in self.variants:
            names = [i["option"] for i in v["ignored"]]
            self.assertEqual(len(names), len(set(names)), "each is named once")
            self.assertEqual(v["runs"], 3 if not names else 1, "it is measured no further")
        self.assertIn("num_ctx 3,500", self.page)
        self.assertIn("num_gpu 80", self.page)

    def test_a_variant_that_fails_is_none_and_the_others_go_on(self):
        no_room = {"match": '"top_k":1,', "status": 500,
                   "body": {"error": "model requires more system memory"}}
        server = ScriptedServer(self, "ollama", say=GOOD, tokens=10, token_ms=20,
                                rules=[no_room, speaks('"top_k":3', 5)])
        self.tune(server, "matrix: {top_k: [1, 2, 3], top_p: [0.1, 0.5, 0.9]}\nruns: 3\n")
        self.assertNotIn("unmeasured", self.report)
        self.assertEqual(self.best()["options"]["top_k"], 3)
        for v in self.of(top_k=1):
            self.assertEqual((v["rank"], v["runs"]), (None, 1))
            self.assertIn("more system memory", v["error"])
        self.assertTrue(all(v["rank"] for v in self.of(top_k=2)))
        self.assertIn("more system memory", self.page)
