"""Answers: what a person said to a question becomes the value of the slot, or a further question."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from difflib import get_close_matches

from doer.domain.goal import Answer, Declined, Goal, Option, Question
from doer.domain.template import Literal
from doer.domain.value import Json, Provenance
from doer.intent.grounder import Grounder
from doer.intent.text import check, stem, words
from doer.planning.bind import Binding
from doer.planning.matching.doubt import LEAVE_OUT
from doer.planning.matching.match import fit
from doer.planning.matching.profile import Profile, Weights
from doer.planning.skills.slots import Choice, SlotSpec, value_of
from doer.planning.stop import Stop
from doer.planning.words.utterance import Span, Utterance

_LIST = re.compile(r"\s*(?:,\s*and\s+|,|\band\b|&|;)\s*")
_YES = frozenset(["yes", "y", "true", "on", "yeah", "ok", "sure"])
_NO = frozenset(["no", "n", "false", "off", "nope"])
_NONE = frozenset(
    ["none", "no", "nothing", "leave it out", "leave out", "leave it empty", "skip", "skip it", "without", "n/a", "-"]
)
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
_NUMBERED = re.compile(
    rf"(?:(?:option|number|no\.?|#) ?)?(?P<n>\d{{1,2}})|(?:the )?(?P<word>{'|'.join(_ORDINALS)})(?: one| option)?"
)
_NEGATING = ("nothing", "no", "stop", "cancel", "do nothing")
LONGEST = 10_000


def option_meant(question: Question, text: str) -> Option | None:
    """Return the option that an answer names by its number (`2`, `2.`, `option 2`, `the second`) or as it is shown."""
    said = text.strip().rstrip(".!)").casefold()
    exact = [each for each in question.options if said == each.label.strip().casefold()]
    if len(exact) == 1:
        return exact[0]
    found = _NUMBERED.fullmatch(said)
    if found is None:
        return None
    number = int(found["n"]) if found["n"] else _ORDINALS.index(found["word"]) + 1
    return question.options[number - 1] if 1 <= number <= len(question.options) else None


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
    if not found and (near := _misspelt(spec, said)):
        found = [near]
    if len(found) == 1:
        return found[0].value
    options = tuple(Option(choice.label, choice.value) for choice in spec.choices)
    raise Stop(Question(spec.name, f"{said!r} is none of the choices. {spec.asks}", options))


def _misspelt(spec: SlotSpec, said: str) -> Choice | None:
    """The one choice from which an answer differs by a slip of the finger; names and addresses are never guessed so."""
    named = {name.replace("_", " ").casefold(): each for each in spec.choices for name in (each.label, *each.words)}
    near = get_close_matches(said.strip(" .!").casefold(), [each for each in named if len(each) > 3], n=3, cutoff=0.7)
    meant = {str(named[each].value) for each in near}
    return named[near[0]] if len(meant) == 1 else None


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


def left_out(answers: Sequence[Answer]) -> list[str]:
    """Return the parts of the goal that a person agreed to leave out. Raises Stop where nothing is to be done."""
    parts: list[str] = []
    for each in answers:
        if each.slot != LEAVE_OUT:
            continue
        if isinstance(each.value, list | tuple):
            parts += [str(part) for part in each.value]
        elif str(each.value or each.text).strip().lower() in _NEGATING:
            raise Stop(Declined("nothing was done, as you said"))
        else:
            raise Stop(
                Question(
                    LEAVE_OUT, "Say it again without that part, as a new goal.", (Option("do nothing", "nothing"),)
                )
            )
    return parts


def answered(
    each: Profile, said: Utterance, answers: Sequence[Answer], weight: Weights
) -> Mapping[str, Sequence[Span]]:
    """The slots that answers fill, each with the words of the goal that this settles."""
    given = {name: (binding, used_words(binding, said)) for name, binding in given_by(each, answers, said.goal).items()}
    left = dict.fromkeys(declined_slots(each, answers), ())
    if all(spans for _, spans in given.values()):
        return {**left, **{name: spans for name, (_, spans) in given.items()}}
    # An answer that corrects the goal (`Nora` was meant to be `Grace`) settles the words that it corrects.
    bare = fit(each, said, weight, {}).assignment.chosen
    taken = {name: spans or (bare[name].taken if name in bare else ()) for name, (_, spans) in given.items()}
    return {**left, **taken}


def declined_slots(each: Profile, answers: Sequence[Answer]) -> list[str]:
    """Return the slots that answers leave open."""
    specs = {slot.name: slot for slot in each.unit.slots}
    last = {answer.slot: answer for answer in answers}
    return [name for name, answer in last.items() if name in specs and declined(specs[name], answer)]


def given_by(each: Profile, answers: Sequence[Answer], goal: Goal) -> dict[str, Binding]:
    """Slots that answers fill; an answer that chose a row of a read fills no slot."""
    specs = {slot.name: slot for slot in each.unit.slots}
    selects = {select.slot: select for select in each.unit.skill.selects} if each.unit.skill else {}
    given: dict[str, Binding] = {}
    for answer in answers:
        if answer.slot in specs and declined(specs[answer.slot], answer):
            given.pop(answer.slot, None)
        elif answer.slot in specs and not (answer.slot in selects and isinstance(answer.value, Mapping)):
            given[answer.slot] = settle(specs[answer.slot], answer, goal)
    return given
