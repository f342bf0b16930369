"""Phrases: the noun phrases of a goal, each whole: `two boxes of brochures`, `a bag and a tube`, `Keller & Söhne`.

A text slot takes a phrase as it was written or not at all; a part of one (`two`, `boxes`) would say something else.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from doer.intent.mention import Mention
from doer.intent.names import SUBJECT, is_suspect
from doer.intent.text import Word, word_set
from doer.intent.vocabulary import FUNCTION_WORDS, LIGHT_VERBS, NEGATIONS, POLITE, TURNING, verbs
from doer.planning.words.utterance import Span, Utterance

ARTICLES = word_set("""
    a an the my our your his her their its this these those some another
    """)
_WALLS = word_set("""
    date datetime time date_range amount email phone url duration identifier path quoted
    """)
_ADVERB = word_set("""
    family supply assembly reply italy july fly ally jelly lily belly trolley anomaly monopoly
    """)
_OPENERS = word_set("""
    please to and then you we i also can could would kindly just now or but i'd let's
    """)
NEVER = word_set("""
    gets got getting makes gives takes does lets come comes coming came go goes going reach reaches arrive arrives owed due
    everything anything rest
    worth back over away together along morning afternoon evening night week month day early late time
    """)
_NO_NOUNS = TURNING | NEGATIONS | POLITE | NEVER
_CODED = re.compile(r"[A-Za-z]+(?:[-/_.]\w+)*[-/_]\w*\d\w*|[A-Za-z]+(?:[/_]\w+)+")
_NUMBERED = frozenset({"identifier", "integer", "number", "decimal"})


@dataclass(frozen=True, slots=True)
class Phrase:
    """One noun phrase, without its article."""

    span: Span
    first: int
    """Place of its first word among the words of the goal, the article aside."""
    last: int
    before: int
    """Place of the word before it and before its article; -1 at the start."""
    told: bool
    """True: an article or a number says that it is a thing."""
    named: bool
    """True: written as names are."""
    listed: bool
    """True: joined from several by `and`."""
    cut: bool
    """True: a word of the unit's follows directly, and may belong to it: `the demo parcel`."""
    opens: bool
    """True: a sentence begins with it, so that its first word may be a verb that nobody knows."""


@dataclass(frozen=True, slots=True)
class _Reader:
    said: Utterance
    walls: tuple[Span, ...]
    speaks: Callable[[str], bool]
    """Tells a word of the unit's own."""
    akin: Callable[[str], bool]
    """Tells one that may stand for such a word."""
    announces: Callable[[str], bool]
    """Tells one that names a slot."""

    def blocked(self, word: Word) -> bool:
        return any(start < word.end and word.start < end for start, end in self.walls)

    def gap(self, place: int) -> str:
        """The text between a word and the next."""
        return self.said.gaps[place]

    def heads(self, place: int) -> bool:
        """Tell whether a clause begins here, so that a verb may stand here."""
        if place == 0:
            return True
        between = self.gap(place - 1)
        return bool(set(between) & set(",;.!?:\n(")) or self.said.words[place - 1].lower in _OPENERS

    def is_noun(self, place: int, *, inside: bool) -> bool:
        """Tell whether a word can belong to a noun phrase. `inside`: an article, a number or a noun is before it."""
        word = self.said.words[place]
        lower = word.lower.split("'")[0]
        if self.blocked(word) or lower in _NO_NOUNS:
            return False
        if lower in FUNCTION_WORDS and not self._initials(word):
            return False
        if not inside and (lower in LIGHT_VERBS or (word.text.islower() and lower.endswith("ed") and len(lower) > 3)):
            return False
        if len(lower) > 4 and lower.endswith("ly") and lower not in _ADVERB and word.text.islower():
            return False
        if word.stem in verbs() and not inside and self.heads(place):
            return False
        known = self.speaks(word.stem) if inside else self.akin(word.stem)
        return not known or (inside and self._more(place))

    def _initials(self, word: Word) -> bool:
        """Tell `IT` from `it`."""
        return word.text.isupper() and len(word.text) > 1 and not self.said.text.isupper()

    def _more(self, place: int) -> bool:
        """`the invoice folder`: a word of the tool's that only says more of the one after it."""
        if self.gap(place) != " " or self.said.words[place].lower.endswith("'s"):
            return False
        after = self.said.words[place + 1]
        if after.text[0].isdigit() or (after.text[0].isupper() and not self.said.words[place].text[0].isupper()):
            return False  # `ticket 12`, `the event Standup`: it says what the next word is
        if _CODED.match(self.said.text, after.start):
            return False  # `the branch hotfix-12`: so does a code
        return not self.speaks(after.stem) and self.is_noun(place + 1, inside=True) and after.stem not in verbs()


def phrases(
    said: Utterance,
    kinds: frozenset[str],
    speaks: tuple[Callable[[str], bool], Callable[[str], bool], Callable[[str], bool]],
    away: Sequence[Span],
) -> tuple[Phrase, ...]:
    """Return the noun phrases. `kinds`: types of the unit's slots; `speaks`: own, akin and announcing; `away`: spans to leave out."""
    people = tuple((each.start, each.end) for each in said.atoms if each.kind == "person" and each.confidence >= 0.6)
    walls = [(each.start, each.end) for each in said.atoms if _is_wall(each, kinds)]
    walls += [*away, *said.polite, *(people if "person" in kinds else ())]
    reader = _Reader(said, tuple(walls), *speaks)
    return tuple(_all(reader))


def _is_wall(mention: Mention, kinds: frozenset[str]) -> bool:
    if mention.kind == "number":
        return bool(kinds & _NUMBERED) and any(letter.isdigit() for letter in mention.text)
    return mention.kind in _WALLS


def _all(reader: _Reader) -> Iterator[Phrase]:
    place, words = 0, reader.said.words
    while place < len(words):
        first = place
        while first < len(words) and words[first].lower in ARTICLES and first + 1 < len(words):
            first += 1
            if reader.gap(first - 1) != " ":
                break
        told = first > place and reader.gap(first - 1) == " "
        last = _simple(reader, first, told=told)
        if last is None:
            place = max(place + 1, first if told else place + 1)
            continue
        last, listed = _extended(reader, last)
        yield _phrase(reader, first, last, told=told, listed=listed, start=place)
        place = last + 1


def _simple(reader: _Reader, first: int, *, told: bool) -> int | None:
    """The last word of the run of nouns that begins here; None where there is none."""
    words, last = reader.said.words, None
    place, inside = first, told
    while place < len(words) and (last is None or reader.gap(last) in {" ", "-", "/", " / ", ". "}):
        if last is not None and reader.gap(last) == ". " and len(words[last].text) > 2:
            break
        if not (_is_count(reader, place) or reader.is_noun(place, inside=inside)):
            break
        last, inside = place, True
        place += 1
        if words[last].lower.endswith("'s") and place < len(words) and reader.speaks(words[place].stem):
            break
    if last is not None and all(_is_count(reader, each) for each in range(first, last + 1)):
        return None
    return last


def _is_count(reader: _Reader, place: int) -> bool:
    word = reader.said.words[place]
    return word.start in reader.said.counted and not reader.blocked(word)


def _extended(reader: _Reader, last: int) -> tuple[int, bool]:
    """Go on over `of …` and `and …`; tell where it ends and whether several things are listed."""
    words, listed = reader.said.words, False
    while last + 1 < len(words):
        between = reader.gap(last)
        joint = words[last + 1].lower
        if between.strip() == "&" or joint == "&":
            following = last + 1
        elif between == " " and joint in {"of", "and", "plus"} and reader.gap(last + 1) == " ":
            following = last + 2
        else:
            break
        told = following < len(words) and words[following].lower in ARTICLES
        following += told
        if following >= len(words) or (words[following].stem in verbs() and not told and joint != "of"):
            break
        end = _simple(reader, following, told=told or joint == "of")
        if end is None:
            break
        listed = listed or joint in {"and", "plus"}
        last = end
    return last, listed


def _belongs(reader: _Reader, place: int) -> bool:
    """Tell whether a word of the unit's after a phrase may be its head, and announces no value of its own."""
    words, word = reader.said.words, reader.said.words[place]
    if not reader.akin(word.stem) or reader.blocked(word) or word.lower in FUNCTION_WORDS:
        return False
    if word.lower in NEVER:
        return False
    if not reader.announces(word.stem) and word.stem not in verbs():
        return True
    near = [each for each in reader.said.atoms if each.start >= word.end]
    ahead = words[place + 1].lower if place + 1 < len(words) else ""
    gap = reader.said.text[word.end : near[0].start].strip() if near else "no value"
    return len(gap.split()) > 2 and ahead not in {"on", "by", "for", "in"}


def _phrase(reader: _Reader, first: int, last: int, *, told: bool, listed: bool, start: int) -> Phrase:
    words = reader.said.words
    end = words[last].end - (2 if words[last].lower.endswith("'s") else 0)
    inside = words[first : last + 1]
    nouns = [word for word in inside if word.lower not in {"of", "and", "plus"} | ARTICLES]
    named = all(word.text[0].isupper() or word.text[0].isdigit() for word in nouns) and nouns[0].text[0].isupper()
    opens = start == 0 or bool(set(reader.gap(start - 1)) & set(".!?:\n"))
    if named and opens and len(nouns) == 1 and words[last].end == end and reader.gap(last).strip() == "":
        named = False  # `Dispute invoice 12`: a capital only because the sentence begins
    counted = _is_count(reader, first)
    # `Ada Lovelace joins`: a name ends where the capitals do.
    cut = (
        not (named and reader.said.text[end:][1:2].islower())
        and words[last].end == end
        and reader.gap(last) == " "
        and _belongs(reader, last + 1)
    )
    after = reader.said.text[end:]
    cut = cut or (
        opens and named and is_suspect(reader.said.text[words[first].start : end]) and not SUBJECT.match(after)
    )
    return Phrase((words[first].start, end), first, last, start - 1, told or counted, named, listed, cut, opens)
