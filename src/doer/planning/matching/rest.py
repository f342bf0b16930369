"""The rest: what a goal says beyond the values that were taken, and what of it may change what is meant."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from doer.intent.mention import Mention
from doer.intent.text import Word, word_set
from doer.intent.vocabulary import (
    LIGHT_VERBS,
    POLITE,
    TURNING,
    verbs,
)
from doer.planning.matching.cues import LINKS
from doer.planning.matching.fill import Scene
from doer.planning.matching.idle import DETERMINERS, begins, idle
from doer.planning.matching.profile import Profile, is_content
from doer.planning.words.utterance import Span, Utterance

_HEADS = word_set("""
    with without for to near via including plus and cc only also at in from into about next
    """)
_CLAUSE = frozenset(",;.!?")
_HANDED = re.compile(
    r"\W*(?:(?:please|pls|can you|could you|would you)\b[\s,]*)*(?P<verb>give|hand|pass|assign)\b(?! (?:me|us)\b).*\bto [A-Z]",
    re.IGNORECASE,
)
"""What is handed to somebody is not only to be seen: `give all open tickets to Bob`."""
_TURNED = word_set("un non dis in re de pre over under mis ex")
_SLIGHT = word_set("""
    pls plz meeting new back over
    """)


def objects(each: Profile, scene: Scene, taken: Sequence[Span]) -> Iterator[Word]:
    """Heads of things that the first verb is to be done to, and that nothing has taken: `Book a flight …`."""
    said = scene.said
    for phrase in scene.phrases:
        if phrase.before < 0 or any(start < phrase.span[1] and phrase.span[0] < end for start, end in taken):
            continue
        verb = said.words[phrase.before]
        last = said.words[phrase.last].stem
        if each.speaks(last) or _is_compound(last, each):
            continue
        if phrase.told and verb.stem in verbs() and verb.lower not in LIGHT_VERBS and begins(said, phrase.before):
            yield said.words[phrase.last]


def strange(each: Profile, said: Utterance, taken: Sequence[Span]) -> str:
    """What makes it doubtful that this is asked for, although the words are known: `Insure the laptop`, `It is due`."""
    place = next((n for n, word in enumerate(said.words) if _is_verb_place(said, n) and is_content(word.lower)), None)
    slot_nouns = each.slot_nouns
    if place is not None and place + 1 < len(said.words):
        word, after = said.words[place], said.words[place + 1]
        inside = any(start <= word.start < end for start, end in taken)
        joined = said.text[word.end : after.start] == " "
        coded = any(m.kind == "identifier" and m.start <= after.start < m.end for m in said.atoms)
        valued = any(m.start <= after.start < m.end and m.kind == "amount" for m in said.atoms)
        object_ = after.lower in DETERMINERS or valued or (after.text[0].isupper() and not coded)
        object_ = object_ or (word.stem in verbs() and word.stem not in slot_nouns and each.speaks(after.stem))
        usual = word.stem in each.near_heads and word.stem not in slot_nouns & verbs()
        whole = dict(said.joined)[word]  # `switch … off`
        usual = usual or (whole != word.stem and whole in each.near_heads)
        usual = usual or _opens_so(each, word.lower, after.lower)
        if not inside and joined and object_ and each.speaks(word.stem) and not usual:
            return word.text
    if each.unit.reads and (handed := _HANDED.match(said.text)):
        return handed["verb"]
    if said.mood.states and not said.mood.requests and not each.unit.reads:
        acts = [
            w for w, s in free_words(said, taken) if s in verbs() | each.heads and each.owns(s) and s not in slot_nouns
        ]
        if not acts:
            return "it is said how things are"
    return ""


def _opens_so(each: Profile, first: str, second: str) -> bool:
    """Tell whether an example begins with both words: `tag this as …`, also where a slot is called a tag."""
    return (first, second) in each.openings


def _is_verb_place(said: Utterance, place: int) -> bool:
    return place == 0 or (begins(said, place) and not any(a <= said.words[place].start < b for a, b in said.polite))


def free_words(said: Utterance, taken: Sequence[Span]) -> Iterator[tuple[Word, str]]:
    """Words that no value has used, with their stems."""
    away = (*taken, *said.polite)
    for pair in said.joined:
        start, end = pair[0].start, pair[0].end
        if not any(low <= start and end <= high for low, high in away):
            yield pair


def mentioned(said: Utterance, word: Word) -> bool:
    return word.start in said.mentioned


def unexplained(each: Profile, said: Utterance, taken: Sequence[Span]) -> list[tuple[Word, str]]:
    return [
        (word, stem)
        for word, stem in free_words(said, taken)
        if not mentioned(said, word)
        and (is_content(word.lower) or word.lower in TURNING)
        and (not each.speaks(stem) or (word.lower in TURNING and stem not in each.strong))
        and not _is_compound(stem, each)
        and not each.meant(word.lower, stem)
        and not idle(each, said, word, stem, taken)
    ]


def _is_compound(stem: str, each: Profile) -> bool:
    """Tell whether a word ends with one of the unit's: `boardroom`; `uninsured` says the contrary."""
    ends = (stem[place:] for place in range(len(stem) - 3))
    return any(known in each.strong and stem.removesuffix(known) not in _TURNED for known in ends)


def loose_values(each: Profile, said: Utterance, taken: Sequence[Span]) -> Iterator[Mention]:
    for mention in said.atoms:
        if any(start < mention.end and mention.start < end for start, end in taken):
            continue
        inside = said.within((mention.start, mention.end))
        known = all(
            each.speaks(word.stem) or each.meant(word.lower, word.stem) or not is_content(word.lower) for word in inside
        )
        if mention.kind == "person" and known:
            continue
        if mention.kind == "person" and _of_address(mention, said, taken):
            continue
        if mention.plain and _repeats(mention, said, taken):
            continue
        if mention.kind == "number" and mention.text.lower() in {"one", "a"}:
            continue
        if mention.kind == "amount" and _was(mention, said, taken):
            continue
        yield mention


def _repeats(mention: Mention, said: Utterance, taken: Sequence[Span]) -> bool:
    """`in two weeks, on 25 March`: said twice, and the same; where it is another day, it is a doubt."""
    return mention.kind in {"date", "amount", "email"} and any(
        other is not mention
        and other.kind == mention.kind
        and other.plain
        and other.value == mention.value
        and (other.start, other.end) in taken
        for other in said.atoms
    )


def _was(mention: Mention, said: Utterance, taken: Sequence[Span]) -> bool:
    """`from 79 EUR to 84 EUR`: what an amount was before it becomes the one that is taken."""
    if not said.text[: mention.start].rstrip().lower().endswith(" from"):
        return False
    return any(
        other.kind == "amount"
        and (other.start, other.end) in taken
        and said.text[mention.end : other.start].strip().lower() == "to"
        for other in said.atoms
    )


def _of_address(mention: Mention, said: Utterance, taken: Sequence[Span]) -> bool:
    """`Jana at jana.kuhn@acme.example`: the name of the one whose mail address is taken."""
    for other in said.atoms:
        if other.kind != "email" or (other.start, other.end) not in taken:
            continue
        between = said.text[mention.end : other.start].strip().lower()
        local = other.text.split("@")[0].lower()
        if other.start >= mention.end and between in {"at", "(", "<", ",", ""}:
            return any(word.lower in local for word in said.within((mention.start, mention.end)) if len(word.text) > 2)
    return False


def asks(each: Profile, word: Word, stem: str, said: Utterance, taken: Sequence[Span]) -> bool:
    """Tell whether an unexplained word asks for an action: a verb that is not used as a noun, or the head of a clause."""
    place = said.place(word)
    before = said.words[place - 1] if place else None
    if stem in verbs():
        return before is None or before.lower not in {
            "a",
            "an",
            "the",
            "my",
            "our",
            "his",
            "her",
            "their",
            "this",
            "that",
        }
    if any(start <= word.start < end for start, end in taken):
        return False
    after = said.words[place + 1] if place + 1 < len(said.words) else None
    if after is not None and each.speaks(after.stem) and not begins(said, place):
        return False  # `line manager`: it belongs to a word that is known
    return _heads_clause(said, place)


def _heads_clause(said: Utterance, place: int) -> bool:
    while place > 0:
        between = said.text[said.words[place - 1].end : said.words[place].start]
        before = said.words[place - 1].lower
        if any(mark in between for mark in _CLAUSE) or before in {"and", "then", "also"}:
            return True
        if before not in POLITE and before not in {
            "can",
            "could",
            "you",
            "would",
            "we",
            "i",
            "need",
            "want",
            "like",
            "to",
            "let's",
        }:
            return False
        place -= 1
    return True


def _modifies(each: Profile, said: Utterance, word: Word) -> bool:
    """`line manager`: a word before one that the unit knows, in the same breath, only says more of it."""
    place = said.place(word) + 1
    if word.lower in TURNING or place >= len(said.words):
        return False
    after = said.words[place]
    if begins(said, place - 1) or any(
        slot.type == "choice" and each.cues[slot.name].nouns & {after.lower, after.stem} for slot in each.unit.slots
    ):
        return False  # `File invoice 12`; `the marketing account`, which is none of the accounts
    if "," in said.text[said.words[place - 2].end if place > 1 else 0 : word.start] and after.lower.endswith("s"):
        return False  # `…, anna covers`: somebody does it
    return said.text[word.end : after.start] == " " and is_content(after.lower) and each.speaks(after.stem)


def odd_words(each: Profile, said: Utterance, rest: Sequence[Word]) -> Iterator[Word]:
    """Unexplained words that limit or add to what is asked for."""
    loose_ones = [word for word in rest if word.lower not in LIGHT_VERBS and not _modifies(each, said, word)]
    for word in loose_ones:
        place = said.place(word)
        before = [near.lower for near in said.words[max(0, place - 3) : place]]
        while before and before[-1] in {"a", "an", "the", "my", "our", "his", "her", "their", "some"}:
            before.pop()
        heads = bool(before) and (before[-1] in _HEADS or before[-1] in LINKS)
        owned = bool(before) and before[-1].endswith("'s")
        if heads or owned or len(loose_ones) > 1 or word.lower in TURNING or word.lower not in _SLIGHT:
            yield word
