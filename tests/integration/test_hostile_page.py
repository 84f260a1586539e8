# SPDX-License-Identifier: MIT
"""Names and cells that try to be markup come out as text that can be read, on both pages."""
import html.parser
import re
import unittest

from harness import Case
from test_hostile_trees import Markup

CELLS = {"script": "<script>alert(1)</script>", "link": "y [x](javascript:alert(2))",
         "closing": "a](javascript:alert(3))", "image": "\"><img src=x onerror=alert(4)>",
         "turned": "\u202etxt.exe\u2066", "ticks": "``a` <b>``|",
         "comment": "<!-- a --> & &lt;", "entity": "&#60;script&#62;", "line": "one\n# two\n| three |"}
LONG = {"pipes": "p" + "|" * 1000, "huge": "h" * 10_000_000}
FILES = ["new\nline.csv", "quo\"te's`.csv", "<script>alert(5).csv", "](javascript:alert(6)).csv",
         "\u202egnp.csv", "| a | b |.csv", "# heading.csv", "www.evil.example.csv"]


class Text(html.parser.HTMLParser):
    """What a reader sees."""

    def __init__(self, text):
        super().__init__()
        self.text, self.skip = "", 0
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.skip += tag in ("script", "style")

    def handle_endtag(self, tag):
        self.skip -= tag in ("script", "style")

    def handle_data(self, data):
        self.text += "" if self.skip else data


def quoted(text):
    return '"' + text.replace('"', '""') + '"'


def rows(names, metric="tokens_s"):
    return f"model,{metric}\n" + "".join(f"{quoted(name)},{100 * (i + 1) + k}\n"
                                         for i, name in enumerate(names) for k in range(5))


def without_code(line):
    """A line of Markdown without its code spans: GFM takes these before all else."""
    return re.sub(r"(?<!`)(`+)(?!`)(.*?)(?<!`)\1(?!`)", "", line)


class HostilePage(Case):
    @classmethod
    def setUpClass(cls):
        cls.made = None

    def pages(self):
        """(report.md, report.html) of one review, made once: both checkers find it true."""
        if not HostilePage.made:
            files = {f"{name}.csv": rows([cell, "plain"]) for name, cell in LONG.items()}
            files["cells.csv"] = rows(CELLS.values())
            files |= {name: rows(["m", "n"], f"m{i}_ms") for i, name in enumerate(FILES)}
            self.ctl("review", "--state", self.dir / "state", self.tree(files))
            folder = self.dir / "state" / "reports" / "latest"
            self.check_report(folder)
            HostilePage.made = (folder / "report.md").read_text(), \
                (folder / "report.html").read_text()
        return HostilePage.made

    def test_the_html_has_only_the_writers_own_marks(self):
        self.assertEqual(Markup(self.pages()[1]).foreign, [])

    def test_the_markdown_has_no_mark_of_theirs_outside_of_code(self):
        for line in self.pages()[0].split("\n"):
            bare = without_code(line)
            self.assertNotRegex(bare, r"(?<!\\)<[a-zA-Z!/]|javascript:|(?<!\\)\]\(|alert", line[:200])
            self.assertNotIn("evil", bare)

    def test_tables_keep_their_columns(self):
        columns = 0
        for line in self.pages()[0].split("\n"):
            if not line.startswith("|"):
                columns = 0
                continue
            cells = len(re.findall(r"(?<!\\)\|", line))  # also in code a bare pipe ends a cell
            self.assertEqual(cells, columns or cells, line[:200])
            columns = cells

    def test_nothing_turns_the_direction_of_a_line_or_ends_it(self):
        for page in self.pages():
            self.assertEqual(re.findall("[\u202a-\u202e\u2066-\u2069\u2028\u2029\0-\x08\x0b-\x1f]",
                                        page), [])
        self.assertNotRegex(self.pages()[0], r"(?m)^# (two|heading)")

    def test_what_is_long_is_cut(self):
        md, page = self.pages()
        self.assertLess(max(map(len, md.split("\n"))), 2500)
        self.assertLess(len(md), 60_000)
        self.assertLess(len(page), 1_000_000)

    def test_both_can_be_read(self):
        md, page = self.pages()
        text = Text(page).text
        for name in ("<script>alert(1)</script>", "[x](javascript:alert(2))",
                     "a](javascript:alert(3))", "onerror=alert(4)", "&#60;script&#62;",
                     "<script>alert(5).csv", "www.evil.example.csv", "# heading.csv"):
            self.assertIn(name, text)
            self.assertIn(name, md)


if __name__ == "__main__":
    unittest.main()
