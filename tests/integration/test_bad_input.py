# SPDX-License-Identifier: MIT
"""Everything that is wrong gets one clear line that says what and where; the rest goes on."""
import os
import subprocess
import unittest

from harness import BUILD, Case, Daemon, environment

GOOD = {"good.csv": "backend,time_ms\nx,1.5\ny,2.5\n"}


def reasons(report):
    return {a["path"]: a["reason"] for a in report["inventory"]["artifacts"]}


class Artifacts(Case):
    def review(self, files, prepare=None, prefix=()):
        root = self.tree({**GOOD, **files})
        if prepare:
            prepare(root)
        self.ctl("review", "--local", "--state", self.dir / "state", root, prefix=prefix)
        report = self.check_report(self.dir / "state" / "reports" / "latest", prefix)
        self.assertTrue(any(f["metric"] == "time_ms" for f in report["facts"]), "the rest goes on")
        return report

    def assert_reason(self, report, path, *words):
        reason = reasons(report)[path]
        self.assertTrue(reason, path)
        self.assertNotIn("\n", reason)
        for word in words:
            self.assertIn(word, reason)

    def test_truncated_json_says_where(self):
        report = self.review({"cut.json": '{"a": [1, 2,\n {"b": 3'})
        self.assert_reason(report, "cut.json", "line 2")

    def test_ragged_rows_are_left_out_and_counted(self):
        report = self.review({"ragged.csv": "backend,time_ms,n\nx,1.5,1\ny,2.5\nz,3.5,1\n"})
        artifact = next(a for a in report["inventory"]["artifacts"] if a["path"] == "ragged.csv")
        self.assertEqual(artifact["status"], "partial")
        self.assert_reason(report, "ragged.csv", "ragged")

    def test_an_empty_file(self):
        report = self.review({"empty.json": ""})
        self.assert_reason(report, "empty.json", "empty")
        self.assertTrue(any(k["kind"] == "gap" for k in report["findings"]))

    def test_a_file_without_permission(self):
        # root without its capabilities may read no more than anybody else
        prefix = () if os.geteuid() else ("setpriv", "--bounding-set=-all", "--inh-caps=-all")
        report = self.review({"secret.csv": "a,b\n1,2\n"}, lambda r: (r / "secret.csv").chmod(0),
                             prefix)
        self.assert_reason(report, "secret.csv", "ermission")

    def test_a_symlink_loop_and_a_dangling_link(self):
        def prepare(root):
            (root / "loop").symlink_to(root)
            (root / "nowhere.csv").symlink_to(root / "missing.csv")
        report = self.review({}, prepare)
        self.assertIn("nowhere.csv", reasons(report))
        self.assert_reason(report, "nowhere.csv", "link")

    def test_a_fifo_does_not_hang_the_review(self):
        report = self.review({}, lambda root: os.mkfifo(root / "pipe.csv"))
        self.assert_reason(report, "pipe.csv", "FIFO")

    def test_a_file_over_the_limit(self):
        def prepare(root):
            with open(root / "big.csv", "wb") as big:
                big.truncate(200 * 1000 * 1000)
        report = self.review({}, prepare)
        self.assert_reason(report, "big.csv", "200000000", "limit")


class Requests(Case):
    def setUp(self):
        super().setUp()
        self.root = self.tree(GOOD)
        self.daemon = Daemon(self, [self.root]).start()
        self.addCleanup(self.daemon.stop)

    def refused(self, status, *words, paths=None, **members):
        problem = self.daemon.submit(paths or [self.root], expect=status, **members)
        self.assertEqual(problem["status"], status)
        for word in words:
            self.assertIn(word, problem["detail"])

    def test_an_unknown_pipeline_names_those_there_are(self):
        self.refused(400, "nigthly-review", "nightly-review", pipeline="nigthly-review")

    def test_a_path_outside_of_the_roots(self):
        self.refused(403, "/etc", paths=["/etc"])

    def test_a_path_that_leaves_the_root_by_dots_or_a_link(self):
        self.refused(403, paths=[f"{self.root}/../../"])
        (self.root / "out").symlink_to("/etc")
        self.refused(403, paths=[self.root / "out"])

    def test_a_missing_path(self):
        self.refused(400, "missing", paths=[self.root / "missing"])

    def test_an_unknown_member(self):
        self.refused(400, "pahts", pahts=["/"])

    def test_json_that_is_none(self):
        status, head, _ = self.daemon.curl("POST", "/v1/jobs", '{"paths": [')
        self.assertEqual(status, 400)
        self.assertIn("application/problem+json", head)

    def test_an_unknown_job_and_an_unknown_place(self):
        self.assertEqual(self.daemon.get("/v1/jobs/nothing")[0], 404)
        self.assertEqual(self.daemon.get("/v2")[0], 404)
        self.assertEqual(self.daemon.curl("PUT", "/v1/jobs")[0], 405)

    def test_the_client_reports_a_refusal_in_one_line(self):
        done = self.ctl("submit", "/etc", code=6, socket=self.daemon.socket)
        self.assertEqual(len(done.stderr.strip().splitlines()), 1)
        self.assertIn("/etc", done.stderr)


class Configuration(Case):
    def chimerad(self, text):
        path = self.dir / "chimerad.yaml"
        path.write_text(text)
        done = subprocess.run([BUILD / "daemon" / "chimerad", "--check", "--config", path],
                              capture_output=True, text=True, env=environment(), timeout=60)
        return done.returncode, done.stderr.strip(), path

    def test_an_unknown_key_is_named_with_its_place_and_the_nearest_known_one(self):
        code, said, path = self.chimerad("state: /tmp/x\nrotos: [/tmp]\n")
        self.assertNotEqual(code, 0)
        self.assertIn(f"{path}:2:1:", said)
        self.assertIn("roots", said)
        self.assertEqual(len(said.splitlines()), 1)

    def test_broken_yaml_is_named_with_its_place(self):
        code, said, path = self.chimerad("state: [unclosed\n")
        self.assertNotEqual(code, 0)
        self.assertIn(f"{path}:", said)

    def test_a_missing_file_is_named(self):
        done = subprocess.run([BUILD / "daemon" / "chimerad", "--config", self.dir / "none.yaml"],
                              capture_output=True, text=True, env=environment(), timeout=60)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("none.yaml", done.stderr)


class Output(Case):
    def run_into(self, fd):
        return subprocess.run([BUILD / "ctl" / "chimeractl", "--help"], stdout=fd, text=True,
                              stderr=subprocess.PIPE, env=environment())

    def test_a_reader_that_has_seen_enough_is_no_failure(self):
        reading, writing = os.pipe()
        os.close(reading)
        done = self.run_into(writing)
        os.close(writing)
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_a_full_disk_is_one(self):
        with open("/dev/full", "w") as full:
            done = self.run_into(full)
        self.assertEqual((done.returncode, done.stderr),
                         (1, "chimeractl: standard output: cannot write: "
                             "No space left on device\n"))


if __name__ == "__main__":
    unittest.main()
