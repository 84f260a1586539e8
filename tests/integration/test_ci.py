# SPDX-License-Identifier: MIT
"""--format junit and github: read as their readers read them."""
import pathlib
import re
import unittest
import xml.etree.ElementTree as xml

from harness import SOURCE, Case, Daemon

HOSTILE = "a%0A::error::x,y:z\n]]><&\"'\x07\x1b[31m\u202e.csv"


def samples(median, model="m"):
    return "model,latency_ms\n" + "".join(f"{model},{median * (1 + k / 1000):.4f}\n"
                                          for k in range(-4, 5))


def annotations(text):
    """(command, properties, message) of each line, as the runner unescapes them."""
    found = []
    for line in text.rstrip("\n").split("\n"):
        command, properties, data = re.fullmatch(r"::(\w+) ([^:]*)::(.*)", line).groups()
        values = dict(p.split("=", 1) for p in properties.split(","))
        for code, char in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
            values = {k: v.replace(code, char) for k, v in values.items()}
            data = data.replace(code, char)
        found.append((command, values, data))
    return found


class Formats(Case):
    def suite(self, text):
        """The one suite; its counts are those of its cases."""
        root = xml.fromstring(text)
        self.assertEqual((root.tag, len(root)), ("testsuites", 1))
        suite = root[0]
        cases = suite.findall("testcase")
        for attribute, of in (("failures", "failure"), ("skipped", "skipped"), ("errors", "error")):
            self.assertEqual(int(suite.get(attribute)), len(suite.findall(f"testcase/{of}")))
        self.assertEqual(int(suite.get("tests")), len(cases))
        for case in cases:
            self.assertTrue(case.get("name") and case.get("classname"))
        return suite, cases

    def review(self, *args, code=0, env=None):
        return self.ctl("review", "--state", self.dir / "state", *args, code=code, env=env).stdout

    def test_a_regression_of_a_review_is_a_failure_with_its_evidence(self):
        root = SOURCE / "examples" / "nightly"
        suite, cases = self.suite(self.review(root, "--format", "junit", "--fail-on", "regression",
                                              code=3))
        self.assertEqual(suite.find("properties/property").attrib,
                         {"name": "verdict", "value": "worse"})
        self.assertEqual(len(cases), 1)
        failure = cases[0].find("failure")
        self.assertEqual(cases[0].get("classname"), "chimerad.regression")
        self.assertEqual(cases[0].get("name"),
                         "regression:sqlite-*.json#/results/*/times/command=lookups")
        self.assertEqual(cases[0].get("file"), str(root / "sqlite-2026-11-20.json"))
        self.assertRegex(failure.get("message"), r"^K1 \(confirmed\) Time of lookups .* 25\.3 %")
        self.assertRegex(failure.text, r"\n.*sqlite-2026-11-20\.json: /results/\*/times/\*, elements 1$")

    def test_without_fail_on_regressions_are_told_and_the_exit_code_is_0(self):
        root = SOURCE / "examples" / "nightly"
        _, cases = self.suite(self.review(root, "--format=junit"))
        self.assertEqual([c.find("failure") is not None for c in cases], [True])

    def test_what_does_not_alarm_is_skipped_and_nothing_at_all_passes(self):
        root = self.tree({"a.csv": samples(10) + samples(20, "n").partition("\n")[2]})
        _, cases = self.suite(self.review(root, "--format", "junit", "--fail-on", "best"))
        self.assertTrue(cases)
        self.assertEqual({c.get("classname") for c in cases}, {"chimerad.best"})
        self.assertTrue(all(c.find("skipped") is not None for c in cases))
        _, cases = self.suite(self.review(root, "--format", "junit", "--fail-on",
                                          "regression,untestable", "--fresh"))
        self.assertEqual([(c.get("name"), len(c)) for c in cases],
                         [("no regression, untestable", 0)])

    def test_github_has_one_annotation_a_finding_and_the_page_in_the_summary(self):
        summary = self.dir / "summary.md"
        summary.write_text("before\n")
        root = self.dir / "checkout" / "nightly"  # below the working directory
        root.parent.mkdir()
        root.symlink_to(SOURCE / "examples" / "nightly")
        text = self.review(root, "--format", "github", "--fail-on", "regression,best", code=3,
                           env={"GITHUB_STEP_SUMMARY": str(summary)})
        found = annotations(text)
        self.assertEqual([f[0] for f in found], ["error", "notice", "notice"])
        self.assertEqual([f[1]["title"] for f in found], ["regression", "best", "best"])
        self.assertRegex(found[0][2], r"^K1 \(confirmed\) .* 25\.3 %.*\n/results/\*/times/\*, elements 1$")
        self.assertEqual(summary.read_text(), "before\n" + (
            self.dir / "state" / "reports" / "latest" / "report.md").read_text())

    def test_paths_below_the_working_directory_are_told_from_there(self):
        self.tree({"a.csv": samples(10)}, name="base")
        self.tree({"a.csv": samples(13)}, name="new")
        text = self.ctl("compare", "base", "new", "--format", "github", "--fail-on", "regression",
                        code=3).stdout
        [(command, values, message)] = annotations(text)
        self.assertEqual((command, values),
                         ("error", {"file": "new/a.csv", "title": "regression"}))
        self.assertRegex(message, r"^latency_ms of a\.csv, model=m: from 10 to 13 ms, "
                                  r"\+30\.0 % \[.*\]: worse, p .*, n=9\+9\n"
                                  r"column latency_ms, rows 1-9$")

    def test_a_comparison_as_junit(self):
        base = self.tree({"a.csv": samples(10), "gone.csv": samples(5)}, name="base")
        new = self.tree({"a.csv": samples(13), "came.csv": samples(5)}, name="new")
        kinds = "regression,new,vanished"
        _, cases = self.suite(self.ctl("compare", base, new, "--format", "junit", "--fail-on",
                                       kinds, code=3).stdout)
        self.assertEqual([(c.get("classname"), c.find("failure").get("type")) for c in cases],
                         [(f"chimerad.{k}", k) for k in ("regression", "vanished", "new")])
        self.assertEqual(cases[1].get("file"), "base/gone.csv")
        _, cases = self.suite(self.ctl("compare", base, base, "--format", "junit").stdout)
        self.assertEqual([c.get("name") for c in cases], ["no regression"])

    def test_hostile_names_are_text(self):
        subject = "m]]>\x1b[2J\u2028<x>&%0A::stop-commands::t"
        base = self.tree({HOSTILE: samples(10, subject)}, name="base")
        new = self.tree({HOSTILE: samples(13, subject)}, name="new")
        summary = self.dir / "summary.md"
        args = ("compare", base, new, "--fail-on", "regression", "--format")
        _, [case] = self.suite(self.ctl(*args, "junit", code=3).stdout)
        self.assertIn("]]><&\"'??[31m?.csv", case.get("file"))
        self.assertIn("model=m]]>?[2J?<x>&%0A::stop-commands::t",
                      case.find("failure").get("message"))
        text = self.ctl(*args, "github", code=3,
                        env={"GITHUB_STEP_SUMMARY": str(summary)}).stdout
        [(command, values, message)] = annotations(text)
        self.assertEqual((command, set(values)), ("error", {"file", "title"}))
        self.assertTrue(values["file"].endswith("z\n]]><&\"'??[31m?.csv"))
        self.assertIn("%0A::stop-commands::t", message)
        self.assertFalse([c for c in text if ord(c) < 32 and c != "\n"])
        lines = summary.read_text().splitlines()
        self.assertTrue(lines and all(line.startswith("    ") for line in lines))

    def test_a_report_of_the_daemon_in_either_format(self):
        root = SOURCE / "examples" / "nightly"
        daemon = Daemon(self, [root]).start()
        daemon.succeeded(daemon.submit([root])["id"])
        out = self.dir / "r.xml"
        self.ctl("report", "latest", "--format", "junit", "-o", out, socket=daemon.socket)
        self.assertEqual(len(self.suite(out.read_text())[1]), 1)
        text = self.ctl("report", "latest", "--format", "github", "--fail-on", "regression",
                        socket=daemon.socket, code=3).stdout
        self.assertEqual([a[0] for a in annotations(text)], ["error"])
        self.ctl("report", "latest", "--fail-on", "regression", socket=daemon.socket, code=2)

    def test_another_format_is_a_usage_error(self):
        for command in (("review", "."), ("compare", ".", "."), ("report", "latest")):
            done = self.ctl(*command, "--format", "yaml", code=2)
            self.assertIn("junit", done.stderr)
        self.assertEqual(list(pathlib.Path(self.dir).iterdir()), [])


if __name__ == "__main__":
    unittest.main()
