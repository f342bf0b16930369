"""Texts: how a text slot takes words as they were written: whole phrases, and what stands after a cue or a colon."""

from __future__ import annotations

import re
from collections.abc import Iterator

from doer.domain.goal import Option
from doer.domain.value import Json
from doer.intent.text import stem, word_set
from doer.intent.vocabulary import CLOSED_CLASS, FUNCTION_WORDS, LIGHT_VERBS, POLITE, TURNING, alike, plain_words, verbs
from doer.planning.matching.cues import GREEDY, LINKS, Cues, evidence, skipped
from doer.planning.matching.fill import Fill, Scene, made, overlap, writes
from doer.planning.matching.quotes import unquoted
from doer.planning.skills.slots import SlotSpec
from doer.planning.words.phrases import NEVER, Phrase
from doer.planning.words.utterance import Span, Utterance

_WALLS = word_set("""
    date datetime time date_range amount email phone url duration
    """)
_BREAK = re.compile(r"[,;!?()\n]|\.(?=\s|$)|\s[-–—]\s")
_END = re.compile(r"[.!?](?=\s+[A-ZÀ-Þ])|\n")
_BARE = re.compile(
    r"\b(?:(?:folder|directory|dir|file|(?P<in>(?:files|everything|changes|all) in|in)(?: (?:the|a))?(?: (?:folder|directory))?)"
    r"(?: (?:called|named))? (?P<name>[\w][\w./-]*)(?=\s*(?:$|[.!?,;]|\s(?:with|and|to|into|as|by|from|using|on|then|please|pls|for)\b))"
    r"|(?:the|my|our|its) (?P<of>[\w][\w./-]*) (?:folder|directory)\b)",
    re.IGNORECASE,
)
_INTO = re.compile(
    r"\b(?:into|to)(?: (?:the|my|our))? (?P<of>\w[\w./-]*)(?=\s*(?:$|[.!?,;]|\s(?:with|and|then|please|pls)\b))",
    re.IGNORECASE,
)
"""`… into archive`: of a slot that is called a folder."""
_FOLDERS = word_set("in out")
_ENDINGS = re.compile(r"(?<![\w.])\.([a-z][a-z0-9.]{1,6})\b")
_TURNS = word_set("""
    starting starts beginning with on at from for who whose which because since by until and but so her his
    their then please to when where under reporting using via as is
    """)
_NO_NAMES = FUNCTION_WORDS | CLOSED_CLASS | POLITE | TURNING
_LIST = re.compile(r"\s*(?:,\s*and\s+|,|\band\b|&|;)\s*")


def bare_paths(spec: SlotSpec, cues: Cues, scene: Scene) -> Iterator[Fill]:
    """A name without a dot after a word that says it is one: `a folder reports`, `the files in reports`."""
    said = scene.said
    if _ENDINGS.search(spec.question):
        return  # a file of a certain kind says so by its name
    found_all = [*_BARE.finditer(said.text), *(_INTO.finditer(said.text) if _is_folder(spec, cues) else ())]
    for found in found_all:
        group = "name" if found.groupdict().get("name") else "of"
        name = found[group].lower().rstrip(".")
        words = plain_words() if found.re is _BARE and found["in"] else _NO_NAMES
        if group == "of" and found.re is _BARE:
            words -= _FOLDERS  # `the in folder`, and what is in it
        if (found.re is _BARE and found["in"] and "in" not in cues.links) or name in words or stem(name) in scene.known:
            continue
        start, end = found.start(group), found.start(group) + len(name)
        if not any(each.start < end and start < each.end for each in said.atoms):
            text = said.text[start:end]
            value: Json = [text] if spec.many else text
            near = evidence(cues, said, (start, end))
            yield made(spec, (start, end), (Option(text, value),), 1.2, 1.0 + 0.5 * near)


def _is_folder(spec: SlotSpec, cues: Cues) -> bool:
    return bool({"folder", "directory"} & set(spec.name.split("_"))) and "into" in cues.links


_ENDING = re.compile(r"[^./]\.[A-Za-z][A-Za-z0-9]{0,4}$")


def ends_as_wanted(spec: SlotSpec, path: str) -> bool:
    """Tell whether a path has one of the endings that the slot's description tells: `the archive: .zip, .tar or .tar.gz`."""
    wanted = [each.rstrip(".").lower() for each in _ENDINGS.findall(spec.question)] if spec.type == "path" else []
    return not wanted or path.lower().endswith(tuple(f".{each}" for each in wanted))


def may_be_folder(spec: SlotSpec, path: str) -> bool:
    """Tell whether a path can be what a slot of that name wants: `notes/a.md` is no folder."""
    return spec.name.split("_")[-1] not in {"folder", "directory"} or not has_ending(path)


def has_ending(path: str) -> bool:
    """Tell whether a path ends as files do: `a.md`, `b.tar.gz`."""
    return bool(_ENDING.search(path))


def after_colon(spec: SlotSpec, said: Utterance) -> Iterator[Fill]:
    """All that follows the colon after a value: `write a.md: it works`."""
    for mention in said.atoms:
        if said.text[mention.end : mention.end + 2] != ": ":
            continue
        start = mention.end + 2 + len(said.text[mention.end + 2 :]) - len(said.text[mention.end + 2 :].lstrip())
        found = _END.search(said.text, start)
        end = len(said.text[: found.start() if found else None].rstrip())
        if end > start and (span := unquoted((start, end), said.text, said.quotes)):
            text = said.text[slice(*span)]
            yield made(spec, span, (Option(text, text),), 2.5, 1.5)
        return
    if (found := re.search(r"(?<=\w): (?=\S)", said.text)) and len(said.text[found.end() :].split()) > 1:
        whole = (found.end(), len(said.text.rstrip()))
        if span := unquoted(whole, said.text, said.quotes):
            text = said.text[slice(*span)]
            yield made(spec, span, (Option(text, text),), 1.5, 1.0)


def phrase_fills(spec: SlotSpec, cues: Cues, scene: Scene) -> Iterator[Fill]:
    """Yield the noun phrases that a text slot may take, each whole."""
    for each in scene.wide if spec.is_address else scene.phrases:
        if each.listed and (spec.is_party or spec.is_address):
            continue
        text = scene.said.text[slice(*each.span)]
        near = _phrase_evidence(spec, cues, scene, each)
        if near < -0.5:
            continue
        if (spec.is_party or spec.is_address) and near < 0.5 and not each.named:
            continue
        if near < 0.8 and not (spec.required and spec.default is None):
            continue  # what is not asked for is taken only where it is plainly meant
        value: Json = [part for part in _LIST.split(text) if part] if spec.many else text
        yield made(spec, each.span, (Option(text, value),), 0.5, near)


def _phrase_evidence(spec: SlotSpec, cues: Cues, scene: Scene, phrase: Phrase) -> float:
    said = scene.said
    between = said.text[said.words[phrase.before].end : phrase.span[0]] if phrase.before >= 0 else ""
    near = 0.0
    if phrase.before >= 0 and not set(between) & set(",;.!?:()\n"):
        near = _opens(cues, said, phrase.before)
        verb = said.words[phrase.before]
        if not near and verb.stem in verbs() and verb.lower not in LIGHT_VERBS:
            if not any(alike(verb.stem, known) for known in cues.opens):
                return -1.0  # `Book a table`: no example books this
            near = 0.8
    elif ":" in between:
        near = 0.9 if cues.colon else 0.3
    elif (
        between.startswith(",")
        and cues.follows
        and any(each.end == said.words[phrase.before].end and each.kind == "person" for each in said.atoms)
    ):
        near = 0.8
    after = said.words[phrase.last + 1] if phrase.last + 1 < len(said.words) else None
    owned = said.text[phrase.span[1] : phrase.span[1] + 2] in {"'s", "’s"}
    if owned and cues.owns:
        near = max(near, 1.0)
    elif after is not None and said.text[phrase.span[1] : after.start] == " " and after.lower in cues.ends:
        # `{name} joins the team`: a verb of an example says more than `to` or `for`.
        near = max(near, 0.3 if after.lower in FUNCTION_WORDS else 0.8)
    if writes(scene, phrase.span):
        near -= 0.8
    if spec.is_party or spec.is_address:
        near += 0.5 if phrase.named else 0.0
    elif phrase.named and not phrase.told and near < 0.8:
        near -= 0.3
    elif phrase.told:
        near += 0.1
    return min(near, 2.0)


def free_text(spec: SlotSpec, cues: Cues, scene: Scene, known: frozenset[str]) -> Iterator[Fill]:
    """Free text after a cue, up to the next value, stop or turn of the sentence."""
    said = scene.said
    seen: set[Span] = set()
    for place, word in enumerate(said.words):
        strength = _opens(cues, said, place)
        if not strength or word.start in said.mentioned:
            continue
        first = place + 1
        greedy = cues.last and (word.lower in GREEDY or said.text[word.end : word.end + 1] == ":")
        named = bool(spec.known) or spec.worded
        while not greedy and first < len(said.words) and skipped(said.words[first].lower) and first - place < 3:
            if spec.worded and said.words[first].lower in LINKS:
                break  # `set all tickets to closed`: closed is no ticket
            first += 1
        while greedy and first + 1 < len(said.words) and said.words[first].lower in {"that", "of"}:
            first += 1
        placed = first < len(said.words) and said.words[first].lower in LINKS
        if first >= len(said.words) or (
            placed and (named or not (greedy or said.words[first].start in said.mentioned))
        ):
            continue  # `has to be in the platform group`, `tag the commit on main`: no name begins with a preposition
        span = _until(said, said.words[first].start, word.end, cues, greedy=greedy)
        if span is None or span in seen:
            continue
        if not greedy and sum(overlap(span, each.span) for each in scene.phrases) > 1 and spec.type == "text":
            continue  # two things in a row are not one
        if not greedy and spec.type == "text" and not _ends_well(span, scene):
            continue
        inside = [each for each in said.within(span) if each.lower not in FUNCTION_WORDS]
        greets = any(each.lower in POLITE for each in said.within(span))  # `write hello to a.txt`
        if (
            not greedy
            and not (greets and not inside)
            and all(each.stem in known or each.lower in NEVER for each in inside)
        ):
            continue
        seen.add(span)
        text = said.text[slice(*span)]
        value: Json = [part for part in _LIST.split(text) if part] if spec.many else text
        yield made(spec, span, (Option(text, value),), 0.8, min(strength, 2.0))


def _ends_well(span: Span, scene: Scene) -> bool:
    """Tell whether free text ends where its phrase ends: `spare pump quickly` does not."""
    inside = [each for each in scene.phrases if overlap(span, each.span)]
    before = scene.said.within((span[0], inside[0].span[0])) if inside else ()
    pronoun = any(each.lower in {"us", "me", "them", "him", "her", "you"} for each in before)
    return all(each.span[1] == span[1] for each in inside) and not pronoun


def _opens(cues: Cues, said: Utterance, place: int) -> float:
    """How strongly the word at a place announces the slot's text."""
    return cues.opening(said.lowers[max(0, place - 3) : place + 1], said.words[place].stem)


def _until(said: Utterance, start: int, cue_end: int, cues: Cues, *, greedy: bool) -> Span | None:
    if _BREAK.search(said.text[cue_end:start]):
        return None
    if greedy:
        found = _END.search(said.text, start)
        end = found.start() if found else len(said.text)
        return _trimmed(said.text, start, end)
    walls = [each for each in said.atoms if each.kind in _WALLS or (each.kind == "person" and each.confidence > 0.9)]
    stops = [each.start for each in walls if each.start > start or (each.start == start and each.kind in _WALLS)]
    if found := _BREAK.search(said.text, start):
        stops.append(found.start())
    stops += [
        word.start for word in said.words if word.start > start and (word.lower in _TURNS or word.lower in cues.ends)
    ][:1]
    end = min([*stops, len(said.text)])
    return _trimmed(said.text, start, end)


def _trimmed(text: str, start: int, end: int) -> Span | None:
    piece = text[start:end].rstrip(" \t\n.,;:!?")
    return (start, start + len(piece)) if piece else None
