"""Own examples: a workspace's lessons as training examples, with personal values masked."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from doer.domain.action import Manifest
from doer.domain.value import Json
from doer.learning.lessons import Lesson
from doer.training.examples import Example, heard
from doer.training.label import positive

SOURCE: Final = "journal"
_OTHERS: Final = 3
"""Tools that are not meant, shown with each sentence."""
_MASKED: Final = ("email", "phone", "url", "address", "person")
_GIVEN, _FAMILY = ("Ina", "Tom", "Lea", "Ben", "Mia", "Ole", "Eva", "Jan"), ("Berg", "Lund", "Stone", "Vale", "Marsh")
_NAME: Final = re.compile(r"[A-Z][\w'’-]+(?: [A-Z][\w'’-]+){0,3}")


def own_examples(
    lessons: Sequence[Lesson], tools: Sequence[Manifest], seed: int, *, masked: bool = True
) -> list[Example]:
    """Return an example for each sentence and tool that is called, and for tools that are not; the held-out are not among them.

    With `masked`, addresses, numbers of telephones and names are others of the same form: where an argument stands can be learnt
    without what it was.
    """
    chance = random.Random(seed)
    found = [each for lesson in lessons if not lesson.held_out for each in _of_lesson(lesson, lessons, tools, chance)]
    return [_masked(each, chance) for each in found] if masked else found


def _of_lesson(
    lesson: Lesson, lessons: Sequence[Lesson], tools: Sequence[Manifest], chance: random.Random
) -> Iterator[Example]:
    by_name = {each.name: each for each in tools}
    turns = [*lesson.goal.context, lesson.goal.text]
    called = list(dict.fromkeys(each.tool for each in lesson.calls))
    meant = {
        call.tool for each in lessons if each.right and each.goal.text == lesson.goal.text for call in each.calls
    }  # the same words may have been right with the same tool and other values
    if not lesson.right:
        yield from (_not_meant(turns, by_name[name]) for name in called if name not in meant)
        return
    for name in called:
        calls = [dict(each.arguments) for each in lesson.calls if each.tool == name]
        made = positive(turns, _plain(by_name[name]), calls, SOURCE)
        yield replace(made, labels=_told(lesson, name, made)) if len(calls) == 1 else made
    others = [each for each in tools if each.name not in meant]
    for each in chance.sample(others, min(len(others), _OTHERS)):
        yield _not_meant(turns, each)


def _told(lesson: Lesson, name: str, made: Example) -> dict[str, Any]:
    """The labels, with the words that the record says wherever it says them: they are surer than a search for the value."""
    call = next(each for each in lesson.calls if each.tool == name)
    listened = heard(made.turns)
    spans = {(each.start, each.end) for each in listened.heard.candidates}
    labels = dict(made.labels)
    for argument, (start, end) in call.spans.items():
        place = (start + listened.last, end + listened.last)
        listed = isinstance(call.arguments[argument], list | tuple | Mapping)
        if argument in labels and place in spans and not listed and "choice" not in (labels[argument] or {}):
            labels[argument] = {"spans": [list(place)]}
    return labels


def _not_meant(turns: Sequence[str], tool: Manifest) -> Example:
    return Example(list(turns), _plain(tool), relevant=False, source=SOURCE)


def _plain(tool: Manifest) -> dict[str, Any]:
    return {"name": tool.name, "description": tool.description, "parameters": _unfrozen(tool.parameters)}


def _unfrozen(value: Json) -> Any:
    if isinstance(value, Mapping):
        return {name: _unfrozen(each) for name, each in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_unfrozen(each) for each in value]
    return value


def _masked(example: Example, chance: random.Random) -> Example:
    """The example with other names and addresses; a label whose words are no candidate any more is not learnt from."""
    listened = heard(example.turns)
    text, shifts = listened.heard.text, list[tuple[int, int, str]]()
    wanted = {
        tuple(span) for label in example.labels.values() if isinstance(label, dict) for span in label.get("spans", ())
    }
    for each in listened.heard.candidates:
        words = text[each.start : each.end]
        named = (each.start, each.end) in wanted and _NAME.fullmatch(words)
        if (each.kind in _MASKED or named) and not any(
            each.start < end and start < each.end for start, end, _ in shifts
        ):
            shifts.append((each.start, each.end, _stand_in(words, each.kind, chance)))
    if not shifts:
        return example
    shifts.sort()

    def moved(place: int) -> int:
        return place + sum(len(word) - (end - start) for start, end, word in shifts if end <= place)

    for start, end, word in reversed(shifts):
        text = text[:start] + word + text[end:]
    turns = text.split("\n")
    spans = {(each.start, each.end) for each in heard(turns).heard.candidates}
    labels = dict[str, Any]()
    for name, label in example.labels.items():
        if isinstance(label, dict) and "spans" in label:
            placed = [[moved(start), moved(end)] for start, end in label["spans"]]
            labels[name] = {"spans": placed} if all(tuple(each) in spans for each in placed) else "unknown"
        else:
            labels[name] = label
    return replace(example, turns=turns, labels=labels)


def _stand_in(words: str, kind: str, chance: random.Random) -> str:
    """Something of the same form that belongs to nobody (RFC 2606)."""
    match kind:
        case "email":
            return f"{chance.choice(_GIVEN).lower()}.{chance.choice(_FAMILY).lower()}@example.org"
        case "url":
            return f"https://example.org/{chance.choice(_FAMILY).lower()}"
        case "phone" | "address":
            return re.sub(r"\d", lambda _: str(chance.randrange(1, 10)), words)
        case _:
            count = len(words.split())
            return " ".join([chance.choice(_GIVEN), *(chance.choice(_FAMILY) for _ in range(count - 1))])
