#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Holds a published report to its contract, from its files and the artifacts alone.

It shares no code with the program: numerals are found, values rounded, statistics computed and
cells read anew, by the modules check_*.py and artifact_*.py beside it. It prints one line for each
complaint and ends with 1 when there was any.
"""
import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile

import check_expect
from check_cells import check_cells
from check_numerals import check_numerals
from check_statistics import check_best, check_facts

COMPLAINTS_SHOWN = 50


class Check:
    def __init__(self, folder, lenient):
        self.folder = folder
        self.lenient = lenient
        self.complaints = []
        self.earlier = {}
        self.counts = {"numerals": 0, "facts": 0, "cells": 0, "unread": 0}
        self.bytes = {}
        for name in ("report.md", "report.json", "samples.json"):
            with open(os.path.join(folder, name), "rb") as f:
                self.bytes[name] = f.read()
        self.md = self.bytes["report.md"].decode("utf-8")
        self.report = json.loads(self.bytes["report.json"], object_pairs_hook=no_duplicates)
        self.samples = json.loads(self.bytes["samples.json"])
        self.facts = {f["id"]: f for f in self.report["facts"]}

    def wrong(self, where, what):
        self.complaints.append(f"{where}: {what}")


def no_duplicates(pairs):
    d = dict(pairs)
    if len(d) != len(pairs):
        raise ValueError("an object has a member twice: " + ", ".join(k for k, _ in pairs))
    return d


# --- schema, seal, references ---------------------------------------------------------------

def check_schema(c, path):
    try:
        import jsonschema
    except ImportError:
        if not c.lenient:
            c.wrong("schema", "cannot be checked: install python3-jsonschema, or use --lenient")
        return
    with open(path, encoding="utf-8") as f:
        schema = json.load(f)
    for e in jsonschema.Draft202012Validator(schema).iter_errors(c.report):
        if c.lenient and e.validator == "required":
            continue
        c.wrong("schema /" + "/".join(map(str, e.absolute_path)), e.message[:200])


def check_seal(c):
    seal = c.report.get("seal")
    if seal is None:
        if not c.lenient:
            c.wrong("seal", "there is none")
        return
    piece = f',\n "seal": "{seal}"'.encode()
    raw = c.bytes["report.json"]
    if raw.count(piece) != 1:
        c.wrong("seal", "does not stand as its own last member")
        return
    h = hashlib.sha256(c.bytes["report.md"] + c.bytes["samples.json"] + raw.replace(piece, b""))
    if "sha256:" + h.hexdigest() != seal:
        c.wrong("seal", "does not match the three files")


def check_files(c):
    """What was published beside the three: reports of before `files` do not tell."""
    for f in c.report.get("files", []):
        path = os.path.join(c.folder, f["file"])
        if not os.path.isfile(path):
            c.wrong("files", f["file"] + " is not there")
            continue
        with open(path, "rb") as file:
            data = file.read()
        if len(data) != f["bytes"] or "sha256:" + hashlib.sha256(data).hexdigest() != f["digest"]:
            c.wrong("files", f["file"] + " is not what was published")


def check_references(c):
    r = c.report
    known = {x["id"] for part in (r["facts"], r["findings"], r["inventory"]["artifacts"],
                                  r["calls"]) for x in part}

    def must(where, ids):
        for i in ids:
            if i not in known:
                c.wrong(where, f"names {i}, which is not there")

    for part, letter in (("facts", "F"), ("findings", "K"), ("recommendations", "R"),
                         ("commentary", "C")):
        for i, x in enumerate(r[part]):
            if x["id"] != f"{letter}{i + 1}":
                c.wrong(f"/{part}/{i}", f"id {x['id']} is out of order")
    for f in r["facts"]:
        must(f["id"], f["from"])
        must(f["id"], [x["artifact"] for x in f["cells"] + f["excluded"] if "artifact" in x])
    for k in r["findings"]:
        must(k["id"], k["facts"] + k["artifacts"])
    for x in r["findings"] + r["recommendations"] + r["commentary"]:
        must(x["id"], [s["f"] for s in x["text"] if "f" in s])
        must(x["id"], x.get("findings", []) + x.get("about", []))
    for i, x in enumerate(r.get("risks", [])):
        must(f"/risks/{i}", [s["f"] for s in x["risk"] + x["mitigation"] if "f" in s])
        must(f"/risks/{i}", x["findings"])
    for s in r["steps"]:
        must("step " + s["id"], s["calls"])
    for i in c.samples:
        must("samples.json", [i])


def run_checks(folder, args):
    c = Check(folder, args.lenient)
    check_schema(c, args.schema)
    check_seal(c)
    check_files(c)
    check_references(c)
    check_numerals(c)
    check_facts(c)
    check_best(c)
    check_expect.check_expect(c)
    roots = args.root or (c.report["inventory"]["roots"] if args.from_roots else None)
    if roots:
        check_cells(c, roots)
    return c


def check(folder, args):
    c = run_checks(folder, args)
    for line in c.complaints[:COMPLAINTS_SHOWN]:
        print(line)
    n = c.counts
    print(f"{folder}: {len(c.complaints)} complaints; {n['numerals']} numerals, {n['facts']} facts "
          f"computed, {n['cells']} cells read, {n['unread']} facts of earlier reviews not read")
    return len(c.complaints)


def check_composed(program, args):
    with tempfile.TemporaryDirectory() as top:
        subprocess.run([program, top], check=True)
        folders = [os.path.join(top, x) for x in sorted(os.listdir(top))]
        return sum(check(x, args) for x in folders) + (not folders)


def arguments(argv=None):
    here = os.path.dirname(os.path.abspath(__file__))
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("folder", nargs="*")
    p.add_argument("--compose", help="a program that writes folders below the directory it is given")
    p.add_argument("--root", action="append", default=[],
                   help="where the artifacts lie, once for each root of the report, in order")
    p.add_argument("--from-roots", action="store_true", help="read the roots the report names")
    p.add_argument("--lenient", action="store_true", help="members and the seal may be missing")
    p.add_argument("--schema", default=os.path.join(here, "..", "..", "docs",
                                                    "report.schema.json"))
    return p.parse_args(argv)


def main():
    args = arguments()
    wrong = sum(check(folder, args) for folder in args.folder)
    if args.compose:
        wrong += check_composed(args.compose, args)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
