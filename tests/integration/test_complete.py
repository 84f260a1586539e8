# SPDX-License-Identifier: MIT
"""What shells offer behind chimeractl, by their own completion."""
import os
import shutil
import subprocess
import unittest

from harness import BUILD, SOURCE, Case, Daemon, environment

BASH = """
source {script}
COMP_WORDS=(chimeractl {words})
COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
_chimeractl
printf '%s\\n' "${{COMPREPLY[@]}}"
"""


class InShells(Case):
    def shell(self, *command, socket="/nowhere", root="/nowhere"):
        """The lines that a shell prints which finds our program first."""
        path = f"{BUILD / 'ctl'}:{os.environ['PATH']}"
        done = subprocess.run(command, capture_output=True, text=True, cwd=self.dir, check=True,
                              env=environment(CHIMERAD_SOCKET=str(socket), CHIMERAD_ROOT=str(root)) | {"PATH": path})
        self.assertEqual(done.stderr, "")
        return done.stdout.split("\n")[:-1]

    def bash(self, words, **more):
        script = SOURCE / "completion" / "chimeractl.bash"
        return self.shell("bash", "-c", BASH.format(script=script, words=words), **more)

    def test_commands_options_and_values(self):
        self.assertEqual(self.bash("ver"), ["verify"])
        self.assertIn("--fail-on", self.bash("review --"))
        self.assertEqual(self.bash("tune --mo"), ["--model"])
        self.assertLessEqual({"md", "html", "json"}, set(self.bash("report latest --format ''")))

    def test_schedules_are_the_files_that_are_there(self):
        self.assertEqual(self.bash("schedule ''"), ["add", "list", "remove", "run"])
        self.assertIn("--after", self.bash("schedule add --"))
        self.assertEqual(self.bash("schedule list --"), ["--help"])
        reviews = self.dir / "root/etc/chimerad/reviews"
        reviews.mkdir(parents=True)
        (reviews / "nightly").write_text("paths: [/srv]\n")
        (reviews / "No name").write_text("")
        self.assertEqual(self.bash("schedule remove n", root=self.dir / "root"), ["nightly"])

    def test_without_a_daemon_latest_is_all_that_is_known(self):
        self.assertEqual(self.bash("show ''"), ["latest"])

    def test_jobs_and_pipelines_are_the_daemons(self):
        root = self.tree({"a.csv": "name,time_ms\nx,1\ny,2\n"})
        daemon = Daemon(self, [root]).start()
        job = self.ctl("submit", root, socket=daemon.socket).stdout.split()[0]
        self.assertEqual(self.bash("show ''", socket=daemon.socket), ["latest", job])
        self.assertEqual(self.bash("review -p nig", socket=daemon.socket), ["nightly-review"])
        self.assertEqual(self.bash(f"--socket {daemon.socket} show ''"), ["latest", job])
        self.assertEqual(self.bash(f"--socket={daemon.socket} show ''"), ["latest", job])

    @unittest.skipUnless(shutil.which("fish"), "no fish here")
    def test_fish(self):
        script = SOURCE / "completion" / "chimeractl.fish"
        ask = f"source {script}; complete -C 'chimeractl report --fo'"
        self.assertEqual(self.shell("fish", "-c", ask), ["--format"])
        ask = f"source {script}; complete -C 'chimeractl veri'"
        self.assertEqual(self.shell("fish", "-c", ask), ["verify"])


if __name__ == "__main__":
    unittest.main()
