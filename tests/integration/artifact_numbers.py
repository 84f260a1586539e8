# SPDX-License-Identifier: MIT
"""Numbers and units as artifacts write them.

Part of check_report.py: it shares no code with the program.
"""
import re

GAPS = "\u00a0\u2009\u202f"  # blanks that may stand between thousands
NUMBER = re.compile(
    rf"[-+]?(?:[1-9]\d{{0,2}}(?:(?P<mark>[,'\u2019{GAPS}])\d{{3}}(?:(?P=mark)\d{{3}})*"
    r"(?!(?P=mark)?\d)"
    r"|(?:[ ]\d{3})+(?=\.\d))|\d+)?(?:\.\d*)?(?:[eE][-+]?\d+)?")
SCALES = {"k": 1e3, "K": 1e3, "M": 1e6, "G": 1e9, "T": 1e12}


def turning_units():
    """Spelling -> what it turns into, and how many of that it is."""
    units = {}

    def add(base, one, spellings):
        units.update((x, (base, one)) for x in spellings.split())
    for prefix, one in {"p": 1e-12, "n": 1e-9, "u": 1e-6, "\u00b5": 1e-6, "\u03bc": 1e-6,
                        "m": 1e-3, "": 1}.items():
        add("s", one, prefix + "s")
        for per in ("op", "iter", "token", "tok"):
            add("s/" + per[:3], one, f"{prefix}s/{per}")
    for one, words in {1e-12: "picoseconds", 1e-9: "nsec nsecs nsecond nanosecond nanoseconds",
                       1e-6: "usec usecs usecond microsecond microseconds",
                       1e-3: "msec msecs msecond millisecond milliseconds",
                       1: "sec secs second seconds", 60: "min mins minute minutes",
                       3600: "h hr hrs hour hours"}.items():
        add("s", one, words)
    add("byte", 1, "B byte bytes Byte Bytes")
    add("byte/s", 1, "B/s B/sec bytes/s bytes/sec byte/s byte/second")
    for i, letter in enumerate("KMGT", 1):
        add("byte", 1024 ** i, f"{letter}iB {letter.lower()}iB")
        add("byte/s", 1024 ** i, f"{letter}iB/s {letter}iB/sec")
        for x in (letter + "B", letter.lower() + "b", letter + "byte", letter + "Bytes"):
            add(letter + "B", 1, x)
            add(letter + "B/s", 1, f"{x}/s {x}/sec {x}/second")
    add("KB", 1, "kB kbyte")
    add("KB/s", 1, "kB/s kB/sec")
    for one, letters in {1: [""], 1e3: ["k", "K"], 1e6: ["M"], 1e9: ["G"]}.items():
        for x in letters:
            add("bit/s", one, f"{x}bit/s {x}bits/s {x}bits/sec {x}bps {x}b/s")
            add("Hz", one, f"{x}Hz {x}hz")
    for one, x in {1e-6: "u", 1e-3: "m", 1: "", 1e3: "k"}.items():
        add("J", one, x + "J")
        add("W", one, x + "W")
    add("J", 1e-6, "\u00b5J \u03bcJ")
    add("J", 1, "joule joules Joule Joules")
    add("J", 3600, "Wh")
    add("J", 3.6e6, "kWh")
    add("W", 1, "watt watts Watt Watts")
    for one, x in {1: "", 1e6: "M", 1e9: "G", 1e12: "T", 1e15: "P"}.items():
        add("FLOP/s", one, " ".join(x + y for y in ("FLOP/s", "FLOPS", "FLOPs", "FLOPs/s",
                                                     "Flop/s", "Flops")))
    for one, per in {1: "s sec second", 1e3: "ms", 1e6: "us \u00b5s \u03bcs", 1e9: "ns"}.items():
        for x in per.split():
            add("ops/s", one, f"ops/{x} op/{x} operations/{x}")
    add("ops/s", 1, "iops IOPS")
    return units


UNITS = turning_units()


def number_match(text, comma):
    """The number that a cell begins with; None where it begins with none."""
    text = text.strip().strip("*`").strip().replace("\u2212", "-", 1)
    text = re.sub(r"^[~\u2248]?\s*[$\u20ac\u00a3]?\s*", "", text)
    if comma:
        text = text.translate(str.maketrans(".,", ",."))
    m = NUMBER.match(text)
    return m if re.search(r"\d", m.group()) else None


def number(text, comma):
    """A cell as a number; None where it is none."""
    if isinstance(text, bool):
        return float(text)
    if isinstance(text, (int, float)):
        return float(text)
    if not isinstance(text, str):
        return None
    m = number_match(text, comma)
    if m is None:
        return {"true": 1.0, "false": 0.0}.get(text.strip().lower())
    return float(re.sub(rf"[,'\u2019 {GAPS}]", "", m.group()))


def unit_of(text, comma):
    """(base, how many of it, scale) of what stands behind the number; base None: no unit."""
    m = number_match(text, comma) if isinstance(text, str) else None
    rest = m.string[m.end():].strip() if m else ""
    own, spread, behind = re.match(r"([^\u00b1]*?)\(?\s*(\u00b1|\+/?-|$)(.*)", rest).groups()
    if spread and not own.strip():
        width = NUMBER.match(behind.strip())
        own = behind.strip()[width.end():].strip(" )")
    own = own.strip(" " + GAPS)
    if not own or own in UNITS:
        return (*UNITS.get(own, (None, 1)), 1)
    rest = own[1:].strip()
    counted = not rest or UNITS.get(rest, "?")[0] == "ops/s" or re.search(
        r"(/s|/sec|/second|[fqr]ps|[FQR]PS|iops|IOPS)$", rest)
    if own[0] in SCALES and counted:
        return (*UNITS.get(rest, ("?" if rest else None, 1)), SCALES[own[0]])
    return "?", 1, 1
