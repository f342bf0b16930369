"""Known words: slots of people, groups and the like learn the names that are known, so that `Ana` is somebody."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from doer.domain.goal import Option, Question
from doer.domain.known import Entity
from doer.domain.value import Json
from doer.intent.text import stem, words
from doer.planning.skills.skill import Skill
from doer.planning.skills.slots import SlotSpec
from doer.planning.stop import Stop

_GENERIC = frozenset(
    stem(each)
    for each in ("the", "our", "my", "a", "team", "group", "folder", "calendar", "repository", "repo", "branch")
)
"""Words that say what kind of thing it is, and not which."""
WHOLE_LISTS = frozenset({"group", "mail folder"})
"""Kinds of which all are known: what is not among them is not there, and is asked for."""
_MOST_OPTIONS = 20


def recognise(skill: Skill, entities: Sequence[Entity]) -> Skill:
    """Return the skill with the names that each of its slots of a kind (`known = "group"`) may mean."""
    if not any(slot.known for slot in skill.slots):
        return skill
    slots = tuple(_learnt(slot, entities) if slot.known else slot for slot in skill.slots)
    return replace(skill, slots=slots)


def _learnt(slot: SlotSpec, entities: Sequence[Entity]) -> SlotSpec:
    known = tuple(each for each in entities if each.kind == slot.known)
    if not slot.among:
        return replace(slot, entities=known)
    if not slot.likely:  # how it writes anybody is not known
        return replace(slot, entities=known, take="said")
    return replace(slot, entities=tuple(_written(slot, known)))


def _written(slot: SlotSpec, entities: Sequence[Entity]) -> Iterator[Entity]:
    """Yield those that are known with the form in which the column writes those that it holds: `bob`, not his address.

    Nobody where no form of all of them, or several, accounts for what it holds.
    """
    forms = [form for form in _FORMS if slot.likely and set(slot.likely) <= {form(each) for each in entities}]
    for each in entities if forms else ():
        written = forms[0](each)
        if written:
            yield replace(each, value=written, also=tuple(dict.fromkeys((each.value, *each.also))))


def _local(each: Entity) -> str:
    return next((name.split("@")[0] for name in (each.value, *each.also) if "@" in name), "")


def _address(each: Entity) -> str:
    return next((name for name in (each.value, *each.also) if "@" in name), "")


_FORMS: tuple[Callable[[Entity], str], ...] = (lambda each: each.value, _local, _address, lambda each: each.name)
"""How a column may write somebody: by the login, what stands before the @ of an address, the address, the name."""


def recognised(
    slot: SlotSpec, said: Json, filed: str, answers: Mapping[str, tuple[str, Json]]
) -> tuple[Json, tuple[Entity, ...]]:
    """Return what tools take for the words, one or a list of them, and who or what is known by them. Raises Stop with a question
    where several are known by the words, and where a mail address is wanted and none is known; of one in a list it is filed
    under the words for that one, so that its answer leaves the others alone.
    """
    if isinstance(said, Sequence) and not isinstance(said, str):
        each = [_one_of(slot, one, filed, answers) for one in said]
        return [value for value, _ in each], tuple(entity for _, known in each for entity in known)
    entity = meant(slot, said, filed)
    if entity is None and slot.entities and slot.known in WHOLE_LISTS:
        options = tuple(Option(each.name, each.value) for each in slot.entities[:_MOST_OPTIONS])
        raise Stop(Question(filed, f"No {slot.known} is known as {said!r}. Which is meant?", options))
    told = slot.likely or slot.entities
    if entity is None and slot.among and told and filed not in answers and said not in slot.likely:
        every = dict.fromkeys((*slot.likely, str(said)))
        options = tuple(Option(each if each in slot.likely else f"{each}, as it was said", each) for each in every)
        what = slot.name.replace("_", " ")
        raise Stop(Question(filed, f"So far no {what} is {said!r}. Which is meant?", options[-_MOST_OPTIONS:]))
    match slot.take:
        case "said":
            return said, ()
        case "name":
            return (said, ()) if entity is None else (entity.value, (entity,))
        case "email":
            places = (str(said),) if entity is None else (entity.value, *entity.also)
            address = next((place for place in places if "@" in place), "")
            if not address:
                raise Stop(Question(filed, f"No mail address is known for {said}. Which is it?"))
            return address, (() if entity is None else (entity,))


def _one_of(
    slot: SlotSpec, said: Json, filed: str, answers: Mapping[str, tuple[str, Json]]
) -> tuple[Json, tuple[Entity, ...]]:
    own = f"{filed}: {said}"
    text, value = answers.get(own, ("", None))
    return recognised(slot, value or text or said, own, {})


def meant(slot: SlotSpec, said: Json, filed: str) -> Entity | None:
    """Return the known entity that the words name; None where none is known by them. Raises Stop where several are."""
    if not isinstance(said, str) or not slot.entities:
        return None
    wanted = _stems(said)
    exact = [each for each in slot.entities if said.casefold() in {n.casefold() for n in (each.value, *each.also)}]
    found = exact or [each for each in slot.entities if wanted and _stems(each.name) == wanted]
    if not found and slot.known == "person":
        found = [each for each in slot.entities if wanted and set(wanted) <= set(_stems(each.name))]
    unique = {each.value: each for each in found}
    if len(unique) > 1:
        options = tuple(Option(_label(each), each.value) for each in unique.values())
        raise Stop(Question(filed, f"{len(unique)} are known as {said!r}. Which is meant?", options))
    return next(iter(unique.values()), None)


def _stems(text: str) -> tuple[str, ...]:
    stems = [stem(word.lower) for word in words(text)]
    kept = tuple(each for each in stems if each not in _GENERIC)
    return kept or tuple(stems)


def _label(each: Entity) -> str:
    more = next((other for other in (each.value, *each.also) if other != each.name), "")
    return f"{each.name} ({more})" if more else each.name
