# SPDX-License-Identifier: MIT
"""When things were measured, and what is missing: section 2 and the findings behind it."""
import json
import os
import unittest

from harness import SHARED, Case

DAY_S = 86400
SERIES = SHARED / "samples" / "otava_csv"


def growing(days, last):
    """A file that gains two rows a night; the last night is `last`."""
    rows = ["date,config,time_ms"]
    for day in range(1, days + 1):
        for config in "xy":
            time = last if day == days else 100 + day % 3 * 0.25
            rows.append(f"2025-10-{day:02},{config},{time}")
    return "\n".join(rows) + "\n"


class Gaps(Case):
    def review(self, root):
        self.ctl("review", "--local", "--state", self.dir / "state", root)
        folder = self.dir / "state" / "reports" / "latest"
        report = self.check_report(folder)
        md = (folder / "report.md").read_text()
        return report, md.split("\n## 1 ")[1].split("\n## 2 ")[0], md.split("\n## 2 ")[1].split(
            "\n## 3 ")[0]

    def gap(self, report, key):
        found = [k for k in report["findings"] if k["key"].startswith(key)]
        self.assertEqual(len(found), 1, [k["key"] for k in report["findings"]])
        return found[0]

    def values(self, report, finding):
        by_id = {f["id"]: f for f in report["facts"]}
        return [by_id[i]["value"] for i in finding["facts"]]

    def test_each_table_says_what_told_its_time(self):
        root = self.tree({"20250101_x.json": '{"datetime": "2025-10-02T10:00:00-0400",'
                                             ' "commit_info": {"time": "2020-01-01T00:00:00Z"},'
                                             ' "time_ms": 5.5}',
                          "bench_20251003-170837.csv": "model,time_ms\na,5.5\n",
                          "2025/10/04/x.csv": "model,time_ms\na,6.5\n",
                          "plain.csv": "model,time_ms\na,7.5\n"})
        report, _, section = self.review(root)
        paths = {a["id"]: a["path"] for a in report["inventory"]["artifacts"]}
        told = {paths[t["artifact"]]: (t["source"], t["name"], t["first"])
                for t in report["configuration"]["times"]}
        self.assertEqual(told["20250101_x.json"], ("field", "/datetime", "2025-10-02T14:00:00Z"))
        self.assertEqual(told["bench_20251003-170837.csv"],
                         ("file name", None, "2025-10-03T17:08:37Z"))
        self.assertEqual(told["2025/10/04/x.csv"],
                         ("directory name", None, "2025-10-04T00:00:00Z"))
        self.assertEqual(told["plain.csv"][0], "modification time")
        self.assertIn("by nothing but the time of their last modification, 1", section)

    def test_a_file_that_grows_by_rows_is_a_series_of_runs(self):
        report, summary, _ = self.review(self.tree({"grows.csv": growing(12, 130.5)}))
        self.assertEqual(report["configuration"]["runs"]["count"], 12)
        self.assertEqual(report["job"]["verdict"], "worse")
        worse = [k for k in report["findings"] if k["kind"] == "regression"]
        self.assertEqual({k["since"] for k in worse}, {"2025-10-12"})
        self.assertIn("100.2", summary)

    @unittest.skipUnless(SERIES.is_dir(), "needs the shared samples")
    def test_real_series_in_tables_have_a_run_a_day(self):
        report, _, _ = self.review(SERIES)
        runs = [t["runs"] for t in report["configuration"]["times"]]
        self.assertEqual(sorted(runs)[-4:], [8, 10, 10, 10])
        self.assertEqual(report["configuration"]["runs"]["last"], "2024-01-10T02:00:00Z")

    def test_trifles_are_told_in_section_two_and_what_costs_more_on_the_first_screen(self):
        root = self.tree({
            "debug.json": '{"context": {"library_build_type": "debug", "cpu_scaling_enabled": true},'
                          ' "benchmarks": [{"name": "a", "real_time": 12.5, "time_unit": "ns"},'
                          ' {"name": "b", "real_time": 13.5, "time_unit": "ns"}]}',
            "negative.csv": "model,time_ms,p99_ms,median_ms\na,-1,2.5,3.5\nb,2.5,4.5,3.5\n",
            "frozen.csv": "model,time_ms\n" + "a,12.345\n" * 6,
            "uneven.csv": "model,time_ms\na,1.5\na,1.6\na,1.7\nb,1.5\nb,1.8\nb,1.9\nc,1.5\n",
            "lacking.csv": "model,ttft_ms,time_ms\na,1.5,2\nb,1.5,3\nc,1.5,4\nd,,5\n",
        })
        report, summary, section = self.review(root)
        self.assertEqual(self.values(report, self.gap(report, "gap:debug")), [1])
        self.assertEqual(self.values(report, self.gap(report, "gap:impossible:negative.csv")),
                         [1, 1])
        self.assertIn("debug build", summary)
        self.assertIn("is negative", summary)
        for key, words in (("gap:scaling", "clock may vary"), ("gap:frozen:", "to the last digit"),
                           ("gap:repetitions:", "Measured once"),
                           ("gap:lacking:", "has no value for")):
            self.gap(report, key)
            self.assertIn(words, section)
            self.assertNotIn(words, summary)

    def test_copied_stale_and_stopped_files_are_told(self):
        night = "model,time_ms\na,{0}.2345\nb,{0}.3456\n"
        files = {f"2026-11-{d:02}/x.csv": night.format(d) for d in range(1, 13)}
        files |= {f"2026-11-{d:02}/y.csv": night.format(d + 50) for d in range(1, 6)}
        files["2026-11-12/x.csv"] = files["2026-11-11/x.csv"]
        files["s/tuning.csv"] = night.format(90)
        files["s/tuning_summary.csv"] = night.format(91)
        root = self.tree(files)
        os.utime(root / "s" / "tuning_summary.csv", (20 * DAY_S, 20 * DAY_S))
        os.utime(root / "s" / "tuning.csv", (30 * DAY_S, 30 * DAY_S))
        report, summary, section = self.review(root)
        self.assertIn("2026-11-12/x.csv", json.dumps(self.gap(report, "gap:copied:")["text"]))
        self.assertIn("2026-11-05", json.dumps(self.gap(report, "gap:stopped:")["text"]))
        self.assertIn("1970-01-21", json.dumps(self.gap(report, "gap:stale:")["text"]))
        self.assertIn("byte for byte an earlier run", summary)
        self.assertIn("before the data that it sums up", section)

    def test_directories_and_types_are_tables(self):
        root = self.tree({"a/x.csv": "model,time_ms\na,1.5\n", "a/y.json": '{"time_ms": 1.5}',
                          "b/x.csv": b"\x00\x01\x02\x00", "b/y.csv": b"\x00\x01\x02\x01"})
        report, _, section = self.review(root)
        heaps = {d["path"]: d for d in report["inventory"]["directories"]}
        self.assertEqual((heaps["a"]["csv"], heaps["a"]["json"], heaps["a"]["unread"]), (1, 1, 0))
        self.assertEqual((heaps["b"]["artifacts"], heaps["b"]["unread"]), (2, 2))
        self.assertEqual({t["format"]: t["artifacts"] for t in report["inventory"]["types"]},
                         {"csv": 3, "json": 1})
        self.assertIn("| `b` | 8 | 2 |", section)

    def test_a_file_of_which_rows_failed_is_told_by_the_finding_on_them_alone(self):
        report, _, section = self.review(self.tree({"a.csv": "model,time_ms,error\na,1.5,\n"
                                                            "b,2.5,\nc,,refused\n"}))
        self.assertEqual(report["inventory"]["artifacts"][0]["status"], "partial")
        failed = next(k["id"] for k in report["findings"] if k["facts"] and k["kind"] == "gap")
        self.assertNotIn("| A1 |", section)
        self.assertIn(f"are told by {failed}.", section)
        self.assertIn("Every configuration was measured once", section)


if __name__ == "__main__":
    unittest.main()
