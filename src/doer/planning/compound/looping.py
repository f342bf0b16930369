"""Looping: `for everyone in the platform team` is read while planning, and each row of it becomes steps of its own.

What is read is data: it may only stand in the place of the words that speak of it, and every row must be planned with the
same tools as the first. So no row can ask for anything.
"""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from doer.domain.errors import ToolError, UsageError
from doer.domain.goal import Abstention, Answer, Declined, Goal, Question
from doer.domain.plan import Plan, Step
from doer.domain.ports import Reader
from doer.domain.template import Literal
from doer.domain.value import Json, Provenance
from doer.intent.text import words
from doer.intent.vocabulary import verbs
from doer.planning.compound.gathering import gathered
from doer.planning.compound.judging import rows_of
from doer.planning.compound.several import joined
from doer.planning.matching.space import Space
from doer.planning.schema import mapping
from doer.planning.stop import Stop
from doer.planning.words.conditions import masked, pointing, resolved
from doer.planning.words.utterance import Span

MOST_ROWS = 100
_PEOPLE = r"(?:everyone|everybody|(?:each|every|all)(?: of)?(?: the| my| our)?(?: \w+)? (?:persons?|people|members?|employees?|users?|hires?|colleagues?|starters?))"
_THINGS = r"(?:each|every|all)(?: of)?(?: the| my| our| these| those)? (?P<np>(?:[\w-]+ ){0,3}?[\w-]+)"
_FROM = r"(?:who (?:is|are) )?(?:listed |named )?(?:in|from|of|on)(?: the)?(?: file| group| team| folder| list)? "
_SRC = r"(?P<src>[\w./@-]+(?: [\w./@-]+){0,3}?)"
_LOOPS = (
    re.compile(rf"\b{_PEOPLE} {_FROM}{_SRC}(?=\W*(?:$|[,:]|\s))", re.IGNORECASE),
    re.compile(rf"\b{_THINGS} {_FROM}{_SRC}(?=\W*(?:$|[,:]|\s))", re.IGNORECASE),
    re.compile(rf"\b{_THINGS}(?=\W*(?:$|[,:]|\s))", re.IGNORECASE),
)
_FOR = re.compile(r"^\W*(?:(?:please|and|then)\s+)*(?:for|of|to) $", re.IGNORECASE)
_KEYS = ("email", "user_name", "id", "number", "sku", "path", "name", "display_name", "title")
_PLAIN = re.compile(r"[\w.+-]+@[\w.-]+|[\w./-]+|[^\W\d][\w'’.-]*(?: [^\W\d_][\w'’.-]*){1,3}")
_MORE = re.compile(r" (?:in|from|of|on|with|that|who|which|whose)\b", re.IGNORECASE)
_WITHIN = re.compile(r"\b(?:in|from|of|on|with|to|at|that|who|which|whose)\b", re.IGNORECASE)
_MOST_WAYS = 8
_GENERIC = frozenset({"the", "team", "group", "folder", "file", "list"})
Planning = Callable[[Goal, Sequence[Answer]], Awaitable[Plan]]


def has_loop(text: str) -> bool:
    """Tell whether a goal may speak of each of several."""
    return re.search(r"\b(?:each|every|everyone|everybody|all)\b", masked(text), re.IGNORECASE) is not None


def overlooked(text: str, plan: Plan) -> bool:
    """Tell whether a plan takes people of a group for one: their words are no part of a text, and nobody was read."""
    loops = [found.span() for found in _LOOPS[0].finditer(masked(text))]
    origins = [each for step in plan.steps for each in step.provenance.values()]
    spans = [
        (each.start, each.end)
        for each in origins
        if each.source == "words" and each.start is not None and each.end is not None
    ]
    within = any(start < span[0] and span[1] <= end for start, end in spans for span in loops)
    return bool(loops) and not within and all(each.source != "read" for each in origins)


@dataclass(frozen=True, slots=True)
class _Loop:
    """Words that speak of each of several things, and what asks for these."""

    span: Span
    noun: str
    """What each is called, in the singular; nothing for people."""
    asks: tuple[str, ...]
    source: str = ""
    """Where they are, as it was said."""


@dataclass(frozen=True, slots=True)
class _Row:
    """One of the things that were read."""

    label: str
    """What stands for it in a sentence."""
    told: Mapping[str, Json]


async def looped(space: Space, goal: Goal, answers: Sequence[Answer], reader: Reader, plain: Planning) -> Plan:
    """Return the plan of a goal that may speak of each of several. Raises Stop with what must be asked."""
    loop = Looping(space, goal, answers, reader, plain) if has_loop(goal.text) else None
    try:
        plan = await plain(goal, answers)
    except Stop:
        made = await loop.plan() if loop is not None else None
        if made is None:
            raise
        return made
    reads = {each.name for each in space.tools if each.effect == "read"}
    if loop is not None and any(step.tool not in reads for step in plan.steps) and overlooked(goal.text, plan):
        return await loop.plan() or plan
    return plan


@dataclass(frozen=True, slots=True)
class Looping:
    """One goal with a loop, on its way to a plan."""

    space: Space
    goal: Goal
    answers: Sequence[Answer]
    reader: Reader
    planned: Planning

    async def plan(self) -> Plan | None:
        """Return the plan of every row; None where there is no loop that can be read. Raises Stop with what must be asked."""
        stopped: Stop | None = None
        tried: set[str] = set()
        for loop in list(_loops(self.goal.text))[:_MOST_WAYS]:
            if loop.asks[0] in tried or (found := await self._rows(loop)) is None:
                tried.add(loop.asks[0])
                continue
            tool, rows = found
            try:
                return await self._each(loop, tool, rows)
            except Stop as failed:
                stopped = stopped or failed
        if stopped is not None and not isinstance(stopped.proposal, Abstention | Declined):
            raise stopped
        if stopped is not None and isinstance(stopped.proposal, Declined):
            raise stopped
        return None

    # --- which ones ---------------------------------------------------------------------------------------------------

    async def _rows(self, loop: _Loop) -> tuple[str, Sequence[Mapping[str, Json]]] | None:
        for question in loop.asks:
            try:
                plan = await self.planned(replace(self.goal, text=question), ())
                step = plan.steps[0]
                given = {name: each.value for name, each in step.arguments.items() if isinstance(each, Literal)}
                reads = any(each.name == step.tool and each.effect == "read" for each in self.space.tools)
                if len(plan.steps) != 1 or not reads or len(given) < len(step.arguments) or not _about(loop, given):
                    continue
                result = await self.reader.read(step.tool, given)
            except (Stop, UsageError, ToolError):
                continue
            rows = rows_of(result)
            if rows is not None and all(isinstance(each, Mapping) for each in rows[1]):
                if mapping(result).get("more") is True:
                    raise Stop(Declined(f"there are more of {question!r} than can be read at once: narrow it down"))
                return step.tool, [
                    _with_path(mapping(each), mapping(result)) for each in rows[1] if _is_one(mapping(each), loop)
                ]
        return None

    # --- what with each -----------------------------------------------------------------------------------------------

    async def _each(self, loop: _Loop, tool: str, rows: Sequence[Mapping[str, Json]]) -> Plan:
        words_ = self.goal.text[slice(*loop.span)]
        if not rows:
            raise Stop(Declined(f"nothing is to be done: {tool} found none of {words_!r}"))
        if len(rows) > MOST_ROWS:
            raise Stop(Declined(f"{tool} found {len(rows)} of {words_!r}, and {MOST_ROWS} is the most: narrow it down"))
        stopped: Stop | None = None
        for key in [each for each in _KEYS if all(each in row for row in rows)]:
            try:
                first = await self._one(loop, rows[0], key)
            except Stop as failed:
                stopped = stopped or failed
                continue
            plans = [first, *[await self._one(loop, row, key) for row in rows[1:]]]
            return self._joined(plans, [str(row[key]) for row in rows], tool)
        raise stopped or Stop(Abstention(f"nothing that {tool} found of {words_!r} has a name that can be used"))

    async def _one(self, loop: _Loop, row: Mapping[str, Json], key: str) -> Plan:
        label = _label(row[key], loop.noun)
        if label is None:
            raise Stop(
                Abstention(f"{str(row[key])[:60]!r} was read, and is no plain name that could be put into the request")
            )
        stopped: Stop | None = None
        for text in _worded(self.goal.text, loop, label):
            try:
                return await self._filled(replace(self.goal, text=text), row)
            except Stop as failed:
                stopped = stopped or failed
        assert stopped is not None
        raise stopped

    async def _filled(self, goal: Goal, row: Mapping[str, Json]) -> Plan:
        """The plan of one row; what is asked for and stands in a column of that name is taken from there, nothing else is."""
        told = list(self.answers)
        while True:
            try:
                return await self.planned(goal, told)
            except Stop as stopped:
                asked = stopped.proposal
                value = row.get(asked.slot) if isinstance(asked, Question) else None
                if (
                    not isinstance(asked, Question)
                    or not _is_plain(value)
                    or any(each.slot == asked.slot for each in told)
                ):
                    raise
                told.append(Answer(asked.slot, str(value)))

    def _joined(self, plans: Sequence[Plan], names: Sequence[str], tool: str) -> Plan:
        first = [step.tool for step in plans[0].steps]
        odd = next(
            (name for name, plan in zip(names, plans, strict=True) if [step.tool for step in plan.steps] != first), None
        )
        if odd is not None:
            raise Stop(
                Abstention(
                    f"{odd!r} would be dealt with otherwise than {names[0]!r}: name what is to be done with each"
                )
            )
        told = [
            replace(plan, steps=tuple(_of_row(step, (number, len(plans)), name, tool) for step in plan.steps))
            for number, (name, plan) in enumerate(zip(names, plans, strict=True), 1)
        ]
        made = joined(told, self.goal.text.strip())
        if len(first) == 1 and (one := gathered(made.steps, self.space.tools)) is not None:
            why = f"{', '.join(names)}, all that {tool} found: {plans[0].steps[0].why}"
            return replace(made, steps=(replace(one, why=why),))
        return made


def _loops(text: str) -> Iterator[_Loop]:
    plain = masked(text)
    for pattern in _LOOPS:
        for found in pattern.finditer(plain):
            groups = found.groupdict()
            src, np = groups.get("src"), groups.get("np") or ""
            for end in _ends(plain, found.end()):
                source = f"{src}{plain[found.end() : end]}" if src else ""
                named = np if src or not np else f"{np}{plain[found.end() : end]}"
                if not source and (_MORE.match(plain[end:]) or _WITHIN.search(named)):
                    continue  # which of them is said by what follows, and all is not what is meant
                if not source and " " not in named.strip():
                    continue  # `close all tickets`: a whole table is never meant without a word on which of them
                noun = _singular(named.split(" ")[-1]) if named else ""
                yield _Loop((found.start(), end), noun, tuple(_asks(named, source)), source)


def _ends(plain: str, end: int) -> Iterator[int]:
    """Where the words may end: there, or some words later in the same breath; the shortest first."""
    yield end
    for _ in range(3):
        more = re.match(r" [\w./@-]+", plain[end:])
        if more is None:
            return
        end += more.end()
        yield end


def _asks(np: str, source: str) -> Iterator[str]:
    if source:
        yield from (
            f"who is in {source}",
            f"list the members of {source}",
            f"show the rows of {source}",
            f"list everyone in {source}",
        )
    if np:
        many = np if np.endswith("s") else f"{np}s"
        where = f" in {source}" if source else ""
        yield from (f"list the {many}{where}", f"show the {many}{where}", f"find {many}{where}")
    if source:
        yield from (f"list the folder {source}", f"what is in {source}")


def _about(loop: _Loop, given: Mapping[str, Json]) -> bool:
    """Tell whether where they are is told to the tool: what it has no place for would be ignored, and others be taken."""
    told = {each for each in re.split(r"[^\w./@-]+|(?<=\w)/", json.dumps(given).casefold()) if each}
    return all(each in told for each in loop.source.casefold().split() if each not in _GENERIC)


def _worded(text: str, loop: _Loop, label: str) -> Iterator[str]:
    """The request for one row: its name in the place of the words for all, and of those that point to it."""
    start, end = loop.span
    before, after = text[:start], text[end:]
    if _FOR.match(before) and (rest := after.lstrip(" ,:")):
        yield from (each.text for each in resolved(rest, 0, label)) if pointing(rest) else (rest,)
        return
    yield f"{before}{label}{after}"
    if pointing(after):
        yield from (f"{before}{label}{each.text}" for each in resolved(after, 0, label))
    if found := re.search(r"\s+for $", before):
        yield f"{before[: found.start()]}{after}"


def _label(value: Json, noun: str) -> str | None:
    if not _is_plain(value):
        return None
    text = str(value)
    own = {word.stem for word in words(text)} if " " in text else set()
    if not _PLAIN.fullmatch(text) or own & verbs() or re.search(r"\b(?:and|or|then|but|not|if)\b", text, re.IGNORECASE):
        return None
    return f"{noun} {text}" if noun and text.isdigit() else text


def _is_plain(value: Json) -> bool:
    return isinstance(value, str | int) and not isinstance(value, bool) and 0 < len(str(value)) <= 120


def _is_one(row: Mapping[str, Json], loop: _Loop) -> bool:
    """Tell whether a row is what was named: of files and folders only those."""
    return loop.noun not in {"file", "folder"} or row.get("kind", loop.noun) == loop.noun


def _with_path(row: Mapping[str, Json], whole: Mapping[str, Json]) -> Mapping[str, Json]:
    folder, name = whole.get("path"), row.get("name")
    if isinstance(folder, str) and isinstance(name, str) and "path" not in row:
        return {"path": f"{folder}/{name}" if folder else name, **row}
    return row


def _singular(noun: str) -> str:
    if noun.endswith("ies"):
        return f"{noun[:-3]}y"
    return noun.removesuffix("s")


def _of_row(step: Step, place: tuple[int, int], name: str, tool: str) -> Step:
    origins = {key: _read(each, step, key, name, tool) for key, each in step.provenance.items()}
    return replace(step, provenance=origins, why=f"{name}, {place[0]} of {place[1]} that {tool} found: {step.why}")


def _read(told: Provenance, step: Step, name: str, label: str, tool: str) -> Provenance:
    """Where a value came from: what was read, where it is of this row."""
    value = step.arguments.get(name)
    held = json.dumps(value.value) if isinstance(value, Literal) else ""
    return Provenance("read", f"{tool}: {label}") if label in held or told.source == "answer" else told
