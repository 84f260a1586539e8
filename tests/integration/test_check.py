# SPDX-License-Identifier: MIT
"""check of YAML: the place of a mistake, the nearest key, and what a file says in effect."""
import json
import unittest

from harness import SOURCE, Case

STEP = "steps:\n  - {id: a, stage: ingest, agent: b"
BAD = {
    "chimerad": ("roots: [/srv]\nendpoints:\n  - {name: a, provder: ollama}\n", "3:15", "provider"),
    "pipeline": (f"name: pipeline\ntitle: T\n{STEP}, for_eech: group}}\n", "4:38", "for_each"),
    "persona": ("name: persona\ntitle: T\ntask: inventory\nsystem: s\noptons: {}\n", "5:1", "options"),
    "review": ("paths: [/srv]\nmashine: m\n", "2:1", "machine"),
}


class Check(Case):
    def write(self, name, text):
        file = self.dir / f"{name}.yaml"
        file.write_text(text)
        return file

    def explain(self, file):
        """{key: (value, line, column)}"""
        said = json.loads(self.ctl("--json", "check", "--explain", file).stdout)
        self.assertEqual(said["schema"], "chimerad.check/1")
        one, = said["files"]
        self.assertEqual((one["good"], one["message"]), (True, None))
        return {v["key"]: (v["value"], v["line"], v["column"]) for v in one["values"]}

    def test_a_mistake_has_its_place_and_the_nearest_key(self):
        for name, (text, place, key) in BAD.items():
            with self.subTest(kind=name):
                file = self.write(name, text)
                done = self.ctl("check", file, code=1)
                self.assertRegex(done.stderr, rf'^{file}:{place}: unknown key "\w+"; did you mean "{key}"\?$')
                self.assertEqual(done.stdout, "")

    def test_json_tells_of_good_and_bad_ones(self):
        bad = self.write("bad", BAD["persona"][0])
        good = self.write("good", "roots: []\n")
        files = json.loads(self.ctl("--json", "check", bad, good, "/nowhere", code=1).stdout)["files"]
        self.assertEqual([(f["kind"], f["good"], f["values"]) for f in files],
                         [("persona", False, None), ("configuration", True, None), (None, False, None)])
        self.assertTrue(files[0]["message"].startswith(f"{bad}:5:1: "))

    def test_explain_says_where_each_value_comes_from(self):
        values = self.explain(self.write("c", "roots: [/srv, /data]\nfailed_calls: 90s\nendpoints:\n"
                                              "  - {name: a, url: 'http://h:1', timeouts: {idle: 5m}}\n"
                                              "metrics: {tokens_s: {direction: higher}}\n"))
        self.assertEqual(values["roots/1"], ("/data", 1, 15))
        self.assertEqual(values["failed_calls"], ("90s", 2, 15))
        self.assertEqual(values["endpoints/0/timeouts/idle"], ("5m", 4, 51))
        self.assertEqual(values["endpoints/0/timeouts/connect"], ("5s", None, None))
        self.assertEqual(values["limits/file_bytes"], ("64MiB", None, None))
        self.assertEqual(values["metrics/tokens_s/direction"], ("higher", 5, 33))
        self.assertEqual(values["columns"], ("{}", None, None))

    def test_what_a_pipeline_names_must_be_there(self):
        data = self.tree({"personas/scout.yaml": "name: scout\ntitle: T\ntask: inventory\nsystem: s\n"})
        config = self.write("config", "endpoints: [{name: left, url: 'http://h:1'}]\n")
        head = "name: p\ntitle: T\n"
        step = "steps: [{id: a, stage: ingest, agent: scout}]\n"
        agents = "agents:\n  - {name: x, endpoint: left}\n  - {name: y, "
        known = f"in {data}/personas; did you mean \"scout\"? there are: scout"
        for text, place, says in (
                (head + step.replace("scout", "scuot"), "3:39: agent", f'no persona "scuot" {known}'),
                (head + step + agents + "personas: {a: scot}}\n", "6:29: a", f'no persona "scot" {known}'),
                (head + step + agents + "endpoint: right}\n", "6:25: endpoint",
                 'no endpoint "right" in the configuration; there are: left'),
                (head + step + "model: {endpoints: [left, lft]}\n", "4:27: endpoints",
                 'no endpoint "lft" in the configuration; did you mean "left"? there are: left')):
            with self.subTest(text=text):
                file = self.write("p", text)
                done = self.ctl("check", file, "--config", config, code=1, env={"CHIMERAD_DATA": str(data)})
                self.assertEqual(done.stderr, f"{file}:{place}: {says}\n")

    def test_the_pipeline_of_a_scheduled_review_must_be_there(self):
        file = self.write("review", "paths: [/srv]\npipeline: nigthly\n")
        done = self.ctl("check", file, code=1)
        self.assertRegex(done.stderr, rf'^{file}:2:11: pipeline: no pipeline "nigthly" in '
                         rf'{SOURCE}/pipelines; did you mean "nightly-review"\? there are: ')
        said = self.ctl("check", file, env={"CHIMERAD_DATA": "/nowhere"}).stdout
        self.assertIn("its pipeline was not looked for: /nowhere/pipelines: No such file", said)

    def test_what_cannot_be_looked_for_is_said(self):
        file = self.write("p", "name: p\ntitle: T\nmodel: {endpoints: [left]}\n"
                               "steps: [{id: a, stage: ingest, agent: scout}]\n")
        broken = self.write("broken", "rots: []\n")
        nowhere = {"CHIMERAD_DATA": "/nowhere", "CHIMERAD_CONFIG": str(broken)}
        done = self.ctl("check", file, env=nowhere)
        self.assertRegex(done.stdout, "its personas were not looked for: /nowhere/personas: No such file")
        self.assertRegex(done.stdout, f"its endpoints were not looked for: {broken}:1:1: unknown key")
        one, = json.loads(self.ctl("--json", "check", file, env=nowhere).stdout)["files"]
        self.assertEqual((one["good"], len(one["notes"])), (True, 2))
        self.assertIn("unknown key", self.ctl("check", file, "--config", broken, code=1).stderr)

    def test_what_the_project_ships_is_explained(self):
        for file in [*(SOURCE / "pipelines").glob("*.yaml"), *(SOURCE / "personas").glob("*.yaml")]:
            self.assertEqual(self.explain(file)["name"][0], file.stem)
        text = self.ctl("check", "--explain", SOURCE / "pipelines/nightly-review.yaml").stdout
        self.assertRegex(text, r"\nmodel/name +5?\d:15 +gemma3\n")
        self.assertRegex(text, r"\noptions/seed +default +-\n")

    def test_yaml_and_artifacts_are_not_explained_together(self):
        self.ctl("check", "--explain", self.write("c", "roots: []\n"), self.tree({}), code=2)


if __name__ == "__main__":
    unittest.main()
