"""Idle words: what a request says and what neither restricts what is dealt with nor adds to it; all other words matter.

One place for it: words that join or comment, that say that a request is put in or that somebody is to know, how it came
about, that name where a unit's things are anyway, and, of what is only read, the verb that joins it to its owner. What a
goal tells in clauses of its own is `compound.background`'s; politeness is heard before (`words.asides`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

from doer.intent.text import Word, word_set
from doer.intent.text import stem as stem_of
from doer.intent.vocabulary import CONNECTIVES, NEGATIONS, POLITE, PROCESSING, TELLING, VALID, verbs
from doer.planning.matching.profile import Profile, is_content
from doer.planning.words.utterance import Span, Utterance

DETERMINERS = word_set("a an the my our your his her their this that these those")
_OPENING = word_set("""
    can could you would we i need want like to let's will
    """)
MANNERS = POLITE | _OPENING
_IDLE = word_set("""
    altogether overall presently exactly actually simply immediately straightaway according acording locally nowadays
    """)
"""Words that say how an answer or a deed is meant, and bound neither."""
_IDLE_TURNS = frozenset(
    {("so", "far"), ("the", "moment"), ("all", "told"), ("in", "total"), ("straight", "away"), ("in", "all")}
)
"""The same in two words."""
_RELATING = word_set("place make get come run belong exist stand lie hold")
"""Verbs that only join an owner and a thing that is asked for: `the orders that Globex placed`."""
_OF_MONEY = word_set("spend spent buy pay cost much")
_SUMS = word_set("amount total price cost sum")
"""`how much have we spent` is asked of whatever adds up or holds amounts."""
_PLACES: Mapping[str, frozenset[str]] = {
    "inbox": word_set("mail unread folder letter"), "mailbox": word_set("mail unread folder letter"),
    "calendar": word_set("meeting event"), "diary": word_set("meeting event"), "agenda": word_set("meeting event"),
    "repo": word_set("commit branch push tag"), "repository": word_set("commit branch push tag"),
    "directory": word_set("account group"), "company": word_set("account group"),
    "crm": word_set("order customer ticket product"), "database": word_set("order customer ticket product row table"),
}  # fmt: skip
"""Where things are that a unit deals with anyway: `the unread mails in my inbox`."""
_CONTEXT = word_set("""
    promis owe owed come decid discuss agre expect await final realli simpli reach kind mind wonder fall
    """)


def idle(each: Profile, said: Utterance, word: Word, stem: str, taken: Sequence[Span]) -> bool:
    """Tell whether a word that no value took and that the unit does not speak of may be left out without asking."""
    return (
        (word.lower in NEGATIONS and each.negates)
        or _context(said, word)
        or _bounds_nothing(each, said, word, stem)
        or _of_manner(each, said, word, stem, taken)
    )


def _bounds_nothing(each: Profile, said: Utterance, word: Word, stem: str) -> bool:
    """Tell whether a word neither restricts what is dealt with nor adds to it: what holds anyway, the place where the unit's
    things are, and of what is only read the verb that joins it to its owner.
    """
    place = said.place(word)
    before = said.words[place - 1].lower if place else ""
    if word.lower in _IDLE or (before, word.lower) in _IDLE_TURNS:
        return True
    if each.unit.reads and said.mood.asks_about:
        money = stem in stems_of(_OF_MONEY) and any(map(each.owns, stems_of(_SUMS)))
        if money or stem in stems_of(_RELATING):
            return True
    things = _PLACES.get(word.lower, frozenset())
    placed = before in DETERMINERS and place > 1 and said.words[place - 2].lower in {"in", "on", "from", "of"}
    return placed and any(each.says(one) for one in stems_of(things))


def _of_manner(each: Profile, said: Utterance, word: Word, stem: str, taken: Sequence[Span]) -> bool:
    """Tell whether a word only joins, says that a day counts, that a request is put in, or that somebody is to know."""
    if word.lower in CONNECTIVES:
        return True
    place = said.place(word)
    if word.lower in VALID:
        return _beside_date(said, word, taken)
    if stem in stems_of(PROCESSING):
        return _puts_in(each, said, place, taken)
    return stem in stems_of(TELLING) and _tells(each, said, word, taken)


def _beside_date(said: Utterance, word: Word, taken: Sequence[Span]) -> bool:
    days = [m for m in said.atoms if m.kind in {"date", "datetime"} and (m.start, m.end) in taken]
    near = [m for m in days if 0 <= m.start - word.end <= 8 or 0 <= word.start - m.end <= 5]
    return any("," not in said.text[min(word.end, m.end) : max(word.start, m.start)] for m in near)


def _puts_in(each: Profile, said: Utterance, place: int, taken: Sequence[Span]) -> bool:
    """`File a leave request`, `a leave request entered`, `file that`: the unit's own thing is what is put in."""
    before = said.words[place - 1] if place else None
    if before is not None and said.words[place].lower.endswith("ed") and each.speaks(before.stem):
        return True
    ahead = said.words[place + 1 :]
    if ahead and ahead[0].lower in {"it", "that", "this", "them"}:
        return (
            len(ahead) == 1
            or bool(set(said.text[ahead[0].end : ahead[1].start]) & set(".,;!?\n"))
            or ahead[1].lower in {"in", "for", "please"}
        )
    for word in ahead[:6]:
        own = each.says(word.stem) and word.stem not in verbs()
        if is_content(word.lower) and (own or not any(a <= word.start < b for a, b in taken)):
            return own
    return False


def _tells(each: Profile, said: Utterance, word: Word, taken: Sequence[Span]) -> bool:
    """Tell whether the unit lets somebody know itself, and these words name the address that it takes for that."""
    if not stems_of(TELLING) & each.strong:
        return False
    addresses = [m for m in said.atoms if m.kind == "email" and (m.start, m.end) in taken]
    return any(
        not set(said.text[min(word.end, m.end) : max(word.start, m.start)]) & set(".;!?\n")
        and len(said.text[min(word.end, m.end) : max(word.start, m.start)].split()) <= 6
        for m in addresses
    )


@cache
def stems_of(words_: frozenset[str]) -> frozenset[str]:
    """Return the stems of a list of words."""
    return frozenset(stem_of(each) for each in words_)


def _context(said: Utterance, word: Word) -> bool:
    """Tell whether a word only tells how the request came about: `we promised Ada a set`, `they are owed 20 EUR`."""
    place = said.place(word)
    before = said.words[place - 1].lower if place else "please"
    return (
        word.stem in _CONTEXT and before not in {"please", "and", "to", "then"} and not begins(said, place, told=True)
    )


def begins(said: Utterance, place: int, *, told: bool = False) -> bool:
    """Tell whether a sentence begins here, manners aside. `told`: `we` and `I` tell of something and are no manners."""
    while place > 0 and not set(said.text[said.words[place - 1].end : said.words[place].start]) & set(".!?;:"):
        before = said.words[place - 1].lower
        if before not in MANNERS or (told and before in {"we", "i", "you"}):
            return False
        place -= 1
    return True
