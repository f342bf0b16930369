"""Answers: what a person said to a question becomes the value of the slot, or a further question."""

from __future__ import annotations

import re
from collections.abc import Sequence

from doer.domain.goal import Answer, Goal, Option, Question
from doer.domain.template import Literal
from doer.domain.value import Json, Provenance
from doer.intent import Grounder, check
from doer.intent.text import stem, words
from doer.planning.bind import Binding
from doer.planning.slots import Choice, SlotSpec, value_of
from doer.planning.stop import Stop
from doer.planning.utterance import Span, Utterance

_LIST = re.compile(r"\s*(?:,\s*and\s+|,|\band\b|&|;)\s*")
_YES = frozenset(["yes", "y", "true", "on", "yeah", "ok", "sure"])
_NO = frozenset(["no", "n", "false", "off", "nope"])
_NONE = frozenset(
    ["none", "no", "nothing", "leave it out", "leave out", "leave it empty", "skip", "skip it", "without", "n/a", "-"]
)
LONGEST = 10_000


def declined(spec: SlotSpec, answer: Answer) -> bool:
    """Tell whether an answer leaves open what need not be told."""
    open_ = not spec.required or spec.default is not None
    return open_ and spec.type != "boolean" and answer.value is None and answer.text.strip(" .!").lower() in _NONE


def settle(spec: SlotSpec, answer: Answer, goal: Goal) -> Binding:
    """Return the value that an answer gives a slot. Raises Stop with a further question where it cannot be one."""
    said = answer.text.strip()
    check(said)
    if len(said) > LONGEST:
        raise Stop(
            Question(spec.name, f"that answer has {len(said):,} characters; {LONGEST:,} is the most. {spec.asks}")
        )
    value = answer.value if answer.value is not None else _value(spec, said, goal)
    if spec.many and (isinstance(value, str) or not isinstance(value, Sequence)):
        value = [value]
    return Binding(Literal(value), Provenance("answer", said or str(value)))


def _value(spec: SlotSpec, said: str, goal: Goal) -> Json:
    if not said:
        raise Stop(Question(spec.name, spec.asks))
    if spec.many:
        inner = SlotSpec(spec.name, spec.type, question=spec.question, choices=spec.choices, currency=spec.currency)
        return [_value(inner, part, goal) for part in _LIST.split(said) if part]
    match spec.type:
        case "text" | "person" | "identifier":
            return said.strip('"“”')
        case "choice":
            return _choice(spec, said)
        case "boolean":
            return _boolean(spec, said)
        case _:
            return _typed(spec, said, goal)


def _typed(spec: SlotSpec, said: str, goal: Goal) -> Json:
    grounder = Grounder.of(goal)
    mentions = grounder.mentions(said)
    if spec.type == "datetime" and len(mentions) == 1 and mentions[0].kind in {"date", "time"}:
        # Half of it is in the goal: `on Friday` there, `at 3pm` in the answer.
        other = "time" if mentions[0].kind == "date" else "date"
        halves = [part for each in grounder.mentions(goal.text) for part in each.parts or (each,) if part.kind == other]
        mentions = grounder.mentions(f"{halves[0].text} {said}") if len(halves) == 1 else mentions
    atoms = [*mentions, *(part for each in mentions for part in each.parts)]
    fitting = [each for each in atoms if each.kind in spec.kinds]
    if problem := next((each.problem for each in fitting if each.problem), ""):
        raise Stop(Question(spec.name, f"{problem}. {spec.asks}"))
    options = [
        Option(reading.label, value)
        for each in fitting
        for reading in each.readings
        if (value := value_of(spec, each, reading.value)) is not None
    ]
    if len(options) == 1:
        return options[0].value
    kind = spec.type.replace("_", " ")
    why = f"{said!r} can be read in {len(options)} ways" if options else f"{said!r} is no {kind} that can be understood"
    raise Stop(Question(spec.name, f"{why}. {spec.asks}", tuple(options)))


def _choice(spec: SlotSpec, said: str) -> Json:
    wanted = [stem(word.lower) for word in words(said)]

    def is_meant(choice: Choice) -> bool:
        return any(
            [stem(word.lower) for word in words(name.replace("_", " "))] == wanted
            for name in (choice.label, *choice.words)
        )

    found = [choice for choice in spec.choices if is_meant(choice)]
    if len(found) == 1:
        return found[0].value
    options = tuple(Option(choice.label, choice.value) for choice in spec.choices)
    raise Stop(Question(spec.name, f"{said!r} is none of the choices. {spec.asks}", options))


def _boolean(spec: SlotSpec, said: str) -> bool:
    if said.lower() in _YES | _NO:
        return said.lower() in _YES
    raise Stop(Question(spec.name, f"yes or no? {spec.asks}", (Option("yes", value=True), Option("no", value=False))))


def used_words(binding: Binding, said: Utterance) -> tuple[Span, ...]:
    """Return the words of the goal that an answer has settled: those that can be read as its value."""
    value = binding.template.value if isinstance(binding.template, Literal) else None
    values = list(value) if isinstance(value, list | tuple) else [value]
    spans: list[Span] = []
    for mention in (*said.mentions, *said.atoms):
        readings = [reading.value for reading in mention.readings]
        if mention.kind == "date" and any(
            isinstance(v, str) and "T" in v and v[:10] == r for v in values for r in readings
        ):
            spans.append((mention.start, mention.end))
        amounts = [each.get("amount") for each in readings if isinstance(each, dict)]
        if any(each in readings or each in amounts or str(each) in readings for each in values if each is not None):
            spans += [(part.start, part.end) for part in mention.parts or (mention,)]
    for each in values:
        place = said.text.lower().find(each.lower()) if isinstance(each, str) and each else -1
        if place >= 0:
            spans.append((place, place + len(str(each))))
    return tuple(spans)
