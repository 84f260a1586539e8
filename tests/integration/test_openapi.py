# SPDX-License-Identifier: MIT
"""
docs/openapi.yaml and the server agree: every path, method, status and member that the document has
is seen here, and nothing is seen that it does not have.
"""
import contextlib
import copy
import errno
import json
import re
import resource
import shutil
import signal
import socket
import sqlite3
import threading
import time
import unittest
import urllib.parse

import jsonschema
import yaml

from harness import FAULTS, SOURCE, Case, Daemon, faults, wait_for
from scripted_server import ScriptedServer, claims

METHODS = ("get", "post", "delete")
SERIES_A_PAGE, FINDINGS_A_PAGE, EVENT_STREAMS = 100, 1000, 1024


class Document:
    """openapi.yaml, and what of it has been seen."""

    def __init__(self):
        self.all = yaml.safe_load((SOURCE / "docs" / "openapi.yaml").read_text())
        self.seen, self.members = set(), set()

    def follow(self, node):
        while "$ref" in node:
            at = self.all
            for name in node["$ref"][2:].split("/"):
                at = at[name]
            node = at
        return node

    def answers(self):
        return {(path, method, status) for path, item in self.all["paths"].items()
                for method in METHODS if method in item for status in item[method]["responses"]}

    def template(self, path):
        path = path.partition("?")[0]
        exact = [t for t in self.all["paths"] if t == path]
        matching = exact or [t for t in self.all["paths"]
                             if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", t), path)]
        return matching[0] if matching else None

    def strict(self, schema):
        """As JSON Schema, in which a member that is not named is none."""
        schema = copy.deepcopy(self.follow(schema))
        if "allOf" in schema:
            one, = schema.pop("allOf")
            schema = {**self.strict(one), **schema}
        if "oneOf" in schema:
            schema["oneOf"] = [self.strict(one) for one in schema["oneOf"]]
        nullable = schema.pop("nullable", False)
        if "properties" in schema:
            schema["properties"] = {k: self.strict(v) for k, v in schema["properties"].items()}
            schema.setdefault("additionalProperties", False)
        if "items" in schema:
            schema["items"] = self.strict(schema["items"])
        return {"anyOf": [{"type": "null"}, schema]} if nullable else schema

    def note(self, schema, value, name=""):
        """Which members have come, with something in them."""
        name = schema["$ref"].rpartition("/")[2] if "$ref" in schema else name
        schema = self.follow(schema)
        for one in schema.get("allOf", []) + schema.get("oneOf", []):
            if jsonschema.Draft4Validator(self.strict(one)).is_valid(value):
                self.note(one, value, name)
        if isinstance(value, list):
            for one in value:
                self.note(schema.get("items", {}), one, name)
        elif isinstance(value, dict):
            for key, member in schema.get("properties", {}).items():
                if value.get(key) not in (None, []):
                    self.members.add(f"{name}.{key}")
                    self.note(member, value[key], f"{name}.{key}")

    def known_members(self, schema, name):
        """Of a schema, by the names that note() gives them."""
        if "$ref" in schema and name:
            return set()  # told under its own name
        schema = self.follow(schema)
        found = set()
        for key, member in schema.get("properties", {}).items():
            found |= {f"{name}.{key}"} | self.known_members(member, f"{name}.{key}")
        if "items" in schema:
            found |= self.known_members(schema["items"], name)
        return found

    def check(self, case, method, path, status, headers, text):
        template = self.template(path)
        case.assertIsNotNone(template, f"{path} is not in the document")
        responses = self.all["paths"][template][method.lower()]["responses"]
        case.assertIn(str(status), responses, f"{method} {path}: {text[:300]}")
        self.seen.add((template, method.lower(), str(status)))
        response = self.follow(responses[str(status)])
        if "content" not in response:
            return
        (kind, content), = response["content"].items()
        case.assertEqual(headers["Content-Type"].partition(";")[0], kind, path)
        if "json" in kind:
            value = json.loads(text)
            jsonschema.validate(value, self.strict(content["schema"]))
            self.note(content["schema"], value)


class Late:
    """A request whose answer waits, in a thread of its own, for what the daemon is kept from."""

    def __init__(self, case, daemon, *request):
        self.case, self.request = case, request
        case.flag.touch()
        time.sleep(0.01)  # the library looks at it every few milliseconds
        self.thread = threading.Thread(target=self.run, args=(daemon,))
        self.thread.start()
        wait_for("a call that is kept waiting", lambda: case.told.stat().st_size)

    def run(self, daemon):
        self.answer = daemon.ask(*self.request)

    def let(self, expect):
        self.case.flag.unlink()
        self.thread.join()
        status, headers, text = self.answer
        self.case.assertEqual(status, expect, text[:500])
        self.case.document.check(self.case, *self.request[:2], status, headers, text)


@unittest.skipUnless(FAULTS.exists(), "the library of faults is not built with fuzz targets")
class Agreement(Case):
    def setUp(self):
        super().setUp()
        self.document = Document()
        for folder in ("pipelines", "personas"):
            shutil.copytree(SOURCE / folder, self.dir / folder)
        (self.dir / "pipelines" / "broken.yaml").write_text("name: [\n")
        (self.dir / "personas" / "broken.yaml").write_text("name: [\n")
        shutil.copy(self.dir / "pipelines" / "nightly-review.yaml",
                    self.dir / "pipelines" / "gone.yaml")
        gone = self.dir / "pipelines" / "gone.yaml"
        gone.write_text(gone.read_text().replace("name: nightly-review", "name: gone"))
        self.nights = self.dir / "nightly"
        shutil.copytree(SOURCE / "examples" / "nightly", self.nights)
        self.slow = ScriptedServer(self, say=claims("Look at it."),
                                   rules=[{"match": "DataCollector", "hold": True}])
        self.llama = ScriptedServer(self, dialect="llama", say=claims("Look at it."))
        self.ollama = ScriptedServer(self, dialect="ollama", say=claims("Look at it."))
        self.small = self.tree({"a.csv": "name,time_ms\nx,1\nx,1.1\ny,2\n"})
        rows = "".join(f"case{i},1\ncase{i},1.1\n" for i in range(SERIES_A_PAGE + 1))
        self.wide = self.tree({"a.csv": f"name,time_ms\n{rows}"}, "wide")
        self.flag, self.told = self.dir / "flag", self.dir / "told"
        self.d = Daemon(self, [self.small, self.nights, self.wide],
                        [self.slow.endpoint("slow"), self.llama.endpoint("llama"),
                         self.ollama.endpoint("ollama")],
                        {"jobs_running": 1, "jobs_queued": 2},
                        env={"CHIMERAD_DATA": str(self.dir),
                             **faults("write,fsync", errno.ENOSPC, self.dir / "daemon" / "state",
                                      self.flag, self.told)}).start()

    def ask(self, method, path, body=None, headers=None, expect=None):
        body = json.dumps(body) if isinstance(body, (dict, list)) else body
        status, got, text = self.d.ask(method, path, body, headers)
        if expect:
            self.assertEqual(status, expect, text[:500])
        self.document.check(self, method, path, status, got, text)
        return json.loads(text) if "json" in (got["Content-Type"] or "") else got

    def submit(self, root, expect=202, headers=None, **members):
        return self.ask("POST", "/v1/jobs", {"paths": [str(root)], **members}, headers, expect)

    def wait(self, ident, state):
        def there():
            job = self.ask("GET", f"/v1/jobs/{ident}", expect=200)
            self.assertIn(job["state"], ("queued", "running", state), job)
            return job["state"] == state and job
        return wait_for(f"{ident} {state}", there)

    def test_every_answer(self):
        self.before_any_job()
        done = self.reviews()
        self.refusals(done)
        self.conditions(done)
        self.findings_and_trends(done)
        self.rest()
        self.pages()
        self.too_many_streams(done)
        self.on_a_full_disk(done)
        self.routes()
        self.d.stop()
        self.a_dead_server()
        self.a_backup_that_takes_long()
        self.while_it_stops()
        self.assertEqual(self.document.answers() - self.document.seen, set(),
                         "documented, and not seen")
        known = set()
        for name, schema in self.document.all["components"]["schemas"].items():
            if name != "Submission":
                known |= self.document.known_members(schema, name)
        self.assertEqual(known - self.document.members, set(), "members that never come")

    def before_any_job(self):
        for path in ("/v1/jobs/latest", "/v1/jobs?after=x"):
            self.ask("GET", path, expect=404)
        self.assertEqual(self.ask("GET", "/v1/jobs", expect=200), [])

    def reviews(self):
        """The states of jobs. The id of one that has succeeded and one that was cancelled."""
        done = self.submit(self.nights, subject="nights", machine="m", headers={"Idempotency-Key": "k"},
                           pipeline="nightly-review", endpoint="builtin")["id"]
        self.wait(done, "succeeded")
        self.submit(self.nights, 200, subject="nights", machine="m",
                    headers={"Idempotency-Key": "k"}, pipeline="nightly-review",
                    endpoint="builtin")
        self.submit(self.small, 409, headers={"Idempotency-Key": "k"})
        held = self.submit(self.small, endpoint="slow")["id"]
        self.wait(held, "running")
        self.slow.wait_for_chat()
        self.ask("POST", f"/v1/jobs/{held}/retry", expect=409)
        lost = self.submit(self.small, pipeline="gone")["id"]
        queued = self.submit(self.small)["id"]
        self.submit(self.small, 429)
        self.ask("POST", f"/v1/jobs/{done}/retry", expect=429)
        self.ask("DELETE", f"/v1/jobs/{queued}", expect=200)
        (self.dir / "pipelines" / "gone.yaml").unlink()
        self.ask("DELETE", f"/v1/jobs/{held}", expect=202)
        self.wait(held, "cancelled")
        self.wait(lost, "failed")
        self.ask("DELETE", f"/v1/jobs/{held}", expect=409)
        self.wait(self.ask("POST", f"/v1/jobs/{lost}/retry", expect=202)["id"], "failed")
        self.ask("POST", f"/v1/jobs/{held}/accept", expect=409)
        self.ask("POST", f"/v1/jobs/{done}/accept", expect=200)
        return done

    def refusals(self, done):
        several = done[:4]
        for method, what in (("GET", ""), ("DELETE", ""), ("POST", "/retry"), ("POST", "/accept"),
                             ("GET", "/events"), ("GET", "/report.md"), ("GET", "/report.html"),
                             ("GET", "/report.json")):
            self.ask(method, f"/v1/jobs/{several}{what}", expect=400)
            self.ask(method, f"/v1/jobs/nothing{what}", expect=404)
        for kind in ("md", "html", "json"):
            self.ask("GET", f"/v1/jobs/{done}/report.{kind}", expect=200)
            self.ask("GET", f"/reports/{done}/report.{kind}", expect=200)
            self.ask("GET", f"/reports/nothing/report.{kind}", expect=404)
            self.ask("GET", f"/reports/{several}/report.{kind}", expect=400)
        self.ask("GET", f"/v1/jobs/{done}/events", expect=200)
        self.ask("GET", f"/v1/jobs/{done}/events?after=x", expect=400)
        self.ask("GET", "/v1/jobs?before=x", expect=400)
        self.submit("/etc", 403)
        self.submit(self.small / "nothing", 400)
        self.ask("POST", "/v1/jobs", None, {"Content-Length": str((1 << 20) + 1)}, expect=413)
        dry = self.ask("POST", "/v1/jobs?dry_run=true", {"paths": [str(self.small)]}, expect=200)
        self.assertNotIn("id", dry)

    def conditions(self, done):
        """Who has an answer gets 304, until it is another one."""
        for path in ("/v1/jobs", f"/v1/jobs/{done}", "/v1/findings", "/v1/trends", "/v1/pipelines",
                     "/v1/personas", f"/v1/jobs/{done}/report.md", f"/v1/jobs/{done}/report.html",
                     f"/v1/jobs/{done}/report.json", f"/reports/{done}/report.md",
                     f"/reports/{done}/report.html", f"/reports/{done}/report.json",
                     "/reports/index.html", f"/jobs/{done}", "/job.js"):
            status, headers, text = self.d.ask("GET", path)
            self.assertEqual((status, headers["Cache-Control"]), (200, "private, no-cache"), path)
            tag = headers["ETag"]
            for same in (tag, f'"x", W/{tag}', "*"):
                status, again, empty = self.d.ask("GET", path, None, {"If-None-Match": same})
                self.document.check(self, "GET", path, status, again, empty)
                self.assertEqual((status, again["ETag"], empty), (304, tag, b""), path)
            status, _, same = self.d.ask("GET", path, None, {"If-None-Match": '"other"'})
            self.assertEqual((status, same), (200, text), path)
            if "report" in path:
                since = {"If-Modified-Since": headers["Last-Modified"]}
                self.assertEqual(self.d.ask("GET", path, None, since)[0], 304)
                self.assertEqual(self.d.ask("HEAD", path, None, since)[0], 304)
        before = self.d.ask("GET", "/v1/jobs")[1]["ETag"]
        self.wait(self.submit(self.nights, endpoint="builtin")["id"], "succeeded")
        status, headers, _ = self.d.ask("GET", "/v1/jobs", None, {"If-None-Match": before})
        self.assertEqual(status, 200)
        self.assertNotEqual(headers["ETag"], before)
        self.assertNotIn("ETag", self.d.ask("GET", "/metrics")[1])

    def findings_and_trends(self, done):
        found = self.ask("GET", "/v1/findings?open", expect=200)
        mine = [f for f in found["findings"] if f["subject"] == "nights"]
        key = urllib.parse.quote(mine[0]["key"], safe="")
        ack = {"reason": "known", "until": "2999-12-31", "job": done}
        self.ask("POST", f"/v1/findings/{key}/ack", ack, expect=200)
        self.ask("POST", f"/v1/findings/{key}/ack", {"else": 1}, expect=400)
        self.ask("POST", "/v1/findings/nothing/ack", {}, expect=404)
        self.ask("GET", "/v1/findings?open=no", expect=400)
        self.assertEqual(self.ask("GET", "/v1/findings?after=1000", expect=200)["findings"], [])
        self.assertEqual(len(self.ask("GET", "/v1/findings?after=1", expect=200)["findings"]),
                         len(found["findings"]) - 1)
        self.ask("GET", "/v1/trends?since=tomorrow", expect=400)
        whole = self.ask("GET", "/v1/trends", expect=200)["series"]
        self.assertEqual(self.ask("GET", "/v1/trends?after=1", expect=200)["series"], whole[1:])

    def rest(self):
        for path in ("/v1/pipelines", "/v1/personas", "/v1/endpoints", "/v1/endpoints?check=model",
                     "/healthz", "/readyz", "/metrics", "/v1/backup", "/reports/index.html"):
            self.ask("GET", path, expect=200)
        self.ask("GET", "/v1/endpoints?check=all", expect=400)
        self.ask("GET", "/", expect=303)
        self.ask("GET", "/jobs/latest", expect=200)
        self.ask("GET", "/job.js", expect=200)

    def pages(self):
        """What one answer does not hold is on the next page."""
        self.wait(self.submit(self.wide, subject="wide", endpoint="builtin")["id"], "succeeded")
        first = self.ask("GET", "/v1/trends?subject=wide", expect=200)
        self.assertEqual((first["next"], first["omitted"]), (SERIES_A_PAGE, 1))
        rest = self.ask("GET", f"/v1/trends?subject=wide&after={first['next']}", expect=200)
        self.assertEqual((len(rest["series"]), rest["next"]), (1, None))
        self.assertGreater(self.ask("GET", "/v1/findings", expect=200)["findings"], [])
        with contextlib.closing(sqlite3.connect(self.d.state / "chimerad.db")) as db, db:
            columns = [c[1] for c in db.execute("PRAGMA table_info(finding)")]
            taken = ", ".join("key || n" if c == "key" else c for c in columns)
            db.execute("WITH RECURSIVE count(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM count"
                       f" WHERE n < {FINDINGS_A_PAGE}) INSERT INTO finding SELECT {taken}"
                       " FROM (SELECT * FROM finding LIMIT 1), count")
        page = self.ask("GET", "/v1/findings", expect=200)
        self.assertEqual((len(page["findings"]), page["next"]), (FINDINGS_A_PAGE, FINDINGS_A_PAGE))
        rest = self.ask("GET", f"/v1/findings?after={page['next']}", expect=200)
        self.assertEqual((len(rest["findings"]), rest["next"]), (page["omitted"], None))

    def too_many_streams(self, done):
        held = self.submit(self.small, endpoint="slow")["id"]
        self.wait(held, "running")
        most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, 4096), most))
        with contextlib.ExitStack() as streams:
            for _ in range(EVENT_STREAMS):
                s = streams.enter_context(socket.socket(socket.AF_UNIX))
                s.connect(str(self.d.socket))
                s.sendall(f"GET /v1/jobs/{held}/events HTTP/1.1\r\nHost: x\r\n\r\n".encode())
                self.assertTrue(s.recv(12).endswith(b" 200"))
            self.ask("GET", f"/v1/jobs/{held}/events", expect=503)
        self.ask("DELETE", f"/v1/jobs/{held}", expect=202)
        self.wait(held, "cancelled")
        self.ask("GET", f"/v1/jobs/{done}/events", expect=200)

    def on_a_full_disk(self, done):
        """All that would write is refused, and nothing of it has happened."""
        (self.d.reports / "index.html").unlink()
        self.ask("GET", "/reports/index.html", expect=404)
        held = self.submit(self.small, endpoint="slow")["id"]
        self.wait(held, "running")
        queued = self.submit(self.small)["id"]
        key = urllib.parse.quote(self.ask("GET", "/v1/findings")["findings"][0]["key"], safe="")
        self.flag.touch()
        wait_for("a full disk", lambda: self.d.ask("GET", "/readyz")[0] != 200)
        self.ask("GET", "/readyz", expect=503)
        self.submit(self.small, 507)
        self.ask("POST", f"/v1/jobs/{done}/retry", expect=507)
        self.ask("POST", f"/v1/jobs/{done}/accept", expect=507)
        self.ask("DELETE", f"/v1/jobs/{queued}", expect=507)
        self.ask("POST", f"/v1/findings/{key}/ack", {}, expect=507)
        self.ask("GET", "/v1/backup", expect=507)
        self.flag.unlink()
        wait_for("room", lambda: self.d.ask("GET", "/readyz")[0] == 200)
        self.assertEqual(self.ask("GET", f"/v1/jobs/{queued}")["state"], "queued")
        self.ask("DELETE", f"/v1/jobs/{queued}", expect=200)
        self.ask("DELETE", f"/v1/jobs/{held}", expect=202)
        self.wait(held, "cancelled")

    def another(self, name, endpoints=(), wait=None, below=None):
        """A daemon; these calls below some place wait while self.flag is there."""
        env = {"CHIMERAD_DATA": str(self.dir)}
        if wait:
            self.told = self.dir / f"{name}.told"
            env |= faults(wait, 0, below, self.flag, self.told)
        self.d = Daemon(self, [self.small], endpoints, env=env, name=name).start()

    def a_dead_server(self):
        with socket.create_server(("127.0.0.1", 0)) as nobody:
            url = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        self.another("dead", [{"name": "dead", "provider": "openai", "model": "m", "url": url}])
        self.wait(self.submit(self.small)["id"], "succeeded")
        one, = self.ask("GET", "/v1/endpoints?check=server", expect=200)
        self.assertTrue(one["error"] and one["check"]["error"], one)
        self.d.stop()

    def a_backup_that_takes_long(self):
        self.another("long", wait="write", below=self.dir / "long" / "state" / "backup.new")
        first = Late(self, self.d, "GET", "/v1/backup")
        self.ask("GET", "/v1/backup", expect=409)
        first.let(200)
        self.ask("GET", "/v1/backup", expect=200)
        self.d.stop()

    def while_it_stops(self):
        """A submission that was under way when the daemon was told to stop."""
        self.another("last", wait="open", below=self.dir / "pipelines")
        late = Late(self, self.d, "POST", "/v1/jobs", json.dumps({"paths": [str(self.small)]}))
        self.d.process.send_signal(signal.SIGTERM)
        wait_for("it stops", lambda: "stopping: " in self.d.log.read_text())
        late.let(503)
        self.assertEqual(self.d.process.wait(), 0)

    def routes(self):
        """The server's own table holds what the document does, and other methods are refused."""
        table = (SOURCE / "daemon" / "api.c").read_text()
        table = table[table.index("} routes[]"):table.index("/* --- answers")]
        served = {(re.sub(r"\{\}", "{}", path), method.lower())
                  for method, path in re.findall(r'\{"([A-Z]+)", "([^"]+)"', table)}
        documented = {(re.sub(r"\{\w+\}", "{}", path), method)
                      for path, item in self.document.all["paths"].items()
                      for method in METHODS if method in item}
        self.assertEqual(served, documented)
        for path in self.document.all["paths"]:
            status, headers, _ = self.d.ask("PUT", re.sub(r"\{\w+\}", "x", path))
            self.assertEqual((status, headers["Content-Type"]), (405, "application/problem+json"))
            for method in headers["Allow"].split(", "):
                self.assertIn(method.lower(), self.document.all["paths"][path])
        self.assertEqual(self.d.ask("GET", "/v1/nothing")[0], 404)


if __name__ == "__main__":
    unittest.main()
