"""Dialogues in which tools were called: what is said now is read alone, and what it lacks comes from what is on record, with its source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import pytest

from doer.domain.action import Manifest
from doer.domain.goal import Goal, Question
from doer.domain.plan import Plan, Step
from doer.domain.ports import Proposal
from doer.domain.scoring import Heard, ToolScore, ToolText
from doer.domain.template import Literal
from doer.domain.value import Json, JsonObject, Principal
from doer.planning.action.likeness import ALIKE, LEAST, SURE, likeness
from doer.planning.action_model import ActionPlanner
from doer.testing.planner import NothingToRead
from doer.testing.scorer import ScriptedScorer

TEXT: JsonObject = {"type": "string"}
WHOLE: JsonObject = {"type": "integer"}
TEXTS: JsonObject = {"type": "array", "items": TEXT}
SPAN: JsonObject = {"type": "object", "properties": {"start": TEXT, "end": TEXT}, "required": ["start", "end"]}
Wanted = Mapping[str, Mapping[str, str | Sequence[str]]]


def tool(name: str, properties: JsonObject, required: Sequence[str] = ()) -> Manifest:
    parameters: JsonObject = {"type": "object", "properties": properties, "required": list(required)}
    return Manifest(name, f"{name.replace('_', ' ')} for somebody", parameters, "write")


SALES = tool("fetch_sales", {"segment": TEXT, "span": SPAN}, ("segment", "span"))
RIVALS = tool("list_rivals", {"segment": TEXT, "most": WHOLE, "span": SPAN}, ("segment", "most"))
FEED = tool("tune_feed", {"topics": TEXTS, "hour": TEXT, "size": WHOLE, "loop": {"type": "boolean"}}, ("topics",))
LOGIN = tool("log_in", {"user": TEXT, "word": TEXT}, ("user", "word"))
ALARM = tool("add_alarm", {"token": TEXT, "label": TEXT}, ("token", "label"))
CANCEL = tool("cancel_trip", {"trip_id": TEXT}, ("trip_id",))
TRIPS = tool("find_trip", {"town": TEXT}, ("town",))
CALLED = '[fetch_sales(segment="garden tools", span={"start": "2026-03-01", "end": "2026-03-31"})]'
TUNED = '[tune_feed(topics=["Films", "Music"], hour="evening", size=10)]'


async def propose(text: str, scorer: ScriptedScorer, tools: Sequence[Manifest], *context: str) -> Proposal:
    goal = Goal(text, Principal("sam"), datetime(2026, 11, 20, 8, 0, tzinfo=UTC), context=context)
    return await ActionPlanner(scorer, 0.0, 0.0).propose(goal, (), tools, NothingToRead())


async def steps(text: str, wanted: Wanted, tools: Sequence[Manifest], *context: str) -> Sequence[Step]:
    plan = await propose(text, ScriptedScorer(wanted), tools, *context)
    assert isinstance(plan, Plan), plan
    return plan.steps


def told(step: Step) -> dict[str, Json]:
    return {name: each.value for name, each in step.arguments.items() if isinstance(each, Literal)}


async def test_what_another_tool_needs_and_nobody_says_again_is_carried_over_with_its_source() -> None:
    (step,) = await steps(
        "And the top 5 rivals?", {"list_rivals": {"most": "5"}}, [SALES, RIVALS], "Sales?", CALLED, "Here they are."
    )
    assert (step.tool, told(step)) == ("list_rivals", {"segment": "garden tools", "most": 5})
    origin = step.provenance["segment"]
    assert (origin.source, origin.text) == ("caller", "segment of an earlier call of fetch_sales")


async def test_what_need_not_be_said_is_carried_over_only_where_the_words_point_back_to_it() -> None:
    wanted: Wanted = {"list_rivals": {"most": "5"}}
    (fresh,) = await steps("Now the top 5 rivals", wanted, [SALES, RIVALS], CALLED, "Done.")
    (same,) = await steps("Now the top 5 rivals for the same span", wanted, [SALES, RIVALS], CALLED, "Done.")
    assert "span" not in told(fresh)
    assert told(same)["span"] == {"start": "2026-03-01", "end": "2026-03-31"}


async def test_a_value_that_is_not_of_the_type_is_not_carried_over() -> None:
    asked = await propose(
        "And the rivals?",
        ScriptedScorer({"list_rivals": {}}),
        [RIVALS],
        '[fetch_sales(segment="a", most="many")]',
        "Done.",
    )
    assert isinstance(asked, Question)
    assert asked.slot == "s1.most"


async def test_an_earlier_call_that_is_changed_keeps_what_is_not_said_again() -> None:
    wanted: Wanted = {"tune_feed": {"hour": "morning"}}
    (step,) = await steps("Change the hour to morning", wanted, [FEED], "Tune it.", TUNED, "Done.")
    assert told(step) == {"topics": ["Films", "Music"], "hour": "morning", "size": 10}
    assert {name: each.source for name, each in step.provenance.items()} == {
        "topics": "caller",
        "hour": "words",
        "size": "caller",
    }


@pytest.mark.parametrize(
    ("text", "said", "topics"),
    [
        ("Please add Sports", "Sports", ["Films", "Music", "Sports"]),
        ("Remove Music from it", "Music", ["Films"]),
        ("Change the topics to only Sports", "Sports", ["Sports"]),
    ],
)
async def test_what_is_said_of_a_list_joins_it_leaves_it_or_replaces_it(
    text: str, said: str, topics: list[str]
) -> None:
    (step,) = await steps(text, {"tune_feed": {"topics": [said]}}, [FEED], "Tune it.", TUNED, "Done.")
    assert told(step)["topics"] == topics
    assert told(step)["hour"] == "evening"


async def test_a_switch_is_turned_only_where_it_is_named() -> None:
    (named,) = await steps("Let's loop it as well", {"tune_feed": {"loop": "true"}}, [FEED], TUNED, "Done.")
    (other,) = await steps(
        "Change the size to 20", {"tune_feed": {"loop": "true", "size": "20"}}, [FEED], TUNED, "Done."
    )
    assert told(named) == {"topics": ["Films", "Music"], "hour": "evening", "size": 10, "loop": True}
    assert told(other) == {"topics": ["Films", "Music"], "hour": "evening", "size": 20}


async def test_the_words_of_a_wish_that_was_met_are_not_taken_for_the_new_one() -> None:
    wanted: Wanted = {"list_rivals": {"segment": ["roses", "kettles"], "most": "3"}}
    (step,) = await steps(
        "The top 3 rivals in kettles", wanted, [SALES, RIVALS], "Sales of roses?", CALLED, "Done, the roses do well."
    )
    assert told(step) == {"segment": "kettles", "most": 3}


async def test_a_token_that_was_fetched_goes_into_the_call_it_was_fetched_for() -> None:
    context = (
        "Set an alarm, label Tea",
        "Who are you?",
        '[log_in(user="sam", word="pepper")]',
        '{"token": "q9w8"}',
        "You are known.",
    )
    wanted: Wanted = {"add_alarm": {"token": "sam", "label": "Tea"}}
    (step,) = await steps("I am sam, pepper", wanted, [LOGIN, ALARM], *context)
    assert (step.tool, told(step)) == ("add_alarm", {"token": "q9w8", "label": "Tea"})
    assert step.provenance["token"].source == "read"


async def test_which_of_several_that_were_answered_is_told_by_its_place_or_its_name() -> None:
    context = (
        "Trips to Oslo?",
        '[find_trip(town="Oslo")]',
        '[{"id": "T-1", "by": "ferry"}, {"id": "T-2", "by": "night train"}]',
    )
    for text, meant in (
        ("Cancel the first one", "T-1"),
        ("Cancel the last one", "T-2"),
        ("Cancel the night train", "T-2"),
    ):
        (step,) = await steps(text, {"cancel_trip": {}}, [TRIPS, CANCEL], *context)
        assert told(step) == {"trip_id": meant}, text
    asked = await propose("Cancel it", ScriptedScorer({"cancel_trip": {}}), [TRIPS, CANCEL], *context)
    assert isinstance(asked, Question)


class Drawn(ScriptedScorer):
    """Thinks of the earlier tool wherever it hears words of the earlier wish."""

    def score(self, heard: Heard, tools: Sequence[ToolText]) -> Sequence[ToolScore]:
        every = super().score(heard, tools)
        return [
            ToolScore(0.99 if "roses" in heard.text else 0.1, 0.0, told.parameters)
            if tool.name == "fetch_sales"
            else told
            for tool, told in zip(tools, every, strict=True)
        ]


async def test_the_choice_of_a_tool_is_not_drawn_to_the_one_that_was_called() -> None:
    scorer = Drawn({"list_rivals": {"most": "3"}})
    plan = await propose(
        "The top 3 rivals there", scorer, [SALES, RIVALS], "Sales of roses?", CALLED, "The roses do well."
    )
    assert isinstance(plan, Plan)
    assert [each.tool for each in plan.steps] == ["list_rivals"]


async def test_an_id_that_an_answer_says_in_words_is_what_a_later_call_is_asked_for() -> None:
    change = tool("change_trip", {"trip_id": TEXT, "seat": TEXT}, ("trip_id",))
    book = tool("book_trip", {"town": TEXT, "seat": TEXT}, ("town",))
    context = (
        "A trip to Oslo",
        '[book_trip(town="Oslo", seat="aisle")]',
        "Your trip to Oslo is booked, with the ID TR-120 for 90 euros.",
    )
    (step,) = await steps("Change the seat to window", {"change_trip": {"seat": "window"}}, [book, change], *context)
    assert (step.tool, told(step)) == ("change_trip", {"trip_id": "TR-120", "seat": "window"})
    assert step.provenance["trip_id"].source == "read"


async def test_what_another_tool_is_there_to_change_is_not_called_again() -> None:
    change = tool("change_feed", {"feed_id": TEXT, "hour": TEXT}, ("feed_id",))
    wanted: Wanted = {"tune_feed": {"hour": "morning"}, "change_feed": {"hour": "morning"}}
    (step,) = await steps(
        "Change the hour to morning", wanted, [FEED, change], "Tune it.", TUNED, "Done, feed ID F-12."
    )
    assert (step.tool, told(step)) == ("change_feed", {"feed_id": "F-12", "hour": "morning"})


async def test_a_day_said_without_its_year_is_of_the_year_that_it_has_on_record() -> None:
    day: JsonObject = {"type": "string", "format": "date"}
    room = tool("book_room", {"from_day": day, "to_day": day}, ("from_day", "to_day"))
    called = '[fetch_sales(segment="a", span={"start": "2028-03-10", "end": "2028-03-15"})]'
    wanted: Wanted = {"book_room": {"from_day": "March 10", "to_day": "12 March 2027"}}
    (step,) = await steps("A room from March 10 to 12 March 2027", wanted, [SALES, room], called, "Done.")
    assert told(step) == {"from_day": "2028-03-10", "to_day": "2027-03-12"}


async def test_of_an_answer_only_what_it_asks_is_heard_with_what_is_said_next() -> None:
    wanted: Wanted = {"list_rivals": {"segment": ["roses", "kettles"], "most": "3"}}
    answer = "The roses do well. They sell in 4.5 weeks. Shall I list rivals in kettles?"
    (step,) = await steps("Yes, the top 3", wanted, [SALES, RIVALS], "Sales of roses?", CALLED, answer)
    assert told(step) == {"segment": "kettles", "most": 3}


async def test_the_object_of_a_list_that_is_named_is_the_one_that_changes() -> None:
    one: JsonObject = {
        "type": "object",
        "properties": {"name": TEXT, "role": TEXT, "town": TEXT},
        "required": ["name", "role"],
    }
    crew = tool("set_crew", {"ship": TEXT, "crew": {"type": "array", "items": one}}, ("ship", "crew"))
    called = (
        '[set_crew(ship="Ida", crew=[{"name": "Ann", "role": "cook"}, {"name": "Bo", "role": "mate", "town": "Oslo"}])]'
    )
    wanted: Wanted = {"set_crew": {"crew.name": "Bo", "crew.town": "Bergen"}}
    (step,) = await steps("Change the town of Bo to Bergen", wanted, [crew], "The crew, please.", called, "Done.")
    assert told(step) == {
        "ship": "Ida",
        "crew": [{"name": "Ann", "role": "cook"}, {"name": "Bo", "role": "mate", "town": "Bergen"}],
    }


@pytest.mark.parametrize(
    ("name", "path", "called", "answer", "sure"),
    [
        ("marketSegment", ("market_segment",), "find", False, SURE),
        ("duration", ("hike_duration",), "plan_hike", False, ALIKE),
        ("startDate", ("date_range", "start"), "plan_hike", False, ALIKE),
        ("location", ("destination",), "plan_hike", False, LEAST),
        ("event_id", ("id",), "find_event", True, ALIKE),
        ("user_id", ("id",), "find_event", True, 0.0),
        ("name", ("name",), "find_event", True, 0.0),
        ("date", ("new_date",), "move_event", False, 0.0),
        ("start", ("end",), "plan_hike", False, 0.0),
    ],
)  # fmt: skip
def test_a_value_is_of_a_parameter_as_far_as_their_names_say(
    name: str, path: tuple[str, ...], called: str, answer: bool, sure: float
) -> None:
    assert likeness(name, path, called, answer=answer) == sure


async def test_a_step_that_was_answered_is_not_made_again_though_its_words_are_said_again() -> None:
    context = ("Set an alarm, label Tea", '[log_in(user="sam", word="pepper")]', '{"token": "q9w8"}')
    wanted: Wanted = {"log_in": {"user": "sam", "word": "pepper"}, "add_alarm": {"label": "Tea"}}
    (step,) = await steps("I am sam, pepper", wanted, [LOGIN, ALARM], *context)
    assert (step.tool, told(step)) == ("add_alarm", {"token": "q9w8", "label": "Tea"})


async def test_a_step_that_failed_is_made_again_with_what_is_said_instead() -> None:
    context = ("Set an alarm", '[log_in(user="sam", word="pepper")]', '{"error": "wrong word"}', "That is not it.")
    wanted: Wanted = {"log_in": {"user": "sam", "word": "salt"}}
    (step,) = await steps("Sorry, salt", wanted, [LOGIN, ALARM], *context)
    assert (step.tool, told(step)["word"]) == ("log_in", "salt")
