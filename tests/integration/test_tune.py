# SPDX-License-Identifier: MIT
"""Sweeps over the options of a model: which is the best, and which are as good."""
import json
import re
import shutil
import statistics

from agents_case import FILES, GOOD, SHORT, AgentsCase
from harness import wait_for
from scripted_server import ScriptedServer
from terminal import Terminal


def speaks(body, ms):
    """A rule: so fast is a token of the variants whose request holds that."""
    return {"match": body, "say": GOOD, "tokens": 10, "token_ms": ms}


class TuneCase(AgentsCase):
    steps = SHORT

    def tune(self, server, matrix):
        """The process; the report, found true by both checkers, is self.report."""
        root = self.tree(FILES)
        done = self.ctl("tune", root, "--state", self.dir / "state", "--local", "-p", "t",
                        "--endpoint", server.url, "--model", "fake",
                        env=self.data(t=matrix))
        self.read(self.dir / "state" / "reports" / "latest")
        return done

    def read(self, folder):
        self.folder = folder
        self.report = self.check_report(folder)
        self.page = (folder / "report.md").read_text()
        self.sweep = self.report["sweep"]
        self.variants = self.sweep["variants"]
        self.check_sums()

    def check_sums(self):
        """The figures again, from the trials alone."""
        measured, calls = [t for t in self.sweep["trials"] if t["run"]], {}
        for t in measured:
            calls.setdefault(t["variant"], []).append(t["calls"])
        self.assertEqual(sum(len(t["calls"]) for t in self.sweep["trials"]), self.sweep["calls"])
        rates = {}
        for i, v in enumerate(self.variants):
            of = calls.get(i, [])
            self.assertEqual((v["runs"], v["calls"]), (len(of), sum(map(len, of))))
            good = [c for c in of if all(k["answer"] == "good" for k in c)]
            rate = [sum(k["output_tokens"] for k in c) /
                    sum(k["output_tokens"] / k["tokens_per_s"] for k in c) for c in good]
            if not rate:
                self.assertIsNone(v["tokens_per_s"]["median"])
            else:
                self.assertAlmostEqual(v["tokens_per_s"]["median"], statistics.median(rate))
            if v["rank"]:
                rates[i] = v["tokens_per_s"]["median"]
        for i, rate in rates.items():
            self.assertEqual(self.variants[i]["rank"], 1 + sum(r > rate for r in rates.values()))

    def altered(self):
        """Each figure changed by a little: verify finds it wrong."""
        folder = self.dir / "altered"
        shutil.copytree(self.folder.resolve(), folder, symlinks=True)
        whole = (folder / "report.json").read_text()
        i = self.sweep["winner"]
        figures = [f"variants/{i}/{k}" for k in ("runs", "calls", "sentences", "quality_pct",
                                                 "behind_pct", "rank")]
        figures += [f"variants/{i}/{k}/{x}" for k in ("tokens_per_s", "ttft_ms")
                    for x in ("median", "low", "high", "level_pct", "runs")]
        for figure in figures + ["tied", f"trials/{len(self.sweep['trials']) - 1}/calls/0/tokens_per_s"]:
            report = json.loads(whole)
            *way, last = figure.split("/")
            at = report["sweep"]
            for step in way:
                at = at[int(step) if isinstance(at, list) else step]
            at[last] = at[last] * 1.001 + 1
            (folder / "report.json").write_text(json.dumps(report))
            said = self.ctl("verify", folder / "report.json", code=4).stdout
            self.assertRegex(said, "wrong: sweep", figure)

    def of(self, **options):
        """The variants that have these options."""
        return [v for v in self.variants if options.items() <= v["options"].items()]

    def best(self):
        return self.variants[self.sweep["winner"]]


class Tune(TuneCase):
    MATRIX = ("matrix: {top_k: [10, 20, 40, 80], temperature: [0.1, 0.2, 0.4], top_p: [0.8, 0.9]}\n"
              "runs: 5\n")

    def test_the_best_of_24_is_found_in_half_the_calls_and_what_is_as_good_is_named(self):
        # The server tells how long it took, so a loaded machine adds nothing to that.
        server = ScriptedServer(self, "ollama", say=GOOD, tokens=10, token_ms=8,
                                rules=[speaks('"top_k":40', 2)])
        done = self.tune(server, self.MATRIX)
        self.assertEqual(len(self.variants), 24)
        self.assertEqual(self.best()["options"]["top_k"], 40)
        first = self.page.partition("## 2 ")[0]
        self.assertRegex(first, r"Options measured:\*\* the best are temperature [\d.]+, "
                         r"top_p [\d.]+, top_k 40; not told apart from the fastest: 5\.")
        questions = self.sweep["questions"]
        self.assertEqual(self.sweep["full_grid_calls"], (1 + 24 * 5) * questions)
        self.altered()
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
        self.assertIn("for a pipeline (tuned.yaml beside the report): options: {", done.stdout)
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


class Followed(TuneCase):
    """By a daemon that may be killed, on a matrix of four."""
    MATRIX = "matrix: {top_k: [10, 20], temperature: [0.1, 0.4]}\nruns: 3\n"

    def begin(self, **script):
        self.server = ScriptedServer(self, "ollama", say=GOOD, tokens=10,
                                     **{"token_ms": 15, "rules": [speaks('"top_k":20', 5)],
                                        **script})
        self.start([self.server.endpoint()], t=self.MATRIX, plain="")

    def terminal(self):
        return Terminal(self, "tune", self.root, "-p", "t", socket=self.daemon.socket)

    def asked(self):
        return len(self.server.chats())

    def job(self):
        return self.daemon.get("/v1/jobs")[1][0]["id"]

    def test_a_killed_daemon_measures_what_is_missing(self):
        self.begin()
        job = self.daemon.submit([self.root], pipeline="t")["id"]
        wait_for("the middle of the sweep", lambda: self.asked() > 12)
        self.daemon.kill()
        self.daemon.start().succeeded(job)
        self.read(self.daemon.reports / job)
        of_steps = sum(not c["cached"] for c in self.report["calls"])
        again = self.asked() - of_steps - self.sweep["calls"]
        self.assertIn(again, range(self.sweep["questions"] + 1), "of the trial in flight alone")
        self.assertEqual(self.sweep["calls"], (1 + 4 + 3 + 3) * self.sweep["questions"])
        self.assertEqual(self.best()["options"]["top_k"], 20)
        self.assertNotIn("unmeasured", self.report)

    def test_control_c_may_leave_it_and_tune_again_follows_it(self):
        self.begin(rules=[{"match": '"temperature":0.4', "hold": True, "say": GOOD, "tokens": 10}])
        t = self.terminal()
        wait_for("one that is held", lambda: any(b["options"]["temperature"] == 0.4
                                                 for b in self.server.bodies()))
        t.wait_for("measure")
        t.type("\x03")
        t.wait_for("[d/c]")
        t.type("d\n")
        self.assertEqual(t.end(), 1)
        job = self.job()
        self.assertIn(f"chimeractl watch {job}", t.output)
        again = self.terminal().wait_for(f"job {job} measures this already")
        self.server.release()
        self.assertEqual(again.end(), 0, again.output)
        self.assertIn("AGAINST THE FASTEST", again.output)
        self.assertTrue(any(line.startswith("✓ measure") for line in again.screen()))
        self.assertEqual(len(self.daemon.get("/v1/jobs")[1]), 1)
        new = self.ctl("tune", self.root, "-p", "t", socket=self.daemon.socket)
        self.assertNotIn("measures this already", new.stderr, "what has ended is measured anew")

    def test_what_measures_nothing_has_failed(self):
        self.begin()
        tune = lambda *args, **how: self.ctl(*args, socket=self.daemon.socket, **how)
        self.assertIn("pipeline plain has no matrix",
                      tune("tune", self.root, "-p", "plain", code=6).stderr)
        self.server.kill()
        done = tune("tune", self.root, "-p", "t", code=1)
        self.assertRegex(done.stderr, "tune: nothing is ranked: no answer at .*refused")
        self.read_unranked()

    def read_unranked(self):
        folder = self.daemon.reports / self.job()
        report = self.check_report(folder)
        self.assertNotIn("sweep", report)
        self.assertIn("- **Not measured:** ", (folder / "report.md").read_text())

    def test_a_server_that_dies_ends_it_and_what_was_measured_counts(self):
        self.begin()
        job = self.daemon.submit([self.root], pipeline="t")["id"]
        wait_for("the middle of the sweep", lambda: self.asked() > 12)
        self.server.kill()
        self.daemon.succeeded(job)
        self.read(self.daemon.reports / job)
        self.assertIn("refused", self.report["unmeasured"])
        self.assertIn("- **Measured no further:** ", self.page)
        self.assertTrue(all(v["error"] is None for v in self.variants), "none is to blame")
        self.assertTrue(self.best())

    def test_json_is_the_job_and_the_ranking(self):
        self.begin()
        done = self.ctl("--json", "tune", self.root, "-p", "t", socket=self.daemon.socket)
        job = json.loads(done.stdout)
        self.read(self.daemon.reports / job["id"])
        self.assertEqual(job["sweep"], self.sweep)
        self.assertEqual(job["state"], "succeeded")

    def test_the_winning_options_are_a_piece_of_a_pipeline(self):
        self.begin()
        self.ctl("tune", self.root, "-p", "t", "-o", self.dir / "out", socket=self.daemon.socket)
        tuned = (self.dir / "out" / "tuned.yaml").read_text()
        file = self.dir / "data" / "pipelines" / "pasted.yaml"
        file.write_text(f"name: pasted\ntitle: Pasted\n{SHORT}{tuned}")
        env = {"CHIMERAD_DATA": str(self.dir / "data")}
        self.assertEqual(self.ctl("check", file, env=env).stdout.strip(), f"{file}: a good pipeline")
        self.daemon.succeeded(self.daemon.submit([self.root], pipeline="pasted")["id"])
        used = self.server.bodies()[-1]["options"]
        wanted = re.search(r"^options: \{temperature: (\S+), top_k: (\d+)\}$", tuned, re.M)
        self.assertEqual((used["temperature"], used["top_k"]),
                         (float(wanted[1]), int(wanted[2])), "but the persona says otherwise")
