# SPDX-License-Identifier: MIT
"""Every way in which tools write JSON, read and traced to its cells by the outside checker."""
import unittest

from harness import Case

FILES = {
    "columns.json": '{"host": "h", "sweep": {"backend": ["eager", "onnx", "eager", "onnx", "eager",'
                    ' "onnx"], "time_ms": [3.10, 2.2, 3.2, 2.1, 3.15, 2.15]}}',
    "grid.json": '{"system": "DB", "machine": "m1", "result": [[0.5, 0.1, 0.2],\n[0.7, 0.3, 0.4],\n'
                 '[null, 0.35, 0.41],\n[null, null, null]]}',
    "asv.json": '{\n    // The schema version.\n    "version": 1, /* old */\n    "runs": [\n'
                '        {"backend": "a", "time_ms": 1.5},\n'
                '        {"backend": "b", "time_ms": 2.5}, // last\n    ],\n}\n',
    "perf.jsonl": '{"event": "cycles", "time_ms": 1.25, },\n{"event": "instructions", "time_ms": 2.5, '
                  '},\n',
    "cut.json": '{"context": {"date": "2026-11-20T01:00:00Z"},\n "benchmarks": [\n'
                '{"name": "x", "time_ms": 1.5},\n{"name": "y", "time_ms": 2.5},\n{"name": "z", "ti',
}


class Shapes(Case):
    def test_every_shape_is_read_and_traced(self):
        root = self.tree(FILES)
        self.ctl("review", "--local", "--state", self.dir / "state", root)
        report = self.check_report(self.dir / "state" / "reports" / "latest")
        artifacts = {a["path"]: a for a in report["inventory"]["artifacts"]}
        cited = {path: [c["pointer"] for f in report["facts"] for c in f["cells"]
                        if c.get("artifact") == a["id"] and "pointer" in c]
                 for path, a in artifacts.items()}
        self.assertTrue(any(p.startswith("/sweep/time_ms/*") for p in cited["columns.json"]), cited)
        self.assertTrue(any(p.startswith("/runs/*") for p in cited["asv.json"]), cited)
        self.assertTrue(any(p.startswith("/*/time_ms") for p in cited["perf.jsonl"]), cited)
        self.assertTrue(any(p.startswith("/benchmarks/*") for p in cited["cut.json"]), cited)
        self.assertEqual([t["rows"] for t in artifacts["grid.json"]["tables"]], [1, 4])
        self.assertEqual(artifacts["cut.json"]["status"], "partial")
        self.assertIn("line 5", artifacts["cut.json"]["reason"])
        for path in ("columns.json", "grid.json", "asv.json", "perf.jsonl"):
            self.assertEqual(artifacts[path]["status"], "ok", artifacts[path]["reason"])


if __name__ == "__main__":
    unittest.main()
