# SPDX-License-Identifier: MIT
"""A scripted OpenAI-compatible server for faults. For everything else the tests use llama-server."""
import http.server
import json
import threading


def event(delta, finish=None, **more):
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return b"data: " + json.dumps({"choices": [choice], **more}).encode() + b"\n\n"


def answer(text):
    """A whole good stream that says `text`."""
    usage = {"prompt_tokens": 10, "completion_tokens": 20}
    yield event({"role": "assistant", "content": None})
    yield event({"content": text})
    yield event({}, "stop", usage=usage)
    yield b"data: [DONE]\n\n"


class FakeModel:
    """
    script(n, request) is called for the n-th chat call (from 1) with its JSON; it returns a
    status and an iterable of byte strings, or None to hang up without a word.
    """

    def __init__(self, case, script):
        fake = self
        self.calls = []
        self.lock = threading.Lock()

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *args):
                pass

            def reply(self, status, pieces, kind="text/event-stream"):
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Connection", "close")
                self.end_headers()
                for piece in pieces:
                    self.wfile.write(piece)
                    self.wfile.flush()
                self.close_connection = True

            def do_GET(self):
                if self.path == "/v1/models":
                    self.reply(200, [json.dumps({"data": [{"id": "fake"}]}).encode()], "application/json")
                else:
                    self.reply(404, [b'{"error":{"message":"no","code":404}}'], "application/json")

            def do_POST(self):
                request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                with fake.lock:
                    fake.calls.append(request)
                    n = len(fake.calls)
                said = script(n, request)
                try:
                    if said is None:
                        self.close_connection = True
                    else:
                        self.reply(*said)
                except OSError:
                    pass  # the client went away: that is its right

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        case.addCleanup(self.close)

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def endpoint(self, name="local", **more):
        port = self.server.server_address[1]
        return {"name": name, "provider": "openai", "url": f"http://127.0.0.1:{port}",
                "model": "fake", **more}
