"""Synthesise: requests written over thousands of tool schemas, with the place of every argument.

`python -m training.synthesise`. Schemas of Seal-Tools and apizoo (Apache-2.0) and the openly licensed sets. The grammar was
written from the training data and from common English; no held-out request was looked at.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from doer.domain.scoring import TURN
from doer.training.examples import Example, heard, read, slim, text_of, write
from training import grammar
from training.bank import Bank
from training.convert import rows_of, tools_of
from training.schemas import neighbours, renamed, usable, varied
from training.swap import variants
from training.values import Values
from training.writer import Words, Writer, leaf

SCHEMAS = ("seal_tools", "apizoo", "nlu_home", "tau_retail")
VALUES = ("seal_tools", "snips", "nlu_home", "home_assistant")
"""Rows whose arguments are values of other requests too."""


@dataclass
class Asked:
    """One call of a request: its tool and the words for it."""

    tool: dict[str, Any]
    words: Words

    @property
    def several(self) -> bool:
        """Whether a parameter that is no list has several values."""
        listed = (leaf(self.tool["parameters"], name).get("type") == "array" for name in self.words.spans)
        return any(len(spans) > 1 and not many for spans, many in zip(self.words.spans.values(), listed, strict=True))

    def unfilled(self) -> list[str]:
        names = (each.name for each in text_of(self.tool).parameters)
        return [name for name in names if name not in self.words.spans and name not in self.words.choices]

    def moved(self, by: int) -> None:
        for spans in self.words.spans.values():
            spans[:] = [[start + by, end + by] for start, end in spans]


class Synthesis:
    """Requests without end, over these tools."""

    def __init__(self, tools: Sequence[Mapping[str, Any]], plain: int, bank: Bank, chance: random.Random) -> None:
        """`plain`: so many tools, from the first, are drawn more often."""
        self.tools, self.plain, self.chance, self.near = tools, plain, chance, neighbours(tools)
        self.writer = Writer(chance, bank)

    def request(self) -> Iterator[Example]:
        """Yield an example for each tool of one request, perhaps over several turns, and for such as do not fit."""
        c = self.chance
        count = c.choices((1, 2, 3, 4), (0.66, 0.2, 0.1, 0.04))[0]
        places = [self._drawn() for _ in range(count)]
        asked = [self._asked(place, alone=count == 1, later=number > 0) for number, place in enumerate(places)]
        text = self._sequence(asked)
        turns = [text]
        if count == 1 and c.random() < 0.3:
            turns = self._dialogue(asked[0], text)
        turns = self._roughened(turns, asked)
        spans = {(each.start, each.end) for each in heard(turns).heard.candidates}
        for each in asked:
            tool, told = each.tool, labels(each.tool, each.words, spans)
            if c.random() < 0.3:
                tool, before = renamed(tool, c)
                told = {name: told[before[name]] for name in before if before[name] in told}
            yield Example(turns, tool, relevant=True, source="synthesised", several=each.several, labels=told)
        yield from self._others(turns, places)

    def _drawn(self) -> int:
        """A tool: mostly one whose description says in plain words what it does."""
        return self.chance.randrange(self.plain if self.chance.random() < 0.72 else len(self.tools))

    def _asked(self, place: int, *, alone: bool, later: bool) -> Asked:
        c = self.chance
        tool = varied(self.tools[place], c.choice(self.tools), c)
        return Asked(tool, self.writer.request(tool, several=c.random() < (0.15 if alone else 0.06), later=later))

    def _others(self, turns: list[str], places: Sequence[int]) -> Iterator[Example]:
        """Tools that are not meant: mostly near misses, else their words would give them away."""
        c = self.chance
        for share in (0.6, 0.25):
            near = self.near.get(places[0], ())
            other = c.choice(near) if near and c.random() < 0.75 else c.randrange(len(self.tools))
            if other not in places and c.random() < share:
                tool = varied(self.tools[other], c.choice(self.tools), c)
                tool = renamed(tool, c)[0] if c.random() < 0.3 else slim(tool)
                yield Example(turns, tool, relevant=False, source="synthesised")

    def _sequence(self, asked: Sequence[Asked]) -> str:
        """One text of all calls, with what a person says around them."""
        c, text = self.chance, ""
        unfilled = [name for each in asked for name in each.unfilled()]
        plain = any(name in each.tool["parameters"].get("required", ()) for each in asked for name in each.unfilled())
        for _ in range(c.choices((0, 1, 2), (0.65, 0.25, 0.1))[0]):
            said = self.writer.aside(grammar.BEFORE, unfilled, plain=plain)
            text += said + " " if said else ""
        for number, each in enumerate(asked):
            if number:
                text = text.rstrip() if text.rstrip()[-1:] in ".?" else text.rstrip() + "."
                text += c.choice(grammar.JOINTS)
                if not text.endswith("please "):
                    each.words.text = each.words.text[:1].lower() + each.words.text[1:]
            each.moved(len(text))
            text += each.words.text
        if c.random() < 0.2 and (said := self.writer.aside(grammar.AFTER, unfilled, plain=plain)):
            text += (" " if text[-1:] in ".?" else ". ") + said
        return text

    def _dialogue(self, asked: Asked, said: str) -> list[str]:
        """Leave parameters to later turns: the assistant asks for one after another, or for two at once; some are put right."""
        c, turns, tool = self.chance, [said], asked.tool
        plain = ("array", "boolean", "object")
        left = [name for name in asked.unfilled() if not self._schema(tool, name).get("enum")
                and self._schema(tool, name).get("type") not in plain]  # fmt: skip
        c.shuffle(left)
        for _ in range(c.choice((0, 1, 1, 2, 3))):
            names, left = left[: c.choice((1, 1, 2))], left[2:]
            if not names:
                break
            called = [self.writer.called(name.rsplit(".", 1)[-1], self._schema(tool, name)) for name in names]
            turns.append(c.choice(grammar.ASKS).format(" and the ".join(called)))
            both = ("The {name} is {}", "{name}: {}", "{}", "{} as {name}")
            patterns = [c.choice(grammar.TELLS if len(names) == 1 else both) for _ in names]
            self._tell(asked, turns, list(zip(names, called, patterns, strict=True)))
        once = [name for name in asked.words.spans if len(asked.words.spans[name]) == 1]
        once = [name for name in once if self._schema(tool, name).get("type") != "array"]
        if once and not asked.several and c.random() < 0.3:
            name = c.choice(once)
            known = self.writer.called(name.rsplit(".", 1)[-1], self._schema(tool, name))
            turns.append(c.choice(grammar.DONE))
            self._tell(asked, turns, [(name, known, c.choice(grammar.ADJUST))])
        if len(turns) > 1 and c.random() < 0.2:  # what was told is not told again at the end
            turns += [c.choice(("Shall I go ahead?", "Is that all?", "Do you confirm?", "Anything else?"))]
            turns += [c.choice(("Yes.", "Yes, please.", "That's right.", "Go ahead.", "No, thanks."))]
        return turns

    def _tell(self, asked: Asked, turns: list[str], what: Sequence[tuple[str, str, str]]) -> None:
        """Add a turn that says values; they stand for what was said of the same parameters before."""
        told = Words()
        for name, called, pattern in what:
            value, around = self.writer.values.draw(name.rsplit(".", 1)[-1], self._schema(asked.tool, name))
            before, _, after = pattern.replace("{name}", called).partition("{}")
            left, _, right = around.partition("{}")
            told.add((" and " if told.text else "") + before + left, name, value, right + after)
        shift = sum(len(turn) + len(TURN) for turn in turns)
        for name, spans in told.spans.items():
            asked.words.spans[name] = [[start + shift, end + shift] for start, end in spans]
        turns.append(told.text)

    @staticmethod
    def _schema(tool: Mapping[str, Any], name: str) -> Mapping[str, Any]:
        return leaf(tool["parameters"], name)

    def _roughened(self, turns: list[str], asked: Sequence[Asked]) -> list[str]:
        """As people type: all in small letters, or with letters exchanged outside the values. Places stay as they are."""
        c = self.chance
        if c.random() < 0.12:
            low = [turn.lower() for turn in turns]
            return low if all(len(a) == len(b) for a, b in zip(low, turns, strict=True)) else turns
        if c.random() > 0.15:
            return turns
        letters = list(TURN.join(turns))
        kept = {place for each in asked for spans in each.words.spans.values() for start, end in spans for place in range(start, end)}  # fmt: skip
        for place in range(1, len(letters) - 2):
            here, after = letters[place], letters[place + 1]
            if c.random() < 0.025 and here.isalpha() and after.isalpha() and not {place, place + 1} & kept:
                if c.random() < 0.6:
                    letters[place], letters[place + 1] = after, here
                else:
                    letters[place] = c.choice("abcdefghiklmnoprstuw")
        return "".join(letters).split(TURN)


def labels(tool: Mapping[str, Any], words: Words, spans_of: set[tuple[int, int]]) -> dict[str, Any]:
    """Return what is right about every parameter; words that are no candidate are not learnt from."""
    found = dict[str, Any]()
    for parameter in text_of(tool).parameters:
        name = parameter.name
        if name in words.choices:
            found[name] = {"choice": words.choices[name]} if words.choices[name] < len(parameter.choices) else "unknown"
        elif name in words.spans:
            found[name] = {"spans": words.spans[name]} if all(tuple(each) in spans_of for each in words.spans[name]) else "unknown"  # fmt: skip
        else:
            found[name] = None
    return found


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--data", type=Path, required=True)
    asked.add_argument("--to", type=Path, required=True)
    asked.add_argument("--seed", type=int, default=4)
    asked.add_argument("--requests", type=int, default=30_000)
    asked.add_argument("--others", type=int, default=1500, help="schemas beside those of Seal-Tools")
    asked.add_argument("--variants", type=int, default=12, help="of each row of Seal-Tools; convert comes before")
    given = asked.parse_args()
    chance = random.Random(f"synthesise {given.seed}")
    every = [tool for tool in tools_of(given.data).values() if tool["source"] in SCHEMAS and usable(tool)]
    seal = [tool for tool in every if tool["source"] == "seal_tools"]
    rest = [tool for tool in every if tool["source"] != "seal_tools" and tool["parameters"].get("properties")]
    chance.shuffle(rest)
    tools = seal + rest[: given.others]
    rows = (row for source in VALUES for row in rows_of(given.data / f"{source}.train.jsonl.gz"))
    bank = Bank(tools, rows)
    synthesis = Synthesis(tools, len(seal), bank, chance)

    def examples() -> Iterator[Example]:
        for _ in range(given.requests):
            yield from synthesis.request()

    print(len(tools), "tools;", write(given.to / "synthesised.jsonl.gz", examples()), "examples", flush=True)
    values, few = Values(chance, bank), list(read(given.to / "seal_tools.jsonl.gz"))
    many = list(read(given.to / "written.jsonl.gz"))
    other = chain(variants(few, values, chance, given.variants), variants(many, values, chance, 1))
    print(write(given.to / "swapped.jsonl.gz", other), "with other values")


if __name__ == "__main__":
    main()
