"""Names of people: capitalised sequences with initials, particles, hyphens and apostrophes; names in other scripts."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import replace

from doer.intent.mention import Mention, Reading, one
from doer.intent.text import Word, word_set, words
from doer.intent.vocabulary import plain_words

_PARTICLES = word_set("""
    van der den de la le du da dos das di del della von zu zum zur af av bin ibn al el ten ter y e
    """)
_TITLES = word_set("""
    mr mrs ms miss dr prof professor sir dame herr frau
    """)
_CALENDAR = word_set("""
    monday tuesday wednesday thursday friday saturday sunday mon tue wed thu fri sat sun am pm utc gmt cet est
    pst euro euros usd eur gbp chf
    """)
ARTICLES = word_set("""
    a an the this that these those our your my their his her some any every each
    """)


_ALSO_WORDS = word_set("""
    mark bill grant rob will sue pat frank chase drew jack rich nick art dean miles ray dale wade lance pierce reed trace
    chip hope faith joy rose iris dawn summer penny sandy may april june august
    """)
"""First names that are words as well; in the middle of a sentence, before another name, a capital makes them names."""
SUBJECT = re.compile(
    r"(?: (?:in|at|from|of) [\w-]+(?: [A-Z][\w-]+)?)? (?:needs?|wants?|is|has|gets?|should|must|will|would|expects|deserves)\b"
)
"""What follows a name that is the subject of the sentence, and so has no verb before it."""
_VERB_LIKE = re.compile(
    r"(?:off|un|re|dis|de|ex|out|over|under|pre)[a-z]{4,}$|[a-z]{3,}(?:ate|ify|ise|ize|ect|ute|age)$", re.IGNORECASE
)
_AFTER_OBJECT = word_set("as to on for from in at with about by that next tomorrow today starting under into onto")


def find(text: str, known: Callable[[str], bool]) -> Iterator[Mention]:
    """Yield names. `known` tells whether a word in lower case is one of the plain words of the tools at hand."""
    cut = words(text)
    if any(_capital(word.text) for word in cut):
        yield from _capitalised(text, cut, known)
    else:
        yield from _lower(text, cut, known)
    yield from _scripts(text, cut)


def _capital(word: str) -> bool:
    return unicodedata.category(word[0]) in {"Lu", "Lt"}


def _joined(text: str, left: Word, right: Word) -> bool:
    """Tell whether two words can belong to one name: only spaces, a hyphen, or the point of an initial between them."""
    between = text[left.end : right.start]
    initial = len(left.text) == 1 or left.lower in {*_TITLES, "st", "jr"}
    return between in {" ", "-", "‐", "  "} or (initial and between in {". ", "."})


def _bare(word: Word) -> tuple[str, int]:
    """The word without a possessive, and where it ends."""
    for ending in ("'s", "’s"):
        if word.text.endswith(ending):
            return word.text[:-2], word.end - 2
    return word.text, word.end


def _is_name_word(word: Word, known: Callable[[str], bool], *, first: bool) -> bool:
    if not _capital(word.text) or any(letter.isdigit() for letter in word.text):
        return False
    bare = _bare(word)[0].lower()
    if bare in _CALENDAR or bare in {"i", "i'm", "i'd", "i'll", "i've"}:
        return False
    if word.text.isupper() and len(word.text) > 1:
        return False
    return not (first and (bare in plain_words() or known(bare)))


def _is_also_word(text: str, cut: tuple[Word, ...], place: int, known: Callable[[str], bool]) -> bool:
    """Tell whether `Mark` in `we promised Mark O'Neill` begins a name."""
    if place == 0 or place + 1 >= len(cut) or cut[place].lower not in _ALSO_WORDS or not _capital(cut[place].text):
        return False
    opens = text[cut[place - 1].end : cut[place].start].strip()[-1:] in {".", "!", "?", ";", ":"}
    after = cut[place + 1]
    return not opens and _joined(text, cut[place], after) and _is_name_word(after, known, first=True)


def _capitalised(text: str, cut: tuple[Word, ...], known: Callable[[str], bool]) -> Iterator[Mention]:
    place = 0
    while place < len(cut):
        if not _is_name_word(cut[place], known, first=True) and not _is_also_word(text, cut, place, known):
            place += 1
            continue
        last = _extend(text, cut, place)
        start, end = cut[place].start, _bare(cut[last])[1]
        if cut[place].lower in _TITLES and last > place:
            start = cut[place + 1].start
        after_article = place > 0 and cut[place - 1].lower in {"a", "an", "the"}
        many = last > place
        orders = (
            place == 0
            and not many
            and len(cut) > 1
            and cut[1].lower in ARTICLES | {"all", "for", "to", "up", "off", "out", "me", "us"}
        )
        if orders:  # `Prepare the …` is a verb that we do not know
            place = last + 1
            continue
        certain = 0.5 if after_article else 0.95 if many else 0.7
        mention = one("person", text, (start, end), text[start:end], certain)
        yield _doubted(text, cut, (place, last), mention) if many and start == cut[place].start else mention
        place = last + 1


def is_suspect(name: str) -> bool:
    """Tell whether the first word of a name that begins a sentence may be a verb: `Offboard Ada Lovelace, …`."""
    parts = name.split()
    plain = all(part[:1].isupper() and len(part) > 2 and part.isalpha() for part in parts)
    return len(parts) > 1 and ((len(parts) > 2 and plain) or bool(_VERB_LIKE.match(parts[0])))


def _doubted(text: str, cut: tuple[Word, ...], span: tuple[int, int], mention: Mention) -> Mention:
    """A sentence may begin with a verb that we do not know: in `Induct Ada Lovelace as …` that is no first name."""
    first, last = span
    opens = first == 0 or text[cut[first - 1].end : cut[first].start].strip() in {".", "!", "?", ";", ":"}
    after = cut[last + 1].lower if last + 1 < len(cut) and text[mention.end : cut[last + 1].start] == " " else ""
    if SUBJECT.match(text[mention.end :]):
        return mention
    if opens and is_suspect(text[mention.start : mention.end]):
        rest = text[cut[first + 1].start : mention.end]
        return replace(mention, readings=(Reading(rest, rest), *mention.readings))
    if not opens or after not in _AFTER_OBJECT or text[cut[first].end : cut[first + 1].start] != " ":
        return mention
    rest = text[cut[first + 1].start : mention.end]
    return replace(mention, readings=(Reading(rest, rest), *mention.readings))


def _extend(text: str, cut: tuple[Word, ...], place: int) -> int:
    """The last word of the name that begins at `place`."""
    last, ahead = place, place + 1
    while ahead < len(cut) and ahead - place < 8:
        if not _joined(text, cut[ahead - 1], cut[ahead]) or _bare(cut[ahead - 1])[1] != cut[ahead - 1].end:
            break
        word = cut[ahead]
        if _is_name_word(word, _nothing, first=False) or (
            word.text.isupper() and len(word.text) == 1 and word.text != "I"
        ):
            last = ahead
        elif word.lower not in _PARTICLES:
            break
        ahead += 1
    return last


def _nothing(_: str) -> bool:
    return False


def _lower(text: str, cut: tuple[Word, ...], known: Callable[[str], bool]) -> Iterator[Mention]:
    """In a text without capitals: two or three words in a row that nothing else explains. Weak, and said so."""

    def free(word: Word) -> bool:
        bare = _bare(word)[0].lower()
        plain = bare in plain_words() or bare in _CALENDAR or known(bare)
        return word.text.isalpha() and word.text.isascii() and not plain

    place = 0
    while place < len(cut):
        last = place
        while (
            free(cut[last]) and last + 1 < len(cut) and free(cut[last + 1]) and _joined(text, cut[last], cut[last + 1])
        ):
            last += 1
        length = last - place + 1
        after_article = place > 0 and cut[place - 1].lower in ARTICLES
        if free(cut[place]) and 2 <= length <= 3 and not after_article:
            span = (cut[place].start, cut[last].end)
            whole = one("person", text, span, text[slice(*span)].title(), 0.5)
            if place == 0 and is_suspect(text[slice(*span)].title()) and not SUBJECT.match(text[span[1] :]):
                rest = text[cut[1].start : span[1]].title()
                whole = replace(whole, readings=(Reading(rest, rest), *whole.readings))
            yield whole
        place = last + 1


def _scripts(text: str, cut: tuple[Word, ...]) -> Iterator[Mention]:
    """Words in scripts without capitals (Han, kana, hangul, Arabic, Hebrew, Indic …) in a row."""
    place = 0
    while place < len(cut):
        last = place
        if not _caseless(cut[place].text):
            place += 1
            continue
        while (
            last + 1 < len(cut)
            and _caseless(cut[last + 1].text)
            and text[cut[last].end : cut[last + 1].start] in " ・·"
        ):
            last += 1
        if last - place < 4:
            span = (cut[place].start, cut[last].end)
            yield one("person", text, span, text[slice(*span)], 0.8)
        place = last + 1


def _caseless(word: str) -> bool:
    return all(unicodedata.category(letter) in {"Lo", "Lm", "Mn", "Mc", "Cf"} for letter in word) and not word.isascii()
