"""Drafts: a goal as it stands after its corrections, with what of it is new and what is to be left out of the plan."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from doer.domain.goal import CORRECTION, Abstention, Answer, Option, Question
from doer.domain.plan import Step
from doer.domain.template import Literal
from doer.domain.value import Json, Provenance
from doer.intent.text import words
from doer.planning.stop import Stop
from doer.planning.words.utterance import Span

NOTHING = "nothing was done, as you said"
AS_IT_WAS = (Option("leave it as it was", "ignore"), Option("do nothing", "nothing"))
"""What can be said to a correction that cannot be made."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A goal as it stands after its corrections."""

    text: str
    answers: tuple[Answer, ...] = ()
    marks: tuple[tuple[Span, str], ...] = ()
    """Spans of the text that a correction put there, with its words."""
    grown: tuple[tuple[int, int], ...] = ()
    """Places from which the text is longer than what was said, and by how much."""
    without: tuple[tuple[int, str], ...] = ()
    """Corrections that leave out a step, by their number, with what they name."""
    first: tuple[int, int] | None = None
    """The correction that keeps only the first rows of a loop, and how many."""

    def put(self, span: Span, new: str, told: str) -> Draft:
        """Return the draft with other words in a span."""
        more = len(new) - (span[1] - span[0])
        text = self.text[: span[0]] + new + self.text[span[1] :]
        kept = [(place, words) for place, words in self.marks if place[1] <= span[0] or span[1] <= place[0]]
        moved = [((a + more, b + more) if a >= span[1] else (a, b), words) for (a, b), words in kept]
        grown = [(at + more if at >= span[1] else at, by) for at, by in self.grown]
        marks = (*moved, ((span[0], span[0] + len(new)), told))
        return replace(self, text=text, marks=marks, grown=(*grown, (span[0] + len(new), more)))

    def origin(self, told: Provenance) -> Provenance:
        """Return where a value came from, by its place in what was said at first."""
        if told.source not in {"words", "known"} or told.start is None or told.end is None:
            return told
        for (start, end), text in self.marks:
            if start < told.end and told.start < end:
                return Provenance("answer", text)
        start, end = (place - sum(by for at, by in self.grown if at <= place) for place in (told.start, told.end))
        return Provenance(told.source, told.text, start, end)


def trimmed(steps: Sequence[Step], draft: Draft) -> tuple[Step, ...]:
    """Return the steps that corrections leave. Raises Stop where none or something that others need would go."""
    kept = list(steps)
    for number, what in draft.without:
        wanted = {word.stem for word in words(what)} - {"step"}
        coded = {each for each in wanted if any(letter.isdigit() for letter in each)}
        lost = [step for step in kept if coded and coded <= _stems(_values(step))]
        lost = lost or [
            step for step in kept if not coded and wanted & _stems(re.split(r"[._\W]+", f"{step.id}.{step.tool}"))
        ]
        lost = lost or [step for step in kept if wanted & _stems(_values(step))]
        kept = _left(kept, lost, number, what)
    if draft.first is not None:
        number, count = draft.first
        loops: dict[str, list[Step]] = {}
        for step in kept:
            if found := re.fullmatch(r"(.+)_\d+", step.id):
                loops.setdefault(found[1], []).append(step)
        longer = [rows for rows in loops.values() if len(rows) > count]
        lost = [step for rows in longer for step in rows[count:]] if len(longer) == 1 else []
        kept = _left(kept, lost, number, f"only the first {count}")
    return tuple(kept)


def _left(steps: Sequence[Step], lost: Sequence[Step], number: int, what: str) -> list[Step]:
    names = {step.id for step in lost}
    kept = [
        replace(step, needs=tuple(each for each in step.needs if each not in names))
        for step in steps
        if step.id not in names
    ]
    needing = [step.id for step in kept if step.all_needs & names]
    if lost and kept and not needing:
        return kept
    why = "no step is called that" if not lost else f"{needing[0]} needs it" if needing else "nothing would be left"
    raise Stop(
        Question(f"{CORRECTION}.{number}", f"{what!r} cannot be left out: {why}. What should be done?", AS_IT_WAS)
    )


def _stems(names: Iterable[str]) -> set[str]:
    return {word.stem for name in names for word in words(name)}


def _values(step: Step) -> Iterator[str]:
    """The texts and numbers that a step is given."""
    for each in step.arguments.values():
        if isinstance(each, Literal):
            yield from _texts(each.value)


def _texts(value: Json) -> Iterator[str]:
    if isinstance(value, Mapping):
        yield from (text for each in value.values() for text in _texts(each))
    elif isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool)):
        yield str(value)


def asked_again(proposal: Question | Abstention, answers: Sequence[Answer]) -> Question | Abstention:
    """A correction after which nothing can be done ends nothing: what was planned before is still there to go back to."""
    count = sum(each.slot == CORRECTION for each in answers)
    if not count or isinstance(proposal, Question) or proposal.reason == NOTHING:
        return proposal
    return Question(f"{CORRECTION}.{count}", f"With that it cannot be done: {proposal.reason}.", AS_IT_WAS)
