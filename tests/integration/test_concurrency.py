# SPDX-License-Identifier: MIT
"""Agents alone and together: what it comes to, and what takes no part in it."""
import json
import shutil
import statistics

from agents_case import AGENTS, GOOD, SHORT, AgentsCase
from harness import wait_for
from scripted_server import ScriptedServer

ONE = "steps:\n  - {id: inventory, stage: ingest, agent: data-collector}\n"  # one question each


def two(one, other, options=""):
    """Two agents alike but for options of the second, each on its endpoint."""
    return (f"agents:\n  - {{name: a, endpoint: {one}}}\n"
            f"  - {{name: b, endpoint: {other}, options: {{{options}}}}}\n")


LOAD_MS = 60


def lot(seed, i):
    """The i-th number that a seed draws: splitmix64."""
    z = (seed + (i + 1) * 0x9e3779b97f4a7c15) % 2**64
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9 % 2**64
    z = (z ^ z >> 27) * 0x94d049bb133111eb % 2**64
    return z ^ z >> 31


class ContestCase(AgentsCase):
    def look(self, folder):
        """The section of a published review, and its finding; what is beside it is checked."""
        self.folder = folder
        report = self.check_report(folder)
        self.page = (folder / "report.md").read_text()
        [finding] = [k for k in report["findings"] if k["kind"] == "concurrency"]
        self.sums(report["concurrency"])
        return report["concurrency"], finding

    def sums(self, c):
        """The figures again, from the trials alone; nothing of a warm-up is in them."""
        walls = {}
        for t in c["trials"]:
            if t["run"]:
                walls.setdefault(t["run"], {}).setdefault(t["kind"], []).append(t["wall_s"])
        self.assertEqual([t["kind"] for t in c["trials"] if not t["run"]], 2 * ["warm_up"])
        sequential = statistics.median(sum(w["solo"]) for w in walls.values())
        concurrent = statistics.median(w["together"][0] for w in walls.values())
        self.assertAlmostEqual(c["sequential_s"], sequential)
        self.assertAlmostEqual(c["concurrent_s"], concurrent)
        self.assertAlmostEqual(c["speedup"], sequential / concurrent)
        self.assertAlmostEqual(c["efficiency"], sequential / concurrent / c["agents"])
        for each in c["each"]:
            self.assertEqual(each["wall_s"]["runs"], len(walls))
        self.clocks(c)
        self.exports(c, walls)

    def clocks(self, c):
        """Both times are of one clock, and what a call waited for is in them."""
        for trial in c["trials"]:
            for lane in trial["agents"]:
                calls = [k for k in lane["calls"] if k["answer"] == "good"]
                spent_ms = sum(k["queue_ms"] + k["total_ms"] for k in calls)
                self.assertGreaterEqual(1000 * trial["wall_s"], spent_ms - 0.001)
                for call in calls:
                    self.assertGreaterEqual(call["total_ms"], call["ttft_ms"])

    def exports(self, c, walls):
        """What lies there for scripts of the Chimera harness says the same."""
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
        self.assertIn("# Multi-Agent Summary (", (self.folder / "summary.md").read_text())


class Contention(ContestCase):
    """Every contest has servers of its own and is mostly waiting, so they run at the same time."""
    steps = ONE

    @classmethod
    def setUpClass(cls):
        made = cls.made = cls()
        made.setUp()
        cls.addClassCleanup(made.doCleanups)
        made.measure(
            # Two per cent of its answers are longer than a loaded machine is late, mostly.
            apart={"servers": [made.speaks(2, tokens=20, token_ms=80) for _ in range(2)],
                   "runs": 3},
            lock={"servers": [made.speaks(4, slots=2, lock=True, tokens=6, token_ms=120)]},
            slot={"servers": [made.speaks(4, tokens=20, token_ms=20)], "slots": 1},
            queue={"servers": [made.speaks(4, tokens=20, token_ms=20)]},
            loads={"servers": [made.speaks(4, "ollama", slots=2, tokens=20, token_ms=20,
                                           load_ms=LOAD_MS)], "options": "num_ctx: 3500"},
            uneven={"servers": [made.speaks(2, tokens=n, token_ms=30) for n in (16, 48)]})

    def speaks(self, quick, dialect="llama", **script):
        """A server. What the review asks and the warm-ups, `quick` chats, cost next to no time."""
        return ScriptedServer(self, dialect, say=GOOD, **script,
                              rules=[{"times": quick, "say": GOOD, "token_ms": 1}])

    def measure(self, **contests):
        """Each has the server of both agents, or that of each, and options of the second one."""
        endpoints, pipelines = [], {}
        for name, contest in contests.items():
            names = [f"{name}-{i}" for i in range(len(contest["servers"]))]
            endpoints += [server.endpoint(n, slots=contest.get("slots", 2))
                          for n, server in zip(names, contest["servers"])]
            pipelines[name] = (two(names[0], names[-1], contest.get("options", ""))
                               + f"runs: {contest.get('runs', 2)}")
        self.start(endpoints, limits={"jobs_running": len(contests)}, **pipelines)
        jobs = {name: self.daemon.submit([self.root], pipeline=name, fresh=True)["id"]
                for name in contests}
        self.folders = {name: self.daemon.reports / self.daemon.succeeded(job)["id"]
                        for name, job in jobs.items()}

    def contest(self, name):
        return self.look(self.made.folders[name])

    def test_two_servers_of_their_own_do_not_slow_one_another_down(self):
        c, finding = self.contest("apart")
        self.assertEqual((c["agents"], c["runs"], c["contention"], c["cause"], c["uneven"]),
                         (2, 3, False, None, False))
        self.assertGreaterEqual(c["efficiency"], 0.98)
        self.assertGreater(c["tokens_per_wall_s"], 1.8 * c["tokens_per_wall_s_solo"])
        self.assertEqual(finding["severity"], "info")
        self.assertIn("do not slow one another down; as far as so few runs tell, they write more "
                      "in the same time together than alone.", self.page)

    def test_a_figure_that_its_trials_do_not_give_is_found_wrong(self):
        """verify computes each of them again."""
        folder = self.dir / "altered"
        shutil.copytree(self.made.folders["apart"], folder, symlinks=True)
        whole = (folder / "report.json").read_text()
        c = json.loads(whole)["concurrency"]
        figures = [k for k, x in c.items() if isinstance(x, float)
                   and k not in ("gain_low_pct", "gain_high_pct")]
        figures += [f"intervals/{k}/{x}" for k, m in c["intervals"].items() for x in m]
        figures += [f"each/1/{k}/{x}" for k in ("tokens_per_s", "ttft_ms", "wall_s",
                                                "tokens_per_s_together", "ttft_together_ms")
                    for x in ("median", "low", "high", "level_pct", "runs")]
        figures += ["each/0/stretch", "deltas/0/throughput_pct", "deltas/0/throughput_p",
                    "deltas/0/ttft_ms", "deltas/0/ttft_p", "runs", "runs_left_out",
                    "trials/3/wall_s"]
        self.assertGreater(len(figures), 50)
        for figure in figures:
            report = json.loads(whole)
            *way, last = figure.split("/")
            at = report["concurrency"]
            for step in way:
                at = at[int(step) if isinstance(at, list) else step]
            at[last] = at[last] * 1.001 + 1e-3
            (folder / "report.json").write_text(json.dumps(report))
            said = self.ctl("verify", folder / "report.json", code=4).stdout
            self.assertRegex(said, f"concurrency.*: {last} is " if way[:1] != ["trials"]
                             else "concurrency", figure)

    def test_the_halves_of_a_run_change_places(self):
        c, _ = self.contest("apart")
        first, second = ([t["kind"] for t in c["trials"] if t["run"] == run] for run in (1, 2))
        self.assertEqual(sorted((first, second)),
                         [["solo", "solo", "together"], ["together", "solo", "solo"]])

    def test_the_order_is_drawn_by_a_seed_that_is_told(self):
        for folder in self.made.folders.values():
            c = json.loads((folder / "report.json").read_text())["concurrency"]
            seed = int(c["order_seed"], 16)
            begins = lot(seed, 2**20) % 2
            [first, *_] = [t for t in c["trials"] if t["run"]]
            self.assertEqual(first["kind"] == "together", lot(seed, 0) % 2 == 1)
            for trial in c["trials"]:
                if trial["run"] and trial["kind"] == "together":
                    pair, half = divmod(trial["run"] - 1, 2)
                    self.assertEqual(trial["agents"][0]["agent"], "ab"[(begins + pair + half) % 2])

    def test_a_lock_in_the_server_is_contention_and_has_its_name(self):
        c, finding = self.contest("lock")
        self.assertLess(c["efficiency"], 0.7)
        self.assertEqual((c["contention"], c["cause"]), (True, "memory"))
        self.assertEqual(finding["severity"], "medium")
        self.assertEqual([g["passed"] for g in finding["gates"]], [False, True])
        self.assertIn("**contention**", self.page)

    def test_one_slot_is_waited_for(self):
        c, _ = self.contest("slot")
        self.assertEqual((c["contention"], c["cause"], c["loads_differ"]), (True, "slot", False))

    def test_a_model_that_is_loaded_for_one_at_a_time_is_named(self):
        c, _ = self.contest("loads")
        self.assertEqual((c["contention"], c["cause"], c["loads_differ"]), (True, "slot", True))
        self.assertIn("as the server loads its model for the options of one at a time", self.page)
        self.assertIn("Ask for the same num_ctx and num_gpu in all agents", self.page)

    def test_loading_is_within_the_first_token_and_told_beside_it(self):
        c, _ = self.contest("loads")
        calls = [k for t in c["trials"] for lane in t["agents"] for k in lane["calls"]]
        loading = [k for k in calls if k["load_ms"] >= LOAD_MS]
        self.assertTrue(loading)
        for call in loading:
            self.assertGreaterEqual(call["ttft_ms"], LOAD_MS)

    def test_one_answer_at_a_time_is_a_queue_in_the_server(self):
        c, _ = self.contest("queue")
        self.assertEqual((c["contention"], c["cause"]), (True, "queue"))

    def test_a_longer_answer_is_no_contention(self):
        c, _ = self.contest("uneven")
        self.assertLess(c["efficiency"], 0.75)
        self.assertEqual((c["contention"], c["uneven"], c["cause"]), (False, True, None))


class Reload(ContestCase):
    steps = SHORT  # so that alone only the first of two questions loads the model

    def test_a_server_that_loads_for_each_in_turn_is_named(self):
        server = ScriptedServer(self, "ollama", say=GOOD, slots=2, tokens=5, token_ms=5,
                                load_ms=150)
        # Under two names, so that nobody knows that it is one server, and waits.
        self.start([server.endpoint("one"), server.endpoint("two")],
                   two=two("one", "two", "num_ctx: 3500") + "runs: 2")
        self.reports("two", fresh=True)
        c, _ = self.look(self.folder)
        self.assertEqual((c["contention"], c["cause"]), (True, "reload"))
        self.assertGreater(c["grew_ms"]["reload"], 150)
        self.assertIn("most of it is loading the model anew", self.page)


class TakesNoPart(ContestCase):
    steps = SHORT
    SUMMARY = "write the executive summary"  # the second question of each agent

    def contest(self, endpoints, text, name="two"):
        self.start(endpoints, **{name: text})
        self.reports(name)
        return self.look(self.folder)

    def last(self, content, reason):
        """How Ollama ends an answer."""
        return {"event": {"message": {"content": content}, "done": True, "eval_duration": 1,
                          "eval_count": len(content), "done_reason": reason}}

    def test_a_question_without_a_good_answer_in_the_warm_up_is_left_out_and_counted(self):
        good = ScriptedServer(self, "ollama", say=GOOD, tokens=10)
        bad = ScriptedServer(self, "ollama", say=GOOD, tokens=10, rules=[
            {"match": self.SUMMARY, "send": [self.last("", "stop")]}])
        c, _ = self.contest([good.endpoint("one"), bad.endpoint("two")],
                            two("one", "two") + "runs: 2")
        self.assertEqual((c["questions"], c["questions_left_out"], c["runs"]), (2, 1, 2))
        self.assertEqual(c["each"][1]["left_out"], {"empty": 1, "run_away": 0, "failed": 0})
        for trial in c["trials"]:
            for lane in trial["agents"]:
                self.assertEqual(len(lane["calls"]), 1 if trial["run"] else 2)

    def bad_once(self, times, **rule):
        """A server whose third answer to the first question, the first that is measured, is not
        good in any of its tries."""
        cover = "say what the benchmark files cover"
        return ScriptedServer(self, "ollama", say=GOOD, tokens=10, rules=[
            {"match": cover, "times": 2, "say": GOOD}, {"match": cover, "times": times, **rule}])

    def test_a_run_without_a_good_answer_is_left_out_and_counted(self):
        good = ScriptedServer(self, "ollama", say=GOOD, tokens=10)
        bad = {"empty": self.bad_once(3, send=[self.last("", "stop")]),
               "run-away": self.bad_once(1, send=[self.last(GOOD, "length")]),
               "failed": self.bad_once(1, status=403)}
        self.start([good.endpoint("good", slots=4)] + [s.endpoint(n) for n, s in bad.items()],
                   limits={"jobs_running": 3}, **{n: two("good", n) + "runs: 2" for n in bad})
        jobs = {n: self.daemon.submit([self.root], pipeline=n, fresh=True)["id"] for n in bad}
        for name, job in jobs.items():
            answer = name.replace("-", "_")
            with self.subTest(answer=answer):
                self.daemon.succeeded(job)
                report = self.check_report(self.daemon.reports / job)
                c = report["concurrency"]
                self.assertEqual((c["questions_left_out"], c["runs"]), (0, 1))
                self.assertEqual(c["runs_left_out"], 1)
                self.assertEqual(c["each"][1]["left_out"],
                                 {"empty": 0, "run_away": 0, "failed": 0, answer: 1})
                [run] = [t for t in c["trials"] if t["run"] and any(
                    call["answer"] == answer for lane in t["agents"] for call in lane["calls"])]
                kept = [t for t in c["trials"] if t["run"] not in (0, run["run"])]
                self.assertAlmostEqual(c["sequential_s"], sum(
                    t["wall_s"] for t in kept if t["kind"] == "solo"))
                for each in c["each"]:
                    self.assertGreater(each["tokens_per_s"]["median"], 0)

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
        server = ScriptedServer(self, "ollama", say=GOOD, tokens=10, token_ms=10)
        self.start([server.endpoint()], two=AGENTS + "runs: 3")
        job = self.daemon.submit([self.root], pipeline="two")["id"]
        wait_for("some trials", lambda: len(server.chats()) > 12)
        self.daemon.kill()
        before = len(server.chats())
        self.daemon.start().succeeded(job)
        c, _ = self.look(self.daemon.reports / job)
        asked = sum(len(l["calls"]) for t in c["trials"] for l in t["agents"])
        self.assertLess(len(server.chats()) - before, asked)
