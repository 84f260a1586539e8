# SPDX-License-Identifier: MIT
"""What `doctor` says of an installation, and the commands that mend what is wrong."""
import json
import os
import socket
import unittest

from harness import Case, Daemon
from scripted_server import ScriptedServer

KEPT = json.dumps({"word": "beta"})
MEMBERS = {"about", "where", "level", "text", "mend"}

# Of each unit what is in the file of its name beside it, else that systemd does not know it.
SYSTEMCTL = """#!/bin/sh
here=$(dirname "$0")
for unit; do :; done
cat "$here/$unit" 2>/dev/null || echo LoadState=not-found
"""
ENABLED = "LoadState=loaded\nActiveState=active\nUnitFileState=enabled\nNeedDaemonReload=no\n"
FAILED = "LoadState=loaded\nActiveState=failed\nNeedDaemonReload=yes\nResult=exit-code\n"


class DoctorCase(Case):
    def setUp(self):
        super().setUp()
        self.root = self.dir / "root"  # without systemd, whatever runs on this machine
        self.root.mkdir()
        self.bin = self.dir / "bin"
        self.bin.mkdir()
        self.socket = self.dir / "nobody"

    def doctor(self, *args, code=0, before=(), **env):
        env = {"CHIMERAD_ROOT": str(self.root), "PATH": f"{self.bin}:{os.environ['PATH']}",
               "CHIMERAD_CONFIG": str(self.dir / "chimerad.yaml"), **env}
        done = self.ctl(*before, "doctor", *args, code=code, socket=self.socket, env=env)
        self.assertEqual(done.stderr, "")
        return done.stdout

    def checks(self, code=0, **env):
        """{(what it is about, level): [(text, mend)]}"""
        said = json.loads(self.doctor("--quick", before=("--json",), code=code, **env))
        self.assertEqual(said["schema"], "chimerad.doctor/1")
        found = {}
        for check in said["checks"]:
            self.assertEqual(set(check), MEMBERS)
            found.setdefault((check["about"], check["level"]), []).append(
                (check["text"], check["mend"]))
        for level in ("problem", "warning"):
            self.assertEqual(said[level + "s"], sum(len(v) for k, v in found.items() if k[1] == level))
        return found

    def with_daemon(self, roots, *endpoints, **more):
        self.daemon = Daemon(self, roots, endpoints, **more).start()
        self.socket = self.daemon.socket
        (self.dir / "chimerad.yaml").write_text(self.daemon.config.read_text())

    def with_systemd(self, **units):
        (self.root / "run/systemd/system").mkdir(parents=True, exist_ok=True)
        fake = self.bin / "systemctl"
        fake.write_text(SYSTEMCTL)
        fake.chmod(0o755)
        for unit, answer in units.items():
            (self.bin / unit.replace("__", "@").replace("_", ".")).write_text(answer)


class Well(DoctorCase):
    def test_nothing_is_a_problem_where_nothing_is_wrong(self):
        self.with_daemon([self.dir], ScriptedServer(self, "llama", say=KEPT).endpoint())
        text = self.doctor()
        for line in ("ok       it is good: 1 root, 1 endpoint", "ok       it answers, and takes jobs",
                     "ok       its store answers; there is no job yet", "ok       you may connect",
                     f"ok       {self.dir}: it can read that", "ok       answers keep to the schema",
                     f"{self.daemon.state}: ", "ok       it does not run here"):
            self.assertIn(line, text)
        self.assertNotIn("problem  ", text)
        self.assertRegex(text, r"\n0 problems, \d+ warnings?\n\Z")

    def test_json_has_each_line(self):
        self.with_daemon([self.dir])
        found = self.checks()
        self.assertIn(("it answers, and takes jobs", None), found["chimerad", "ok"])
        self.assertEqual(found["model servers", "warning"][0][1], None)

    def test_units_of_systemd_that_are_well(self):
        self.with_daemon([self.dir])
        self.with_systemd(chimerad_socket=ENABLED, chimerad_service=ENABLED,
                          **{"chimerad-review__nightly_timer": ENABLED,
                             "chimerad-review__nightly_service": ENABLED})
        reviews = self.root / "etc/chimerad/reviews"
        reviews.mkdir(parents=True)
        (reviews / "nightly").write_text(f'paths: ["{self.dir}"]\nat: "02:30"\n')
        found = self.checks()
        self.assertEqual(len(found["systemd", "ok"]), 4, found)
        self.assertNotIn(("systemd", "warning"), found)


class Ill(DoctorCase):
    def mend(self, found, about, level, text):
        """The command that mends the one line that has this text."""
        mends = [m for t, m in found.get((about, level), []) if text in t]
        self.assertEqual(len(mends), 1, f"{text}: {found}")
        return mends[0]

    def test_without_a_daemon_all_else_is_looked_at(self):
        found = self.checks(code=5)
        self.assertIn("chimerad", self.mend(found, "chimerad", "problem", "no daemon runs"))
        self.assertTrue(any(about == "clock" for about, _ in found))
        (self.dir / "chimerad.yaml").write_text("state: /nowhere\n")
        stale = socket.socket(socket.AF_UNIX)
        stale.bind(str(self.socket))
        stale.close()
        found = self.checks(code=5)
        self.mend(found, "chimerad", "problem", "nobody listens there")
        self.assertIn(("/nowhere is not there yet", None), found["disk", "ok"])
        self.with_systemd()
        self.assertEqual(self.mend(self.checks(code=5), "chimerad", "problem", "nobody listens"),
                         "sudo systemctl enable --now chimerad")

    def test_a_configuration_that_is_wrong_has_its_place(self):
        self.with_daemon([self.dir])
        file = self.dir / "chimerad.yaml"
        file.write_text("state: /x\nrots: []\n")
        found = self.checks(code=1)
        self.assertIn(f"chimeractl check {file}",
                      self.mend(found, "configuration", "problem", f"{file}:2:1: "))

    def test_a_server_that_is_not_there_is_a_problem(self):
        self.with_daemon([self.dir], {"name": "s0", "provider": "ollama",
                                      "url": "http://127.0.0.1:9", "model": "fake"})
        self.assertIn("start the model server", self.checks(code=1)["s0", "problem"][0][0])

    def test_a_root_that_is_gone_and_one_that_is_closed(self):
        gone = self.tree({}, name="gone")
        self.with_daemon([gone])
        gone.rmdir()
        self.assertIn(str(gone), self.checks(code=1)["roots", "problem"][0][0])

    def test_a_pipeline_that_cannot_be_used(self):
        pipelines = self.dir / "pipelines"
        pipelines.mkdir()
        (pipelines / "bad.yaml").write_text("name: bad\nsteps: 3\n")
        (self.dir / "personas").mkdir()
        self.with_daemon([self.dir], env={"CHIMERAD_DATA": str(self.dir)})
        found = self.checks(code=1)
        self.assertIn("chimeractl check ", self.mend(found, "chimerad", "problem", "bad.yaml:2:"))

    def test_units_that_are_not_enabled_changed_or_failed(self):
        self.with_daemon([self.dir])
        self.with_systemd(chimerad_socket=ENABLED.replace("=enabled", "=disabled"),
                          chimerad_service=FAILED)
        found = self.checks(code=1)
        self.assertEqual(self.mend(found, "systemd", "warning", "chimerad.socket: active, disabled"),
                         "sudo systemctl enable --now chimerad.socket")
        self.assertEqual(self.mend(found, "systemd", "problem", "(exit-code)"),
                         "journalctl -u chimerad.service -n 20")
        self.mend(found, "systemd", "warning", "has changed since systemd read it")
        self.with_systemd(chimerad_socket=ENABLED,
                          chimerad_service=ENABLED.replace("=enabled", "=disabled"))
        found = self.checks()
        self.assertEqual(self.mend(found, "systemd", "warning", "accepted jobs wait"),
                         "sudo systemctl enable --now chimerad.service")

    def test_gnuplot_that_is_not_there(self):
        self.with_daemon([self.dir])
        found = self.checks(PATH=str(self.bin))
        self.assertEqual(self.mend(found, "gnuplot", "warning", "not installed"),
                         "sudo apt-get install gnuplot-nox")

    @unittest.skipUnless(os.geteuid() == 0, "becomes another user")
    def test_who_may_not_connect_is_told_how_he_may(self):
        self.with_daemon([self.dir])
        os.chmod(self.dir, 0o755)
        os.chmod(self.daemon.dir, 0o755)
        as_nobody = ("setpriv", "--reuid=65534", "--clear-groups")
        done = self.ctl("doctor", "--quick", prefix=as_nobody, code=6, socket=self.socket,
                        env={"CHIMERAD_ROOT": str(self.root)})
        self.assertIn("problem  you may not connect", done.stdout)
        self.assertRegex(done.stdout, "\n  mend     sudo ")


if __name__ == "__main__":
    unittest.main()
