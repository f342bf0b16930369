"""Evidence: whether a person said what a plan holds, and with which words. What nobody said may fill content, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal, InvalidOperation

from doer.domain.action import Manifest
from doer.domain.goal import Answer, Goal
from doer.domain.plan import Step
from doer.domain.template import Fields, Items, Literal, Reference, Template
from doer.domain.value import Json, JsonObject, Provenance
from doer.intent.grounder import Grounder
from doer.intent.mention import Mention
from doer.planning.action.periods import month_named, told_by
from doer.planning.action.recent import as_past, looks_back
from doer.planning.action.units import UNITS, measured
from doer.planning.schema import mapping, settled

_DAY = re.compile(r"(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(?::\d\d(?:\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?")
_DIGITS = re.compile(r"(?<![\w.,:/#-])\d[\d,]*(?:\.\d+)?(?![\w:/-]|\.\d)")
_CLOCK = re.compile(r"(\d\d:\d\d)(?::\d\d)?")
_PLACE = re.compile(r"\S+@\S+|[a-z][a-z0-9+.-]*://\S+|[~./\\]\S*|\S*/\S+", re.IGNORECASE)
"""What looks like an address, a URL or a path leads somewhere, whatever its argument is called."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a person said, as text and as typed values."""

    said: tuple[str, ...]
    """The goal, then earlier turns and answers."""
    mentions: tuple[Mention, ...]
    answers: Mapping[str, Answer]
    today: date | None
    """When it was said; None: days that have just been are what they are meant as already."""

    @classmethod
    def of(cls, goal: Goal, answers: Sequence[Answer]) -> Evidence:
        """Gather it. Raises UsageError for invisible characters."""
        grounder = Grounder.of(goal)
        said = (goal.text, *goal.context, *(each.text for each in answers))
        found = tuple(mention for text in said for mention in grounder.mentions(text))
        return cls(said, found, {each.slot: each for each in answers}, goal.local_time.date())

    def grounded(self, step: Step, manifest: Manifest) -> tuple[Step, Sequence[str]]:
        """Return the step with answers in it and the source of each argument, and the arguments that somebody must say."""
        if self.today is not None and looks_back(manifest):
            mentions = tuple(as_past(each, self.today) for each in self.mentions)
            return replace(self, mentions=mentions, today=None).grounded(step, manifest)
        arguments, provenance, unsaid = dict(step.arguments), dict[str, Provenance](), list[str]()
        properties = mapping(manifest.parameters.get("properties"))
        for name in {**properties, **arguments}:
            schema = settled(mapping(properties.get(name)), manifest.parameters)
            answer = self.answers.get(f"{step.id}.{name}")
            if answer is not None:
                arguments[name] = Literal(_typed(answer, schema))
                provenance[name] = Provenance("answer", answer.text)
            elif name in arguments:
                source = self._source(arguments[name], schema, manifest.roles.get(name, "content") == "content")
                if source is None:
                    unsaid.append(name)
                provenance[name] = source or Provenance("planner", "nobody said it")
        return replace(step, arguments=arguments, provenance=provenance), unsaid

    def _source(self, template: Template, schema: JsonObject, is_content: bool) -> Provenance | None:  # noqa: FBT001
        sources = []
        for leaf in _leaves(template):
            match leaf:
                case Reference(step):
                    sources.append(Provenance("result", step))
                case Literal(value):
                    source = self._leaf(value, schema, is_content)
                    if source is None:
                        return None
                    sources.append(source)
        order = ("words", "result", "default", "planner")
        return min(sources, key=lambda each: order.index(each.source), default=Provenance("planner", "nothing"))

    def _leaf(self, value: Json, schema: JsonObject, is_content: bool) -> Provenance | None:  # noqa: FBT001
        """Return where one value comes from; None where it must not be made up."""
        if value is None or value == schema.get("default", _NOTHING):
            return Provenance("default", str(value))
        if isinstance(value, str) and (found := self._words(value)) is not None:
            return found
        if value in _choices(schema) or isinstance(value, bool):
            return Provenance("planner", str(value))
        if isinstance(value, int | float) or (isinstance(value, str) and _is_number(value)):
            return self._number(value)
        assert isinstance(value, str)
        if _DAY.fullmatch(value) or _CLOCK.fullmatch(value):
            return self._moment(value)
        if not is_content or _PLACE.fullmatch(value):
            return None
        return Provenance("planner", value[:80])

    def _words(self, value: str) -> Provenance | None:
        """Find a text among the words, whatever its case and spaces."""
        wanted = value.split()
        if not wanted:
            return Provenance("planner", value)
        pattern = re.compile(r"(?<!\w)" + r"\s+".join(map(re.escape, wanted)) + r"(?!\w)", re.IGNORECASE)
        for place, text in enumerate(self.said):
            if found := pattern.search(text):
                span = found.span() if place == 0 else (None, None)
                return Provenance("words", found[0], *span)
        return None

    def _number(self, value: float | str) -> Provenance | None:
        wanted = Decimal(str(value))
        for mention in self.mentions:
            if any(Decimal(str(each)) == wanted for each in _quantities(mention) if _is_number(each)):
                return self._of(mention)
        for place, text in enumerate(self.said):
            for found in _DIGITS.finditer(text):
                if Decimal(found[0].replace(",", "")) == wanted:
                    return Provenance("words", found[0], *(found.span() if place == 0 else (None, None)))
        month = next((named for each in self.said if (named := month_named(int(wanted), each))), None)
        return Provenance("words", month) if month is not None and wanted == int(wanted) else None

    def _moment(self, value: str) -> Provenance | None:
        """A date must have been said, or the month or year that it begins or ends; a clock time as well, unless it is the day's beginning or end."""
        days: dict[str, Mention] = {}
        clocks: dict[str, Mention] = {}
        for mention in self.mentions:
            for reading in mention.readings if mention.plain else ():
                for told in reading.value.values() if isinstance(reading.value, Mapping) else (reading.value,):
                    if found := _DAY.fullmatch(str(told)):
                        days[found[1]] = mention
                        clocks.update({found[2]: mention} if found[2] else {})
                    elif clock := _CLOCK.fullmatch(str(told)):
                        clocks[clock[1]] = mention
        if (clock := _CLOCK.fullmatch(value)) is not None:
            return self._of(clocks[clock[1]]) if clock[1] in clocks else None
        wanted = _DAY.fullmatch(value)
        assert wanted is not None
        period = next((named for each in self.said if (named := told_by(wanted[1], each))), None)
        if wanted[1] not in days and period is not None and not wanted[2]:
            return Provenance("words", period)
        if wanted[1] not in days or (wanted[2] and wanted[2] not in {*clocks, "00:00", "23:59"}):
            return None
        return self._of(days[wanted[1]])

    def _of(self, mention: Mention) -> Provenance:
        own = self.said[0][mention.start : mention.end] == mention.text
        return Provenance("words", mention.text, *((mention.start, mention.end) if own else (None, None)))


_NOTHING = object()


def _leaves(template: Template) -> Iterator[Literal | Reference]:
    match template:
        case Literal(Mapping() as fields):
            parts: list[Template] = [Literal(value) for value in fields.values()]
        case Literal(value) if isinstance(value, Sequence) and not isinstance(value, str):
            parts = [Literal(each) for each in value]
        case Literal() | Reference():
            yield template
            return
        case Items(of):
            parts = list(of)
        case Fields(of_fields):
            parts = list(of_fields.values())
        case _:
            return
    for part in parts:
        yield from _leaves(part)


def _choices(schema: JsonObject) -> tuple[Json, ...]:
    """Values that the schema itself lists, also for the items of a list: a choice among them is no invention."""
    listed: list[Json] = [schema["const"]] if "const" in schema else []
    for each in (schema, mapping(schema.get("items"))):
        given = each.get("enum")
        listed += list(given) if isinstance(given, Sequence) and not isinstance(given, str) else []
    return tuple(listed)


def _is_number(value: Json) -> bool:
    try:
        return Decimal(str(value)).is_finite()
    except InvalidOperation:
        return False


def _quantities(mention: Mention) -> Iterator[Json]:
    """The numbers that a mention may be: of a length of time those in each unit."""
    if mention.kind == "duration" and mention.plain:
        yield from (str(measured(str(mention.value), unit)) for unit in UNITS)
    elif mention.kind == "identifier" and mention.plain:
        yield mention.value
    else:
        yield mention.quantity


def _typed(answer: Answer, schema: JsonObject) -> Json:
    """Return an answer as the type that the schema wants; the validator says what is wrong with it."""
    if answer.value is not None:
        return answer.value
    text, kind = answer.text.strip(), schema.get("type")
    if kind in ("number", "integer") and _is_number(text):
        return int(text) if Decimal(text) == int(Decimal(text)) else float(text)
    if kind == "boolean" and text.casefold() in ("yes", "no", "true", "false"):
        return text.casefold() in ("yes", "true")
    if kind == "array":
        return [part.strip() for part in re.split(r",|\band\b", text) if part.strip()]
    return text
