# SPDX-License-Identifier: MIT
"""Starts the real programs in a temporary directory and talks to them as a user would."""
import hashlib
import http.client
import json
import os
import pathlib
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import unittest

SOURCE = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("CHIMERAD_BUILD", SOURCE / "build"))
SHARED = pathlib.Path(os.environ.get("CHIMERAD_SHARED", SOURCE / ".." / "shared")).resolve()
CORPUS = SHARED / "corpus" / "chimeraforge"
FAULTS = BUILD / "tests" / "faults" / "libfaults.so"  # none beside fuzz targets
LLAMA = SHARED / "model" / "llama-server.sh"
CHECKER = pathlib.Path(__file__).with_name("check_report.py")
DEADLINE_S = 120  # of anything that we wait for: generous, since it runs under sanitizers

SANITIZERS = {
    "ASAN_OPTIONS": "abort_on_error=1:detect_leaks=1",
    "UBSAN_OPTIONS": "halt_on_error=1:abort_on_error=1:print_stacktrace=1",
}


def environment(**more):
    keep = {k: os.environ[k] for k in ("PATH", "HOME") if k in os.environ}
    return {**keep, **SANITIZERS, "CHIMERAD_DATA": str(SOURCE), **more}


def faults(calls, err, where, flag, log, one_in=1, seed=1):
    """Variables with which these calls fail below `where`, or wait (err 0), while flag is there."""
    return {"LD_PRELOAD": str(FAULTS), "FAULTS_CALLS": calls, "FAULTS_ERRNO": str(err),
            "FAULTS_DIR": str(where), "FAULTS_WHILE": str(flag), "FAULTS_LOG": str(log),
            "FAULTS_ONE_IN": str(one_in), "FAULTS_SEED": str(seed),
            "ASAN_OPTIONS": SANITIZERS["ASAN_OPTIONS"] + ":verify_asan_link_order=0"}


def wait_for(what, condition, within_s=DEADLINE_S):
    """Polls until condition() is true and returns it."""
    end = time.monotonic() + within_s
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.02)
    raise AssertionError(f"{what}: not within {within_s} s")


def seal(folder):
    """Seals an altered report anew, as whoever wants to deceive would."""
    report = json.loads((folder / "report.json").read_text())
    report.pop("seal")
    text = json.dumps(report, indent=1, ensure_ascii=False)
    bare = text + "\n"
    digest = hashlib.sha256((folder / "report.md").read_bytes() +
                            (folder / "samples.json").read_bytes() + bare.encode()).hexdigest()
    sealed = text[:-2] + f',\n "seal": "sha256:{digest}"\n}}\n'
    (folder / "report.json").write_text(sealed)


class Case(unittest.TestCase):
    """A test with a directory of its own that goes when it ends."""

    def setUp(self):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="chimerad-test-")).resolve()
        self.addCleanup(shutil.rmtree, self.dir, ignore_errors=True)

    def tree(self, files, name="artifacts"):
        """Writes {path: text or bytes} below a fresh root and returns it."""
        root = self.dir / name
        for path, content in files.items():
            to = root / path
            to.parent.mkdir(parents=True, exist_ok=True)
            to.write_bytes(content if isinstance(content, bytes) else content.encode())
        root.mkdir(exist_ok=True)
        return root

    def ctl(self, *args, code=0, socket=None, env=None, prefix=()):
        """Runs chimeractl; fails unless it exits with `code`."""
        command = [*prefix, BUILD / "ctl" / "chimeractl", *map(str, args)]
        more = {"CHIMERAD_SOCKET": str(socket)} if socket else {}
        done = subprocess.run(command, capture_output=True, text=True, timeout=DEADLINE_S,
                              env=environment(**more, **(env or {})), cwd=self.dir)
        self.assertEqual(done.returncode, code,
                         f"{command}\nstdout: {done.stdout}\nstderr: {done.stderr}")
        return done

    def check_report(self, folder, prefix=()):
        """verify and the outside checker both find nothing wrong; returns report.json."""
        folder = pathlib.Path(folder)
        self.ctl("verify", folder / "report.json", prefix=prefix)
        report = json.loads((folder / "report.json").read_text())
        command = [*prefix, sys.executable, CHECKER, "--from-roots", folder]
        done = subprocess.run(command, capture_output=True, text=True, timeout=DEADLINE_S)
        self.assertEqual(done.returncode, 0, f"{done.stdout}\n{done.stderr}")
        return report


class UnixConnection(http.client.HTTPConnection):
    """http.client over a Unix socket."""

    def __init__(self, path, timeout=DEADLINE_S):
        super().__init__("localhost", timeout=timeout)
        self.path = str(path)

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class Daemon:
    """chimerad with a state of its own; may be killed and started again on it."""

    def __init__(self, case, roots, endpoints=(), limits=None, more="", env=None, name="daemon"):
        self.case, self.dir, self.env = case, case.dir / name, env or {}
        self.dir.mkdir()
        self.socket = self.dir / "s"
        self.state = self.dir / "state"
        self.config = self.dir / "chimerad.yaml"
        self.log = self.dir / "log"
        lines = [f"listen: {self.socket}", f"state: {self.state}",
                 f"roots: {json.dumps([str(r) for r in roots])}",
                 f"endpoints: {json.dumps(list(endpoints))}", more]
        if limits:
            lines.append(f"limits: {json.dumps(limits)}")
        self.config.write_text("\n".join(lines) + "\n")
        self.process = None
        case.addCleanup(self.kill)

    @property
    def reports(self):
        return self.state / "reports"

    def start(self):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen([BUILD / "daemon" / "chimerad", "--config", self.config],
                                            stderr=log, stdin=subprocess.DEVNULL,
                                            env=environment(**self.env))
        wait_for("readyz", lambda: self.alive() and self.get("/readyz")[0] == 200)
        return self

    def alive(self):
        if self.process.poll() is not None:
            raise AssertionError(f"chimerad ended: {self.log.read_text()}")
        return self.socket.exists()

    def kill(self):
        """kill -9, as the machine would."""
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(timeout=DEADLINE_S)
        self.case.assertEqual(code, 0, self.log.read_text())

    def curl(self, method, path, body=None, headers=()):
        """(status, headers as text, body) by the real curl."""
        command = ["curl", "-sS", "-i", "-m", str(DEADLINE_S), "--unix-socket", str(self.socket),
                   "-X", method, f"http://localhost{path}"]
        for header in headers:
            command += ["-H", header]
        if body is not None:
            command += ["-H", "Content-Type: application/json", "--data-binary", body]
        done = subprocess.run(command, capture_output=True)
        head, _, text = done.stdout.partition(b"\r\n\r\n")
        fields = head.split()
        return (int(fields[1]) if len(fields) > 1 else 0, head.decode(), text)

    def ask(self, method, path, body=None, headers=None, timeout=DEADLINE_S):
        """(status, headers, bytes) without a program between; OSError or HTTPException where the
        daemon is not there."""
        c = UnixConnection(self.socket, timeout)
        try:
            c.request(method, path, body, headers or {})
            r = c.getresponse()
            return r.status, r.headers, r.read()
        finally:
            c.close()

    def folders(self):
        """What a user sees of REPORTS: the published reviews."""
        return sorted(p.name for p in self.reports.iterdir() if p.is_dir() and not p.is_symlink()
                      and not p.name.startswith("."))

    def check_store(self):
        """The store as it lies there, without touching it: sound by SQLite's own check."""
        with tempfile.TemporaryDirectory(dir=self.dir) as copies:
            for file in self.state.glob("chimerad.db*"):
                if not file.name.endswith("-shm"):  # made again from the log
                    shutil.copy(file, copies)
            db = sqlite3.connect(f"{copies}/chimerad.db")
            found = db.execute("PRAGMA integrity_check").fetchall()
            found += db.execute("PRAGMA foreign_key_check").fetchall()
            db.close()
        self.case.assertEqual(found, [("ok",)])

    def get(self, path):
        status, _, text = self.curl("GET", path)
        try:
            return status, json.loads(text)
        except ValueError:
            return status, text

    def submit(self, paths, key=None, expect=202, **members):
        body = {"pipeline": "nightly-review", "paths": [str(p) for p in paths], **members}
        headers = [f"Idempotency-Key: {key}"] if key else []
        status, head, text = self.curl("POST", "/v1/jobs", json.dumps(body), headers)
        self.case.assertEqual(status, expect, text)
        return json.loads(text)

    def ended(self, job_id):
        """Waits for the end of a job and returns it."""
        states = ("succeeded", "failed", "cancelled")

        def look():
            status, job = self.get(f"/v1/jobs/{job_id}")
            return job if status == 200 and job["state"] in states else None
        return wait_for(f"end of job {job_id}", look)

    def succeeded(self, job_id):
        job = self.ended(job_id)
        self.case.assertEqual(job["state"], "succeeded", f"{job}\n{self.log.read_text()}")
        return job


QUIET = [100, 101, 99, 100, 100, 101, 100, 101, 99, 100]  # medians of ten nights like any other


class NightsCase(Case):
    """Nights whose results lie in one place, each in that of the night before."""

    def setUp(self):
        super().setUp()
        self.root = self.dir / "artifacts"
        self.root.mkdir()
        self.daemon = Daemon(self, [self.root]).start()
        self.night = 0

    def write(self, **medians):
        """Tonight's results by model: five repetitions about the median, spread apart by model."""
        self.night += 1
        rows = ["time,model,tokens_s"]
        for k, (model, median) in enumerate(medians.items()):
            for i, off in enumerate((-2.25, -1, 0, 1, 2)):
                rows.append(f"2026-10-{self.night:02}T02:{i:02}:00Z,{model},"
                            f"{median + off * (1 + k / 3):.3f}")
        (self.root / "results.csv").write_text("\n".join(rows) + "\n")

    def review(self, **members):
        """report.json, found true by both checkers; the job is self.job."""
        self.job = self.daemon.succeeded(self.daemon.submit([self.root], **members)["id"])
        return self.check_report(self.job["report"])

    def measure(self, *medians, **members):
        """Night after night of one model; the last report."""
        for median in medians:
            self.write(a=median)
            report = self.review(**members)
        return report
