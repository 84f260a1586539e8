# SPDX-License-Identifier: MIT
"""kill -9 at any moment: what was accepted is done, once, and no report is half there."""
import json
import subprocess
import time
import unittest

from harness import Case, Daemon, wait_for
from scripted_server import ScriptedServer, claims

TREE = {"a.csv": "backend,time_ms,error\nx,1.5,\ny,2.5,\nz,0,refused\n"}
CLAIM = claims("The affected rows deserve a careful look by the team.")
PERSONAS = {"inventory": "You are DataCollector-9000", "analyse": "You are a benchmark analyst",
            "compose": "You are the editor of a technical report"}


def prompt(chat):
    return chat["body"]["messages"][-1]["content"]


class Killed(Case):
    def setUp(self):
        super().setUp()
        self.root = self.tree(TREE)

    def test_between_any_two_steps_the_job_goes_on_and_ends_once(self):
        for step in ("inventory", "analyse", "compose"):
            with self.subTest(step=step):
                self.kill_in(step)

    def kill_in(self, step):
        server = ScriptedServer(self, say=CLAIM, rules=[{"match": PERSONAS[step], "hold": True}])
        daemon = Daemon(self, [self.root], [server.endpoint()], name=f"daemon-{step}").start()
        job = daemon.submit([self.root])
        wait_for(f"a call of {step}", lambda: PERSONAS[step] in json.dumps(server.bodies()))
        daemon.kill()
        ends, before = server.ends("answered"), server.chats()
        kept = {prompt(c) for c in before if c["n"] in ends}
        server.release()
        daemon.start()
        ended = daemon.succeeded(job["id"])
        self.assertEqual(ended["report"], str(daemon.reports / job["id"]))
        self.check_report(ended["report"])
        folders = [p.name for p in daemon.reports.iterdir() if p.is_dir() and not p.is_symlink()
                   and not p.name.startswith(".")]
        self.assertEqual(folders, [job["id"]])
        asked_again = {prompt(c) for c in server.chats()[len(before):]}
        self.assertEqual(asked_again & kept, set(), "a finished step was asked again")
        daemon.stop()

    def test_at_random_moments_every_accepted_job_ends_once(self):
        daemon = Daemon(self, [self.root]).start()
        accepted = []
        for delay_ms in (0, 3, 7, 15, 30, 60):
            accepted.append(daemon.submit([self.root])["id"])
            time.sleep(delay_ms / 1000)
            daemon.kill()
            daemon.start()
        for ident in accepted:
            daemon.succeeded(ident)
            self.check_report(daemon.reports / ident)
        jobs = json.dumps(daemon.get("/v1/jobs")[1])
        for ident in accepted:
            self.assertIn(ident, jobs)
        visible = sorted(p.name for p in daemon.reports.iterdir()
                         if p.is_dir() and not p.is_symlink() and not p.name.startswith("."))
        self.assertEqual(visible, sorted(accepted))
        daemon.stop()

    def test_sigterm_in_the_middle_of_a_call_suspends_and_the_next_start_ends_the_job(self):
        server = ScriptedServer(self, say=CLAIM, rules=[{"hold": True}])
        daemon = Daemon(self, [self.root], [server.endpoint()]).start()
        job = daemon.submit([self.root])
        server.wait_for_chat()
        daemon.stop()
        server.release()
        daemon.start()
        daemon.succeeded(job["id"])
        daemon.stop()

    def test_a_second_daemon_on_the_same_state_is_refused(self):
        from harness import BUILD, environment
        daemon = Daemon(self, [self.root]).start()
        done = subprocess.run([BUILD / "daemon" / "chimerad", "--config", daemon.config,
                               "--socket", daemon.dir / "other"], capture_output=True, text=True,
                              env=environment(), timeout=60)
        self.assertNotEqual(done.returncode, 0)
        self.assertEqual(len(done.stderr.strip().splitlines()), 1, done.stderr)
        daemon.stop()


if __name__ == "__main__":
    unittest.main()
