# SPDX-License-Identifier: MIT
"""Reviews with a model: the real small Gemma 3 on llama-server."""
import json
import os
import re
import subprocess
import unittest

from harness import CORPUS, LLAMA, SOURCE, Case, Daemon


def llama_port():
    return str(18200 + os.getpid() % 500)


NIGHTS = 10
OWN = ("/calls/", "/totals/", "/steps/", "/stages/", "/concurrency/", "/configuration/endpoints/")


def night(i, rate, slow):
    """What `vllm bench serve` leaves of one run; the first tokens come later in the last nights."""
    ttft = 42 + 10 * rate + .3 * (i * 7 % 5) + slow
    return {"date": f"202611{i + 1:02d}-020000", "endpoint_type": "openai-chat", "label": None,
            "backend": "vllm", "model_id": "google/gemma-3-4b-it",
            "tokenizer_id": "google/gemma-3-4b-it", "num_prompts": 200, "request_rate": rate,
            "burstiness": 1.0, "max_concurrency": None, "duration": 200 / rate, "completed": 200,
            "total_input_tokens": 51200, "total_output_tokens": 25600,
            "request_throughput": rate * .98, "request_goodput:": None,
            "output_throughput": 128 * rate * .98 + .7 * (i * 3 % 4),
            "total_token_throughput": 384 * rate * .98 + 2.1 * (i * 3 % 4),
            "mean_ttft_ms": ttft + 1.3, "median_ttft_ms": ttft, "std_ttft_ms": 4.4,
            "p99_ttft_ms": ttft + 19, "mean_tpot_ms": 11.2, "median_tpot_ms": 11.1 + .02 * (i % 3),
            "std_tpot_ms": .4, "p99_tpot_ms": 12.5}


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
        self.page = (daemon.reports / job["id"] / "report.md").read_text()
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

    def test_two_agents_on_one_server_are_measured_alone_and_together(self):
        data, root = self.dir / "data", self.tree({"a.csv": "backend,time_ms\nx,1.5\ny,2.5\n"})
        (data / "pipelines").mkdir(parents=True)
        (data / "personas").symlink_to(SOURCE / "personas")
        text = (SOURCE / "pipelines" / "baseline-vs-chimera.yaml").read_text()
        text = text.replace("runs: 5", "runs: 1").replace("for_each: section", "for_each: none")
        (data / "pipelines" / "baseline-vs-chimera.yaml").write_text(text)
        daemon = Daemon(self, [root], [self.endpoint()], env={"CHIMERAD_DATA": str(data)}).start()
        job = daemon.succeeded(daemon.submit([root], pipeline="baseline-vs-chimera")["id"])
        folder = daemon.reports / job["id"]
        report = self.check_report(folder)
        for name in ("baseline", "chimera"):
            self.check_report(folder / "agents" / name)
        c = report["concurrency"]
        self.assertEqual([t["kind"] for t in c["trials"]].count("solo"), 2)
        for trial in c["trials"]:
            for lane in trial["agents"]:
                asked = sum(x["queue_ms"] + x["total_ms"] for x in lane["calls"]) / 1000
                self.assertLessEqual(asked, trial["wall_s"] * 1.001)
        # llama-server has the context and the layers that it was started with.
        self.assertIn("num_gpu", [i["option"] for i in c["each"][1]["ignored"]])
        self.assertFalse(c["deltas"][0]["ranked"])
        daemon.stop()

    def test_the_facts_and_findings_are_those_of_builtin(self):
        root = SOURCE / "examples" / "nightly"
        written = self.review(root)
        self.ctl("review", "--local", "--state", self.dir / "state", root)
        builtin = json.loads((self.dir / "state/reports/latest/report.json").read_text())
        self.assertEqual(written["facts"], builtin["facts"])
        self.assertEqual(written["findings"], builtin["findings"])

    def test_no_figure_of_the_writers_own_speed_stands_outside_of_about_this_review(self):
        files = {f"vllm-{rate}qps-2026-11-{i + 1:02d}.json":
                 json.dumps(night(i, rate, 12 if i > 6 else 0))
                 for i in range(NIGHTS) for rate in (2, 8)}
        report = self.review(self.tree(files))
        self.assertEqual(report["job"]["verdict"], "worse")
        self.assertTrue(any(c["ttft_ms"] and c["tokens_per_s"] for c in report["calls"]))
        page = self.page.splitlines()
        about = page.index("## About This Review") + 1
        own = [n for n in report["numerals"] if (n["ref"] or "").startswith(OWN)]
        self.assertGreater(len(own), 8)
        self.assertEqual([n for n in own if n["line"] < about], [])
        self.assertNotIn("timeline", "\n".join(page[:about]))
        for name in ("tokens_per_s", "ttft_ms"):
            said = {f"{report['totals'][name]:.{d}f}" for d in (1, 2)}
            above = set(re.findall(r"[\d.]+", "\n".join(page[:about])))
            self.assertEqual(said & above, set(), name)

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
