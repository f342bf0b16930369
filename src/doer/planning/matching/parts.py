"""Parts: words around a value that give it another part than the slot's: `from Ada` for who receives, `by 5 EUR` for a price."""

from __future__ import annotations

import re
from collections.abc import Sequence

from doer.intent.text import Word, stem, word_set
from doer.intent.vocabulary import alike_nouns, verbs
from doer.planning.matching.cues import Cues
from doer.planning.matching.fill import Fill
from doer.planning.matching.match import Fit
from doer.planning.skills.slots import SlotSpec
from doer.planning.words.utterance import Utterance

_TIMED = frozenset({"date", "datetime", "date_range"})
_OTHER_PARTS = word_set("from with via by through about without than at")
_ACTS = re.compile(
    r"\s+(?P<modal>(?:should|must|will|shall|can|could|would|may|needs? to|ha(?:s|ve) to|wants? to|is to|is going to)\s+)?"
    r"(?P<verb>[A-Za-z]+)\b"
)
_REACHES = re.compile(r"\b(?:deliver(?:ed|y)?|arrives?|arrived|receives?|received|get there|be there)\b", re.IGNORECASE)
_COUNTED = frozenset({"amount", "decimal", "number", "integer"})


def words_of(said: Utterance, chosen: Fill) -> str:
    """Return the words that a fill was made of."""
    return said.text[slice(*chosen.span)]


def other_part(fit: Fit, slot: SlotSpec, chosen: Fill, said: Utterance) -> str:
    """The words that give a value another part than the slot's: `from Ada` for who receives, `Ada should pay`."""
    cues = fit.profile.cues[slot.name]
    before = [word for word in said.words if word.end <= chosen.span[0]][-6:]
    near = [word.lower for word in before if word.lower not in {"the", "a", "an", "our"}]
    known = {*cues.links, *(phrase[-1] for phrase in cues.phrases)}
    touches = bool(before) and not set(said.text[before[-1].end : chosen.span[0]]) & set(",;.!?:(\n")
    if slot.asked_as in {"person", "address"}:
        stands = near and near[-1] == "with" and _stands_for(cues, said, chosen)  # `with Jonas Weber standing in`
        if touches and near and near[-1] in _OTHER_PARTS - known and not stands:
            return f"{near[-1]} {words_of(said, chosen)}"
        if touches and near and near[-1] == "for" and "for" not in known and _acts_for(cues, before):
            return f"for {words_of(said, chosen)}"
        acts = _ACTS.match(said.text, chosen.span[1])
        if acts and not touches and _gives(cues, known, acts["verb"]) and _is_deed(fit, acts["verb"]):
            return f"{words_of(said, chosen)}{acts.group()}"
        if acts and _is_deed(fit, acts["verb"]) and (acts["modal"] or (near and near[-1] in {"have", "let", "make"})):
            return f"{words_of(said, chosen)}{acts.group()}"
    if slot.type in _COUNTED and touches and near and near[-1] in {"from", "by"} - known:
        return f"{near[-1]} {words_of(said, chosen)}"  # `from 79 EUR`: what it was; `by 5 EUR`: how much more
    if slot.type in _TIMED and chosen.evidence < 1.3:
        clause = said.text[max(said.text.rfind(mark, 0, chosen.span[0]) for mark in ",;.!?:\n(") + 1 : chosen.span[0]]
        if found := _REACHES.search(clause):
            own = any(alike_nouns(stem(noun), stem(found.group().lower())) for noun in cues.nouns)
            return "" if own else f"{found.group()} … {words_of(said, chosen)}"
    if slot.type == "amount" and not slot.required and not _called(slot, cues, chosen, said):
        return words_of(said, chosen)
    return ""


def _acts_for(cues: Cues, before: Sequence[Word]) -> bool:
    """`covers for Ben`, `stands in for Ben`: he is the other one."""
    own = {stem(part) for phrase in cues.phrases for part in phrase if len(part) > 2} | {
        stem(noun) for noun in cues.nouns
    }
    return any(alike_nouns(word.stem, each) for word in before[-4:-1] for each in own)


def _gives(cues: Cues, known: set[str], verb: str) -> bool:
    """`Nora sends …`: who does it is not who gets it."""
    return verb.endswith("s") and bool(known & {"to", "in", "at"}) and verb.lower() not in cues.ends


def _stands_for(cues: Cues, said: Utterance, chosen: Fill) -> bool:
    """Tell whether words of the slot's own follow directly."""
    after = [word.stem for word in said.words if word.start >= chosen.span[1]][:2]
    own = {stem(part) for phrase in cues.phrases for part in phrase if len(part) > 2} | {
        stem(noun) for noun in cues.nouns
    }
    return bool(after) and after[0] in own


def _is_deed(fit: Fit, verb: str) -> bool:
    return stem(verb.lower()) in verbs() and fit.profile.owns(stem(verb.lower()))


def _called(slot: SlotSpec, cues: Cues, chosen: Fill, said: Utterance) -> bool:
    """Tell whether a word of the slot's own stands near an optional amount."""
    own = {stem(noun) for noun in cues.nouns} | {stem(phrase[0]) for phrase in cues.phrases if len(phrase) == 1}
    own |= {stem(word) for cue in slot.cues for word in cue.lower().split()} | set(cues.left)
    before = [word for word in said.words if word.end <= chosen.span[0]][-5:]
    after = [word for word in said.words if word.start >= chosen.span[1]][:3]
    return any(word.stem in own for word in (*before, *after)) or chosen.score >= 4.0
