# SPDX-License-Identifier: MIT
"""Reviews by several agents, or of the variants of a matrix, on scripted servers."""
import os

from harness import Case, Daemon
from scripted_server import claims

FILES = {"a.csv": "backend,time_ms,error\nx,1.5,\ny,2.5,\nz,0,refused\n"}
GOOD = claims("The affected rows deserve a careful look.")
STEPS = ("steps:\n"
         "  - {id: inventory, stage: ingest, agent: data-collector}\n"
         "  - {id: analyse, stage: analysis, agent: insight, needs: [inventory], for_each: group}\n"
         "  - {id: compose, stage: report, agent: report-writer, needs: [analyse],"
         " for_each: section}\n")
SHORT = ("steps:\n"
         "  - {id: inventory, stage: ingest, agent: data-collector}\n"
         "  - {id: compose, stage: report, agent: report-writer, needs: [inventory]}\n")
AGENTS = ("agents:\n"
          "  - {name: plain}\n"
          "  - {name: tuned, options: {temperature: 0.4, num_ctx: 3500}}\n")


class AgentsCase(Case):
    steps = STEPS

    def data(self, **pipelines):
        """A directory of pipelines and the shipped personas; the environment that names it."""
        root = self.dir / "data"
        (root / "pipelines").mkdir(parents=True)
        (root / "personas").symlink_to(
            os.path.join(os.path.dirname(__file__), "..", "..", "personas"))
        for name, text in pipelines.items():
            (root / "pipelines" / f"{name}.yaml").write_text(f"name: {name}\ntitle: Two\n{self.steps}"
                                                             f"{text}\n")
        return {"CHIMERAD_DATA": str(root)}

    def start(self, endpoints, more="", limits=None, **pipelines):
        self.root = self.tree(FILES)
        self.daemon = Daemon(self, [self.root], endpoints, limits, more,
                             env=self.data(**pipelines)).start()

    def reports(self, pipeline, **members):
        """(report.json of all, {agent: its report.json}), each found true by both checkers."""
        job = self.daemon.succeeded(
            self.daemon.submit([self.root], pipeline=pipeline, **members)["id"])
        folder = self.daemon.reports / job["id"]
        each = {p.name: self.check_report(p) for p in sorted((folder / "agents").iterdir())}
        self.folder = folder
        return self.check_report(folder), each
