# SPDX-License-Identifier: MIT
"""Measures the daemon as a service: at rest, under load, at its start, and over many reviews.

    python3 daemon.py BUILD [--reviews N] [FILTER]     (by tools/bench daemon)

JSON as Google Benchmark's goes to stdout, a table to stderr.

  Disk/...     what a sync costs here: a commit waits for one
  Idle/...     memory and wake-ups at rest, over a minute with a watchdog of 30 s
  Submit/...   10,000 submissions by 64 clients at once, while a review waits for its model and
               while reviews run; then kill -9, and what is in the store is counted
  Streams/...  1,000 event streams that nothing happens on; what others wait beside these and
               beside a client that reads a byte a second
  Start/...    with 100,000 finished jobs in the store, after a stop and after kill -9
  Soak/...     10,000 reviews (--reviews N) of small trees with builtin: pace, and what memory and
               descriptors a daemon at rest has after each hundred; growth is from the median of the
               second thousand to that of the last

Not reached from here: fsync that lies. Loads share the machine with the daemon.
"""
import argparse
import datetime
import json
import os
import pathlib
import random
import statistics
import sys
import tempfile
import time

from contest import MB, Failure, context
from daemon_run import (Daemon, SlowReader, Streams, fill_store, load, silent_server, small_tree,
                        wait_for)

CLIENTS, SUBMISSIONS, SUBMIT_REPETITIONS = 64, 10000, 3
STREAMS, REQUESTS = 1000, 2000
FINISHED_JOBS, STARTS = 100000, 9
IDLE_S, WATCHDOG_S = 60, 30
SOAK_SAMPLE, SOAK_WARM = 100, 1000  # reviews
SOAK_MEDIAN = 10  # samples: of the thousand reviews after the first, and of the last thousand
REST_S = 2  # what is measured is a daemon at rest


class Bench:
    def __init__(self, build, reviews):
        self.build, self.reviews, self.entries = build, reviews, []

    def add(self, name, seconds, **columns):
        """Google Benchmark's entries of runs that took so long, and their median."""
        common = {"run_name": name, "repetitions": len(seconds), "threads": 1, "time_unit": "ms"}
        for i, s in enumerate(seconds):
            self.entries.append({"name": name, "run_type": "iteration", "repetition_index": i,
                                 "iterations": 1, "real_time": s * 1e3, **common})
        median = statistics.median(seconds)
        self.entries.append({"name": f"{name}_median", "run_type": "aggregate",
                             "aggregate_name": "median", "aggregate_unit": "time",
                             "iterations": len(seconds), "real_time": median * 1e3, **columns,
                             **common})
        told = "  ".join(f"{k} {v:.6g}" for k, v in columns.items())
        print(f"{name:28}{median * 1e3:12.3f} ms  {told}", file=sys.stderr, flush=True)


def disk(bench, folder):
    """A page written behind the last one and synced, as a commit does."""
    took = []
    with open(folder / "sync", "wb", buffering=0) as file:
        for _ in range(200):
            file.write(bytes(4096))
            begun = time.perf_counter()
            os.fdatasync(file.fileno())
            took.append(time.perf_counter() - begun)
    bench.add("Disk/fdatasync", took, p99_ms=statistics.quantiles(took, n=100)[98] * 1e3)


def idle(bench, folder):
    with Daemon(bench.build, folder, watchdog_s=WATCHDOG_S) as daemon:
        time.sleep(3)  # what a start leaves to do
        daemon.manager.hear()
        before = daemon.wakeups()
        time.sleep(IDLE_S)
        wakeups, memory = daemon.wakeups() - before, daemon.memory()
        watchdogs = sum("WATCHDOG=1" in m for m in daemon.manager.hear())
    bench.add("Idle/minute", [IDLE_S], wakeups=wakeups, watchdogs=watchdogs,
              rss_anon_MB=memory["RssAnon"] / MB, rss_MB=memory["VmRSS"] / MB)


def lags(daemon):
    """How long turns of the loop were: the most of it, by the bounds of the histogram."""
    buckets = daemon.histogram("chimerad_loop_lag_seconds")
    last = max(buckets.values())
    over = [bound for bound, n in buckets.items() if n < last]
    return {"turns": last, "turns_over_1ms": last - buckets.get(0.001, 0),
            "turn_max_below_ms": min((b for b in buckets if b > max(over, default=0)),
                                     default=float("inf")) * 1e3}


def submit(bench, folder, reviewing):
    runs = []
    for i in range(SUBMIT_REPETITIONS):
        place = folder / str(i)
        place.mkdir()
        tree = small_tree(place / "artifacts", 0)
        with silent_server() as silent, \
                Daemon(bench.build, place, roots=[tree], limits={"jobs_queued": 100000,
                                                                 "jobs_running": 1},
                       endpoints=[] if reviewing else [silent]) as daemon:
            body = json.dumps({"paths": [str(tree)], "subject": "s{n}"})
            if not reviewing:
                daemon.submit([tree])
                wait_for("a review that waits", lambda: daemon.jobs("running") == 1)
            held = daemon.rows()
            run = load(bench.build, daemon.socket, CLIENTS, SUBMISSIONS, "POST", "/v1/jobs", body)
            run.update(lags(daemon), store_ms=daemon.mean("chimerad_store_seconds") * 1e3)
            daemon.kill()
            accepted = run["by_status"].get("202", 0)
            run["lost"] = accepted - (daemon.rows() - held)
            run["refused"] = SUBMISSIONS - accepted
            runs.append(run)
    worst = {k: max(r[k] for r in runs) for k in ("refused", "lost", "turns_over_1ms",
                                                  "turn_max_below_ms")}
    bench.add(f"Submit/{'reviewing' if reviewing else 'queued'}/clients:{CLIENTS}",
              [r["seconds"] for r in runs],
              per_second=statistics.median(SUBMISSIONS / r["seconds"] for r in runs),
              **{k: statistics.median(r[k] for r in runs)
                 for k in ("p50_ms", "p99_ms", "max_ms", "store_ms")}, **worst)


def streams(bench, folder):
    tree = small_tree(folder / "artifacts", 0)
    with silent_server() as silent, Daemon(bench.build, folder, roots=[tree],
                                           endpoints=[silent]) as daemon:
        job = daemon.submit([tree])
        wait_for("a review that waits", lambda: daemon.jobs("running") == 1)
        others(bench, daemon, "Others/alone")
        before = daemon.memory()
        begun = time.perf_counter()
        with Streams(daemon.socket, job, STREAMS) as opened:
            took = time.perf_counter() - begun
            time.sleep(1)
            growth = {k: daemon.memory()[k] - before[k] for k in ("VmRSS", "RssAnon")}
            bench.add(f"Streams/open:{STREAMS}", [took], opened=opened.n,
                      rss_growth_MB=growth["VmRSS"] / MB,
                      kB_per_stream=growth["VmRSS"] / max(opened.n, 1) / 1000)
            others(bench, daemon, f"Others/streams:{STREAMS}")
        with SlowReader(daemon):
            others(bench, daemon, "Others/slow reader")


def others(bench, daemon, name):
    """One client that asks for a small thing, again and again."""
    runs = [load(bench.build, daemon.socket, 1, REQUESTS, "GET", "/healthz") for _ in range(5)]
    medians = {k: statistics.median(r[k] for r in runs) for k in ("p50_ms", "p99_ms", "max_ms")}
    bench.add(name, [r["seconds"] / REQUESTS for r in runs], **medians)


def start(bench, folder, killed):
    daemon = Daemon(bench.build, folder, watchdog_s=WATCHDOG_S)
    with daemon:
        pass
    fill_store(daemon.store, FINISHED_JOBS)
    took = []
    for _ in range(STARTS):
        begun = time.perf_counter()
        with daemon:  # until READY=1, and its socket answers
            took.append(time.perf_counter() - begun)
            if killed:
                daemon.ask("POST", "/v1/findings/K0/ack", b"{}")
                daemon.kill()
    bench.add(f"Start/{'killed' if killed else 'stopped'}/jobs:{FINISHED_JOBS}", took,
              max_ms=max(took) * 1e3, store_MB=daemon.store.stat().st_size / MB)


def soak(bench, folder):
    trees = [small_tree(folder / f"artifacts{i}", i) for i in range(4)]
    samples = []
    with Daemon(bench.build, folder, roots=trees,
                limits={"jobs_queued": 100, "jobs_running": 2}) as daemon:
        begun = time.perf_counter()
        for i in range(bench.reviews):
            tree = trees[i % len(trees)]
            (tree / "results.csv").write_text(results(i))
            daemon.submit([tree], subject=tree.name)
            if (i + 1) % SOAK_SAMPLE == 0:
                wait_for("the reviews' ends", lambda: daemon.jobs("queued", "running") == 0)
                spent = time.perf_counter() - begun
                time.sleep(REST_S)
                samples.append({**daemon.memory(), "reviews": i + 1, "fds": daemon.descriptors(),
                                "s": spent})
                begun += REST_S
        failed, lag = daemon.jobs("failed"), lags(daemon)
    warm = [s for s in samples if s["reviews"] > min(SOAK_WARM, bench.reviews // 2)]
    paces = [(b["s"] - a["s"]) / SOAK_SAMPLE for a, b in zip(samples, samples[1:])]
    rss = [s["VmRSS"] for s in warm]
    first, last = (statistics.median(part) for part in (rss[:SOAK_MEDIAN], rss[-SOAK_MEDIAN:]))
    bench.add(f"Soak/reviews:{bench.reviews}", paces, failed=failed,
              first_ms=statistics.median(paces[:10]) * 1e3,
              last_ms=statistics.median(paces[-10:]) * 1e3,
              rss_MB=last / MB, rss_growth_pct=100 * (last / first - 1),
              rss_spread_pct=100 * (max(rss) - min(rss)) / first,
              peak_growth_pct=100 * (warm[-1]["VmHWM"] / warm[0]["VmHWM"] - 1),
              fds_first=warm[0]["fds"], fds_most=max(s["fds"] for s in warm), **lag)


def results(i):
    """Of a night of its own, a hundredth of noise around the same level."""
    noise, night = random.Random(i), datetime.date(2015, 1, 1) + datetime.timedelta(days=i)
    rows = "".join(f"{night},{name},{value * noise.gauss(1, 0.01):.3f}\n"
                   for name, value in (("read", 100), ("write", 200)) for _ in range(3))
    return f"date,name,ms\n{rows}"


SCENES = {"Disk/": (disk,), "Idle/": (idle,), "Submit/queued": (submit, False),
          "Submit/reviewing": (submit, True), "Streams/": (streams,),
          "Start/stopped": (start, False), "Start/killed": (start, True), "Soak/": (soak,)}


def main():
    parser = argparse.ArgumentParser(description="measures the daemon")
    parser.add_argument("build")
    parser.add_argument("--reviews", type=int, default=10000, help="of Soak/")
    parser.add_argument("filter", nargs="?", default="", help="part of a name")
    options = parser.parse_intermixed_args()
    bench = Bench(options.build, max(options.reviews, 2 * SOAK_SAMPLE))
    if os.getloadavg()[0] > 0.5 * len(os.sched_getaffinity(0)):
        print(f"the machine is busy, its load is {os.getloadavg()[0]:.1f}", file=sys.stderr)
    for name, (scene, *arguments) in SCENES.items():
        if options.filter not in name:
            continue
        with tempfile.TemporaryDirectory(prefix="chimerad-bench-") as folder:
            try:
                scene(bench, pathlib.Path(folder), *arguments)
            except (Failure, AssertionError, OSError) as e:
                print(f"{name}: skipped: {e}", file=sys.stderr)
    json.dump({"context": context("release", {}), "benchmarks": bench.entries}, sys.stdout,
              indent=2)
    print()


if __name__ == "__main__":
    main()
