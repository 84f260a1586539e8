# SPDX-License-Identifier: MIT
"""`retention`: old reviews go, but for those that later ones cite; no report is ever half there."""
import sqlite3
import time
import unittest

from harness import Case, Daemon, wait_for

FILES = {"report.md", "report.json", "samples.json", "report.html"}


class Retention(Case):
    def setUp(self):
        super().setUp()
        self.root = self.dir / "artifacts"
        self.root.mkdir()
        self.night = 0

    def daemon_with(self, retention, name="daemon"):
        return Daemon(self, [self.root], more=f"retention: {retention}", name=name)

    def write(self, keep):
        """Tonight's results beside those of the nights before, or in their place."""
        self.night += 1
        rows = "".join(f"2026-10-{self.night:02}T02:0{i}:00Z,a,{100 + i}\n" for i in range(5))
        name = f"night-2026-10-{self.night:02}.csv" if keep else "night.csv"
        (self.root / name).write_text("time,model,tokens_s\n" + rows)

    def review(self, daemon, keep=True):
        self.write(keep)
        return daemon.succeeded(daemon.submit([self.root])["id"])["id"]

    def jobs(self, daemon):
        return [job["id"] for job in daemon.get("/v1/jobs")[1]]

    def folders(self, daemon):
        return sorted(p.name for p in daemon.reports.iterdir()
                      if p.is_dir() and not p.is_symlink() and not p.name.startswith("."))

    def left(self, daemon, expected):
        wait_for(f"only {expected}", lambda: self.folders(daemon) == sorted(expected))
        self.assertEqual(sorted(self.jobs(daemon)), sorted(expected))

    def test_the_newest_and_its_baseline_stay(self):
        daemon = self.daemon_with("{reviews: 1}").start()
        ids = [self.review(daemon) for _ in range(4)]
        self.left(daemon, ids[2:])
        report = self.check_report(daemon.reports / ids[3])
        self.assertEqual(report["baseline"]["job"], ids[2])
        self.assertEqual((daemon.reports / "latest").resolve().name, ids[3])
        self.assertEqual(daemon.get(f"/v1/jobs/{ids[0]}")[0], 404)
        self.assertIn("retention: ", daemon.log.read_text())

    def test_what_the_newest_cites_stays_and_it_is_still_true(self):
        daemon = self.daemon_with("{reviews: 1, days: 1}").start()
        ids = [self.review(daemon, keep=False) for _ in range(4)]
        report = self.check_report(daemon.reports / ids[3])
        cited = {c["review"] for f in report["facts"] for c in f["cells"] if "review" in c}
        self.assertEqual(cited, set(ids[:3]))
        self.review(daemon, keep=False)
        self.left(daemon, [*ids, self.jobs(daemon)[0]])

    def test_what_is_accepted_stays(self):
        daemon = self.daemon_with("{reviews: 1}").start()
        first = self.review(daemon)
        self.ctl("accept", first, socket=daemon.socket)
        ids = [self.review(daemon) for _ in range(3)]
        self.left(daemon, [first, *ids[1:]])

    def test_without_it_everything_stays(self):
        daemon = self.daemon_with("{}").start()
        ids = [self.review(daemon) for _ in range(3)]
        self.left(daemon, ids)

    def test_at_the_start_what_has_become_too_much_goes(self):
        daemon = self.daemon_with("{}").start()
        ids = [self.review(daemon) for _ in range(20)]
        daemon.stop()
        daemon.config.write_text(daemon.config.read_text().replace("retention: {}",
                                                                   "retention: {reviews: 2}"))
        daemon.start()
        self.left(daemon, ids[-3:])
        self.check_report(daemon.reports / ids[-1])

    def test_killed_at_any_moment_no_row_points_to_nothing_and_no_report_is_half_there(self):
        daemon = self.daemon_with("{}").start()
        ids = [self.review(daemon) for _ in range(20)]
        daemon.stop()
        config = daemon.config.read_text()
        for reviews, delay_ms in ((16, 0), (13, 2), (10, 5), (7, 10), (4, 20), (1, 40)):
            daemon.config.write_text(config.replace("{}", f"{{reviews: {reviews}}}"))
            daemon.start()
            time.sleep(delay_ms / 1000)
            daemon.kill()
            with sqlite3.connect(f"file:{daemon.state / 'chimerad.db'}?mode=ro", uri=True) as db:
                rows = {r[0] for r in db.execute("SELECT id FROM job WHERE state = 'succeeded'")}
                due = {r[0] for r in db.execute("SELECT job FROM removal")}
            there = set(self.folders(daemon))
            self.assertEqual(rows - there, set(), "a job row that points to nothing")
            self.assertEqual(there - rows - due, set(), "a report that nobody would clear away")
            for name in there:
                self.assertEqual({p.name for p in (daemon.reports / name).iterdir()}, FILES)
        daemon.start()
        self.left(daemon, ids[-2:])
        self.assertEqual(list((daemon.reports / ".staging").iterdir()), [])

    def test_a_mistake_is_told_with_its_place(self):
        daemon = self.daemon_with("{day: 90}")
        error = self.ctl("check", daemon.config, code=1).stderr
        self.assertRegex(error, r"chimerad\.yaml:\d+:\d+: .*day.*days")


if __name__ == "__main__":
    unittest.main()
