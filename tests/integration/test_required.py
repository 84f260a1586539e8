# SPDX-License-Identifier: MIT
"""`require:` of a pipeline: a night that is missing is a finding, the same one every night."""
import json
import os
import shutil
import time
import unittest

from harness import SOURCE, Case, Daemon

NIGHT = "model,tokens_s\na,100.5\na,101\nb,90\nb,91\n"
HOUR_S = 3600


def stamp(hours_ago):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - hours_ago * HOUR_S))


class Required(Case):
    def setUp(self):
        super().setUp()
        shutil.copytree(SOURCE / "personas", self.dir / "data" / "personas")
        (self.dir / "data" / "pipelines").mkdir()
        self.data = {"CHIMERAD_DATA": str(self.dir / "data")}
        self.require('[{series: "*zstd*", max_age: 36h}]')

    def require(self, text):
        pipeline = (SOURCE / "pipelines" / "nightly-review.yaml").read_text()
        self.assertEqual(pipeline.count("require: []"), 1)
        (self.dir / "data" / "pipelines" / "nightly-review.yaml").write_text(
            pipeline.replace("require: []", f"require: {text}"))

    def review(self, root, code=0, more=()):
        self.ctl("review", "--local", "--state", self.dir / "state", *more, root, code=code,
                 env=self.data)
        folder = self.dir / "state" / "reports" / "latest"
        report = self.check_report(folder)
        return ([k for k in report["findings"] if k["key"].startswith("gap:required:")], report,
                (folder / "report.md").read_text())

    def dated(self, hours_ago, name="zstd.csv"):
        rows = "".join(f"{stamp(hours_ago)},{line}\n" for line in NIGHT.splitlines()[1:])
        return self.tree({name: "time,model,tokens_s\n" + rows})

    def test_a_recent_run_is_no_finding(self):
        found, report, _ = self.review(self.dated(20))
        self.assertEqual(found, [])
        self.assertEqual(report["configuration"]["require"],
                         [{"series": "*zstd*", "max_age_s": 36.0 * HOUR_S}])

    def test_an_old_run_is_one_on_the_first_screen_and_can_fail_a_build(self):
        root = self.dated(100)
        [finding], report, md = self.review(root, code=3, more=("--fail-on", "gap"))
        self.assertEqual((finding["kind"], finding["severity"]), ("gap", "high"))
        self.assertEqual(finding["key"], "gap:required:*zstd*")
        [gate] = finding["gates"]
        self.assertAlmostEqual(gate["value"], 100, delta=0.2)
        self.assertEqual(gate["threshold"], 36)
        self.assertEqual(finding["since"], stamp(100 - 36)[:10])
        self.assertEqual(len(finding["artifacts"]), 1)
        self.assertIn("is older than it may be", md)
        self.assertLess(md.index("older than it may be"), md.index("## 2 "))
        [again], report, _ = self.review(root)
        self.assertEqual(report["job"]["verdict"], "no_new_data")
        self.assertEqual((again["key"], again["since"]), (finding["key"], finding["since"]))

    def test_the_time_of_a_file_that_nothing_else_dates_counts(self):
        root = self.tree({"zstd.csv": NIGHT})
        then = time.time() - 90 * HOUR_S
        os.utime(root / "zstd.csv", (then, then))
        [finding], _, md = self.review(root)
        self.assertAlmostEqual(finding["gates"][0]["value"], 90, delta=0.2)
        self.assertIn(stamp(90)[:10], md)

    def test_a_series_that_is_not_there_is_absent(self):
        [finding], _, md = self.review(self.dated(1, "lz4.csv"))
        self.assertEqual((finding["gates"], finding["artifacts"]), ([], []))
        self.assertIn("no run of such a series is there", md)
        [finding], _, _ = self.review(self.tree({}, "nothing"))
        self.assertEqual(finding["gates"], [])

    def test_each_requirement_is_a_finding_of_its_own(self):
        self.require('[{series: "*zstd*", max_age: 36h}, {series: "*lz4*"}, {series: "*xz*"}]')
        found, _, _ = self.review(self.dated(100))
        self.assertEqual([k["key"] for k in found],
                         ["gap:required:*zstd*", "gap:required:*lz4*", "gap:required:*xz*"])

    def test_it_stays_open_until_it_is_acknowledged_or_a_run_comes(self):
        root = self.dated(100)
        daemon = Daemon(self, [root], env=self.data).start()

        def review():
            job = daemon.succeeded(daemon.submit([root])["id"])
            return self.check_report(job["report"])

        review()
        [listed] = daemon.get("/v1/findings?open")[1]["findings"]
        self.assertEqual((listed["kind"], listed["key"]), ("gap", "gap:required:*zstd*"))
        self.ctl("ack", "gap:required:*zstd*", "--reason", "the rig moves", socket=daemon.socket)
        [finding] = [k for k in review()["findings"] if k["key"] == listed["key"]]
        self.assertEqual(finding["state"], "acknowledged")
        self.dated(1)
        review()
        self.assertEqual(daemon.get("/v1/findings?open")[1]["findings"], [])
        self.dated(100)
        [finding] = [k for k in review()["findings"] if k["key"] == listed["key"]]
        self.assertIsNone(finding["state"], "what comes back alarms anew")

    def test_a_mistake_is_told_with_its_place(self):
        self.require('[{series: "*zstd*", max_agee: 36h}]')
        path = self.dir / "data" / "pipelines" / "nightly-review.yaml"
        error = self.ctl("check", path, code=1).stderr
        self.assertRegex(error, r"nightly-review\.yaml:\d+:\d+: .*max_agee.*max_age")


if __name__ == "__main__":
    unittest.main()
