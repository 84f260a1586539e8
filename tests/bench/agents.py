# SPDX-License-Identifier: MIT
"""Holds what a review says of agents alone and together against a stop-watch that is not its own: a
relay before each model server notes when a question comes and when its answer has gone.

    agents.py BUILD [--runs N] [URL [URL]]    one server for both agents, or one for each
                                              (default: the shared llama-server, once)

Prints a line for each figure; the exit code is 1 where one is off by more than 3 %.
"""
import argparse
import asyncio
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse

SOURCE = pathlib.Path(__file__).resolve().parents[2]
SHARED = pathlib.Path(os.environ.get("CHIMERAD_SHARED", SOURCE / ".." / "shared")).resolve()
ALLOWED = 0.03
PIPELINE = """name: two
title: Two Agents
steps:
  - {{id: inventory, stage: ingest, agent: data-collector}}
  - {{id: compose, stage: report, agent: report-writer, needs: [inventory]}}
agents: [{{name: a, endpoint: first}}, {{name: b, endpoint: {second}}}]
options: {{num_predict: 500}}
measure: both
runs: {runs}
"""


class Relay:
    """What it notes of each question: (began, ended), by this process's clock."""

    def __init__(self, url):
        parts = urllib.parse.urlsplit(url)
        self.to, self.chats, self.url = (parts.hostname, parts.port or 80), [], None

    async def start(self):
        server = await asyncio.start_server(self.serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"

    async def serve(self, reader, writer):
        there, back = await asyncio.open_connection(*self.to)
        state = {"began": None, "last": None}

        async def up():
            while data := await reader.read(65536):
                if data.startswith((b"GET ", b"POST ")):
                    self.note(state)
                if data.startswith((b"POST /v1/chat/completions", b"POST /api/chat")):
                    state["began"] = time.monotonic()
                back.write(data)
                await back.drain()
            back.close()

        async def down():
            while data := await there.read(65536):
                state["last"] = time.monotonic()
                writer.write(data)
                await writer.drain()
            writer.close()
        await asyncio.gather(up(), down(), return_exceptions=True)
        self.note(state)

    def note(self, state):
        """The answer before this question, on a connection that is kept, has ended."""
        if state["began"] is not None:
            self.chats.append((state["began"], state["last"]))
        state["began"] = None


async def review(build, relays, runs, folder):
    """report.json of a review by a private daemon."""
    names = ["first", "second"][:len(relays)]
    (folder / "data" / "pipelines").mkdir(parents=True)
    (folder / "data" / "personas").symlink_to(SOURCE / "personas")
    (folder / "data" / "pipelines" / "two.yaml").write_text(
        PIPELINE.format(runs=runs, second=names[-1]))
    (folder / "a.csv").write_text("backend,time_ms\nx,1.5\ny,2.5\n")
    endpoints = [{"name": n, "url": r.url, "model": "tiny-gemma3"} for n, r in zip(names, relays)]
    config = folder / "chimerad.yaml"
    config.write_text(f"roots: [{json.dumps(str(folder))}]\nendpoints: {json.dumps(endpoints)}\n")
    child = await asyncio.create_subprocess_exec(
        build / "ctl" / "chimeractl", "review", "--local", "--state", folder / "state", "--config",
        config, "-p", "two", folder / "a.csv", stdout=subprocess.DEVNULL,
        env={**os.environ, "CHIMERAD_DATA": str(folder / "data")})
    if await child.wait():
        sys.exit("the review failed")
    return json.loads((folder / "state" / "reports" / "latest" / "report.json").read_text())


def split(trials, chats):
    """The chats of each trial: those that began before it was over; None where some are left."""
    groups = []
    for trial in trials:
        end = chats[0][0] + trial["wall_s"] if chats else 0
        own = [c for c in chats if c[0] < end]
        if len(own) < sum(len(lane["calls"]) for lane in trial["agents"]):
            return None
        groups.append(own)
        chats = chats[len(own):]
    return None if chats else groups


def watched(report, chats):
    """[(kind, run, seconds)] of the trials, which come last; a call may have asked twice."""
    trials, chats = report["concurrency"]["trials"], sorted(chats)
    groups = next(filter(None, (split(trials, chats[n:]) for n in reversed(range(len(chats))))),
                  None)
    if groups is None:
        sys.exit("what the relay saw is not what the report tells")
    for trial, own in zip(trials, groups):
        yield (trial["kind"], trial["run"],
               max(end for _, end in own) - min(began for began, _ in own))


def compare(report, chats):
    runs, good, told = {}, True, report["concurrency"]
    for kind, run, seconds in watched(report, chats):
        runs.setdefault(run, {}).setdefault(kind, []).append(seconds)
    for trial in told["trials"]:
        if not trial["run"] or any(c["answer"] != "good" for lane in trial["agents"]
                                   for c in lane["calls"]):
            runs.pop(trial["run"], None)
    if not runs:
        sys.exit("no run with a good answer to all")
    print(f"runs: {len(runs)}, left out: {told['runs_left_out']}")
    for name, seconds in (
            ("sequential_s", statistics.median(sum(r["solo"]) for r in runs.values())),
            ("concurrent_s", statistics.median(r["together"][0] for r in runs.values()))):
        off = told[name] / seconds - 1
        good &= abs(off) <= ALLOWED
        print(f"{name}: told {told[name]:.3f}, by the stop-watch {seconds:.3f}: {100 * off:+.2f} %")
    return good


async def measure(args):
    relays = [Relay(url) for url in args.urls]
    for relay in relays:
        await relay.start()
    with tempfile.TemporaryDirectory(prefix="chimerad-agents-") as folder:
        report = await review(args.build, relays, args.runs, pathlib.Path(folder))
        await asyncio.sleep(0.2)  # the last connections close
    return compare(report, [c for r in relays for c in r.chats])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("urls", nargs="*", metavar="URL")
    parser.add_argument("--runs", type=int, default=5)
    args = parser.parse_intermixed_args()
    llama, env = SHARED / "model" / "llama-server.sh", {**os.environ, "PORT": "18190"}
    if not args.urls:
        if not llama.exists():
            sys.exit(f"give the URL of a model server; {llama} is not there")
        subprocess.run([llama, "start"], env={"PARALLEL": "2", **env}, check=True,
                       stdout=subprocess.DEVNULL)
    try:
        started, args.urls = not args.urls, args.urls or ["http://127.0.0.1:18190"]
        return 0 if asyncio.run(measure(args)) else 1
    finally:
        if started:
            subprocess.run([llama, "stop"], env=env, check=True)


if __name__ == "__main__":
    sys.exit(main())
