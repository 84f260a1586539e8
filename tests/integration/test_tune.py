# SPDX-License-Identifier: MIT
"""Sweeps over the options of a model: which is the best, and which are as good."""
from agents_case import FILES, GOOD, SHORT, AgentsCase
from scripted_server import ScriptedServer


class Tune(AgentsCase):
    steps = SHORT
    MATRIX = ("matrix: {top_k: [10, 20, 40, 80], temperature: [0.1, 0.2, 0.4], top_p: [0.8, 0.9]}\n"
              "runs: 5\n")

    def fast(self, body, ms):
        return {"match": body, "say": GOOD, "tokens": 10, "token_ms": ms}

    def test_the_best_of_24_is_found_in_half_the_calls_and_what_is_as_good_is_named(self):
        # Most of a loaded machine's noise is a millisecond or so: the truth lies further apart.
        server = ScriptedServer(self, "ollama", say=GOOD, tokens=10, token_ms=40, rules=[
            self.fast('"top_k": 40', 10), self.fast('"top_k":40', 10)])
        root = self.tree(FILES)
        done = self.ctl("tune", root, "--state", self.dir / "state", "--local", "-p", "t",
                        "--endpoint", server.url, "--model", "fake",
                        env=self.data(t=self.MATRIX))
        folder = self.dir / "state" / "reports" / "latest"
        report = self.check_report(folder)
        sweep = report["sweep"]
        self.assertEqual(len(sweep["variants"]), 24)
        best = sweep["variants"][sweep["winner"]]
        self.assertEqual(best["options"]["top_k"], 40)
        self.assertEqual(sweep["full_grid_calls"], 24 * 5 * sweep["questions"])
        self.assertLessEqual(2 * sweep["calls"], sweep["full_grid_calls"])
        as_good = [v for v in sweep["variants"] if v["options"]["top_k"] == 40]
        self.assertEqual(len(as_good), 6)
        self.assertTrue(all(v["tied"] for v in as_good if v is not best), sweep)
        self.assertTrue(all(not v["tied"] for v in sweep["variants"] if v not in as_good))
        self.assertEqual(best["quality_pct"], 100)
        tuned = (folder / "tuned.yaml").read_text()
        self.assertIn("\noptions: {", tuned)
        self.assertIn("top_k: 40", tuned.splitlines()[-1])
        self.assertIn("not told apart", done.stdout)
        self.assertIn("\n## Sweep\n", (folder / "report.md").read_text())
