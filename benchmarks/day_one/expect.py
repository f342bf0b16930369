"""What a sentence should do to the office, and whether it did exactly that. The format is told in README.md."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Literal

from doer.demos.office.seeing import Record, Snapshot

Verdict = Literal["done", "ask", "abstain"]
Deed = Literal["add", "set", "remove"]
_DEEDS: tuple[Deed, ...] = ("add", "set", "remove")
VERDICTS: tuple[Verdict, ...] = ("done", "ask", "abstain")
KINDS = ("destination", "date", "amount", "set")
MATCHERS = ("any", "contains", "lacks", "one_of", "starts", "has", "same_as", "not")


class BadList(ValueError):
    """The list of sentences is not as README.md says; the message names the sentence and what is wrong."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One place that is not as it was."""

    place: str
    before: Record | None
    after: Record | None

    @property
    def fields(self) -> frozenset[str]:
        before, after = self.before or {}, self.after or {}
        return frozenset(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))

    def told(self) -> str:
        if self.before is None or self.after is None:
            return f"{'+' if self.before is None else '-'} {self.place} {_short(self.after or self.before)}"
        pairs = (
            f"{name}: {_short(self.before.get(name))} → {_short(self.after.get(name))}" for name in sorted(self.fields)
        )
        return f"~ {self.place} {'; '.join(pairs)}"


@dataclass(frozen=True, slots=True)
class Wanted:
    """One expected difference."""

    at: str
    kind: Deed
    fields: Mapping[str, Any]
    free: frozenset[str]
    option: str
    optional: bool
    times: int

    def fits(self, found: Difference, before: Snapshot) -> bool:
        """Whether this is what was meant."""
        if not _glob(self.at, found.place):
            return False
        match self.kind:
            case "remove":
                return found.after is None
            case "add":
                return found.before is None and self._said(found.after or {}, before)
            case "set":
                there = found.before is not None and found.after is not None
                named = found.fields <= self.fields.keys() | self.free
                return there and named and self._said(found.after or {}, before)

    def _said(self, record: Record, before: Snapshot) -> bool:
        return all(matches(wanted, record.get(name), before) for name, wanted in self.fields.items())


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence and what is right."""

    text: str
    expect: tuple[Verdict, ...]
    kinds: tuple[str, ...]
    replies: tuple[str, ...]
    about: tuple[str, ...]
    answer: tuple[Any, ...]
    changes: tuple[Wanted, ...]
    note: str

    def judge(self, before: Snapshot, after: Snapshot) -> list[str]:
        """Return what differs from what was expected, in words; empty when the world changed exactly so."""
        found = differences(before, after)
        options = sorted({each.option for each in self.changes if each.option}) or [""]
        told = [self._against([each for each in self.changes if each.option in ("", option)], found, before)
                for option in options]  # fmt: skip
        return min(told, key=len)

    def _against(self, wanted: Sequence[Wanted], found: Sequence[Difference], before: Snapshot) -> list[str]:
        left, wrong = list(found), []
        for each in sorted(wanted, key=lambda each: ("*" in each.at, each.optional)):
            for _ in range(each.times):
                hit = next((one for one in left if each.fits(one, before)), None)
                if hit is not None:
                    left.remove(hit)
                elif not each.optional:
                    wrong.append(f"missing: {each.kind} {each.at} {_short(dict(each.fields))}")
        return wrong + [f"not expected: {each.told()}" for each in left]


def differences(before: Snapshot, after: Snapshot) -> list[Difference]:
    """What is not as it was, by place."""
    places = sorted(before.keys() | after.keys())
    return [
        Difference(each, before.get(each), after.get(each)) for each in places if before.get(each) != after.get(each)
    ]


def matches(wanted: Any, found: Any, before: Snapshot) -> bool:  # noqa: ANN401 - JSON
    """Whether a value is as wanted: a matcher, or equal (numbers by value, lists in any order)."""
    if isinstance(wanted, dict) and len(wanted) == 1 and next(iter(wanted)) in MATCHERS:
        [(name, argument)] = wanted.items()
        return _matcher(name, argument, found, before)
    if isinstance(wanted, dict) and isinstance(found, dict):
        return wanted.keys() == found.keys() and all(
            matches(each, found[name], before) for name, each in wanted.items()
        )
    if isinstance(wanted, list) and isinstance(found, list):
        left = list(found)
        for each in wanted:
            hit = next((one for one in left if matches(each, one, before)), None)
            if hit is None:
                return False
            left.remove(hit)
        return not left
    if isinstance(wanted, bool) or isinstance(found, bool) or wanted is None or found is None:
        return wanted is found
    return bool(wanted == found) or (_number(wanted) is not None and _number(wanted) == _number(found))


def _matcher(name: str, argument: Any, found: Any, before: Snapshot) -> bool:  # noqa: ANN401 - JSON
    said = _plain(found)
    parts = argument if isinstance(argument, list) else [argument]
    match name:
        case "any":
            return bool(argument) == (found not in (None, "", [], {}))
        case "contains":
            return all(_plain(each) in said for each in parts)
        case "lacks":
            return not any(_plain(each) in said for each in parts)
        case "one_of":
            return any(matches(each, found, before) for each in parts)
        case "starts":
            return said.startswith(_plain(argument))
        case "has":
            listed = found if isinstance(found, list) else []
            return all(any(matches(each, one, before) for one in listed) for each in parts)
        case "same_as":
            return bool(found == before.get(argument, {}).get("sha256", f"there is no {argument}"))
        case _:
            return not matches(argument, found, before)


def answered(wanted: Sequence[Any], told: str) -> list[str]:
    """Which of the wanted facts are not in an answer: numbers as whole numbers, texts as parts, whatever the case."""
    return [str(each) for each in wanted if not _tells(each, told)]


def _tells(wanted: Any, told: str) -> bool:  # noqa: ANN401 - JSON
    if isinstance(wanted, dict):
        [(name, argument)] = wanted.items()
        parts = argument if isinstance(argument, list) else [argument]
        tells = [_tells(each, told) for each in parts]
        return any(tells) if name == "one_of" else not any(tells)
    number = _number(wanted)
    if number is None:
        return _plain(wanted) in _plain(told)
    found = re.findall(r"(?<![\d.-])\d[\d,]*(?:\.\d+)?(?![\d-])", told)
    return any(_number(each.replace(",", "")) == number for each in found)


def _number(value: object) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return None


def _plain(value: object) -> str:
    return " ".join((value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)).casefold().split())


def _glob(pattern: str, place: str) -> bool:
    return re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), place, re.DOTALL) is not None


def _short(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 200 else f"{text[:199]}…"


# --- the list ---------------------------------------------------------------------------------------------------------


def read_list(path: Path) -> list[Sentence]:
    """Return the sentences of a .toml or .json file. Raises BadList."""
    text = path.read_text(encoding="utf-8")
    try:
        document = json.loads(text) if path.suffix == ".json" else tomllib.loads(text)
    except ValueError as broken:
        raise BadList(f"{path}: {broken}") from broken
    given = document if isinstance(document, list) else document.get("sentence", [])
    return [_sentence(number, each) for number, each in enumerate(given, 1)]


def _sentence(number: int, given: Mapping[str, Any]) -> Sentence:
    where = f"sentence {number} ({given.get('text', '?')})"
    known = {"text", "expect", "kinds", "replies", "about", "answer", "change", "note"}
    if unknown := given.keys() - known:
        raise BadList(f"{where}: unknown {', '.join(sorted(unknown))}; known are {', '.join(sorted(known))}")
    expect = _many(given.get("expect", "done"))
    kinds = _many(given.get("kinds", []))
    if not expect or set(expect) - set(VERDICTS):
        raise BadList(f"{where}: expect is one or several of {', '.join(VERDICTS)}")
    if set(kinds) - set(KINDS):
        raise BadList(f"{where}: kinds are some of {', '.join(KINDS)}")
    changes = tuple(_wanted(where, each) for each in given.get("change", []))
    answer = tuple(_many(given.get("answer", [])))
    if "done" in expect and not changes and not answer:
        raise BadList(f"{where}: done needs a change or an answer")
    if "done" not in expect and (changes or answer):
        raise BadList(f"{where}: changes and answers are for done; an expectation to ask or abstain has none")
    return Sentence(
        str(given["text"]).strip(), tuple(expect), tuple(kinds), tuple(_many(given.get("replies", []))),
        tuple(_many(given.get("about", []))), answer, changes, str(given.get("note", "")),
    )  # fmt: skip


def _wanted(where: str, given: Mapping[str, Any]) -> Wanted:
    kinds = [each for each in _DEEDS if each in given]
    known = {"at", "add", "set", "remove", "free", "option", "optional", "times"}
    if len(kinds) != 1 or "at" not in given or given.keys() - known:
        raise BadList(f"{where}: a change has `at`, one of add, set, remove, and maybe free, option, optional, times")
    [kind] = kinds
    fields = given[kind] if isinstance(given[kind], dict) else {}
    return Wanted(
        given["at"], kind, fields, frozenset(_many(given.get("free", []))), str(given.get("option", "")),
        bool(given.get("optional", False)), int(given.get("times", 1)),
    )  # fmt: skip


def _many(given: Any) -> list[Any]:  # noqa: ANN401 - JSON
    return given if isinstance(given, list) else [given]
