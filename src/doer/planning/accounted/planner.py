"""Plans of sentences over somebody's own tools in which every telling word is accounted for; nothing else is planned here.

A sentence is heard with each way to use each tool. Of the ways in which all its words are the tool's own, an argument, or said of
rows that a read told, the one that costs least is meant, unless another that would do something else costs hardly more (abduction
by cost: Hobbs and others, Interpretation as Abduction, 1993).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

from doer.domain.action import Manifest
from doer.domain.errors import PlanInvalid
from doer.domain.goal import Answer, Declined, Goal, Option, Question
from doer.domain.plan import Plan, Step
from doer.domain.ports import Reader
from doer.domain.template import Literal, Template
from doer.domain.value import Json, JsonObject, Provenance, StepId
from doer.intent.grounder import Grounder
from doer.intent.text import stem, word_set, words
from doer.intent.vocabulary import POLITE, verbs
from doer.planning.accounted.about import about, narrowing, values
from doer.planning.accounted.asked import answering
from doer.planning.accounted.asks import asked_about
from doer.planning.accounted.clause import MOST_ROWS, Draft, Scene, drafts
from doer.planning.accounted.folk import Finder
from doer.planning.accounted.holds import Conditions
from doer.planning.accounted.lexicon import is_deed, lexicon_of
from doer.planning.accounted.pieces import Given, Heard, choices, names, pieces
from doer.planning.accounted.slots import Slot, Way, ways_of
from doer.planning.accounted.spelt import known, mended, strange
from doer.planning.accounted.unheard import unheard
from doer.planning.accounted.world import Table, Unread, World, called, ids_of
from doer.planning.action.questions import question_for
from doer.planning.lookup.rows import key_of, told_apart
from doer.planning.lookup.tools import keys_of, nouns, parameters
from doer.planning.validate import validate
from doer.planning.words.conditions import Conditional, conditionals, masked, pointing, resolved
from doer.planning.words.mood import mood

PLANNER: Final = "words and rows"
CONFIDENCE: Final = 0.9
"""How sure such a plan is: as sure as settles what another planner would ask."""
_APART: Final = 0.12
"""How much less a reading must cost than the next that would do something else."""
_ASKS: Final = 0.3
"""How much less a reading must cost that has to be asked about than one that has not."""
_CUT: Final = re.compile(
    r"\s*[,;]\s*(?:and\s+|so\s+|then\s+|but\s+)*|[.!?]\s+(?:then\s+)?|\s+and\s+(?:then\s+)?|\s+then\s+", re.IGNORECASE
)
_NOT: Final = re.compile(r"^\W*(?:please\s+)?(?:do\s+not|don['’]?t|never|not|no)\b", re.IGNORECASE)
_MOST_STRANGE: Final = 3
_MOST_WORDS: Final = 60
_ASKED: Final = re.compile(
    r"^\W*(?P<condition>(?:is|are|was|were|has|have|does|do|did)\b[^?]+)\?\s*(?:if so|then|if yes|in that case)\b[,:]?\s*(?P<main>\S.+)$",
    re.IGNORECASE | re.DOTALL,
)
"""`Is the price list overdue? Then hand it to her`."""
_MORE: Final = re.compile(r"[.;!]\s+\S|\n\s*\S")
"""What follows in another sentence may be meant in any case."""
_IF: Final = re.compile(r"\b(?:if|unless|when|whenever|until you|in case|otherwise)\b", re.IGNORECASE)
_QUOTED: Final = re.compile(r"\"[^\"]*\"|“[^”]*”|(?<!\w)'[^'\n]*'(?!\w)")
_SUBJECT: Final = re.compile(
    r"^\W*(?P<what>(?:the |our |my )?[\w'’ -]+?) (?:is|are|was|were|has|have)\b", re.IGNORECASE
)
_AND: Final = re.compile(r"\s*,?\s*\band\s+|\s*,\s*", re.IGNORECASE)
_REQUEST: Final = re.compile(r"^\W*(?:(?:please|hi|hello|hey)\W+)*(?:can|could|would|will)\b", re.IGNORECASE)
_LEADS: Final = word_set("can could you would will also just")
_STATES: Final = re.compile(
    r"^\W*(?:(?:i|we|he|she|they|it|you|there|the|a|an|my|our|his|her|their|its|this|that|these|those|all|i['’]ve|we['’]ve|i['’]m|we['’]re"
    r"|it['’]s|there['’]s|he['’]s|she['’]s|they['’]re)\b"
    r"|(?-i:[A-Z])[\w-]+(?: (?-i:[A-Z])[\w-]+)*(?:['’]s(?: [\w-]+){1,3})?(?: no longer)? (?:is|are|was|were|has|had|can|can['’]t|cannot|will|won['’]t|must|would"
    r"|isn['’]t|doesn['’]t|didn['’]t|hasn['’]t|just|\w{2,}s|\w{2,}ed|went|left|got|came|quit|told|said)\b)",
    re.IGNORECASE,
)
"""A clause with a subject of its own, that says how things are."""
_MOST_PEOPLE: Final = 5


@dataclass(slots=True)
class _Sentence:
    """One sentence, with the tools that may be meant."""

    goal: Goal
    world: World
    ways: list[tuple[Way, Table | None]] = field(default_factory=list)
    flags: dict[str, Sequence[tuple[frozenset[str], frozenset[str]]]] = field(default_factory=dict)
    people: dict[str, tuple[str, ...]] = field(default_factory=dict)
    tables: list[Table] = field(default_factory=list)

    async def prepare(self, *, asking: bool = False) -> None:
        """Read what the tools that may be meant need; where something is only asked none of them."""
        said = words(self.goal.text)
        stems = frozenset(each.stem for each in said)
        stems |= {stem(f"{one.lower}{other.lower}") for one, other in pairwise(said)}
        reads = [each.manifest for each in self.world.reads]
        mentions = Heard.of(self.goal.text, self.goal, {}).mentions
        quoted = [each.text.strip("'\"‘’“”") for each in mentions if each.kind == "quoted"]
        self.world.names = [*names(mentions), *quoted]
        for tool in () if asking else self.world.tools:
            lexicon = lexicon_of(tool)
            if tool.effect == "read" or not any(is_deed(each) or lexicon.cost(each) is not None for each in stems):
                continue
            keys = keys_of(tool)
            tables = {each: await self.world.table_of(each, tool) for each in ids_of(tool)}
            key = next((each for each in keys if nouns(each, tool) & lexicon.things), (keys or [""])[0])
            table = tables.get(key)
            if key and table is None:
                continue
            refs = {name: called(name, tool, each) for name, each in tables.items() if name != key and each is not None}
            if table is not None and table.read.name not in self.flags:
                self.flags[table.read.name] = await self.world.flagged(table, stems)
            for each in ways_of(tool, key, table.rows if table else (), reads, refs):
                things = each.lexicon.things | (table.called if table is not None else frozenset())
                self.ways.append((replace(each, lexicon=replace(each.lexicon, things=things)), table))
        for name in names(Grounder.of(self.goal).mentions(self.goal.text))[:_MOST_PEOPLE]:
            self.people[name] = await self.world.addresses_of(name)

    async def widen(self) -> None:
        """Read all there is, for what is said of people or in a condition."""
        self.tables = [] if self.tables else await self.world.tables()

    async def spelt(self) -> str:
        """Return the sentence as it is spelt: mistyped words of the trade mended, names of people that are known with a capital."""
        text = self.goal.text
        among = known(self.world.tools, (row for table in self.tables for row in table.rows))
        for word in list(strange(text, among, frozenset(map(stem, among))))[:_MOST_STRANGE]:
            name = re.sub(r"['’]s$", "", word.text).capitalize()
            told = await self.world.addresses_of(name)
            if told:
                self.people[name] = told
                text = text[: word.start] + word.text.capitalize() + text[word.end :]
        return mended(text, among)

    def best(self, text: str, context: str = "") -> list[Draft]:
        """Return the readings of a clause that cost least, one for each thing that would be done."""
        heard = Heard.of(text, self.goal, self.people)
        earlier = Heard.of(context, self.goal, self.people) if context else None
        if self.tables:
            finder = Finder(self.goal, self.tables, self.people)
            folk = finder.find(text, lambda table: () if earlier is None else about(earlier, table))
            heard = replace(heard, folk=tuple((each.span, each.addresses) for each in folk))
        found = list[Draft]()
        things = frozenset(each for way, _ in self.ways for each in way.lexicon.things)
        for way, table in self.ways:
            scene = Scene(
                way, table, self.flags.get(table.read.name, ()) if table else (), others=things - way.lexicon.things
            )
            if earlier is not None and table is not None:
                scene = replace(
                    scene,
                    before=about(earlier, table),
                    narrowed=narrowing(earlier, dated=True),
                    told=values(earlier, table),
                )
            found += drafts(heard, scene)
        kept = dict[str, Draft]()
        for each in sorted(found, key=lambda one: one.cost):
            kept.setdefault(_signature(each), each)
        return list(kept.values())

    def asks(self, clause: str) -> bool:
        """Tell whether a clause begins as one that asks for something."""
        telling = [each for each in words(clause) if each.lower not in POLITE | _LEADS]
        first = telling[0].stem if telling else ""
        return first in verbs() or any(way.lexicon.is_deed(first) for way, _ in self.ways)


def _signature(draft: Draft) -> str:
    given = sorted((each.slot, str(each.value), each.by) for each in draft.given)
    return f"{draft.way.tool.name} {dict(draft.way.fixed)} {given} {sorted(map(str, draft.rows))}"


def _meant(found: Sequence[Draft]) -> Draft | None:
    """The one that is meant; None where none is, or two would do different things."""
    whole, asking = [each for each in found if each.whole], [each for each in found if not each.whole]
    if whole and not (asking and asking[0].cost < whole[0].cost - _ASKS):
        return None if len(whole) > 1 and whole[1].cost - whole[0].cost < _APART else whole[0]
    if not asking or any(
        each.way.tool is not asking[0].way.tool and each.cost - asking[0].cost < _APART for each in asking
    ):
        return None
    return asking[0]


async def accounted(
    goal: Goal, answers: Sequence[Answer], tools: Sequence[Manifest], reader: Reader
) -> Plan | Question | None:
    """Return what becomes of a sentence of which every word is accounted for; None for all others."""
    if (whole := await asked_about(goal, answers, tools, reader)) is not None:
        return whole
    if goal.context or any("." not in each.slot for each in answers) or len(words(goal.text)) > _MOST_WORDS:
        return None
    sentence = _Sentence(goal, World(goal, tools, reader))
    if not sentence.world.reads:
        return None
    asking = mood(goal.text, [each.span() for each in _QUOTED.finditer(goal.text)]).asks_about or _wonders(goal.text)
    try:
        if asking:
            return await _question(sentence)
        if _IF.search(masked(goal.text)):
            return None
        await sentence.prepare()
        found = _understood(sentence, goal.text, "")
        if not any(each.whole for each in found):
            await sentence.widen()
            found = _understood(sentence, await sentence.spelt(), "") or found
    except Unread:
        return None
    return _proposed(sentence, found, answers, "")


async def _question(sentence: _Sentence) -> Plan | None:
    """The read that answers what was asked."""
    goal, tools = sentence.goal, sentence.world.tools
    if _ASKED.match(goal.text):
        return None
    await sentence.prepare(asking=True)
    await sentence.widen()
    found = await answering(goal, sentence.world, sentence.tables, sentence.people)
    if found is None:
        return None
    read, arguments = found
    step = Step(
        StepId("s1"), read.name, {name: Literal(each) for name, each in arguments.items()}, (), None, "", {}, CONFIDENCE
    )
    plan = Plan((step,), goal.text.strip(), PLANNER, CONFIDENCE, {read.name: read.digest})
    try:
        validate(plan, tools)
    except PlanInvalid:
        return None
    return None if unheard(goal, plan, tools) else plan


async def accounted_if(
    goal: Goal, answers: Sequence[Answer], tools: Sequence[Manifest], reader: Reader
) -> Plan | Question | Declined | None:
    """Return what becomes of a sentence with a condition of which every word is accounted for; None for all others."""
    cut = None if goal.context else _conditional(goal.text)
    if cut is None or any("." not in each.slot for each in answers) or len(words(goal.text)) > _MOST_WORDS:
        return None
    sentence = _Sentence(goal, World(goal, tools, reader))
    try:
        await sentence.prepare()
        await sentence.widen()
    except Unread:
        return None
    return _on_condition(sentence, cut, answers)


def _on_condition(
    sentence: _Sentence, cut: Conditional, answers: Sequence[Answer]
) -> Plan | Question | Declined | None:
    """What is to be done where the condition holds, or else; None where it cannot be told whether it does."""
    text = sentence.goal.text
    condition = text[slice(*cut.condition)].strip()
    outcome = Conditions(sentence.goal, sentence.tables, sentence.people).outcome(condition)
    if outcome is None:
        return None
    so = outcome.holds != cut.negated
    span = cut.main if so else cut.other
    if span is None:
        return Declined(f"nothing is to be done: it asks for it {cut.word} {condition!r}, and {outcome.told}")
    found = _understood(sentence, text[slice(*span)].strip(), condition)
    why = f"{'' if so else 'otherwise: '}{cut.word} {condition!r} (now: {'true' if outcome.holds else 'false'}, {outcome.told})"
    return _proposed(sentence, found, answers, why)


def _conditional(text: str) -> Conditional | None:
    """The way to cut a sentence at its condition; None where it has none."""
    asked = _ASKED.match(text)
    if asked is not None:
        return Conditional("if", asked.span("condition"), asked.span("main"))
    cut = next(conditionals(text, verbs().__contains__), None)
    if (
        cut is None
        or cut.word in ("when", "only when", "should")
        or cut.watches
        or _MORE.search(masked(text[slice(*cut.main)]))
    ):
        return None
    return cut


def _proposed(
    sentence: _Sentence, found: Sequence[Draft], answers: Sequence[Answer], why: str
) -> Plan | Question | None:
    if len(found) == 1:
        found = [answered(found[0], answers, sentence.people)]
    for draft in found:
        if not draft.whole:
            return _asked(draft) if len(found) == 1 else None
    return _plan(sentence.goal, found, sentence.world.tools, why) if found else None


def _same_deed(first: str, rest: str) -> str:
    """`Order 10 chains and 20 bells`: what is said after it is to be done to both."""
    telling = next((each for each in words(first) if each.lower not in POLITE | _LEADS), None)
    return rest if telling is None else f"{telling.text} {rest}"


def _wonders(text: str) -> bool:
    """Tell whether it ends as a question that is no polite request."""
    return text.rstrip().endswith("?") and _REQUEST.match(text) is None


def answered(draft: Draft, answers: Sequence[Answer], people: Mapping[str, tuple[str, ...]]) -> Draft:
    """Return the draft with what a person answered to what was asked of it."""
    way = draft.way
    for each in answers:
        name = each.slot.partition(".")[2]
        if name == way.key:
            told = told_apart(draft.rows)
            said = str(each.value if each.value is not None else each.text).strip()
            rows = [row for row in draft.rows if str(_key(draft, row)) == said]
            rows = rows or [
                row for row, one in zip(draft.rows, told, strict=True) if said and said.casefold() in one.casefold()
            ]
            if len(rows) == 1:
                draft = replace(draft, rows=tuple(rows), missing=tuple(one for one in draft.missing if one != name))
            continue
        slot = next((one for one in way.slots if one.name == name), None)
        if slot is None:
            continue
        origin = next((one for one in draft.given if one.slot == name), None)
        given = (
            _answer(each, slot, way, draft, people)
            if origin is None or origin.by != "which"
            else (Given(name, each.value if each.value is not None else each.text.strip(), each.text, (0, 0)))
        )
        if given is not None:
            rest = tuple(one for one in draft.given if one.slot != name)
            draft = replace(draft, given=(*rest, given), missing=tuple(one for one in draft.missing if one != name))
    return draft


def _answer(answer: Answer, slot: Slot, way: Way, draft: Draft, people: Mapping[str, tuple[str, ...]]) -> Given | None:
    """The value of an answer in words; None where it is none of this kind."""
    if slot.kind == "text":
        return Given(slot.name, answer.text.strip(), answer.text, (0, 0))
    heard = Heard.of(answer.text, draft.goal, people)
    alone = replace(way, key="", slots=(slot,))
    for piece in pieces(heard, alone):
        for choice in choices(piece, alone, heard, ""):
            if choice.given and not choice.given[0].by:
                return choice.given[0]
    return None


def _understood(sentence: _Sentence, text: str, context: str) -> list[Draft]:
    """The clauses of a text that ask for something, each as it is meant; nothing where one of them is not accounted for."""
    asked = list[Draft]()
    for told in _ways_to_say(text, context, sentence.goal):
        meant = _meant(sentence.best(told, context))
        if meant is not None and meant.whole:
            return [meant]
        asked += [] if meant is None else [meant]
    plain = masked(text)
    for cut in _CUT.finditer(plain):
        first, rest = text[: cut.start()], text[cut.end() :]
        if not first.strip() or not rest.strip():
            continue
        after = _understood(sentence, rest, f"{context}, {first}" if context else first)
        if (
            sentence.asks(first)
            and not after
            and _AND.fullmatch(text[cut.start() : cut.end()])
            and not sentence.asks(rest)
        ):
            again = [_same_deed(first, rest), first]
            made = [_understood(sentence, each, context) for each in again]
            tools = {each.way.tool.name for one in made for each in one}
            if all(one and all(each.whole for each in one) for one in made) and len(tools) == 1:
                return [*made[1], *made[0]]
        if not after or not all(each.whole for each in after):
            continue
        if sentence.asks(first):
            before = _understood(sentence, first, context)
            if before and all(each.whole for each in before):
                return [*before, *after]
        elif _STATES.match(first) and not _NOT.search(first):
            return after
    return asked[:1]


def _ways_to_say(text: str, context: str, goal: Goal) -> Iterator[str]:
    """The clause, with whom and when it points back to in the place of the words that point."""
    grounder = Grounder.of(goal)
    mentions = grounder.mentions(context) if context else ()
    days = [each for each in mentions if each.kind == "date"]
    if len(days) == 1:
        text = re.sub(r"\b(?:on )?(?:that|the same) day\b", days[0].text, text, flags=re.IGNORECASE)
    people = names(mentions)
    if pointing(text) and len(people) == 1 and re.search(r"\b(?:his|her|him|he|she)\b", masked(text), re.IGNORECASE):
        yield from (each.text for each in resolved(text, 0, people[0]))
    subject = _SUBJECT.match(masked(context)) if re.search(r"\bits\b", masked(text), re.IGNORECASE) else None
    if subject is not None:
        yield from (each.text for each in resolved(text, 0, context[slice(*subject.span("what"))]))
    yield text


def _asked(draft: Draft) -> Question | None:
    """What has to be said before it can be done."""
    tool, way = draft.way.tool, draft.way
    for given in draft.given:
        if given.by == "which" and isinstance(given.value, list):
            options = tuple(Option(str(each), each) for each in given.value[:MOST_ROWS])
            return Question(f"s1.{given.slot}", f"Which {given.text} is meant?", options)
    if way.key in draft.missing and draft.rows:
        told = told_apart(draft.rows)
        keys = [_key(draft, row) for row in draft.rows]
        options = tuple(Option(name, key) for name, key in zip(told, keys, strict=True))
        return Question(
            f"s1.{way.key}", f"Which is meant? {len(told)} rows agree with what was said", options[:MOST_ROWS]
        )
    return (
        None
        if way.field or not draft.missing
        else Question(f"s1.{draft.missing[0]}", question_for(tool, draft.missing[0]))
    )


def _key(draft: Draft, row: JsonObject) -> str | int | None:
    way = draft.way
    return key_of(row, way.key, nouns(way.key, way.tool), parameters(way.tool)[way.key])


def _plan(goal: Goal, found: Sequence[Draft], tools: Sequence[Manifest], why: str) -> Plan | None:
    steps = list[Step]()
    for draft, row in ((one, row) for each in found for one in _each(each) for row in one.rows or ({},)):
        made = _step(goal, draft, row, f"s{len(steps) + 1}")
        if made is None:
            return None
        steps.append(replace(made, why=why))
    if len({str((each.tool, dict(each.arguments))) for each in steps}) < len(steps):
        return None
    manifests = {each.tool: next(tool.digest for tool in tools if tool.name == each.tool) for each in steps}
    plan = Plan(tuple(steps), goal.text.strip(), PLANNER, CONFIDENCE, manifests)
    try:
        validate(plan, tools)
    except PlanInvalid:
        return None
    return plan


def _each(draft: Draft) -> Iterator[Draft]:
    """The draft once for each of several people."""
    many = next((each for each in draft.given if each.by == "each"), None)
    if many is None or not isinstance(many.value, list):
        yield draft
        return
    for value in many.value:
        yield replace(
            draft, given=tuple(replace(each, value=value, by="") if each is many else each for each in draft.given)
        )


def _step(goal: Goal, draft: Draft, row: JsonObject, name: str) -> Step | None:
    way = draft.way
    arguments: dict[str, Template] = {each: Literal(value) for each, value in way.fixed.items()}
    origins = dict[str, Provenance]()
    if way.key:
        key = _key(draft, row)
        if key is None:
            return None
        arguments[way.key] = Literal(key)
        by = draft.read.name if draft.read is not None else ""
        origins[way.key] = Provenance("read", f"{by}: {told_apart([row])[0]}")
    for given in draft.given:
        value = _value(given, row)
        if value is None:
            return None
        argument = way.field or given.slot
        arguments[argument] = Literal(value)
        place = goal.text.find(given.text)
        at = (place, place + len(given.text)) if place >= 0 else (None, None)
        origins[argument] = Provenance("read", given.text) if given.read else Provenance("words", given.text, *at)
    return Step(StepId(name), way.tool.name, arguments, (), None, "", origins, CONFIDENCE)


def _value(given: Given, row: JsonObject) -> Json:
    """The value, made with the row where it is said so; None where the row does not tell."""
    if not given.by:
        return given.value
    dated = [str(value) for value in row.values() if isinstance(value, str) and re.match(r"\d{4}-\d\d-\d\d", value)]
    if len(dated) != 1:
        return None
    moment = datetime.fromisoformat(dated[0])
    if given.by == "day":
        return f"{given.value}{dated[0][10:16]}:00{dated[0][19:]}" if len(dated[0]) > len("2026-11-24") else None
    if given.by == "clock":
        return f"{dated[0][:10]}T{str(given.value)[:5]}:00{dated[0][19:]}" if len(dated[0]) > 10 else None
    length = re.fullmatch(r"P(?:(\d+)D|T(\d+)M)", str(given.value))
    if length is None:
        return None
    change = timedelta(days=int(length[1] or 0), minutes=int(length[2] or 0))
    after = moment - change if given.by == "earlier" else moment + change
    return after.date().isoformat() if len(dated[0]) == 10 else after.isoformat()
