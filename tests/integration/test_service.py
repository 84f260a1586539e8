# SPDX-License-Identifier: MIT
"""What a service manager sees of chimerad, spoken by the real program to a manager of our own; and
reviews that are cancelled in each of their steps."""
import json
import re
import shutil
import signal
import socket
import subprocess
import time
import unittest

from harness import BUILD, DEADLINE_S, Case, Daemon, environment, wait_for
from scripted_server import ScriptedServer, claims

TREE = {"a.csv": "backend,time_ms,error\nx,1.5,\ny,2.5,\nz,0,refused\n"}
PERSONAS = {"inventory": "You are DataCollector-9000", "analyse": "You are a benchmark analyst",
            "compose": "You are the editor of a technical report"}
CLAIM = claims("The affected rows deserve a careful look by the team.")


class Manager:
    """The other end of sd_notify."""

    def __init__(self, case):
        self.path = case.dir / "notify"
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(self.path))
        self.socket.settimeout(DEADLINE_S)
        case.addCleanup(self.socket.close)

    def hears(self, what):
        """The first message that begins so."""
        while True:
            said = self.socket.recv(4096).decode()
            if said.startswith(what):
                return said


class Service(Case):
    def setUp(self):
        super().setUp()
        self.root = self.tree(TREE)
        self.manager = Manager(self)

    def daemon_with(self, **env):
        return Daemon(self, [self.root], env={"NOTIFY_SOCKET": str(self.manager.path), **env})

    def test_ready_reloading_stopping(self):
        daemon = self.daemon_with().start()
        self.manager.hears("READY=1")
        before_us = time.monotonic_ns() // 1000
        daemon.process.send_signal(signal.SIGHUP)
        said = self.manager.hears("RELOADING=1")
        at_us = int(re.search(r"^MONOTONIC_USEC=(\d+)$", said, re.M)[1])
        self.assertTrue(before_us <= at_us <= time.monotonic_ns() // 1000, said)
        self.manager.hears("READY=1")
        good = daemon.config.read_text()
        daemon.config.write_text("rots: []\n")
        daemon.process.send_signal(signal.SIGHUP)
        self.manager.hears("RELOADING=1")
        self.assertIn("refused", self.manager.hears("READY=1"))
        self.assertEqual(daemon.get("/readyz")[0], 200)
        self.assertIn("rots", daemon.log.read_text())
        daemon.config.write_text(good)
        daemon.process.send_signal(signal.SIGTERM)
        self.manager.hears("STOPPING=1")
        self.assertEqual(daemon.process.wait(timeout=DEADLINE_S), 0)

    def test_where_things_lie_does_not_change_under_a_running_daemon(self):
        server = ScriptedServer(self, say=CLAIM)
        daemon = Daemon(self, [self.root], [server.endpoint("first")],
                        env={"NOTIFY_SOCKET": str(self.manager.path)}).start()
        daemon.config.write_text(daemon.config.read_text().replace('"first"', '"second"')
                                 .replace("/state", "/elsewhere") + "machine: rig\n")
        for _ in range(3):  # what was replaced is freed
            daemon.process.send_signal(signal.SIGHUP)
            self.manager.hears("READY=1\nSTATUS=Configuration read")
        job = daemon.succeeded(daemon.submit([self.root], endpoint="first")["id"])
        report = json.loads((daemon.reports / job["id"] / "report.json").read_text())
        self.assertEqual([c["endpoint"] for c in report["calls"]], ["first"] * len(report["calls"]))
        self.assertTrue(report["calls"])
        self.assertEqual(daemon.get("/healthz")[1]["state"], str(daemon.state))
        self.assertEqual(daemon.get("/v1/backup")[0], 200)
        daemon.submit([self.root], endpoint="second", expect=400)
        daemon.stop()
        self.assertFalse((daemon.dir / "elsewhere").exists())

    def test_the_watchdog_is_fed_while_the_loop_turns_and_not_while_it_stands(self):
        daemon = self.daemon_with(WATCHDOG_USEC="2000000").start()
        for _ in range(3):
            self.manager.hears("WATCHDOG=1")
        daemon.process.send_signal(signal.SIGSTOP)
        self.manager.socket.settimeout(0.1)  # what was said until then
        try:
            while True:
                self.manager.socket.recv(4096)
        except TimeoutError:
            pass
        self.manager.socket.settimeout(2.5)
        with self.assertRaises(TimeoutError):
            self.manager.hears("WATCHDOG=1")
        self.manager.socket.settimeout(DEADLINE_S)
        daemon.process.send_signal(signal.SIGCONT)
        self.manager.hears("WATCHDOG=1")
        daemon.stop()

    def test_a_socket_that_was_handed_over_is_served_and_left_there(self):
        daemon = self.daemon_with()
        listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.addCleanup(listening.close)
        listening.bind(str(daemon.socket))
        listening.listen(16)
        daemon.config.write_text(daemon.config.read_text().replace(
            f"listen: {daemon.socket}", f"listen: {self.dir}/another"))
        script = f'exec 3<&{listening.fileno()}; LISTEN_PID=$$ LISTEN_FDS=1 exec "$@"'
        with open(daemon.log, "ab") as log:
            daemon.process = subprocess.Popen(
                ["sh", "-c", script, "sh", BUILD / "daemon" / "chimerad", "--config", daemon.config],
                stderr=log, pass_fds=[listening.fileno()], env=environment(**daemon.env))
        self.manager.hears("READY=1")
        daemon.succeeded(daemon.submit([self.root])["id"])
        self.assertFalse((self.dir / "another").exists())
        daemon.stop()
        self.assertTrue(daemon.socket.exists(), "it is the manager's")

    def test_a_client_that_never_ends_its_request_holds_up_no_stop(self):
        daemon = self.daemon_with().start()
        slow = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.addCleanup(slow.close)
        slow.connect(str(daemon.socket))
        slow.sendall(b"POST /v1/jobs HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
        watcher = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.addCleanup(watcher.close)
        watcher.connect(str(daemon.socket))
        daemon.succeeded(daemon.submit([self.root])["id"])
        watcher.sendall(b"GET /v1/jobs/latest/report.html HTTP/1.1\r\nHost: x\r\n\r\n")
        daemon.stop()

    def test_the_units_that_are_made_pass_systemd_s_own_check(self):
        if not shutil.which("systemd-analyze"):
            self.skipTest("systemd-analyze is not installed")
        done = subprocess.run(["systemd-analyze", "security", "--offline=true", "--threshold=15",
                               BUILD / "systemd" / "chimerad.service"], capture_output=True,
                              text=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stdout[-500:] + done.stderr)


class Cancelled(Case):
    def setUp(self):
        super().setUp()
        self.root = self.tree(TREE)

    def test_in_each_step_its_call_is_closed_and_the_next_job_is_served(self):
        for step, persona in PERSONAS.items():
            with self.subTest(step=step):
                server = ScriptedServer(self, say=CLAIM, rules=[{"match": persona, "hold": True}])
                daemon = Daemon(self, [self.root], [server.endpoint()], name=step).start()
                job = daemon.submit([self.root])["id"]
                wait_for(f"a call of {step}", lambda: [
                    c for c in server.chats() if persona in str(c["body"])])
                self.assertEqual(server.ends("client_closed"), {})
                self.assertEqual(daemon.curl("DELETE", f"/v1/jobs/{job}")[0], 202)
                self.assertEqual(daemon.ended(job)["state"], "cancelled")
                wait_for("the call's end", lambda: server.ends("client_closed"))
                self.assertEqual(daemon.folders(), [])
                server.release()
                daemon.succeeded(daemon.submit([self.root])["id"])
                daemon.stop()


if __name__ == "__main__":
    unittest.main()
