"""Synthesise: requests written over thousands of tool schemas, with the place of every argument.

`python -m training.synthesise`. Schemas of Seal-Tools and apizoo (Apache-2.0) and the openly licensed sets. The grammar was
written from the training data and from common English; no held-out request was looked at.
"""

from __future__ import annotations

import argparse
import copy
import random
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from doer.training.examples import Example, heard, slim, text_of, write
from training.convert import tools_of
from training.values import Values, examples_of

OPENERS = (
    "",
    "",
    "",
    "",
    "Please ",
    "Can you ",
    "Could you ",
    "I want to ",
    "I need to ",
    "I'd like to ",
    "Help me ",
    "Could you please ",
    "I would like you to ",
    "Hey, ",
    "Quickly ",
    "Would you mind helping me ",
)
JOINTS = (
    " Then, ",
    " Also, ",
    " After that, ",
    " Additionally, ",
    " Next, ",
    " Finally, ",
    " And ",
    " Lastly, please ",
    " I also need you to ",
)
ASKS = (
    "Sure. What is the {}?",
    "Could you tell me the {}?",
    "Which {}?",
    "I need the {} for that.",
    "Please give me the {}.",
    "What {} should I use?",
)
TELLS = (
    "{}",
    "{}.",
    "It's {}.",
    "The {name} is {}.",
    "Use {}.",
    "{}, please.",
    "Let's take {}.",
    "Make it {}.",
    "I think {}.",
)
VERBS = {
    "retrieve": ("get", "find", "show me", "look up", "fetch", "give me", "tell me", "retrieve", "pull up", "provide"),
    "calculate": ("calculate", "compute", "work out", "figure out", "determine"),
    "create": ("create", "make", "set up", "add"), "returns": ("get", "show me", "list"), "gets": ("get", "show me"),
    "add": ("add", "put in"), "check": ("check", "see", "verify"), "update": ("update", "change"), "send": ("send",),
    "delete": ("delete", "remove", "get rid of"), "get": ("get", "show me", "give me"), "find": ("find", "look for"),
}  # fmt: skip
CLASSES: tuple[tuple[str, tuple[str, ...]], ...] = (
    (r"^(location|city|country|region|area|place|venue|state)$", ("in {}", "for {}", "in {}", "at {}", "around {}")),
    (r"destination|^to$", ("to {}", "going to {}", "in {}")),
    (r"origin|departure_(city|location)|^from$", ("from {}", "leaving {}")),
    (r"start_date|start_time|^start$|from_date", ("from {}", "starting {}", "starting on {}", "beginning {}")),
    (r"end_date|end_time|^end$|to_date", ("to {}", "until {}", "ending on {}", "through {}")),
    (r"date$|day$|deadline", ("on {}", "for {}", "on {}", "dated {}")),
    (r"time$", ("at {}", "for {}", "at {}")), (r"year$", ("in {}", "for {}", "for the year {}", "in the year {}")),
    (r"duration|period", ("for {}", "over {}", "lasting {}", "for a period of {}")),
    (r"language", ("in {}", "into {}", "in {}")), (r"unit|currency|format", ("in {}", "using {}", "as {}")),
    (r"recipient|email|attendee", ("to {}", "for {}", "with {}")), (r"author|artist", ("by {}", "from {}")),
    (r"title|(^|_)name$", ("called {}", "named {}", "{}", "for {}", "titled {}")),
    (r"topic|subject|theme", ("about {}", "on {}", "on the topic of {}")),
    (r"message|content|text|body", ("saying {}", "that says {}", "with the text {}", "{}")),
    (r"(^|_)ids?$|Id$", ("with ID {}", "with the {name} {}", "{}", "for {name} {}", "({name}: {})", "whose {name} is {}")),
    (r"^age$", ("aged {}", "who is {} years old", "with age {}", "for a {}-year-old")),
)  # fmt: skip
PLAIN = (
    "with {name} {}",
    "with a {name} of {}",
    "where the {name} is {}",
    "using {} as the {name}",
    "for {}",
    "for the {name} {}",
    "with the {name} set to {}",
    "and {name} {}",
    "{name}: {}",
    "for {name} {}",
    "({name} {})",
    "using {}",
)
SAID = (
    "The {name} is {}.",
    "The {name} should be {}.",
    "Use {} as the {name}.",
    "{name}: {}.",
    "Set the {name} to {}.",
    "My {name} is {}.",
    "{} is the {name}.",
)


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


def spoken(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|[_.\-]+", " ", name).strip().lower()


class Writer:
    """Writes requests for tools."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.values = Values(chance)

    def varied(self, tool: Mapping[str, Any]) -> dict[str, Any]:
        """Return the tool with other types now and then: choices, lists, nested objects, one more that is not needed."""
        made, c = copy.deepcopy(slim(tool)), self.chance
        fields = made["parameters"].setdefault("properties", {})
        for schema in fields.values():
            shown = examples_of(schema.get("description", ""))
            if schema.get("type") == "string" and len(shown) > 1 and c.random() < 0.35:
                schema["enum"] = shown
                schema["description"] = re.sub(r"\s*\(e\.?g\.?[^)]*\)", "", schema["description"])
            elif schema.get("type") in ("string", "number") and not schema.get("enum") and c.random() < 0.12:
                schema["items"], schema["type"] = {"type": schema["type"]}, "array"
        if c.random() < 0.12 and len(fields) > 2 and not any("." in name for name in fields):
            names = c.sample(list(fields), 2)
            inner = {name: fields.pop(name) for name in names}
            fields[c.choice(("details", "options", "settings", "config", "info"))] = {
                "type": "object",
                "properties": inner,
            }
        return made

    def request(self, tool: Mapping[str, Any], *, several: bool = False, later: bool = False) -> Words:
        """Return words that ask for the tool; what it does comes from its description."""
        c, words = self.chance, Words()
        fields = list(text_of(tool).parameters)
        required = set(tool["parameters"].get("required", ()))
        filled = [f for f in fields if c.random() < (0.92 if f.name in required or not required else 0.45)][:6]
        c.shuffle(filled)
        many = next((f.name for f in filled if not f.choices), "") if several else ""
        doing, style = self._doing(tool, later=later), c.random()
        parts = [self._part(f.name, tool, as_sentence=style > 0.82, several=f.name == many) for f in filled]
        if style < 0.12 and parts:
            first = parts.pop(0)
            first.text = first.text[:1].upper() + first.text[1:]
            words.joined(first)
            words.add(", ")
        words.add(doing if not words.text else doing[:1].lower() + doing[1:])
        if style > 0.82:
            words.add(c.choice((".", ".", " for me.")))
        for each in parts:
            words.add(c.choice((" ", " ", " ", ", ")) if style <= 0.82 else " ")
            words.joined(each)
        if not words.text.endswith("."):
            words.add("?" if re.match(r"(can|could|would)", words.text, re.IGNORECASE) else c.choice((".", ".", "")))
        if c.random() < 0.15:
            words.text = words.text[:1].lower() + words.text[1:]
        return words

    def _doing(self, tool: Mapping[str, Any], *, later: bool) -> str:
        c = self.chance
        told = re.sub(
            r"(?i)^(send a request to this end ?point to|use this api to|allows you to)\s+", "", tool["description"]
        )
        told = re.split(r"(?<=[a-z)])\.\s|\*\*|\n", told)[0].strip().rstrip(".")
        if len(told) > 110 or not told or c.random() < 0.12:
            told = spoken(tool["name"])
        head, _, rest = told.partition(" ")
        plain = (
            head.lower().removesuffix("s")
            if not head.lower().endswith("ss") and head.lower() != "acces"
            else head.lower()
        )
        verbs = VERBS.get(plain, (plain if not head.isupper() else head,))
        verb = c.choice(verbs)
        if verb in {"get", "find", "give me", "show me"} and c.random() < 0.2 and rest:
            return c.choice(("What is ", "What's ", "I need ", "I'm looking for ", "Do you know ")) + rest
        opener = "" if later else c.choice(OPENERS)
        said = f"{opener}{verb} {rest}".strip()
        return said[:1].upper() + said[1:]

    def _part(self, name: str, tool: Mapping[str, Any], *, as_sentence: bool, several: bool) -> Words:
        c, words = self.chance, Words()
        schema = _leaf(tool["parameters"], name)
        short = name.rsplit(".", 1)[-1]
        called = spoken(short)
        pattern = c.choice(SAID) if as_sentence else self._pattern(short)
        if schema.get("type") == "boolean":
            yes = c.random() < 0.6
            bare = re.sub(r"^(include|is|has|enable|use|with|allow|show|whether) ", "", called)
            words.choices[name] = 0 if yes else 1
            words.add(
                c.choice(
                    (
                        f"with {bare}",
                        f"and include {bare}",
                        f"{called}: true",
                        f"including {bare}",
                        f"with {called} on",
                        f"and {called}",
                    )
                    if yes
                    else (
                        f"without {bare}",
                        f"no {bare}",
                        f"and don't include {bare}",
                        f"{called}: false",
                        f"with {called} off",
                    )
                )
            )
            return words
        if schema.get("enum"):
            listed = [str(each) for each in schema["enum"]]
            value = c.choice(listed)
            words.choices[name] = listed.index(value)
            return self._fill(words, pattern, called, "", [(spoken(value) if c.random() < 0.5 else value, "{}")])
        inner = schema.get("items") if schema.get("type") == "array" else None
        if inner is not None or several:
            values = self.values.listed(
                short, {**schema, **(inner or {})}, c.choice((1, 2, 2, 3, 3, 4) if inner else (2, 2, 3))
            )
            quote = c.choice(("{}", "{}", "{}", '"{}"', "'{}'"))
            return self._fill(words, pattern, called, name, [(value, quote) for value in values])
        return self._fill(words, pattern, called, name, [self.values.draw(short, schema)])

    def _pattern(self, name: str) -> str:
        c = self.chance
        for known, patterns in CLASSES:
            if re.search(known, name) and c.random() < 0.7:
                return c.choice(patterns)
        return c.choice(PLAIN)

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


def _leaf(parameters: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    here: Any = parameters
    for part in name.split("."):
        here = here["properties"][part]
    return here  # type: ignore[no-any-return]


def labels(tool: Mapping[str, Any], words: Words, spans_of: set[tuple[int, int]], shift: int = 0) -> dict[str, Any]:
    found = dict[str, Any]()
    for parameter in text_of(tool).parameters:
        name = parameter.name
        if name in words.choices:
            found[name] = {"choice": words.choices[name]} if words.choices[name] < len(parameter.choices) else "unknown"
        elif name in words.spans:
            spans = [[start + shift, end + shift] for start, end in words.spans[name]]
            found[name] = {"spans": spans} if all(tuple(each) in spans_of for each in spans) else "unknown"
        else:
            found[name] = None
    return found


def single(writer: Writer, tools: Sequence[Mapping[str, Any]], near: Mapping[int, Sequence[int]]) -> Iterator[Example]:
    """One request of one to three tools, perhaps over several turns: an example for each, and for one that does not fit."""
    c = writer.chance
    count = c.choices((1, 2, 3), (0.7, 0.2, 0.1))[0]
    places = [c.randrange(len(tools)) for _ in range(count)]
    made = [writer.varied(tools[place]) for place in places]
    several = [count == 1 and c.random() < 0.15 for _ in made]
    written = [
        writer.request(tool, several=many, later=place > 0)
        for place, (tool, many) in enumerate(zip(made, several, strict=True))
    ]
    several = [any(len(spans) > 1 and _leaf(tool["parameters"], name).get("type") != "array" for name, spans in words.spans.items())
               for tool, words in zip(made, written, strict=True)]  # fmt: skip
    turns, shifts = list[str](), list[int]()
    text = Words()
    for place, words in enumerate(written):
        if place:
            text.add(c.choice(JOINTS))
            if not text.text.endswith("please "):
                words.text = words.text[:1].lower() + words.text[1:]
        shifts.append(len(text.text))
        text.add(words.text)
    turns = [text.text]
    if count == 1 and c.random() < 0.3:
        turns = _dialogue(writer, made[0], written[0], text.text)
    spans = {(each.start, each.end) for each in heard(turns).heard.candidates}
    for tool, words, many, shift in zip(made, written, several, shifts, strict=True):
        yield Example(
            turns, tool, relevant=True, source="synthesised", several=many, labels=labels(tool, words, spans, shift)
        )
    if c.random() < 0.6:
        other = c.choice(near[places[0]]) if near.get(places[0]) and c.random() < 0.8 else c.randrange(len(tools))
        if other not in places:
            yield Example(turns, slim(tools[other]), relevant=False, source="synthesised")


def _dialogue(writer: Writer, tool: Mapping[str, Any], words: Words, said: str) -> list[str]:
    """Leave parameters to later turns: the assistant asks for one after another, now and then for two at once."""
    c, turns = writer.chance, [said]
    plain = ("array", "boolean", "object")
    left = [
        p.name
        for p in text_of(tool).parameters
        if p.name not in words.spans
        and p.name not in words.choices
        and not p.choices
        and _leaf(tool["parameters"], p.name).get("type") not in plain
    ]
    c.shuffle(left)
    for _ in range(c.choice((1, 1, 2, 3))):
        asked, left = left[: c.choice((1, 1, 2))], left[2:]
        if not asked:
            break
        called = [spoken(name.rsplit(".", 1)[-1]) for name in asked]
        turns.append(c.choice(ASKS).format(" and the ".join(called)))
        told = Words()
        for name, word in zip(asked, called, strict=True):
            value, around = writer.values.draw(name.rsplit(".", 1)[-1], _leaf(tool["parameters"], name))
            pattern = (
                c.choice(TELLS)
                if len(asked) == 1
                else c.choice(("The {name} is {}", "{name}: {}", "{}", "{} as {name}"))
            )
            before, _, after = pattern.replace("{name}", word).partition("{}")
            left_of, _, right_of = around.partition("{}")
            told.add((" and " if told.text else "") + before + left_of, name, value, right_of + after)
        shift = sum(len(turn) + 1 for turn in turns)
        for name, spans in told.spans.items():
            words.spans[name] = [[start + shift, end + shift] for start, end in spans]
        turns.append(told.text)
    if len(turns) > 1 and c.random() < 0.2:  # what was told is not told again at the end
        turns += [c.choice(("Shall I go ahead?", "Is that all?", "Do you confirm?", "Anything else?"))]
        turns += [c.choice(("Yes.", "Yes, please.", "That's right.", "Go ahead.", "No, thanks."))]
    return turns


def usable(tool: Mapping[str, Any]) -> bool:
    fields = tool["parameters"].get("properties", {})
    told = tool["description"]
    return (
        8 < len(told) < 400 and len(fields) <= 9 and not told.startswith("This endpoint") and "." not in "".join(fields)
    )


def neighbours(tools: Sequence[Mapping[str, Any]], most: int = 8) -> dict[int, list[int]]:
    """Near misses: tools that share the rarest words, but are not so alike that either would do."""
    words = [frozenset(re.findall(r"[a-z]{3,}", f"{spoken(t['name'])} {t['description']}".lower())) for t in tools]
    having = dict[str, list[int]]()
    for place, own in enumerate(words):
        for word in own:
            having.setdefault(word, []).append(place)
    found = dict[int, list[int]]()
    for place, own in enumerate(words):
        score = defaultdict[int, float](float)
        for word in own:
            if len(having[word]) < 200:
                for other in having[word]:
                    score[other] += 1.0 / len(having[word]) ** 0.5
        ranked = [
            each
            for each in sorted(score, key=lambda each: -score[each])[: 3 * most]
            if len(own & words[each]) < 0.7 * len(own | words[each])
        ]
        found[place] = [each for each in ranked if each != place][:most]
    return found


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--data", type=Path, required=True)
    asked.add_argument("--to", type=Path, required=True)
    asked.add_argument("--seed", type=int, default=4)
    asked.add_argument("--requests", type=int, default=30_000)
    given = asked.parse_args()
    chance = random.Random(f"synthesise {given.seed}")
    every = [
        tool
        for tool in tools_of(given.data).values()
        if tool["source"] in ("seal_tools", "apizoo", "nlu_home", "tau_retail")
    ]
    every = [tool for tool in every if usable(tool)]
    seal = [tool for tool in every if tool["source"] == "seal_tools"]
    chance.shuffle(every)
    tools = seal + [tool for tool in every if tool["source"] != "seal_tools"][:500]
    near, writer = neighbours(tools), Writer(chance)

    def examples() -> Iterator[Example]:
        for _ in range(given.requests):
            yield from single(writer, tools, near)

    print(len(tools), "tools;", write(given.to / "synthesised.jsonl.gz", examples()), "examples")


if __name__ == "__main__":
    main()
