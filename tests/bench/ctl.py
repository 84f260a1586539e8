# SPDX-License-Identifier: MIT
"""Measures how long a person waits for chimeractl.

    python3 ctl.py BUILD [FILTER]     (by tools/bench ctl [FILTER])

JSON as Google Benchmark's goes to stdout, a table to stderr.

  Start/...   a command that has nothing to do: at most 10 ms
  List/...    list, and show latest, of a daemon that has 10,000 jobs: at most 50 ms
"""
import json
import os
import pathlib
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time

from contest import context

SOURCE = pathlib.Path(__file__).resolve().parents[2]
JOBS, ROUNDS = 10000, 50
START_MS, LIST_MS = 10, 50
STARTS = {"version": ["--version"], "help": ["review", "--help"], "usage": ["review"],
          "check": ["check", SOURCE / "pipelines/nightly-review.yaml"], "no_daemon": ["list"]}
COPY = """INSERT INTO job (id, pipeline, subject, machine, request, state, step, submitted_at,
                 started_at, finished_at, verdict, report)
SELECT printf('20250101-%06d-abcdef', value), pipeline, subject, machine, request, state, step,
       submitted_at, started_at, finished_at, verdict, report
FROM job, generate_series WHERE job.seq = 1"""


class Bench:
    def __init__(self, build, folder):
        self.build, self.folder, self.entries = pathlib.Path(build), pathlib.Path(folder), []
        self.socket, self.state = self.folder / "s", self.folder / "state"
        self.env = {**os.environ, "CHIMERAD_SOCKET": str(self.socket), "CHIMERAD_DATA": str(SOURCE)}

    def ctl(self, *args):
        return subprocess.run([self.build / "ctl" / "chimeractl", *args], env=self.env,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)

    def add(self, name, most_ms, *args):
        times = []
        for _ in range(ROUNDS):
            began = time.perf_counter()
            self.ctl(*args)
            times.append((time.perf_counter() - began) * 1e3)
        median = statistics.median(times)
        common = {"run_name": name, "repetitions": ROUNDS, "threads": 1, "time_unit": "ms"}
        for i, t in enumerate(times):
            self.entries.append({"name": name, "run_type": "iteration", "repetition_index": i,
                                 "iterations": 1, "real_time": t, "cpu_time": t, **common})
        self.entries.append({"name": f"{name}_median", "run_type": "aggregate", "iterations": ROUNDS,
                             "aggregate_name": "median", "aggregate_unit": "time",
                             "real_time": median, "cpu_time": median, **common})
        word = "" if median <= most_ms else "  over it"
        print(f"{name:24}{median:8.2f} ms  of {most_ms}{word}", file=sys.stderr, flush=True)

    def daemon(self):
        config = self.folder / "chimerad.yaml"
        config.write_text(f"listen: {self.socket}\nstate: {self.state}\nroots: [{SOURCE}]\n")
        process = subprocess.Popen([self.build / "daemon" / "chimerad", "--config", config],
                                   env=self.env, stderr=subprocess.DEVNULL)
        while self.ctl("list").returncode:
            if process.poll() is not None:
                raise OSError("chimerad does not start")
            time.sleep(0.02)
        return process

    def stop(self, process):
        process.send_signal(signal.SIGTERM)
        process.wait()

    def fill(self):
        """One job that was really done, and its like."""
        process = self.daemon()
        done = self.ctl("review", SOURCE / "examples/nightly")
        self.stop(process)
        if done.returncode:
            raise OSError("the review of examples/nightly failed")
        store, = self.state.glob("chimerad.db")
        with sqlite3.connect(store) as db:
            db.execute("CREATE TEMP TABLE generate_series (value INTEGER)")
            db.executemany("INSERT INTO generate_series VALUES (?)", ((i,) for i in range(1, JOBS)))
            db.execute(COPY)


def main(build, wanted=""):
    with tempfile.TemporaryDirectory(prefix="chimerad-bench-") as folder:
        bench = Bench(build, folder)
        for name, args in STARTS.items():
            if wanted in f"Start/{name}":
                bench.add(f"Start/{name}", START_MS, *args)
        if wanted in "List/jobs:10000 List/latest":
            bench.fill()
            process = bench.daemon()
            bench.add("List/jobs:10000", LIST_MS, "list")
            bench.add("List/latest", LIST_MS, "show", "latest")
            bench.stop(process)
    json.dump({"context": context("release", {}), "benchmarks": bench.entries}, sys.stdout, indent=2)
    print()


if __name__ == "__main__":
    main(*sys.argv[1:])
