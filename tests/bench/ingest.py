# SPDX-License-Identifier: MIT
"""Measures reading, ours beside others', in the same minutes on the same CPUs.

    python3 ingest.py BUILD [FILTER]     (by tools/bench ingest [FILTER])

Every run is a process of its own and its files are in the page cache. JSON as Google Benchmark's
goes to stdout, a table to stderr. Nothing here says how fast is fast enough; only answers that
differ from one program to another fail it.
"""
import os
import shutil
import statistics
import subprocess
import sys
import time

from contest import MB, Contestant, Failure, Scene, play, print_json, print_table

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCE = os.path.dirname(os.path.dirname(HERE))
CORPUS = os.path.join(SOURCE, "..", "shared", "corpus", "chimeraforge")
DATA = os.environ.get("CHIMERAD_BENCH_DATA") or os.path.join(SOURCE, "out", "bench-data")
SPARE_BYTES = 1000 * MB  # stay free on the disk
PIP_SECONDS = 300

# Of a JSON shape, as pointers: the array of its rows, and a number in each that is summed up.
SHAPES = {
    "google-benchmark": ("/benchmarks", "/real_time"),
    "pytest-benchmark": ("/benchmarks", "/stats/mean"),
    "hyperfine": ("/results", "/mean"),
    "llama-bench": ("", "/avg_ns"),
    "k6": ("", "/data/value"),
}
CSV_SIZES = {"10MB": (10 * MB, 7), "100MB": (100 * MB, 5), "1GB": (1000 * MB, 3)}
JSON_BYTES = 100 * MB
FOLDERS, FILES = 1000, 100000
SETTLED_SECONDS = 3  # what is younger may still change, and is not kept
FILE_BYTES = 4096  # what the disk gives to a small one


class Bench:
    """The programs and the data; both are made when they are first needed."""

    def __init__(self, build):
        self.programs = os.path.join(build, "tests", "bench")
        self.python = None  # that has the other tools
        self.versions = {}

    def program(self, name):
        return os.path.join(self.programs, name)

    def make(self, name, size, *command):
        """Path of the data called so: bench_make COMMAND, PATH in the place of None."""
        path = os.path.join(DATA, name)
        if not os.path.exists(path):
            os.makedirs(DATA, exist_ok=True)
            if shutil.disk_usage(DATA).free < size + SPARE_BYTES:
                raise Failure(f"{name} needs {size // MB} MB below {DATA}")
            new = path + ".new"
            shutil.rmtree(new, ignore_errors=True)
            subprocess.run([self.program("bench_make"), command[0], new, *map(str, command[1:])],
                           check=True)
            os.rename(new, path)
        return path

    def find_others(self):
        """DuckDB and pandas in an environment beside the data; where there are none, without."""
        self.python = os.path.join(DATA, "venv", "bin", "python")
        if not os.path.exists(self.python):
            install_others(os.path.join(DATA, "venv"))
        for module in ("duckdb", "pandas"):
            got = subprocess.run([self.python, "-c", f"import {module} as m; print(m.__version__)"],
                                 capture_output=True, text=True, check=False) \
                if os.path.exists(self.python) else None
            if got and got.returncode == 0:
                self.versions[module] = got.stdout.strip()
            else:
                print(f"{module} is absent: measured without it", file=sys.stderr)
        self.versions["python"] = sys.version.split()[0]

    def other(self, tool, task, path, *more):
        """As a list: empty when the tool is absent."""
        if self.python is None:
            self.find_others()
        if tool not in self.versions:
            return []
        python = sys.executable if tool == "python" else self.python
        return [Contestant(tool, [python, os.path.join(HERE, "others.py"), tool, task, path, *more])]


def install_others(venv):
    """Into a folder of the benchmark's own; no answer from PyPI is no failure."""
    print(f"installing duckdb and pandas into {venv}, for comparison only", file=sys.stderr)
    pip = [os.path.join(venv, "bin", "python"), "-m", "pip", "install", "--quiet", "--retries", "0",
           "--timeout", "15", "--disable-pip-version-check", "duckdb", "pandas"]
    try:
        subprocess.run([sys.executable, "-m", "venv", venv], check=True, stdout=sys.stderr)
        subprocess.run(pip, check=True, timeout=PIP_SECONDS, stdout=sys.stderr)
    except (OSError, subprocess.SubprocessError) as e:
        print(f"not installed: {e}", file=sys.stderr)
        shutil.rmtree(venv, ignore_errors=True)  # so that the next time tries again


def cat(path):
    return Contestant("cat", ["sh", "-c", 'cat "$0" >/dev/null', path], outside=True)


# The scenes, each made when its turn comes.

def tree_size(root):
    sizes = [os.path.getsize(os.path.join(folder, name))
             for folder, _, names in os.walk(root) for name in names]
    return sum(sizes), len(sizes)


def read_all(path):
    return Contestant("cat", ["sh", "-c", 'find "$0" -type f -print0 | xargs -0 cat >/dev/null',
                              path], outside=True)


def corpus_scene(bench, name, cpus):
    if not os.path.isdir(CORPUS):
        raise Failure(f"{CORPUS} is not there")
    root = os.path.realpath(CORPUS)
    size, files = tree_size(root)
    ours = Contestant("chimerad", [bench.program("bench_ingest"), "inventory", root, "20"])
    return Scene(name, cpus, 3, size, files,
                 [ours, *bench.other("python", "tree", root), read_all(root)])


def tree_scene(bench, name, cpus):
    """Read for the first time, and again with nothing changed."""
    made = os.path.exists(os.path.join(DATA, "tree"))
    root = bench.make("tree", FILES * FILE_BYTES, "tree", FOLDERS, FILES)
    if not made:
        time.sleep(SETTLED_SECONDS)
    size, files = tree_size(root)
    cache = os.path.join(DATA, "cache.db")
    reuse = [bench.program("bench_ingest"), "reuse", root, cache]
    first = Contestant("chimerad", ["sh", "-c", 'rm -f "$3"* && exec "$0" "$@"', *reuse])
    return Scene(name, cpus, 3, size, files,
                 [first, Contestant("chimerad-again", reuse), *bench.other("python", "tree", root),
                  read_all(root)])


def csv_scene(bench, name, cpus):
    size = name.split("/")[0].split(":")[1]
    n, repetitions = CSV_SIZES[size]
    path = bench.make(f"{size}.csv", n, "csv", n)
    contestants = [Contestant("chimerad", [bench.program("bench_ingest"), "medians", path]),
                   *bench.other("duckdb", "csv", path, str(cpus)),
                   *bench.other("pandas", "csv", path)]
    if size == "10MB":
        contestants += bench.other("python", "csv", path)
    return Scene(name, cpus, repetitions, os.path.getsize(path), 1,
                 [*contestants, Contestant("wc -l", ["wc", "-l", path], outside=True), cat(path)])


def json_scene(bench, name, cpus):
    shape = name.split("/")[0].split(":")[1]
    path = bench.make(f"{shape}.json", JSON_BYTES, "json", shape, JSON_BYTES)
    where = SHAPES[shape]
    return Scene(name, cpus, 3, os.path.getsize(path), 1, [
        Contestant("chimerad", [bench.program("bench_ingest"), "json", path, *where]),
        Contestant("jansson", [bench.program("bench_jansson"), path, *where]),
        *bench.other("python", "json", path, *where),
        *bench.other("duckdb", "json", path, *where, str(cpus)), cat(path)])


def scenes():
    yield "corpus", corpus_scene, 2
    for size in CSV_SIZES:
        for cpus in (1, 2):
            yield f"csv:{size}/threads:{cpus}", csv_scene, cpus
    yield "tree", tree_scene, 2
    for shape in SHAPES:
        yield f"json:{shape}", json_scene, 2


def print_growth(done):
    """How the time of one CSV grows with its size."""
    ours = {s.name: statistics.median(s.results["chimerad"].seconds) for s in done}
    for cpus in (1, 2):
        small, large = (ours.get(f"csv:{size}/threads:{cpus}") for size in ("10MB", "1GB"))
        if small and large:
            print(f"csv/threads:{cpus}: from 10 MB to 1 GB the time grows {large / small:.0f} fold "
                  f"({large / small / 100:.2f} of linear)", file=sys.stderr)


def main(build, wanted=""):
    bench = Bench(build)
    done = []
    if os.getloadavg()[0] > 0.5 * len(os.sched_getaffinity(0)):
        print(f"the machine is busy, its load is {os.getloadavg()[0]:.1f}: look at the CPU times",
              file=sys.stderr)
    for name, make, cpus in scenes():
        if wanted not in f"Ingest/{name}":
            continue
        try:
            scene = make(bench, name, cpus)
            play(scene)
        except Failure as e:
            sys.exit(f"bench: {e}")
        print_table(scene, sys.stderr)
        done.append(scene)
    print_growth(done)
    print_json(done, "release", bench.versions)


if __name__ == "__main__":
    main(*sys.argv[1:])
