# SPDX-License-Identifier: MIT
"""What each night of a tree would have said, against reviews of the tree as it was that night."""
import json
import shutil
import unittest

from harness import SOURCE, Case, Daemon

NIGHTS = [f"2026-11-{day:02}" for day in range(9, 21)]
COMPARED = NIGHTS[-3:]


class Backtest(Case):
    def backtest(self, *args):
        return json.loads(self.ctl("backtest", *args, "--json").stdout)

    def nights_until(self, date):
        """examples/nightly as it was after that night."""
        root = self.dir / date / "nightly"
        root.mkdir(parents=True)
        for path in (SOURCE / "examples" / "nightly").iterdir():
            if path.name == "README.md":
                continue
            if path.stem[-10:] <= date:
                shutil.copy(path, root)
        return root

    def states(self, daemon, root):
        report = self.check_report(daemon.succeeded(daemon.submit([root])["id"])["report"])
        return (report["job"]["verdict"], report["compared"]["series"],
                {f["key"]: (f["kind"], f["state"], f["since"]) for f in report["findings"]
                 if f["state"]})

    def test_each_night_is_what_a_review_of_its_tree_says(self):
        roots = {date: self.nights_until(date) for date in NIGHTS[-4:]}
        daemon = Daemon(self, list(roots.values())).start()
        replayed = {n["date"]: n for n in self.backtest(roots[NIGHTS[-1]])["nights"]}
        self.assertEqual(list(replayed), NIGHTS)
        before = self.states(daemon, roots[NIGHTS[-4]])[2]
        seen = 0
        for date in COMPARED:
            verdict, series, states = self.states(daemon, roots[date])
            night = replayed[date]
            self.assertEqual((night["verdict"], night["series"]), (verdict, series))
            news = {k: s for k, s in states.items() if before.get(k, (0, 0))[1] != s[1]}
            self.assertEqual({c["key"]: (c["kind"], c["state"], c["since"])
                              for c in night["changes"]}, news)
            seen += len(news)
            before = states
        self.assertGreater(seen, 1)  # suspected, then confirmed
        daemon.stop()

    def test_the_examples_tell_of_what_was_done_to_them(self):
        result = self.backtest(SOURCE / "examples" / "nightly")
        confirmed = [(n["date"], c["since"], c["text"]) for n in result["nights"]
                     for c in n["changes"] if c["state"] == "confirmed"]
        self.assertEqual({(date, since) for date, since, _ in confirmed},
                         {("2026-11-20", "2026-11-18")})
        for _, _, text in confirmed:
            self.assertIn("lookups", text)
        totals = result["totals"]
        self.assertEqual((totals["nights"], totals["confirmed"]), (12, len(confirmed)))
        text = self.ctl("backtest", SOURCE / "examples" / "nightly").stdout
        self.assertIn("2026-11-18  worse        20 series, 20 tested\n  regression  suspected ",
                      text)
        self.assertEqual(totals["alarms"], 1)  # nothing was done to zstd and llama-bench
        self.assertIn("\n12 nights: 1 alarm, 1 confirmed, ", text)

    def growing(self, nights):
        rows = ["time,model,tokens_s"]
        for night in range(nights):
            for i in range(24):
                value = 100 + 10 * i + (night * 7 + i * 5) % 11 / 10
                rows.append(f"2026-10-{night + 1:02}T02:00:{i:02}Z,m{i},{value}")
        return self.tree({"results.csv": "\n".join(rows) + "\n"}, name=f"growing-{nights}")

    def test_injected_steps_are_found_by_their_size(self):
        root = self.growing(20)
        result = self.backtest(root, "--inject", "20")
        self.assertEqual((len(result["nights"]), result["totals"]["alarms"]), (20, 0))
        large = result["inject"]
        self.assertEqual((large["pct"], large["series"], large["too_short"]), (20, 24, 0))
        self.assertEqual([a["runs"] for a in large["after"]], [1, 3, 8])
        self.assertEqual([a["series"] for a in large["after"]], [24, 24, 24])
        self.assertEqual([a["confirmed"] for a in large["after"]][1:], [24, 24])
        self.assertEqual(large["after"][0]["told"], 24)
        self.assertEqual((large["unchanged"]["suspected"], large["unchanged"]["confirmed"]), (0, 0))
        small = self.backtest(root, "--inject=0.1")["inject"]
        self.assertEqual([a["told"] for a in small["after"]], [0, 0, 0])
        text = self.ctl("backtest", root, "--inject", "20").stdout
        self.assertIn("A step of 20 % for the worse, put into 24 of 24 series:", text)
        self.assertIn("  8             24 of 24  24 of 24\n", text)

    def test_too_few_runs_take_no_step_and_are_counted(self):
        inject = self.backtest(self.growing(8), "--inject", "5")["inject"]
        self.assertEqual((inject["series"], inject["too_short"]), (24, 24))
        self.assertEqual([a["series"] for a in inject["after"]], [0, 0, 0])

    def test_it_leaves_nothing_and_needs_nothing(self):
        root = self.growing(9)
        before = sorted(p for p in self.dir.rglob("*"))
        config = self.dir / "c.yaml"
        self.ctl("backtest", root, env={"HOME": str(self.dir), "XDG_STATE_HOME": str(self.dir)})
        self.assertEqual(sorted(p for p in self.dir.rglob("*")), before)
        config.write_text("columns: {tokens_s: ignored}\n")
        done = self.ctl("backtest", root, "--config", config, code=1)
        self.assertIn("nothing in it is a measurement", done.stderr)

    def test_exit_codes(self):
        root = self.growing(9)
        self.ctl("backtest", self.dir / "missing", code=1)
        self.ctl("backtest", self.tree({"a.txt": "nothing"}, name="none"), code=1)
        for wrong in ([], [root, root], [root, "--inject", "x"], [root, "--inject", "0"],
                      [root, "--inject", "-5"], [root, "--inject", "100"],
                      [root, "--inject", "nan"], [root, "--inject", "5%"], [root, "--fail-on"]):
            self.ctl("backtest", *wrong, code=2)
        done = self.ctl("backtest", "--help")
        self.assertIn("chimeractl backtest DIR [--inject PCT]", done.stdout)


if __name__ == "__main__":
    unittest.main()
