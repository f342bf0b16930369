"""Skill files: TOML, read strictly; every mistake is told with file, line where it can be found, and the nearest name."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeVar, get_args

from doer.domain.errors import UsageError
from doer.domain.known import EntityKind
from doer.domain.plan import Comparison
from doer.domain.template import Literal, Template
from doer.domain.value import Json, JsonObject
from doer.intent.text import word_set
from doer.planning.nearest import hint
from doer.planning.skills.select import read_select
from doer.planning.skills.skill import Each, Lookup, Skill, SkillGuard, SkillStep
from doer.planning.skills.slots import TYPES, Choice, SlotSpec, Take
from doer.planning.skills.sugar import names, template
from doer.planning.words.wording import MARKER, bracketed

_T = TypeVar("_T")
_TOP = word_set("""
    name description examples slots values tables lookup select step uses covers patterns
    """)
_SLOT = frozenset(["type", "question", "required", "default", "choices", "cues", "currency", "past", "not_before", "along",
                   "known", "take", "speaker", "whole", "unless", "coming", "everyday", "verbatim"])  # fmt: skip
_LOOKUP = frozenset(["id", "table", "key", "slot", "question"])
_STEP = word_set("""
    id tool skill arguments slots needs guard for_each as max why
    """)
_LARGEST = 1_000_000


def load_skills(folders: Iterable[Path]) -> tuple[Skill, ...]:
    """Read every `*.toml` of the folders, by name; a later folder's skill replaces an earlier one of the same name.

    A folder that does not exist holds none. Raises UsageError for the first file that is wrong.
    """
    found: dict[str, Skill] = {}
    for folder in folders:
        here: dict[str, Skill] = {}
        for path in sorted(folder.glob("*.toml")) if folder.is_dir() else ():
            skill = read_skill(path)
            if skill.name in here:
                raise UsageError(f"{path}: {here[skill.name].source} already has a skill called {skill.name!r}")
            here[skill.name] = skill
        found |= here
    return tuple(found[name] for name in sorted(found))


def read_skill(path: Path) -> Skill:
    """Read one skill file. Raises UsageError naming the file, the line where it is known, and what to mend."""
    try:
        if path.stat().st_size > _LARGEST:
            raise UsageError(f"{path}: a skill file has at most {_LARGEST:,} bytes")
        text = path.read_text(encoding="utf-8")
        return _Reader(str(path), text).skill(tomllib.loads(text))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as wrong:
        raise UsageError(f"{path}: cannot be read as a skill: {wrong}") from wrong


class _Reader:
    __slots__ = ("path", "text")

    def __init__(self, path: str, text: str) -> None:
        self.path, self.text = path, text

    def wrong(self, message: str, near: str = "") -> UsageError:
        """The error, with the first line on which `near` stands."""
        lines = self.text.splitlines()
        line = next((number for number, each in enumerate(lines, 1) if near and near in each), None)
        return UsageError(f"{self.path}{f':{line}' if line else ''}: {message}")

    def skill(self, data: Mapping[str, object]) -> Skill:
        top = self.table(self.json(data), "the file")
        self.known(top, _TOP, "the file")
        slots = tuple(self.slot(name, each) for name, each in self.table(top.get("slots", {}), "slots").items())
        tables = self.table(top.get("tables", {}), "tables")
        skill = Skill(
            name=self.required(top, "name", "the file"),
            description=self.required(top, "description", "the file"),
            examples=self.texts(top.get("examples", []), "examples"),
            slots=slots,
            steps=tuple(self.step(each) for each in self.tables(top.get("step", []), "step")),
            selects=tuple(read_select(self, each) for each in self.tables(top.get("select", []), "select")),
            lookups=tuple(self.lookup(each) for each in self.tables(top.get("lookup", []), "lookup")),
            values={name: self.template(each) for name, each in self.table(top.get("values", {}), "values").items()},
            tables={name: self.table(each, f"table {name!r}") for name, each in tables.items()},
            source=self.path,
            uses={alias: self.text_of(kind, "uses") for alias, kind in self.table(top.get("uses", {}), "uses").items()},
            covers=self.texts(top.get("covers", []), "covers"),
            patterns=tuple(map(self.pattern, self.texts(top.get("patterns", []), "patterns"))),
        )
        self.check(skill)
        return skill

    def slot(self, name: str, value: Json) -> SlotSpec:
        data = self.table(value, f"slot {name!r}")
        self.known(data, _SLOT, f"slot {name!r}")
        written = self.text_of(data.get("type", "text"), "type")
        base = written.removeprefix("list of ").strip()
        if base not in TYPES:
            raise self.wrong(f"slot {name!r} has the unknown type {written!r}{hint(base, TYPES)}", written)
        choices = tuple(self.choices(data.get("choices", []), name))
        if (base == "choice") != bool(choices):
            raise self.wrong(f"slot {name!r}: a choice needs `choices`, and nothing else has them", name)
        default = self.template(data["default"]) if "default" in data else None
        return SlotSpec(
            name=name,
            type=base,
            many=written.startswith("list of "),
            question=self.text_of(data.get("question", ""), "question"),
            required=self.boolean(data.get("required", default is None), "required"),
            default=default,
            choices=choices,
            cues=self.texts(data.get("cues", []), "cues"),
            currency=self.text_of(data.get("currency", ""), "currency"),
            coming=self.boolean(data.get("coming", False), "coming"),
            past=self.boolean(data.get("past", False), "past"),
            everyday=self.boolean(data.get("everyday", False), "everyday"),
            verbatim=self.boolean(data.get("verbatim", False), "verbatim"),
            not_before=self.text_of(data.get("not_before", ""), "not_before"),
            along=self.text_of(data.get("along", ""), "along"),
            take=self.one_of(data.get("take", "name"), get_args(Take), f"take of slot {name!r}"),
            unless=self.texts(data.get("unless", []), "unless"),
            whole=self.boolean(data.get("whole", False), "whole"),
            speaker=self.boolean(data.get("speaker", False), "speaker"),
            known=self.known_kind(data.get("known", ""), name),
        )

    def known_kind(self, value: Json, slot: str) -> str:
        return value if value == "" else str(self.one_of(value, get_args(EntityKind), f"known of slot {slot!r}"))

    def choices(self, value: Json, slot: str) -> Iterator[Choice]:
        if isinstance(value, Mapping):
            for label, words in value.items():
                yield Choice(label, label, self.texts(words, f"choices of {slot!r}"))
        else:
            yield from (Choice(each, each) for each in self.texts(value, f"choices of {slot!r}"))

    def lookup(self, data: JsonObject) -> Lookup:
        name = self.required(data, "id", "a lookup")
        self.known(data, _LOOKUP, f"lookup {name!r}")
        key = self.template(data.get("key", ""))
        slot = self.text_of(data.get("slot", next(names(key), "")), "slot")
        question = self.text_of(data.get("question", ""), "question")
        return Lookup(name, self.required(data, "table", f"lookup {name!r}"), key, slot, question)

    def step(self, data: JsonObject) -> SkillStep:
        name = self.required(data, "id", "a step")
        self.known(data, _STEP, f"step {name!r}")
        tool, skill = self.text_of(data.get("tool", ""), "tool"), self.text_of(data.get("skill", ""), "skill")
        if bool(tool) == bool(skill):
            raise self.wrong(f"step {name!r} needs either a tool or a skill", f'"{name}"')
        if not re.fullmatch(r"[A-Za-z_]\w*", name):
            raise self.wrong(f"{name!r} cannot be a step's name: letters, digits and _ only", name)
        return SkillStep(
            id=name,
            tool=tool,
            skill=skill,
            arguments=self.templates(data.get("slots" if skill else "arguments", {}), f"arguments of {name!r}"),
            needs=self.texts(data.get("needs", []), "needs"),
            guard=self.guard(data["guard"], name) if "guard" in data else None,
            each=self.each(data, name) if "for_each" in data else None,
            why=self.text_of(data.get("why", ""), "why"),
        )

    def each(self, data: JsonObject, step: str) -> Each:
        most = data.get("max", 100)
        if isinstance(most, bool) or not isinstance(most, int) or not 1 <= most <= 1000:
            raise self.wrong(f"step {step!r}: max is a whole number from 1 to 1000", "max")
        return Each(self.template(data["for_each"]), self.text_of(data.get("as", "item"), "as"), most)

    def guard(self, value: Json, step: str) -> SkillGuard:
        data = self.table(value, f"guard of {step!r}")
        self.known(data, frozenset({"left", "comparison", "right"}), f"guard of {step!r}")
        options: tuple[Comparison, ...] = get_args(Comparison)
        comparison = self.one_of(data.get("comparison"), options, f"comparison of {step!r}")
        right = self.template(data["right"]) if "right" in data else None
        return SkillGuard(self.template(data.get("left")), comparison, right)

    def check(self, skill: Skill) -> None:
        """Check that everything that is taken by name is there."""
        if not skill.examples:
            raise self.wrong(f"skill {skill.name!r} needs examples of wording, so that it can be asked for", "examples")
        if not skill.steps:
            raise self.wrong(f"skill {skill.name!r} has no steps")
        slots = {slot.name for slot in skill.slots}
        for slot in skill.slots:
            if wrong := [each for each in slot.unless if each not in slots - {slot.name}]:
                raise self.wrong(f"slot {slot.name!r} is told unless {wrong[0]!r} is, which is no other slot", wrong[0])
            if slot.along and slot.along not in slots - {slot.name}:
                raise self.wrong(
                    f"slot {slot.name!r} goes along with {slot.along!r}, which is no other slot", slot.along
                )
            if slot.not_before and slot.not_before not in slots - {slot.name}:
                where = f"slot {slot.name!r} is not before {slot.not_before!r}, which is no other slot"
                raise self.wrong(f"{where}{hint(slot.not_before, slots)}", slot.not_before)
        for example in (*skill.examples, *skill.patterns):
            for marker in MARKER.findall(example):
                if marker not in slots:
                    raise self.wrong(
                        f"an example speaks of {{{marker}}}, which is no slot{hint(marker, slots)}", example
                    )
        inner = [*skill.values, *(each.id for each in skill.lookups), *(each.id for each in skill.selects)]
        steps = [step.id for step in skill.steps]
        for kind, listed in (("values, lookups and selects", inner), ("steps", steps)):
            if twice := {name for name in listed if listed.count(name) > 1}:
                raise self.wrong(f"two {kind} are called {min(twice)!r}", min(twice))
        everything = {*slots, *inner, *steps, "goal"}
        for where, each, more in _templates(skill):
            for name in names(each):
                if name not in everything | more:
                    raise self.wrong(f"{where} takes ${name}, which is not there{hint(name, everything)}", name)
        for lookup in skill.lookups:
            if lookup.table not in skill.tables:
                raise self.wrong(f"there is no table {lookup.table!r}{hint(lookup.table, skill.tables)}", lookup.table)
        for step in skill.steps:
            for need in step.needs:
                if need not in steps:
                    raise self.wrong(f"step {step.id!r} needs {need!r}, which is no step{hint(need, steps)}", need)

    def pattern(self, text: str) -> str:
        try:
            bracketed(text)
        except UsageError as wrong:
            raise self.wrong(str(wrong), text) from wrong
        return text

    def template(self, value: Json) -> Template:
        try:
            return template(value)
        except UsageError as wrong:
            raise self.wrong(str(wrong), value if isinstance(value, str) else "") from wrong

    def templates(self, value: Json, where: str) -> Mapping[str, Template]:
        return {name: self.template(each) for name, each in self.table(value, where).items()}

    def table(self, value: Json, where: str) -> JsonObject:
        if not isinstance(value, Mapping):
            raise self.wrong(f"{where} must be a table")
        return value

    def json(self, value: object) -> Json:
        if isinstance(value, Mapping):
            return {str(name): self.json(each) for name, each in value.items()}
        if isinstance(value, list):
            return [self.json(each) for each in value]
        if value is None or isinstance(value, str | int | float | bool):
            return value
        # TOML's own dates: the rest of doer has dates as text.
        return value.isoformat() if hasattr(value, "isoformat") else str(value)

    def tables(self, value: Json, where: str) -> tuple[JsonObject, ...]:
        if isinstance(value, str) or not isinstance(value, Sequence):
            raise self.wrong(f"write [[{where}]] with two brackets", f"[{where}]")
        return tuple(self.table(each, where) for each in value)

    def texts(self, value: Json, where: str) -> tuple[str, ...]:
        if (
            isinstance(value, str)
            or not isinstance(value, Sequence)
            or not all(isinstance(each, str) for each in value)
        ):
            raise self.wrong(f"{where} must be a list of texts", where)
        return tuple(str(each) for each in value)

    def text_of(self, value: Json, where: str) -> str:
        if not isinstance(value, str):
            raise self.wrong(f"{where} must be a text", where)
        return value

    def boolean(self, value: Json, where: str) -> bool:
        if not isinstance(value, bool):
            raise self.wrong(f"{where} is true or false", where)
        return value

    def one_of(self, value: Json, options: tuple[_T, ...], where: str) -> _T:
        for option in options:
            if option == value:
                return option
        raise self.wrong(f"{where} is {value!r}{hint(str(value), map(str, options))}", str(value))

    def required(self, data: JsonObject, name: str, where: str) -> str:
        value = data.get(name)
        if not isinstance(value, str) or not value.strip():
            raise self.wrong(f"{where} needs a {name}")
        return value

    def known(self, data: JsonObject, names_: frozenset[str], where: str) -> None:
        for name in data:
            if name not in names_:
                raise self.wrong(f"{where} has the unknown key {name!r}{hint(name, names_)}", name)


def _templates(skill: Skill) -> Iterator[tuple[str, Template, set[str]]]:
    """Every template with where it stands and the names that are known there besides the skill's own."""
    for slot in skill.slots:
        yield f"the default of {slot.name!r}", slot.default or Literal(None), set()
    for name, each in skill.values.items():
        yield f"value {name!r}", each, set()
    for lookup in skill.lookups:
        yield f"lookup {lookup.id!r}", lookup.key, set()
    for select in skill.selects:
        for each in select.arguments.values():
            yield f"select {select.id!r}", each, set()
        for given in (select.many, select.first_when):
            yield f"select {select.id!r}", given or Literal(None), set()
        for condition in select.where:
            yield f"select {select.id!r}", condition.value, set()
    for step in skill.steps:
        item = {step.each.item} if step.each else set()
        sides = [] if step.guard is None else [step.guard.left, step.guard.right or Literal(None)]
        for each in (*step.arguments.values(), *sides):
            yield f"step {step.id!r}", each, item
        if step.each:
            yield f"the loop of step {step.id!r}", step.each.over, set()
