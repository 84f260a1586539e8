# SPDX-License-Identifier: MIT
"""An outside check of what lib/claims let pass: it shares neither code nor word lists with it."""
import re
import unicodedata

ONES = ("zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
        "fifteen sixteen seventeen eighteen nineteen").split()
TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
NUMBER_WORDS = {*ONES, *TENS, *(t + o for t in TENS for o in ONES[1:10]), "hundred", "thousand",
                "million", "billion", "trillion", "dozen", "twice", "thrice", "half", "double",
                "doubled", "triple", "tripled", "quarter", "third", "thirds", "percent",
                "percentage", "couple", "pair", "single", "both", "none", "hundreds", "thousands",
                "millions", "tenfold", "twofold", "halved", "fifth", "tenth"}
DIRECTION_WORDS = set(
    "faster slower better worse best worst higher lower highest lowest increased decreased "
    "increase decrease rose fell dropped improved degraded improves degrades more less most least "
    "above below outperforms exceeds significantly significant dramatically optimal superior "
    "inferior greater larger smaller fewer rising falling grew shrank unchanged stable "
    "identical equal similar fast slow".split())
CAUSE = re.compile(r"\b(because|caused|causes|due to|owing to|thanks to|leads to|results in|"
                   r"as a result|driven by|may|might|could|likely|probably|suggests?)\b", re.I)
CHATTER = re.compile(r"\b(as an ai|let me know|i hope|here is|here are|sure|language model|"
                     r"feel free|happy to|certainly)\b", re.I)
FOREIGN = re.compile(r"\b(der|und|nicht|wurde|les|une|dans|avec|los|para|una|della|sono)\b", re.I)
# Subject texts that are words of prose as well.
GENERIC = set("true false none default auto low high small medium large fast slow all total other "
              "same main base new old latest time run bench benchmark model batch size cache memory "
              "load the and for with mode chat local data baseline yes per file row single normal key "
              "value prompt short long text driver kernel power step group level first last error "
              "result compile build night nightly machine host name configuration process thread "
              "cold warm idle".split())
TIME_UNITS = {"ns", "us", "µs", "μs", "ms", "s", "min", "h"}
DIFFERENCES = {"delta", "delta_pct", "ratio"}


def words_of(text):
    return "".join(s.get("t", " ") for s in text)


def closure(ids, facts):
    """The facts with those that they were computed from."""
    all_ids = set(ids)
    for i in ids:
        all_ids.update(facts[i]["from"])
    return [facts[i] for i in all_ids if i in facts]


def cited(item, facts, findings):
    ids = set(item["facts"]) | {s["f"] for s in item["text"] if "f" in s}
    for k in item["findings"]:
        ids.update(findings[k]["facts"])
        ids.update(s["f"] for s in findings[k]["text"] if "f" in s)
    return closure(ids, facts)


def tells(fact, word):
    """Does a fact bear the word in any of its names?"""
    names = [*fact["paths"], fact["label"], fact["metric"], fact["quantity"], *fact["subject"],
             *fact["subject"].values()]
    return any(word in re.findall(r"[a-z]+", (n or "").lower()) for n in names)


def text_faults(prose):
    """What the characters and words alone give away."""
    for c in prose:
        kind = unicodedata.category(c)
        if kind.startswith("N"):
            yield f"a digit or number sign: {c!r}"
        elif kind.startswith("L") and not unicodedata.name(c).startswith("LATIN"):
            yield f"another script: {c!r}"
        elif c in "<>{}[]|*_`#@\\/=$%&\"^~+!?" or kind in ("Cc", "Cf", "Co", "So"):
            yield f"markup: {c!r}"
    words = re.findall(r"[^\W\d_]+", prose.lower())
    for word in words:
        if word in NUMBER_WORDS:
            yield f"a number word: {word}"
        if word in DIRECTION_WORDS:
            yield f"a word of direction: {word}"
    if re.search(r"https?:|www\.|\.(com|org|net)\b", prose):
        yield "a link"
    for pattern, what in ((CHATTER, "chatter"), (FOREIGN, "another language")):
        if pattern.search(prose):
            yield f"{what}: {pattern.search(prose).group()}"


def name_faults(prose, own, named, facts):
    """Configurations and metrics that none of the facts cited is of."""
    words = set(re.findall(r"[a-z]+", prose.lower()))
    paths = [*named, *(p for f in own for p in f["paths"])]
    known = {t.lower() for f in facts.values() for t in f["subject"].values()
             if re.fullmatch(r"[A-Za-z]{3,}", t)}
    for word in words & known - GENERIC:
        if not any(tells(f, word) for f in own):
            yield f"a name of other facts: {word}"
    if words & {"latency", "latencies"} and not any(
            f["unit"] in TIME_UNITS or tells(f, "latency") for f in own):
        yield "latency of no time"
    if "throughput" in words and not any(
            "/s" in (f["unit"] or "") or tells(f, "throughput") for f in own):
        yield "throughput of no rate"
    for word in words & {"json", "csv", "markdown"}:
        if not any(word in p.lower().replace(".md", ".markdown") for p in paths):
            yield f"a sort of file that no fact is from: {word}"
    for word in words & {"average", "averages"}:
        if not any(f["statistic"] == "mean" or tells(f, word) for f in own):
            yield "an average that nobody computed"


def item_faults(item, question, facts, findings):
    """What is wrong with one comment or recommendation that was accepted."""
    scope = set(question["scope"]["facts"]) | set(question["scope"]["findings"])
    prose = words_of(item["text"])
    used = [s for s in item["text"] if "f" in s]
    if not item["facts"] and not item["findings"]:
        yield "cites nothing"
    for i in [*item["facts"], *item["findings"], *(s["f"] for s in used)]:
        if i not in scope:
            yield f"an id that was not offered: {i}"
            return
    for s in used:
        if s["as"] in ("direction", "size") and facts[s["f"]]["statistic"] not in DIFFERENCES:
            yield f"a direction of what is no change: {s['f']}"
    if item["kind"] == "comment" and CAUSE.search(prose) and not item["hypothesis"]:
        yield "a cause that is not marked"
    yield from text_faults(prose)
    named = [s["t"] for k in item["findings"] for s in findings[k]["text"] if "t" in s]
    yield from name_faults(prose, cited(item, facts, findings), named, facts)


def faults(accepted, question, facts, findings):
    """All that is wrong with what was accepted of one answer, as texts."""
    for item in accepted:
        for fault in item_faults(item, question, facts, findings):
            yield f"{fault} in {words_of(item['text'])!r}"
    total = sum(len(re.findall(r"\{[^}]*\}|[^\W\d_]+", words_of(i["text"])))
                + sum("f" in s for s in i["text"]) for i in accepted if i["kind"] == "comment")
    if total > question["scope"]["words"]:
        yield f"{total} words of {question['scope']['words']}"
    texts = [repr(i["text"]) for i in accepted]
    if len(texts) != len(set(texts)):
        yield "a sentence twice"
