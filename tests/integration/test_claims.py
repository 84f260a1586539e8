# SPDX-License-Identifier: MIT
"""Answers that a real model gave without constraints: no number and no untraced claim survives."""
import json
import os
import sys
import unittest

from harness import BUILD, SANITIZERS, SOURCE

sys.path.insert(0, str(SOURCE / "tests" / "answers"))
os.environ.setdefault("CHIMERAD_BUILD", str(BUILD))
import answers  # noqa: E402
import outside  # noqa: E402

FIXTURE = SOURCE / "tests" / "fixtures" / "answers" / "model.jsonl"
TREE = SOURCE / "examples" / "nightly"


def world():
    """One question about a throughput and a latency, and what its ids stand for."""
    def fact(i, unit, quantity, backend, statistic="median"):
        return {"fact": i, "paths": ["a.csv"], "label": f"median {quantity}", "metric": quantity,
                "quantity": quantity, "unit": unit, "statistic": statistic, "value": 1.0,
                "subject": {"backend": backend}, "from": []}
    facts = {"F1": fact(1, "tok/s", "throughput", "onnx"), "F2": fact(2, "ms", "latency", "eager")}
    findings = {"K1": {"finding": 1, "kind": "best", "facts": ["F1"], "text": []}}
    return {"scope": {"facts": ["F1"], "findings": ["K1"], "words": 20}}, facts, findings


def item(*text, **more):
    segments = [{"t": t} if isinstance(t, str) else {"f": t[0], "as": t[1]} for t in text]
    return {"kind": "comment", "facts": [], "findings": ["K1"], "text": segments,
            "hypothesis": False, **more}


class Claims(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        os.environ.update(SANITIZERS)
        lines = [{**line, "tree": str(TREE)} for line in answers.read(FIXTURE)]
        cls.n = len(lines)
        cls.results = list(answers.judged(lines, str(TREE)))

    def test_no_digit_and_no_untraced_claim_of_fifty_answers_survives(self):
        self.assertEqual(self.n, 50)
        self.assertGreater(len(self.results), self.n)  # free text comes a second time, as claims
        for result in self.results:
            self.assertEqual(result["faults"], [], result["title"])

    def test_something_is_kept_and_whatever_is_struck_has_its_reason(self):
        self.assertGreater(sum(len(r["accepted"]) for r in self.results), 0)
        struck = [s for r in self.results for s in r["struck"]]
        self.assertGreater(len(struck), self.n)
        self.assertTrue(all(s["reason"] for s in struck))
        for result in self.results:  # an answer of which nothing is left says why
            self.assertTrue(result["accepted"] or result["struck"], result)

    def test_the_answers_are_the_models_own(self):
        texts = [r["answer"] for r in self.results if r["form"] != "wrapped"]
        self.assertEqual(len(set(texts)), 50)
        self.assertTrue(any(c.isdigit() for t in texts for c in t))

    def test_the_outside_check_would_have_found_it(self):
        question, facts, findings = world()
        for bad, what in ((item("It took 3 runs."), "digit"),
                          (item("It took twelve runs."), "number word"),
                          (item("It took \uff13 runs."), "digit"),
                          (item("The run got faster."), "direction"),
                          (item("The latency matters here."), "latency of no time"),
                          (item("The eager backend matters."), "name of other facts"),
                          (item("The average matters here."), "average"),
                          (item("It reached ", ("F2", "value"), "."), "not offered"),
                          (item("It ", ("F1", "direction"), " here."), "no change"),
                          (item("It is so because of heat."), "not marked"),
                          (item("The JSON files matter."), "sort of file"),
                          (item("Let me know of it."), "chatter"),
                          (item("Das ist nicht gut."), "another language"),
                          (item("Look at <b> here."), "markup"),
                          (item("No ids here.", findings=[]), "cites nothing"),
                          (item("word " * 21), "21 words")):
            found = list(outside.faults([bad], question, facts, findings))
            self.assertTrue(any(what in f for f in found), (bad, found))
        good = item("The throughput of the onnx backend reached ", ("F1", "value"), ".")
        self.assertEqual(list(outside.faults([good], question, facts, findings)), [])

    def test_an_answer_counts_by_itself(self):
        claim = {"claims": [{"about": ["F1"], "text": "Record the driver before the coming runs."}]}
        line = {"step": "inventory", "title": "inventory", "answer": json.dumps(claim)}
        first, second = answers.tool("check", TREE, [line, line])
        self.assertEqual(first, second)
        self.assertEqual(len(first["accepted"]), 1)


if __name__ == "__main__":
    unittest.main()
