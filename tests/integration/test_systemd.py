# SPDX-License-Identifier: MIT
"""The service as it is installed, under a real systemd, with all that the unit takes away from it."""
import json
import unittest

from harness import wait_for
from live_systemd import LiveCase

CONFIG = "roots: [/srv/bench]\n"
RESULTS = "time,model,tokens_s\n2026-10-01T02:00:00Z,a,100\n2026-10-01T02:01:00Z,a,101\n"
BENCH = """\
[Service]
Type=oneshot
ExecStart=/bin/sh -c 'test ! -e /run/bench-breaks'
"""
# A model server that is asked what it is, and only writes down who asks.
SERVER = """\
import http.server
class Ask(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        print(self.headers.get("Authorization"), file=open("/run/asked", "a"), flush=True)
        self.send_error(404)
http.server.HTTPServer(("127.0.0.1", 8090), Ask).serve_forever()
"""


class Installed(LiveCase):
    def setUp(self):
        super().setUp()
        self.machine.write("etc/chimerad/chimerad.yaml", CONFIG)
        self.machine.write("srv/bench/a.csv", RESULTS)

    def installed(self, drop_in=""):
        """By README's commands."""
        m = self.machine
        if drop_in:
            m.write("etc/systemd/system/chimerad.service.d/test.conf", drop_in)
        m.boot()
        m.run("systemd-sysusers")
        m.run("systemd-tmpfiles", "--create", "chimerad.conf")
        m.run("systemctl", "enable", "--now", "chimerad")
        return m

    def service(self, *properties):
        return self.machine.show("chimerad.service", *properties)

    def all_succeeded(self, n):
        jobs = self.machine.jobs()
        self.assertLessEqual({j["state"] for j in jobs}, {"queued", "running", "succeeded"})
        return len(jobs) == n and all(j["state"] == "succeeded" for j in jobs)


class Service(Installed):
    def test_it_is_ready_and_confined_and_reviews(self):
        m = self.installed()
        self.assertEqual(self.service("ActiveState", "Type", "StatusText"),
                         {"ActiveState": "active", "Type": "notify", "StatusText": "Ready"})
        status = (m.root / "proc" / self.service("MainPID")["MainPID"] / "status").read_text()
        fields = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
        self.assertEqual((fields["CapEff"], fields["NoNewPrivs"], fields["Seccomp"]),
                         ("0" * 16, "1", "2"))
        self.assertNotIn("0", fields["Uid"].split())
        m.ctl("review", "/srv/bench")
        report = f"{m.jobs()[0]['report']}/report.json"
        self.assertTrue(report.startswith("/var/lib/chimerad/reports/"), report)
        m.ctl("verify", report)
        self.assertEqual(m.run("stat", "-c", "%U", report).stdout.strip(), "chimerad")
        found = m.ctl("doctor").stdout
        self.assertIn("chimerad.socket: it listens, also after a start of the machine", found)
        self.assertNotIn("problem  ", found)
        self.assertNotIn("accepted jobs wait", found)

    def test_a_connection_starts_it_for_its_group_alone(self):
        m = self.installed()
        m.run("systemctl", "disable", "--now", "chimerad.service")
        m.run("systemctl", "restart", "chimerad.socket")
        self.assertEqual(self.service("ActiveState")["ActiveState"], "inactive")
        refused = m.ctl("list", user="nobody:nogroup", code=6)
        self.assertIn("chimeractl", refused.stderr)
        self.assertEqual(self.service("ActiveState")["ActiveState"], "inactive")
        m.ctl("list", user="nobody:chimerad")
        self.assertEqual(self.service("ActiveState")["ActiveState"], "active")
        self.assertIn("accepted jobs wait", m.ctl("doctor").stdout)

    def test_a_reload_takes_a_good_configuration_and_no_broken_one(self):
        m = self.installed()
        config = m.root / "etc/chimerad/chimerad.yaml"
        roots = ("/srv/bench", "/srv/more")
        (m.root / "srv/more").mkdir()
        (m.root / "srv/more/b.csv").write_text(RESULTS)
        m.ctl("submit", "/srv/more", code=6)
        config.write_text(f"roots: {json.dumps(roots)}\n")
        m.run("systemctl", "reload", "chimerad")
        m.ctl("review", "/srv/more")
        config.write_text("rots: []\n")
        m.run("systemctl", "reload", "chimerad", code=None)
        wait_for("the refusal", lambda: "chimerad.yaml:1:1" in m.journal())
        self.assertEqual(self.service("ActiveState", "NRestarts"),
                         {"ActiveState": "active", "NRestarts": "0"})
        m.ctl("review", "/srv/more")

    def test_killed_it_comes_back_and_ends_what_it_accepted_once(self):
        m = self.installed("[Service]\nRestartSec=100ms\n")
        for _ in range(8):
            m.ctl("submit", "/srv/bench")
        m.run("systemctl", "kill", "--signal=KILL", "chimerad.service")
        wait_for("all reviews", lambda: self.all_succeeded(8))
        self.assertEqual(self.service("NRestarts")["NRestarts"], "1")
        self.assertEqual(len({j["id"] for j in m.jobs()}), 8)

    def test_a_stop_is_clean_and_a_start_goes_on(self):
        m = self.installed()
        for _ in range(8):
            m.ctl("submit", "/srv/bench")
        m.run("systemctl", "stop", "chimerad.service")
        self.assertEqual(self.service("Result", "ActiveState"),
                         {"Result": "success", "ActiveState": "inactive"})
        m.run("systemctl", "start", "chimerad.service")
        wait_for("all reviews", lambda: self.all_succeeded(8))

    def test_one_that_hangs_is_ended_by_the_watchdog(self):
        m = self.installed("[Service]\nWatchdogSec=1s\nRestartSec=100ms\nTimeoutAbortSec=5s\n")
        m.ctl("submit", "/srv/bench")
        m.run("systemctl", "kill", "--signal=STOP", "chimerad.service")
        wait_for("the watchdog", lambda: self.service("NRestarts")["NRestarts"] == "1")
        self.assertIn("Watchdog timeout", m.journal())
        wait_for("its review", lambda: self.all_succeeded(1))

    def test_a_key_comes_as_a_credential_and_this_machine_alone_is_asked(self):
        self.machine.write("etc/chimerad/chimerad.yaml", CONFIG + "endpoints: " + json.dumps(
            [{"name": "m", "provider": "openai", "url": "http://127.0.0.1:8090", "model": "x",
              "api_key": {"credential": "model-token"}}]) + "\n")
        self.machine.write("etc/chimerad/model-token", "s3cret\n")
        self.machine.write("usr/local/server.py", SERVER)
        m = self.installed("[Service]\nLoadCredential=model-token:/etc/chimerad/model-token\n")
        (m.root / "etc/chimerad/model-token").chmod(0o600)
        m.run("systemd-run", "--unit=server", "/usr/bin/python3", "/usr/local/server.py")
        asked = m.root / "run/asked"

        def is_asked():
            m.ctl("endpoints", code=None)
            return asked.exists() and asked.read_text().strip()
        self.assertEqual(set(wait_for("a question", is_asked).splitlines()), {"Bearer s3cret"})


class Schedule(Installed):
    def setUp(self):
        super().setUp()
        self.machine.write("etc/systemd/system/bench.service", BENCH)

    def test_a_timer_and_the_benchmark_start_it_once_a_time(self):
        m = self.installed()
        m.ctl("schedule", "add", "nightly", "--at", "02:30", "--after", "bench.service",
              "/srv/bench")
        self.assertIn("chimerad-review@nightly.timer",
                      m.run("systemctl", "list-timers", "--no-pager").stdout)
        (m.root / "run/bench-breaks").touch()
        m.run("systemctl", "start", "bench.service", code=1)
        (m.root / "run/bench-breaks").unlink()
        self.assertEqual(m.jobs(), [], "a benchmark that broke is not reviewed")
        m.run("systemctl", "start", "bench.service")
        wait_for("its review", lambda: self.all_succeeded(1))
        self.assertIn("cannot_tell", m.ctl("schedule", "list").stdout)
        m.run("systemctl", "start", "chimerad-review@nightly.service")
        self.assertEqual(m.show("chimerad-review@nightly.service", "Result"),
                         {"Result": "success"})
        m.ctl("schedule", "remove", "nightly")
        left = [p.name for p in (m.root / "etc/systemd/system").rglob("*nightly*")]
        self.assertEqual(left, [])
        self.assertNotIn("nightly", m.run("systemctl", "list-timers", "--no-pager").stdout)

    def test_the_unit_fails_on_what_fail_on_names(self):
        m = self.installed()
        m.ctl("schedule", "add", "strict", "--at", "02:30", "--fail-on", "gap", "/srv/bench")
        m.ctl("schedule", "add", "mild", "--at", "02:30", "/srv/bench")
        m.run("systemctl", "start", "chimerad-review@mild.service")
        (m.root / "srv/bench/broken.json").write_text('{"a": ')
        m.run("systemctl", "start", "chimerad-review@strict.service", code=1)
        self.assertEqual(m.show("chimerad-review@strict.service", "Result", "ExecMainStatus"),
                         {"Result": "exit-code", "ExecMainStatus": "3"})

    def test_what_the_sandbox_hides_is_refused_with_what_mends_it(self):
        m = self.installed()
        config = m.root / "etc/chimerad/chimerad.yaml"
        (m.root / "home/results").mkdir(parents=True)
        (m.root / "home/results/a.csv").write_text(RESULTS)
        config.write_text('roots: ["/srv/bench", "/home/results"]\n')
        m.run("systemctl", "restart", "chimerad")
        said = m.ctl("schedule", "add", "n", "--at", "02:30", "/home/results", code=6).stderr
        self.assertIn("does not see its root /home/results", said)
        self.assertIn("ProtectHome=read-only", said)
        drop_in = m.root / "etc/systemd/system/chimerad.service.d/home.conf"
        drop_in.write_text("[Service]\nProtectHome=read-only\n")
        m.run("systemctl", "daemon-reload")
        m.run("systemctl", "restart", "chimerad")
        m.ctl("schedule", "add", "n", "--at", "02:30", "/home/results")
        closed = m.root / "srv/bench/closed"
        closed.mkdir()
        closed.chmod(0o700)
        said = m.ctl("schedule", "add", "c", "--at", "02:30", "/srv/bench/closed", code=6).stderr
        self.assertIn("setfacl", said)


if __name__ == "__main__":
    unittest.main()
