"""Missing: which kind of connection would be needed for what nothing here can do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from doer.intent.text import stem, word_set
from doer.planning.matching.match import ACCEPTED, fit
from doer.planning.matching.profile import profile, weights
from doer.planning.skills.unit import of_skill
from doer.planning.skills.uses import Unmet
from doer.planning.words.utterance import Utterance

# Everyday words that speak of what lives in a kind of system, the plainest kinds first.
_WORDS: Mapping[str, frozenset[str]] = {
    "git": word_set("commit push pull branch repository repo tag clone merge rebase git"),
    "mail": word_set("mail email e-mail send reply forward letter message newsletter inbox mailbox unread draft"),
    "calendar": word_set("meeting event calendar appointment invite reschedule invitation agenda slot"),
    "directory": word_set("account group user member directory deactivate disable password"),
    "database": word_set("row table database record order ticket customer invoice product query status"),
    "http": word_set("url api endpoint http https webhook request"),
    "reminders": word_set("remind reminder"),
    "files": word_set("file folder path document directory scan pdf csv"),
}
_THINGS = frozenset({"database", "files"})
"""Kinds whose words are of things, and not of deeds."""
_SPEAKS = 1


def missing_kind(said: Utterance, there: Mapping[str, str], unmet: Sequence[Unmet]) -> str:
    """Return the kind of connection that the words ask for and that is not there; nothing where no word tells.

    `there`: connection -> kind; `unmet`: skills that lack a kind.
    """
    return _of_skills(said, unmet) or _of_words(said, frozenset(there.values()))


def _of_skills(said: Utterance, unmet: Sequence[Unmet]) -> str:
    profiles = [(profile(of_skill(each.skill, {})), each.kinds) for each in unmet]
    weight = weights([each for each, _ in profiles])
    fits = [(fit(each, said, weight, {}), kinds) for each, kinds in profiles]
    good = [(each.score, kinds[0]) for each, kinds in fits if each.score >= ACCEPTED and each.whole and kinds]
    return max(good, default=(0.0, ""))[1]


def _of_words(said: Utterance, there: frozenset[str]) -> str:
    spoken = {word.stem for word in said.words if not any(m.start <= word.start < m.end for m in said.mentions)}
    # What is said first is what is to be done: `order a pizza` speaks of no orders.
    things = spoken - ({said.words[0].stem} if said.words else set())
    found = {
        kind: len({stem(each) for each in known} & (things if kind in _THINGS else spoken))
        for kind, known in _WORDS.items()
    }
    most = max(found.values(), default=0)
    best = [kind for kind, count in found.items() if count == most]
    # Where a kind that is there knows the words as well, it is no connection that is missing.
    return best[0] if most >= _SPEAKS and not any(kind in there for kind in best) else ""


def asking_for(kind: str) -> str:
    """Return how the missing connection is told, with the command that makes it."""
    return f"a {kind} connection: doer connect {kind} NAME"
