"""Again: `the same for Alan` builds on an earlier run, whose goal is planned anew with what the new words replace.

Which runs there were stands in the goal's context, put there from the journal when the goal was accepted, so that a plan can be
made again from the record alone.
"""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from doer.domain.goal import CORRECTION, Abstention, Answer, Declined, Goal, Option, Question
from doer.domain.plan import Plan, Step
from doer.domain.template import Literal
from doer.domain.value import Provenance, RunId
from doer.planning.stop import Stop
from doer.planning.words.conditions import masked

AGAIN = "again"
"""The slot under which it is asked which run is meant."""
DAY = "again.day"
"""The slot under which it is asked what is meant instead of a day that is past by now."""
_MARK = "earlier run "
_MOST = 5
_POLITE = r"^\W*(?:(?:please|now|and|then|ok|okay|great|thanks)\b[\s,!.]*)*"
_SAME = re.compile(
    rf"{_POLITE}(?:(?:do|run|repeat|set up|make)\s+)?(?:(?:exactly\s+)?(?:the\s+)?same(?:\s+(?:thing|job))?(?:\s+again)?"
    r"|(?:that|it|this|the last (?:run|one|job))(?:\s+all)?\s+(?:again|once more)|(?:again|once more)(?=\s+(?:for|with|on)\b)"
    r"|(?<=repeat )(?:that|it|this|the last (?:run|one|job)))(?=\W|$)(?P<rest>.*)$",
    re.IGNORECASE | re.DOTALL,
)
_UNDO = re.compile(
    rf"{_POLITE}(?:can you |could you )?(?:undo|take back|roll back|revert|reverse)\s+(?:(?:all|everything)\s+)?"
    r"(?:what (?:i|we|you) (?:just )?did|(?:i|we|you) did|(?:my|the) (?:last|latest|previous) (?:run|job|thing|one|change)s?|that run)(?=\W|$)(?P<rest>.*)$",
    re.IGNORECASE | re.DOTALL,
)
_PIECES = re.compile(
    r"\s*(?:,\s*(?:but\s+|and\s+|with\s+)*|\b(?:but|with)\s+(?:with\s+)?|\band\s+(?=(?:on|at|to|from|start|until)\b))",
    re.IGNORECASE,
)
_FOR = re.compile(r"\bfor\s+(?P<who>[^,.]+)", re.IGNORECASE)
_WHEN = re.compile(r"\b(?:this (?P<part>morning|afternoon|evening)|(?P<day>today|yesterday))\b", re.IGNORECASE)
_HOURS = {"morning": (0, 12), "afternoon": (12, 18), "evening": (18, 24)}
_DATE = re.compile(r"\d{4}-\d\d-\d\d(?:T.*)?")
Planning = Callable[[Goal, Sequence[Answer]], Awaitable[Plan]]


@dataclass(frozen=True, slots=True)
class Earlier:
    """A finished run that a later goal may mean."""

    run: RunId
    text: str
    """What was asked for."""
    said_at: datetime
    answers: tuple[Answer, ...] = ()
    """What was answered and corrected."""

    @property
    def told(self) -> str:
        """What was asked for, with what was said to it since."""
        more = [each.text for each in self.answers]
        return f"{self.text.strip()} ({'; '.join(more)})" if more else self.text.strip()

    @property
    def turn(self) -> str:
        """As it stands in a goal's context."""
        told = [[each.slot, each.text, each.value] for each in self.answers]
        return f"{_MARK}{self.run}: {json.dumps([self.text, self.said_at.isoformat(), told], ensure_ascii=False)}"


def looks_back(text: str) -> bool:
    """Tell whether a goal speaks of an earlier run."""
    plain = masked(text)
    return _SAME.match(plain) is not None or _UNDO.match(plain) is not None


def earlier(run: RunId, goal: Goal, answers: Sequence[Answer]) -> Earlier:
    """Return a run as a later goal may mean it: one that built on another itself is that other one with its changes."""
    if _SAME.match(masked(goal.text)) and (base := _meant(goal, answers)) is not None:
        own = tuple(each for each in answers if each.slot not in {AGAIN, DAY})
        return Earlier(run, base.text, base.said_at, (*base.answers, *_changes(goal, answers), *own))
    return Earlier(run, goal.text, goal.said_at, tuple(answers))


def _of_context(context: Sequence[str]) -> Iterator[Earlier]:
    for turn in context:
        if not turn.startswith(_MARK):
            continue
        run, _, told = turn.removeprefix(_MARK).partition(": ")
        text, said_at, answers = json.loads(told)
        kept = tuple(Answer(str(slot), str(said), value) for slot, said, value in answers)
        yield Earlier(RunId(run), str(text), datetime.fromisoformat(str(said_at)), kept)


def _meant(goal: Goal, answers: Sequence[Answer]) -> Earlier | None:
    found = list(_of_context(goal.context))
    word = next((each for each in reversed(answers) if each.slot == AGAIN), None)
    if word is not None:
        found = [each for each in found if each.run in {str(word.value), word.text.strip()}]
    return found[0] if found else None


def _changes(goal: Goal, answers: Sequence[Answer]) -> Iterator[Answer]:
    """What the new words replace, as corrections of the earlier goal, each as of when it was said."""
    found = _SAME.match(masked(goal.text))
    rest = "" if found is None else goal.text[found.start("rest") :]
    for piece in _PIECES.split(rest):
        words = re.sub(r"^\s*(?:again\s+)?(?:for|as)\s+", "", piece).strip(" .!,")
        if words and words.casefold() not in {"again", "please", "once more"}:
            yield Answer(CORRECTION, words, goal.said_at.isoformat())
    for each in answers:
        if each.slot == DAY:
            yield Answer(CORRECTION, each.text, goal.said_at.isoformat())


@dataclass(frozen=True, slots=True)
class Repeating:
    """One goal that speaks of an earlier run."""

    goal: Goal
    answers: Sequence[Answer]
    planned: Planning

    async def plan(self) -> Plan:
        """Return the plan, which names the run on which it builds. Raises Stop with what must be asked or done instead."""
        if _UNDO.match(masked(self.goal.text)):
            raise Stop(self._taken_back())
        runs = list(_of_context(self.goal.context))[:_MOST]
        base = _meant(self.goal, self.answers)
        if base is None:
            raise Stop(Declined("no run of yours is finished that this could build on: say in full what is to be done"))
        try:
            return await self._built(base)
        except Stop as stopped:
            others = [each for each in runs if each.run != base.run]
            if any(each.slot == AGAIN for each in self.answers) or not await self._any(others):
                raise
            options = tuple(Option(f"run {each.run}: {each.told}", each.run) for each in (base, *others))
            raise Stop(Question(AGAIN, f"Which run is meant by {self.goal.text.strip()!r}?", options)) from stopped

    async def _any(self, runs: Sequence[Earlier]) -> bool:
        """Tell whether the words fit another run."""
        for each in runs:
            try:
                await self._built(each)
            except Stop:
                continue
            return True
        return False

    async def _built(self, base: Earlier) -> Plan:
        changes = tuple(_changes(self.goal, self.answers))
        own = [each for each in self.answers if each.slot not in {AGAIN, DAY}]
        goal = replace(self.goal, text=base.text, said_at=base.said_at)
        plan = await self.planned(goal, (*base.answers, *changes, *own))
        self._refuse_past(plan, base)
        steps = tuple(self._told(step, base, changes) for step in plan.steps)
        return replace(plan, steps=steps, title=f"{self.goal.text.strip()} (as run {base.run}: {base.told})")

    def _refuse_past(self, plan: Plan, base: Earlier) -> None:
        """Raise Stop where a day that lay ahead in the earlier run is past by now."""
        for step in plan.steps:
            for name, told in step.arguments.items():
                text = told.value if isinstance(told, Literal) else None
                if not isinstance(text, str) or not _DATE.fullmatch(text):
                    continue
                if _local(base.said_at, self.goal) <= text[:10] < _local(self.goal.said_at, self.goal):
                    asked = f"{name.replace('_', ' ')} would be {text}, as in run {base.run}, and that is past. Which day is meant now?"
                    raise Stop(Question(DAY, asked))

    def _told(self, step: Step, base: Earlier, changes: Sequence[Answer]) -> Step:
        origins = {name: self._origin(each, base, changes) for name, each in step.provenance.items()}
        return replace(step, provenance=origins, why=f"as in run {base.run}: {step.why}")

    def _origin(self, told: Provenance, base: Earlier, changes: Sequence[Answer]) -> Provenance:
        new = next((each.text for each in changes if told.source == "answer" and each.text == told.text), None)
        at = self.goal.text.find(new) if new is not None else -1
        if new is not None and at >= 0:
            return Provenance("words", new, at, at + len(new))
        if told.source in {"words", "answer"}:
            return Provenance(told.source, f"{told.text} (run {base.run})")
        return told

    # --- taking back --------------------------------------------------------------------------------------------------

    def _taken_back(self) -> Question | Abstention:
        """What is said of a wish to take work back: which command does it, for which run."""
        found = _UNDO.match(masked(self.goal.text))
        rest = "" if found is None else self.goal.text[found.start("rest") :]
        runs = list(_of_context(self.goal.context))
        if who := _FOR.search(rest):
            named = {word.casefold() for word in re.findall(r"[^\W\d_]+", who["who"])} - {"the", "my"}
            runs = [each for each in runs if named & {word.casefold() for word in re.findall(r"[^\W\d_]+", each.turn)}]
        when = _WHEN.search(rest)
        runs = [each for each in runs if self._within(each, when)] if when is not None else runs[:1]
        word = next((each for each in reversed(self.answers) if each.slot == AGAIN), None)
        if word is not None:
            runs = [each for each in runs if each.run in {str(word.value), word.text.strip()}]
        if not runs:
            return Declined(f"no finished run of yours is meant by {self.goal.text.strip()!r}: `doer runs` lists them")
        if len(runs) > 1:
            return Question(
                AGAIN,
                "Which run is to be taken back?",
                tuple(Option(f"run {e.run}: {e.told}", e.run) for e in runs[:9]),
            )
        return Declined(
            f"run {runs[0].run} did that ({runs[0].told!r}): `doer undo {runs[0].run}` previews and takes it back"
        )

    def _within(self, run: Earlier, when: re.Match[str]) -> bool:
        zone = ZoneInfo(self.goal.zone)
        then, now = run.said_at.astimezone(zone), self.goal.local_time
        day = now.date() - timedelta(days=1) if (when["day"] or "").lower() == "yesterday" else now.date()
        first, last = _HOURS.get((when["part"] or "").lower(), (0, 24))
        return then.date() == day and first <= then.hour < last


def _local(moment: datetime, goal: Goal) -> str:
    return moment.astimezone(ZoneInfo(goal.zone)).date().isoformat()
