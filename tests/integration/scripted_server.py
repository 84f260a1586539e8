# SPDX-License-Identifier: MIT
"""The scripted model server (tests/server) as a test sees it."""
import json
import signal
import subprocess

from harness import BUILD, DEADLINE_S, environment, wait_for

PROGRAM = BUILD / "tests" / "server" / "scripted_server"
PROVIDERS = {"ollama": "ollama", "llama": "openai", "openai": "openai"}


def claims(*texts, about="K1"):
    """An answer as the schema wants it."""
    return json.dumps({"claims": [{"about": [about], "text": text} for text in texts]})


class ScriptedServer:
    """script: what tests/server/script.c describes; members by name."""

    def __init__(self, case, dialect="openai", **script):
        self.case, self.dialect = case, dialect
        self.script = {"dialect": dialect, "model": "fake", **script}
        self.journal = case.dir / f"journal-{len(list(case.dir.glob('journal-*')))}"
        self.port, self.process = 0, None
        case.addCleanup(self.kill)
        self.start()

    def start(self, **changes):
        """Also again, on the same port; its journal begins anew."""
        self.script.update(changes)
        file = self.journal.with_name(self.journal.name + ".json")
        file.write_text(json.dumps(self.script))
        self.process = subprocess.Popen(
            [PROGRAM, "--port", str(self.port), "--journal", self.journal, file],
            stdout=subprocess.PIPE, text=True, env=environment())
        self.port = int(self.process.stdout.readline())
        self.process.stdout.close()

    def stop(self):
        self.process.terminate()
        self.case.assertEqual(self.process.wait(timeout=DEADLINE_S), 0)

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def release(self):
        """What is held goes on, and nothing is held any more."""
        self.process.send_signal(signal.SIGUSR1)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def endpoint(self, name="local", **more):
        return {"name": name, "provider": PROVIDERS[self.dialect], "url": self.url, "model": "fake",
                **more}

    def events(self):
        text = self.journal.read_text() if self.journal.exists() else ""
        return [json.loads(line) for line in text.splitlines(keepends=True) if line.endswith("\n")]

    def requests(self):
        return [e for e in self.events() if e["event"] == "request"]

    def chats(self):
        """The chat requests, in order."""
        return [e for e in self.requests() if e["path"] in ("/api/chat", "/v1/chat/completions")]

    def bodies(self):
        return [c["body"] for c in self.chats()]

    def ends(self, *how):
        """How each request ended, by its number; of these sorts only, if any are named."""
        ends = (e for e in self.events() if e["event"] == "end")
        return {e["n"]: e for e in ends if not how or e["how"] in how}

    def wait_for_chat(self):
        return wait_for("a call", self.chats)
