# SPDX-License-Identifier: MIT
"""`chimeractl backup`: the store of one moment while it is in use, and back from it."""
import shutil
import sqlite3
import threading
import unittest

from harness import Case, Daemon

TREE = {"a.csv": "name,time_ms\nx,1\nx,1.1\ny,2\n"}


class Backup(Case):
    def setUp(self):
        super().setUp()
        self.root = self.tree(TREE)
        self.daemon = Daemon(self, [self.root]).start()
        self.file = self.dir / "backup.db"

    def backup(self, **more):
        return self.ctl("backup", self.file, socket=self.daemon.socket, **more)

    def test_under_load_it_is_sound_and_holds_what_had_ended(self):
        done = self.daemon.succeeded(self.daemon.submit([self.root], key="night")["id"])
        others = [self.daemon.submit([self.root])["id"] for _ in range(3)]
        self.backup()
        self.backup()  # in the place of the first
        db = sqlite3.connect(f"file:{self.file}?mode=ro", uri=True)
        self.assertEqual(db.execute("PRAGMA integrity_check").fetchall(), [("ok",)])
        jobs = dict(db.execute("SELECT id, state FROM job"))
        db.close()
        self.assertEqual(jobs[done["id"]], "succeeded")
        self.assertEqual(set(jobs), {done["id"], *others})
        for ident in others:
            self.daemon.succeeded(ident)
        self.assertEqual([p.name for p in self.daemon.state.glob("backup*")], [])
        self.assertEqual(self.file.stat().st_mode & 0o777, 0o600)

    def test_a_daemon_goes_on_from_it(self):
        done = self.daemon.succeeded(self.daemon.submit([self.root], key="night")["id"])
        self.backup()
        self.daemon.succeeded(self.daemon.submit([self.root])["id"])
        self.daemon.stop()
        for name in ("chimerad.db-wal", "chimerad.db-shm"):
            (self.daemon.state / name).unlink(missing_ok=True)
        shutil.copy(self.file, self.daemon.state / "chimerad.db")
        self.daemon.start()
        self.assertEqual(self.daemon.get("/v1/jobs")[1], [done])
        self.assertEqual(self.daemon.submit([self.root], key="night", expect=200), done)
        self.daemon.succeeded(self.daemon.submit([self.root])["id"])
        self.daemon.stop()
        self.daemon.check_store()

    def test_several_at_once_are_whole_or_refused(self):
        answers = []
        threads = [threading.Thread(target=lambda: answers.append(
            self.daemon.ask("GET", "/v1/backup"))) for _ in range(8)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        self.assertIn(200, {status for status, _, _ in answers})
        for status, headers, body in answers:
            self.assertIn(status, (200, 409), body[:200])
            if status == 200:
                self.assertEqual(len(body), int(headers["Content-Length"]))
                self.assertTrue(body.startswith(b"SQLite format 3\0"))

    def test_what_cannot_be_written_is_one_line_and_leaves_nothing(self):
        self.file = self.dir / "nowhere" / "backup.db"
        done = self.backup(code=1)
        self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
        self.file = self.dir / "backup.db"
        self.file.write_text("the last one")
        self.daemon.stop()
        self.backup(code=5)
        self.assertEqual(self.file.read_text(), "the last one")
        self.assertFalse((self.dir / "backup.db.new").exists())


if __name__ == "__main__":
    unittest.main()
