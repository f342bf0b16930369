"""Seen: a request and its tools as the network has them in use, where not all of it is read.

Words of turns that a recorded call has met are not heard again (`planning/action/dialogue.py`), and an id that nobody says is left to
a read (`planning/lookup`). In a written call it stands as `{"described": words}`: what is said of the row, or of the person whose
address it is.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from doer.domain.action import Manifest
from doer.domain.goal import Goal
from doer.domain.value import Principal
from doer.intent.grounder import Grounder
from doer.intent.text import stem, word_set
from doer.planning.action.dialogue import Dialogue
from doer.planning.action.earlier import leaves, recorded
from doer.planning.action.sense import words_of_name
from doer.planning.lookup.tools import lean, reads_among, untold
from doer.training.examples import SETTING, Example, heard, joined, occurrences

Tool = Mapping[str, Any]
_NAMED: Final = word_set("find search list lookup get fetch query show browse")
_TOLD: Final = {stem(each) for each in word_set("find search list look fetch query show browse count tell return read view see retrieve")}  # fmt: skip
_ROWS: Final = word_set(
    "id ids uuid guid key keys number numbers no nos nr num identifier ref refs reference code codes sku slug card"
)
"""Last words of the names of arguments that say which row is meant, whatever stands before them."""
_SHORT: Final = 3
"""Words that may be a name."""


def reads(tool: Tool) -> bool:
    """Tell whether a tool of a scene only reads; scenes do not say it, their verbs do."""
    name = words_of_name(tool["name"].rpartition(".")[2])
    told = re.match(r"\W*(?:how|which|who|what)?\W*([a-z]+)", tool["description"].lower())
    by_name = bool(name) and (name[0] in _NAMED or name[-1] in {"search", "lookup", "query"})
    return by_name or (told is not None and stem(told[1]) in _TOLD)


def described(arguments: Mapping[str, Any]) -> dict[str, str]:
    """Return what the words of a call say of rows and people, by argument."""
    return {name: each["described"] for name, each in arguments.items() if is_described(each)}


def is_described(value: object) -> bool:
    """Tell whether a value is no value, and what is said of one."""
    return isinstance(value, Mapping) and set(value) == {"described"}


def given(call: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of a call whose values are said."""
    return {name: each for name, each in call["arguments"].items() if not is_described(each)}


def of_row(name: str) -> bool:
    """Tell whether an argument says which row is meant."""
    return bool(_ROWS & set(words_of_name(name)[-1:]))


def without_ids(turns: Sequence[str], tools: Mapping[str, Tool], names: Collection[str] = ()) -> dict[str, Tool]:
    """Return the tools less the ids that their reads could tell, where no turn says one; and less these arguments.

    Scenes do not say what their reads return, by which more ids are known to be told.
    """
    offered = [_manifest(each) for each in tools.values()]
    keys = untold(_goal(turns), offered, reads_among(offered))
    return {
        each.name: {**tools[each.name], "parameters": lean(each, (*keys.get(each.name, ()), *names)).parameters}
        for each in offered
    }


def heard_of(turns: Sequence[str], tools: Mapping[str, Tool], *, whole: bool = False) -> list[str]:
    """Return the turns that are heard: the words since the last recorded call that has met a wish, and the last turn.

    `whole`: all words, as they are heard where something is still lacking.
    """
    if not recorded(turns[:-1]):
        return list(turns)
    goal = _goal(turns)
    before = Dialogue.of(goal, [_manifest(each) for each in tools.values()], Grounder.of(goal))
    return [*(before.words if whole else before.open), turns[-1]]


def unheard(example: Example, turns: Sequence[str], calls: Sequence[Mapping[str, Any]]) -> None:
    """Label as not said what only turns say that are not heard: it is carried from their records, not pointed at."""
    before, said = joined(turns[:-1]).casefold(), joined(example.turns).casefold()
    for name, label in example.labels.items():
        values = [str(leaf).casefold() for call in calls for _, leaf in leaves(call.get(name.partition(".")[0]))]
        pointed = label is None or (isinstance(label, Mapping) and "spans" in label)
        if not pointed and values and all(each in before and each not in said for each in values):
            example.labels[name] = None


def point(example: Example, said: Mapping[str, str]) -> None:
    """Label described arguments: of an id nothing is said; of a person the name is, or who it is in a few words."""
    listened = heard(example.turns)
    text, every = listened.heard.text, {(each.start, each.end) for each in listened.heard.candidates}
    people = [(each.start, each.end) for each in listened.heard.candidates if each.kind == "person"]
    for name, words in said.items():
        if name not in example.labels:
            continue
        if of_row(name):
            example.labels[name] = None
            continue
        whole = [tuple(each) for each in occurrences(text, words) if tuple(each) in every]
        if not whole or len(words.split()) > _SHORT:
            owned = re.search(r"['\u2019]s\b", words) is not None
            places = [] if owned else [tuple(each) for each in occurrences(text, words)]
            whole = [each for each in people if any(start <= each[0] and each[1] <= end for start, end in places)]
        example.labels[name] = {"spans": [list(each) for each in whole]} if whole else "unknown"


def _manifest(tool: Tool) -> Manifest:
    return Manifest(tool["name"], tool["description"], tool["parameters"], "read" if reads(tool) else "write")


def _goal(turns: Sequence[str]) -> Goal:
    return Goal(turns[-1], Principal("training"), SETTING.said_at, context=tuple(turns[:-1]))
