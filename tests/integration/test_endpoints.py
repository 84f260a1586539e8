# SPDX-License-Identifier: MIT
"""What `endpoints` says of model servers: what is well, and how to mend what is not."""
import json
import unittest

from harness import Case, Daemon
from scripted_server import ScriptedServer

KEPT = json.dumps({"word": "beta"})


class Endpoints(Case):
    def ask(self, *servers, command=("endpoints",), code=0, json_out=False):
        """What chimeractl prints of these servers, and their entries with --json."""
        endpoints = [s if isinstance(s, dict) else s.endpoint(f"s{i}") for i, s in enumerate(servers)]
        self.daemon = Daemon(self, [self.dir], endpoints, more="failed_calls: 3s").start()
        done = self.ctl(*command, socket=self.daemon.socket, code=code)
        entries = json.loads(self.ctl("--json", *command, socket=self.daemon.socket).stdout) \
            if json_out else None
        self.daemon.stop()
        return done.stdout, entries

    def test_a_server_that_is_well_says_so_line_by_line(self):
        ollama = ScriptedServer(self, "ollama", say=KEPT, n_ctx=4096)
        text, entries = self.ask(ollama, json_out=True)
        for line in ("ok       ollama 0.", "ok       model fake is there (c0ffee)",
                     "ok       context of 4096 tokens, as asked",
                     "ok       answers keep to the schema", "ok       a short answer began after"):
            self.assertIn(line, text)
        self.assertNotIn("problem", text)
        check = entries[0]["check"]
        self.assertEqual((check["schema_kept"], check["error"], check["identity"]),
                         (True, None, "c0ffee"))
        self.assertEqual({c["body"]["options"]["num_ctx"] for c in ollama.chats()}, {4096})

    def test_what_is_wrong_comes_with_the_way_out(self):
        none = {"path": "/api/tags", "body": {"models": []}}
        small = {"path": "/api/ps", "body": {"models": [{
            "name": "fake", "size": 100, "size_vram": 40, "context_length": 2048}]}}
        bare = {"path": "/api/show", "body": {"template": "{{ .Prompt }}", "model_info": {}}}
        servers = [
            ScriptedServer(self, "ollama", rules=[none]),
            ScriptedServer(self, "ollama", say="gamma", rules=[small, bare]),
            ScriptedServer(self, "llama", rules=[
                {"status": 500, "body": {"error": {"message": "out of luck", "type": "server_error"}}}]),
            {"name": "s3", "provider": "ollama", "url": "http://127.0.0.1:9", "model": "fake"},
            {"name": "s4", "provider": "builtin"},
        ]
        text, _ = self.ask(*servers)
        blocks = dict(zip(range(5), text.split("\ns")))
        self.assertIn("problem  model 'fake' is not on the server; ollama pull fake", blocks[0])
        self.assertIn("warning  context of 2048 tokens, though 4096 were asked for", blocks[1])
        self.assertIn("warning  40 % of the model is on the GPU", blocks[1])
        self.assertIn("warning  answers do not keep to the schema", blocks[1])
        self.assertIn("warning  its template leaves out the system prompt", blocks[1])
        self.assertIn("problem  HTTP 500: out of luck", blocks[2])
        self.assertIn("connection refused; start the model server", blocks[3])
        self.assertIn("no server: sentences are the built-in ones", blocks[4])

    def test_quick_loads_nothing(self):
        server = ScriptedServer(self, "ollama", say=KEPT)
        text, _ = self.ask(server, command=("endpoints", "--quick"))
        self.assertIn("ok       model fake is there", text)
        self.assertEqual(server.chats(), [])


if __name__ == "__main__":
    unittest.main()
