# SPDX-License-Identifier: MIT
"""Reviews against scripted servers: one daemon, a server and a root for each case, all at once."""
import json
import re

from harness import Case, Daemon
from scripted_server import ScriptedServer

TREE = {"a.csv": "backend,time_ms,error\nx,1.5,\ny,2.5,\nz,0,refused\n"}
TIMEOUTS = {"connect": "5s", "first_token": "20s", "idle": "20s", "total": "60s"}


class ServerCase(Case):
    files = TREE  # what is reviewed

    def setUp(self):
        super().setUp()
        self.pages = {}  # report.md of each case by its name

    def review(self, servers, failed_calls="30s", timeouts=None, env=None):
        """{name: ScriptedServer or endpoint}; report.json of each, found true by the checkers."""
        limits = {**TIMEOUTS, **(timeouts or {})}
        endpoints, roots = [], {}
        for name, server in servers.items():
            endpoint = server.endpoint(name) if isinstance(server, ScriptedServer) else server
            endpoints.append({"timeouts": limits, **endpoint, "name": name})
            roots[name] = self.tree(self.files, name=f"tree-{name}")
        daemon = Daemon(self, roots.values(), endpoints, {"jobs_running": 16},
                        f"failed_calls: {failed_calls}", env).start()
        jobs = {name: daemon.submit([root], endpoint=name, fresh=True)["id"]
                for name, root in roots.items()}  # no answer is one of another server
        reports = {}
        for name, job in jobs.items():
            daemon.succeeded(job)
            reports[name] = self.check_report(daemon.reports / job)
            self.pages[name] = (daemon.reports / job / "report.md").read_text()
            self.assertTrue(any(f["metric"] == "time_ms" for f in reports[name]["facts"]), name)
            self.assertTrue(reports[name]["findings"], name)
        daemon.stop()
        return reports

    def review_one(self, dialect, **script):
        """(report, server); what is for review() goes by name, too."""
        how = {k: script.pop(k) for k in ("failed_calls", "timeouts", "env") if k in script}
        server = ScriptedServer(self, dialect, **script)
        return self.review({"one": server}, **how)["one"], server

    def assert_builtin(self, report):
        self.assertEqual(report["commentary"], [])
        self.assertEqual([r for r in report["recommendations"] if r["by"] == "model"], [])

    def assert_good(self, name, report):
        """Every call was answered at the first try."""
        self.assertTrue(report["calls"], name)
        for call in report["calls"]:
            self.assertEqual((call["error"], call["attempts"], call["finish"]), (None, 1, "stop"),
                             f"{name}: {call}")
        self.assertTrue(report["commentary"], name)

    def assert_failed(self, name, report, error, attempts):
        """The first call failed so, none was answered, and the page is builtin's."""
        error += f" ({attempts} tries)" if attempts > 1 else ""
        attempts += bool(re.match("HTTP (400|422|501):", error))  # once more without the schema
        self.assert_builtin(report)
        first = report["calls"][0]
        self.assertEqual((first["error"], first["attempts"], first["finish"]),
                         (error, attempts, "error"), f"{name}: {json.dumps(first)}")
        for call in report["calls"]:
            self.assertTrue(call["error"], f"{name}: {call}")

    def assert_all_failed(self, dialect, cases, **how):
        """{name: (rule for each chat, error, attempts)}; returns the servers by name."""
        servers = {name: ScriptedServer(self, dialect, rules=[rule])
                   for name, (rule, _, _) in cases.items()}
        reports = self.review(servers, **how)
        for name, (_, error, attempts) in cases.items():
            with self.subTest(case=name):
                self.assert_failed(name, reports[name],
                                   error.replace("URL", servers[name].url), attempts)
        return servers
