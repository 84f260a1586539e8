#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Answers that a model gives without constraints, and what the check leaves of them.

    answers.py make N OUT.jsonl TREE...   asks the real questions of reviews of TREE until N answers
                                          are there
    answers.py tally IN.jsonl             checks them, by lib/claims and from outside, and prints
                                          the table of docs/claims.md
    answers.py pick N IN.jsonl OUT.jsonl  the N that differ most in what becomes of them

Needs the program `answers` ($CHIMERAD_BUILD, default out/dev) and, for `make`, a server of the
OpenAI kind at $CHIMERAD_MODEL_URL (default http://127.0.0.1:18080). Half of the answers come with
no constraint at all, half under a schema that only gives the form, so that any character may
stand in the prose. Temperatures go from 0 to 1.2.
"""
import collections
import json
import os
import pathlib
import re
import subprocess
import sys
import urllib.error
import urllib.request

from outside import faults, words_of

SOURCE = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("CHIMERAD_BUILD", SOURCE / "out" / "dev"))
URL = os.environ.get("CHIMERAD_MODEL_URL", "http://127.0.0.1:18080")
TEMPERATURES = (0, 0.2, 0.4, 0.6, 0.8, 1.0, 1.2)
MAX_TOKENS = 220


def tool(command, tree, lines=()):
    """The lines of JSON that the program `answers` prints."""
    done = subprocess.run([BUILD / "tests" / "answers" / "answers", command, tree], check=True,
                          input="".join(json.dumps(line) + "\n" for line in lines), text=True,
                          capture_output=True, env={**os.environ, "CHIMERAD_DATA": str(SOURCE)})
    return [json.loads(line) for line in done.stdout.splitlines()]


def offered(question):
    """The ids as the question has them: counted from one."""
    return [f"{letter}{i + 1}" for letter, kind in (("K", "findings"), ("F", "facts"))
            for i in range(len(question["scope"][kind]))]


def loose_schema(question):
    """The form without the rules: any text, the ids that were offered."""
    ids = offered(question)
    item = {"type": "object", "properties": {
        "about": {"type": "array", "minItems": 1, "maxItems": 3,
                  "items": {"type": "string", "enum": ids}},
        "text": {"type": "string", "maxLength": 300}}, "required": ["about", "text"]}
    return {"type": "object", "required": ["claims"], "properties": {
        "claims": {"type": "array", "minItems": 1, "maxItems": 2, "items": item}}}


def ask(question, temperature, seed, form):
    body = {"messages": [{"role": "system", "content": question["system"]},
                         {"role": "user", "content": question["user"]}],
            "temperature": temperature, "seed": seed, "max_tokens": MAX_TOKENS}
    if form == "form":
        body["response_format"] = {"type": "json_schema",
                                   "json_schema": {"name": "a", "schema": loose_schema(question)}}
    request = urllib.request.Request(f"{URL}/v1/chat/completions", json.dumps(body).encode(),
                                     {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=120) as reply:
            return json.load(reply)["choices"][0]["message"]["content"] or ""
    except urllib.error.HTTPError as e:  # "does not match the expected format": its text is lost
        return None if e.code >= 500 else sys.exit(f"{e.code} {e.read()[:300]}")


def make(n, out, *trees):
    """One question after the other, as a server keeps its work on a prompt that comes again."""
    n = int(n)
    questions = [(tree, q) for tree in trees for q in tool("ask", tree)]
    with open(out, "w") as file:
        for at, (tree, question) in enumerate(questions):
            left = n // len(questions) + (at < n % len(questions))
            for i in range(20 * left):
                temperature, form = TEMPERATURES[i % len(TEMPERATURES)], ("free", "form")[i % 2]
                answer = ask(question, temperature, i, form) if left else None
                if answer is None:
                    continue
                left -= 1
                file.write(json.dumps({"tree": tree, "step": question["step"],
                                       "title": question["title"], "form": form,
                                       "temperature": temperature, "seed": i,
                                       "answer": answer}) + "\n")
                file.flush()


def wrapped(line, question):
    """Free text as the texts of claims: what a model that knows JSON but no rules would send."""
    ids = offered(question)[:1]
    pieces = [p for p in re.split(r"\n\s*\n|\n(?=[-*#0-9])", line["answer"]) if p.strip()]
    claims = [{"about": ids, "text": " ".join(p.split())} for p in pieces]
    return {**line, "form": "wrapped", "answer": json.dumps({"claims": claims})}


def read(path):
    return [json.loads(line) for line in pathlib.Path(path).read_text().splitlines()]


def judged(lines, tree):
    """Each line of this tree, its free text a second time wrapped, with what became of it."""
    questions = {(q["step"], q["title"]): q for q in tool("ask", tree)}
    facts = tool("facts", tree)
    by_id = {f"F{f['fact']}": f for f in facts if "fact" in f}
    findings = {f"K{k['finding']}": k for k in facts if "finding" in k}
    first = next(iter(questions.values()))
    mine = [line for line in lines if line["tree"] == tree]
    mine += [wrapped(line, questions.get((line["step"], line["title"]), first))
             for line in mine if line["form"] == "free"]
    for line, result in zip(mine, tool("check", tree, mine)):
        question = questions.get((line["step"], line["title"]), first)
        wrong = list(faults(result["accepted"], question, by_id, findings))
        yield {**line, **result, "faults": wrong}


def kind_of(reason):
    """The reason without its words of this sentence."""
    reason = re.sub(r"F\d+|\d+", "N", reason)
    return re.split(r": |\{| the figure | the direction of | of more than ", reason)[0].strip()


def all_judged(path):
    lines = read(path)
    return [r for tree in sorted({line["tree"] for line in lines}) for r in judged(lines, tree)]


def tally(path):
    results = all_judged(path)
    print("| form | answers | sentences kept | struck | answers with nothing left | faults |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    for form in ("free", "wrapped", "form"):
        own = [r for r in results if r["form"] == form]
        print(f"| {form} | {len(own)} | {sum(len(r['accepted']) for r in own)} | "
              f"{sum(len(r['struck']) for r in own)} | {sum(r['rubbish'] for r in own)} | "
              f"{sum(len(r['faults']) for r in own)} |")
    reasons = collections.Counter(kind_of(s["reason"]) for r in results for s in r["struck"])
    print("\n| struck because | sentences |\n| --- | ---: |")
    for reason, n in reasons.most_common():
        print(f"| {reason} | {n} |")
    for r in results:
        for fault in r["faults"]:
            print("FAULT", r["form"], r["title"], fault, file=sys.stderr)
    if os.environ.get("KEPT"):
        for r in results:
            for a in r["accepted"]:
                print("KEPT", r["title"], a["facts"], a["findings"], words_of(a["text"]), file=sys.stderr)
    return any(r["faults"] for r in results)


def pick(n, path, out):
    """One after the other, whichever adds the most reasons that are still rare."""
    results = [r for r in all_judged(path) if r["form"] != "wrapped"]
    seen, picked = collections.Counter(), []

    def worth(r):
        kinds = {kind_of(s["reason"]) for s in r["struck"]} | {f"kept {len(r['accepted'])}"}
        return sum(1 / (1 + seen[k]) for k in kinds) / (1 + seen[r["title"]]) ** 0.5

    while results and len(picked) < int(n):
        best = max(results, key=worth)
        results = [r for r in results if r["answer"] != best["answer"]]
        picked.append(best)
        seen.update({kind_of(s["reason"]) for s in best["struck"]})
        seen.update([best["title"], f"kept {len(best['accepted'])}"])
    keys = ("tree", "step", "title", "form", "temperature", "seed", "answer")
    with open(out, "w") as file:
        for r in picked:
            file.write(json.dumps({k: r[k] for k in keys}) + "\n")


if __name__ == "__main__":
    if len(sys.argv) < 3 or sys.argv[1] not in ("make", "tally", "pick"):
        sys.exit(__doc__)
    sys.exit({"make": make, "tally": tally, "pick": pick}[sys.argv[1]](*sys.argv[2:]))
