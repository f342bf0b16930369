"""Conditional: a goal with a condition becomes a read, steps that are guarded by it, and those that are done otherwise."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from doer.domain.goal import Abstention, Answer, Declined, Goal, Option, Question
from doer.domain.plan import Guard, Plan, Step
from doer.domain.ports import Reader
from doer.domain.value import StepId
from doer.planning.compound.checking import Check, Checking
from doer.planning.compound.divide import divide
from doer.planning.compound.judging import opposite
from doer.planning.compound.several import renamed
from doer.planning.matching.space import Space
from doer.planning.stop import Stop
from doer.planning.words.clauses import Clause
from doer.planning.words.conditions import Conditional, Told, conditionals, inverted, pointing, resolved
from doer.planning.words.statements import of_what, statement
from doer.planning.words.utterance import Span

IF = "if"
"""The slot under which it is asked whether a condition holds that nothing here can read."""
SCOPE = "if.scope"
"""The slot under which it is asked what all a condition is of."""
PART = "if.part"
"""The slot under which it is asked whether a condition is one, or the end of a text."""
_OTHERWISE = "otherwise."
_YES = frozenset({"so", "yes", "y", "true", "it is", "yes, it is so"})
Planning = Callable[[Goal, Sequence[Answer]], Awaitable[Plan]]


@dataclass(frozen=True, slots=True)
class Conditioning:
    """One goal with a condition, on its way to a plan."""

    space: Space
    goal: Goal
    answers: Sequence[Answer]
    reader: Reader
    planned: Planning
    """Plans what is left when the condition is cut off; raises Stop."""

    async def plan(self) -> Plan | None:
        """Return the plan; None where no part of the goal is a condition. Raises Stop with what must be asked or is not so."""
        cuts = list(conditionals(self.goal.text, self.space.lexicon.heads.__contains__))
        if not cuts:
            return None
        swallowed = await self._swallowed(cuts[0]) if cuts[0].trailing else None
        if cuts[0].watches:
            return swallowed or self._refuse_watching(cuts[0])
        for cut in cuts:
            check, meant = await self._checked(cut)
            if check is not None:
                if swallowed is not None and self._is_text(cut):
                    return swallowed
                return await self._guarded(cut, check, meant)
        return swallowed or await self._vouched(cuts[0])

    def _refuse_watching(self, cut: Conditional) -> Plan:
        """Raise Stop: what is to be done each time something happens is not done once, now."""
        words = f"{cut.word} {self.goal.text[slice(*cut.condition)].strip()}"
        raise Stop(
            Declined(f"nothing here watches for it yet, and it is asked for {words!r}; say what is to be done now")
        )

    async def _swallowed(self, cut: Conditional) -> Plan | None:
        """The plan in which the words of the condition are a part of some text: `remind me to call Ana if it rains`."""
        try:
            plan = await self.planned(self.goal, self.answers)
        except Stop:
            return None
        start, end = cut.condition
        origins = [
            each for step in plan.steps for each in step.provenance.values() if each.source in {"words", "known"}
        ]
        within = [each for each in origins if each.start is not None and each.end is not None]
        taken = any((each.start or 0) < start and end <= (each.end or 0) for each in within)
        return plan if taken else None

    def _is_text(self, cut: Conditional) -> bool:
        """Tell what a person said of a condition that may as well be the end of a text. Raises Stop with the question."""
        words = f"{cut.word} {self.goal.text[slice(*cut.condition)].strip()}"
        word = next((each for each in reversed(self.answers) if each.slot == PART), None)
        if word is None:
            options = (Option(f"a condition: do it only {words}", "condition"), Option("a part of the text", "text"))
            raise Stop(Question(PART, f"Is {words!r} a condition, or a part of the text?", options))
        return str(word.value or word.text).strip(" .!").casefold() in {"text", "a part of the text"}

    # --- the condition ------------------------------------------------------------------------------------------------

    async def _checked(self, cut: Conditional) -> tuple[Check | None, tuple[str, ...]]:
        """The read that can tell, and what words of the rest that point back may mean."""
        checking = Checking(self.space, self.goal, self.reader, self._alone)
        for words in self._worded(cut):
            said = statement(words)
            check = await checking.check(said, StepId("check")) if said is not None else None
            if said is not None and check is not None and (check.firm or cut.other is None):
                return check, tuple(dict.fromkeys(of_what(said)))
        return None, ()

    async def _alone(self, goal: Goal) -> Plan:
        return await self.planned(goal, ())

    def _worded(self, cut: Conditional) -> Iterator[str]:
        """The words of the condition; where they point to what the request speaks of, with that in their place."""
        words = self.goal.text[slice(*cut.condition)].strip()
        if cut.word == "should":
            words = inverted(words)
        if not pointing(words):
            yield words
            return
        said = self.space.hear(self.goal, (), cut.main)
        atoms = sorted(said.atoms, key=lambda each: each.kind != "person")
        for each in atoms:
            before = [word for word in said.words if word.end < each.start]
            named = f"{before[-1].text} {each.text}" if before and each.kind in {"number", "identifier"} else each.text
            yield next(resolved(words, 0, named)).text
        made = re.match(r"^\s*\w+\s+(?:(?:a|an|the)\s+)?(?P<what>.+)$", self.goal.text[slice(*cut.main)])
        if made is not None:  # `create a folder q4 if it does not exist`
            yield next(resolved(words, 0, made["what"].strip())).text

    # --- the request --------------------------------------------------------------------------------------------------

    async def _guarded(self, cut: Conditional, check: Check, meant: Sequence[str]) -> Plan:
        words = f"{cut.word} {self.goal.text[slice(*cut.condition)].strip()}"
        holds = check.now != cut.negated
        guard = opposite(check.guard) if cut.negated else check.guard
        now = f"(now: {'true' if check.now else 'false'}, {check.told})"
        first, last = await self._scope(cut)
        if not holds and cut.other is None and first is None:
            raise Stop(Declined(f"nothing is to be done: it asks for it {words!r}, and {now[1:-1]}"))
        main = await self._part(cut.main, meant, self.answers)
        cutoff = len((await self._part(first, meant, self.answers)).steps) if first is not None else 0
        bound = range(cutoff, len(main.steps)) if last else range(cutoff or len(main.steps))
        steps = [
            _bound(step, guard, f"{words} {now}") if place in bound else step for place, step in enumerate(main.steps)
        ]
        plans = [main]
        if cut.other is not None:
            other = await self._other(cut.other, meant)
            plans.append(other)
            made = renamed(other.steps, 2, {step.id for step in main.steps})
            steps += [
                _bound(step, opposite(guard), f"otherwise: unless {words.split(' ', 1)[1]!r} {now}") for step in made
            ]
        own = renamed(steps, 2, {check.step.id})
        return _joined(self.goal, (check.step, *own), plans, self.space, check.step.tool)

    async def _other(self, span: Span, meant: Sequence[str]) -> Plan:
        own = [
            replace(each, slot=each.slot.removeprefix(_OTHERWISE))
            for each in self.answers
            if each.slot.startswith(_OTHERWISE)
        ]
        try:
            return await self._part(span, meant, own)
        except Stop as stopped:
            told = stopped.proposal
            words = self.goal.text[slice(*span)]
            if isinstance(told, Question):
                raise Stop(
                    replace(told, slot=f"{_OTHERWISE}{told.slot}", text=f"For {words!r}: {told.text}")
                ) from stopped
            raise Stop(
                replace(told, reason=f"for {words!r}: {told.reason}. Half of it is not done"), words
            ) from stopped

    async def _part(self, span: Span, meant: Sequence[str], answers: Sequence[Answer]) -> Plan:
        """The plan of a part of the goal, with what its words point to in their place. Raises the first Stop."""
        text = self.goal.text[slice(*span)]
        ways = [told for each in meant for told in resolved(text, span[0], each)] if pointing(text) else []
        stopped: Stop | None = None
        for told in [*ways, Told(text, span[0])]:
            try:
                plan = await self.planned(replace(self.goal, text=told.text), answers)
            except Stop as failed:
                asked = stopped is not None and isinstance(stopped.proposal, Question)
                stopped = (
                    stopped if asked or (stopped is not None and isinstance(failed.proposal, Abstention)) else failed
                )
                continue
            return replace(plan, steps=tuple(_told(step, told) for step in plan.steps))
        assert stopped is not None
        raise stopped

    async def _scope(self, cut: Conditional) -> tuple[Span | None, bool]:
        """The part that a condition leaves alone or is of, where that is not all; and whether it is of what follows it."""
        said = self.space.hear(self.goal, (), cut.main)
        parts = _clauses(self.space, said.goal, cut.main)
        text = self.goal.text
        apart = [
            each
            for each in parts[1:]
            if cut.trailing or any(mark in text[parts[0].span[1] : each.span[0]] for mark in ".;!\n")
        ]
        if not apart:
            return None, False
        word = next((each for each in reversed(self.answers) if each.slot == SCOPE), None)
        some = apart[-1] if cut.trailing else parts[0]
        words = text[slice(*some.span)].strip()
        if word is None:
            condition = text[slice(*cut.condition)].strip()
            options = (Option("of all of it", "all"), Option(f"only of {words!r}", "part"))
            raise Stop(
                Question(SCOPE, f'Is "{cut.word} {condition}" a condition of all of it, or only of {words!r}?', options)
            )
        if str(word.value or word.text) not in {"part", options_label(words)}:
            return None, False
        before = (cut.main[0], parts[-2].span[1]) if cut.trailing else (cut.main[0], parts[0].span[1])
        return before, cut.trailing

    # --- what nobody can read -----------------------------------------------------------------------------------------

    async def _vouched(self, cut: Conditional) -> Plan:
        """The plan where a person says whether it holds. Raises Stop with the question."""
        words = self.goal.text[slice(*cut.condition)].strip()
        apart, last = await self._scope(cut)
        word = next((each for each in reversed(self.answers) if each.slot == IF), None)
        if word is None:
            options = (Option("yes, it is so", "so"), Option("no", "not"))
            raise Stop(
                Question(IF, f"It is to be done {cut.word} {words!r}, which nothing here can read. Is it so?", options)
            )
        so = str(word.value or word.text).strip(" .!").casefold() in _YES
        if so != cut.negated:
            plan, why = await self._part(cut.main, (), self.answers), f"{cut.word} {words}"
        elif cut.other is not None:
            plan, why = await self._other(cut.other, ()), f"otherwise: {cut.word} {words}"
        elif apart is not None and last:
            plan, why = await self._part(apart, (), self.answers), ""
        else:
            raise Stop(Declined(f"nothing is to be done: you said that {words!r} is {'so' if so else 'not so'}"))
        shown = f"{why} (as you said): " if why else ""
        steps = tuple(replace(step, why=f"{shown}{step.why}") for step in plan.steps)
        return replace(plan, steps=steps, title=self.goal.text.strip())


def options_label(words: str) -> str:
    """The label of the answer that a condition is of these words alone."""
    return f"only of {words!r}"


def _clauses(space: Space, goal: Goal, span: Span) -> Sequence[Clause]:
    try:
        return divide(space, space.hear(goal, (), span), (), ())
    except Stop:
        return ()


def _bound(step: Step, guard: Guard, why: str) -> Step:
    if step.guard is not None:
        raise Stop(Abstention(f"{step.tool} has a condition of its own here; a second one cannot be put on it"))
    return replace(step, guard=guard, why=f"{why}: {step.why}")


def _told(step: Step, told: Told) -> Step:
    return replace(step, provenance={name: told.origin(each) for name, each in step.provenance.items()})


def _joined(goal: Goal, steps: Sequence[Step], plans: Sequence[Plan], space: Space, tool: str) -> Plan:
    digests = {each.name: each.digest for each in space.tools}
    used = {step.tool: digests[step.tool] for step in steps if step.tool in digests}
    names = " else ".join(each.planner for each in plans)
    candidates = tuple(one for each in plans for one in each.candidates)
    return Plan(
        tuple(steps), goal.text.strip(), f"{names} if {tool}", min(each.confidence for each in plans), used, candidates
    )
