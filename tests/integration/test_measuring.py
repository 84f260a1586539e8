# SPDX-License-Identifier: MIT
"""docs/measuring.md: each mistake of method has tests, and they are there under these names."""
import ast
import re
import unittest

from harness import SOURCE

ROW = re.compile(r"^\| (\d+) \| [^|]+ \| [^|]+ \| ([^|]+) \|$", re.M)
UNIT = re.compile(r"^Test\((\w+), (\w+)", re.M)


def unit_tests():
    return {".".join(names) for file in (SOURCE / "tests" / "unit").rglob("*.c")
            for names in UNIT.findall(file.read_text())}


def integration_tests():
    names = set()
    for file in (SOURCE / "tests" / "integration").glob("test_*.py"):
        for node in ast.parse(file.read_text()).body:
            if isinstance(node, ast.ClassDef):
                names |= {f"{file.stem}.{node.name}.{f.name}" for f in node.body
                          if isinstance(f, ast.FunctionDef) and f.name.startswith("test_")}
    return names


class Measuring(unittest.TestCase):
    def setUp(self):
        self.rows = ROW.findall((SOURCE / "docs" / "measuring.md").read_text())

    def test_each_mistake_has_a_row_with_tests(self):
        self.assertEqual([int(number) for number, _ in self.rows], list(range(1, 25)))
        for number, tests in self.rows:
            self.assertTrue(re.fullmatch(r"`[\w.]+`( `[\w.]+`)*", tests), f"row {number}: {tests}")

    def test_the_tests_that_it_names_are_there(self):
        known = unit_tests() | integration_tests()
        self.assertGreater(len(known), 1000)
        for number, tests in self.rows:
            for name in re.findall(r"`([\w.]+)`", tests):
                with self.subTest(row=number, test=name):
                    self.assertTrue(name in known, "there is no such test")
