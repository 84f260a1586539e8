# SPDX-License-Identifier: MIT
"""Pictures by the real gnuplot, and what a review is without it or with one that misbehaves."""
import random
import shutil
import unittest
import xml.dom.minidom

from harness import SOURCE, Case
from scripted_server import ScriptedServer
from server_case import ServerCase

EXAMPLE = SOURCE / "examples" / "nightly"
GNUPLOT = shutil.which("gnuplot")
SHOWN = ("facts", "findings", "inventory", "compared", "plots")


class PlotsCase(Case):
    def path_with(self, script):
        """A PATH on which gnuplot is this script; None: there is none."""
        bin_dir = self.dir / "bin"
        bin_dir.mkdir()
        if script:
            to = bin_dir / "gnuplot"
            to.write_text(f"#!/bin/sh\nPATH=/usr/bin:/bin\n{script}\n")
            to.chmod(0o755)
        return {"PATH": str(bin_dir)}

    def review(self, *paths, state="state", env=None):
        self.ctl("review", "--local", "--state", self.dir / state, *paths, env=env)
        self.folder = self.dir / state / "reports" / "latest"
        report = self.check_report(self.folder)
        self.md = (self.folder / "report.md").read_text()
        self.html = (self.folder / "report.html").read_text()
        return report

    def assert_whole_without_plots(self, report, why):
        self.assertEqual(report["plots"], [])
        self.assertFalse((self.folder / "plots").exists())
        self.assertNotIn("](plots/", self.md)
        self.assertNotIn("<figure>", self.html)
        self.assertIn(f"**Plots:** {why}", self.md)
        self.assertEqual(report["job"]["verdict"], "worse")


@unittest.skipUnless(GNUPLOT, "needs gnuplot")
class Plots(PlotsCase):
    def test_a_regression_is_shown_with_its_runs_on_the_page_and_in_files_that_are_plain_svg(self):
        report = self.review(EXAMPLE)
        files = [p["file"] for p in report["plots"]]
        self.assertIn("plots/history-a.svg", files)
        self.assertNotIn("**Plots:**", self.md)
        self.assertEqual(sorted(files),
                         sorted(f"plots/{p.name}" for p in (self.folder / "plots").iterdir()))
        for plot in report["plots"]:
            text = (self.folder / plot["file"]).read_text()
            root = xml.dom.minidom.parseString(text).documentElement
            self.assertEqual(root.getAttribute("role"), "img")
            self.assertTrue(root.getElementsByTagName("title")[0].firstChild.data)
            self.assertIn("prefers-color-scheme:dark", text)
            self.assertNotIn("href", text)
            self.assertIn(f"]({plot['file']})", self.md)
        self.assertEqual(self.html.count("<figure>"), len(files))
        self.assertNotIn("<img", self.html)
        known = {f["id"] for f in report["facts"]}
        history = report["plots"][files.index("plots/history-a.svg")]
        self.assertGreaterEqual(len(history["facts"]), 12)
        self.assertLessEqual(set(history["facts"]), known)
        kinds = [b["kind"] for s in report["sections"] for b in s["blocks"]]
        self.assertEqual(kinds.count("plot"), len(files))

    def test_the_runs_of_a_history_are_those_that_the_facts_say(self):
        report = self.review(EXAMPLE)
        facts = {f["id"]: f["value"] for f in report["facts"]}
        history = next(p for p in report["plots"] if p["file"] == "plots/history-a.svg")
        first, *_, last = (facts[f] for f in history["facts"][:12])
        self.assertGreater(last / first, 1.2)
        svg = (self.folder / history["file"]).read_text()
        self.assertGreaterEqual(svg.count("<circle"), 12)

    def test_equal_input_gives_equal_pictures(self):
        first = self.review(EXAMPLE, state="one")
        bytes_first = {p["file"]: (self.folder / p["file"]).read_bytes() for p in first["plots"]}
        second = self.review(EXAMPLE, state="two")
        for name in SHOWN:
            self.assertEqual(first[name], second[name], name)
        self.assertEqual(bytes_first, {p["file"]: (self.folder / p["file"]).read_bytes()
                                       for p in second["plots"]})

    def test_names_of_artifacts_reach_pictures_escaped_and_scripts_not_at_all(self):
        evil = "`touch pwned`' . system(\"touch pwned\") <script>alert(1)</script>"
        rows = [f'"{evil}",num_gpu,tokens_s']
        rows += [f'"{evil}",{g},{10 + 3 * g}' for g in (1, 2, 4, 8, 16)]
        self.ctl("review", "--local", "--state", self.dir / "state",
                 self.tree({"a.csv": "\n".join(rows) + "\n"}),
                 env=self.path_with(f"tee -a {self.dir}/scripts | {GNUPLOT} -d"))
        folder = self.dir / "state" / "reports" / "latest"
        self.check_report(folder)
        scripts = (self.dir / "scripts").read_text()
        self.assertIn("set terminal svg", scripts)
        for foreign in ("touch", "system", "script>", "alert", "`", "num_gpu", "tokens_s", "a.csv"):
            self.assertNotIn(foreign, scripts)
        svg = (folder / "plots" / "sweep-a.svg").read_text()
        self.assertIn("num_gpu", svg)
        self.assertNotIn("<script>alert", svg + (folder / "report.html").read_text())

    def test_a_sweep_has_a_line_and_a_table_of_two_has_none(self):
        rows = [f"{g},{10 + 3 * g + r}" for g in (1, 2, 4, 8, 16) for r in range(4)]
        two = [f"{g},{10 + 3 * g}" for g in (1, 2)]
        report = self.review(self.tree({"a.csv": "num_gpu,tokens_s\n" + "\n".join(rows) + "\n",
                                        "b.csv": "num_gpu,ttft_ms\n" + "\n".join(two) + "\n"}))
        self.assertEqual([p["file"] for p in report["plots"]], ["plots/sweep-a.svg"])
        self.assertIn("a.csv", report["plots"][0]["title"])

    def test_series_with_long_names_can_still_be_told_apart_in_a_picture(self):
        models = [f"laboratory/model-of-a-name-that-fits-no-picture-{x}" for x in ("q4", "q8")]
        backends = ["attention-that-is-paged", "attention-that-is-plain"]
        r = random.Random(7)
        rows = [(m, b, 100 + 30 * i + 9 * j) for i, m in enumerate(models)
                for j, b in enumerate(backends)]
        self.review(self.tree({f"vllm-2026-11-{day:02}.csv": "model,backend,output_throughput_tok_s,ttft_ms\n"
                               + "".join(f"{m},{b},{x * r.uniform(.99, 1.01):.2f},"
                               f"{x / 4 * r.uniform(.99, 1.01):.2f}\n" for m, b, x in rows)
                               for day in range(1, 13)}))
        text = (self.folder / "plots" / "shifts-a.svg").read_text()
        shown = [t.firstChild.data.strip() for t in
                 xml.dom.minidom.parseString(text).getElementsByTagName("text")]
        for i in ("q4", "q8"):
            for j in ("paged", "plain"):
                self.assertTrue([t for t in shown if t.startswith("labora") and "…" in t
                                 and f"{i}, atten" in t and t.endswith(j[-4:])], shown)
        self.assertEqual(shown.count("output_throughput_tok_s"), 4, shown)

    def test_numbers_of_hundreds_of_digits_cost_no_report(self):
        rows = [f"{m},{b},{b + i}e250" for i, m in enumerate("abcde") for b in (1, 2, 4, 8)]
        report = self.review(self.tree({"a.csv": "model,batch,tokens_s\n" + "\n".join(rows) + "\n"}))
        self.assertEqual([p["file"] for p in report["plots"]], ["plots/sweep-a.svg"])
        self.assertIn("e+250", self.html)

    def test_copied_reports_bring_their_pictures(self):
        self.ctl("review", "--local", "--state", self.dir / "state", "-o", self.dir / "out", EXAMPLE)
        report = self.check_report(self.dir / "out")
        for plot in report["plots"]:
            self.assertTrue((self.dir / "out" / plot["file"]).is_file())


@unittest.skipUnless(GNUPLOT, "needs gnuplot")
class Timeline(ServerCase):
    def test_who_waited_for_whom_is_drawn_of_several_calls(self):
        server = ScriptedServer(self, "ollama")
        report = self.review({"one": server})["one"]
        self.assertGreaterEqual(len(report["calls"]), 2)
        timeline = next(p for p in report["plots"] if p["file"] == "plots/timeline-a.svg")
        self.assertEqual(timeline["facts"], [])
        svg = next((self.dir / "daemon").glob("state/reports/2*/plots/timeline-a.svg")).read_text()
        for call in report["calls"]:
            self.assertIn(f"<text>{call['id']}, {call['step']}</text>", svg)
        for phase in ("step", "prompt", "generation"):
            self.assertIn(f"<text>{phase}</text>", svg)
        self.assertIn("](plots/timeline-a.svg)", self.pages["one"])


class WithoutGnuplot(PlotsCase):
    def test_the_report_is_whole_and_says_why_it_has_no_pictures(self):
        report = self.review(EXAMPLE, env=self.path_with(None))
        self.assert_whole_without_plots(report, "none, as gnuplot is not installed")

    def test_facts_and_findings_are_the_same_with_and_without(self):
        plain = self.review(EXAMPLE, state="without", env=self.path_with(None))
        drawn = self.review(EXAMPLE, state="with")
        for name in SHOWN[:-1]:
            self.assertEqual(plain[name], drawn[name], name)

    def test_one_that_draws_something_else_costs_its_pictures_only(self):
        for i, says in enumerate(("<svg width='9' height='9'><script>x</script></svg>", "nonsense")):
            with self.subTest(says):
                path = self.dir / f"{i}"
                path.mkdir()
                env = self.path_with(f"cat >/dev/null; echo \"{says}\"")
                report = self.review(EXAMPLE, state=f"state{i}", env=env)
                self.assert_whole_without_plots(report, "some are missing, as gnuplot drew")
                self.assertNotIn("<script>x", self.html)
                shutil.rmtree(self.dir / "bin")

    def test_one_that_writes_for_ever_is_stopped(self):
        report = self.review(EXAMPLE, env=self.path_with("yes '<svg>'"))
        self.assert_whole_without_plots(report, "some are missing, as gnuplot wrote too much")

    def test_one_that_hangs_is_stopped(self):
        report = self.review(EXAMPLE, env=self.path_with("sleep 1000 & sleep 1000"))
        self.assert_whole_without_plots(report, "some are missing, as gnuplot took too long")

    def test_one_that_fails_is_passed_over(self):
        report = self.review(EXAMPLE, env=self.path_with("echo no such terminal >&2; exit 1"))
        self.assert_whole_without_plots(report, "some are missing, as gnuplot failed")
