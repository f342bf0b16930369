"""Dialogue: what of the earlier turns is heard with a request, and what a call takes from before.

A call on record has met the wish that was said until then. So a tool is read with the turns since, and what it lacks is looked for
among the values on record, then in the turns before: nothing else of a wish that was met is taken for a part of the new one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import dropwhile, takewhile
from typing import Final

from doer.domain.action import Manifest
from doer.domain.goal import Goal
from doer.domain.ports import ActionScorer
from doer.intent.grounder import Grounder
from doer.intent.text import word_set
from doer.planning.action.amended import amended, amends
from doer.planning.action.assign import Assignment, Filled, lent
from doer.planning.action.carried import Carrying
from doer.planning.action.earlier import Record, leaves, recorded
from doer.planning.action.likeness import stems, updates
from doer.planning.action.objects import once
from doer.planning.action.read import Read
from doer.planning.action.sense import COMMON
from doer.planning.schema import mapping
from doer.planning.words.candidates import Listened, listen

_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d(?:[T ].*)?$")
_ISSUED: Final = re.compile(
    r"\b(?P<of>(?:[a-z]+ ){0,2})(?P<kind>id|number|code|reference)\b(?: is| of|:)?\s+[\"'“(*]{0,3}(?P<id>(?=[\w-]*\d)\w[\w-]{1,60})",
    re.IGNORECASE,
)
_PLAIN: Final = word_set(
    "the a an your its his her their our this that with by under and is has have of for unique new"
)
_ASKED: Final = re.compile(r"(?:(?<=[.!?]\s)|^)[^\n.!?]+(?:[.!](?=\S)[^\n.!?]*)*\?", re.MULTILINE)
"""A sentence that asks."""
_RELEVANT: Final = 0.05
"""Relevance of a tool from which what it lacks is looked for in the turns before."""


@dataclass(frozen=True, slots=True)
class Dialogue:
    """The earlier turns, words and records apart."""

    records: tuple[Record, ...]
    words: tuple[str, ...]
    """The turns that are no records."""
    open: tuple[str, ...]
    """Those of them since the last record, of the answer to it only where it asks something."""
    last: str
    grounder: Grounder
    met: int
    """The turn of the last record that has met a wish; -1 where none has."""
    offered: tuple[str, ...]
    """Names of the tools that there are."""
    heard: list[Listened] = field(default_factory=list)
    """All words, once they were listened to."""

    @classmethod
    def of(cls, goal: Goal, tools: Sequence[Manifest], grounder: Grounder) -> Dialogue:
        """Return the earlier turns of a goal."""
        records = recorded(goal.context)
        at = {each.turn for each in records}
        words = [(place, turn) for place, turn in enumerate(goal.context) if place not in at]
        met = _met(records, tools)
        since = [turn for place, turn in words if place > met]
        if met >= 0 and since:
            since[:1] = [asked] if (asked := " ".join(_ASKED.findall(since[0]))) else []
        every = (*records, *_told_in_words(records, dict(words)))
        return cls(
            tuple(sorted(every, key=lambda each: each.turn)),
            tuple(turn for _, turn in words),
            tuple(since),
            goal.text,
            grounder,
            met,
            tuple(each.name for each in tools),
        )

    @property
    def steps(self) -> frozenset[str]:
        """The tools that were called and answered on the way to what is still wished for."""
        return frozenset(each.tool for each in self.records if self._is_step(each))

    def made_before(self, tool: str, made: Assignment, begin: int) -> bool:
        """Tell whether this very call is on record: the same tool, and no value that it did not have.

        Of a step to what is still wished for only what the last turn says counts, from `begin` on.
        """
        return any(
            self._is_again(record, made, begin if self._is_step(record) else 0)
            for record in self.records
            if record.tool == tool and not record.answer
        )

    def again(self, tool: str, made: Assignment, begin: int) -> bool:
        """Tell whether a call is a step that was made and answered: nobody means it once more."""
        steps = (each for each in self.records if each.tool == tool and self._is_step(each))
        return any(self._is_again(record, made, begin) for record in steps)

    def _is_step(self, record: Record) -> bool:
        return not record.answer and record.turn > self.met and not self._failed(record)

    def _is_again(self, record: Record, made: Assignment, begin: int) -> bool:
        if made.amends:
            return False
        told = {str(leaf).casefold() for _, leaf in leaves(record.told)}
        values = [
            str(leaf).casefold()
            for each in made.filled
            if (not begin and each.origin is not None) or any(start >= begin for start, _ in each.spans)
            for _, leaf in leaves(each.value)
        ]
        return bool(values or begin) and all(each in told for each in values)

    def _failed(self, call: Record) -> bool:
        return any("error" in each.told for each in self.records if each.answer and each.tool == call.tool)

    def completed(self, scorer: ActionScorer, read: Read) -> tuple[Read, Assignment]:
        """Return what a tool is called with, and what it lacks as far as it was said or recorded before."""
        if not self.records:
            return read, once(read)
        read, made = self._completed(scorer, read)
        return read, self._dated(made, read)

    def _dated(self, made: Assignment, read: Read) -> Assignment:
        """The call with days that were said without their year as days of the year that they have on record."""
        days = {value[4:10]: value[:4] for record in self.records for _, value in leaves(record.told)
                if isinstance(value, str) and _DAY.match(value)}  # fmt: skip
        text = read.listened.heard.text

        def dated(filled: Filled) -> Filled:
            value = filled.value
            if not isinstance(value, str) or not _DAY.match(value) or value[4:10] not in days:
                return filled
            if any(value[:4] in text[start:end] for start, end in filled.spans):
                return filled
            return replace(filled, value=f"{days[value[4:10]]}{value[4:]}")

        return replace(made, filled=tuple(map(dated, made.filled))) if days else made

    def _completed(self, scorer: ActionScorer, read: Read) -> tuple[Read, Assignment]:
        made = once(read)
        if (changed := self._amended(scorer, read)) is not None:
            return changed
        said = " ".join((*self.open, self.last))
        records = self.records
        if self._changed_by_another(read.tool.name):
            records = tuple(each for each in records if each.tool != read.tool.name)
        made = Carrying(records, self.last, said, self.met).completed(made, read.tool, read.parameters)
        if not made.missing or read.score.relevance < _RELEVANT or self.words == self.open:
            return read, made
        earlier = once(self._whole(scorer, read))
        return read, lent(made, (replace(each, spans=()) for each in earlier.filled))

    def _amended(self, scorer: ActionScorer, read: Read) -> tuple[Read, Assignment] | None:
        """The last call of the tool on record, where the last turn says what of it is to be otherwise."""
        calls = (each for each in reversed(self.records) if not each.answer and each.tool == read.tool.name)
        record = next(calls, None)
        surely = amends(self.last)
        if record is None or not surely or self._changed_by_another(read.tool.name):
            return None
        heard = read.listened
        every = [made] if (made := amended(record, read)) is not None else []
        # Of a part of the last turn the places would be others.
        if surely == 1 and self.words != self.open and heard.heard.text[heard.last :] == self.last:
            whole = self._whole(scorer, read)
            relevance = max(read.score.relevance, whole.score.relevance)
            read = replace(read, score=replace(read.score, relevance=relevance))
            if (made := amended(record, whole)) is not None:
                every.append(_moved(made, heard.last - whole.listened.last))
        best = max(every, key=lambda each: each.confidence, default=None)
        return None if best is None else (read, best)

    def _changed_by_another(self, tool: str) -> bool:
        """Tell whether it is for another tool to change what this one has made."""
        return amends(self.last) == 1 and any(updates(each, tool) for each in self.offered)

    def _whole(self, scorer: ActionScorer, read: Read) -> Read:
        """The tool, read with all words of the dialogue."""
        before = self._before()
        (score,) = scorer.score(before.heard, [read.tool])
        return Read(read.tool, score, read.parameters, before)

    def _before(self) -> Listened:
        if not self.heard:
            self.heard.append(listen((*self.words, self.last), self.grounder))
        return self.heard[0]


def _told_in_words(records: Sequence[Record], words: Mapping[int, str]) -> Iterator[Record]:
    """Yield the ids that calls were answered with in words: `its ID is T-1`, `your booking number is 1234`."""
    for record in records:
        if record.answer or record.turn + 1 not in words:
            continue
        for found in _ISSUED.finditer(words[record.turn + 1]):
            kind = [each for each in found["of"].lower().split() if each not in _PLAIN]
            name = "_".join((*kind, found["kind"].lower()))
            yield Record(record.tool, {name: found["id"]}, record.turn + 1, answer=True)


def _moved(made: Assignment, by: int) -> Assignment:
    """The call with places that are so much further on."""
    filled = tuple(replace(each, spans=tuple((s + by, e + by) for s, e in each.spans)) for each in made.filled)
    return replace(made, filled=filled)


def _met(records: Sequence[Record], tools: Sequence[Manifest]) -> int:
    """The turn of the last record that has met a wish.

    A call was a step on the way to what is still wished for where it failed, or was answered with what another tool asks for by
    name: a token, the number of a card.
    """
    wanted = {(stems(name), tool.name) for tool in tools for name in mapping(tool.parameters.get("properties"))}
    met = -1
    for place, record in enumerate(records):
        if record.answer:
            continue
        answers = _answers(records[place:])
        told = {name for each in answers for name in each.told} - set(record.told)
        step = "error" in told or any(
            stems(name) == asked and tool != record.tool and "_".join(asked) not in COMMON
            for name in told
            for asked, tool in wanted
        )
        if not step:
            met = max([record.turn, *(each.turn for each in answers)])
    return met


def _answers(records: Sequence[Record]) -> list[Record]:
    """What was answered to the first of these, or to all calls of its turn, before the next was made."""
    turn = records[0].turn
    later = dropwhile(lambda each: not each.answer and each.turn == turn, records)
    return list(takewhile(lambda each: each.answer, later))
