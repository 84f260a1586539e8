# SPDX-License-Identifier: MIT
"""
kill -9 at random moments while jobs are submitted, cancelled and reviewed.

CHIMERAD_KILLS says how many moments (default 12), CHIMERAD_SEED which; the seed is told when it
fails.
"""
import http.client
import json
import os
import random
import re
import subprocess
import threading
import time
import unittest

from harness import BUILD, Case, Daemon, environment
from scripted_server import ScriptedServer, claims

KILLS = int(os.environ.get("CHIMERAD_KILLS", "12"))
SEED = int(os.environ.get("CHIMERAD_SEED", "1"))
LIFE_MS = 700  # a life's longest: start-up, a review or two
WAITING_MAX = 4
ENDED = ("succeeded", "failed", "cancelled")
FILES = {"report.md", "report.html", "report.json", "samples.json"}
TREE = {"a.csv": "backend,time_ms,error\nx,1.5,\nx,1.6,\ny,2.5,\nz,0,refused\n",
        "b.json": '[{"model": "m", "tokens_s": 10.5}, {"model": "n", "tokens_s": 11}]'}
CLAIM = claims("The affected rows deserve a careful look by the team.")


class Load(threading.Thread):
    """Submits under keys of its own until it is told to stop; what has no answer is asked again."""

    def __init__(self, daemon, root, rng):
        super().__init__(daemon=True)
        self.target, self.root, self.rng = daemon, str(root), rng
        self.accepted = {}  # id -> key
        self.cancelled = set()
        self.failure = None
        self.over = threading.Event()

    def run(self):
        n = 0
        try:
            while not self.over.is_set():
                n += self.submit(f"key-{n}")
                self.over.wait(self.rng.uniform(0, 0.05))
        except Exception as e:  # told by the test's own thread
            self.failure = e

    def ask(self, *request):
        """None while the daemon is dead."""
        try:
            status, _, text = self.target.ask(*request)
        except (OSError, http.client.HTTPException):
            return None
        return status, json.loads(text)

    def waiting(self):
        answer = self.ask("GET", "/v1/jobs")
        return WAITING_MAX if not answer else sum(j["state"] not in ENDED for j in answer[1])

    def submit(self, key):
        """True once the key's job is known to be accepted."""
        if self.waiting() >= WAITING_MAX:
            return False
        body = {"paths": [self.root], "endpoint": "local" if int(key[4:]) % 3 == 0 else "builtin"}
        answer = self.ask("POST", "/v1/jobs", json.dumps(body), {"Idempotency-Key": key})
        if not answer:
            return False
        status, job = answer
        if status not in (200, 202):
            raise AssertionError(f"{key}: {status} {job}")
        if self.accepted.setdefault(job["id"], key) != key:
            raise AssertionError(f"{job['id']} belongs to two keys")
        if self.rng.random() < 0.1:
            self.cancelled.add(job["id"])  # whether or not the answer still comes
            self.ask("DELETE", f"/v1/jobs/{job['id']}")
        return True


class Killed(Case):
    def setUp(self):
        super().setUp()
        self.rng = random.Random(SEED)
        self.root = self.tree(TREE)
        server = ScriptedServer(self, say=CLAIM)
        self.daemon = Daemon(self, [self.root], [server.endpoint()])
        self.ends = {}  # as it was first seen: id -> (state, finished_at, verdict)

    def live(self):
        """One life, which ends anywhere from its first instruction on."""
        d = self.daemon
        with open(d.log, "ab") as log:
            d.process = subprocess.Popen([BUILD / "daemon" / "chimerad", "--config", d.config],
                                         stderr=log, stdin=subprocess.DEVNULL,
                                         env=environment())
        time.sleep(self.rng.uniform(0, LIFE_MS) / 1000)
        self.assertIsNone(d.process.poll(), d.log.read_text()[-2000:])
        d.kill()

    def check_dead(self):
        """What lies on the disk while nobody runs."""
        if (self.daemon.state / "chimerad.db").exists():
            self.daemon.check_store()
        if not self.daemon.reports.exists():
            return
        for name in self.daemon.folders():
            have = {p.name for p in (self.daemon.reports / name).iterdir()}
            self.assertLessEqual(FILES, have, name)
            json.loads((self.daemon.reports / name / "report.json").read_text())

    def look(self):
        """An end that was told stays as it was told."""
        after, page = "", None
        while page is None or len(page) == 50:
            page = self.daemon.get(f"/v1/jobs{after}")[1]
            for job in page:
                if job["state"] in ENDED:
                    end = (job["state"], job["finished_at"], job["verdict"])
                    self.assertEqual(self.ends.setdefault(job["id"], end), end)
            after = f"?after={page[-1]['id']}" if page else ""

    def test_every_accepted_job_ends_once_and_no_report_is_half(self):
        load = Load(self.daemon, self.root, self.rng)
        load.start()
        for moment in range(KILLS):
            with self.subTest(seed=SEED, moment=moment):
                self.live()
                self.check_dead()
                if moment % 8 == 0:
                    self.daemon.start()
                    self.look()
                    self.daemon.kill()
        load.over.set()
        load.join()
        if load.failure:
            raise load.failure
        self.finish(load)

    def finish(self, load):
        d = self.daemon.start()
        self.assertGreater(len(load.accepted), KILLS // 4)
        for ident in load.accepted:
            job = d.ended(ident)
            allowed = ("succeeded", "cancelled") if ident in load.cancelled else ("succeeded",)
            self.assertIn(job["state"], allowed, f"{job} {d.log.read_text()[-2000:]}")
        self.look()
        self.assertLessEqual(set(load.accepted), set(self.ends))
        self.assertLessEqual(len(self.ends), len(load.accepted) + 1, "but one without its answer")
        d.stop()
        self.check_dead()
        done = [i for i, end in self.ends.items() if end[0] == "succeeded"]
        self.assertEqual(d.folders(), sorted(done))
        told = re.findall(r"job=(\S+): (succeeded|failed|cancelled)", d.log.read_text())
        self.assertEqual(len(told), len({ident for ident, _ in told}), "an end told twice")
        for ident in done:
            self.ctl("verify", d.reports / ident / "report.json")
        for ident in self.rng.sample(done, min(3, len(done))):
            self.check_report(d.reports / ident)


if __name__ == "__main__":
    unittest.main()
