# SPDX-License-Identifier: MIT
"""chimeractl schedule, with the real daemon and a systemctl that writes down what it is told."""
import json
import os
import pathlib
import re
import shutil
import subprocess
import unittest

from harness import BUILD, DEADLINE_S, SOURCE, Case, Daemon

RESULTS = {"a.csv": "time,model,tokens_s\n2026-10-01T02:00:00Z,a,100\n2026-10-01T02:01:00Z,a,101\n"}

# Says what is in `answer` beside it, fails with the words in `fails` for a command named there.
SYSTEMCTL = """#!/bin/sh
here=$(dirname "$0")
printf '%s\\n' "$*" >>"$here/calls"
shift
if [ -e "$here/fails" ] && grep -q "^$1 " "$here/fails"; then
	sed -n "s/^$1 //p" "$here/fails" >&2
	exit 1
fi
[ "$1" != show ] || cat "$here/answer"
"""

REVIEW = """\
# A review that chimeractl schedule added; see chimeractl(1). What it reads and writes
# may be changed here; at and after were made into units: to change them, remove it
# and add it again.
pipeline: "nightly-review"
paths:
  - "ROOT/artifacts"
subject: "rig \\"3\\": #1"
fail_on:
  - "regression"
  - "gap"
at: "Mon..Fri 06:30"
after: "bench.service"
"""

TIMER = """\
# Written by chimeractl schedule, which takes it away, too.
[Timer]
OnCalendar=
OnCalendar=Mon..Fri 06:30
"""

AFTER = """\
# Written by chimeractl schedule, which takes it away, too.
[Unit]
OnSuccess=chimerad-review@nightly.service
"""


class ScheduleCase(Case):
    def setUp(self):
        super().setUp()
        self.artifacts = self.tree(RESULTS)
        self.root = self.dir / "root"
        self.reviews = self.root / "etc/chimerad/reviews"
        self.units = self.root / "etc/systemd/system"
        self.bin = self.dir / "bin"
        self.bin.mkdir()
        fake = self.bin / "systemctl"
        fake.write_text(SYSTEMCTL)
        fake.chmod(0o755)
        self.answer("LoadState=loaded\nRemainAfterExit=no\n"
                    "NextElapseUSecRealtime=Mon 2026-11-30 06:30:00 UTC\n")
        self.socket = None

    def answer(self, text):
        (self.bin / "answer").write_text(text)

    def with_systemd(self):
        (self.root / "run/systemd/system").mkdir(parents=True)

    def with_daemon(self, roots=None):
        self.daemon = Daemon(self, roots if roots is not None else [self.artifacts]).start()
        self.socket = self.daemon.socket

    def schedule(self, *args, code=0, before=(), **env):
        env = {"PATH": f"{self.bin}:{os.environ['PATH']}", "CHIMERAD_ROOT": str(self.root),
               "TZ": "UTC", **env}
        return self.ctl(*before, "schedule", *args, code=code, socket=self.socket, env=env)

    def refused(self, *args, code=2):
        """One line of error; returned without what stands in front of each."""
        line = self.schedule(*args, code=code).stderr
        self.assertRegex(line, r"\Achimeractl: schedule: [^\n]+\n\Z")
        return line.removeprefix("chimeractl: schedule: ").rstrip()

    def calls(self):
        log = self.bin / "calls"
        return log.read_text().replace("--no-ask-password ", "").splitlines() if log.exists() else []

    def files(self):
        return sorted(str(p.relative_to(self.root)) for p in self.root.rglob("*") if p.is_file())


class Systemd(ScheduleCase):
    def setUp(self):
        super().setUp()
        self.with_systemd()

    def add(self, *more):
        return self.schedule("add", "nightly", "--at", "Mon..Fri 06:30", "--after", "bench.service",
                             "--subject", 'rig "3": #1', "--fail-on", "regression,gap", "artifacts",
                             *more)

    def test_add_writes_the_review_and_the_units_and_starts_the_timer(self):
        self.with_daemon()
        self.assertEqual(self.add().stdout,
                         "nightly: next Mon 2026-11-30 06:30:00 UTC, after bench.service\n")
        timer = self.units / "chimerad-review@nightly.timer.d/schedule.conf"
        after = self.units / "bench.service.d/chimerad-review-nightly.conf"
        review = self.reviews / "nightly"
        self.assertEqual(review.read_text().replace(str(self.dir), "ROOT"), REVIEW)
        self.assertEqual((timer.read_text(), after.read_text()), (TIMER, AFTER))
        for path in (review, timer, after):
            self.assertEqual(path.stat().st_mode & 0o777, 0o644)
            self.assertEqual(path.parent.stat().st_mode & 0o777, 0o755)
        self.assertEqual(self.calls(), [
            "show -p LoadState,RemainAfterExit bench.service", "daemon-reload",
            "enable --now chimerad-review@nightly.timer",
            "show -p NextElapseUSecRealtime,LastTriggerUSec chimerad-review@nightly.timer"])
        self.assertIn("a good scheduled review", self.ctl("check", review).stdout)
        self.assertEqual(self.daemon.get("/v1/jobs")[1], [])  # asking queued nothing
        self.assertEqual(self.daemon.curl("POST", "/v1/jobs?dry_run=yes", "{}")[0], 400)

    def test_the_units_as_installed_are_good_with_the_drop_in(self):
        if not shutil.which("systemd-analyze"):
            self.skipTest("systemd-analyze is not installed")
        self.schedule("add", "nightly", "--at", "Mon..Fri 06:30", "--after", "bench.service",
                      "--no-check", "artifacts")
        (self.units / "bench.service").write_text("[Service]\nType=oneshot\nExecStart=/bin/true\n")
        for unit in ("chimerad.service", "chimerad-review@.service"):
            text = (BUILD / "systemd" / unit).read_text()
            text = re.sub(r"^ExecStart=\S+/chimeractl", f"ExecStart={BUILD}/ctl/chimeractl", text,
                          flags=re.M)
            text = re.sub(r"^ExecStart=\S+/chimerad$", f"ExecStart={BUILD}/daemon/chimerad", text,
                          flags=re.M)
            (self.units / unit).write_text(text)
        for unit in ("chimerad.socket", "chimerad-review@.timer"):
            shutil.copy(SOURCE / "systemd" / unit, self.units)
        names = ["chimerad-review@nightly.timer", "chimerad-review@nightly.service",
                 "chimerad.socket", "chimerad.service", "bench.service"]
        shutil.copy(self.units / "chimerad-review@.service", self.dir / names[1])
        done = subprocess.run(["systemd-analyze", "verify", "--man=no", *names],
                              capture_output=True, text=True, timeout=DEADLINE_S,
                              env={**os.environ, "SYSTEMD_UNIT_PATH": f"{self.units}:"})
        said = [line for line in done.stderr.splitlines() if re.search("chimerad|bench", line)]
        self.assertEqual((done.returncode, said), (0, []), done.stderr)
        for path, most in ((self.dir / names[1], 6), (self.units / names[3], 15)):
            done = subprocess.run(["systemd-analyze", "security", "--offline=true",
                                   f"--threshold={most}", path], capture_output=True, text=True,
                                  timeout=DEADLINE_S)
            self.assertEqual(done.returncode, 0, done.stdout[-200:])

    def test_list_shows_when_and_the_verdict_of_the_last_review(self):
        self.with_daemon()
        self.assertEqual(self.schedule("list").stdout.split(),
                         ["NAME", "AT", "NEXT", "LAST", "VERDICT", "JOB"])
        self.add()
        self.schedule("add", "other", "--at", "daily", "artifacts")
        self.schedule("run", "nightly")
        rows = self.schedule("list").stdout.splitlines()[1:]
        job = self.daemon.get("/v1/jobs")[1][0]
        self.assertEqual(re.split(r"  +", rows[0]),
                         ["nightly", "Mon..Fri 06:30, after bench.service",
                          "Mon 2026-11-30 06:30:00 UTC", job["submitted_at"], job["verdict"],
                          job["id"]])
        self.assertEqual(re.split(r"  +", rows[1])[3:], ["-", "-", "-"])
        (first, second) = json.loads(self.schedule("list", before=("--json",)).stdout)
        self.assertEqual((first["job"]["id"], first["next"], second["job"]),
                         (job["id"], "Mon 2026-11-30 06:30:00 UTC", None))
        (self.reviews / "other").write_text("paths: 3\n")
        done = self.schedule("list", code=1)
        self.assertIn("reviews/other:1:8: paths: ", done.stderr)
        self.assertIn("nightly", done.stdout)

    def test_remove_takes_all_of_it_away(self):
        self.with_daemon()
        self.add()
        foreign = self.units / "bench.service.d/mine.conf"
        foreign.write_text("[Service]\nNice=5\n")
        (self.bin / "calls").unlink()
        self.schedule("remove", "nightly")
        self.assertEqual(self.files(), ["etc/systemd/system/bench.service.d/mine.conf"])
        self.assertFalse((self.units / "chimerad-review@nightly.timer.d").exists())
        self.assertEqual(self.calls(), ["disable --now chimerad-review@nightly.timer",
                                        "clean --what=state chimerad-review@nightly.timer",
                                        "daemon-reload"])
        self.assertIn("No such file", self.refused("remove", "nightly", code=1))

    def test_remove_finds_its_own_files_whatever_the_review_says_since(self):
        self.with_daemon()
        self.add()
        review = self.reviews / "nightly"
        review.write_text(review.read_text().replace("bench.service", "other.service"))
        mine = self.units / "other.service.d/chimerad-review-nightly.conf"
        mine.parent.mkdir()
        mine.write_text("[Unit]\n# written by hand\n")
        self.schedule("remove", "nightly")
        self.assertEqual(self.files(), [str(mine.relative_to(self.root))])

    def test_when_systemd_refuses_nothing_is_left(self):
        self.with_daemon()
        (self.bin / "fails").write_text("enable Failed to enable unit: it does not exist.\n")
        said = self.refused("add", "nightly", "--at", "02:30", "artifacts", code=1)
        self.assertEqual(said, "systemctl enable --now chimerad-review@nightly.timer: "
                               "Failed to enable unit: it does not exist.")
        self.assertEqual(self.files(), [])
        self.assertEqual(self.calls()[-1], "daemon-reload")

    def test_a_name_that_is_taken_is_not_taken_again(self):
        self.with_daemon()
        self.add()
        before = (self.reviews / "nightly").read_text()
        said = self.refused("add", "nightly", "--at", "02:30", "artifacts", code=1)
        self.assertIn("chimeractl schedule remove nightly", said)
        self.assertEqual((self.reviews / "nightly").read_text(), before)

    def test_calendars_and_units_that_systemd_does_not_know(self):
        if shutil.which("systemd-analyze"):
            self.assertIn("man systemd.time", self.refused("add", "a", "--at", "0230h", "artifacts"))
            self.assertIn("never comes", self.refused("add", "a", "--at", "2020-01-01", "artifacts"))
        self.answer("LoadState=not-found\nRemainAfterExit=no\n")
        said = self.refused("add", "a", "--after", "bench.service", "artifacts", code=1)
        self.assertIn("no such unit", said)
        self.answer("LoadState=loaded\nRemainAfterExit=yes\n")
        self.assertIn("set that to no",
                      self.refused("add", "a", "--after", "bench.service", "artifacts"))
        self.assertEqual(self.files(), [])

    def test_hostile_words_reach_no_file_and_no_program(self):
        bad = [("../x", "02:30", None), ("-x", "02:30", None), ("A", "02:30", None),
               ("a%n", "02:30", None), ("a\nb", "02:30", None), ("", "02:30", None),
               ("a", "02:30\nOnBootSec=1", None), ("a", "%h", None), ("a", "--help", None),
               ("a", "02:30;x", None), ("a", "", None), ("a", "x" * 300, None),
               ("a", None, "../bench.service"), ("a", None, "bench"), ("a", None, "-x.service"),
               ("a", None, "a b.service"), ("a", None, "%n.service"), ("a", None, ".service"),
               ("a", None, "a\n.service"), ("a", None, "x" * 300 + ".service")]
        for name, at, after in bad:
            with self.subTest(name=name, at=at, after=after):
                when = [f"--at={at}"] if at is not None else [f"--after={after}"]
                self.refused("add", *when, "--", name, "artifacts")
        self.refused("add", "a", "--at", "02:30", "a\nb")
        self.refused("add", "a", "--at", "02:30", "--subject", "a\tb", "artifacts")
        self.refused("add", "a", "--at", "02:30", "--fail-on", "worse", "artifacts")
        self.refused("add", "a", "artifacts")
        self.refused("add", "a", "--at", "02:30")
        self.refused("remove", "../../passwd")
        self.refused("run", "a/b")
        self.refused("nightly")
        self.assertEqual((self.files(), self.calls()), ([], []))

    def test_paths_with_odd_names_come_back_as_they_were(self):
        odd = self.tree(RESULTS, name='odd "x": $(y) \'z\' #ü')
        self.with_daemon([self.dir])
        self.schedule("add", "odd", "--at", "02:30", odd)
        self.schedule("run", "odd")
        self.assertEqual(self.daemon.get("/v1/jobs")[1][0]["paths"], [str(odd)])


class Asked(ScheduleCase):
    """What the daemon cannot read is told before anything is written."""

    def add(self, path, code=6):
        said = self.refused("add", "nightly", "--at", "02:30", path, code=code)
        self.assertEqual(self.files(), [])
        return said

    def test_what_lies_outside_of_the_roots(self):
        self.with_daemon([self.dir / "elsewhere"])
        self.assertIn("add it to roots:", self.add("artifacts"))

    def test_what_is_not_there(self):
        self.with_daemon([self.dir])
        self.assertIn("No such file or directory", self.add("nothing"))

    def test_what_the_sandbox_of_the_service_hides(self):
        self.with_systemd()
        self.with_daemon([self.dir / "elsewhere"])
        hidden = pathlib.Path("/tmp")
        self.assertIn("PrivateTmp=no", self.add(hidden))

    def test_what_the_user_of_the_daemon_may_not_read(self):
        if os.geteuid() == 0:
            self.skipTest("root may read everything")
        closed = self.tree({"in/a.csv": "x\n1\n"}, name="closed it")
        self.dir.chmod(0o755)
        closed.chmod(0)
        self.addCleanup(closed.chmod, 0o755)
        self.with_daemon([self.dir])
        self.assertIn("setfacl -m u:chimerad:x '" + str(closed), self.add(closed / "in"))

    def test_no_daemon(self):
        self.socket = self.dir / "none"
        self.assertIn("no daemon listens", self.add("artifacts", code=5))
        self.schedule("add", "nightly", "--at", "02:30", "--no-check", "artifacts")
        self.assertEqual(self.files(), ["etc/chimerad/reviews/nightly"])

    def test_a_pipeline_that_is_not_there(self):
        self.with_daemon()
        said = self.refused("add", "a", "--at", "02:30", "-p", "nothing", "artifacts", code=6)
        self.assertIn("pipeline: ", said)


class Cron(ScheduleCase):
    """No systemd: the line for cron, which runs the same."""

    def setUp(self):
        super().setUp()
        self.with_daemon()

    def test_add_prints_the_line(self):
        done = self.schedule("add", "nightly", "--at", "Mon..Fri 06:30", "artifacts")
        self.assertEqual(done.stdout, "30 6 * * 1,2,3,4,5  chimeractl schedule run nightly\n")
        self.assertIn("crontab -e", done.stderr)
        self.assertEqual((self.files(), self.calls()), (["etc/chimerad/reviews/nightly"], []))
        done = self.schedule("add", "own", "--at", "daily", "artifacts",
                             before=("--socket", self.socket))
        self.assertEqual(done.stdout,
                         f"0 0 * * *  chimeractl --socket {self.socket} schedule run own\n")
        self.assertIn("crontab", self.schedule("remove", "nightly").stderr)
        self.assertEqual(self.files(), ["etc/chimerad/reviews/own"])

    def test_what_cron_cannot_say(self):
        said = self.refused("add", "a", "--at", "02:30 Europe/Prague", "artifacts")
        self.assertIn("cron cannot say that", said)
        self.assertEqual(self.files(), [])

    def test_after_is_a_line_for_the_benchmark(self):
        done = self.schedule("add", "a", "--after", "bench.service", "artifacts")
        self.assertEqual(done.stdout, "chimeractl schedule run a\n")


class Run(ScheduleCase):
    def setUp(self):
        super().setUp()
        self.with_daemon()

    def jobs(self):
        return [job["key"] for job in reversed(self.daemon.get("/v1/jobs")[1])]

    def test_what_is_due_is_reviewed_once(self):
        # a month's first midnight: no test runs long enough to see the next
        self.schedule("add", "nightly", "--at", "monthly", "artifacts")
        first = self.schedule("run", "nightly").stdout
        self.assertEqual(self.schedule("run", "nightly").stdout, first)
        (key,) = self.jobs()
        self.assertRegex(key, r"\Aschedule/nightly/\d{4}-\d\d-01T00:00/[0-9a-f]{12}\Z")

    def test_each_good_end_of_the_benchmark_is_reviewed_once(self):
        self.schedule("add", "nightly", "--at", "monthly", "--after", "bench.service", "artifacts")
        runs = ["1" * 32, "1" * 32, "2" * 32]
        for run in runs:
            self.schedule("run", "nightly", MONITOR_UNIT="bench.service", MONITOR_INVOCATION_ID=run)
        self.schedule("run", "nightly", MONITOR_UNIT="other.service", MONITOR_INVOCATION_ID=runs[0])
        words = [key.split("/")[2] for key in self.jobs()]
        self.assertEqual(words[:2], ["after-" + runs[0], "after-" + runs[2]])
        self.assertRegex(words[2], r"T00:00\Z")
        self.assertEqual(len(words), 3)

    def test_a_calendar_that_only_systemd_knows_goes_by_the_timer(self):
        self.with_systemd()
        self.schedule("add", "nightly", "--at", "02:30 UTC", "artifacts")
        for when in ("Sun 2026-11-29 02:30:01 UTC", "Sun 2026-11-29 02:30:01 UTC",
                     "Mon 2026-11-30 02:30:01 UTC"):
            self.answer(f"LastTriggerUSec={when}\n")
            self.schedule("run", "nightly")
        self.assertEqual([key.split("/")[2] for key in self.jobs()],
                         ["Sun_2026-11-29_02:30:01_UTC", "Mon_2026-11-30_02:30:01_UTC"])

    def test_a_review_that_was_changed_is_another(self):
        self.schedule("add", "nightly", "--at", "monthly", "artifacts")
        self.schedule("run", "nightly")
        review = self.reviews / "nightly"
        review.write_text(review.read_text() + "subject: rig\n")
        self.schedule("run", "nightly")
        self.assertEqual(len(self.jobs()), 2)

    def test_a_link_is_followed_anew(self):
        link = self.artifacts / "latest"
        for night in ("one", "two"):
            (self.artifacts / night).mkdir()
            (self.artifacts / night / "a.csv").write_text(RESULTS["a.csv"])
        link.symlink_to("one")
        self.schedule("add", "nightly", "--after", "bench.service", link)
        for run, night in (("1" * 32, "one"), ("2" * 32, "two")):
            link.unlink()
            link.symlink_to(night)
            self.schedule("run", "nightly", MONITOR_UNIT="bench.service", MONITOR_INVOCATION_ID=run)
        self.assertEqual([job["paths"] for job in self.daemon.get("/v1/jobs")[1]],
                         [[str(self.artifacts / "two")], [str(self.artifacts / "one")]])

    def test_the_unit_fails_by_what_fail_on_names(self):
        (self.artifacts / "empty.csv").write_text("")
        self.schedule("add", "nightly", "--at", "daily", "--fail-on", "gap", "artifacts")
        self.assertIn("--fail-on: ", self.schedule("run", "nightly", code=3).stderr)

    def test_a_spoilt_review_says_where(self):
        self.reviews.mkdir(parents=True)
        (self.reviews / "nightly").write_text("paths: [/srv]\nfail_on: [worse]\n")
        self.assertIn("reviews/nightly:2:11: fail_on: ", self.refused("run", "nightly", code=1))


if __name__ == "__main__":
    unittest.main()
