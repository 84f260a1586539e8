# SPDX-License-Identifier: MIT
"""A machine with a real systemd and chimerad installed on it, in namespaces of this one."""
import contextlib
import functools
import json
import os
import pathlib
import shutil
import signal
import subprocess
import unittest

from harness import BUILD, DEADLINE_S, SANITIZERS, Case, wait_for

PROBE_S = 30
BOOT = pathlib.Path(__file__).with_name("boot_systemd")
# The leak checker wants ptrace, which the sandbox of the service refuses.
DROP_IN = "[Service]\n" + "".join(
    f"Environment={name}={value.replace('detect_leaks=1', 'detect_leaks=0')}\n"
    for name, value in SANITIZERS.items())


def boot(where, stage, cgroup, **more):
    return subprocess.Popen(["unshare", "--mount", "--propagation", "private", BOOT, where, stage,
                             cgroup], stdin=subprocess.DEVNULL, **more)


def forget(cgroup):
    away = f"mount -t cgroup2 cgroup2 /mnt && find /mnt/{cgroup} -depth -type d -exec rmdir {{}} +"
    subprocess.run(["unshare", "--mount", "--propagation", "private", "sh", "-c", away],
                   capture_output=True)


@functools.cache
def why_not():
    """Why this machine cannot have another one in it; None: it can, as one shows that has nothing."""
    if os.geteuid() != 0:
        return "needs root"
    for program in ("/lib/systemd/systemd", "unshare", "nsenter", "setpriv", "meson"):
        if not shutil.which(program):
            return f"{program} is not installed"
    probe = Case()
    probe.setUp()
    try:
        Machine(probe, installed=False).boot(within_s=PROBE_S)
    except (AssertionError, OSError) as why:
        return f"no machine within this one: {why}"
    finally:
        probe.doCleanups()
    return None


class Machine:
    def __init__(self, case, installed=True):
        self.case = case
        self.stage = case.dir / "stage"
        self.cgroup = case.dir.name
        self.pid = None
        units = self.stage / "etc/systemd/system"
        units.mkdir(parents=True)
        os.setxattr(units, "trusted.overlay.opaque", b"y")  # not this machine's own services
        self.write("etc/machine-id", "")
        if installed:
            self.install()

    def install(self):
        subprocess.run(["meson", "install", "-C", BUILD, "--no-rebuild", "--quiet", "--destdir",
                        self.stage], check=True, capture_output=True)
        for unit in ("chimerad", "chimerad-review@"):
            self.write(f"etc/systemd/system/{unit}.service.d/sanitizers.conf", DROP_IN)

    def write(self, path, text):
        """Before it runs: a file of its own."""
        to = self.stage / path
        to.parent.mkdir(parents=True, exist_ok=True)
        to.write_text(text)

    def boot(self, within_s=DEADLINE_S):
        where = self.case.dir / "machine"
        where.mkdir()
        self.log = self.case.dir / "boot.log"
        with open(self.log, "wb") as log:
            self.process = boot(where, self.stage, self.cgroup, stdout=log, stderr=log)
        self.case.addCleanup(self.end)
        self.pid = wait_for("its first process", self.first, within_s)
        wait_for("systemd", lambda: self.run("systemctl", "is-system-running", code=None)
                 .stdout.strip() in ("running", "degraded"), within_s)
        return self

    def first(self):
        self.case.assertIsNone(self.process.poll(), self.log.read_text())
        children = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        for pid in children.read_text().split():
            with contextlib.suppress(OSError):  # it may be between two programs
                if os.readlink(f"/proc/{pid}/exe").endswith("/systemd"):
                    return int(pid)
        return None

    def end(self):
        with contextlib.suppress(ProcessLookupError):  # it may have ended by itself
            if self.pid:
                os.kill(self.pid, signal.SIGKILL)  # and with it all of the machine
            else:
                self.process.kill()
        self.process.wait()
        forget(self.cgroup)

    @property
    def root(self):
        """Its files, seen from outside."""
        return pathlib.Path(f"/proc/{self.pid}/root")

    def run(self, *command, code=0, user=None):
        """Runs a program on it, as root or as user:group."""
        as_user = []
        if user:
            name, _, group = user.partition(":")
            as_user = ["setpriv", f"--reuid={name}", f"--regid={group or name}", "--clear-groups"]
        done = subprocess.run(["nsenter", "-t", str(self.pid), "-a", *as_user, *map(str, command)],
                              capture_output=True, text=True, timeout=DEADLINE_S,
                              stdin=subprocess.DEVNULL,
                              env={"PATH": "/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                                   **SANITIZERS})
        if code is not None:
            self.case.assertEqual(done.returncode, code, f"{command}\nstdout: {done.stdout}\n"
                                  f"stderr: {done.stderr}\n{self.journal()}")
        return done

    def journal(self):
        return self.run("journalctl", "-u", "chimerad*", "-o", "cat", "-n", "40", code=None).stdout

    def show(self, unit, *properties):
        """{property: value} of a unit."""
        said = self.run("systemctl", "show", unit, "-p", ",".join(properties)).stdout
        return dict(line.split("=", 1) for line in said.splitlines())

    def ctl(self, *args, code=0, user=None):
        return self.run("chimeractl", *args, code=code, user=user)

    def jobs(self):
        return json.loads(self.ctl("--json", "list").stdout)


class LiveCase(Case):
    @classmethod
    def setUpClass(cls):
        why = why_not()
        if why:
            raise unittest.SkipTest(why)

    def setUp(self):
        super().setUp()
        self.machine = Machine(self)
