# SPDX-License-Identifier: MIT
"""A persona that weighs risks: a summary of all, what it recommends, risks with what contains them."""
import json
import unittest

from harness import Case, Daemon
from scripted_server import ScriptedServer, claims

SWEEP = ("num_gpu,num_ctx,temperature,ttft_s,tokens_s,error\n"
         "999,4096,0.4,0.143,101.78,\n"
         "80,4096,0.4,0.131,104.2,\n"
         "60,2048,0.8,0.118,99.16,\n"
         "60,4096,0.8,,,timed out\n")
SUMMARY = "What was measured decides little between these configurations."
PLAIN = claims("The affected rows deserve a careful look.")
MATCH = "sum up for an engineer"  # the question about all findings together


def advice(text):
    return {"findings": ["K1"], "text": text, "effect": "It would show how the values repeat.",
            "risk": "It occupies the machine for a while.", "effort": "rerun"}


def risk(risk, mitigation, findings=("K1",)):
    return {"findings": list(findings), "risk": risk, "mitigation": mitigation}


def answer(recommendations=(), risks=()):
    return json.dumps({"claims": [{"about": ["K1"], "text": SUMMARY}],
                       "recommendations": list(recommendations), "risks": list(risks)})


class Insight(Case):
    def review(self, say=None, pipeline="chimera-agent"):
        endpoints = []
        if say:
            self.server = ScriptedServer(self, "openai", say=PLAIN,
                                         rules=[{"match": MATCH, "say": say}])
            endpoints = [self.server.endpoint()]
        root = self.tree({"sweep.csv": SWEEP})
        daemon = Daemon(self, [root], endpoints).start()
        job = daemon.succeeded(daemon.submit([root], pipeline=pipeline)["id"])
        folder = daemon.reports / job["id"]
        return self.check_report(folder), (folder / "report.md").read_text()

    def advised(self, md):
        return md.split("\n## 5 Recommendations\n")[1].split("\n## ")[0]

    def by(self, report, who):
        return [r for r in report["risks"] if r["by"] == who]

    def words(self, text):
        return "".join(s.get("t", "") for s in text)

    def test_without_a_model_the_table_is_made_of_findings(self):
        report, md = self.review()
        self.assertGreaterEqual(len(report["risks"]), 2)
        self.assertEqual(self.by(report, "model"), [])
        known = {k["id"] for k in report["findings"]}
        for r in report["risks"]:
            self.assertTrue(r["findings"] and set(r["findings"]) <= known, r)
        text = self.advised(md)
        self.assertIn("| Risk | Mitigation | Findings |", text)
        self.assertIn("Nothing in `sweep.csv` measures the quality of the output", text)
        self.assertIn("\n## 1 Executive Summary\n", md)
        self.assertIn("**R1**", md.replace("[R1]", "**R1**"))

    def test_a_pipeline_whose_personas_weigh_none_has_no_table(self):
        report, md = self.review(pipeline="nightly-review")
        self.assertEqual(report["risks"], [])
        self.assertNotIn("| Risk |", md)

    def test_the_model_adds_a_summary_recommendations_and_risks(self):
        report, md = self.review(answer(
            [advice("Repeat the sweep on an idle machine."), advice("Record the driver of the run.")],
            [risk("The sweep may rest on a busy machine.", "Repeat it while nothing else runs."),
             risk("The configuration may not suit other prompts.",
                  "Try it with the prompts of its users.")]))
        self.assertIn(SUMMARY, md.split("\n## 1 Executive Summary\n")[1].split("\n## 2 ")[0])
        text = self.advised(md)
        self.assertIn("**Risks** that the model adds:", text)
        self.assertIn("| The sweep may rest on a busy machine. | Repeat it while nothing else runs. |",
                      text)
        self.assertEqual(len(self.by(report, "model")), 2)
        asked = [c for c in self.server.chats() if MATCH in json.dumps(c["body"])]
        self.assertEqual(len(asked), 1)
        schema = asked[0]["body"]["response_format"]["json_schema"]["schema"]["properties"]
        self.assertEqual((schema["recommendations"]["maxItems"], schema["risks"]["maxItems"]),
                         (3, 4))

    def test_no_number_comes_through_either_cell_and_a_risk_alone_is_struck(self):
        report, md = self.review(answer(
            (), [risk("The sweep may lose 7 of its runs.", "Repeat it while nothing else runs."),
                 risk("The machine may be busy.", "Repeat it seventeen times in turn.")]))
        self.assertEqual(self.by(report, "model"), [])
        reasons = {s["text"]: s["reason"] for s in report["verification"]["struck"]}
        self.assertEqual(reasons["The sweep may lose 7 of its runs."], "digit in prose")
        self.assertEqual(reasons["Repeat it seventeen times in turn."], "number word: seventeen")
        self.assertEqual(reasons["The machine may be busy."], "a risk without what contains it")
        self.assertNotIn("may lose", md)

    def test_what_is_beyond_three_recommendations_is_struck(self):
        report, _ = self.review(answer([advice(f"Record the {what} of the run.") for what in
                                        ("driver", "kernel", "clocks", "cache")]))
        mine = [self.words(r["text"]) for r in report["recommendations"] if r["by"] == "model"]
        self.assertEqual(len(mine), 3)
        self.assertIn("more than was asked for",
                      [s["reason"] for s in report["verification"]["struck"]])


if __name__ == "__main__":
    unittest.main()
