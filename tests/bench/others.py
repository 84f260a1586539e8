# SPDX-License-Identifier: MIT
"""One run of another tool over what tools/bench ingest measures: seconds and its answer, as JSON.

    python3 others.py TOOL TASK PATH [MORE...]

Runs under the Python that has the tool. Importing is not part of the time; opening the file is.
"""
import csv
import hashlib
import json
import os
import statistics
import sys
import time

KEYS = ("model", "backend", "host")
METRICS = ("throughput_tok_s", "latency_ms", "ttft_ms", "memory_mb", "power_w", "energy_j")


class Clock:
    def __init__(self):
        self.begun, self.cpu_begun = time.perf_counter(), time.process_time()

    def stop(self):
        self.seconds = time.perf_counter() - self.begun
        self.cpu_seconds = time.process_time() - self.cpu_begun
        return self


def duckdb_csv(path, threads):
    import duckdb
    db = duckdb.connect(config={"threads": threads})
    medians = ", ".join(f"median({m})" for m in METRICS)
    clock = Clock()
    rows = db.execute(f"SELECT {', '.join(KEYS)}, {medians} FROM read_csv(?) "
                      f"GROUP BY {', '.join(KEYS)}", [path]).fetchall()
    clock.stop()
    return clock, {"/".join(r[:len(KEYS)]): dict(zip(METRICS, r[len(KEYS):])) for r in rows}


def pandas_csv(path):
    import pandas
    clock = Clock()
    frame = pandas.read_csv(path).groupby(list(KEYS))[list(METRICS)].median()
    clock.stop()
    return clock, {"/".join(k): dict(zip(METRICS, row))
                   for k, row in zip(frame.index, frame.values.tolist())}


def python_csv(path):
    clock = Clock()
    groups = {}
    with open(path, newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            columns = groups.setdefault("/".join(row[k] for k in KEYS), {m: [] for m in METRICS})
            for metric in METRICS:
                columns[metric].append(float(row[metric]))
    answer = {key: {m: statistics.median(v) for m, v in columns.items()}
              for key, columns in groups.items()}
    return clock.stop(), answer


def below(row, pointer):
    for member in pointer.split("/")[1:]:
        row = row[member]
    return row


def python_json(path, rows_at, member):
    clock = Clock()
    with open(path, encoding="utf-8") as file:
        rows = below(json.load(file), rows_at) if rows_at else [json.loads(line) for line in file]
    clock.stop()
    return clock, {"rows": len(rows), "sum": sum(below(row, member) for row in rows)}


def duckdb_json(path, rows_at, member, threads):
    import duckdb
    db = duckdb.connect(config={"threads": threads})
    source = f"read_json(?, maximum_object_size={2 * os.path.getsize(path)})"
    column = member[1:].replace("/", ".")
    if rows_at:
        source = f"(SELECT unnest({rows_at[1:]}) AS r FROM {source})"
        column = f"r.{column}"
    clock = Clock()
    n, total = db.execute(f"SELECT count(*), sum({column}) FROM {source}", [path]).fetchone()
    return clock.stop(), {"rows": n, "sum": float(total)}


def python_tree(path):
    """What an ingest cannot do without: list, read, digest; parsed are CSV and JSON."""
    clock = Clock()
    files = 0
    for folder, _, names in os.walk(path):
        for name in names:
            with open(os.path.join(folder, name), "rb") as file:
                data = file.read()
            hashlib.sha256(data).hexdigest()
            if name.endswith(".csv"):
                files += len(list(csv.reader(data.decode("utf-8", "replace").splitlines()))) > 0
            elif name.endswith(".json"):
                files += json.loads(data) is not None
            else:
                files += 1
    return clock.stop(), {"files": files}


def main(tool, task, *arguments):
    clock, answer = globals()[f"{tool}_{task}"](*arguments)
    json.dump({"seconds": clock.seconds, "cpu_seconds": clock.cpu_seconds, "answer": answer},
              sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
