"""Rewording: the same request in the plain form in which examples are worded: `Jo needs to be added to x` is `add Jo to x`.

Every rule keeps what is asked for: manners, frames (`I need … to be moved`) and what is said first (`To Ana, please: …`).
Nothing is made up: every word that fills a slot is one that was said, at its place.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from doer.domain.value import Provenance
from doer.intent.text import IRREGULAR, stem, words
from doer.planning.words.nouns import infinitive
from doer.planning.words.once import misspelt, said_once
from doer.planning.words.utterance import Span

Part = Span | str
MOST = 8
_DEPTH = 3
_QUOTED = "\0"
"""Stands for each letter in quotes while a text is reworded."""
_LEAD = re.compile(
    r"^\W*(?:(?:please|pls|kindly|hi|hello|hey|ok|okay|so|and|also|now|then|well|oh|ah|right|quickly|just|actually|maybe)\b[\s,!:]*"
    r"|(?:can|could|would|will) (?:you|we|u)\b[\s,]*|(?:i|we)(?: really| just| still| also)? (?:need|have|want|got|wish)(?: you)? to\b\s*"
    r"|(?:i|we)(?:['’]d| would)(?: really)? (?:like|love)(?: you)? to\b\s*|let['’]?s\b\s*|you (?:can|may|could|should|need to|must|have to)\b\s*"
    r"|(?:is|would) it (?:be )?(?:possible|ok|okay|alright)(?: for you)? to\b\s*|(?:go ahead and|do me a favou?r and|help me(?: to)?)\b\s*"
    r"|(?:it would|it['’]d|that would) be (?:great|nice|good|lovely|helpful|kind) if (?:you|we) (?:could|can|would)\b\s*"
    r"|(?:make sure|see to it|ensure)(?: that)?(?: you)?\b\s*|(?:i|we)(?:['’]d| would) (?:appreciate it|be grateful) if you (?:could|would)\b\s*)+",
    re.IGNORECASE,
)
_TAIL = re.compile(
    r"(?:[\s,]+(?:please|pls|plz|thanks|thank you|thx|would you|could you|can you|will you|ok|okay|for me|if you can|if possible"
    r"|when you can|when you have time|when you get a chance"
    r"|now|already|today if possible))+(?P<end>[\s.!?]*)$",
    re.IGNORECASE,
)
_SAME = re.compile(
    r"(?:,\s*|\s+)(?:and )?(?:at |in |with )?(?:the )?same (?:time|room|place|day|people|guests|length|hour)\b",
    re.IGNORECASE,
)
_MOVES = re.compile(
    r"^(?:move|push|shift|put|reschedule|postpone|bring|change|delay|set)\b(?!.*\bsame\b.*\bas\b)", re.IGNORECASE
)
_NOTED = re.compile(
    r"(?:,|[.;]| -| and| so)\s*(?:please |can you |could you |so |and )*(?:change|update|correct|note|enter|record|fix|adjust|set|put)"
    r" (?:that|it|this|(?:his|her|their|its|the) \w+)(?: accordingly)?(?P<where> in (?:the )?\w+)?(?:,? please)?[\s.!?]*$",
    re.IGNORECASE,
)
_MODAL = (
    r"(?:can|could|should|must|may|might|ought to|needs? to|has to|have to|is to|are to|will have to|shall|wants? to)"
    r"(?: now| please| also| just)*"
)
_PASSIVE = re.compile(
    rf"^(?P<x>[^.!?;:]+?) {_MODAL} (?:be|get)(?: now| please)? (?P<v>[a-z]+)\b(?P<rest>[^.!?;]*)", re.IGNORECASE
)
_WANTED = re.compile(
    r"^(?:(?:i|we)(?:['’]d| would)? (?:need|want|like|have|love|got)(?: to (?:have|get|see))?|(?:have|get)) (?P<x>[^.!?;:]+?)"
    r"(?: to be| be)? (?P<v>[a-z]+(?:ed|en|wn|ut|ent|et|de|pt))\b(?P<rest>[^.!?;]*)",
    re.IGNORECASE,
)
_NEEDS = re.compile(r"^(?P<x>[^.!?;:]+?) needs? (?P<v>[a-z]+ing)\b(?P<rest>[^.!?;]*)", re.IGNORECASE)
_THING = r"(?:(?:the|my|our|this|that)\b|(?-i:[A-Z]))[^.!?;:,]*?"
_HELD = re.compile(
    rf"^(?:(?:can|could|should|may|might|must) (?P<asked>{_THING})|(?P<told>{_THING}) {_MODAL}) (?:start|begin|take place|be held|happen)"
    r" (?:only |instead )?(?:at|on) (?P<at>[^.!?;:,]+?)(?: instead)?[\s.?!]*$",
    re.IGNORECASE,
)
_FRONTED = re.compile(
    r"^(?P<pp>(?:on|at|in|to|into|from|for|of|with|under|until|by)\b[^,:;.!?]{1,60}?)(?:, please[,:]?|,|:| please[,:]?)\s+(?P<rest>\S.*)$",
    re.IGNORECASE | re.DOTALL,
)
_TOPIC = re.compile(
    r"^(?:about |regarding |as for )?(?P<x>[^,:;!?]{2,60}?)(?::|,| [-–—])\s+(?P<rest>.*?\b(?P<it>that one|this one|that|this|it|them|those|these|him|her)\b.*)$",
    re.IGNORECASE | re.DOTALL,
)
_LIMITS = re.compile(
    r"\b(?:if|when|whenever|unless|until|only|except|but|or|maybe|perhaps|please|should|must|could|would|all|every|each|both|instead|before"
    r"|after|not yet|also)\b",
    re.IGNORECASE,
)
_JOINT = re.compile(r"(?:[.;!?]\s+|,\s+|\s+[-–—]\s+)")
CONTENT = re.compile(
    r"^(?:and )?(?:it|this|that|(?:the|its|our) (?!topic|subject|title)\w+)(?:['’]s| is| will be| should be)"
    r" (?P<how>about|regarding|concerning|called|titled|named)\b"
    r"|^(?:and )?(?:the |its )?(?:topic|subject)(?: is| will be| should be|:) (?P<what>\S)",
    re.IGNORECASE,
)
"""What is told of the thing that is asked for, and so is a part of it: `…, it's about the new chairs`."""
_IRREGULAR = {
    **IRREGULAR, "put": "put", "set": "set", "cut": "cut", "taken": "take", "given": "give", "made": "make", "forwarded": "forward",
    "reset": "reset", "read": "read", "done": "", "gotten": "", "been": "", "moved": "move", "shared": "share", "removed": "remove",
    "invited": "invite", "renamed": "rename", "scheduled": "schedule", "rescheduled": "reschedule", "deleted": "delete",
    "zipped": "zip", "archived": "archive", "replied": "reply", "copied": "copy", "notified": "notify", "emailed": "email",
    "mailed": "mail", "assigned": "assign", "reopened": "reopen", "answered": "answer", "changed": "change",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reworded:
    """A goal in other words, and where each stretch of it was said."""

    text: str
    pieces: tuple[tuple[Span, Span | None], ...]
    """Stretch of the text -> where it stands in what was said; None: a word of ours, such as the verb of a participle."""

    @classmethod
    def of(cls, text: str) -> Reworded:
        """Return the goal as it was said."""
        return cls(text, (((0, len(text)), (0, len(text))),))

    def made(self, parts: Sequence[Part]) -> Reworded:
        """Return the text that these stretches of it, and words, make."""
        text, pieces = "", list[tuple[Span, Span | None]]()
        for part in parts:
            if isinstance(part, str):
                pieces.append(((len(text), len(text) + len(part)), None))
                text += part
                continue
            for (start, end), told in self.pieces:
                low, high = max(start, part[0]), min(end, part[1])
                if low < high:
                    at = len(text) + low - part[0]
                    place = None if told is None else (told[0] + low - start, told[0] + high - start)
                    pieces.append(((at, at + high - low), place))
            text += self.text[slice(*part)]
        return Reworded(text, tuple(pieces))

    def origin(self, told: Provenance) -> Provenance:
        """Return where a value came from, by its place in what was said."""
        if told.source not in {"words", "known"} or told.start is None or told.end is None:
            return told
        found = [
            (place[0] + max(told.start, start) - start, place[0] + min(told.end, end) - start)
            for (start, end), place in self.pieces
            if place is not None and start < told.end and told.start < end
        ]
        joined = len(found) == 1 and found[0][1] - found[0][0] == told.end - told.start
        return Provenance(told.source, told.text, *(found[0] if joined else (None, None)))


Rule = Callable[[str, Callable[[str], bool]], Iterator[Sequence[Part]]]


def rewordings(text: str, acts: Callable[[str], bool], quoted: Sequence[Span]) -> tuple[Reworded, ...]:
    """Return ways to say the same, the plainest last changed first; never the text itself.

    `acts` tells the stem of a verb with which a request may begin; what stands in quotes is not looked into.
    """
    blank = "".join(_QUOTED if any(a <= place < b for a, b in quoted) else letter for place, letter in enumerate(text))
    first = Reworded.of(blank)
    rules: tuple[Rule, ...] = (
        _led,
        _tailed,
        _same,
        _noted,
        _passive,
        _held,
        _fronted,
        _topical,
        _told_of,
        _once,
        _spelt,
    )
    found: dict[str, Reworded] = {blank: first}
    layer = [first]
    for _ in range(_DEPTH):
        fresh: list[Reworded] = []
        for each in layer:
            for rule in rules:
                for parts in rule(each.text, acts):
                    made = each.made(parts)
                    if made.text.strip() and made.text not in found and len(found) <= MOST:
                        found[made.text] = made
                        fresh.append(made)
        layer = fresh
    return tuple(_unblanked(each, text) for key, each in found.items() if key != blank)


def _unblanked(each: Reworded, said: str) -> Reworded:
    letters = list(each.text)
    for (start, end), place in each.pieces:
        if place is not None:
            letters[start:end] = said[slice(*place)]
    return Reworded("".join(letters), each.pieces)


def _led(text: str, acts: Callable[[str], bool]) -> Iterator[Sequence[Part]]:
    """`I need to move …`, `could we please move …`: the request itself."""
    found = _LEAD.match(text)
    if found and found.end() and _begins(text[found.end() :], acts):
        yield ((found.end(), len(text)),)


def _tailed(text: str, _: Callable[[str], bool]) -> Iterator[Sequence[Part]]:
    found = _TAIL.search(text)
    if found:
        yield ((0, found.start()), found["end"].replace("?", "").strip())


def _noted(text: str, _: Callable[[str], bool]) -> Iterator[Sequence[Part]]:
    """`Hansa has moved to Oslo, please update that`: what is said is what is to be noted."""
    if found := _NOTED.search(text):
        where = [found.span("where")] if found["where"] else []
        yield ((0, found.start()), *where)


def _same(text: str, _: Callable[[str], bool]) -> Iterator[Sequence[Part]]:
    """`move it to Monday, same time, same room`: what is not said of something that is moved stays anyway."""
    found = list(_SAME.finditer(text))
    if found and _MOVES.match(_LEAD.sub("", text)):
        yield tuple(
            zip([0, *(each.end() for each in found)], [*(each.start() for each in found), len(text)], strict=True)
        )


def _begins(text: str, acts: Callable[[str], bool]) -> bool:
    cut = words(text)[:1]
    return bool(cut) and acts(cut[0].stem)


def _passive(text: str, acts: Callable[[str], bool]) -> Iterator[Sequence[Part]]:
    """`Jo should be added to …`, `I need the call moved to …`, `the ticket needs closing`: the verb first."""
    for pattern in (_PASSIVE, _WANTED, _NEEDS):
        found = pattern.match(text)
        if found is None:
            continue
        verb = _base(found["v"].lower())
        if not verb or not acts(stem(verb)) or _begins(text, acts):
            continue
        end = found.end()
        yield (f"{verb} ", found.span("x"), found.span("rest"), (end, len(text)))


def _held(text: str, acts: Callable[[str], bool]) -> Iterator[Sequence[Part]]:
    """`can the review start at noon instead?`, `the review should be on Monday`: it is to be moved there."""
    found = _HELD.match(text)
    if found and acts("move") and not _begins(text, acts):
        yield ("move ", found.span("asked" if found["asked"] else "told"), " to ", found.span("at"))


def _base(word: str) -> str:
    """The verb of a participle or of a form in -ing: `moved`, `moving` -> `move`."""
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if word.endswith("ied") and len(word) > 4:
        return f"{word[:-3]}y"
    if word.endswith("ing") and len(word) > 5:
        return infinitive(f"{word[:-3]}ed")
    return infinitive(word) if word.endswith("ed") and len(word) > 4 else ""


def _fronted(text: str, acts: Callable[[str], bool]) -> Iterator[Sequence[Part]]:
    """`In crm, give …`: said last, what was said first."""
    found = _FRONTED.match(text)
    if found is None or not _begins(found["rest"], acts):
        return
    rest = found["rest"].rstrip(" .!?")
    start = found.start("rest")
    first = found["pp"]
    yield ((start, start + len(rest)), " ", (found.start("pp"), found.start("pp") + len(first)))


def _topical(text: str, acts: Callable[[str], bool]) -> Iterator[Sequence[Part]]:
    """`docs/plan.md: commit that one`: the thing in the place of the word for it."""
    found = _TOPIC.match(text)
    if found is None or _begins(text, acts) or not _begins(_LEAD.sub("", found["rest"]), acts):
        return
    if len(words(found["x"])) > 6 or _LIMITS.search(found["x"]):
        return
    start, end = found.span("it")
    yield ((found.start("rest"), start), found.span("x"), (end, len(text)))


def _told_of(text: str, acts: Callable[[str], bool]) -> Iterator[Sequence[Part]]:
    """`set up a call with Ana on Monday, it's about the chairs`: `… about the chairs`."""
    for joint in _JOINT.finditer(text):
        found = CONTENT.match(text[joint.end() :])
        if found and _begins(_LEAD.sub("", text[: joint.start()]), acts):
            how = " " if found["how"] else " about "
            yield ((0, joint.start()), how, (joint.end() + found.start(found.lastgroup or 0), len(text)))


def _once(text: str, acts: Callable[[str], bool]) -> Iterator[Sequence[Part]]:
    for span in said_once(text, lambda rest: _begins(rest, acts)):
        yield (span,)


def _spelt(text: str, _: Callable[[str], bool]) -> Iterator[Sequence[Part]]:
    for (start, end), word in misspelt(text):
        yield ((0, start), word, (end, len(text)))
