# SPDX-License-Identifier: MIT
"""/metrics: what Prometheus can read, and that the dashboard and the alerts ask for what is there."""
import json
import re
import time

from harness import QUIET, SOURCE, NightsCase

LINE = re.compile(r'(chimerad_\w+)(\{(?:\w+="(?:[^"\\\n]|\\["\\n])*",?)*\})? (-?[0-9.e+-]+)')


class Metrics(NightsCase):
    def metrics(self):
        """{line without its value: value}; every line is one that the format allows."""
        status, text = self.daemon.get("/metrics")
        self.assertEqual(status, 200)
        values, typed = {}, set()
        for line in text.decode().splitlines():
            if line.startswith("#"):
                typed.add(line.split()[2])
                continue
            name, labels, value = LINE.fullmatch(line).groups()
            family = re.sub("_(bucket|sum|count)$", "", name)
            self.assertTrue({name, family} & typed, f"{name} has no type before it")
            self.assertNotIn(name + (labels or ""), values)
            values[name + (labels or "")] = float(value)
        return values

    def test_a_regression_is_counted_until_it_is_acknowledged(self):
        self.measure(*QUIET, 80, subject='g"pu\\')
        kind = 'kind="regression"'
        subject = 'subject="g\\"pu\\\\"'
        found = {k: v for k, v in self.metrics().items() if kind in k}
        self.assertEqual(len(found), 1, found)
        (name, n), = found.items()
        self.assertEqual(n, 1)
        self.assertIn(subject, name)
        status, _, _ = self.daemon.curl("POST", "/v1/findings/K1/ack", "{}")
        self.assertEqual(status, 200)
        name = f'chimerad_open_findings{{{kind},state="acknowledged",{subject}}}'
        self.assertEqual({k: v for k, v in self.metrics().items() if kind in k}, {name: 1})

    def test_reviews_and_their_times_are_counted_and_the_last_success_survives(self):
        self.measure(*QUIET)
        m = self.metrics()
        n = m['chimerad_jobs{state="succeeded"}']
        self.assertGreater(n, 0)
        for stage in ("ingest", "analysis", "report"):
            self.assertEqual(m[f'chimerad_stage_seconds_count{{stage="{stage}"}}'], n)
        self.assertEqual(m["chimerad_review_seconds_count"], n)
        self.assertGreater(m["chimerad_review_seconds_sum"], 0)
        self.assertEqual(sum(v for k, v in m.items() if k.startswith("chimerad_reviews_total")), n)
        self.assertEqual(m['chimerad_review_seconds_bucket{le="+Inf"}'], n)
        self.assertGreater(m["chimerad_store_seconds_count"], n)
        self.assertGreater(m['chimerad_memory_bytes{kind="all"}'],
                           m['chimerad_memory_bytes{kind="anon"}'])
        last = m["chimerad_last_success_timestamp_seconds"]
        self.assertAlmostEqual(last, time.time(), delta=600)
        self.daemon.kill()
        self.daemon.start()
        m = self.metrics()
        self.assertEqual(m["chimerad_last_success_timestamp_seconds"], last)
        self.assertEqual(m['chimerad_jobs{state="succeeded"}'], n)
        self.assertEqual(m["chimerad_review_seconds_count"], 0)

    def test_dashboard_and_alerts_ask_for_what_is_there(self):
        self.measure(*QUIET, 80)
        there = {re.sub(r"\{.*", "", k) for k in self.metrics()} | {"chimerad_endpoint_up"}
        dashboard = json.loads((SOURCE / "docs" / "grafana-dashboard.json").read_text())
        asked = " ".join(t["expr"] for p in dashboard["panels"] for t in p["targets"])
        asked += (SOURCE / "docs" / "prometheus-alerts.yaml").read_text()
        names = set(re.findall(r"chimerad_\w+", asked))
        self.assertGreater(len(names), 8)
        self.assertLessEqual(names, there)
