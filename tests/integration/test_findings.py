# SPDX-License-Identifier: MIT
"""Findings that stay open over nights: listed, acknowledged, and forgotten when they recover."""
import datetime
import json
import sqlite3
import unittest
import unittest.mock
import urllib.parse

import harness
from harness import QUIET, NightsCase


def day(offset):
    return (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(offset)).date().isoformat()


class Findings(NightsCase):
    def open(self):
        status, answer = self.daemon.get("/v1/findings?open")
        self.assertEqual(status, 200, answer)
        self.assertEqual(answer["omitted"], 0)
        return answer["findings"]

    def ack(self, key, expect=200, **body):
        path = f"/v1/findings/{urllib.parse.quote(key, safe='')}/ack"
        status, _, text = self.daemon.curl("POST", path, json.dumps(body))
        self.assertEqual(status, expect, text)
        return json.loads(text)

    def change(self, report):
        finding, = [f for f in report["findings"] if f["kind"] == "regression" and f["state"]]
        return finding

    def sentence(self, finding):
        return "".join(s.get("t", "#") for s in finding["text"])

    def test_what_a_review_finds_is_open_until_the_next_does_not_find_it(self):
        self.assertEqual(self.open(), [])
        report = self.measure(*QUIET, 80)
        finding, = self.open()
        told = self.change(report)
        self.assertEqual({k: finding[k] for k in ("key", "id", "kind", "severity", "state", "since",
                                                  "effect", "job", "acknowledged")},
                         {**{k: told[k] for k in ("key", "id", "kind", "severity", "state", "since",
                                                  "effect")},
                          "job": self.job["id"], "acknowledged": None})
        self.assertIsNone(finding["subject"])
        self.assertEqual(finding["paths"], [str(self.root)])
        self.assertIn("fell by 20 %, from 100 to 80 tok/s", finding["text"])
        since = datetime.date.fromisoformat(told["since"])
        self.assertAlmostEqual(finding["age_days"],
                               (datetime.date.fromisoformat(day(0)) - since).days, delta=1)
        self.measure(100)
        self.assertEqual(self.open(), [])

    def test_subjects_do_not_close_each_others_findings(self):
        self.measure(*QUIET, 80, subject="gpu")
        self.measure(100)
        finding, = self.open()
        self.assertEqual(finding["subject"], "gpu")

    def test_an_acknowledged_finding_stays_listed_and_alarms_nobody(self):
        before = self.change(self.measure(*QUIET, 80))
        done = self.daemon_ctl("ack", before["id"], "--reason", "driver 550.2\x1b[31m | known")
        self.assertEqual(done.stdout, f"acknowledged: {before['key']}\n")
        self.assertEqual(self.open()[0]["acknowledged"]["reason"], "driver 550.2\x1b[31m | known")
        report = self.measure(81, 79)
        finding = self.change(report)
        self.assertEqual((finding["key"], finding["state"], finding["severity"]),
                         (before["key"], "acknowledged", "info"))
        self.assertEqual(finding["since"], before["since"])
        self.assertIn('It is acknowledged: "driver 550.2 [31m | known".', self.sentence(finding))
        self.assertEqual(report["job"]["verdict"], "same")
        self.assertNotIn(finding["id"],
                         [k for r in report["recommendations"] for k in r["findings"]])
        self.assertEqual(self.open()[0]["state"], "acknowledged")
        self.write(a=80)
        self.daemon_ctl("review", self.root, "--fail-on", "regression")

    def daemon_ctl(self, *args, code=0):
        return self.ctl(*args, code=code, socket=self.daemon.socket)

    def test_what_recovers_alarms_when_it_comes_back(self):
        key = self.change(self.measure(*QUIET, 80, 81, 79))["key"]
        self.ack(key)
        self.assertEqual(self.change(self.measure(80))["state"], "acknowledged")
        self.assertEqual(self.change(self.measure(100, 101, 99, 100))["state"], "recovered")
        self.measure(100, 101, 99, 100)
        report = self.measure(80, 80)
        self.assertEqual(self.change(report)["state"], "suspected")
        self.assertEqual(report["job"]["verdict"], "worse")
        self.assertIsNone(self.open()[0]["acknowledged"])

    def test_a_night_without_the_benchmark_heals_nothing(self):
        for median in (*QUIET, 80, 81, 79):
            self.write(a=median, b=50)
            report = self.review()
        key = self.change(report)["key"]
        self.ack(key)
        self.write(b=50)
        self.review()
        self.write(a=80, b=50)
        self.assertEqual(self.change(self.review())["state"], "acknowledged")

    def nights_of(self, *nights):
        """Of the models a to f those named in a night are slow; the changes of the last one."""
        for slow in nights:
            self.write(**{model: (80 if model in slow else 100) + self.night % 3 * .4
                          for model in "abcdef"})
            report = self.review()
        return {f["key"]: f["state"] for f in report["findings"]
                if f["kind"] == "regression" and f["state"]}, report["job"]["verdict"]

    def test_an_acknowledged_group_holds_what_is_left_of_it(self):
        found, verdict = self.nights_of(*[""] * 10, "abcde")
        [(group, state)] = found.items()
        self.assertTrue(group.endswith("/tokens_s/*"), group)
        self.assertEqual((state, verdict), ("suspected", "worse"))
        self.ack(group)
        for _ in range(2):  # the second night knows of the first one's only
            found, verdict = self.nights_of("abc")
            held = {key for key, state in found.items() if state == "acknowledged"}
            self.assertEqual(held, {group.replace("*", f"model={m}") for m in "abc"})
            self.assertTrue(set(found.values()) <= {"acknowledged", "spike"}, found)
            self.assertEqual(verdict, "same")

    def test_one_of_a_group_is_acknowledged_by_itself(self):
        [group] = self.nights_of(*[""] * 10, "abcde")[0]
        one = group.replace("*", "model=a")
        self.ack(group.replace("*", "model=z"), expect=404)
        answer = self.ack(one)
        self.assertEqual([f["key"] for f in answer["findings"]], [one])
        self.assertEqual(answer["findings"][0]["state"], "acknowledged")
        found, verdict = self.nights_of("abcde")
        self.assertEqual((found.pop(one), verdict), ("acknowledged", "worse"))
        self.assertEqual(list(found), [group])
        self.ack(group)
        found, verdict = self.nights_of("abcde")
        self.assertEqual((found, verdict),
                         ({one: "acknowledged", group: "acknowledged"}, "same"))

    def test_after_its_last_day_it_alarms_again(self):
        key = self.change(self.measure(*QUIET, 80, 81, 79))["key"]
        self.ack(key, until=day(1))
        finding = self.change(self.measure(80))
        self.assertEqual(finding["state"], "acknowledged")
        self.assertIn(f"acknowledged until {day(1)}.", self.sentence(finding))
        self.daemon.stop()
        self.sql(f"UPDATE ack SET until = '{day(-1)}'")
        self.daemon.start()
        report = self.measure(80)
        self.assertEqual(self.change(report)["state"], "confirmed")
        self.assertEqual(report["job"]["verdict"], "worse")
        self.assertIsNone(self.open()[0]["acknowledged"])

    def sql(self, text):
        db = sqlite3.connect(self.daemon.state / "chimerad.db")
        db.execute(text)
        db.commit()
        db.close()

    def test_an_acknowledgement_outlives_the_daemon(self):
        key = self.change(self.measure(*QUIET, 80))["key"]
        self.ack(key, reason="known")
        self.daemon.kill()
        self.daemon.start()
        self.assertEqual(self.open()[0]["acknowledged"]["reason"], "known")
        self.assertEqual(self.change(self.measure(80))["state"], "acknowledged")

    def test_errors_are_one_clear_line(self):
        done = self.daemon_ctl("ack", "K1", code=6)
        self.assertIn("nothing has been reviewed yet", done.stderr)
        key = self.change(self.measure(*QUIET, 80))["key"]
        done = self.daemon_ctl("ack", "tokens_s/model=a", code=6)
        self.assertIn(f"nearest first: {key}", done.stderr)
        self.assertEqual(done.stderr.count("\n"), 1)
        self.daemon_ctl("ack", "K99", code=6)
        self.daemon_ctl("ack", code=2)
        for until, why in (("2020-01-01", "is over"), ("2030-02-30", "no"), ("soon", "no date")):
            self.assertIn(why, self.daemon_ctl("ack", key, "--until", until, code=6).stderr)
        self.ack(key, 400, reason=7)
        self.ack(key, 400, because="x")
        self.ack(key, 400, reason="x" * 1001)
        self.ack(key, 404, job="19990101")
        self.assertEqual(self.daemon.get("/v1/findings?closed")[0], 400)
        self.assertIsNone(self.open()[0]["acknowledged"])

    def test_trends_are_the_runs_that_reviews_saw_and_their_changes(self):
        report = self.measure(*QUIET, 80, 81, 79, 80)
        status, answer = self.daemon.get("/v1/trends?metric=tokens_s")
        self.assertEqual((status, answer["omitted"]), (200, 0))
        series, = answer["series"]
        self.assertEqual((series["unit"], series["paths"]), ("tok/s", [str(self.root)]))
        self.assertEqual([p["value"] for p in series["points"]], [*QUIET, 80, 81, 79, 80])
        self.assertEqual({p["n"] for p in series["points"]}, {5})
        last = series["points"][-1]
        self.assertEqual(last["review"], self.job["id"])
        fact, = [f for f in report["facts"] if f["id"] == last["fact"]]
        self.assertEqual(fact["value"], last["value"])
        change, = series["changes"]
        self.assertEqual((change["time"][:10], change["before"], change["after"]),
                         ("2026-10-11", 100, 80))
        self.assertEqual(series["level"], 80)
        self.assertEqual(self.daemon.get("/v1/trends?metric=ttft_s")[1]["series"], [])
        self.assertEqual(self.daemon.get("/v1/trends?subject=gpu")[1]["series"], [])
        later = self.daemon.get("/v1/trends?since=2026-10-12")[1]["series"][0]
        self.assertEqual((len(later["points"]), later["changes"]), (3, []))
        text = self.daemon_ctl("trends", "tokens_s").stdout
        self.assertIn("level 80 tok/s, last 80 tok/s; 14 runs, 2026-10-01 to 2026-10-14", text)
        self.assertIn("2026-10-11: -20.0 %, from 100 to 80", text)
        line, marks = text.splitlines()[1:3]
        self.assertRegex(line, r"^  [*#]{10}[_.]{4}$", "ten nights above, four below")
        self.assertEqual(marks, " " * 12 + "^", "the first of the lower ones")
        self.assertEqual(self.daemon_ctl("trends", "ttft_s").stdout, "no series\n")
        self.daemon_ctl("trends", "--since", "yesterday", code=6)
        self.daemon_ctl("trends", "a", "b", code=2)

    def restart_with(self, **against):
        """Pipelines of these names beside nightly-review, each comparing against what it says."""
        data = self.dir / "data"
        (data / "pipelines").mkdir(parents=True)
        (data / "personas").symlink_to(harness.SOURCE / "personas")
        nightly = (harness.SOURCE / "pipelines" / "nightly-review.yaml").read_text()
        for name, what in {"nightly-review": "history", **against}.items():
            text = nightly.replace("name: nightly-review", f"name: {name}")
            (data / "pipelines" / f"{name}.yaml").write_text(
                text.replace("against: history", f"against: {what}"))
        patch = unittest.mock.patch.object(harness, "SOURCE", data)
        patch.start()
        self.addCleanup(patch.stop)
        self.daemon.stop()
        self.daemon.start()

    def test_an_accepted_review_is_what_a_pipeline_may_compare_with(self):
        self.restart_with(accepted="accepted", previous="previous")
        jobs = []
        for median in QUIET:
            self.measure(median, subject="gpu")
            jobs.append(self.job["id"])
        none = self.measure(100, subject="gpu", pipeline="accepted")
        self.assertIsNone(none["baseline"])
        for job in (jobs[3], jobs[1]):
            self.assertEqual(self.daemon_ctl("accept", job).stdout, job + "\n")
        for _ in range(4):
            report = self.measure(80, subject="gpu", pipeline="accepted")
            self.assertEqual(report["baseline"]["job"], jobs[1])
            finding = self.change(report)
            self.assertEqual((finding["state"], report["job"]["verdict"]), ("suspected", "worse"))
            reference = next(f for f in report["facts"] if f["id"] == finding["facts"][2])
            self.assertEqual(reference["value"], 101)
            self.assertEqual({c["review"] for c in reference["cells"]}, {jobs[1]})
            gates = {g["name"]: g["passed"] for g in finding["gates"]}
            self.assertEqual(gates, {"reference runs": False, "runs that tell the noise": True,
                                     "distance from the reference run, %": True,
                                     "p of the distance, adjusted": True, "effect, %": True})
        report = self.measure(81, subject="gpu", pipeline="previous")
        self.assertEqual(report["job"]["verdict"], "same")
        report = self.measure(100.5, subject="gpu", pipeline="accepted")
        self.assertEqual((report["job"]["verdict"], self.open()), ("same", []))

    def test_only_what_measured_something_is_accepted(self):
        (self.root / "a.csv").write_text("x")
        job = self.daemon.submit([self.root / "a.csv"])["id"]
        self.daemon.ended(job)
        self.daemon_ctl("accept", "19990101", code=6)
        self.daemon_ctl("accept", code=2)

    def test_a_missed_expectation_may_be_acknowledged(self):
        (self.root / "sweep.csv").write_text("num_gpu,num_ctx,temperature,tokens_s\n"
                                             "999,4096,0.4,90.5\n80,4096,0.4,101\n")
        self.review(pipeline="chimera-optimized")
        finding, = [f for f in self.open() if f["kind"] == "expectation_missed"]
        self.ack(finding["key"], reason="an old card")
        report = self.review(pipeline="chimera-optimized")
        told, = [f for f in report["findings"] if f["kind"] == "expectation_missed"]
        self.assertEqual((told["state"], told["severity"]), ("acknowledged", "info"))


if __name__ == "__main__":
    unittest.main()
