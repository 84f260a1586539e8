# SPDX-License-Identifier: MIT
"""Cells with units, spreads, thousands and decimal commas: read, turned into one unit, proved."""
import json
import unittest

from harness import SHARED, Case

TREE = {
    "bdn.csv": "Method,Mean,Error,StdDev,Allocated\n"
               "Fast,29.71 μs,0.10 μs,0.20 μs,112 B\n"
               "Slow,\"5,763.5 ns\",12.0 ns,13.0 ns,2896 B\n"
               "Third,1.2 ms,0.1 ms,0.1 ms,3 KiB\n"
               "Gone,NA,NA,NA,-\n",
    "smi.csv": "gpu, power.draw [W], utilization.gpu [%], memory.used [MiB], clocks.sm [MHz]\n"
               "a, 21.33 W, 34 %, 1024 MiB, 1500 MHz\n"
               "b, 22.10 W, 35 %, 2 GiB, 1.6 GHz\n"
               "c, [N/A], 36 %, 900 MiB, [Not Supported]\n",
    "hyperfine.md": "| Command | Mean [ms] | Min [ms] | Relative |\n|:---|---:|---:|---:|\n"
                    "| `a` | 41.3 ± 0.6 | 40.4 | 1.00 |\n"
                    "| **b** | 59.9 ± 2.1 | 58.0 | 1.45 ± 0.06 |\n",
    "mixed.md": "# Runs\n\n| config | latency | throughput | cost |\n|---|---|---|---|\n"
                "| x | 12.3 ms | 4.2k tok/s | $0.0012 |\n| y | 0.5 s | 900 tok/s | $0.0013 |\n"
                "| z | 900 us | ~1,234.5 t/s | N/A |\n| z | 1.1 ms | 1'300.5 t/s | ? |\n"
                "| z | 3 W | <5 t/s | ? |\n",
    "german.csv": "name;ms;Dauer\nx;1.234,5;0,5 s\ny;0,5;250 ms\nz;12,25;1.200,5 ms\n",
    "unclear.csv": "name,elapsed,tokens_s\nx,\"1,234\",5\ny,\"2,345\",6\n",
    "rows.json": json.dumps([{"name": "a", "latency": "12.3 ms", "rate": "4.2k req/s"},
                             {"name": "b", "latency": "1.5 s", "rate": "3.9k req/s"},
                             {"name": "c", "latency": "13 ms", "rate": "900 req/s"}]),
}


class Quantities(Case):
    def review(self, root):
        self.ctl("review", "--local", "--state", self.dir / "state", root)
        self.folder = self.dir / "state" / "reports" / "latest"
        return self.check_report(self.folder)

    def fact(self, report, metric, statistic="value", **subject):
        found = [f for f in report["facts"] if f["metric"] == metric
                 and f["statistic"] == statistic and f["subject"].items() >= subject.items()]
        self.assertEqual(len(found), 1, (metric, subject))
        return found[0]

    def expect(self, report, metric, value, unit, factor=1, **subject):
        fact = self.fact(report, metric, **subject)
        self.assertAlmostEqual(fact["value"], value, places=9)
        self.assertEqual(fact["unit"], unit)
        self.assertEqual(fact["cells"][0].get("factor", 1), factor)

    def test_every_cell_is_told_in_the_unit_of_its_column(self):
        report = self.review(self.tree(TREE))
        self.expect(report, "Mean", 29.71, "us", Method="Fast")
        self.expect(report, "Mean", 5.7635, "us", .001, Method="Slow")
        self.expect(report, "Mean", 1200, "us", 1000, Method="Third")
        self.expect(report, "Allocated", 3072, "bytes", 1024, Method="Third")
        self.expect(report, "memory.used [MiB]", 2048, "MiB", 1024, gpu="b")
        self.expect(report, "clocks.sm [MHz]", 1600, "MHz", 1000, gpu="b")
        self.expect(report, "Mean [ms]", 59.9, "ms", Command="b")
        self.expect(report, "throughput", 4200, "tok/s", 1000, config="x")
        self.expect(report, "cost", .0012, "$", config="x")
        self.expect(report, "ms", 1234.5, "ms", name="x")
        self.expect(report, "Dauer", 500, "ms", 1000, name="x")
        self.expect(report, "rate", 3900, "req/s", 1000, name="b")

    def test_what_does_not_fit_is_named(self):
        report = self.review(self.tree(TREE))
        whys = [x["why"] for x in self.fact(report, "latency", "median", config="z")["excluded"]]
        self.assertEqual(whys, ["in W, which does not turn into ms"])
        whys = [x["why"] for x in self.fact(report, "throughput", "median", config="z")["excluded"]]
        self.assertEqual(whys, ["a bound, no measurement: <5 t/s"])
        roles = {r["column"]: r for r in report["configuration"]["roles"]}
        self.assertEqual(roles["elapsed"]["role"], "ignored")
        self.assertIn("nothing tells", roles["elapsed"]["why"])

    def test_a_factor_that_is_wrong_is_found(self):
        self.review(self.tree(TREE))
        copy = self.dir / "copy"
        copy.mkdir()
        for path in self.folder.iterdir():
            if path.is_file():
                (copy / path.name).write_bytes(path.read_bytes())
        report = json.loads((copy / "report.json").read_text())
        fact = self.fact(report, "Mean", Method="Third")
        fact["cells"][0]["factor"] = 1
        fact["value"] = 1.2
        (copy / "report.json").write_text(json.dumps(report))
        samples = json.loads((copy / "samples.json").read_text())
        samples[fact["id"]] = [1.2]
        (copy / "samples.json").write_text(json.dumps(samples))
        done = self.ctl("verify", copy / "report.json", code=4)
        self.assertIn(f"{fact['id']}: unit:", done.stdout + done.stderr)

    @unittest.skipUnless(SHARED.is_dir(), f"{SHARED} is not here")
    def test_real_files_with_units_in_their_cells(self):
        root = SHARED / "samples" / "benchmarkdotnet"
        report = self.review(root)
        path = "MathEvaluation.Benchmarks.EvaluationBenchmarks-report.csv"
        ident = next(a["id"] for a in report["inventory"]["artifacts"] if a["path"] == path)
        means = [f for f in report["facts"] if f["metric"] == "Mean" and f["cells"]
                 and f["cells"][0]["artifact"] == ident]
        self.assertEqual({f["unit"] for f in means}, {"ns"})
        self.assertIn(5763.5, [f["value"] for f in means])


if __name__ == "__main__":
    unittest.main()
