# SPDX-License-Identifier: MIT
"""chimeractl at a terminal: what is on the screen, and what Ctrl-C does."""
import re
import time
import unittest

from harness import SOURCE, Case, Daemon, wait_for
from scripted_server import ScriptedServer, claims
from terminal import Terminal

NIGHTLY = SOURCE / "examples" / "nightly"
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
TREE = {"a.csv": "backend,time_ms\nx,1.5\ny,2.5\n"}


class Local(Case):
    def review(self, *more, **how):
        t = Terminal(self, "review", "--local", "--state", self.dir / "state", NIGHTLY, *more, **how)
        self.assertEqual(t.end(), 0, t.output)
        return t

    def test_the_screen_ends_with_steps_verdict_findings_and_paths(self):
        t = self.review()
        screen = t.screen()
        self.assertEqual([line.split()[:3] for line in screen if line.startswith("✓")],
                         [["✓", step, "done"] for step in ("inventory", "analyse", "compose")])
        self.assertIn("\x1b[1m\x1b[31mworse than before", t.output)
        self.assertRegex(t.output, "\x1b\\[31mK1 +high ")
        self.assertRegex("".join(screen), "Report: /.*/report.md .*Why: +chimeractl explain /.* K1")
        for line in screen[screen.index("Verdict: worse than before"):-5]:
            self.assertLessEqual(len(line), 80, "sentences are broken at blanks")

    def test_without_unicode_and_colour_all_is_ascii(self):
        t = self.review(LANG="C", NO_COLOR="1")
        self.assertTrue(t.output.isascii(), t.output)
        self.assertNotRegex(t.output, COLOUR)
        self.assertTrue(any(line.startswith("+ analyse ") for line in t.screen()), t.output)

    def test_a_dumb_terminal_gets_plain_lines(self):
        t = self.review(TERM="dumb")
        self.assertNotIn("\x1b", t.output)
        self.assertIn("analyse: started\r\nanalyse: done in ", t.output)
        self.assertRegex(t.output, r"\(ratio 0\.482,\s+p < 0\.001\)")


class Report(Case):
    def setUp(self):
        super().setUp()
        self.ctl("review", "--local", "--state", self.dir / "chimerad", NIGHTLY)
        self.report = self.dir / "chimerad/reports/latest/report.md"
        self.env = {"XDG_STATE_HOME": str(self.dir)}  # where local reviews are looked for

    def show(self, *args, code=0, **how):
        t = Terminal(self, "report", *args, **{"PAGER": "cat", **self.env, **how})
        self.assertEqual(t.end(), code, t.output)
        return t

    def test_a_terminal_gets_the_report_laid_out(self):
        t = self.show("latest")
        self.assertIn("\x1b[4m", t.output)
        screen = t.screen()
        self.assertTrue(all(len(line) <= 80 for line in screen))
        self.assertIn("1 Executive Summary", screen)
        head = next(i for i, line in enumerate(screen) if line.startswith("Type "))
        self.assertRegex(screen[head + 1], "^─+(  ─+)+$")
        self.assertEqual(screen[head].index("Files"), screen[head + 2].index("12"))

    def test_the_pager_is_the_persons_own(self):
        t = self.show("latest", PAGER="sed -n '1s/.*Report/Seen by a pager/p'")
        self.assertRegex(t.output, r"^Seen by a pager: Nightly Benchmark Review\S*\r\n$")
        self.assertIn("Technical Report", self.show("latest", PAGER="").output)
        self.assertEqual(self.show("latest", PAGER="exit 3").screen(), [""], "it wanted nothing")

    def test_elsewhere_and_where_a_format_is_asked_for_it_is_the_file(self):
        text = self.report.read_text()
        env = {"XDG_STATE_HOME": str(self.dir)}
        self.assertEqual(self.ctl("report", "latest", env=env).stdout, text)
        self.assertEqual(self.ctl("report", self.report.parent).stdout, text)
        self.assertEqual(self.show("latest", "--format", "md").output.replace("\r\n", "\n"), text)
        self.assertEqual(self.ctl("--json", "report", "latest", env=env).stdout,
                         self.report.with_name("report.json").read_text())

    def test_what_artifacts_say_controls_no_terminal(self):
        root = self.tree({"a\x1b[2J.csv": "na\x1b]0;me\x07,time_ms\n\x9b31mx,1\n\x1b[31my,2\n"})
        state = self.dir / "evil"
        outputs = [Terminal(self, "review", "--local", "--state", state, root, NO_COLOR="1")]
        self.assertEqual(outputs[0].end(), 0, outputs[0].output)
        folder = state / "reports/latest"
        for command in (["report", folder], ["explain", folder, "F1"], ["explain", folder, "K1"],
                        ["check", "--explain", root], ["compare", root, root],
                        ["verify", folder / "report.json"], ["init", root]):
            t = Terminal(self, *command, NO_COLOR="1", PAGER="cat")
            t.end()
            outputs.append(t)
        for t in outputs:
            said = re.sub(r"\x1b\[([0-9]*A|K|J)", "", t.output)
            self.assertNotRegex(said, "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]", said)


class Tables(Case):
    def setUp(self):
        super().setUp()
        root = self.tree(TREE)
        self.daemon = Daemon(self, [root]).start()
        self.job = self.daemon.succeeded(self.daemon.submit([root], subject="rig " * 39 + "rig")["id"])

    def show(self, *args, **how):
        t = Terminal(self, *args, socket=self.daemon.socket, **how)
        self.assertEqual(t.end(), 0, t.output)
        return t

    def test_a_line_of_the_list_is_as_wide_as_the_terminal_at_most(self):
        t = self.show("list", columns=90)
        head, row, _ = t.screen()
        self.assertEqual(head.split(), ["ID", "STATE", "VERDICT", "PIPELINE", "AGE", "SUBJECT"])
        self.assertEqual(len(row), 90)
        self.assertIn("\x1b[32msucceeded\x1b[0m", t.output)
        wide = self.show("list", columns=200).screen()[1]
        self.assertTrue(wide.endswith("rig rig rig"), wide)
        self.assertNotIn("\x1b", self.show("list", NO_COLOR="1").output)

    def test_show_tells_how_long_it_took(self):
        screen = self.show("show", "latest").screen()
        self.assertTrue(any(line.startswith("took ") for line in screen), screen)
        self.assertIn(f"verdict      {self.job['verdict']}", screen)


class Followed(Case):
    """A review whose model keeps silent until it is told to speak."""

    def setUp(self):
        super().setUp()
        self.server = ScriptedServer(self, say=claims("The data is there."),
                                     rules=[{"hold": True, "times": 1}])
        root = self.tree(TREE)
        self.daemon = Daemon(self, [root], [self.server.endpoint()]).start()
        self.job = self.daemon.submit([root])["id"]
        self.server.wait_for_chat()

    def watch(self, **how):
        return Terminal(self, "watch", "latest", socket=self.daemon.socket, **how)

    def state(self):
        return self.daemon.get(f"/v1/jobs/{self.job}")[1]["state"]

    def test_calls_are_counted_and_a_line_is_drawn_only_when_it_changed(self):
        t = self.watch().wait_for("1 runs")
        self.server.release()
        self.assertEqual(t.end(), 0, t.output)
        done = [line for line in t.screen() if line.startswith("✓")]
        self.assertRegex(done[0], r"✓ inventory .* done .* \d+ calls? done, .* tokens")
        drawn = t.output.count("✓ inventory")
        self.assertLess(drawn, 3, "a step that has ended is drawn once")

    def test_a_terminal_that_grows_narrow_shows_each_step_once(self):
        t = self.watch(columns=100).wait_for("1 runs")
        t.output = ""
        t.resize(40)
        t.wait_for("\n").wait_for("\x1b[")
        time.sleep(0.3)  # some more pictures in the new size
        self.server.release()
        self.assertEqual(t.end(), 0, t.output)
        for line in re.split(r"[\r\n]+", COLOUR.sub("", t.output).split("Verdict")[0]):
            self.assertLess(len(line.replace("\x1b[K", "")), 40, line)

    def test_control_c_asks_and_may_leave_the_review_alone(self):
        t = self.watch().wait_for("1 runs")
        t.type("\x03")
        t.wait_for("[d/c]")
        t.output = ""
        t.type("\n")
        t.wait_for("1 runs")  # it goes on
        t.type("\x03")
        t.wait_for("[d/c]")
        t.type("d\n")
        self.assertEqual(t.end(), 1)
        self.assertIn(f"chimeractl watch {self.job}", t.output)
        self.assertEqual(self.state(), "running")

    def test_control_c_may_cancel_it(self):
        t = self.watch().wait_for("1 runs")
        t.type("\x03")
        t.wait_for("[d/c]")
        t.type("c\n")
        self.assertEqual(t.end(), 1)
        self.assertEqual(self.daemon.ended(self.job)["state"], "cancelled")

    def test_a_second_control_c_leaves(self):
        t = self.watch().wait_for("1 runs")
        t.type("\x03")
        t.wait_for("[d/c]")
        t.type("\x03")
        self.assertEqual(t.end(), 1)
        self.assertEqual(self.state(), "running")

    def test_a_daemon_that_is_killed_is_waited_for(self):
        t = self.watch().wait_for("1 runs")
        self.daemon.kill()
        t.wait_for("lost the daemon")
        self.daemon.start()
        wait_for("a call of the new one", lambda: len(self.server.chats()) > 1)
        self.server.release()
        self.assertEqual(t.end(), 0, t.output)
        self.assertIn("Verdict: ", t.output)
        self.assertNotIn("lost the daemon", "\n".join(t.screen()))


if __name__ == "__main__":
    unittest.main()
