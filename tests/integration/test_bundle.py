# SPDX-License-Identifier: MIT
"""bundle: a report with what it stands on is packed, unpacked elsewhere, and found true there."""
import json
import os
import pathlib
import shutil
import subprocess
import tarfile
import unittest

from harness import SOURCE, Case, NightsCase

ROWS = "model,tokens_s\n" + "".join(f"m{i % 2},{10 + i / 8}\n" for i in range(10))
LONG = "d" * 120 + "/" + "f" * 130 + ".csv"
HOSTILE = ["new\nline.csv", "quo'te\".csv", "größe.csv", "back\\slash.csv", "-rf.csv", "a $(id).csv",
           "  blank.csv", LONG]


def unpack(case, tar, to):
    """Members by name, all of them below one folder, which is returned too."""
    with tarfile.open(tar) as archive:
        members = {m.name: m for m in archive.getmembers()}
        archive.extractall(to)
    tops = {name.split("/")[0] for name in members}
    case.assertEqual(len(tops), 1, tops)
    case.assertFalse([n for n in members if ".." in n.split("/")])
    return members, to / tops.pop()


class Bundle(Case):
    def review(self, *paths, state="state"):
        """The folder of a local review's report."""
        self.ctl("review", "--state", self.dir / state, *paths)
        return (self.dir / state / "reports" / "latest").resolve()

    def bundle(self, what, *args, name="b.tar"):
        tar = self.dir / name
        done = self.ctl("--json", "bundle", what, "-o", tar, *args)
        return tar, json.loads(done.stdout)

    def command_of(self, folder):
        """The words behind chimeractl that README.txt says to type, as a shell reads them."""
        text = (folder / "README.txt").read_text()
        line = next(x for x in text.split("\n") if x.startswith("  chimeractl verify"))
        done = subprocess.run(["sh", "-c", f"printf '%s\\0' {line}"], capture_output=True,
                              text=True, check=True)
        return done.stdout.split("\0")[1:-1]

    def verify(self, folder, code=0):
        words = self.command_of(folder)
        words = [str(folder / w) if w.startswith(("reports/", "artifacts/")) else w for w in words]
        return self.ctl(*words, code=code)

    def sums(self, folder):
        done = subprocess.run(["sha256sum", "--strict", "-c", "MANIFEST"], cwd=folder,
                              capture_output=True, text=True)
        return done.returncode, done.stdout + done.stderr

    def test_what_was_packed_is_true_elsewhere_when_the_tree_is_gone(self):
        root = self.dir / "tree"
        shutil.copytree(SOURCE / "examples" / "nightly", root)
        report = self.review(root)
        tar, said = self.bundle(report)
        shutil.rmtree(root)
        members, folder = unpack(self, tar, self.dir / "elsewhere")
        self.assertEqual(said["left_out"], [])
        self.assertEqual(len([m for m in members.values() if m.isfile()]), said["files"] + 2)
        for name in ("report.md", "report.html", "report.json", "samples.json"):
            self.assertEqual((folder / "reports" / report.name / name).read_bytes(),
                             (report / name).read_bytes())
        self.assertIn("verified:", self.verify(folder).stdout)
        self.assertEqual(self.sums(folder)[0], 0, self.sums(folder)[1])

    def test_one_byte_more_or_less_is_named(self):
        root = self.tree({"a.csv": ROWS})
        tar, _ = self.bundle(self.review(root))
        _, folder = unpack(self, tar, self.dir / "elsewhere")
        artifact = folder / "artifacts" / "0" / "a.csv"
        artifact.write_text(ROWS.replace("10.0", "10.5", 1))
        out = self.verify(folder, code=4).stdout
        self.assertIn("wrong: A1: a.csv: digest", out)
        self.assertRegex(out, r"wrong: F\d+: ")
        self.assertIn("artifacts/0/a.csv: FAILED", self.sums(folder)[1])
        artifact.write_text(ROWS)
        self.verify(folder)
        page = next(folder.glob("reports/*/report.md"))
        page.write_text(page.read_text().replace("a", "o", 1))
        self.assertIn("altered:", self.verify(folder, code=4).stdout)

    def test_the_same_review_is_the_same_archive(self):
        root = self.tree({"b.csv": ROWS, "a/c.json": '[{"x": 1.5, "name": "n"}]'})
        report = self.review(root)
        tar, _ = self.bundle(report)
        os.utime(root / "b.csv", (1, 1))
        again, _ = self.bundle(report, name="again.tar")
        self.assertEqual(tar.read_bytes(), again.read_bytes())
        with tarfile.open(tar) as archive:
            names = archive.getnames()
            self.assertEqual({(m.uid, m.gid, m.uname, m.gname) for m in archive}, {(0, 0, "", "")})
        files = [n for n in names if "/artifacts/0/" in n or "/reports/" in n]
        self.assertEqual(files, sorted(files))

    def test_hostile_names_are_names(self):
        root = self.tree({name: ROWS for name in HOSTILE}, name="tree")
        single = self.tree({"it's one.csv": ROWS}, name="other") / "it's one.csv"
        report = self.review(root, single)
        tar, said = self.bundle(report)
        shutil.rmtree(root)
        single.unlink()
        self.assertEqual(said["left_out"], [])
        _, folder = unpack(self, tar, self.dir / "elsewhere")
        for name in HOSTILE:
            self.assertEqual((folder / "artifacts" / "0" / name).read_text(), ROWS, name)
        self.assertIn("verified:", self.verify(folder).stdout)
        self.assertEqual(self.sums(folder)[0], 0, self.sums(folder)[1])
        text = (folder / "README.txt").read_text()
        self.assertFalse([c for c in text if ord(c) < 32 and c != "\n"])

    def test_a_forged_report_gets_nothing_from_outside_its_roots(self):
        root = self.tree({"a.csv": ROWS})
        secret = self.dir / "secret.csv"
        secret.write_text(ROWS)
        (root / "link.csv").symlink_to(secret)
        source = self.review(root)
        for path in ("../secret.csv", str(secret), "link.csv", "./a.csv", "", "a.csv/"):
            report = self.dir / "forged"
            shutil.rmtree(report, ignore_errors=True)
            shutil.copytree(source, report)
            forged = json.loads((report / "report.json").read_text())
            one = forged["inventory"]["artifacts"][0]
            one["path"] = path
            forged["inventory"]["artifacts"] = [one]
            (report / "report.json").write_text(json.dumps(forged))
            tar, said = self.bundle(report)
            with tarfile.open(tar) as archive:
                self.assertFalse([m for m in archive if m.isfile() and "artifacts/" in m.name])
            self.assertEqual([x["artifact"] for x in said["left_out"]], ["A1"], path)

    def test_what_has_changed_or_has_no_room_is_left_out_and_said(self):
        big = "model,latency_ms\n" + "".join(f"m,{i % 97}.5\n" for i in range(200000))
        root = self.tree({"a.csv": ROWS, "big.csv": big, "c.csv": ROWS.replace("tokens", "t"),
                          "notes.bin": b"\0\1"})
        report = self.review(root)
        (root / "c.csv").write_text(ROWS)
        tar, said = self.bundle(report, "--max-mb", "1")
        why = {x["path"]: x["reason"] for x in said["left_out"]}
        self.assertEqual(why, {"big.csv": "over the limit", "c.csv": "changed since the review"})
        _, folder = unpack(self, tar, self.dir / "elsewhere")
        self.assertIn("big.csv: over the limit", (folder / "README.txt").read_text())
        out = self.verify(folder).stdout
        self.assertIn("not there: 2 artifacts", out)
        self.assertRegex(out, r"recomputed from samples.json alone: \d+ facts")
        self.assertIn("verified:", out)
        words = [w for w in self.command_of(folder) if w != "--partial"]
        out = self.ctl(words[0], folder / words[1], "--root", folder / words[3], code=4).stdout
        self.assertIn("c.csv is not there any more", out)

    def test_a_forged_sample_is_seen_where_the_artifact_is_left_out(self):
        root = self.tree({"a.csv": ROWS, "b.csv": ROWS.replace("tokens", "t")})
        tar, _ = self.bundle(self.review(root))
        _, folder = unpack(self, tar, self.dir / "elsewhere")
        (folder / "artifacts" / "0" / "b.csv").unlink()
        path = next(folder.glob("reports/*/samples.json"))
        samples = json.loads(path.read_text())
        report = json.loads(path.with_name("report.json").read_text())
        left = next(a["id"] for a in report["inventory"]["artifacts"] if a["path"] == "b.csv")
        fact = next(f for f in report["facts"] if f["statistic"] == "median" and
                    f["cells"][0].get("artifact") == left)
        samples[fact["id"]] = [x + 1 for x in samples[fact["id"]]]
        path.write_text(json.dumps(samples))
        words = self.command_of(folder)
        out = self.ctl(words[0], folder / words[1], "--root", folder / words[3], "--partial",
                       code=4).stdout
        self.assertIn(f"wrong: {fact['id']}: median", out)

    def test_an_archive_that_is_there_stays_when_the_new_one_fails(self):
        root = self.tree({"a.csv": ROWS})
        report = self.review(root)
        tar, _ = self.bundle(report)
        before = tar.read_bytes()
        (report / "report.json").write_text("{")
        self.ctl("bundle", report, "-o", tar, code=1)
        self.assertEqual(tar.read_bytes(), before)
        self.assertEqual([p.name for p in self.dir.glob("*.new")], [])
        done = self.ctl("bundle", self.dir / "nothing", code=1)
        self.assertEqual(len(done.stderr.splitlines()), 1)

    def test_a_local_review_is_found_by_its_id(self):
        state = self.dir / "xdg"
        env = {"XDG_STATE_HOME": str(state), "CHIMERAD_SOCKET": str(self.dir / "nobody")}
        root = self.tree({"a.csv": ROWS})
        self.ctl("review", "--local", root, env=env)
        name = (state / "chimerad" / "reports" / "latest").resolve().name
        for what in ("latest", name, name[:-2]):
            self.ctl("bundle", what, env=env)
            (self.dir / f"chimerad-{name}.tar").unlink()
        self.ctl("bundle", "nothing-of-that-name", env=env, code=5)


class BundledNights(NightsCase):
    def test_the_reviews_before_come_along(self):
        for median in (100, 101, 99, 100, 100, 101, 70, 70):
            self.write(m=median)
            self.review()
        tar = self.dir / "b.tar"
        said = json.loads(self.ctl("--json", "bundle", "latest", "-o", tar,
                                   socket=self.daemon.socket).stdout)
        self.assertEqual(said["left_out"], [])
        _, folder = unpack(self, tar, self.dir / "elsewhere")
        report = folder / "reports" / self.job["id"] / "report.json"
        stated = json.loads(report.read_text())
        cited = {c["review"] for f in stated["facts"] for c in f["cells"] if "review" in c}
        self.assertGreater(len(cited), 3)
        for review in cited | {stated["baseline"]["job"]}:
            self.assertIn("seal", json.loads((folder / "reports" / review / "report.json")
                                             .read_text()))
        shutil.rmtree(self.root)
        shutil.rmtree(self.daemon.reports)
        root = folder / "artifacts" / "0"
        self.ctl("verify", report, "--root", root)
        self.assertEqual(pathlib.Path(root).joinpath("results.csv").stat().st_size,
                         stated["inventory"]["bytes"])
        shutil.rmtree(folder / "reports" / sorted(cited)[0])
        out = self.ctl("verify", report, "--root", root, code=4).stdout
        self.assertIn(f"review {sorted(cited)[0]} with fact", out)
        self.ctl("verify", report, "--root", root, "--partial")


if __name__ == "__main__":
    unittest.main()
