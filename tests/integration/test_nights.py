# SPDX-License-Identifier: MIT
"""Nights that lie in one place, one after the other: each review knows those before it."""
import json
import random
import unittest

from harness import QUIET, Case, Daemon, NightsCase


class Nights(NightsCase):
    def changes(self, report):
        return [f for f in report["findings"] if f["kind"] in ("regression", "improvement")
                and f["state"]]

    def fact(self, report, finding, n):
        return next(f for f in report["facts"] if f["id"] == finding["facts"][n])

    def test_a_bad_night_is_seen_although_the_others_files_are_gone(self):
        report = self.measure(*QUIET, 80)
        self.assertEqual(report["job"]["verdict"], "worse")
        finding, = self.changes(report)
        self.assertEqual((finding["kind"], finding["state"], finding["since"]),
                         ("regression", "suspected", "2026-10-11"))
        self.assertAlmostEqual(finding["effect"], -20)
        reference = self.fact(report, finding, 2)
        self.assertEqual(len(reference["cells"]), 10)
        self.assertEqual(len({c["review"] for c in reference["cells"]}), 10)
        self.assertEqual(reference["value"], 100)

    def test_what_stays_is_confirmed_with_the_same_key_and_first_night(self):
        first = self.changes(self.measure(*QUIET, 80))[0]
        report = self.measure(81, 79)
        finding, = self.changes(report)
        self.assertEqual(finding["state"], "confirmed")
        self.assertEqual(finding["key"], first["key"])
        self.assertEqual(finding["since"], "2026-10-11")
        report = self.measure(80, 81, 79, 80, 80)
        finding, = self.changes(report)
        self.assertEqual((finding["state"], finding["since"]), ("confirmed", "2026-10-11"))
        report = self.measure(100, 101, 99, 100)
        finding, = self.changes(report)
        self.assertEqual((finding["kind"], finding["state"]), ("regression", "recovered"))
        self.assertNotEqual(report["job"]["verdict"], "worse")

    def test_one_bad_night_is_closed_by_the_next(self):
        report = self.measure(*QUIET, 80, 100)
        finding, = self.changes(report)
        self.assertEqual((finding["state"], finding["severity"]), ("spike", "info"))
        self.assertEqual(report["job"]["verdict"], "same")
        self.assertEqual(self.changes(self.measure(100)), [])

    def test_a_suspicion_that_lapsed_is_told_in_one_night(self):
        for bad in ((80,), (80, 81)):
            with self.subTest(bad=bad):
                self.assertEqual(self.changes(self.measure(*QUIET, *bad))[0]["state"], "suspected")
                told = []
                for median in (100, 101, 99, 100):
                    report = self.measure(median)
                    self.assertEqual(report["job"]["verdict"], "same")
                    told.append([f["state"] for f in self.changes(report)])
                self.assertEqual(told, [["spike"], [], [], []])

    def test_last_nights_files_are_no_new_data(self):
        self.measure(*QUIET, 80)
        again = self.review()
        self.assertEqual(again["job"]["verdict"], "no_new_data")
        self.assertEqual(len(self.changes(again)), 1, "what was found stays open")
        self.assertEqual(self.measure(100)["job"]["verdict"], "same")

    def test_the_baseline_is_the_last_review_of_the_same_roots(self):
        first = self.measure(100)
        self.assertIsNone(first["baseline"])
        second = self.measure(100)
        self.assertEqual(second["baseline"]["job"], first["job"]["id"])
        other = self.review(subject="another")
        self.assertIsNone(other["baseline"])

    def test_nights_in_directories_of_their_own_are_one_subject_when_it_is_named(self):
        roots = [self.dir / f"night-{i}" for i in range(11)]
        for root in roots:
            root.mkdir()
        self.daemon.stop()
        (self.dir / "daemon").rename(self.dir / "first daemon")
        daemon = Daemon(self, roots).start()
        for root, median in zip(roots, [*QUIET, 80]):
            self.write(a=median)
            (root / "results.csv").write_text((self.root / "results.csv").read_text())
            job = daemon.succeeded(daemon.submit([root], subject="gpu")["id"])
        report = self.check_report(job["report"])
        self.assertEqual(report["job"]["verdict"], "worse")
        daemon.stop()

    def test_what_is_measured_no_more_is_told(self):
        self.write(a=100, b=100)
        self.review()
        self.write(a=100)
        report = self.review()
        self.assertEqual(report["compared"]["vanished"], 1)
        gone, = [f for f in report["findings"] if f["kind"] == "vanished"]
        self.assertIn("model=b", json.dumps(gone["text"]))
        self.write(a=100, c=100)
        report = self.review()
        self.assertEqual((report["compared"]["vanished"], report["compared"]["new"]), (0, 1))

    def test_killed_at_any_moment_every_night_counts_once(self):
        chance = random.Random(11)
        for median in QUIET:
            self.write(a=median)
            job = self.daemon.submit([self.root])
            try:  # somewhere between the first step and the end of the job
                self.daemon.process.wait(timeout=chance.uniform(0, .4))
            except Exception:  # it runs, as it should
                pass
            self.daemon.kill()
            self.daemon.start()
            self.daemon.succeeded(job["id"])
        report = self.measure(80)
        finding, = self.changes(report)
        self.assertEqual(len(self.fact(report, finding, 2)["cells"]), 10)


class Likely(NightsCase):
    """Enough series to tell the noise of one another: a small step is likely before it is sure."""

    def write_all(self, by):
        self.night += 1
        rows = ["time,model,tokens_s"]
        for k in range(40):
            off = self.chance.gauss(1, .02) * (by if k == 7 else 1)
            rows.append(f"2026-10-{self.night:02}T02:00:00Z,m{k},{(50 + k) * off:.3f}")
        (self.root / "results.csv").write_text("\n".join(rows) + "\n")
        return {f["key"]: f for f in self.review()["findings"]
                if f["kind"] in ("regression", "improvement") and f["state"]}

    def test_a_likely_step_that_comes_to_nothing_is_told_in_one_night(self):
        self.chance = random.Random(5)
        before, lapsed = {}, []
        for by in [1] * 12 + [.95] * 3 + [1] * 5:
            told = self.write_all(by)
            gone = [k for k, f in before.items() if f["state"] == "suspected" and k not in told]
            self.assertEqual(gone, [], "what was suspected is not spoken of any more")
            lapsed += [f for f in told.values() if f["verdict"] == "undecided"]
            before = told
        self.assertTrue(lapsed)
        for f in lapsed:
            self.assertEqual((f["state"], f["severity"], f["effect"]), ("spike", "info", None))
            words = "".join(x.get("t", "") for x in f["text"])
            self.assertIn("is not suspected any more", words)


class Driver(NightsCase):
    def write_all(self, by, driver, commit):
        """A hundred models, spread a little by night and model; the last one is the odd one out."""
        self.night += 1
        rows = ["time,model,tokens_s,driver,commit"]
        for k in range(100):
            off = 1 + (.004 * ((self.night * 7 + k * 13) % 11 - 5) / 5)
            rows.append(f"2026-10-{self.night:02}T02:00:00Z,m{k},"
                        f"{(50 + k) * off * (by[1] if k == 99 else by[0]):.3f},{driver},{commit}")
        (self.root / "results.csv").write_text("\n".join(rows) + "\n")
        return self.review()

    def told(self, report):
        found = [f for f in report["findings"] if f["state"]]
        self.assertEqual([f["kind"] for f in found], ["environment", "regression"])
        self.assertIn("m99", found[1]["key"])
        self.assertAlmostEqual(found[0]["effect"], -8, delta=.5)
        self.assertEqual({f["since"] for f in found}, {"2026-10-10"})
        return "".join(x.get("t", "") for x in found[0]["text"])

    def test_the_drivers_before_and_after_are_named_although_the_files_are_gone(self):
        for night in range(9):
            self.write_all((1, 1), "v535", "abc")
        words = self.told(self.write_all((.92, .8), "v550", "abc"))
        self.assertIn("driver was v535 and is v550", words)
        self.assertNotIn("commit was", words)
        for night in range(3):  # neither the night before the change nor its first is there now
            words = self.told(self.write_all((.92, .8), "v550", f"later{night}"))
        self.assertIn("driver was v535 and is v550", words)
        self.assertNotIn("commit was", words)


class Machine(Case):
    def test_a_driver_that_slows_all_down_is_one_finding_and_what_deviates_another(self):
        chance, files = random.Random(3), {}
        models = {"gemma-1b": 180, "gemma-4b": 100, "llama-8b": 77, "qwen-7b": 70, "phi": 90}
        for night in range(1, 21):
            rows = ["model,threads,driver,tokens_s"]
            for model, speed in models.items():
                for threads in (1, 2, 4, 8):
                    after = night > 14
                    by = (.8 if (model, threads) == ("phi", 8) else .92) if after else 1
                    for _ in range(3):
                        x = speed * (1 + threads / 5) * by * chance.gauss(1, .004)
                        rows.append(f"{model},{threads},{'v550' if after else 'v535'},{x:.2f}")
            files[f"bench-2026-10-{night:02}.csv"] = "\n".join(rows) + "\n"
        root = self.tree(files)
        daemon = Daemon(self, [root]).start()
        report = self.check_report(daemon.succeeded(daemon.submit([root])["id"])["report"])
        daemon.stop()
        told = [f for f in report["findings"] if f["state"]]
        self.assertEqual([f["kind"] for f in told], ["environment", "regression"])
        self.assertEqual({f["since"] for f in told}, {"2026-10-15"})
        words = "".join(x.get("t", "") for x in told[0]["text"])
        self.assertIn("driver was v535 and is v550", words)
        self.assertAlmostEqual(told[0]["effect"], -8, delta=.5)
        self.assertIn("model=phi/threads=8", told[1]["key"])
        self.assertEqual(report["job"]["verdict"], "worse")


if __name__ == "__main__":
    unittest.main()
