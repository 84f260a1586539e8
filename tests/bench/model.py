# SPDX-License-Identifier: MIT
"""Measures the model client against servers that are processes of their own.

    python3 model.py BUILD [FILTER]     (by tools/bench model [FILTER])

JSON as Google Benchmark's goes to stdout, a table to stderr.

  Calls/...    64 calls of 100 ms and 50 tokens of 10 ms each; efficiency = ideal / measured
  Streams/...  1,000 streams of 20 tokens a second at once: our share of a core, memory, and how
               late a token reaches the client after the server wrote it
  Llama/...    the small Gemma 3 on llama-server beside curl with the same requests, in turns
  Cost/...     what a call costs us without a server (bench_model_cost)
"""
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

from contest import MB, Failure, context

SOURCE = pathlib.Path(__file__).resolve().parents[2]
SHARED = pathlib.Path(os.environ.get("CHIMERAD_SHARED", SOURCE / ".." / "shared")).resolve()
LLAMA = SHARED / "model" / "llama-server.sh"

CALLS, FIRST_MS, TOKENS, TOKEN_MS = 64, 100, 50, 10
CALL_S = (FIRST_MS + TOKENS * TOKEN_MS) / 1000
REPETITIONS = {1: 1, 2: 1, 8: 3, 64: 5}  # by slots
STREAMS, STREAM_TOKENS, STREAM_TOKEN_MS, STREAM_REPETITIONS = 1000, 200, 50, 3
LLAMA_CALLS, LLAMA_TOKENS, LLAMA_ROUNDS = 32, 64, 9


class Bench:
    def __init__(self, build):
        self.load = os.path.join(build, "tests", "bench", "bench_model_load")
        self.cost = os.path.join(build, "tests", "bench", "bench_model_cost")
        self.server = os.path.join(build, "tests", "server", "scripted_server")
        self.entries = []

    def add(self, name, runs, **columns):
        """Google Benchmark's entries of the runs of bench_model_load, and their median."""
        common = {"run_name": name, "repetitions": len(runs), "threads": 1, "time_unit": "ms"}
        for i, run in enumerate(runs):
            more = {k: v for k, v in run.items() if k not in ("seconds", "cpu_seconds")}
            self.entries.append({"name": name, "run_type": "iteration", "repetition_index": i,
                                 "iterations": 1, "real_time": run["seconds"] * 1e3,
                                 "cpu_time": run["cpu_seconds"] * 1e3, **more, **common})
        self.entries.append({"name": f"{name}_median", "run_type": "aggregate",
                             "aggregate_name": "median", "aggregate_unit": "time",
                             "iterations": len(runs), "real_time": median(runs, "seconds") * 1e3,
                             "cpu_time": median(runs, "cpu_seconds") * 1e3, **columns, **common})
        told = "  ".join(f"{k} {v:.3f}" for k, v in columns.items())
        print(f"{name:34}{median(runs, 'seconds') * 1e3:10.1f} ms  {told}", file=sys.stderr, flush=True)

    def run(self, *command):
        """What bench_model_load says of one run."""
        done = subprocess.run([self.load, *map(str, command)], stdout=subprocess.PIPE, check=False)
        if done.returncode != 0:
            raise Failure(f"bench_model_load {' '.join(map(str, command))} failed")
        return json.loads(done.stdout)


class Server:
    """The scripted server while a `with` lasts."""

    def __init__(self, bench, **script):
        self.command = [bench.server, json.dumps(script)]

    def __enter__(self):
        self.process = subprocess.Popen(self.command, stdout=subprocess.PIPE, text=True)
        return f"http://127.0.0.1:{int(self.process.stdout.readline())}"

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()


def median(runs, key):
    return statistics.median(run[key] for run in runs)


# The scenes.

def calls(bench, dialect, slots):
    rounds = -(-CALLS // slots)
    with Server(bench, dialect=dialect, slots=slots, tokens=TOKENS, first_ms=FIRST_MS,
                token_ms=TOKEN_MS) as url:
        runs = [bench.run("calls", dialect, url, slots, CALLS, 4096)
                for _ in range(REPETITIONS[slots])]
    efficiency = [rounds * CALL_S / run["seconds"] for run in runs]
    bench.add(f"Calls/{dialect}/slots:{slots}", runs, efficiency=statistics.median(efficiency),
              cpu_ms_per_call=median(runs, "cpu_seconds") * 1e3 / CALLS)


def streams(bench, dialect):
    with Server(bench, dialect=dialect, slots=STREAMS, tokens=STREAM_TOKENS, first_ms=FIRST_MS,
                token_ms=STREAM_TOKEN_MS, spread_ms=STREAM_TOKEN_MS, stamps=True) as url:
        runs = [bench.run("streams", dialect, url, STREAMS) for _ in range(STREAM_REPETITIONS)]
    late = {key: median(runs, key) for key in ("cores", "late_p50_ms", "late_p99_ms", "late_max_ms")}
    bench.add(f"Streams/{dialect}/open:{STREAMS}", runs, **late,
              peak_rss_MB=max(run["peak_rss_bytes"] for run in runs) / MB)


def curl_loop(url, folder, slots):
    """The same requests by curl, as many at once; tokens from the last events."""
    config = folder / "curl.conf"
    parts = [f'url = "{url}/v1/chat/completions"\nno-buffer\nsilent\nheader = "Content-Type: '
             f'application/json"\nheader = "Expect:"\ndata-binary = "@{folder}/{i}.json"\n'
             f'output = "{folder}/{i}.out"\n' for i in range(LLAMA_CALLS)]
    config.write_text("next\n".join(parts))
    began = time.perf_counter()
    subprocess.run(["curl", "--parallel", "--parallel-immediate", "--parallel-max", str(slots),
                    "--no-progress-meter", "--config", config], check=True)
    seconds = time.perf_counter() - began
    return {"seconds": seconds, "output_tokens": sum(tokens_in(folder / f"{i}.out")
                                                     for i in range(LLAMA_CALLS))}


def tokens_in(path):
    events = [line[6:] for line in path.read_text().splitlines() if line.startswith("data: {")]
    return json.loads(events[-1])["usage"]["completion_tokens"]


def llama(bench, slots):
    if not LLAMA.exists() or os.geteuid() != 0:
        raise Failure(f"needs root and the shared small Gemma 3 ({LLAMA})")
    env = {**os.environ, "PORT": str(18700 + os.getpid() % 300), "PARALLEL": str(slots), "THREADS": "1"}
    url = f"http://127.0.0.1:{env['PORT']}"
    ours, theirs = [], []
    subprocess.run([LLAMA, "start"], env=env, check=True, stdout=subprocess.DEVNULL)
    try:
        with tempfile.TemporaryDirectory(prefix="chimerad-bench-") as name:
            bench_bodies(bench, name)
            curl_loop(url, pathlib.Path(name), slots)  # warms up what both use
            for _ in range(LLAMA_ROUNDS):
                began = time.perf_counter()  # from outside, as curl is timed
                run = bench.run("calls", "openai", url, slots, LLAMA_CALLS, LLAMA_TOKENS)
                ours.append({**run, "seconds": time.perf_counter() - began})
                theirs.append(curl_loop(url, pathlib.Path(name), slots))
    finally:
        subprocess.run([LLAMA, "stop"], env=env, check=True, stderr=subprocess.DEVNULL)
    rates = [[run["output_tokens"] / run["seconds"] for run in runs] for runs in (ours, theirs)]
    pairs = [a / b for a, b in zip(*rates)]
    bench.add(f"Llama/slots:{slots}", ours, tokens_per_s=statistics.median(rates[0]),
              curl_tokens_per_s=statistics.median(rates[1]), of_curl=statistics.median(pairs))


def bench_bodies(bench, folder):
    subprocess.run([bench.load, "bodies", folder, str(LLAMA_CALLS), str(LLAMA_TOKENS)], check=True)


def cost(bench):
    done = subprocess.run([bench.cost], stdout=subprocess.PIPE, check=True)
    runs = {}
    for entry in json.loads(done.stdout)["benchmarks"]:
        bench.entries.append(entry)
        runs.setdefault(entry["name"], []).append(entry["cpu_time"] / 1e6)
    for name, times in runs.items():
        print(f"{name:34}{statistics.median(times):10.3f} ms", file=sys.stderr, flush=True)


def scenes():
    yield "Model/", cost, ()
    for slots in (64, 8, 2, 1):
        yield f"Calls/openai/slots:{slots}", calls, ("openai", slots)
    yield "Calls/ollama/slots:64", calls, ("ollama", 64)
    for dialect in ("openai", "ollama"):
        yield f"Streams/{dialect}/open:{STREAMS}", streams, (dialect,)
    for slots in (2, 4):
        yield f"Llama/slots:{slots}", llama, (slots,)


def main(build, wanted=""):
    bench = Bench(build)
    if os.getloadavg()[0] > 0.5 * len(os.sched_getaffinity(0)):
        print(f"the machine is busy, its load is {os.getloadavg()[0]:.1f}", file=sys.stderr)
    for name, scene, arguments in scenes():
        if wanted not in name:
            continue
        try:
            scene(bench, *arguments)
        except (Failure, OSError, subprocess.CalledProcessError) as e:
            print(f"{name}: skipped: {e}", file=sys.stderr)
    json.dump({"context": context("release", {}), "benchmarks": bench.entries}, sys.stdout, indent=2)
    print()


if __name__ == "__main__":
    main(*sys.argv[1:])
