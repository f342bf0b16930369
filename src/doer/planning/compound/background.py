"""Background: a goal that first says how things are, and then what is to be done: `Ticket 12 is fixed, so it can be closed`.

The request is read by itself, with what its `it`, `his` or `there` means in the place of that word. What was said before
it must hold nothing else that could matter: no other value, no condition, no limit, and no request of its own. At the end,
`but don't push it yet` and `Don't send it yet.` forbid what the request does not do anyway.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from doer.domain.value import Provenance
from doer.intent.mention import Mention
from doer.intent.text import stem, words
from doer.intent.vocabulary import verbs
from doer.planning.skills.unit import Unit
from doer.planning.words.mood import denied, stands_apart
from doer.planning.words.utterance import Put, Span, Utterance

_JOINT = re.compile(r"(?:,\s+|[.;:!]\s+|\s+[-–—]\s+)(?:(?:and\s+)?(?:so|therefore|thus|hence)\b[\s,]*)?", re.IGNORECASE)
_VERB = re.compile(
    r"(?:['’](?:s|re)(?=\s+(?:away|out|ill|sick|busy|off|back|gone|late|travell?ing|on (?:leave|holiday|vacation))\b)"
    r"|\s+(?P<verb>(?:is|are|was|were|has|have|had|will|won['’]?t|isn['’]?t|aren['’]?t|wasn['’]?t|hasn['’]?t|does(?:n['’]?t| not)"
    r"|no longer|belongs?|needs?|wants?|left|leaves|arrived|asked|took|moved|resigned|quit|retired|start(?:s|ed)|join(?:s|ed)"
    r"|return(?:s|ed)|lost|married|called|wrote|came|went|goes|stays|stayed|changed|fell)\b(?:\s+(?:been|be|just|now|already|longer|finally))*))",
    re.IGNORECASE,
)
_OPENS = re.compile(r"^\W*(?:(?:since|because|as|now that|given that)\s+)?", re.IGNORECASE)
_LIMITS = re.compile(
    r"\b(?:if|when|whenever|unless|until|only|except|but|or|maybe|perhaps|please|should|must|could|would|can|all|every|each|both)\b",
    re.IGNORECASE,
)
_NEGATED = re.compile(r"(?:n['’]?t|\bnot|\bnever)\b", re.IGNORECASE)
_THINGS = re.compile(r"\b(?:it|that one|this one|them|they|there)\b(?!['’])", re.IGNORECASE)
_OWNED = re.compile(
    r"\b(?:his|her|their|the(?=\s+(?:account|login|access|profile)\b(?!\s+(?:of|for|from|to)\b)))\b", re.IGNORECASE
)
"""What is somebody's: after `Ana has left`, `the account` is hers."""
_PERSONS = re.compile(r"\b(?:him|her|them|they|he|she)\b", re.IGNORECASE)
_SPEAKER = frozenset({"i", "we", "you", "it", "they", "he", "she", "there", "that", "this", ""})
_NEGATED_PART = re.compile(r"[^.;,]*\b(?:not|never|nothing|no|without)\b[^.;,]*", re.IGNORECASE)
_HARMLESS = frozenset({"person", "time"})


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked for: a part of the goal, with words in the place of those that point back."""

    part: Span
    puts: tuple[Put, ...] = ()
    forbidden: str = ""
    """A verb that must not be done."""
    apart: bool = False
    """True: it is forbidden in a sentence or a clause of its own, which may as well be the end of a text: `Don't ship it.`"""

    def forbids(self, unit: Unit, every: Iterable[Unit]) -> bool:
        """Tell whether the unit would do what must not be done; and, of what stands apart, whether it is something else
        altogether than what the unit's systems do: `Mail Ana that it is late. Don't ship it.`
        """
        if not self.forbidden:
            return False
        verb, description = stem(self.forbidden), _NEGATED_PART.sub(" ", unit.description)
        told = (*unit.examples, description, unit.name.replace("_", " ").replace(".", " "))
        if unit.does(verb) or any(verb == word.stem for text in told for word in words(text)):
            return True
        return self.apart and not any(each.does(verb) for each in every if each.systems & unit.systems)


def requests(said: Utterance, hear: Callable[[Span], Utterance]) -> Iterator[Request]:
    """Yield the ways to read a goal as a request after, or before, words that ask for nothing. `hear` reads a part of it."""
    text, end, forbidden = said.text, len(said.text.rstrip()), ""
    apart = False
    if found := denied(text):
        end, forbidden, apart = found.start(), found["verb"].lower(), stands_apart(found)
        yield Request((0, end), (), forbidden, apart)
    for joint in _JOINT.finditer(text, 0, end):
        state = text[: joint.start()]
        if (parts := _stated(state)) is not None:
            state_said = hear((parts[0][0], parts[1][1]))
            for each in _with(state_said, said.text, parts, (joint.end(), end)):
                yield replace(each, forbidden=forbidden, apart=apart)


def _stated(state: str) -> tuple[Span, Span] | None:
    """The spans of who or what a statement is about, and of what it says of it; None where it is more than a statement."""
    begin = _OPENS.match(state)
    start = begin.end() if begin else 0
    found = _VERB.search(state, start)
    if found is None or _LIMITS.search(state) or not state[start : found.start()].strip():
        return None
    if _NEGATED.search(state, start, found.start()):
        return None  # `I don't want this: …` is about what follows
    first = words(state[start:])[:1]
    if first and first[0].text.islower() and first[0].stem in verbs():
        return None
    return (start, found.start()), (found.end(), len(state))


def _with(state: Utterance, text: str, parts: tuple[Span, Span], part: Span) -> Iterator[Request]:
    today = state.goal.local_time.date().isoformat()
    heavy = [each for each in state.atoms if each.kind not in _HARMLESS and not _has_come(each, today)]
    request = text[slice(*part)]
    people = [each for each in state.atoms if each.kind == "person"]
    for pattern, meant in (
        (_OWNED, [(each.start, each.end, f"{each.text}'s") for each in people]),
        (_PERSONS, [(each.start, each.end, each.text) for each in people]),
        (_THINGS, [(*span, text[slice(*span)]) for span in _things(text, parts)]),
    ):
        pointers = list(pattern.finditer(request))
        if len(pointers) != 1:
            continue
        place = (part[0] + pointers[0].start(), part[0] + pointers[0].end())
        for start, end, words_ in meant:
            if all(start <= each.start and each.end <= end for each in heavy):
                origin = Provenance("words", words_, start, end)
                yield Request(part, (Put(place, words_, origin),))
    if not heavy and not any(pattern.search(request) for pattern in (_OWNED, _PERSONS, _THINGS)):
        yield Request(part)


def _has_come(mention: Mention, today: str) -> bool:
    """Tell whether it is a day that is over, or today: `Ana left yesterday` bounds nothing that is asked for now."""
    return mention.kind == "date" and all(str(each.value) <= today for each in mention.readings)


def _things(text: str, parts: Sequence[Span]) -> Iterator[Span]:
    for start, end in parts:
        inside = text[start:end]
        begin = start + len(inside) - len(inside.lstrip())
        if inside.strip().lower() not in _SPEAKER:
            yield begin, start + len(inside.rstrip())
        # `no longer wants order 12`: what it is about follows the verb
        after = inside.strip().split(" ", 1)
        if start == parts[1][0] and len(after) == 2:
            at = begin + len(after[0]) + 1
            yield at, start + len(inside.rstrip())
