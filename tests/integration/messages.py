# SPDX-License-Identifier: MIT
"""Finds in the sources what the programs can say when something is wrong.

    python3 messages.py    adds what is missing to the list, under "== unsorted", and drops what is
                           gone from it (see test_messages.py)
"""
import re

from harness import SOURCE

LIST = SOURCE / "tests" / "messages.txt"
UNSORTED = "unsorted"

# Who says it, and which argument begins what is said.
SPEAKERS = {"error_set": 2, "error_wrap": 1, "ctl_fail": 1, "api_answer_problem": 2, "refuse": 0,
            "fail": 0, "log_err": 1, "log_warning": 1}
CALL = re.compile(r"(?<![\w.>])(%s)\(" % "|".join(SPEAKERS))
LITERAL = re.compile(r'"((?:[^"\\]|\\.)*)"')
CHARACTER = re.compile(r"'(?:[^'\\]|\\.)+'")
COMMENT = re.compile(r"/\*.*?\*/", re.S)
# A macro such as PRIu64 between two literals is one conversion with them.
JOINT = re.compile(r"\s*(?:[A-Z][A-Za-z0-9_]+\s*)?\Z")


def arguments(text, at):
    """The texts between the commas of a call whose opening parenthesis is at `at`."""
    depth, start, found = 0, at + 1, []
    while True:
        literal = LITERAL.match(text, at) or CHARACTER.match(text, at)
        if literal:
            at = literal.end()
            continue
        if text[at] in "([{":
            depth += 1
        elif text[at] in ")]}":
            depth -= 1
        if depth == 0 or (depth == 1 and text[at] == ","):
            found.append(text[start:at])
            start = at + 1
        if depth == 0:
            return found
        at += 1


def literals(argument):
    """Adjacent ones are one; those of a conditional are several."""
    parts, end = [], None
    for m in LITERAL.finditer(argument):
        between = argument[end:m.start()] if end is not None else None
        if between is not None and JOINT.match(between):
            parts[-1] += between.strip() + m[1]
        else:
            parts.append(m[1])
        end = m.end()
    return parts


def is_words(text):
    return re.search(r"[a-z]{2}", re.sub(r"%[^a-zA-Z]*[a-zA-Z]+", "", text)) is not None


def messages():
    """{message: {files}}; those that only pass another one on have no words, and are left out."""
    found = {}
    for folder in ("agents", "lib", "daemon", "ctl"):
        for file in sorted((SOURCE / folder).rglob("*.c")):
            text = COMMENT.sub(lambda m: re.sub(r"\S", " ", m[0]), file.read_text())
            for call in CALL.finditer(text):
                first, *more = arguments(text, call.end() - 1)[SPEAKERS[call[1]]:] or [""]
                said = literals(first) + [m for a in more for m in literals(a) if " " in m.strip()]
                for message in filter(is_words, said):
                    found.setdefault(message, set()).add(str(file.relative_to(SOURCE)))
    return found


def read_list():
    """({sort: {column: text}}, {message: [sorts]}) of the list."""
    sorts, listed, sort = {}, {}, None
    for line in LIST.read_text().splitlines():
        if line.startswith("== "):
            sort = sorts.setdefault(line[3:], {})
            name = line[3:]
        elif line.startswith("\t"):
            listed.setdefault(line[1:], []).append(name)
        elif line and not line.startswith("#"):
            column, _, text = line.partition(":")
            sort[column] = text.strip()
    return sorts, listed


def write_list():
    found, kept, listed = messages(), [], read_list()[1]
    for line in LIST.read_text().splitlines():
        if not line.startswith("\t") or line[1:] in found:
            kept.append(line)
    missing = sorted(m for m in found if m not in listed)
    if missing and f"== {UNSORTED}" not in kept:
        kept += ["", f"== {UNSORTED}"]
    LIST.write_text("\n".join(kept + [f"\t{m}" for m in missing]) + "\n")


if __name__ == "__main__":
    write_list()
