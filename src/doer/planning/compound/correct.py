"""Corrections: what a person says of a plan before anything was done (`Tuesday instead`) changes the goal that was said.

What is replaced is found by its type and by the words around it; where several things could be meant it is asked. Words
of a correction are read as of the moment at which it was said.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from doer.domain.goal import CORRECTION, Answer, Declined, Goal, Option, Question
from doer.domain.value import Json
from doer.intent.grounder import Grounder
from doer.intent.mention import Mention
from doer.intent.text import stem, words
from doer.intent.vocabulary import alike
from doer.planning.compound.divide import divide
from doer.planning.compound.draft import AS_IT_WAS, NOTHING, Draft
from doer.planning.compound.saying import (
    ADDING,
    COUNTS,
    ONLY,
    TYPED,
    WITHOUT,
    alike_links,
    is_called,
    new_and_old,
    same_kind,
    says_all,
    word_before,
)
from doer.planning.matching.cues import Cues
from doer.planning.matching.space import Space
from doer.planning.skills.slots import SlotSpec
from doer.planning.stop import Stop
from doer.planning.words.utterance import Span, Utterance


@dataclass(frozen=True, slots=True)
class _Held:
    """A slot of a unit that the draft means."""

    key: str
    """Under which answers about it are filed."""
    spec: SlotSpec
    cues: Cues
    span: Span | None
    """Where its words are; None where it has none."""
    part: Span


def drafted(space: Space, goal: Goal, answers: Sequence[Answer]) -> Draft:
    """Return the goal with its corrections made. Raises Stop with a question where one cannot be understood."""
    draft, number = Draft(goal.text), 0
    later = {each.slot: each for each in answers if each.slot.startswith(f"{CORRECTION}.")}
    for each in answers:
        if each.slot == CORRECTION:
            number += 1
            word = later.get(f"{CORRECTION}.{number}")
            draft = _Correcting(space, goal, draft, number, word).made(each)
        elif each.slot not in later:
            draft = replace(draft, answers=(*draft.answers, each))
    return draft


@dataclass(frozen=True, slots=True)
class _Correcting:
    space: Space
    goal: Goal
    draft: Draft
    number: int
    word: Answer | None
    """What was said when it was asked what this correction means."""

    def made(self, said: Answer) -> Draft:
        chosen = self.word.value if self.word is not None else None
        if chosen == "ignore":
            return self.draft
        if chosen == "nothing":
            raise Stop(Declined(NOTHING))
        again = self.word is not None and chosen is None
        text = self.word.text if self.word is not None and again else said.text
        goal = replace(self.goal, said_at=datetime.fromisoformat(str(said.value))) if said.value else self.goal
        if found := ONLY.match(text):
            count = COUNTS.get((found["n"] or "one").lower()) or int(found["n"])
            return replace(self.draft, first=(self.number, count))
        grounder = Grounder.of(goal)
        found_out = WITHOUT.match(text)
        if found_out and not [
            each
            for each in grounder.mentions(found_out["what"])
            if text.lower().startswith("no") and each.kind in TYPED
        ]:
            return self._without(found_out["what"], text)
        if (more := ADDING.match(text)) and chosen is None:
            added = self._added(more["what"] or more["what2"], text, grounder)
            if added is not None:
                return added
        return self._replaced(text, grounder, chosen)

    # --- one more, or one less, of several ------------------------------------------------------------------------------

    def _added(self, what: str, text: str, grounder: Grounder) -> Draft | None:
        """The draft with one more in the list of its kind; None where nothing of that kind is said. Raises Stop where what
        it would join takes only one, or several could be meant.
        """
        new = [each for each in grounder.mentions(what) if each.kind in TYPED]
        if len(new) != 1:
            return None
        alike = [each for each in self._mentions() if same_kind(each, new[0])]
        lists = [each for each in self._held() if each.spec.many and each.span is not None]
        places = {
            each.span: [one for one in alike if each.span and each.span[0] <= one.start < each.span[1]]
            for each in lists
        }
        fit = [found[-1] for found in places.values() if found]
        if len(fit) != 1:
            raise self._unclear(text, "" if not alike else "only one of that kind can be told")
        last = fit[0]
        return self.draft.put((last.start, last.end), f"{last.text} and {new[0].text}", text)

    def _one_less(self, what: str, text: str) -> Draft | None:
        """The draft without one of the several that a list names; None where none of several is called so."""
        lists = [each.span for each in self._held() if each.spec.many and each.span is not None]
        for span in lists:
            named = [each for each in self._mentions() if span[0] <= each.start < span[1]]
            lost = [
                each
                for each in named
                if what.strip().casefold() in {each.text.casefold(), each.text.split()[0].casefold()}
            ]
            if len(lost) != 1 or len(named) < 2:
                continue
            place = named.index(lost[0])
            start = named[place - 1].end if place else lost[0].start
            end = lost[0].end if place else named[1].start
            return self.draft.put((start, end), "", text)
        return None

    # --- something else instead ---------------------------------------------------------------------------------------

    def _replaced(self, text: str, grounder: Grounder, chosen: Json) -> Draft:
        new, old = new_and_old(text)
        found = [part for each in grounder.mentions(new) for part in (each.parts or (each,)) if part.kind in TYPED]
        held = self._held()
        if not found or (len(found) == 1 and found[0].kind == "person" and self._named(new, held)):
            return self._by_name(new, text, held)
        draft = self.draft
        for each in found:
            draft = replace(self, draft=draft).one(each, (new, old, text), grounder, chosen)
        return draft

    def one(self, new: Mention, said: tuple[str, str, str], grounder: Grounder, chosen: Json) -> Draft:
        """Return the draft with one new value in the place of the one that it replaces."""
        words_, old, text = said
        held = self._held()
        if not new.readings:
            raise self._unclear(text, new.problem)
        alike = [each for each in self._mentions() if same_kind(each, new)]
        taken = [each for each in alike if _is_held(each, held)]
        taken = [each for each in taken if each.kind == new.kind] or taken
        near = word_before(words_, new.start)
        linked = [each for each in taken if alike_links(word_before(self.draft.text, each.start), near)]
        if new.kind == "person" and not linked:
            taken = [each for each in taken if _is_somebody(each, held)] or taken
        if not taken and len(alike) == 1:
            taken = alike  # the one name, day or number that a text has: `call Ana`
        if old:
            taken = [each for each in taken if is_called(each, old, grounder)] or taken
        if len(taken) > 1:
            taken = [each for each in taken if each in linked] or taken
        if isinstance(chosen, int) and any(each.start == chosen for each in taken):
            taken = [each for each in taken if each.start == chosen]
        days = self._days_apart(new, taken, held) if not old else []
        for day in days:
            if chosen == f"at {day.start}":
                return self.draft.put((day.end, day.end), f" at {self._written(new, day, text, None)}", text)
        if days and not isinstance(chosen, int):
            others = [Option(f"{day.text} at {new.text}", f"at {day.start}") for day in days]
            instead = [Option(f"instead of {each.text!r}", each.start) for each in taken]
            raise Stop(Question(f"{CORRECTION}.{self.number}", f"What does {text!r} mean?", (*others, *instead)))
        if len({(each.start, each.end) for each in taken}) > 1:
            options = tuple(Option(f"instead of {each.text!r}", each.start) for each in taken)
            raise Stop(Question(f"{CORRECTION}.{self.number}", f"What does {text!r} replace?", options))
        if taken:
            return self.draft.put((taken[0].start, taken[0].end), self._written(new, taken[0], text, chosen), text)
        return self._untold(new, text, held)

    def _days_apart(self, new: Mention, taken: Sequence[Mention], held: Sequence[_Held]) -> list[Mention]:
        """Days in other slots than the time that would be replaced: `my 3 pm … to Thursday`, `at 4 pm`."""
        if new.kind != "time" or not taken:
            return []
        spans = [each.span for each in held if each.span is not None]
        mine = [span for span in spans if any(span[0] <= each.start < span[1] for each in taken)]
        away = [span for span in spans if not any(span[0] < other[1] and other[0] < span[1] for other in mine)]
        return [each for each in self._mentions() if each.kind == "date" and any(a <= each.start < b for a, b in away)]

    def _written(self, new: Mention, old: Mention, text: str, chosen: Json) -> str:
        """The words that stand for a new value: of a date the day itself, as relative words mean another when said later."""
        if new.kind == "number" and old.kind == "amount":
            return re.sub(r"\d[\d.,]*", new.text, old.text, count=1)
        if new.kind == "date" and len(new.readings) > 1:
            values = [each.value for each in new.readings]
            if chosen in values:
                return str(chosen)
            options = tuple(Option(each.label, each.value) for each in new.readings)
            raise Stop(Question(f"{CORRECTION}.{self.number}", f"Which day is meant by {text!r}?", options))
        if new.kind == "date" or (new.kind == "time" and new.plain):
            return str(new.value)
        return new.text

    def _untold(self, new: Mention, text: str, held: Sequence[_Held]) -> Draft:
        """A value of a kind that the goal itself does not have: of an earlier answer, or of a slot that is still open."""
        kinds = [
            each
            for each in held
            if new.kind in each.spec.kinds or (new.kind in {"date", "time"} and each.spec.type == "datetime")
        ]
        answered = {each.slot for each in self.draft.answers}
        for group in ([each for each in kinds if each.key in answered], [each for each in kinds if each.span is None]):
            typed = [each for each in group if each.spec.type != "text"] or group
            if len(typed) == 1:
                value = str(new.value) if new.kind == "date" and new.plain else new.text
                return replace(self.draft, answers=(*self.draft.answers, Answer(typed[0].key, value)))
        raise self._unclear(text, "")

    def _named(self, new: str, held: Sequence[_Held]) -> tuple[_Held, str] | None:
        """The slot that words name, and what they say of it: `the subject should be Lunch`."""
        cut = words(new)
        for place, word in enumerate(cut[:3]):
            meant = [each for each in held if word.stem in {stem(noun) for noun in each.cues.nouns}]
            rest = re.sub(
                r"^\s*(?:is|should be|must be|to|=|:|called|named)\s*:?\s*", "", new[word.end :], flags=re.IGNORECASE
            )
            if (
                len(meant) == 1
                and rest.strip()
                and all(each.lower in {"the", "with", "change", "set", "as", "a"} for each in cut[:place])
            ):
                return meant[0], rest.strip().strip('"“”')
        return None

    def _by_name(self, new: str, text: str, held: Sequence[_Held]) -> Draft:
        if named := self._named(new, held):
            slot, value = named
            draft = self.draft if slot.span is None else self.draft.put(slot.span, value, text)
            same = any(each.slot == slot.key for each in self.draft.answers)
            return (
                draft
                if slot.span is not None and not same
                else replace(draft, answers=(*draft.answers, Answer(slot.key, value)))
            )
        stems = [word.stem for word in words(new)]
        choices = [
            (each, choice) for each in held for choice in each.spec.choices
            if any(says_all([stem(w.lower) for w in words(name.replace("_", " "))], stems) for name in (choice.label, *choice.words))
        ]  # fmt: skip
        if len({each.key for each, _ in choices}) == 1 and len({str(choice.value) for _, choice in choices}) == 1:
            slot, choice = choices[0]
            draft = self.draft if slot.span is None else self.draft.put(slot.span, choice.label, text)
            return replace(draft, answers=(*draft.answers, Answer(slot.key, choice.label, choice.value)))
        quoted = re.fullmatch(r'["“](?P<text>.+)["”]', new.strip())
        texts = [each for each in held if each.spec.type == "text" and each.span is not None]
        if quoted and len(texts) == 1 and texts[0].span is not None:
            return self.draft.put(texts[0].span, quoted["text"], text)
        raise self._unclear(text, "")

    # --- less of it ---------------------------------------------------------------------------------------------------

    def _without(self, what: str, text: str) -> Draft:
        if (less := self._one_less(what, text)) is not None:
            return less
        wanted = {word.stem for word in words(what)} - {"step", "the"}
        parts = divide(self.space, self._said(), (), self.draft.answers)
        lost = [each for each in parts if self._speaks(each.span, wanted)]
        if len(lost) == 1 and len(parts) > 1:
            start, end = lost[0].span
            if lost[0].number > 1:
                start = parts[lost[0].number - 2].span[1]
            else:
                end = parts[1].span[0]
            return self.draft.put((start, end), "", text)
        held = [each for each in self._held() if not each.spec.required and each.span is not None]
        slots = [each for each in held if wanted & {stem(noun) for noun in each.cues.nouns} or self._says(each, what)]
        if len(slots) == 1 and slots[0].span is not None:
            return self.draft.put(self._with_cue(slots[0]), "", text)
        return replace(self.draft, without=(*self.draft.without, (self.number, what)))

    def _speaks(self, span: Span, wanted: set[str]) -> bool:
        said = [word.stem for word in words(self.draft.text[slice(*span)])]
        return any(alike(one, each) for one in wanted for each in said)

    def _says(self, held: _Held, what: str) -> bool:
        return held.span is not None and self.draft.text[slice(*held.span)].lower() == what.lower()

    def _with_cue(self, held: _Held) -> Span:
        """The span of a value with the words that announce it."""
        assert held.span is not None
        start = held.span[0]
        for word in reversed([each for each in words(self.draft.text) if each.end <= held.span[0]]):
            known = word.lower in held.cues.links or word.stem in {stem(noun) for noun in held.cues.nouns}
            if not known and word.lower not in {"the", "a", "with", "in", "and", "about", "at", "of"}:
                break
            start = word.start
        return start, held.span[1]

    # --- what there is ------------------------------------------------------------------------------------------------

    def _said(self) -> Utterance:
        return self.space.hear(replace(self.goal, text=self.draft.text))

    def _mentions(self) -> list[Mention]:
        return [part for each in self._said().mentions for part in (each.parts or (each,))]

    def _held(self) -> list[_Held]:
        return list(self._slots())

    def _slots(self) -> Iterator[_Held]:
        goal, said = replace(self.goal, text=self.draft.text), self._said()
        try:
            parts = divide(self.space, said, (), self.draft.answers)
        except Stop:
            parts = ()
        spans = [(each.span, f"{each.number}.") for each in parts] or [((0, len(self.draft.text)), "")]
        for part, mark in spans:
            fits = self.space.fits(self.space.hear(goal, (), part))
            if not fits:
                continue
            best = fits[0]
            for spec in best.profile.unit.slots:
                way = best.assignment.chosen.get(spec.name)
                yield _Held(f"{mark}{spec.name}", spec, best.profile.cues[spec.name], way.span if way else None, part)

    def _unclear(self, text: str, why: str) -> Stop:
        told = f"{why}. " if why else ""
        ask = f"{told}It is not plain what {text!r} changes. Say what it replaces, e.g. “Tuesday, not Monday”"
        return Stop(Question(f"{CORRECTION}.{self.number}", ask, AS_IT_WAS))


def _is_somebody(mention: Mention, held: Sequence[_Held]) -> bool:
    """Tell whether a slot for people has taken it: a group is called as people are, and is none."""
    specs = [each.spec for each in held if each.span is not None and each.span[0] <= mention.start < each.span[1]]
    return any(each.type in {"person", "email"} or each.known == "person" or each.is_party for each in specs)


def _is_held(mention: Mention, held: Sequence[_Held]) -> bool:
    """Tell whether a slot has taken it, and not a text in which it only stands."""
    return any(
        (
            each.span is not None
            and each.span[0] <= mention.start
            and mention.end <= each.span[1]
            and (each.spec.type != "text" or each.span == (mention.start, mention.end))
        )
        or (each.spec.type == "datetime" and mention.kind == "date" and each.span is not None)
        for each in held
    )
