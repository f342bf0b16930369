"""Days without a year that have just been: `from 1 to 7 March`, said on 9 March, is the past one for what looks back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Final

from doer.domain.action import Manifest
from doer.intent.mention import Mention
from doer.intent.text import stem, word_set
from doer.planning.action.sense import words_of_name
from doer.planning.words.candidates import Listened

_AHEAD: Final = timedelta(days=300)
_BEHIND: Final = timedelta(days=60)
_LOOKS_BACK: Final = frozenset(
    stem(each)
    for each in word_set(
        "chart plot graph diagram draw visualize report statistics stats history figure figures analyze analytics trend summarize"
    )
)
"""What a tool is called that shows what has been, though it makes something."""


def recent_day(days: Sequence[str], today: date) -> str | None:
    """Return the one of two days (ISO) that has been at most 60 days ago, where the other is more than 300 days ahead."""
    if len(days) != 2:
        return None
    past, coming = sorted(map(date.fromisoformat, days))
    return past.isoformat() if today - _BEHIND <= past <= today and coming > today + _AHEAD else None


def looks_back(manifest: Manifest) -> bool:
    """Tell whether a tool reads or shows what has been."""
    if manifest.effect == "read":
        return True
    return bool({stem(each) for each in words_of_name(manifest.name.rpartition(".")[2])} & _LOOKS_BACK)


def looking_back(listened: Listened, manifest: Manifest, today: date) -> Listened:
    """Return what was heard with the days that have just been, where the tool looks back; else as it was."""
    if not looks_back(manifest):
        return listened
    mentions = tuple(each and as_past(each, today) for each in listened.mentions)
    return listened if mentions == listened.mentions else replace(listened, mentions=mentions)


def as_past(mention: Mention, today: date) -> Mention:
    """Return a day that has just been, or that is far off, as the one that has been; all else as it is."""
    if mention.kind != "date":
        return mention
    day = recent_day([str(each.value) for each in mention.readings], today)
    if day is None:
        return mention
    return replace(mention, readings=tuple(each for each in mention.readings if each.value == day))
