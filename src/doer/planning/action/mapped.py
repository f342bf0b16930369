"""Mapped: what was read of a portion of a text, with its places in the whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from doer.domain.scoring import ParameterScore
from doer.planning.action.assign import Filled
from doer.planning.action.choice import Draft, Hearing
from doer.planning.action.read import Read
from doer.planning.words.portions import Portion


def mapped(heard: Portion, draft: Draft, hearing: Hearing) -> Draft:
    """A draft with its places in the whole."""

    def back(filled: Sequence[Filled]) -> tuple[Filled, ...]:
        return tuple(
            replace(each, spans=tuple(place for span in each.spans for place in heard.back(span))) for each in filled
        )

    made = replace(draft.made, filled=back(draft.made.filled), calls=tuple(back(each) for each in draft.made.calls))
    return replace(draft, made=made, read=_whole_read(heard, draft.read, hearing))


def _whole_read(heard: Portion, read: Read, hearing: Hearing) -> Read:
    """What was read, as chances of the candidates of the whole."""
    places = {
        found[0]: number
        for number, each in enumerate(read.listened.heard.candidates)
        if len(found := heard.back((each.start, each.end))) == 1
    }
    at = [places.get((each.start, each.end)) for each in hearing.listened.heard.candidates]
    scores = tuple(
        replace(each, spans=tuple(each.spans[place] if place is not None else 0.0 for place in at))
        if each.spans
        else _silent(each, len(at))
        for each in read.score.parameters
    )
    return replace(read, score=replace(read.score, parameters=scores), listened=hearing.listened)


def _silent(score: ParameterScore, count: int) -> ParameterScore:
    return score if score.choices else replace(score, spans=(0.0,) * count)
