# SPDX-License-Identifier: MIT
"""kill -9 at any moment: what was accepted is done, once, and no report is half there."""
import json
import subprocess
import time
import unittest

from fake_model import FakeModel, answer
from harness import Case, Daemon, wait_for

TREE = {"a.csv": "backend,time_ms,error\nx,1.5,\ny,2.5,\nz,0,refused\n"}
CLAIM = {"claims": [{"about": ["K1"], "text": "The affected rows deserve a closer look by the team."}]}


class Killed(Case):
    def setUp(self):
        super().setUp()
        self.root = self.tree(TREE)

    def step_of(self, daemon, job):
        status, text = daemon.get(f"/v1/jobs/{job['id']}")
        return text.get("step") if status == 200 else None  # a killed daemon answers nothing

    def test_between_any_two_steps_the_job_goes_on_and_ends_once(self):
        for step in ("inventory", "analyse", "compose"):
            with self.subTest(step=step):
                self.kill_in(step)

    def kill_in(self, step):
        hold = {"on": True, "dying": False}
        answered = set()

        def script(n, request):
            while hold["on"] and self.step_of(daemon, job) == step:  # it waits for its death
                time.sleep(0.02)
            if not hold["dying"]:  # else nobody hears it
                answered.add(request["messages"][-1]["content"])
            return 200, answer(json.dumps(CLAIM))

        fake = FakeModel(self, script)
        name = f"daemon-{step}"
        daemon = NamedDaemon(self, name, [self.root], [fake.endpoint()]).start()
        job = daemon.submit([self.root])
        wait_for(f"step {step}", lambda: self.step_of(daemon, job) == step)
        hold["dying"] = True
        daemon.kill()
        kept, before = set(answered), len(fake.calls)
        hold["on"] = False
        daemon.start()
        ended = daemon.succeeded(job["id"])
        self.assertEqual(ended["report"], str(daemon.reports / job["id"]))
        self.check_report(ended["report"])
        folders = [p.name for p in daemon.reports.iterdir() if p.is_dir() and not p.is_symlink()
                   and not p.name.startswith(".")]
        self.assertEqual(folders, [job["id"]])
        asked_again = {c["messages"][-1]["content"] for c in fake.calls[before:]}
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
        hold = {"on": True}

        def script(n, request):
            while hold["on"]:
                time.sleep(0.02)
            return 200, answer(json.dumps(CLAIM))

        fake = FakeModel(self, script)
        daemon = Daemon(self, [self.root], [fake.endpoint()]).start()
        job = daemon.submit([self.root])
        wait_for("a call", lambda: fake.calls)
        daemon.stop()
        hold["on"] = False
        daemon.start()
        daemon.succeeded(job["id"])
        daemon.stop()

    def test_a_cancelled_job_closes_its_call_and_publishes_nothing(self):
        hold = {"on": True}

        def script(n, request):
            while hold["on"]:
                time.sleep(0.02)
            return None

        fake = FakeModel(self, script)
        daemon = Daemon(self, [self.root], [fake.endpoint()]).start()
        job = daemon.submit([self.root])
        wait_for("a call", lambda: fake.calls)
        status, _, _ = daemon.curl("DELETE", f"/v1/jobs/{job['id']}")
        self.assertIn(status, (200, 202, 204))
        self.assertEqual(daemon.ended(job["id"])["state"], "cancelled")
        self.assertFalse((daemon.reports / job["id"]).exists())
        hold["on"] = False
        status, _, _ = daemon.curl("DELETE", f"/v1/jobs/{job['id']}")
        self.assertEqual(status, 409)
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


class NamedDaemon(Daemon):
    """A daemon in a directory of its own name, so that one test can have several."""

    def __init__(self, case, name, *args, **kwargs):
        real, case.dir = case.dir, case.dir / name
        case.dir.mkdir()
        try:
            super().__init__(case, *args, **kwargs)
        finally:
            case.dir = real


if __name__ == "__main__":
    unittest.main()
