# SPDX-License-Identifier: MIT
"""
A disk that is full or broken, and memory that ends, at random calls (tests/faults): an accepted job
ends or waits, the store stays sound, nothing published is harmed, and the daemon lives.

CHIMERAD_FAULTS says how many seeds of each sort (default 1), CHIMERAD_SEED the first.
"""
import errno
import http.client
import json
import os
import socket
import subprocess
import time
import unittest

from harness import BUILD, DEADLINE_S, FAULTS, Case, Daemon, environment, faults, wait_for

SEEDS = int(os.environ.get("CHIMERAD_FAULTS", "1"))
SEED = int(os.environ.get("CHIMERAD_SEED", "1"))
ENDED = ("succeeded", "failed", "cancelled")
FILES = {"report.md", "report.html", "report.json", "samples.json"}
TREE = {"a.csv": "backend,time_ms,error\nx,1.5,\nx,1.6,\ny,2.5,\nz,0,refused\n",
        "b.json": '[{"model": "m", "tokens_s": 10.5}, {"model": "n", "tokens_s": 11}]',
        "c.md": "# Results\n\n| model | tokens_s |\n| - | - |\n| m | 10.5 |\n| n | 11 |\n"}
# What fails, how, and one of how many calls.
SORTS = [("write,fsync,open,rename,mmap", errno.ENOSPC, 1),
         ("write,fsync,open,rename,mmap", errno.ENOSPC, 6),
         ("write,fsync,open,rename,mmap", errno.EIO, 6),
         ("fsync", errno.EIO, 2),
         ("mmap,open", errno.ENOMEM, 4),
         ("malloc", errno.ENOMEM, 400),
         ("malloc", errno.ENOMEM, 4000)]


@unittest.skipUnless(FAULTS.exists(), "the library of faults is not built with fuzz targets")
class Faulty(Case):
    def setUp(self):
        super().setUp()
        self.root = self.tree(TREE)
        self.flag = self.dir / "faults"

    def daemon(self, name, calls, err, one_in, seed):
        """As Daemon, with faults while self.flag is there."""
        self.told = self.dir / f"{name}.faults"
        env = faults(calls, err, self.dir / name / "state", self.flag, self.told, one_in, seed)
        return Daemon(self, [self.root], env=env, name=name)

    def each(self, test):
        for calls, err, one_in in SORTS:
            for seed in range(SEED, SEED + SEEDS):
                name = f"{errno.errorcode[err]}-{calls[:6].strip(',')}-{one_in}-{seed}"
                with self.subTest(calls=calls, err=err, one_in=one_in, seed=seed):
                    self.flag.unlink(missing_ok=True)
                    test(self.daemon(name, calls, err, one_in, seed))

    def submit(self, d, key):
        """The job; None where it was refused, which is told in a sentence."""
        body = json.dumps({"paths": [str(self.root)]})
        try:
            status, headers, text = d.ask("POST", "/v1/jobs", body, {"Idempotency-Key": key})
        except (OSError, http.client.HTTPException):
            self.assertIsNone(d.process.poll(), d.log.read_text()[-4000:])
            return None  # no memory for a connection
        if status in (200, 202):  # there may be no memory to say more
            return json.loads(text)["id"] if text else headers["Location"].rpartition("/")[2]
        self.assertIn(status, (500, 503, 507), text)
        if text:  # there may be no memory for one
            self.assertEqual(headers["Content-Type"], "application/problem+json")
            self.assertTrue(json.loads(text)["detail"])
        return None

    def after(self, d):
        """A job that nothing stands in the way of."""
        ident = wait_for("jobs are taken again", lambda: self.submit(d, "after"))
        return d.succeeded(ident)["id"]

    def look(self, d, ident):
        try:
            status, _, text = d.ask("GET", f"/v1/jobs/{ident}")
        except (OSError, http.client.HTTPException):
            self.assertIsNone(d.process.poll(), d.log.read_text()[-4000:])
            return None
        return json.loads(text)["state"] if status == 200 else None

    def check_end(self, d, published):
        """Of a daemon that is well again."""
        self.assertIsNone(d.process.poll(), d.log.read_text()[-4000:])
        d.stop()
        d.check_store()
        self.assertEqual(d.folders(), sorted(published))
        for ident in published:
            self.assertLessEqual(FILES, {p.name for p in (d.reports / ident).iterdir()})
            self.ctl("verify", d.reports / ident / "report.json")
        for line in d.log.read_text().splitlines():
            self.assertNotRegex(line, "Sanitizer|runtime error|Assertion|abort")

    def live(self, d):
        d.start()
        before = d.succeeded(self.submit(d, "before"))["id"]
        self.flag.touch()
        time.sleep(0.01)
        accepted = [self.submit(d, f"key-{i}") for i in range(3)]
        accepted = [ident for ident in accepted if ident]
        end = time.monotonic() + 2
        while time.monotonic() < end:
            if all(self.look(d, ident) in ENDED for ident in accepted):
                break
            time.sleep(0.05)
        self.assertTrue(self.told.exists(), "nothing failed")
        self.flag.unlink()
        time.sleep(0.01)
        published = [before]
        for ident in accepted + [self.after(d)]:
            job = d.ended(ident)
            if job["state"] == "succeeded":
                published.append(ident)
            else:
                self.assertEqual(job["state"], "failed")
                self.assertTrue(job["error"]["detail"])
        self.check_end(d, published)

    def test_while_jobs_are_submitted_and_reviewed(self):
        self.each(self.live)

    def test_a_client_for_whom_there_is_no_memory_waits_until_there_is(self):
        d = self.daemon("deaf", "malloc", errno.ENOMEM, 1, SEED).start()
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(DEADLINE_S)
            self.flag.touch()
            time.sleep(0.01)
            client.connect(str(d.socket))
            client.sendall(b"GET /healthz HTTP/1.0\r\n\r\n")
            wait_for("no memory", lambda: "no memory for a client" in d.log.read_text())
            self.flag.unlink()
            self.assertTrue(client.recv(100).startswith(b"HTTP/1.1 200 "))
        self.assertEqual(d.log.read_text().count("no memory for a client"), 1)
        d.succeeded(self.submit(d, "after"))

    def begin(self, d):
        """Starts or says in one line why not."""
        self.flag.touch()
        with open(d.log, "wb") as log:
            d.process = subprocess.Popen([BUILD / "daemon" / "chimerad", "--config", d.config],
                                         stderr=log, stdin=subprocess.DEVNULL,
                                         env=environment(**d.env))
        end = time.monotonic() + 2
        while d.process.poll() is None and time.monotonic() < end and not self.answers(d):
            time.sleep(0.02)
        if d.process.poll() is not None:
            self.assertEqual(d.process.returncode, 1, d.log.read_text()[-4000:])
            self.assertEqual(len(d.log.read_text().splitlines()), 1, d.log.read_text())
        self.flag.unlink()
        if d.process.poll() is None:
            d.process.terminate()
            d.process.wait(timeout=DEADLINE_S)
        d.start()
        self.check_end(d, [self.after(d)])

    def answers(self, d):
        try:
            return d.ask("GET", "/healthz")[0] == 200
        except (OSError, http.client.HTTPException):
            return False

    def test_while_it_starts(self):
        self.each(self.begin)


if __name__ == "__main__":
    unittest.main()
