# SPDX-License-Identifier: MIT
"""What did not change is not read again, and the report is the same as if it had been."""
import json
import os
import re
import shutil
import time
import unittest

from harness import SOURCE, Case, Daemon, wait_for

NIGHTLY = SOURCE / "examples" / "nightly"
SETTLED_S = 2.5  # what was written later than this before it was read is read again
OWN = {"job", "stages", "steps", "calls", "totals", "files", "seal", "numerals", "sections", "verification",
       "plots", "concurrency", "baseline"}  # of report.json: what tells of the review, or where words stand


def settle(root):
    """Waits until no file below root counts as just written."""
    newest = max(p.stat().st_ctime for p in root.rglob("*"))
    wait_for("settled files", lambda: time.time() > newest + SETTLED_S)


class Reuse(Case):
    def setUp(self):
        super().setUp()
        self.root = self.dir / "artifacts"
        shutil.copytree(NIGHTLY, self.root)

    def daemon(self):
        return Daemon(self, [self.root]).start()

    def review(self, daemon, **members):
        """report.json of one review, found true by both checkers."""
        job = daemon.succeeded(daemon.submit([self.root], **members)["id"])
        return self.check_report(job["report"]), job["report"]

    def page(self, report, folder):
        """report.md without date, id, baseline and verdict, and what the review says of itself."""
        with open(os.path.join(folder, "report.md")) as file:
            text = file.read().replace(report["job"]["id"], "JOB")
        text = re.sub(r"(?m)^- \*\*(Date|Baseline|Verdict):.*$", "", text)
        text = re.sub(r"(?m)^\*\*[A-Z][a-z ]*:\*\* [^.]*\.", "", text)  # the verdict in words
        return text.split("## About This Review")[0]

    def expect_same(self, a, b):
        (report, folder), (other, other_folder) = a, b
        left, right = dict(report), dict(other)
        for one in (left, right):
            one["inventory"] = {k: v for k, v in one["inventory"].items() if k != "reused"}
        for key in (set(left) | set(right)) - OWN:
            self.assertEqual(json.dumps(left.get(key)), json.dumps(right.get(key)), key)
        self.assertEqual(self.page(report, folder), self.page(other, other_folder))
        with open(os.path.join(folder, "samples.json"), "rb") as x, \
                open(os.path.join(other_folder, "samples.json"), "rb") as y:
            self.assertEqual(x.read(), y.read())

    def test_read_reused_and_read_anew_the_report_is_the_same(self):
        settle(self.root)
        daemon = self.daemon()
        first, again = self.review(daemon), self.review(daemon)
        fresh = self.review(daemon, fresh=True)
        files = len(again[0]["inventory"]["artifacts"])
        self.assertGreater(files, 10)
        self.assertEqual(first[0]["inventory"]["reused"], 0)
        self.assertEqual(again[0]["inventory"]["reused"], files)
        self.assertEqual(fresh[0]["inventory"]["reused"], 0)
        self.expect_same(first, again)
        self.expect_same(again, fresh)
        with open(os.path.join(again[1], "report.md")) as file:
            self.assertIn("unchanged since an earlier review", file.read())
        daemon.stop()

    def test_one_changed_file_is_one_file_read(self):
        settle(self.root)
        daemon = self.daemon()
        self.review(daemon)
        changed = next(p for p in sorted(self.root.rglob("*.csv")))
        changed.write_text(changed.read_text() + changed.read_text().splitlines()[-1] + "\n")
        report, _ = self.review(daemon)
        inventory = report["inventory"]
        self.assertEqual(inventory["reused"], len(inventory["artifacts"]) - 1)
        daemon.stop()

    def test_a_damaged_cache_costs_time_only(self):
        settle(self.root)
        daemon = self.daemon()
        first = self.review(daemon)
        cache = daemon.state / "ingest.db"
        whole = cache.read_bytes()
        for name, content in [("zeros", bytes(len(whole))), ("half", whole[:len(whole) // 2]),
                              ("flipped", bytes(b ^ (i % 997 == 5) for i, b in enumerate(whole)))]:
            with self.subTest(name):
                cache.write_bytes(content)
                self.expect_same(first, self.review(daemon))
                again = self.review(daemon)
                self.expect_same(first, again)
                self.assertEqual(again[0]["inventory"]["reused"],
                                 len(again[0]["inventory"]["artifacts"]), "the cache is not mended")
        self.assertIn("ingest.db", daemon.log.read_text())
        daemon.stop()

    def test_killed_while_the_cache_is_written_the_next_life_reads_what_is_true(self):
        for i in range(1500):
            (self.root / f"more-{i}.csv").write_text(f"model,ms\nm{i % 7},{i}.5\nn,{i * 3}.25\n")
        settle(self.root)
        daemon = self.daemon()
        journal = daemon.state / "ingest.db-journal"
        seen = 0
        for _ in range(20):
            job = daemon.submit([self.root], fresh=True)
            published = daemon.reports / job["id"]
            while not journal.exists() and not published.exists():
                pass  # it is there for some milliseconds
            seen += journal.exists()
            daemon.kill()
            daemon.start()
            daemon.succeeded(job["id"])
            if seen >= 2:
                break
        again = self.review(daemon)
        self.expect_same(again, self.review(daemon, fresh=True))
        self.assertGreater(seen, 0, "never met the cache being written")
        daemon.stop()


if __name__ == "__main__":
    unittest.main()
