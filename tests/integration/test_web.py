# SPDX-License-Identifier: MIT
"""The TCP socket: the same interface and the pages, for this machine, and for no foreign page."""
import http.client
import json
import shutil
import socket
import subprocess
import unittest

from harness import DEADLINE_S, Case, Daemon

TREE = {"a.csv": "name,time_ms\nx,1\ny,2\n"}


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as s:
        return s.getsockname()[1]


class Web(Case):
    def setUp(self):
        super().setUp()
        self.root = self.tree(TREE)
        self.port = free_port()
        self.daemon = Daemon(self, [self.root], more=f"web: 127.0.0.1:{self.port}").start()

    def ask(self, method, path, body=None, **headers):
        """(status, headers, text)"""
        c = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        c.request(method, path, body, {k.replace("_", "-"): v for k, v in headers.items()})
        r = c.getresponse()
        text = r.read().decode()
        c.close()
        return r.status, r.headers, text

    def test_the_pages_of_a_review(self):
        job = self.daemon.ended(self.daemon.submit([self.root])["id"])
        status, headers, _ = self.ask("GET", "/")
        self.assertEqual((status, headers["Location"]), (303, "/reports/index.html"))
        status, headers, page = self.ask("GET", f"/reports/{job['id']}/report.html")
        self.assertEqual((status, headers["Content-Type"]), (200, "text/html; charset=utf-8"))
        with open(f"{job['report']}/report.html") as f:
            self.assertEqual(page, f.read())
        for name, value in (("X-Content-Type-Options", "nosniff"),
                            ("Cross-Origin-Resource-Policy", "same-origin"),
                            ("Referrer-Policy", "no-referrer")):
            self.assertEqual(headers[name], value)
        self.assertIn("frame-ancestors 'none'", headers["Content-Security-Policy"])
        self.assertEqual(self.ask("GET", "/reports/latest/report.md")[0], 200)
        self.assertEqual(self.ask("GET", "/reports/..%2f..%2fetc/report.md")[0], 404)

    def test_the_page_that_follows_a_job(self):
        status, headers, page = self.ask("GET", "/jobs/2026")
        self.assertEqual((status, headers["Content-Type"]), (200, "text/html; charset=utf-8"))
        self.assertIn("script-src 'self'", page)
        self.assertNotIn("2026", page)
        status, headers, script = self.ask("GET", "/job.js")
        self.assertEqual((status, headers["Content-Type"]), (200, "text/javascript; charset=utf-8"))
        self.assertNotIn("innerHTML", script)

    @unittest.skipUnless(shutil.which("chromium"), "chromium is not installed")
    def test_what_a_browser_makes_of_that_page(self):
        job = self.daemon.succeeded(self.daemon.submit([self.root])["id"])
        page = self.browse("/jobs/latest")
        self.assertIn(f'<span id="id">{job["id"]}</span>', page)
        self.assertIn('<strong id="state">succeeded</strong>', page)
        for step in ("inventory", "analyse", "compose"):
            self.assertRegex(page, rf"<td[^>]*>{step}</td><td[^>]*>done</td>")
        self.assertIn(f'<p id="report"><a id="link" href="/reports/{job["id"]}/report.html">', page)
        page = self.browse("/jobs/nothing")
        self.assertIn('<strong id="state">Not Found</strong>', page)
        self.assertIn("no job \"nothing\"", page)

    def browse(self, path):
        """The page as it is once its script has run."""
        done = subprocess.run(["chromium", "--headless=new", "--no-sandbox", "--disable-gpu",
                               f"--user-data-dir={self.dir}/browser", "--virtual-time-budget=5000",
                               "--dump-dom", f"http://127.0.0.1:{self.port}{path}"],
                              capture_output=True, text=True, timeout=DEADLINE_S)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def test_the_interface_is_the_same(self):
        body = json.dumps({"pipeline": "nightly-review", "paths": [str(self.root)]})
        origin = f"http://127.0.0.1:{self.port}"
        status, _, text = self.ask("POST", "/v1/jobs", body, Origin=origin,
                                   Content_Type="application/json")
        self.assertEqual(status, 202, text)
        job = self.daemon.ended(json.loads(text)["id"])
        self.assertEqual(json.loads(self.ask("GET", f"/v1/jobs/{job['id']}")[2]), job)

    def test_foreign_pages_are_refused(self):
        for headers in ({"Host": "evil.example"}, {"Origin": "http://evil.example"},
                        {"Origin": "null"}, {"Sec_Fetch_Site": "cross-site"}):
            status, _, text = self.ask("POST", "/v1/jobs", "{}", **headers)
            self.assertEqual(status, 403, headers)
            self.assertIn("refused" if "Host" not in headers else "not served", text)
        self.assertEqual(json.loads(self.ask("GET", "/v1/jobs")[2]), [])

    def test_it_ends_with_the_daemon_and_comes_back(self):
        idle = socket.create_connection(("127.0.0.1", self.port))
        self.daemon.stop()
        self.assertEqual(idle.recv(1), b"")
        idle.close()
        with self.assertRaises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", self.port))
        self.daemon.start()
        self.assertEqual(self.ask("GET", "/healthz")[0], 200)


class Configured(Case):
    def test_other_addresses_are_refused_with_their_place(self):
        config = self.dir / "c.yaml"
        config.write_text("web: 0.0.0.0:80\n")
        done = self.ctl("check", config, code=1)
        self.assertIn(f"{config}:1:6: web: ", done.stderr)
        self.assertIn("only this machine itself", done.stderr)
