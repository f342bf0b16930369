"""Writer: words that ask for a tool, with the place of every value in them."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from doer.training.examples import text_of
from training import grammar
from training.bank import Bank, spoken
from training.values import COUNTRIES, FIRMS, FIRST, LAST, MATTERS, MONTHS, Values

_GENERAL = re.compile(r"(?i)\b(?:an?|the|one) (?:specific|given|particular|certain|specified) ([a-z]+)(?: ([a-z]+))?")

_CARRIED = 0.3
"""How often values are said before what they are for."""


@dataclass
class Words:
    """Text that grows, and the places of values in it."""

    text: str = ""
    spans: dict[str, list[list[int]]] = field(default_factory=dict)
    choices: dict[str, int] = field(default_factory=dict)

    def add(self, before: str, name: str = "", value: str = "", after: str = "") -> None:
        self.text += before
        if name and value:
            self.spans.setdefault(name, []).append([len(self.text), len(self.text) + len(value)])
            self.text += value
        self.text += after

    def joined(self, other: Words) -> None:
        shift = len(self.text)
        self.text += other.text
        for name, spans in other.spans.items():
            self.spans.setdefault(name, []).extend([start + shift, end + shift] for start, end in spans)
        self.choices |= other.choices


def leaf(parameters: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    here: Any = parameters
    for part in name.split("."):
        here = (here if "properties" in here else here["items"])["properties"][part]  # of a list: of its objects
    return here  # type: ignore[no-any-return]


class Writer:
    """Writes requests for tools."""

    def __init__(self, chance: random.Random, bank: Bank) -> None:
        self.chance = chance
        self.values = Values(chance, bank)

    def request(self, tool: Mapping[str, Any], *, several: bool = False, later: bool = False) -> Words:
        """Return words that ask for the tool, or for it several times; what it does comes from its description."""
        c, words = self.chance, Words()
        fields = list(text_of(tool).parameters)
        required = set(tool["parameters"].get("required", ()))
        filled = [f for f in fields if c.random() < (0.92 if f.name in required or not required else 0.4)][:6]
        c.shuffle(filled)
        plain = [f.name for f in filled if not f.choices]
        again = several and len(plain) > 1 and c.random() < 0.5
        many = plain[0] if several and plain and not again else ""
        style = 0.5 if again else c.random()
        free = [
            name
            for name in plain
            if not again and name != many and leaf(tool["parameters"], name).get("type") != "array"
        ]
        words = self._carried(free, tool) if not later and c.random() < _CARRIED else words
        doing = self._inline(self._doing(tool, later=later), [name for name in free if name not in words.spans], tool)
        parts = [self._part(f.name, tool, as_sentence=style > 0.82, several=f.name == many) for f in filled
                 if f.name not in doing.spans and f.name not in words.spans]  # fmt: skip
        if style < 0.12 and parts and not words.text:
            first = parts.pop(0)
            first.text = first.text[:1].upper() + first.text[1:]
            words.joined(first)
            words.add(", ")
        doing.text = doing.text[:1].lower() + doing.text[1:] if words.text.endswith(", ") else doing.text
        words.joined(doing)
        if style > 0.82:
            words.add(c.choice((".", ".", " for me.")))
        for each in parts:
            words.add(c.choice((" ", " ", " ", ", ")) if style <= 0.82 else " ")
            words.joined(each)
        if again:
            self._again(words, plain[: c.choice((1, 2, 2, 3))], tool)
        if not words.text.endswith("."):
            words.add("?" if re.match(r"(can|could|would)", words.text, re.IGNORECASE) else c.choice((".", ".", "")))
        if c.random() < 0.15:
            words.text = words.text[:1].lower() + words.text[1:]
        return words

    def _carried(self, free: Sequence[str], tool: Mapping[str, Any]) -> Words:
        """Say one or two values in sentences before the request, which then does not say them again."""
        c, words = self.chance, Words()
        for name in c.sample(list(free), min(len(free), c.choice((1, 1, 1, 2)))):
            schema, short = leaf(tool["parameters"], name), name.rsplit(".", 1)[-1]
            pattern = c.choice(next(kinds for known, kinds in grammar.CARRIED if re.search(known, short)))
            words.joined(
                self._fill(Words(), pattern, self.called(short, schema), name, [self.values.draw(short, schema)])
            )
            words.add(" ")
        return words

    def _inline(self, doing: str, free: Sequence[str], tool: Mapping[str, Any]) -> Words:
        """Put values in the place of what the description says in general: `of a specific employee`, `between two cities`."""
        c, places = self.chance, list[tuple[int, int, list[str], str]]()
        known = {name: set(spoken(name.rsplit(".", 1)[-1]).split()) for name in free}
        if two := re.search(r"\b(?:two|different) ([a-z]{3,}s)\b", doing):
            pair = [name for name in free if any(word[:5] == two[1][: min(5, len(two[1]) - 1)] for word in known[name])]
            if len(pair) == 2:
                places.append((*two.span(), pair if c.random() < 0.8 else pair[::-1], ""))
        for found in _GENERAL.finditer(doing):
            fits = [name for name in free if known[name] & {found[1].lower(), (found[2] or "").lower()}]
            if fits and not places and c.random() < 0.8:
                end = found.end(2) if found[2] and found[2].lower() in known[fits[0]] else found.end(1)
                noun = doing[found.start(1) : end]
                places.append(
                    (found.start(), end, fits[:1], c.choice(("", "", f"{noun} ", f"the {noun} ", f"{noun} called ")))
                )
        words, at = Words(), 0
        for start, end, names, before in places:
            words.add(doing[at:start] + before)
            for number, name in enumerate(names):
                value, around = self.values.draw(name.rsplit(".", 1)[-1], leaf(tool["parameters"], name))
                left, _, right = around.partition("{}")
                words.add((" and " if number else "") + left, name, value, right)
            at = end
        words.add(doing[at:])
        return words

    def _again(self, words: Words, names: Sequence[str], tool: Mapping[str, Any]) -> None:
        """Ask for the tool once more, or twice, with other values: only what changes is said."""
        for _ in range(self.chance.choice((1, 1, 2))):
            before, _, _ = self.chance.choice(grammar.AGAIN).partition("{}")
            words.add(before)
            for place, name in enumerate(names):
                words.add(" " if place else "")
                words.joined(self._part(name, tool, as_sentence=False, several=False))

    def aside(self, patterns: Sequence[str], unfilled: Sequence[str], *, plain: bool) -> str:
        """Return a sentence of background that holds nothing that a parameter left out is looking for, or nothing.

        `plain`: it holds no name, number or day at all, as something that is needed was not said.
        """
        c = self.chance
        for pattern in c.sample(patterns, 4):
            slots = re.findall(r"\{(\w+)\}", pattern)
            if slots and plain:
                continue
            if not any(re.search(grammar.CLASHES[slot], name, re.IGNORECASE) for slot in slots for name in unfilled):
                return pattern.format(**{slot: self._filler(slot) for slot in slots})
        return ""

    def _filler(self, slot: str) -> str:
        c = self.chance
        match slot:
            case "city":
                return self.values.draw("city", {"type": "string"})[0] or c.choice(COUNTRIES)
            case "person":
                return c.choice((c.choice(FIRST), f"{c.choice(FIRST)} {c.choice(LAST)}"))
            case "number":
                return c.choice((str(c.randint(2, 60)), "two", "three", "five", "twelve"))
            case "money":
                return c.choice((f"${c.randint(2, 900) * 10}", f"{c.randint(1, 90)}00 euros"))
            case "day" | "date":
                return self.values.draw("date", {"type": "string"})[0]
            case "time":
                return c.choice((f"{c.randint(1, 12)} {c.choice(('am', 'pm'))}", f"{c.randint(7, 21)}:30"))
            case "year":
                return str(c.randint(1995, 2026))
            case "month":
                return c.choice(MONTHS)
            case "firm":
                return c.choice(FIRMS)
            case "role":
                return c.choice(grammar.ROLES)
            case "relation":
                return c.choice(grammar.RELATIONS)
            case _:
                return c.choice(MATTERS)

    def _doing(self, tool: Mapping[str, Any], *, later: bool) -> str:
        c = self.chance
        told = re.sub(
            r"(?i)^(send a request to this end ?point to|use this api to|allows you to|this (?:end ?point|function|api) )\s*", "",
            tool["description"],
        )  # fmt: skip
        told = re.split(r"(?<=[a-z)])\.\s|\*\*|\n", told)[0].strip().rstrip(".")
        if len(told) > 110 or not told or c.random() < 0.12:
            told = spoken(tool["name"])
        head, _, rest = told.partition(" ")
        low = head.lower()
        plain = low.removesuffix("s") if not low.endswith("ss") and low != "acces" else low
        verbs = grammar.VERBS.get(plain, (plain if not head.isupper() else head,))
        verb = c.choice(verbs)
        if verb in {"get", "find", "give me", "show me"} and c.random() < 0.2 and rest:
            return c.choice(("What is ", "What's ", "I need ", "I'm looking for ", "Do you know ")) + rest
        opener = "" if later else c.choice(grammar.OPENERS)
        said = f"{opener}{verb} {rest}".strip()
        return said[:1].upper() + said[1:]

    def called(self, name: str, schema: Mapping[str, Any]) -> str:
        """Return what a person calls a parameter: by its name, or as it is described."""
        told = re.sub(r"(?i)^(the|an?|your|optional\.?) ", "", str(schema.get("description", "")))
        told = re.split(r"\s*[(,.;:]| that | which | to be | for which | where | when ", told)[0]
        if told and len(told.split()) <= 5 and self.chance.random() < 0.3:
            return told[:1].lower() + told[1:] if not told[:2].isupper() else told
        return spoken(name)

    def _part(self, name: str, tool: Mapping[str, Any], *, as_sentence: bool, several: bool) -> Words:
        c, words = self.chance, Words()
        schema = leaf(tool["parameters"], name)
        short = name.rsplit(".", 1)[-1]
        called = self.called(short, schema)
        pattern = c.choice(grammar.SAID) if as_sentence else self._pattern(short)
        if schema.get("type") == "boolean":
            return self._boolean(name, schema, called)
        if schema.get("enum"):
            listed = [str(each) for each in schema["enum"]]
            value = c.choice(listed)
            words.choices[name] = listed.index(value)
            if value in grammar.TYPED and c.random() < 0.5:
                words.add(c.choice(grammar.TYPED[value]))
                return words
            return self._fill(words, pattern, called, "", [(spoken(value) if c.random() < 0.5 else value, "{}")])
        inner = schema.get("items") if schema.get("type") == "array" else None
        if inner is not None or several:
            count = c.choice((1, 1, 2, 2, 3, 4) if inner else (2, 2, 3))
            values = self.values.listed(short, {**schema, **(inner or {})}, count)
            quote = c.choice(("{}", "{}", "{}", '"{}"', "'{}'"))
            return self._fill(words, pattern, called, name, [(value, quote) for value in values])
        return self._fill(words, pattern, called, name, [self.values.draw(short, schema)])

    def _boolean(self, name: str, schema: Mapping[str, Any], called: str) -> Words:
        c, words = self.chance, Words()
        yes = c.random() < 0.6
        words.choices[name] = 0 if yes else 1
        does = re.match(r"(?i)(?:whether|if true,?|set to true|flag|indicates whether) (?:or not )?to ([^(.,]{4,50})", str(schema.get("description", "")))  # fmt: skip
        if does and c.random() < 0.6:
            words.add(c.choice(grammar.DO if yes else grammar.DONT).format(does[1].strip()))
            return words
        bare = re.sub(r"^(include|is|has|enable|use|with|allow|show|whether) ", "", called)
        pattern = c.choice(grammar.ON if yes else grammar.OFF)
        words.add(pattern.replace("{name}", called).replace("{}", bare))
        return words

    def _pattern(self, name: str) -> str:
        c = self.chance
        for known, patterns in grammar.CLASSES:
            if re.search(known, name) and c.random() < 0.7:
                return c.choice(patterns)
        return c.choice(grammar.PLAIN)

    def _fill(self, words: Words, pattern: str, called: str, name: str, values: Sequence[tuple[str, str]]) -> Words:
        before, _, after = pattern.replace("{name}", called).partition("{}")
        words.add(before)
        marks = [", "] * (len(values) - 2) + [self.chance.choice((" and ", ", and ", " & "))] if len(values) > 1 else []
        for (value, around), mark in zip(values, [*marks, ""], strict=True):
            left, _, right = around.partition("{}")
            words.add(left, name or "\0", value, right + mark)
        words.add(after)
        words.spans.pop("\0", None)
        return words
