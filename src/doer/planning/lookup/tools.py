"""Which arguments nobody knows by heart, ids and addresses, and which reads among the tools could tell them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from doer.domain.action import Manifest
from doer.domain.goal import Goal
from doer.domain.value import Json, JsonObject
from doer.intent.grounder import Grounder
from doer.intent.text import stem, word_set
from doer.intent.vocabulary import like_nouns
from doer.planning.action.schema import listed_choices
from doer.planning.action.sense import words_of_name
from doer.planning.schema import mapping, names, settled

_KEYS: Final = word_set("id uuid guid key number no nr num identifier ref reference code sku slug handle")
_BARE: Final = word_set("id uuid guid identifier sku slug")
"""What names a row also without saying of what."""
_NO_ROW: Final = word_set("""
    api secret access private public client request session idempotency license phone mobile telephone fax house street room
    card bank account flight page seat version max min country currency language locale area zip post postal dial dialling
    promo promotion coupon voucher discount gift colour color status error exit tax source
    """)
"""What stands before `key`, `id`, `number` or `code` where it names no row of the caller's."""
_ROWS_TOO: Final = frozenset(
    {
        *(
            (noun, key)
            for noun in ("client", "account", "room", "card", "house")
            for key in ("id", "no", "ref", "reference")
        ),
        ("client", "number"),
    }
)
"""What may name a row all the same: there are companies with clients, and hotels with rooms."""
_SAID: Final = frozenset(
    {"date", "time", "datetime", "date_range", "duration", "email", "url", "quoted", "amount", "path"}
)
_CODED: Final = re.compile(r"\w*\d[\w-]*|[A-Z]{2,}[\w-]*|\w+[-_]\w*\d\w*")
_MAIL: Final = re.compile(r"(?:^|_)e?_?mail(?:s|_?address(?:es)?)?$|(?:^|_)addresse?s?$", re.IGNORECASE)
_MAIL_TOLD: Final = re.compile(r"\be-?mails?\b|\bmails?\b", re.IGNORECASE)
_RECIPIENTS: Final = word_set("recipient recipients to cc bcc")
_NAMED: Final = word_set(
    "name person people who user employee colleague contact member query search fullname words text term"
)
_ID_OF: Final = re.compile(
    r"\b(?:id|uuid|identifier|number|key|reference|code)s?\s+(?:of|for)\s+(?:the|a|an|one|this|that)\s+([a-z]+)",
    re.IGNORECASE,
)
_HEAD: Final = re.compile(
    r"([a-z]+)(?=\s*(?:$|[.,;:()]|(?:of|in|on|for|by|with|from|at|to|that|which|whose|between|and|or)\b))",
    re.IGNORECASE,
)
"""A noun of a description that ends its phrase: `mails` and `inbox` of `search the mails in my inbox`."""
_OBJECT: Final = re.compile(r"\W*[a-z]+\s+(?:a|an|the|one|my)\s+([a-z]+)")
_PEOPLE: Final = word_set("name person peopl who user employe colleagu contact member staff directori")
_MAILS: Final = word_set("email e-mail mail address")


def parameters(manifest: Manifest) -> dict[str, JsonObject]:
    """Return the schemas of the parameters, references followed and the one type that is not null kept."""
    fields = mapping(manifest.parameters.get("properties"))
    return {name: _plain(mapping(each), manifest.parameters) for name, each in fields.items()}


def _plain(given: JsonObject, root: JsonObject) -> JsonObject:
    field = settled(given, root)
    ways = field.get("anyOf")
    if isinstance(ways, Sequence) and not isinstance(ways, str):
        kept = [settled(mapping(each), root) for each in ways if mapping(each).get("type") != "null"]
        if len(kept) == 1:
            return {**{name: each for name, each in field.items() if name != "anyOf"}, **kept[0]}
    return field


def required(manifest: Manifest) -> tuple[str, ...]:
    """Return the names of the parameters that must be given."""
    return names(manifest.parameters.get("required"))


def is_readable(manifest: Manifest) -> bool:
    """Tell whether it may be read while planning: it changes nothing, and is more than a description."""
    return manifest.effect == "read" and "apply" in manifest.verbs


def is_key(name: str) -> bool:
    """Tell whether an argument is called as the id of a row is."""
    said = words_of_name(name)
    if not said or said[-1] not in _KEYS:
        return False
    return said[-1] in _BARE if len(said) == 1 else said[-2] not in _NO_ROW or said[-2:] in _ROWS_TOO


def keys_of(manifest: Manifest) -> list[str]:
    """Return its required arguments that are ids of rows, each one text or one whole number."""
    fields = parameters(manifest)
    return [
        name
        for name in required(manifest)
        if is_key(name) and fields.get(name, {}).get("type") in ("string", "integer") and "enum" not in fields[name]
    ]


def wants_address(name: str, schema: JsonObject, manifest: Manifest) -> bool:
    """Tell whether an argument is the e-mail address of somebody, or several; or a destination that may be one."""
    kind, told = schema.get("type"), str(schema.get("description", ""))
    if kind not in ("string", "array") or "enum" in schema:
        return False
    inner = mapping(schema.get("items")) if kind == "array" else schema
    if "email" in (inner.get("format"), schema.get("format")) or _MAIL.search("_".join(words_of_name(name))):
        return True
    said = words_of_name(name)
    if said[-1:] in (("subject",), ("body",), ("text",), ("id",), ("title",), ("name",)):
        return False
    if _MAIL_TOLD.search(told) is not None and "address" in told.lower():
        return True
    leads = manifest.roles.get(name) == "destination" or bool(set(said) & _RECIPIENTS)
    return leads and _MAIL_TOLD.search(f"{manifest.name.replace('_', ' ')} {manifest.description}") is not None


def takes_address(name: str, manifest: Manifest, chosen: Sequence[Json]) -> bool:
    """Tell whether it wants an address also with what is chosen beside it.

    A value that is described by the field it is for (`for owner an e-mail address, for day a date`) is an address for that field only.
    """
    fields = parameters(manifest)
    if not wants_address(name, fields.get(name, {}), manifest):
        return False
    said = clauses(name, manifest)
    return not said or any(_MAIL_TOLD.search(said.get(str(each), "")) is not None for each in chosen)


def clauses(name: str, manifest: Manifest) -> dict[str, str]:
    """Return what the description of an argument says of each choice of another argument that it names, from there to the next."""
    fields = parameters(manifest)
    told = str(fields.get(name, {}).get("description", ""))
    choices = [str(each) for other, field in fields.items() if other != name for each in listed_choices(field)]
    found = [
        (match.start(), match.end(), each) for each in choices for match in re.finditer(rf"\b{re.escape(each)}\b", told)
    ]
    ends = sorted(found)
    after = [*(start for start, _, _ in ends[1:]), len(told)][: len(ends)]
    return {each: told[end:following] for (_, end, each), following in zip(ends, after, strict=True)}


def nouns(name: str, manifest: Manifest) -> set[str]:
    """Return the stems of what an id is the id of: of its own name, else of its tool's without the verb; and as it is described."""
    own = {stem(each) for each in words_of_name(name)[:-1]}
    tool = manifest.name.rpartition(".")[2]
    told = _ID_OF.search(str(parameters(manifest).get(name, {}).get("description", "")))
    described = {stem(told[1].lower())} if told is not None else set[str]()
    return (own or {stem(each) for each in words_of_name(tool)[1:]}) | described


def called(tool: Manifest) -> set[str]:
    """Return the stems of what a tool changes: of its name, of its ids, and what its description's verb is about (`cancel a visit`)."""
    own = {stem(each) for each in words_of_name(tool.name.rpartition(".")[2])[1:]}
    told = _OBJECT.match(tool.description.lower())
    return own.union({stem(told[1])} if told is not None else (), *(nouns(each, tool) for each in keys_of(tool)))


@dataclass(frozen=True, slots=True)
class Read:
    """A read, and the stems of the words with which it says what it tells."""

    manifest: Manifest
    called: frozenset[str]
    told: frozenset[str]
    heads: frozenset[str]
    """Of the nouns that end a phrase of its first sentence: these it tells of, and does not only mention them."""
    fields: frozenset[str]
    """Names of the fields of its result."""


def reads_among(tools: Sequence[Manifest]) -> list[Read]:
    """Return the reads that need no id themselves."""
    return [
        Read(
            each,
            frozenset(stem(word) for word in words_of_name(each.name.rpartition(".")[2])),
            frozenset(stem(word) for word in re.findall(r"[a-z]+", each.description.lower())),
            frozenset(stem(word) for word in _HEAD.findall(each.description.lower().partition(".")[0])),
            frozenset(_fields(each.result, each.result, 0)),
        )
        for each in tools
        if is_readable(each) and not any(is_key(needed) for needed in required(each))
    ]


def readers(name: str, manifest: Manifest, reads: Sequence[Read]) -> list[Manifest]:
    """Return the reads that may tell an id, the likeliest first."""
    wanted = _widened(nouns(name, manifest))
    of_tool = _widened({stem(each) for each in words_of_name(manifest.name.rpartition(".")[2])[1:]})
    connection = manifest.name.rpartition(".")[0]
    found = list[tuple[float, int, Manifest]]()
    for place, each in enumerate(reads):
        score = 3.0 * (name in each.fields and name not in _BARE)
        score += 2.0 * bool(wanted & each.called) + 1.0 * bool(wanted & each.told) + 0.5 * bool(of_tool & each.called)
        score += 1.0 * bool(wanted & each.heads)
        score += 0.5 * (each.manifest.name.rpartition(".")[0] == connection)
        if (
            score >= 2 and each.manifest.name != manifest.name
        ):  # its own noun in the name, that of which it tells, or the very field in the result
            found.append((-score, place, each.manifest))
    return [each for _, _, each in sorted(found, key=lambda pair: pair[:2])]


def _widened(stems: set[str]) -> set[str]:
    return stems.union(*(like_nouns(each) for each in stems))


def directories(tools: Sequence[Manifest]) -> list[Manifest]:
    """Return the reads that tell the address of somebody by the name, the likeliest first."""
    found = list[tuple[int, int, Manifest]]()
    for place, each in enumerate(tools):
        if not is_readable(each) or name_parameter(each) is None:
            continue
        called = {stem(word) for word in words_of_name(each.name.rpartition(".")[2])}
        told = {stem(word) for word in re.findall(r"[a-z-]+", each.description.lower())}
        mails = {stem(word) for word in _MAILS}
        if (called | told) & mails and (called | told | {name_parameter(each)}) & _PEOPLE:
            found.append((-len(called & (mails | _PEOPLE)), place, each))
    return [each for _, _, each in sorted(found, key=lambda pair: pair[:2])]


def name_parameter(manifest: Manifest) -> str | None:
    """Return the one parameter that takes a name; None where something else must be given, or none does."""
    fields, needed = parameters(manifest), required(manifest)
    kept = [name for name in needed or fields if fields.get(name, {}).get("type") == "string"]
    fitting = [name for name in kept if set(words_of_name(name)) & _NAMED]
    return fitting[0] if fitting and set(needed) <= {fitting[0]} else None


def codes_said(turns: Sequence[str], mentions: Sequence[Sequence[tuple[str, int, int]]]) -> bool:
    """Tell whether any turn has a word that may be an id: one with digits, or in capitals, that is no date, time or quotation."""
    for text, found in zip(turns, mentions, strict=True):
        for each in _CODED.finditer(text):
            if not any(kind in _SAID and start <= each.start() < end for kind, start, end in found):
                return True
    return False


def untold(goal: Goal, tools: Sequence[Manifest], reads: Sequence[Read]) -> dict[str, list[str]]:
    """Return of each tool with ids that reads could tell the one that is left to them, where no turn says an id.

    Of several none is left: which row is which is not understood.
    """
    grounder, turns = Grounder.of(goal), (*goal.context, goal.text)
    if not reads or codes_said(turns, [[(m.kind, m.start, m.end) for m in grounder.mentions(turn)] for turn in turns]):
        return {}
    keys = {each.name: [name for name in keys_of(each) if readers(name, each, reads)] for each in tools}
    return {tool: told if len(told) == 1 else [] for tool, told in keys.items() if told}


def lean(manifest: Manifest, without: Sequence[str]) -> Manifest:
    """Return the tool as if it did not ask for these arguments: what nobody says is looked for in no words."""
    if not without:
        return manifest
    schema: dict[str, Json] = dict(manifest.parameters)
    schema["properties"] = {name: each for name, each in mapping(schema["properties"]).items() if name not in without}
    schema["required"] = [name for name in required(manifest) if name not in without]
    return replace(manifest, parameters=schema)


def _fields(schema: JsonObject, root: JsonObject, depth: int) -> Iterator[str]:
    """Yield the names of the fields of a result, also within lists and objects."""
    here = settled(schema, root)
    for name, given in mapping(here.get("properties")).items():
        yield name
        if depth < 3:  # deeper, no row is looked for
            yield from _fields(mapping(given), root, depth + 1)
    if "items" in here and depth < 3:
        yield from _fields(mapping(here["items"]), root, depth + 1)
