# SPDX-License-Identifier: MIT
"""`quiet:` no model is called while a benchmark runs, and none begins while one is called."""
import fcntl
import os
import time
import unittest

from harness import Case, Daemon, wait_for
from scripted_server import ScriptedServer, claims

TREE = {"a.csv": "backend,time_ms,error\nx,1.5,\ny,2.5,\nz,0,refused\n"}
CLAIM = claims("The affected rows deserve a careful look by the team.")


class Quiet(Case):
    def setUp(self):
        super().setUp()
        self.root = self.tree(TREE)
        self.lock = self.dir / "bench.lock"
        self.lock.touch()

    def daemon_with(self, quiet, server, env=None, name="daemon"):
        return Daemon(self, [self.root], [server.endpoint()], more=f"quiet: {quiet}", env=env,
                      name=name).start()

    def hold(self):
        benchmark = open(self.lock)
        self.addCleanup(benchmark.close)
        fcntl.flock(benchmark, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return benchmark

    def page(self, daemon, job):
        self.check_report(job["report"])
        return (daemon.reports / job["id"] / "report.md").read_text()

    def smi(self, says):
        """A PATH with a nvidia-smi of ours in front."""
        folder = self.dir / "bin"
        folder.mkdir(exist_ok=True)
        (folder / "says").write_text(says)
        (folder / "nvidia-smi").write_text(f"#!/bin/sh\nexec cat '{folder}/says'\n")
        (folder / "nvidia-smi").chmod(0o755)
        return {"PATH": f"{folder}:{os.environ['PATH']}"}

    def test_while_a_benchmark_holds_the_lock_nothing_is_asked(self):
        server = ScriptedServer(self, say=CLAIM)
        daemon = self.daemon_with(f"{{lock: {self.lock}}}", server)
        benchmark = self.hold()
        job = daemon.submit([self.root])["id"]
        wait_for("the review", lambda: daemon.get(f"/v1/jobs/{job}")[1]["state"] == "running")
        time.sleep(1.5)
        self.assertEqual(server.requests(), [])
        benchmark.close()
        self.assertIn("careful look", self.page(daemon, daemon.succeeded(job)))
        self.assertTrue(server.chats())
        daemon.stop()

    def test_while_models_are_called_the_lock_is_held_shared(self):
        server = ScriptedServer(self, say=CLAIM, rules=[{"hold": True}])
        daemon = self.daemon_with(f"{{lock: {self.lock}}}", server)
        job = daemon.submit([self.root])["id"]
        server.wait_for_chat()
        with self.assertRaises(BlockingIOError):
            self.hold()
        server.release()
        daemon.succeeded(job)
        self.hold()
        daemon.stop()

    def test_after_the_wait_builtin_writes_and_says_so(self):
        server = ScriptedServer(self, say=CLAIM)
        daemon = self.daemon_with(f"{{lock: {self.lock}, wait: 0}}", server)
        self.hold()
        page = self.page(daemon, daemon.succeeded(daemon.submit([self.root])["id"]))
        self.assertIn("was locked", page)
        self.assertIn("(quiet: wait)", page)
        self.assertEqual(server.requests(), [])
        daemon.stop()

    def test_a_cancelled_review_waits_no_longer(self):
        server = ScriptedServer(self, say=CLAIM)
        daemon = self.daemon_with(f"{{lock: {self.lock}}}", server)
        self.hold()
        job = daemon.submit([self.root])["id"]
        wait_for("the review", lambda: daemon.get(f"/v1/jobs/{job}")[1]["state"] == "running")
        self.assertEqual(daemon.curl("DELETE", f"/v1/jobs/{job}")[0], 202)
        self.assertEqual(daemon.ended(job)["state"], "cancelled")
        self.assertEqual(server.requests(), [])
        daemon.submit([self.root])
        daemon.stop()  # while it waits

    def test_a_busy_gpu_is_waited_for(self):
        server = ScriptedServer(self, say=CLAIM)
        daemon = self.daemon_with("{gpu_pct: 10}", server, self.smi("0\n80\n"))
        job = daemon.submit([self.root])["id"]
        wait_for("the review", lambda: daemon.get(f"/v1/jobs/{job}")[1]["state"] == "running")
        time.sleep(1)
        self.assertEqual(server.requests(), [])
        self.smi("0\n3\n")
        self.assertIn("careful look", self.page(daemon, daemon.succeeded(job)))
        daemon.stop()

    def test_without_a_gpu_that_tells_builtin_writes(self):
        server = ScriptedServer(self, say=CLAIM)
        daemon = self.daemon_with("{gpu_pct: 10}", server, self.smi("[N/A]\n"))
        page = self.page(daemon, daemon.succeeded(daemon.submit([self.root])["id"]))
        self.assertIn("no GPU tells how busy it is", page)
        self.assertEqual(server.requests(), [])
        daemon.stop()


if __name__ == "__main__":
    unittest.main()
