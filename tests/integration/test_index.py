# SPDX-License-Identifier: MIT
"""REPORTS/index.html: every review with its verdict and a link that leads somewhere; trends."""
import html.parser
import unittest

from harness import SOURCE, Case, Daemon, wait_for

EVIL = "<script>alert(1)</script>\"'&"


class Page(html.parser.HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.rows, self.links, self.tags, self.points = [], [], [], []
        self.cell = None
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.tags.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag == "td":
            self.rows[-1].append("")
            self.cell = self.rows[-1]
        if tag == "a":
            self.links.append(attrs["href"])
        if tag == "polyline":
            self.points.append(attrs["points"].split())

    def handle_endtag(self, tag):
        if tag == "td":
            self.cell = None

    def handle_data(self, data):
        self.text += data
        if self.cell is not None:
            self.cell[-1] += data

    def reviews(self):
        return [row for row in self.rows if len(row) == 9]


class Index(Case):
    def page(self, daemon):
        path = daemon.reports / "index.html"
        return Page(path.read_text()) if path.is_file() else None

    def listed(self, daemon, ids):
        """The page, once it lists these and no others; it is written after a job has ended."""
        def lists():
            page = self.page(daemon)
            return page if page and [r[-1] for r in page.reviews()] == ids else None
        page = wait_for(f"an index of {ids}", lists)
        self.assertEqual([l for l in page.links if not (daemon.reports / l).is_file()], [])
        return page

    def review(self, daemon, root, **more):
        return daemon.succeeded(daemon.submit([root], **more)["id"])["id"]

    def test_without_a_review_it_says_so(self):
        daemon = Daemon(self, [self.tree({})]).start()
        page = self.listed(daemon, [])
        self.assertIn("There is no report yet", page.text)
        daemon.stop()

    def test_each_review_is_a_row_with_a_link(self):
        nightly = SOURCE / "examples" / "nightly"
        small = self.tree({"a.csv": "name,time_ms\nx,1\ny,2\n"})
        daemon = Daemon(self, [nightly, small]).start()
        first = self.review(daemon, nightly)
        second = self.review(daemon, small, subject=EVIL)
        third = self.review(daemon, small, subject=EVIL)
        page = self.listed(daemon, [third, second, first])
        self.assertEqual(page.links, [f"{i}/report.html" for i in (third, second, first)])
        rows = page.reviews()
        self.assertEqual([r[1] for r in rows][2], "worse")
        self.assertEqual(rows[2][2:6], ["1", "0", "0", "20"])
        self.assertEqual(rows[1][6], EVIL)
        self.assertEqual(page.tags.count("script"), 1)
        self.assertGreaterEqual(len(page.points), 1)
        self.assertEqual({len(p) for p in page.points} - {12}, set())
        self.assertEqual(sorted(p.name for p in (daemon.reports / ".staging").iterdir()), [])
        daemon.stop()

    def test_a_removed_review_is_listed_no_more(self):
        root = self.tree({"a.csv": "name,time_ms\nx,1\ny,2\n"})
        daemon = Daemon(self, [root], more="retention: {reviews: 1}").start()
        ids = []
        for night in range(4):
            (root / "a.csv").write_text(f"name,time_ms\nx,{night + 1}\ny,2\n")
            ids.append(self.review(daemon, root))
        def lists_what_is_there():
            there = [i for i in reversed(ids) if (daemon.reports / i).exists()]
            page = self.page(daemon)
            return (len(there) < 4 and page and [r[-1] for r in page.reviews()] == there and
                    page.links == [f"{i}/report.html" for i in there])
        wait_for("an index of the reports that are left", lists_what_is_there)
        daemon.stop()

    def test_after_a_kill_the_index_is_made_again(self):
        root = self.tree({"a.csv": "name,time_ms\nx,1\ny,2\n"})
        daemon = Daemon(self, [root]).start()
        job = self.review(daemon, root)
        self.listed(daemon, [job])
        daemon.kill()
        (daemon.reports / "index.html").unlink()
        daemon.start()
        self.listed(daemon, [job])
        daemon.stop()


if __name__ == "__main__":
    unittest.main()
