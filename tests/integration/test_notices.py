# SPDX-License-Identifier: MIT
"""`notify`: what becomes of findings is told by webhook and command: once, signed, until it arrives."""
import hashlib
import hmac
import http.server
import json
import os
import pathlib
import shutil
import sqlite3
import threading
import time
import unittest

from harness import QUIET, SOURCE, Case, Daemon, wait_for

MEMBERS = {"schema", "id", "job", "pipeline", "subject", "paths", "machine", "verdict", "report",
           "finished_at", "transitions", "omitted"}
TRANSITION = {"event", "key", "id", "kind", "severity", "state", "since", "text", "effect"}


class Receiver:
    """The world outside: keeps what is posted, and answers as it is told to."""

    def __init__(self, case):
        self.statuses, self.got, self.hanging = [], [], threading.Event()
        self.hang = False
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status = receiver.statuses.pop(0) if receiver.statuses else 200
                receiver.got.append((self.path, dict(self.headers), body, status))
                if receiver.hang:
                    receiver.hanging.wait(60)
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        case.addCleanup(self.close)

    def close(self):
        self.hanging.set()
        self.server.shutdown()
        self.server.server_close()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def bodies(self, status=200):
        return [json.loads(body) for _, _, body, s in self.got if s == status]


class Notices(Case):
    def setUp(self):
        super().setUp()
        self.root = self.dir / "artifacts"
        self.root.mkdir()
        self.receiver = Receiver(self)
        self.night = 0

    def daemon_with(self, env=None, **notify):
        return Daemon(self, [self.root], more=f"notify: {json.dumps(notify)}", env=env)

    def webhook(self, path="/hook", **more):
        return self.daemon_with(webhook=self.receiver.url + path, **more).start()

    def review(self, daemon, median):
        self.night += 1
        rows = "".join(f"2026-10-{self.night:02}T02:0{i}:00Z,a,{median + off:.3f}\n"
                       for i, off in enumerate((-2.25, -1, 0, 1, 2)))
        (self.root / "results.csv").write_text("time,model,tokens_s\n" + rows)
        return daemon.succeeded(daemon.submit([self.root])["id"])

    def measure(self, daemon, *medians):
        for median in medians:
            job = self.review(daemon, median)
        return job

    def rows(self, daemon):
        with sqlite3.connect(f"file:{daemon.state / 'chimerad.db'}?mode=ro", uri=True) as db:
            return db.execute("SELECT job, channel, state, tries, error FROM notice"
                              " ORDER BY id").fetchall()

    def delivered(self, daemon, n=1):
        return wait_for(f"{n} delivered", lambda: (rows := self.rows(daemon)) and
                        [r[2] for r in rows].count("delivered") == n and rows)

    def test_a_regression_is_told_when_it_is_confirmed_and_when_it_recovers_and_no_more(self):
        daemon = self.webhook()
        self.measure(daemon, *QUIET, 80)
        self.assertEqual(self.rows(daemon), [], "a suspicion is not told")
        confirmed = self.measure(daemon, 81, 79)
        self.measure(daemon, 80, 81)
        self.delivered(daemon)
        [body] = self.receiver.bodies()
        self.assertEqual(set(body), MEMBERS)
        self.assertEqual((body["schema"], body["id"], body["job"]),
                         ("chimerad.notice/1", confirmed["id"], confirmed["id"]))
        self.assertEqual((body["verdict"], body["report"]),
                         (confirmed["verdict"], confirmed["report"]))
        self.assertEqual((body["paths"], body["subject"], body["omitted"]),
                         ([str(self.root)], None, 0))
        [change] = body["transitions"]
        self.assertEqual(set(change), TRANSITION)
        self.assertEqual((change["event"], change["kind"], change["state"], change["since"]),
                         ("confirmed", "regression", "confirmed", "2026-10-11"))
        report = json.loads((pathlib.Path(confirmed["report"]) / "report.json").read_text())
        [finding] = [k for k in report["findings"] if k["id"] == change["id"]]
        self.assertEqual((finding["key"], finding["severity"], finding["effect"]),
                         (change["key"], change["severity"], change["effect"]))
        self.measure(daemon, 80, 80, 100, 101, 99, 100)
        self.delivered(daemon, 2)
        [_, body] = self.receiver.bodies()
        [change] = body["transitions"]
        self.assertEqual((change["event"], change["state"], change["id"]),
                         ("recovered", "recovered", None))
        self.assertEqual(change["key"], finding["key"])

    def test_suspicions_are_told_where_that_is_wanted_and_so_is_their_end(self):
        daemon = self.webhook(suspected=True)
        self.measure(daemon, *QUIET, 80, 100)
        self.delivered(daemon, 2)
        self.assertEqual([[t["event"] for t in b["transitions"]] for b in self.receiver.bodies()],
                         [["suspected"], ["recovered"]])

    def suspect(self, **notify):
        """A daemon with a notice on its way."""
        daemon = self.webhook(suspected=True, **notify)
        self.measure(daemon, *QUIET, 80)
        return daemon

    def test_the_secret_signs_what_is_sent(self):
        (self.dir / "secret").write_text("a shared secret\n")
        daemon = self.suspect(path="/hook/?to=me", secret={"file": str(self.dir / "secret")})
        self.delivered(daemon)
        [(path, headers, body, _)] = self.receiver.got
        self.assertEqual(path, "/hook/?to=me")
        digest = hmac.new(b"a shared secret", body, hashlib.sha256).hexdigest()
        self.assertEqual(headers["X-Chimerad-Signature"], f"sha256={digest}")
        self.assertEqual(headers["Content-Type"], "application/json")
        self.assertEqual(headers["Idempotency-Key"], json.loads(body)["id"])

    def test_a_receiver_that_fails_is_asked_again_until_it_has_it(self):
        self.receiver.statuses = [500, 503]
        daemon = self.suspect()
        [(_, _, state, tries, error)] = self.delivered(daemon)
        self.assertEqual((state, tries, error), ("delivered", 3, None))
        self.assertEqual([s for _, _, _, s in self.receiver.got], [500, 503, 200])
        self.assertEqual(len({h["Idempotency-Key"] for _, h, _, _ in self.receiver.got}), 1)
        self.assertEqual(len({body for _, _, body, _ in self.receiver.got}), 1)
        self.assertIn("HTTP status 500", daemon.log.read_text())

    def test_a_receiver_that_hangs_holds_up_no_review(self):
        self.receiver.hang = True
        daemon = self.suspect(timeout="1s")
        wait_for("a request", lambda: self.receiver.got)
        self.review(daemon, 100)
        wait_for("a time-out", lambda: any(r[3] and r[4] for r in self.rows(daemon)))
        self.assertEqual(daemon.get("/readyz")[0], 200)
        self.receiver.hang = False
        self.receiver.hanging.set()
        self.delivered(daemon, 2)

    def test_killed_before_it_is_marked_it_is_told_again_under_the_same_id(self):
        self.receiver.hang = True
        daemon = self.suspect()
        wait_for("a request", lambda: self.receiver.got)
        daemon.kill()
        self.assertEqual([r[2] for r in self.rows(daemon)], ["waiting"])
        self.receiver.hang = False
        self.receiver.hanging.set()
        daemon.start()
        self.delivered(daemon)
        self.assertEqual(len(self.receiver.got), 2)
        self.assertEqual(len({h["Idempotency-Key"] for _, h, _, _ in self.receiver.got}), 1)

    def test_stopped_while_the_receiver_hangs_it_ends_and_tells_it_at_the_next_start(self):
        self.receiver.hang = True
        daemon = self.suspect(timeout="5m")
        wait_for("a request", lambda: self.receiver.got)
        daemon.stop()
        self.assertEqual([r[2:4] for r in self.rows(daemon)], [("waiting", 0)])
        self.receiver.hang = False
        daemon.start()
        self.delivered(daemon)

    def test_without_a_receiver_it_waits(self):
        self.receiver.server.server_close()
        daemon = self.suspect()
        wait_for("a failure", lambda: any(r[3] for r in self.rows(daemon)))
        [(_, _, state, _, error)] = self.rows(daemon)
        self.assertEqual((state, error), ("waiting", "connection refused"))

    def test_a_missing_night_is_told_once(self):
        shutil.copytree(SOURCE / "personas", self.dir / "data" / "personas")
        (self.dir / "data" / "pipelines").mkdir()
        text = (SOURCE / "pipelines" / "nightly-review.yaml").read_text()
        (self.dir / "data" / "pipelines" / "nightly-review.yaml").write_text(
            text.replace("require: []", 'require: [{series: "*results*", max_age: 36h}]'))
        daemon = self.daemon_with(env={"CHIMERAD_DATA": str(self.dir / "data")},
                                  webhook=self.receiver.url).start()
        self.measure(daemon, 100, 101)  # of long ago
        self.delivered(daemon)
        [body] = self.receiver.bodies()
        self.assertEqual([(t["event"], t["key"], t["kind"]) for t in body["transitions"]],
                         [("missing", "gap:required:*results*", "gap")])
        (self.root / "results.csv").write_text("time,model,tokens_s\n" + time.strftime(
            "%Y-%m-%dT%H:%M:%SZ,a,100\n", time.gmtime()))
        daemon.succeeded(daemon.submit([self.root])["id"])
        self.delivered(daemon, 2)
        self.assertEqual([t["event"] for t in self.receiver.bodies()[1]["transitions"]],
                         ["recovered"])

    # --- the command ---

    def script(self, text):
        path = self.dir / "tell"
        path.write_text(f"#!/bin/sh\n{text}\n")
        path.chmod(0o755)
        return str(path)

    def tell(self, text, *args, **more):
        daemon = self.daemon_with(command=[self.script(text), *args], suspected=True, **more)
        daemon.env["SECRET_OF_THE_DAEMON"] = "x"
        daemon.start()
        self.measure(daemon, *QUIET, 80)
        return daemon

    def test_a_command_gets_it_on_its_stdin_without_a_shell_and_with_little_around_it(self):
        daemon = self.tell(f"cat > {self.dir}/stdin; env > {self.dir}/env; pwd > {self.dir}/pwd;"
                           f" printf '%s' \"$1\" > {self.dir}/arg; echo well told",
                           "; touch /tmp/$HOME")
        [(job, channel, _, _, _)] = self.delivered(daemon)
        self.assertEqual(channel, "command")
        body = json.loads((self.dir / "stdin").read_text())
        self.assertEqual(set(body), MEMBERS)
        env = dict(line.split("=", 1) for line in (self.dir / "env").read_text().splitlines())
        self.assertEqual(set(env) - {"PWD", "_", "SHLVL", "OLDPWD"},
                         {"PATH", "LANG", "CHIMERAD_NOTICE"})
        self.assertEqual(env["CHIMERAD_NOTICE"], job)
        self.assertEqual((self.dir / "arg").read_text(), "; touch /tmp/$HOME")
        self.assertEqual((self.dir / "pwd").read_text(), "/\n")
        self.assertIn("command says: well told", daemon.log.read_text())

    def test_a_command_that_fails_runs_again(self):
        daemon = self.tell(f"echo x >> {self.dir}/runs; test $(wc -l < {self.dir}/runs) -ge 2")
        [(_, _, _, tries, _)] = self.delivered(daemon)
        self.assertEqual(tries, 2)
        self.assertIn("exit code 1", daemon.log.read_text())

    def test_a_command_that_hangs_is_ended_with_all_that_it_began(self):
        daemon = self.tell(f"echo $$ > {self.dir}/pid; sleep 1000 & echo $! >> {self.dir}/pid;"
                           " wait", timeout="500ms")
        wait_for("a time-out", lambda: "took too long" in daemon.log.read_text())
        pids = (self.dir / "pid").read_text().split()[:2]
        daemon.kill()
        wait_for("their end", lambda: not any(
            os.path.exists(f"/proc/{p}") and
            " Z " not in pathlib.Path(f"/proc/{p}/stat").read_text() for p in pids))

    def test_a_command_that_talks_without_end_is_heard_a_little(self):
        daemon = self.tell("cat > /dev/null; head -c 3000000 /dev/zero | tr '\\0' x")
        self.delivered(daemon)
        self.assertLess(len(daemon.log.read_text()), 20000)

    def test_a_program_that_is_not_there_is_told(self):
        daemon = self.daemon_with(command=["/no/such/program"], suspected=True).start()
        self.measure(daemon, *QUIET, 80)
        wait_for("a failure", lambda: "/no/such/program" in daemon.log.read_text())
        [(_, _, state, _, _)] = self.rows(daemon)
        self.assertEqual(state, "waiting")

    def test_both_are_told_each_for_itself(self):
        daemon = self.daemon_with(command=[self.script("cat > /dev/null")],
                                  webhook=self.receiver.url, suspected=True).start()
        self.measure(daemon, *QUIET, 80)
        self.assertEqual([r[1] for r in self.delivered(daemon, 2)], ["webhook", "command"])

    def test_mistakes_are_told_with_their_place(self):
        for notify, words in (({"webhook": "ftp://x"}, "is not http://HOST or https://HOST"), ({"webhok": "http://x"}, "webhook"),
                              ({"command": ["tell"]}, "absolute path"),
                              ({"secret": {"file": "/x"}}, "no webhook")):
            path = self.dir / "bad.yaml"
            path.write_text(f"notify: {json.dumps(notify)}\n")
            error = self.ctl("check", path, code=1).stderr
            self.assertRegex(error, r"bad\.yaml:1:\d+: ")
            self.assertIn(words, error)


if __name__ == "__main__":
    unittest.main()
