"""Several calls: requests of several parts, each read by itself, and one tool as often as its sentence says the same kind of thing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from doer.domain.action import Manifest
from doer.domain.goal import Goal
from doer.domain.plan import Plan
from doer.domain.scoring import TURN, Heard, ToolScore, ToolText
from doer.domain.template import Literal
from doer.domain.value import Json, JsonObject, Principal
from doer.intent.grounder import Grounder
from doer.planning.action.alike import MOST_READ as MOST_PIECES
from doer.planning.action.division import MOST_READ
from doer.planning.action.remembering import Remembering
from doer.planning.action_model import ActionPlanner, understand
from doer.planning.words.candidates import Listened, listen
from doer.planning.words.portions import portion, turns_of
from doer.planning.words.requests import begins_request, requests
from doer.planning.words.symmetry import symmetries
from doer.testing.planner import NothingToRead
from doer.testing.scorer import ScriptedScorer

TEXT: JsonObject = {"type": "string"}
NUMBER: JsonObject = {"type": "number"}
SAID_AT = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
Wanted = Mapping[str, Mapping[str, str | Sequence[str]]]


class LastTurn(ScriptedScorer):
    """Knows a tool by a word of the last turn; with two such words there, it is half sure of either, and sees no values."""

    def __init__(self, wanted: Wanted, cues: Mapping[str, str], several: float = 0.0) -> None:
        super().__init__(wanted, several)
        self.cues = cues
        self.read: list[str] = []

    def nearest(self, text: str, tools: Sequence[ToolText]) -> Sequence[float]:
        return [0.7 if self._cued(each, text) else 0.1 for each in tools]

    def score(self, heard: Heard, tools: Sequence[ToolText]) -> Sequence[ToolScore]:
        last = heard.text.rsplit(TURN, 1)[-1]
        self.read.append(heard.text)
        crowded = sum(cue in last for cue in self.cues.values()) > 1
        return [
            replace(
                told, relevance=0.6 if crowded and self._cued(tool, last) else 0.95 if self._cued(tool, last) else 0.02
            )
            for tool, told in zip(tools, super().score(heard, tools), strict=True)
        ]

    def _cued(self, tool: ToolText, text: str) -> bool:
        return self.cues.get(tool.name, "\0") in text


def tool(name: str, properties: JsonObject, required: Sequence[str] = ()) -> Manifest:
    parameters: JsonObject = {"type": "object", "properties": properties, "required": list(required)}
    return Manifest(name, f"{name.replace('_', ' ')} for somebody", parameters, "write")


STATUS = tool("flight_status", {"flight": TEXT}, ("flight",))
SEAT = tool("change_seat", {"booking": TEXT, "seat": TEXT, "flight": TEXT}, ("booking", "seat"))
SHARE = tool("share_album", {"album": TEXT, "email": TEXT}, ("album", "email"))
MAKE = tool("make_album", {"name": TEXT}, ("name",))
LOAN = tool("loan_payment", {"amount": NUMBER, "rate": NUMBER, "years": NUMBER}, ("amount", "rate", "years"))
LIST: JsonObject = {"type": "array", "items": TEXT, "description": "mail addresses"}
MAIL = tool("forward", {"message": TEXT, "to": LIST}, ("message", "to"))


async def calls(text: str, scorer: ScriptedScorer, *tools: Manifest) -> list[tuple[str, dict[str, Json]]]:
    goal = Goal(text, Principal("sam"), SAID_AT)
    plan = await ActionPlanner(scorer, 0.0, 0.0).propose(goal, (), tools, NothingToRead())
    assert isinstance(plan, Plan), plan
    return [
        (step.tool, {name: each.value for name, each in step.arguments.items() if isinstance(each, Literal)})
        for step in plan.steps
    ]


async def test_each_part_of_a_request_is_read_without_the_words_of_the_others() -> None:
    said = "Check whether EK078 is running late, then move me to 31F under booking M4ZZTR"
    wanted: Wanted = {
        "flight_status": {"flight": "EK078"},
        "change_seat": {"booking": "M4ZZTR", "seat": "31F", "flight": "EK078"},
    }
    scorer = LastTurn(wanted, {"flight_status": "late", "change_seat": "booking"})
    assert await calls(said, scorer, STATUS, SEAT) == [
        ("flight_status", {"flight": "EK078"}),
        ("change_seat", {"booking": "M4ZZTR", "seat": "31F"}),
    ]


async def test_what_a_part_points_back_to_is_what_the_part_before_it_said() -> None:
    said = "Make an album named Harbour, then share it with press@harbour.example"
    wanted: Wanted = {
        "make_album": {"name": "Harbour"},
        "share_album": {"album": "Harbour", "email": "press@harbour.example"},
    }
    scorer = LastTurn(wanted, {"make_album": "Make", "share_album": "share"})
    assert await calls(said, scorer, MAKE, SHARE) == [
        ("make_album", {"name": "Harbour"}),
        ("share_album", {"album": "Harbour", "email": "press@harbour.example"}),
    ]


async def test_words_of_a_part_stand_in_the_plan_at_their_place_in_the_whole() -> None:
    said = "Check whether EK078 is running late, then move me to 31F under booking M4ZZTR"
    wanted: Wanted = {"flight_status": {"flight": "EK078"}, "change_seat": {"booking": "M4ZZTR", "seat": "31F"}}
    scorer = LastTurn(wanted, {"flight_status": "late", "change_seat": "booking"})
    understood = understand(scorer, Goal(said, Principal("sam"), SAID_AT), [STATUS, SEAT])
    words = {each.name: said[slice(*each.spans[0])] for call in understood.calls for each in call.filled}
    assert words == {"flight": "EK078", "booking": "M4ZZTR", "seat": "31F"}


async def test_a_sentence_that_asks_for_nothing_is_one_with_the_request_before_it() -> None:
    said = "Check whether EK078 is running late. I would be glad to hear soon."
    scorer = LastTurn({"flight_status": {"flight": "EK078"}}, {"flight_status": "late"})
    assert await calls(said, scorer, STATUS, SEAT) == [("flight_status", {"flight": "EK078"})]


async def test_a_request_of_one_part_is_read_once() -> None:
    scorer = LastTurn({"flight_status": {"flight": "EK078"}}, {"flight_status": "late"})
    assert await calls("Check whether EK078 is running late", scorer, STATUS) == [
        ("flight_status", {"flight": "EK078"})
    ]
    assert len(scorer.read) == 1


def understood_from(scorer: ScriptedScorer, said: str, *tools: Manifest) -> list[str]:
    return [each.tool for each in understand(scorer, Goal(said, Principal("sam"), SAID_AT), tools).calls]


def test_parts_are_not_read_where_only_one_tool_can_be_meant() -> None:
    said = "Check whether EK078 is running late. Then tell me about it in the evening."
    scorer = LastTurn({"flight_status": {"flight": "EK078"}}, {"flight_status": "late"})
    assert understood_from(scorer, said, STATUS, SEAT) == ["flight_status"]
    assert scorer.read == [said]


def test_a_sentence_that_is_nearest_to_the_same_tool_is_read_with_the_request_before_it() -> None:
    said = "Check whether EK078 is running late. The plane was late all week. Then move me to 31F under booking M4ZZTR"
    wanted: Wanted = {"flight_status": {"flight": "EK078"}, "change_seat": {"booking": "M4ZZTR", "seat": "31F"}}
    scorer = LastTurn(wanted, {"flight_status": "late", "change_seat": "booking"}, several=0.1)
    assert understood_from(scorer, said, STATUS, SEAT) == ["flight_status", "change_seat"]
    assert "Check whether EK078 is running late. The plane was late all week." in scorer.read
    assert "Check whether EK078 is running late." not in scorer.read


def test_when_the_first_of_two_parts_is_no_request_the_second_is_not_read() -> None:
    said = "Tell me if I am late and get going, then move me to 31F under booking M4ZZTR"
    wanted: Wanted = {"flight_status": {}, "change_seat": {"booking": "M4ZZTR", "seat": "31F"}}
    scorer = LastTurn(wanted, {"flight_status": "late", "change_seat": "booking"}, several=0.1)
    understood_from(scorer, said, STATUS, SEAT)
    assert len(scorer.read) == 2
    assert not any(each.startswith("move me") for each in scorer.read)


class Counting(LastTurn):
    """Counts the tools that are read with words that are not all of the request."""

    def __init__(self, wanted: Wanted, cues: Mapping[str, str], several: float = 0.0) -> None:
        super().__init__(wanted, cues, several)
        self.pairs = list[tuple[str, str]]()

    def score(self, heard: Heard, tools: Sequence[ToolText]) -> Sequence[ToolScore]:
        self.pairs += [(heard.text, each.name) for each in tools]
        return super().score(heard, tools)


def test_parts_have_room_for_so_many_readings_and_no_more() -> None:
    cues = {f"open_{each}": each for each in ("gate", "door", "hatch", "vault", "shutter")}
    tools = [tool(name, {"code": TEXT}, ("code",)) for name in cues]
    said = ". ".join(f"Open it, the {cue}, with it" for cue in cues.values())
    scorer = Counting({name: {} for name in cues}, cues)
    understood_from(scorer, said, *tools)
    of_parts = [pair for pair in scorer.pairs if pair[0] != said]
    assert 0 < len(of_parts) <= MOST_READ + 1


def test_the_same_words_are_read_with_a_tool_only_once() -> None:
    said = "Check whether EK078 is running late, then move me to 31F or 31F under booking M4ZZTR"
    wanted: Wanted = {"flight_status": {"flight": "EK078"}, "change_seat": {"booking": "M4ZZTR", "seat": "31F"}}
    scorer = Counting(wanted, {"flight_status": "late", "change_seat": "booking"}, several=0.9)
    understood_from(scorer, said, STATUS, SEAT)
    assert len(scorer.pairs) == len(set(scorer.pairs))


def test_what_was_read_of_some_tools_is_asked_for_the_others_only() -> None:
    asked = Counting({"flight_status": {}}, {"flight_status": "late"})
    scorer = Remembering(asked)
    status, seat = (ToolText(each.name, each.description, ()) for each in (STATUS, SEAT))
    first = scorer.score(heard("I am late").heard, [status])
    both = scorer.score(heard("I am late").heard, [seat, status])
    assert asked.pairs == [("I am late", "flight_status"), ("I am late", "change_seat")]
    assert both[1] == first[0]
    assert both[0].relevance < both[1].relevance


def test_of_many_pieces_only_the_likeliest_way_to_cut_them_is_read() -> None:
    said = "Instalments for 150,000 at 3.9 %, over 10, 12, 14, 15 and 20 years and at 4.1 %, over 25 years"
    scorer = Counting({"loan_payment": {"amount": "150,000", "rate": "3.9"}}, {"loan_payment": "nstal"}, several=0.9)
    understood_from(scorer, said, LOAN)
    assert len(scorer.pairs) <= 1 + MOST_PIECES


async def test_three_numbers_where_one_is_wanted_are_three_calls_with_what_is_said_once() -> None:
    said = "Instalments for 150,000 at 3.9 %, over 10, 15 and 20 years"
    wanted: Wanted = {"loan_payment": {"amount": "150,000", "rate": "3.9", "years": ["10", "15", "20"]}}
    found = await calls(said, ScriptedScorer(wanted, several=0.9), LOAN)
    assert found == [("loan_payment", {"amount": 150000, "rate": 3.9, "years": years}) for years in (10, 15, 20)]


async def test_each_call_is_read_as_if_it_alone_had_been_said() -> None:
    said = "Instalments for 150,000 at 3.9 %, over 10, 15 and 20 years"
    scorer = LastTurn(
        {"loan_payment": {"amount": "150,000", "rate": "3.9", "years": ["10", "15", "20"]}},
        {"loan_payment": "nstal"},
        several=0.9,
    )
    understand(scorer, Goal(said, Principal("sam"), SAID_AT), [LOAN])
    assert "Instalments for 150,000 at 3.9 %, over 15 years" in scorer.read


async def test_a_list_where_a_list_is_wanted_is_one_call() -> None:
    said = "Forward 7714f to ana@example.org and bob@example.org"
    wanted: Wanted = {"forward": {"message": "7714f", "to": ["ana@example.org", "bob@example.org"]}}
    assert await calls(said, ScriptedScorer(wanted, several=0.9), MAIL) == [
        ("forward", {"message": "7714f", "to": ["ana@example.org", "bob@example.org"]})
    ]


def heard(text: str) -> Listened:
    return listen((text,), Grounder.of(Goal(text, Principal("sam"), SAID_AT)))


@pytest.mark.parametrize(
    ("said", "segments"),
    [
        ("Divide 81 by 4 and 150 by 8", ["81 by 4", "150 by 8"]),
        ("What is 5 %, 10 % and 12 % of 640?", ["5 %", "10 %", "12 %"]),
        ("l1 norms of (5, -5) and (2, 2, -9)", ["(5, -5)", "(2, 2, -9)"]),
        (
            "Fares to Tbilisi, once starting in Warsaw and once in Vilnius.",
            ["once starting in Warsaw", "once in Vilnius"],
        ),
        ("Studios in Malaga up to 950 and in Lugo up to 800", ["in Malaga up to 950", "in Lugo up to 800"]),
        ("Hazards of benzene, aniline and pyridine, please", ["benzene", "aniline", "pyridine"]),
    ],
)
def test_what_is_said_alike_on_both_sides_of_a_joint_is_two_of_a_kind(said: str, segments: list[str]) -> None:
    best = symmetries(heard(said), (0, len(said)))[0]
    assert [said[start:end] for start, end in best.segments] == segments


def test_words_without_a_joint_have_no_symmetry() -> None:
    said = "Move the meeting to Friday"
    assert symmetries(heard(said), (0, len(said))) == []


def test_words_over_the_seam_of_a_portion_are_at_two_places_of_the_whole() -> None:
    said = "the 2019 and 2023 election"
    whole = heard(said)
    made = portion(whole, [[(0, 4), (13, len(said))]], Grounder.of(Goal(said, Principal("sam"), SAID_AT)))
    assert made.listened.heard.text == "the 2023 election"
    assert [said[start:end] for start, end in made.back((0, 8))] == ["the ", "2023"]
    assert turns_of(whole) == [(0, len(said))]


def test_a_request_is_not_cut_within_a_quotation_nor_before_a_relative_clause() -> None:
    quoted = 'Post "Welcome divers, add your logs" in the channel'
    assert requests(quoted) == [(0, len(quoted))]
    relative = "Transcribe the recording of today, which is in Turkish"
    assert requests(relative) == [(0, len(relative))]


def test_words_too_few_for_a_request_belong_to_the_one_before_them() -> None:
    said = "Check the ferry to Bergen. Thank you. Tell me the weather in Oslo"
    assert [said[start:end] for start, end in requests(said)] == [
        "Check the ferry to Bergen. Thank you.", "Tell me the weather in Oslo",
    ]  # fmt: skip


def test_a_request_begins_with_a_verb_a_question_or_a_wish() -> None:
    assert begins_request("then please check the ferry", frozenset())
    assert begins_request("What does it cost", frozenset())
    assert not begins_request("The hall is sage green", frozenset())


def test_two_tools_of_one_name_are_read_each_for_itself() -> None:
    tools = [tool("find_room", {"city": TEXT}), tool("find_room", {"city": TEXT, "day": TEXT})]
    scorer = LastTurn({"find_room": {"city": "Oslo"}}, {"find_room": "room"})

    understood = understand(scorer, Goal("A room in Oslo", Principal("sam"), SAID_AT), tools)

    assert [call.tool for call in understood.calls] == ["find_room"]
    assert len(understood.considered) == 2
