# SPDX-License-Identifier: MIT
"""A daemon with a state of its own for daemon.py, and what is put beside it."""
import contextlib
import json
import os
import pathlib
import queue
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time

from contest import Failure

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path.append(str(SOURCE / "tests" / "integration"))
from harness import wait_for  # noqa: E402,F401
DEADLINE_S = 120  # of anything that we wait for
ENDED = "'succeeded', 'failed', 'cancelled'"


def unit_environment():
    """What the service manager gives the daemon."""
    unit = (SOURCE / "systemd" / "chimerad.service.in").read_text()
    return dict(re.findall(r"^Environment=(\w+)=(.*)$", unit, re.M))


def small_tree(root, i):
    root.mkdir()
    (root / "results.csv").write_text(f"name,ms\nread,{100 + i}\nread,{101 + i}\n")
    (root / "notes.md").write_text("# Notes\n\nA small tree.\n")
    return root


def load(build, path, *arguments):
    """What bench_daemon_load says of one run."""
    program = os.path.join(build, "tests", "bench", "bench_daemon_load")
    done = subprocess.run([program, path, *map(str, arguments)], stdout=subprocess.PIPE,
                          check=False)
    if done.returncode != 0:
        raise Failure(f"bench_daemon_load failed: {done.returncode}")
    return json.loads(done.stdout)


@contextlib.contextmanager
def silent_server():
    """An endpoint that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as server:
        yield {"name": "silent", "provider": "openai", "model": "none", "slots": 1,
               "url": f"http://127.0.0.1:{server.getsockname()[1]}",
               "timeouts": {"connect": "1h", "first_token": "1h", "idle": "1h", "total": "1h"}}


class Manager:
    """The other end of sd_notify: reads what is said, as systemd does."""

    def __init__(self, path):
        path.unlink(missing_ok=True)
        self.path, self.said = str(path), queue.SimpleQueue()
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)
        self.thread = threading.Thread(target=self.read, daemon=True)
        self.thread.start()

    def read(self):
        while said := self.socket.recv(4096).decode():
            self.said.put(said)

    def hear(self):
        """All since the last time."""
        found = []
        with contextlib.suppress(queue.Empty):
            while True:
                found.append(self.said.get_nowait())
        return found

    def close(self):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as last:
            last.sendto(b"", self.path)
        self.thread.join()
        self.socket.close()


class Daemon:
    """chimerad while a `with` lasts; again on the same state in the next one."""

    def __init__(self, build, folder, roots=(), limits=None, endpoints=(), watchdog_s=0):
        self.program = os.path.join(build, "daemon", "chimerad")
        self.folder, self.watchdog_s = folder, watchdog_s
        self.socket, self.state = folder / "s", folder / "state"
        self.store = self.state / "chimerad.db"
        self.config = folder / "chimerad.yaml"
        lines = {"listen": str(self.socket), "state": str(self.state), "failed_calls": "1h",
                 "roots": [str(r) for r in roots], "endpoints": list(endpoints),
                 **({"limits": limits} if limits else {})}
        self.config.write_text(json.dumps(lines))

    def __enter__(self):
        self.manager = Manager(self.folder / "notify")
        env = {**unit_environment(), "PATH": os.environ["PATH"], "CHIMERAD_DATA": str(SOURCE),
               "NOTIFY_SOCKET": self.manager.path,
               **({"WATCHDOG_USEC": str(self.watchdog_s * 1000000)} if self.watchdog_s else {})}
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen([self.program, "--config", self.config], stderr=log,
                                            stdin=subprocess.DEVNULL, env=env)
        try:
            while "READY=1" not in self.manager.said.get(timeout=DEADLINE_S):
                pass
        except queue.Empty as e:
            raise Failure(f"chimerad is not ready: {(self.folder / 'log').read_text()}") from e
        if self.get("/readyz")[0] != 200:
            raise Failure("READY=1, but /readyz says otherwise")
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(timeout=DEADLINE_S)
            except subprocess.TimeoutExpired:
                self.kill()
        self.manager.close()

    def kill(self):
        self.process.kill()
        self.process.wait()

    # Of the process.

    def status(self, thread=None):
        path = f"/proc/{self.process.pid}/" + (f"task/{thread}/" if thread else "") + "status"
        return dict(line.split(":", 1) for line in pathlib.Path(path).read_text().splitlines())

    def memory(self):
        """VmRSS, RssAnon and VmHWM, the most of it, in bytes."""
        s = self.status()
        return {k: int(s[k].split()[0]) * 1024 for k in ("VmRSS", "RssAnon", "VmHWM")}

    def wakeups(self):
        """How often its threads have gone to sleep so far, which is how often they woke."""
        threads = os.listdir(f"/proc/{self.process.pid}/task")
        return sum(int(self.status(t)["voluntary_ctxt_switches"]) for t in threads)

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    # Of its interface.

    def connect(self):
        s = socket.socket(socket.AF_UNIX)
        s.settimeout(DEADLINE_S)
        s.connect(str(self.socket))
        return s

    def ask(self, method, target, body=b""):
        """(status, body) over a connection of its own."""
        with self.connect() as s:
            s.sendall(f"{method} {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                      f"Content-Length: {len(body)}\r\n\r\n".encode() + body)
            answer = b"".join(iter(lambda: s.recv(1 << 16), b""))
        head, _, text = answer.partition(b"\r\n\r\n")
        return int(head.split()[1]), text

    def get(self, target):
        return self.ask("GET", target)

    def submit(self, paths, **members):
        body = json.dumps({"paths": [str(p) for p in paths], **members}).encode()
        while True:
            status, text = self.ask("POST", "/v1/jobs", body)
            if status == 202:
                return json.loads(text)["id"]
            if status != 429:
                raise Failure(f"a submission was answered {status}: {text.decode()}")
            time.sleep(0.02)  # the queue is full

    def metrics(self):
        text = self.get("/metrics")[1].decode()
        return {k: float(v) for k, v in re.findall(r"^(chimerad_\S+) (\S+)$", text, re.M)}

    def histogram(self, name):
        """How many were not above each bound, in seconds."""
        return {float(m[1]): n for k, n in self.metrics().items()
                if (m := re.fullmatch(name + r'_bucket\{le="(.*)"\}', k))}

    def mean(self, name):
        m = self.metrics()
        return m[f"{name}_sum"] / max(m[f"{name}_count"], 1)

    def jobs(self, *states):
        m = self.metrics()
        return int(sum(m[f'chimerad_jobs{{state="{s}"}}'] for s in states))

    # Of its store.

    def rows(self):
        with contextlib.closing(sqlite3.connect(self.store)) as db:
            return db.execute("SELECT count(*) FROM job").fetchone()[0]


class Streams:
    """Clients that follow one job's events, while a `with` lasts."""

    def __init__(self, path, job, n):
        self.sockets = []
        for _ in range(n):
            s = socket.socket(socket.AF_UNIX)
            self.sockets.append(s)
            s.connect(str(path))
            s.settimeout(10)
            s.sendall(f"GET /v1/jobs/{job}/events HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        self.n = sum(self.hears(s) for s in self.sockets)

    @staticmethod
    def hears(s):
        try:
            return s.recv(4096).startswith(b"HTTP/1.1 200")
        except OSError:
            return False

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for s in self.sockets:
            s.close()


class SlowReader:
    """Asks for more than the kernel holds and reads a byte of it a second, while a `with` lasts."""

    def __init__(self, daemon):
        self.socket = daemon.connect()
        self.socket.sendall(100 * b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self.read)

    def read(self):
        while not self.ended.wait(1):
            self.socket.recv(1)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.thread.join()
        self.socket.close()


def fill_store(path, n):
    """So many finished jobs of 20 subjects, each with a review that cites two earlier ones."""
    now = int(time.time())
    with contextlib.closing(sqlite3.connect(path)) as db, db:
        for i in range(n):
            job, at = f"20200101-000000-{i:06x}", now - 60 * (n - i)
            subject, tree = f"bench{i % 20}", f"/srv/bench/{i % 20}"
            db.execute("INSERT INTO job (id, pipeline, subject, request, state, submitted_at,"
                       " started_at, finished_at, verdict, report) VALUES (?, 'nightly-review', ?,"
                       " ?, 'succeeded', ?, ?, ?, 'same', ?)",
                       (job, subject, json.dumps({"paths": [tree], "pipeline": "nightly-review",
                                                  "subject": subject}),
                        at, at + 1, at + 2, f"/var/lib/chimerad/reports/{job}"))
            db.execute("INSERT INTO review (id, job, subject, finished_at, cites_known, series,"
                       " worse, better, gaps) VALUES (?, ?, ?, ?, 1, 12, 0, 0, 0)",
                       (i + 1, job, f"subject {subject}", at + 2))
            for before in (i - 20, i - 40):
                if before >= 0:
                    db.execute("INSERT INTO cite VALUES (?, ?)",
                               (i + 1, f"20200101-000000-{before:06x}"))
        for k in range(240):
            db.execute("INSERT INTO series VALUES (?, ?, ?, ?)",
                       (k + 1, f"subject bench{k % 20}", f"results.csv:case={k // 20} [ms]",
                        n - 19 + k % 20))
            db.executemany("INSERT INTO point VALUES (?, ?, ?, 5, ?, 7, ?)",
                           [(k + 1, now - 86400 * d, 100 + d % 5, n - 20 * d + k % 20 - 19, d)
                            for d in range(90)])
