# SPDX-License-Identifier: MIT
"""Reviews with a model: the real small Gemma 3 on llama-server."""
import json
import os
import subprocess
import unittest

from harness import CORPUS, LLAMA, SOURCE, Case, Daemon


def llama_port():
    return str(18200 + os.getpid() % 500)


@unittest.skipUnless(LLAMA.exists() and os.geteuid() == 0,
                     f"needs root and the shared small Gemma 3 ({LLAMA})")
class LiveModel(Case):
    @classmethod
    def setUpClass(cls):
        # Threads that wait for one another spin: two on a busy machine are slower than one.
        cls.env = {"THREADS": "1", **os.environ, "PORT": llama_port(), "PARALLEL": "2"}
        subprocess.run([LLAMA, "start"], env=cls.env, check=True, stdout=subprocess.DEVNULL)

    @classmethod
    def tearDownClass(cls):
        subprocess.run([LLAMA, "stop"], env=cls.env, check=True)

    def endpoint(self):
        return {"name": "local", "provider": "openai", "model": "tiny-gemma3",
                "url": f"http://127.0.0.1:{self.env['PORT']}"}

    def review(self, root):
        daemon = Daemon(self, [root], [self.endpoint()]).start()
        job = daemon.submit([root])
        daemon.succeeded(job["id"])
        report = self.check_report(daemon.reports / job["id"])
        daemon.stop()
        return report

    @unittest.skipUnless(CORPUS.is_dir(), f"needs the shared corpus at {CORPUS}")
    def test_model_written_prose_is_in_the_report_of_the_corpus_and_every_digit_is_traced(self):
        report = self.review(CORPUS)
        self.assertGreater(len(report["commentary"]), 0, report["verification"]["struck"][:5])
        good = [c for c in report["calls"] if not c["error"]]
        self.assertGreater(len(good), 2)
        for call in good:
            self.assertGreater(call["ttft_ms"], 0)
            self.assertGreater(call["tokens_per_s"], 0)
            self.assertGreater(call["output_tokens"], 0)
        totals = report["totals"]
        self.assertEqual(totals["output_tokens"], sum(c["output_tokens"] or 0 for c in report["calls"]))
        self.assertGreater(totals["tokens_per_s"], 0)
        self.assertGreater(totals["ttft_ms"], 0)
        steps = {s["id"]: s["calls"] for s in report["steps"]}
        self.assertTrue(all(steps[s] for s in ("inventory", "analyse", "compose")), steps)
        for comment in report["commentary"]:
            words = "".join(s.get("t", "") for s in comment["text"])
            self.assertFalse(any(c.isdigit() for c in words), words)

    def test_the_facts_and_findings_are_those_of_builtin(self):
        root = SOURCE / "examples" / "nightly"
        written = self.review(root)
        self.ctl("review", "--local", "--state", self.dir / "state", root)
        builtin = json.loads((self.dir / "state/reports/latest/report.json").read_text())
        self.assertEqual(written["facts"], builtin["facts"])
        self.assertEqual(written["findings"], builtin["findings"])

    def test_a_server_killed_in_the_middle_leaves_a_whole_report(self):
        env = {**self.env, "PORT": str(int(self.env["PORT"]) + 1), "PARALLEL": "1"}
        subprocess.run([LLAMA, "start"], env=env, check=True, stdout=subprocess.DEVNULL)
        root = SOURCE / "examples" / "nightly"
        endpoint = {**self.endpoint(), "url": f"http://127.0.0.1:{env['PORT']}"}
        daemon = Daemon(self, [root], [endpoint]).start()
        job = daemon.submit([root])
        try:
            daemon.curl("GET", f"/v1/jobs/{job['id']}/events")  # until the end, or ...
        finally:
            subprocess.run([LLAMA, "stop"], env=env, check=True)
        daemon.succeeded(job["id"])
        again = daemon.submit([root])  # ... and once more with the server gone
        daemon.succeeded(again["id"])
        report = self.check_report(daemon.reports / again["id"])
        self.assertEqual(report["commentary"], [])
        self.assertTrue(any(c["error"] for c in report["calls"]))
        daemon.stop()


if __name__ == "__main__":
    unittest.main()
