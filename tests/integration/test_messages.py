# SPDX-License-Identifier: MIT
"""Every error message of the programs is in tests/messages.txt, where each sort tells what is wrong,
where, and the way out. What is new goes there (messages.py adds it), under the sort that it is of."""
import re
import unittest

from messages import UNSORTED, messages, read_list

COLUMNS = {"what", "where", "way out"}


class Messages(unittest.TestCase):
    def setUp(self):
        self.sorts, self.listed = read_list()
        self.found = messages()

    def test_the_list_has_every_message_once_and_no_other(self):
        missing = {m: sorted(files) for m, files in self.found.items() if m not in self.listed}
        self.assertEqual(missing, {}, "run tests/integration/messages.py, and sort them")
        self.assertEqual([m for m in self.listed if m not in self.found], [], "these are gone")
        self.assertEqual([m for m, sorts in self.listed.items() if len(sorts) > 1], [])

    def test_each_sort_says_what_where_and_the_way_out(self):
        self.assertNotIn(UNSORTED, self.sorts)
        for name, columns in self.sorts.items():
            self.assertEqual(set(columns) - {"holds"}, COLUMNS, name)
            self.assertTrue(all(columns.values()), name)

    def test_messages_are_of_their_sort(self):
        for message, (name, *_) in self.listed.items():
            pattern = self.sorts[name].get("holds")
            if pattern:
                self.assertIsNotNone(re.search(pattern, message), f"{name}: {message}")

    def test_no_message_is_more_than_a_line_or_ends_as_a_sentence(self):
        for message in self.found:
            self.assertNotIn("\\n", message)
            self.assertNotRegex(message, r"[.!]\Z")


if __name__ == "__main__":
    unittest.main()
