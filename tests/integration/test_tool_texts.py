# SPDX-License-Identifier: MIT
"""What tools print is evidence like any table: each figure is traced to a line and a column."""
import pathlib
import unittest

from harness import SOURCE, Case

SEEDS = SOURCE / "tests" / "fuzz" / "collector" / "seeds" / "text"


class ToolTexts(Case):
    def review(self, files):
        root = self.tree(files)
        self.ctl("review", "--local", "--state", self.dir / "state", root)
        self.report = self.dir / "state" / "reports" / "latest" / "report.json"
        return root, self.check_report(self.report.parent)

    def seeds(self):
        return {path.name: path.read_bytes() for path in sorted(SEEDS.iterdir())}

    def test_a_tree_of_tool_texts_is_reviewed_and_verified(self):
        files = self.seeds()
        _, report = self.review(files)
        for artifact in report["inventory"]["artifacts"]:
            self.assertGreater(len(artifact["tables"]), 0, artifact)
            self.assertIn(artifact["status"], ("ok", "partial"))
            self.assertEqual(artifact["tables"][0]["header_line"], None)
        self.assertEqual(sum(report["inventory"]["counts"].values()), len(files))
        places = [x for fact in report["facts"] for x in fact["cells"]]
        self.assertTrue(places)
        for place in places:
            self.assertTrue({"artifact", "line", "column", "length"} <= set(place), place)

    def test_an_altered_digit_is_found(self):
        root, report = self.review({"go.txt": (SEEDS / "go.txt").read_bytes()})
        fact = next(f for f in report["facts"] if f["statistic"] == "value")
        place = fact["cells"][0]
        path = root / "go.txt"
        lines = path.read_text().split("\n")
        line, at = lines[place["line"] - 1], place["column"] - 1
        digit = "9" if line[at] != "9" else "8"
        lines[place["line"] - 1] = line[:at] + digit + line[at + 1:]
        path.write_text("\n".join(lines))
        said = self.ctl("verify", self.report, code=4).stdout
        self.assertIn(f"{fact['id']}: value:", said)

    def test_a_place_that_is_nowhere_is_found(self):
        root, report = self.review({"go.txt": (SEEDS / "go.txt").read_bytes()})
        path = root / "go.txt"
        path.write_text("".join(path.read_text().splitlines(True)[:5]))
        said = self.ctl("verify", self.report, code=4).stdout
        self.assertIn("is nowhere", said)

    def test_encodings_do_not_shift_columns(self):
        text = (SEEDS / "go.txt").read_text().replace("Some CPU", "Prüfstand-µ")
        self.review({"utf8.txt": text, "bom.txt": text.encode("utf-8-sig"),
                     "utf16.txt": text.encode("utf-16"), "latin1.txt": text.encode("latin-1"),
                     "crlf.txt": text.replace("\n", "\r\n")})

    def test_content_decides_whatever_the_extension_says(self):
        text = (SEEDS / "go.txt").read_bytes()
        _, report = self.review({"bench.csv": text, "bench.json": text, "bench.log": text + b"\n"})
        artifacts = report["inventory"]["artifacts"]
        self.assertEqual({a["path"]: a["format"] for a in artifacts},
                         {"bench.csv": "csv", "bench.json": "json", "bench.log": "text"})
        copies = [g for g in report["inventory"]["duplicates"]]
        self.assertEqual(copies, [["A1", "A2"]])
        self.assertEqual([len(a["tables"]) for a in artifacts], [1, 0, 1])


if __name__ == "__main__":
    unittest.main()
