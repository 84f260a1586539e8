# SPDX-License-Identifier: MIT
"""Runs of several programs over one task: timed in turns, their answers compared, and printed."""
import datetime
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass, field

MB = 1000 * 1000


class Failure(Exception):
    """No result: a program failed, or two of them answer differently."""


@dataclass
class Contestant:
    """It prints a line {"seconds", "answer"} for each run in it, or is timed from outside."""
    tool: str
    command: list
    outside: bool = False


@dataclass
class Result:
    seconds: list = field(default_factory=list)
    cpu_seconds: list = field(default_factory=list)
    analyse_seconds: list = field(default_factory=list)
    peak_rss: int = 0


@dataclass
class Scene:
    """What is read, and by whom; the first contestant is ours."""
    name: str
    cpus: int
    repetitions: int
    bytes: int
    files: int
    contestants: list
    results: dict = field(default_factory=dict)  # by tool


def pin(n):
    """For a child: the last n of the CPUs that are ours."""
    cpus = sorted(os.sched_getaffinity(0))[-n:]
    return lambda: os.sched_setaffinity(0, cpus)


def run(contestant, cpus):
    """What it printed, how long it took from outside, its struct rusage."""
    begun = time.perf_counter()
    with subprocess.Popen(contestant.command, stdout=subprocess.PIPE,
                          preexec_fn=pin(cpus)) as child:
        out = child.stdout.read()
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    spent = time.perf_counter() - begun
    if child.returncode != 0:
        raise Failure(f"{contestant.tool} failed: {' '.join(contestant.command)}")
    return out, spent, usage


def measure(contestant, cpus, result):
    """Adds a run to the result; returns the answer, None from a tool that has none."""
    out, spent, usage = run(contestant, cpus)
    cpu = usage.ru_utime + usage.ru_stime
    result.peak_rss = max(result.peak_rss, usage.ru_maxrss * 1024)
    if contestant.outside:
        result.seconds.append(spent)
        result.cpu_seconds.append(cpu)
        return None
    lines = [json.loads(line) for line in out.splitlines()]
    for line in lines:
        result.seconds.append(line["seconds"])
        result.cpu_seconds.append(line.get("cpu_seconds", cpu))
        if line.get("analyse_seconds"):
            result.analyse_seconds.append(line["analyse_seconds"])
    return lines[-1]["answer"]


def same(a, b):
    """But for the last digits: the middle of two numbers and a sum can be computed in two ways."""
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same(a[k], b[k]) for k in a)
    return abs(a - b) <= 1e-12 * max(abs(a), abs(b))


def play(scene):
    """Fills scene.results; contestants take turns, so that a busy minute is everyone's."""
    first = None
    for _ in range(scene.repetitions):
        for contestant in scene.contestants:
            result = scene.results.setdefault(contestant.tool, Result())
            answer = measure(contestant, scene.cpus, result)
            if answer is None:
                continue
            first = first or (contestant.tool, answer)
            if not same(first[1], answer):
                raise Failure(f"{scene.name}: {first[0]} answers {json.dumps(first[1])}, "
                              f"{contestant.tool} {json.dumps(answer)}")


# Printing.

def cpu_model():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        for line in file:
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.machine()


def context(build, versions):
    return {"date": datetime.datetime.now().astimezone().isoformat(timespec="seconds"),
            "host_name": platform.node(), "executable": "chimerad-bench",
            "num_cpus": len(os.sched_getaffinity(0)), "cpu_model": cpu_model(),
            "load_avg": list(os.getloadavg()), "library_build_type": build, "tools": versions}


def entries(scene):
    """Google Benchmark's: an iteration a run, then their median."""
    for tool, result in scene.results.items():
        name = f"Ingest/{scene.name}/{tool}"
        n = len(result.seconds)
        common = {"run_name": name, "repetitions": n, "threads": scene.cpus, "time_unit": "ms"}
        for i, (real, cpu) in enumerate(zip(result.seconds, result.cpu_seconds)):
            yield {"name": name, "run_type": "iteration", "repetition_index": i, "iterations": 1,
                   "real_time": real * 1e3, "cpu_time": cpu * 1e3,
                   "bytes_per_second": scene.bytes / real, "items_per_second": scene.files / real,
                   **common}
        analysis = [s * 1e3 for s in result.analyse_seconds]
        yield {"name": f"{name}_median", "run_type": "aggregate", "aggregate_name": "median",
               "aggregate_unit": "time", "iterations": n,
               "real_time": statistics.median(result.seconds) * 1e3,
               "cpu_time": statistics.median(result.cpu_seconds) * 1e3,
               "peak_rss_bytes": result.peak_rss,
               **({"analysis_time": statistics.median(analysis)} if analysis else {}), **common}


def print_json(scenes, build, versions):
    json.dump({"context": context(build, versions),
               "benchmarks": [e for scene in scenes for e in entries(scene)]},
              sys.stdout, indent=2)
    print()


def medians(result):
    return statistics.median(result.seconds), statistics.median(result.cpu_seconds)


def row(scene, tool, ours):
    real, cpu = medians(scene.results[tool])
    rate = f"{scene.files / real:9.0f} files/s" if scene.files > 1 else \
        f"{scene.bytes / MB / real:12.1f} MB/s"
    beside = "" if (real, cpu) == ours else f"{ours[0] / real:10.2f}{ours[1] / cpu:8.2f}"
    return (f"  {tool:14}{real * 1e3:9.1f} ms{cpu * 1e3:11.1f} ms{rate}"
            f"{scene.results[tool].peak_rss / MB:9.0f} MB{beside}")


def print_table(scene, file):
    """The last two columns: how many times as long as the other we take."""
    ours = medians(next(iter(scene.results.values())))
    print(f"{scene.name} ({scene.bytes / MB:.1f} MB, {scene.repetitions} processes each)\n"
          f"{'':14}{'real':>14}{'CPU':>14}{'':17}{'peak RSS':>12}{'ours/its':>10}{'CPU':>8}",
          file=file)
    for tool, result in scene.results.items():
        print(row(scene, tool, ours), file=file)
        if result.analyse_seconds:
            share = statistics.median(result.analyse_seconds) / statistics.median(result.seconds)
            print(f"    (analysis: {share:.0%} of it)", file=file)
    file.flush()
