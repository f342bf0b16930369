"""The grounder: every typed value in a sentence, as mentions that do not overlap except where one is part of another."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product

from doer.domain.goal import Goal
from doer.intent import addresses, dates, deadlines, marks, names, numbers, spans, times
from doer.intent.mention import Kind, Mention, Reading, Setting
from doer.intent.text import check

# Which of two overlapping mentions stays: the earlier kind; within one kind the longer.
_RANK: tuple[Kind, ...] = (
    "quoted", "url", "email", "datetime", "date", "date_range", "time", "identifier", "amount", "path", "phone", "duration",
    "number", "address", "person",
)  # fmt: skip
_ENDED = re.compile(r"\w\.[A-Za-z]\w{1,4}$")
_TO_TIME = frozenset({"", "at", ",", "@", "from", "-", ", at", ", from", "by", "around"})
_TO_DATE = frozenset({"", "on", ",", "of", ", on"})


def _nothing(_: str) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Grounder:
    """Finds typed values; everything relative is resolved against the setting, never against now."""

    setting: Setting
    known: Callable[[str], bool] = _nothing
    """Whether a lower-case word belongs to the tools at hand, and so is not a name at the start of a sentence."""

    @classmethod
    def of(cls, goal: Goal, known: Callable[[str], bool] = _nothing) -> Grounder:
        """Return the grounder for what was said when this goal was said."""
        return cls(Setting(goal.said_at, goal.zone, goal.locale), known)

    def mentions(self, text: str) -> tuple[Mention, ...]:
        """Return every mention, in order of place. Raises UsageError for invisible characters.

        A datetime has the date and the time it was joined from in `parts`; where the text has one date and several
        times apart from it, each time is joined with that date.
        """
        check(text)
        found = [*marks.find(text), *dates.find(text, self.setting), *times.find(text), *times.durations(text)]
        found += [
            *times.stamps(text, self.setting.zone),
            *times.moments(text, self.setting.local),
            *deadlines.find(text, self.setting.local.date()),
        ]
        found += [*spans.find(text, self.setting.local.date())]
        found += [*numbers.find(text, self.setting), *names.find(text, self.known)]
        kept = _without_overlaps(found)
        return tuple(sorted(self._joined(text, kept), key=lambda each: (each.start, each.end)))

    def addresses(self, text: str) -> tuple[Mention, ...]:
        """Return the postal addresses, each whole; the names and numbers in them are among `mentions` as well."""
        return tuple(addresses.find(text, self.known))

    def ground(self, text: str, kind: Kind) -> Mention | None:
        """Return the mention of that kind that makes up the answer `text`, if there is exactly one."""
        check(text)
        wanted = [each for each in self.mentions(text) if each.kind == kind]
        return wanted[0] if len(wanted) == 1 else None

    def _joined(self, text: str, kept: Sequence[Mention]) -> list[Mention]:
        """Join dates with times into datetimes; the joined mention stands in for its parts."""
        rest = list(kept)
        days = [each for each in kept if each.kind == "date"]
        clocks = [each for each in kept if each.kind == "time"]
        for clock in clocks:
            day = _beside(text, days, clock) or (days[0] if len(days) == 1 else None)
            if day is None:
                continue
            rest = [each for each in rest if each not in (day, clock)]
            rest.append(self._moment(text, day, clock))
        return rest

    def _moment(self, text: str, day: Mention, clock: Mention) -> Mention:
        start, end = min(day.start, clock.start), max(day.end, clock.end)
        beside = _beside(text, [day], clock) is not None
        words = text[start:end] if beside else f"{day.text} {clock.text}"
        if not beside:
            start, end = clock.start, clock.end
        readings, problem = [], day.problem or clock.problem
        for date, time in product(day.readings, clock.readings):
            moments = times.join(str(date.value), str(time.value), self.setting.zone)
            readings += [
                Reading(each.isoformat(), f"{date.label} {time.label}{_offset(moments, each.isoformat())}")
                for each in moments
            ]
            if not moments:
                problem = f"{time.label} does not exist on {date.label} in {self.setting.zone}: clocks go forward then"
        return Mention(
            "datetime", start, end, words, tuple(readings), min(day.confidence, clock.confidence), problem, (day, clock)
        )


def _offset(moments: Sequence[object], moment: str) -> str:
    return f" (UTC{moment[-6:]})" if len(moments) > 1 else ""


def _beside(text: str, days: Iterable[Mention], clock: Mention) -> Mention | None:
    for day in days:
        if day.end <= clock.start and text[day.end : clock.start].strip().lower() in _TO_TIME:
            return day
        if clock.end <= day.start and text[clock.end : day.start].strip().lower() in _TO_DATE:
            return day
    return None


def _without_overlaps(found: Iterable[Mention]) -> list[Mention]:
    kept: list[Mention] = []
    every = list(found)
    files = [each for each in every if each.kind == "path" and _ENDED.search(each.text)]
    # `notes/monday.md` is a file and no Monday
    found = [each for each in every if each.kind != "date" or not any(_holds(file, each) for file in files)]
    for each in sorted(found, key=lambda one: (_rank(one), one.start - one.end, one.start)):
        if not any(each.overlaps(other) for other in kept):
            kept.append(each)
    return kept


def _holds(file: Mention, each: Mention) -> bool:
    return file.start <= each.start and each.end <= file.end and (each.start, each.end) != (file.start, file.end)


def _rank(mention: Mention) -> int:
    return _RANK.index(mention.kind)


def groups(text: str, mentions: Sequence[Mention]) -> Iterator[tuple[Mention, ...]]:
    """Yield runs of two or more mentions of one kind that are listed: `a, b and c`."""
    run: list[Mention] = []
    for each in mentions:
        between = text[run[-1].end : each.start].strip().lower() if run else ""
        if (
            run
            and each.kind == run[-1].kind
            and between in {",", "and", ", and", "&", "/", ";", "or", "as well as", "plus", "+"}
        ):
            run.append(each)
            continue
        if len(run) > 1:
            yield tuple(run)
        run = [each]
    if len(run) > 1:
        yield tuple(run)
