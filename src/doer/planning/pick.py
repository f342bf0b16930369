"""Picking: which of the fitting skills and tools is meant, or why none may run."""

from __future__ import annotations

from collections.abc import Sequence

from doer.domain.goal import Abstention, Answer, Option, Question
from doer.intent import Mention
from doer.intent.vocabulary import verbs
from doer.planning.match import ACCEPTED, DOUBTED, Fit
from doer.planning.stop import Stop
from doer.planning.utterance import Utterance

MEANT = "meant"
"""The slot under which a question about which skill or tool is meant is filed."""
_CLOSE = 0.08
_TELLING = frozenset({"email", "date", "time", "datetime", "amount", "url"})
_SOFT = frozenset(("find", "check", "see", "look", "show", "arrang", "organis", "organ", "put", "enter", "add"))
"""Verbs so general that the rest of the sentence may still say what is meant; then it is asked."""


def rank(each: Fit) -> tuple[bool, float]:
    """Return the sort key of a fit: the score, less for what is left over, more where nothing is missing."""
    filled = 0.06 if not each.missing else 0.0
    lost = 0.15 * len(_homeless(each)) + 0.05 * len(each.loose) + 0.3 * bool(each.foreign) + 0.05 * len(each.odd)
    return each.score > 0, each.score + filled - lost


def refuse_mood(said: Utterance, fits: Sequence[Fit], *, confirmed: bool) -> None:
    """Raise Stop with an abstention for a sentence that forbids, tells, or asks about something."""
    best = fits[0] if fits else None
    names = tuple(each.profile.unit.name for each in fits[:3])
    reads = best is not None and best.profile.unit.reads
    if said.mood.asks_about and not reads:
        raise Stop(Abstention("that asks about something and does not ask for it to be done", names))
    taken = [] if best is None else [span for way in best.assignment.chosen.values() for span in way.taken]
    # `Nora Nobody` is a name.
    taken += [(each.start, each.end) for each in said.atoms if each.kind in {"person", "path", "url", "email"}]
    free = [
        span for span in said.mood.negations if not any(start <= span[0] and span[1] <= end for start, end in taken)
    ]
    if free:
        word = said.text[slice(*free[0])]
        raise Stop(Abstention(f"{word!r} says what should not happen; say only what should be done", names))
    if said.mood.tells and not reads and not confirmed and not _asks_later(said, best):
        if best is not None and best.score >= ACCEPTED and not best.foreign:
            name = best.profile.unit.name
            options = (Option(f"yes: {name}", name), Option("no", "none"))
            raise Stop(Question(MEANT, f"That tells what happened. Should {name} be done now?", options))
        raise Stop(Abstention("that tells what happened and does not say what should be done", names))


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
        raise Stop(Abstention("none of these was meant", names))
    if meant is not None and fits and fits[0].profile.unit.name in (meant.value, meant.text.strip()):
        return _covering(fits[0])
    able = [each for each in fits if each.score >= DOUBTED]
    if not able:
        raise Stop(_nothing(fits, names))
    best = able[0]
    if best.foreign and not (best.score >= ACCEPTED and all(word.stem in _SOFT for word in best.foreign)):
        raise Stop(_too_much(best, names))
    lost = best.score < ACCEPTED or (bool(best.missing or best.assignment.chosen) and not best.told)
    if best.unknown and lost and not best.worth:
        raise Stop(_nothing(fits, names))
    if best.missing and not best.told and (homeless := _homeless(best)):
        told = ", ".join(repr(each.text) for each in homeless)
        reason = f"{best.profile.unit.name} comes nearest and has no place for {told}"
        raise Stop(Abstention(reason, names, f"a connection with a tool for {told}"))
    close = [each for each in able[1:] if rank(best)[1] - rank(each)[1] < _CLOSE and not each.foreign]
    if best.verbatim and not any(each.verbatim for each in close):
        close = []
    close = _of_files(best, close)
    if close or best.foreign or best.score < ACCEPTED or best.strange:
        shown = [best, *close][:4]
        options = [
            Option(f"{each.profile.unit.name}: {each.profile.unit.description}", each.profile.unit.name)
            for each in shown
        ]
        raise Stop(Question(MEANT, "What is meant?", (*options, Option("none of these", "none"))))
    return best


def _of_files(best: Fit, close: list[Fit]) -> list[Fit]:
    """Without those that take a path for a mere name, where the best takes it as the path of a file."""
    paths = {(each.start, each.end) for each in best.scene.said.atoms if each.kind == "path"}

    def takes(each: Fit) -> bool:
        spoken = {
            slot.name for slot in each.profile.unit.slots if slot.type == "path" or "path" in slot.question.lower()
        }
        return all(
            any(way.span == path for name, way in each.assignment.chosen.items() if name in spoken) for path in paths
        )

    return [each for each in close if takes(each)] if paths and takes(best) else close


def _homeless(best: Fit) -> list[Mention]:
    """Values of kinds that no slot of the unit could ever hold, where it also lacks what it must be told: it is another's."""
    kinds = {kind for slot in best.profile.unit.slots if slot.type != "text" for kind in slot.kinds}
    kinds |= {"date", "time"} if kinds & {"datetime", "date_range"} else set()
    return [each for each in best.loose if each.kind in _TELLING and each.kind not in kinds]


def _covering(best: Fit) -> Fit:
    if best.foreign and not all(word.stem in _SOFT for word in best.foreign):
        raise Stop(_too_much(best, (best.profile.unit.name,)))
    return best


def _nothing(fits: Sequence[Fit], names: tuple[str, ...]) -> Abstention:
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
