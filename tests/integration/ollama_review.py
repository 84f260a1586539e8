# SPDX-License-Identifier: MIT
"""Reviews with a real Ollama: `meson test --suite ollama`.

Of $OLLAMA, else `ollama` in PATH, a server of our own with the shared small Gemma 3. Whatever the
programs say to it goes through a relay that keeps both sides. Exits with 77 where there is none."""
import contextlib
import datetime
import json
import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import unittest
import urllib.error
import urllib.request

import harness
from harness import SHARED, SOURCE, Case, Daemon, wait_for

harness.DEADLINE_S = 900  # a whole review is some thousand tokens, and the machine may be busy

OLLAMA = os.environ.get("OLLAMA") or shutil.which("ollama")
GGUF = SHARED / "model" / "tiny-gemma3.gguf"
MODEL = "tiny-gemma3"
# The library's of gemma3; on one thread, as threads that wait for one another spin.
MODELFILE = '''FROM %s
TEMPLATE """{{- range $i, $_ := .Messages }}
{{- $last := eq (len (slice $.Messages $i)) 1 }}
{{- if or (eq .Role "user") (eq .Role "system") }}<start_of_turn>user
{{ .Content }}<end_of_turn>
{{ if $last }}<start_of_turn>model
{{ end }}
{{- else if eq .Role "assistant" }}<start_of_turn>model
{{ .Content }}{{ if not $last }}<end_of_turn>
{{ end }}
{{- end }}
{{- end }}"""
PARAMETER stop "<end_of_turn>"
PARAMETER num_thread 1
'''
SMALL = 2048  # tokens: the whole questions about the example have up to 3,000, with the answer 3,900
TREE = {"a.csv": "backend,time_ms,error\nx,1.5,\ny,2.5,\nz,0,refused\n"}


class Ollama:
    """`ollama serve` on a free port, its models in a directory that goes with it."""

    def __init__(self):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="chimerad-ollama-"))
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            self.port = s.getsockname()[1]
        self.env = {"PATH": os.environ["PATH"], "HOME": str(self.dir),
                    "OLLAMA_HOST": f"127.0.0.1:{self.port}",
                    "OLLAMA_MODELS": str(self.dir / "models")}
        self.log = self.dir / "log"
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen([OLLAMA, "serve"], env=self.env, stdout=log, stderr=log,
                                            stdin=subprocess.DEVNULL)
        wait_for("ollama serve", self.answers)
        self.create(MODEL, MODELFILE % GGUF)

    def create(self, model, text):
        modelfile = self.dir / "Modelfile"
        modelfile.write_text(text)
        subprocess.run([OLLAMA, "create", model, "-f", modelfile], env=self.env, check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def answers(self):
        if self.process.poll() is not None:
            raise AssertionError(f"ollama serve ended: {self.log.read_text()}")
        with contextlib.suppress(OSError):
            return self.ask("/api/version")
        return None

    def ask(self, path, **body):
        data = json.dumps(body).encode() if body else None
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", data) as answer:
            return json.load(answer)

    def model(self, path):
        """What /api/tags or /api/ps says of the model, or None."""
        named = [m for m in self.ask(path)["models"] if m["name"] == f"{MODEL}:latest"]
        return named[0] if named else None

    def loads(self):
        """How often it has loaded a model so far."""
        return len(re.findall(r'msg="starting (?:runner|llama-server)"', self.log.read_text()))

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=harness.DEADLINE_S)
        shutil.rmtree(self.dir, ignore_errors=True)


class Relay:
    """Between a client and a port of this machine; keeps what either side said."""

    def __init__(self, case, port):
        self.port = port
        self.said = []  # (by the client, by the server) of each connection
        self.left = 0   # connections that have ended
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self.accept, daemon=True).start()
        case.addCleanup(self.listener.close)
        case.addCleanup(self.listener.shutdown, socket.SHUT_RDWR)  # ends accept(), close() does not

    def accept(self):
        with contextlib.suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def serve(self, client):
        said = (bytearray(), bytearray())
        self.said.append(said)
        with client, contextlib.suppress(OSError), \
                socket.create_connection(("127.0.0.1", self.port)) as server:
            back = threading.Thread(target=self.pump, args=(server, client, said[1]), daemon=True)
            back.start()
            self.pump(client, server, said[0])
            self.left += 1
            back.join()

    def pump(self, source, sink, keep):
        with contextlib.suppress(OSError):
            while chunk := source.recv(1 << 16):
                keep += chunk
                sink.sendall(chunk)
        for end in (source, sink):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def chats(self):
        """The JSON of each request to write."""
        bodies = []
        for said, _ in self.said:
            for request in bytes(said).split(b"POST /api/chat ")[1:]:
                head, _, rest = request.partition(b"\r\n\r\n")
                length = int(re.search(rb"(?i)content-length: *(\d+)", head)[1])
                bodies.append(json.loads(rest[:length]))
        return bodies

    def ends(self):
        """The last line of each answer that came to its end."""
        lines = [line for _, said in self.said for line in bytes(said).split(b"\n")]
        return [json.loads(line) for line in lines if b'"done":true' in line]

    def statuses(self):
        return [int(n) for _, said in self.said
                for n in re.findall(rb"HTTP/1\.1 (\d{3}) ", bytes(said))]


class OllamaCase(Case):
    @classmethod
    def setUpClass(cls):
        cls.ollama = Ollama()
        cls.addClassCleanup(cls.ollama.stop)

    def setUp(self):
        super().setUp()
        self.relay = Relay(self, self.ollama.port)

    def daemon(self, root, model=MODEL, **contexts):
        """With pipelines of these names, that differ in their context only."""
        endpoint = {"name": "local", "url": self.relay.url, "model": model}
        data = self.dir / "data"
        shutil.copytree(SOURCE / "personas", data / "personas")
        shutil.copytree(SOURCE / "pipelines", data / "pipelines")
        nightly = (data / "pipelines" / "nightly-review.yaml").read_text()
        for name, num_ctx in contexts.items():
            (data / "pipelines" / f"{name}.yaml").write_text(
                nightly.replace("name: nightly-review", f"name: {name}")
                .replace("num_ctx: 4096", f"num_ctx: {num_ctx}"))
        return Daemon(self, [root], [endpoint], env={"CHIMERAD_DATA": str(data)}).start()


class Endpoints(OllamaCase):
    def test_it_is_detected_and_asked_what_it_has(self):
        daemon = self.daemon(self.dir)
        (entry,) = json.loads(self.ctl("--json", "endpoints", socket=daemon.socket).stdout)
        text = self.ctl("doctor", socket=daemon.socket).stdout
        daemon.stop()
        check, loaded = entry["check"], self.ollama.model("/api/ps")
        version = self.ollama.ask("/api/version")["version"]
        digest = self.ollama.model("/api/tags")["digest"]
        self.assertEqual((check["provider"], check["version"], check["identity"]),
                         ("ollama", version, digest))
        self.assertEqual((check["context_asked"], check["context_used"], check["context_trained"]),
                         (4096, 4096, 8192))
        self.assertEqual(loaded["context_length"], 4096)
        self.assertAlmostEqual(check["gpu_pct"], 100 * loaded["size_vram"] / loaded["size"])
        self.assertEqual((check["schema_kept"], check["error"]), (True, None))
        self.assertEqual(check["reloads"], 0)
        for line in (f"ollama {version} answers, 1 request at a time",
                     f"model {MODEL} is there ({digest[:12]})",
                     "context of 4096 tokens, as asked", "answers keep to the schema"):
            self.assertIn(f"ok       {line}", text)
        self.assertIn("0 problems", text)

    def test_it_is_told_when_the_server_keeps_the_system_prompt_from_a_model(self):
        """Up to 0.24 it does where a file is imported as it is."""
        self.ollama.create("bare", f"FROM {GGUF}\n")
        daemon = self.daemon(self.dir, model="bare")
        text = self.ctl("doctor", "--quick", socket=daemon.socket).stdout
        daemon.stop()
        sent = self.ollama.ask("/api/chat", model="bare", stream=False, _debug_render_only=True,
                               messages=[{"role": "system", "content": "Be brief."},
                                         {"role": "user", "content": "Well?"}])
        heard = "Be brief." in sent["_debug_info"]["rendered_template"]
        self.assertEqual("its template leaves out the system prompt" in text, not heard, text)
        self.assertIn("model bare is there", text)

    def test_a_model_that_is_not_there_comes_with_the_command_that_brings_it(self):
        way_out = "model 'nosuch' is not on the server; ollama pull nosuch"
        daemon = self.daemon(self.tree(TREE), model="nosuch")
        self.assertIn(f"problem  {way_out}", self.ctl("doctor", socket=daemon.socket, code=1).stdout)
        job = daemon.succeeded(daemon.submit([self.dir / "artifacts"])["id"])
        report = self.check_report(job["report"])
        daemon.stop()
        self.assertEqual(report["commentary"], [])
        self.assertTrue(report["findings"])
        self.assertEqual(report["calls"][0]["error"], way_out)
        self.assertEqual([c for c in report["calls"] if not c["error"]], [])


class Reviews(OllamaCase):
    def review(self):
        """A review of the example; report.json, and how many requests to write it took."""
        before = len(self.relay.chats())
        self.ctl("review", "--local", "--state", self.dir / "state", "--endpoint", self.relay.url,
                 "--model", MODEL, SOURCE / "examples" / "nightly")
        report = self.check_report(self.dir / "state" / "reports" / "latest")
        return report, len(self.relay.chats()) - before

    def assert_counted(self, report):
        """What the report says of the calls is what the server said."""
        of_server = [(e["prompt_eval_count"], e["eval_count"], e["load_duration"] / 1e6,
                      e["prompt_eval_duration"] / 1e6, e["eval_duration"] / 1e6)
                     for e in self.relay.ends()]
        good = [c for c in report["calls"] if not c["error"]]
        self.assertGreater(len(good), len(report["calls"]) / 2, report["calls"])
        for call in good:
            self.assertEqual((call["provider"], call["model"], call["truncated"]),
                             ("ollama", MODEL, False))
            said = (call["prompt_tokens"], call["output_tokens"], call["load_ms"],
                    call["prompt_eval_ms"], call["eval_ms"])
            self.assertTrue(any(all(abs(a - b) < 1e-3 for a, b in zip(said, e)) for e in of_server),
                            f"{said} not among {of_server}")
            self.assertAlmostEqual(call["tokens_per_s"],
                                   call["output_tokens"] * 1000 / call["eval_ms"], places=3)
            self.assertLess(call["ttft_ms"], call["total_ms"])

    def test_a_review_is_written_by_it_and_a_second_one_asks_nothing_again(self):
        loads = self.ollama.loads()
        first, asked = self.review()
        self.assertEqual(asked, sum(c["attempts"] for c in first["calls"]))
        self.assert_counted(first)
        self.assertTrue(first["commentary"], first["verification"]["struck"][:5])
        self.assertLessEqual(self.ollama.loads() - loads, 1)
        for body in self.relay.chats():
            self.assertEqual((body["think"], body["truncate"], body["shift"]), (False,) * 3)
            self.assertIn("pattern", json.dumps(body["format"]))
        until = datetime.datetime.fromisoformat(self.ollama.model("/api/ps")["expires_at"])
        left = until - datetime.datetime.now(datetime.timezone.utc)
        self.assertGreater(left.total_seconds(), 600, "without keep_alive it would be 5 minutes")

        second, asked = self.review()
        anew = [c for c in second["calls"] if not c["cached"]]
        failed = [c for c in first["calls"] if c["error"]]
        self.assertEqual(asked, sum(c["attempts"] for c in anew))
        self.assertLessEqual(len(anew), 2 * len(failed), anew)
        self.assertEqual(second["facts"], first["facts"])
        self.assertGreater(second["totals"]["cached"], 1)

    def test_another_context_is_loaded_once_and_counted(self):
        root = self.tree(TREE)
        daemon = self.daemon(root, wide=4096, narrow=2048)
        for name in ("wide", "narrow"):
            loads = self.ollama.loads()
            daemon.succeeded(daemon.submit([root], pipeline=name)["id"])
            self.assertLessEqual(self.ollama.loads() - loads, 1)
        (entry,) = json.loads(self.ctl("--json", "endpoints", "--quick", socket=daemon.socket).stdout)
        daemon.stop()
        self.assertEqual(entry["reloads"], 1)
        self.assertEqual(loads + 1, self.ollama.loads())
        self.assertEqual(entry["check"]["context_used"], 2048)
        self.assertEqual(self.ollama.model("/api/ps")["context_length"], 2048)

    def test_what_does_not_fit_into_a_small_context_is_never_sent(self):
        root = SOURCE / "examples" / "nightly"
        daemon = self.daemon(root, small=SMALL)
        job = daemon.succeeded(daemon.submit([root], pipeline="small")["id"])
        report = self.check_report(job["report"])
        daemon.stop()
        self.assertEqual(set(self.relay.statuses()), {200})
        self.assertTrue(self.relay.ends())
        answers = max(b["options"]["num_predict"] for b in self.relay.chats())
        self.assertLessEqual(max(e["prompt_eval_count"] for e in self.relay.ends()), SMALL - answers)
        self.assertEqual({c["truncated"] for c in report["calls"]}, {False})

    def test_a_cancelled_review_leaves_the_server_to_the_next(self):
        root = self.tree(TREE)
        daemon = self.daemon(root)
        job = daemon.submit([root], fresh=True)
        wait_for("words", lambda: any(b'"content":' in said for _, said in self.relay.said))
        left = self.relay.left
        daemon.curl("DELETE", f"/v1/jobs/{job['id']}")
        self.assertEqual(daemon.ended(job["id"])["state"], "cancelled")
        wait_for("the connection's end", lambda: self.relay.left > left)
        self.assertEqual(self.relay.ends(), [])
        done = self.ollama.ask("/api/chat", model=MODEL, stream=False, options={"num_predict": 1},
                               messages=[{"role": "user", "content": "x"}])
        self.assertTrue(done["done"])
        daemon.stop()


class Words(OllamaCase):
    """What the client has to take the server at its word for."""

    def test_a_prompt_that_is_too_long_is_refused_so_that_the_client_knows(self):
        with self.assertRaises(urllib.error.HTTPError) as refusal:
            self.ollama.ask("/api/chat", model=MODEL, truncate=False, shift=False,
                            options={"num_ctx": 1024, "num_predict": 1},
                            messages=[{"role": "user", "content": "word 1.5 " * 2000}])
        self.assertEqual(refusal.exception.code, 400)
        self.assertRegex(json.load(refusal.exception)["error"],
                         "the context length|exceed_context_size_error")


if __name__ == "__main__":
    if not OLLAMA or not GGUF.exists():
        print(f"skipped: {'no ollama in PATH, and none in $OLLAMA' if not OLLAMA else f'no {GGUF}'}")
        sys.exit(77)
    unittest.main()
