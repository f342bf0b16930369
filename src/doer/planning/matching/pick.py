"""Picking: which of the fitting skills and tools is meant, or why none may run."""

from __future__ import annotations

from collections.abc import Sequence

from doer.domain.goal import Abstention, Answer, Declined, NotAsked, Option, Question
from doer.intent.mention import Mention
from doer.intent.text import Word, stem, word_set
from doer.intent.vocabulary import CLOSED_CLASS, POLITE, alike, like_nouns, verbs
from doer.planning.matching.match import ACCEPTED, DOUBTED, Fit
from doer.planning.matching.profile import is_content
from doer.planning.matching.texts import has_ending
from doer.planning.skills.known_words import WHOLE_LISTS, meant
from doer.planning.stop import Stop
from doer.planning.words.telling import is_order
from doer.planning.words.utterance import Span, Utterance

MEANT = "meant"
"""The slot under which a question about which skill or tool is meant is filed."""
_CLOSE = 0.08
_NEARER = 0.05
_PLAINLY = 3
"""Words of its own that an example must say so that its order tells more than the words of another."""
_MANNERS = POLITE | word_set("can could would will you we i need want to just also now then so and let's like have")
_ASKING = frozenset(stem(each) for each in ("find", "show", "list", "tell", "check", "count", "look", "get", "give"))
_TELLING = frozenset({"email", "date", "time", "datetime", "amount", "url"})
_SOFT = frozenset(("find", "check", "see", "look", "show", "arrang", "organis", "organ", "put", "enter", "add"))
"""Verbs so general that the rest of the sentence may still say what is meant; then it is asked."""


def rank(each: Fit) -> tuple[bool, float]:
    """Return the sort key of a fit: the score, less for what is left over, more where nothing is missing."""
    filled = 0.06 if not each.missing else 0.03 if _only_when(each) else 0.0
    filled += 0.01 * each.exactly
    lost = 0.15 * len(_homeless(each)) + 0.05 * len(each.loose) + 0.3 * bool(each.foreign) + 0.05 * len(each.odd)
    lost += 0.1 * any(slot.worded for slot in each.missing)  # a row that nobody named is asked for by its number
    return each.score > 0, each.score + filled - lost


def _only_when(each: Fit) -> bool:
    """Tell whether nothing is missing but one of several: the day or the time, not what is to be done."""
    return all(slot.unless for slot in each.missing)


def refuse_mood(said: Utterance, fits: Sequence[Fit], *, confirmed: bool) -> None:
    """Raise Stop with an abstention for a sentence that forbids, tells, or asks about something."""
    best = _worded(fits[0], fits[1:]) if fits else None
    names = tuple(each.profile.unit.name for each in fits[:3])
    reads = best is not None and best.profile.unit.reads
    exactly = best is not None and best.exactly > 0
    if said.mood.asks_about and not reads and not exactly:
        raise Stop(NotAsked("that asks about something and does not ask for it to be done", names))
    taken = [] if best is None else [span for way in best.assignment.chosen.values() for span in way.taken]
    # `Nora Nobody` is a name.
    taken += [(each.start, each.end) for each in said.atoms if each.kind in {"person", "path", "url", "email"}]
    free = [
        span for span in said.mood.negations if not any(start <= span[0] and span[1] <= end for start, end in taken)
    ]
    own = reads and said.mood.asks_about and best is not None and best.profile.negates and best.whole
    if free and not exactly and not own:
        word = said.text[slice(*free[0])]
        raise Stop(Declined(f"{word!r} says what should not happen; say only what should be done", names))
    told = said.mood.tells and not (best is not None and is_order(said.text, best.profile.owns))
    if told and not reads and not confirmed and not exactly and not _asks_later(said, best):
        if best is not None and best.score >= ACCEPTED and not best.foreign:
            name = best.profile.unit.name
            options = (Option(f"yes: {name}", name), Option("no", "none"))
            raise Stop(Question(MEANT, f"That tells what happened. Should {name} be done now?", options))
        raise Stop(NotAsked("that tells what happened and does not say what should be done", names))


def _asks_later(said: Utterance, best: Fit | None) -> bool:
    """`We promised Ada a set. Could you send it?`: what is told is not the deed, and then the deed is asked for."""
    end = said.mood.later
    if best is None or not end:
        return False
    return not any(each.end <= end and each.stem in verbs() and best.profile.owns(each.stem) for each in said.words)


def pick(fits: Sequence[Fit], answers: Sequence[Answer]) -> Fit:
    """The one fit that is meant. Raises Stop with a question or an abstention where there is none."""
    meant = next((answer for answer in reversed(answers) if answer.slot == MEANT), None)
    names = tuple(each.profile.unit.name for each in fits[:3])
    if meant is not None and meant.value == "none":
        raise Stop(Declined("none of these was meant", names))
    if meant is not None and fits and fits[0].profile.unit.name in (meant.value, meant.text.strip()):
        return _covering(fits[0])
    able = [each for each in fits if each.score >= DOUBTED]
    if not able:
        raise Stop(_nothing(fits))
    best = _worded(_plainer(able[0], able[1:]), able[1:])
    if best.foreign and not (best.score >= ACCEPTED and all(word.stem in _SOFT for word in best.foreign)):
        raise Stop(_too_much(best, names))
    lost = best.score < ACCEPTED or (bool(best.missing or best.assignment.chosen) and not best.told)
    if best.unknown and lost and not best.worth:
        raise Stop(_nothing(fits))
    if _asks_of_another(best):
        raise Stop(_nothing(fits))
    if best.missing and not best.told and (homeless := _homeless(best)):
        told = ", ".join(repr(each.text) for each in homeless)
        reason = f"{best.profile.unit.name} comes nearest and has no place for {told}"
        raise Stop(Abstention(reason, names, f"a connection with a tool for {told}"))
    others = [each for each in able if each is not best]
    close = [each for each in others if rank(best)[1] - rank(each)[1] < _CLOSE and not each.foreign]
    if best.verbatim and not any(each.verbatim for each in close):
        close = []
    best, close = _known_best(best, close, able)
    best, close = _begun(best, close)
    best, close = _of_files(best, close)
    close = _as_whole(best, close)
    if best.profile.unit.reads and best.scene.said.mood.asks_about:
        close = [each for each in close if each.profile.unit.reads]  # a question asks for nothing to be changed
    if best.exactly:
        close = [each for each in close if each.exactly >= best.exactly]
    if close or best.foreign or best.score < ACCEPTED or best.strange or _only_reads(best):
        shown = [best, *close][:4]
        options = [
            Option(f"{each.profile.unit.name}: {each.profile.unit.description}", each.profile.unit.name)
            for each in shown
        ]
        raise Stop(Question(MEANT, "What is meant?", (*options, Option("none of these", "none"))))
    return best


def _is_thing(word: Word) -> bool:
    return is_content(word.lower) and word.lower not in CLOSED_CLASS


def _asks_of_another(best: Fit) -> bool:
    """Tell whether a question is about something of which the unit knows nothing: `what will the weather be like tomorrow?`"""
    said = best.scene.said
    if not best.profile.unit.reads or not said.mood.asks_about or best.exactly:
        return False
    first = next((each for each in said.words if _is_thing(each) and each.start not in said.mentioned), None)
    named = min((each.start for each in said.atoms), default=len(said.text))  # `Ana's boss` is asked of Ana
    return (
        first is not None
        and first in best.odd
        and first.stem not in verbs()
        and not like_nouns(first.stem)
        and first.start < named
    )


def _only_reads(best: Fit) -> bool:
    """Tell whether something is asked to be done, and this only reads: `close the Hansa tickets` asks for no closed ones."""
    said = best.scene.said
    if not best.profile.unit.reads or best.exactly or said.mood.asks_about:
        return False
    polite = next((n for n, word in enumerate(said.words) if word.lower not in _MANNERS), len(said.words))
    verb = said.words[polite].stem if polite < len(said.words) else ""
    asks = any(alike(verb, head) for head in (*best.profile.heads, *_ASKING))
    return verb in verbs() and not asks


def _worded(best: Fit, rest: Sequence[Fit]) -> Fit:
    """The best; or the one of whose examples the sentence is one, word for word but for its values."""
    exact = [each for each in rest if each.exactly and rank(best)[1] - rank(each)[1] < 2 * _CLOSE and each.whole]
    # Its words in another order say less: `change Eve's title to Head of Finance` is of no user who is called Finance.
    scattered = best.verbatim and best.whole and not best.missing
    exact = [each for each in exact if not scattered or each.exactly >= _PLAINLY]
    return best if best.exactly or not exact else exact[0]


def _plainer(best: Fit, rest: Sequence[Fit]) -> Fit:
    """The best; or the one that has all words of an example, where the best takes one of these words for a value:
    `push the tag` pushes no branch that is called tag.
    """
    if best.verbatim:
        return best
    specs = {slot.name: slot for slot in best.profile.unit.slots}
    taken = [
        word.stem
        for name, way in best.assignment.chosen.items()
        if specs[name].type == "text"
        for word in best.scene.said.within(way.span)
    ]
    plainer = (
        each
        for each in rest
        if each.verbatim and not each.foreign and rank(best)[1] - rank(each)[1] < 2 * _CLOSE and each.score >= ACCEPTED
    )
    return next((each for each in plainer if taken and all(stem in each.profile.strong for stem in taken)), best)


def _known_best(best: Fit, close: list[Fit], fits: Sequence[Fit]) -> tuple[Fit, list[Fit]]:
    """Where one fit alone takes words for something that is known by them (`add Ana to platform`: a group), it is that;
    one that takes them for something of which all are known, and this is none, is not, where another accounts for all.
    """
    able = [each for each in (best, *close) if not each.missing and not each.foreign and each.score >= ACCEPTED]
    exact = [each for each in (best, *close) if best.exactly and each.exactly >= best.exactly]
    # `Let Jo know …`: to Jo, and to no group of which nothing is known.
    if known := [each for each in exact if not _names_unknown(each)]:
        best, close = known[0], known[1:]
    if best.profile.unit.reads and _names_unknown(best):
        sound = (each for each in fits if each.whole and not (each.missing or each.strange) and each.score >= ACCEPTED)
        if better := [each for each in sound if each.told and not _names_unknown(each)]:
            best = better[0]
            close = able = [each for each in better[1:] if rank(best)[1] - rank(each)[1] < _CLOSE]
    if best.profile.unit.reads and not _names_unknown(best):
        close = [each for each in close if not _names_unknown(each)]
    found = [each for each in able if _recognises(each)]
    if len(found) != 1 or not found[0].whole or rank(best)[1] - rank(found[0])[1] >= _CLOSE:
        return best, close
    one = found[0]
    spans = {way.span for way in one.assignment.chosen.values()}
    return one, [
        each
        for each in (best, *close)
        if each is not one and not {way.span for way in each.assignment.chosen.values()} <= spans
    ]


def _names_unknown(each: Fit) -> bool:
    """Tell whether a slot for things of which all are known holds words for none of them."""
    for slot in each.profile.unit.slots:
        way = each.assignment.chosen.get(slot.name)
        if slot.known in WHOLE_LISTS and slot.entities and way is not None and len(way.options) == 1:
            try:
                if meant(slot, way.options[0].value, slot.name) is None:
                    return True
            except Stop:  # several are known by the words
                continue
    return False


def _recognises(each: Fit) -> bool:
    """Tell whether a slot for things of which all are known holds the name of one of them."""
    for slot in each.profile.unit.slots:
        way = each.assignment.chosen.get(slot.name)
        if slot.known in WHOLE_LISTS and way is not None and len(way.options) == 1:
            said = way.options[0].value
            if isinstance(said, str) and any(said.casefold() == known.name.casefold() for known in slot.entities):
                return True
    return False


def _begun(best: Fit, close: list[Fit]) -> tuple[Fit, list[Fit]]:
    """A request that begins as an example does (`make a folder …`) asks for no list of what is in the folder."""
    if not best.whole or best.missing or not best.scene.said.words:
        return best, close
    if not _begins(best) and best.profile.unit.reads and not best.scene.said.mood.asks_about:
        better = [each for each in close if each.whole and not each.missing and each.told and _begins(each)]
        if better:
            return better[0], better[1:]
    if _begins(best):
        return best, [each for each in close if _begins(each) or not each.profile.unit.reads]
    return best, close


def _begins(each: Fit) -> bool:
    first = each.scene.said.words[0].lower
    return any(example.lower().startswith(f"{first} ") for example in each.profile.unit.examples)


def _same_read(best: Fit, other: Fit) -> bool:
    """Tell whether both only read, and the same, and the best is plainly nearer: then there is nothing to ask."""
    spans = [{way.span for way in each.assignment.chosen.values()} for each in (best, other)]
    both = best.profile.unit.reads and other.profile.unit.reads
    return both and spans[0] == spans[1] != set() and best.score - other.score >= _NEARER


def _as_whole(best: Fit, close: list[Fit]) -> list[Fit]:
    """Without those that leave out something that was said, or lack a value, where the best accounts for everything."""
    if not best.whole or not _only_when(best) or best.score < ACCEPTED or best.strange:
        return close
    if best.assignment.chosen and not best.told:
        return close
    # What only reads does not win so over what changes something: `close all tickets` asks for no list of closed ones.
    reads = best.profile.unit.reads and not _begins(best)
    close = [each for each in close if not _same_read(best, each)]
    return [each for each in close if (each.whole and not each.missing) or (reads and not each.profile.unit.reads)]


def _of_files(best: Fit, close: list[Fit]) -> tuple[Fit, list[Fit]]:
    """Without those that take a path for a mere name, where another takes it as the path of a file; where the best puts it
    into the middle of a text, it is the other.
    """
    said = best.scene.said
    named = [each for each in said.atoms if each.kind == "path" and has_ending(each.text)]
    into = [each for each in (best, *close) if each.whole and not each.missing and _into_folder(each)]
    if named and len(into) == 1:
        return into[0], []
    paths = {(each.start, each.end) for each in said.atoms if each.kind == "path"}
    takers = [each for each in (best, *close) if _takes_paths(each, paths)]
    if not paths or not takers:
        return best, close
    if best not in takers:
        swallowed = any(
            way.span[0] <= path[0] and path[1] <= way.span[1] and way.span != path
            for way in best.assignment.chosen.values()
            for path in paths
        )
        if not swallowed or best.exactly or best.verbatim:
            return best, close
    return takers[0], takers[1:]


def _into_folder(each: Fit) -> bool:
    """Tell whether it takes a path without an ending for a folder: `copy a.csv to notes`."""
    way = next((way for name, way in each.assignment.chosen.items() if name.split("_")[-1] == "folder"), None)
    return way is not None and bool(way.options) and not has_ending(str(way.options[0].value))


def _takes_paths(each: Fit, paths: set[Span]) -> bool:
    spoken = {slot.name for slot in each.profile.unit.slots if slot.type == "path" or "path" in slot.question.lower()}
    held = [way.span for name, way in each.assignment.chosen.items() if name in spoken]
    return all(any(span[0] <= path[0] and path[1] <= span[1] for span in held) for path in paths)


def _homeless(best: Fit) -> list[Mention]:
    """Values of kinds that no slot of the unit could ever hold, where it also lacks what it must be told: it is another's."""
    kinds = {kind for slot in best.profile.unit.slots if slot.type != "text" for kind in slot.kinds}
    kinds |= {"date", "time"} if kinds & {"datetime", "date_range"} else set()
    return [each for each in best.loose if each.kind in _TELLING and each.kind not in kinds]


def _covering(best: Fit) -> Fit:
    if best.foreign and not all(word.stem in _SOFT for word in best.foreign):
        raise Stop(_too_much(best, (best.profile.unit.name,)))
    return best


def _nothing(fits: Sequence[Fit]) -> Abstention:
    names = tuple(each.profile.unit.name for each in fits[:3] if each.score > 0)  # what no word speaks for is not near
    unknown = [word.text for word in (fits[0].unknown if fits else ())]
    wanted = f" that knows {', '.join(map(repr, unknown[:3]))}" if unknown else ""
    near = f"; nearest: {', '.join(names)}" if names else ""
    return Abstention(
        f"there is no skill or tool here for that{near}", names, f"a connection with a tool{wanted or ' for it'}"
    )


def _too_much(best: Fit, names: tuple[str, ...]) -> Abstention:
    what = ", ".join(repr(word.text) for word in best.foreign)
    name = best.profile.unit.name
    return Abstention(
        f"{name} comes nearest and does not do all of it: {what}. Half of it is not done", names, f"a tool for {what}"
    )
