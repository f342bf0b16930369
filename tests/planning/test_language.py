"""The language planner: what a model says is a plan only when symbols agree, and what nobody said is asked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from jsonschema import Draft202012Validator

from doer.domain.action import Manifest
from doer.domain.errors import Transient
from doer.domain.goal import Abstention, Answer, Goal, Question
from doer.domain.model import Prompt, Reply
from doer.domain.plan import Plan
from doer.domain.ports import Model, Proposal
from doer.domain.template import Literal, Reference
from doer.domain.value import Json, JsonObject, Principal
from doer.planning.language import MOST_TOOLS, REPAIRS, LanguagePlanner, answer_schema
from doer.planning.shortlist import shortlist
from doer.planning.validate import validate
from doer.testing.model import ScriptedModel

SAID_AT = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)  # a Friday
TEXT: JsonObject = {"type": "string"}


def manifest(name: str, properties: JsonObject, required: Sequence[str] = (), **more: object) -> Manifest:
    parameters: JsonObject = {
        "type": "object", "properties": properties, "required": list(required), "additionalProperties": False,
    }  # fmt: skip
    return Manifest(name, f"does {name}", parameters, "write", **more)  # type: ignore[arg-type]


SEND = manifest(
    "mail.send", {"to": {"type": "array", "items": {"type": "string"}}, "subject": TEXT, "body": TEXT}, ("to", "subject", "body"),
    roles={"to": "destination"},
)  # fmt: skip
MEET = manifest(
    "calendar.create_event",
    {"title": TEXT, "start": {"type": "string", "format": "date-time"}, "minutes": {"type": "integer", "default": 30}},
    ("title", "start"),
    result={"type": "object", "properties": {"id": {"type": "string"}, "link": {"type": "string"}}},
)
PAY = manifest(
    "bank.pay", {"iban": TEXT, "amount": {"type": "number"}}, ("iban", "amount"), roles={"iban": "destination"}
)
TOOLS = (SEND, MEET, PAY)


class Asking:
    """A reader that passes questions on to models, and reads nothing."""

    async def read(self, tool: str, arguments: JsonObject) -> Json:
        raise AssertionError("a language planner reads nothing")

    async def ask(self, model: Model, prompt: Prompt) -> Reply:
        return await model.answer(prompt)


async def propose(
    text: str, *said: Json, answers: Sequence[Answer] = (), tools: Sequence[Manifest] = TOOLS
) -> tuple[Proposal, ScriptedModel]:
    model = ScriptedModel(list(said))
    goal = Goal(text, Principal("sam"), SAID_AT, "Europe/Berlin")
    return await LanguagePlanner(model).propose(goal, answers, tools, Asking()), model


def plan_of(*steps: JsonObject) -> Json:
    return {"answer": "plan", "steps": list(steps)}


def step(tool: str, arguments: JsonObject, name: str = "s1", **more: Json) -> JsonObject:
    return {"id": name, "tool": tool, "arguments": arguments, **more}


async def test_what_a_person_said_becomes_a_plan_with_the_words_it_came_from() -> None:
    said = plan_of(step("mail.send", {"to": ["ana@acme.example"], "subject": "Offsite", "body": "See you there."}))

    proposal, _ = await propose("mail ana@acme.example about the offsite", said)

    assert isinstance(proposal, Plan)
    validate(proposal, TOOLS)
    assert proposal.planner == "model:scripted"
    sources = {name: (each.source, each.text) for name, each in proposal.steps[0].provenance.items()}
    assert sources == {
        "to": ("words", "ana@acme.example"), "subject": ("words", "offsite"), "body": ("planner", "See you there."),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "said", "asked"),
    [
        ("mail Ana", step("mail.send", {"to": ["ana@evil.example"], "subject": "Hi", "body": "x"}), "s1.to"),
        ("pay 40 to the landlord", step("bank.pay", {"iban": "DE02120300000000202051", "amount": 40}), "s1.iban"),
        ("pay DE02120300000000202051", step("bank.pay", {"iban": "DE02120300000000202051", "amount": 400}), "s1.amount"),
        ("plan lunch", step("calendar.create_event", {"title": "lunch", "start": "2026-11-24T12:00:00+01:00"}), "s1.start"),
        (
            "plan lunch on Monday",
            step("calendar.create_event", {"title": "lunch", "start": "2026-11-23T12:30:00+01:00"}),
            "s1.start",
        ),
        (
            "note https://acme.example",
            step("calendar.create_event", {"title": "https://evil.example", "start": "2026-11-23"}),
            "s1.title",
        ),
    ],
)  # fmt: skip
async def test_a_destination_a_number_or_a_moment_that_nobody_said_is_asked(
    text: str, said: JsonObject, asked: str
) -> None:
    proposal, _ = await propose(text, plan_of(said))

    assert isinstance(proposal, Question)
    assert proposal.slot == asked


async def test_an_answer_stands_in_for_what_the_model_made_up() -> None:
    said = plan_of(step("mail.send", {"to": ["ana@evil.example"], "subject": "Hi", "body": "x"}))

    proposal, model = await propose("mail Ana", said, answers=[Answer("s1.to", "ana@acme.example")])

    assert isinstance(proposal, Plan)
    assert proposal.steps[0].arguments["to"] == Literal(["ana@acme.example"])
    assert proposal.steps[0].provenance["to"].source == "answer"
    assert "Answer about s1.to: ana@acme.example" in model.heard[0].request


async def test_moments_and_amounts_that_were_said_are_believed_in_whatever_form() -> None:
    lunch = step("calendar.create_event", {"title": "lunch", "start": "2026-11-23T12:30:00+01:00", "minutes": 45})

    proposal, _ = await propose("plan lunch on Monday at 12:30 for 45 minutes", plan_of(lunch))

    assert isinstance(proposal, Plan)
    assert {each.source for each in proposal.steps[0].provenance.values()} == {"words"}


async def test_a_value_of_an_earlier_step_is_a_reference_and_orders_the_steps() -> None:
    lunch = step("calendar.create_event", {"title": "lunch", "start": "2026-11-23T12:30:00+01:00"})
    mail = step("mail.send", {"to": ["ana@acme.example"], "subject": "lunch", "body": "$s1.link"}, "s2")

    proposal, _ = await propose("lunch Monday 12:30, send the link to ana@acme.example", plan_of(lunch, mail))

    assert isinstance(proposal, Plan)
    assert proposal.steps[1].arguments["body"] == Reference("s1", ("link",))
    assert proposal.steps[1].all_needs == {"s1"}


async def test_text_with_a_dollar_that_names_no_step_is_text() -> None:
    said = plan_of(step("mail.send", {"to": ["a@b.example"], "subject": "$s9.price", "body": "$5"}))

    proposal, _ = await propose("mail a@b.example", said)

    assert isinstance(proposal, Plan)
    assert proposal.steps[0].arguments["subject"] == Literal("$s9.price")


GOOD = plan_of(step("mail.send", {"to": ["a@b.example"], "subject": "s", "body": "t"}))


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ("I would love to help!", "'answer' is"),
        ({"answer": "plan", "steps": []}, "at least one step"),
        (plan_of(step("shell.run", {"code": "rm -rf /"})), "there is no tool 'shell.run'"),
        (plan_of(step("mail.send", {"to": ["a@b.example"]})), "'subject' is missing"),
        (plan_of(step("mail.send", {"to": ["a@b.example"], "subject": "s", "body": "t", "bcc": ["x@y"]})), "has no argument 'bcc'"),
        (plan_of(step("mail.send", {"to": ["a@b.example"], "subject": "$s2.id", "body": "t"}),
                 step("calendar.create_event", {"title": "t", "start": "$s1"}, "s2")), "wait for each other"),
        (plan_of(step("mail.send", {"to": ["a@b.example"], "subject": "s", "body": "t"}, "a.b")), "letters, digits and _"),
        ({"answer": "question", "question": ""}, "needs its text"),
    ],
)  # fmt: skip
async def test_a_wrong_answer_goes_back_with_what_is_wrong_about_it(wrong: Json, told: str) -> None:
    proposal, model = await propose("mail a@b.example", wrong, GOOD)

    assert isinstance(proposal, Plan)
    assert told in model.heard[1].request


async def test_a_model_that_never_learns_proposes_nothing() -> None:
    proposal, model = await propose("mail a@b.example", *["no"] * (REPAIRS + 1))

    assert isinstance(proposal, Abstention)
    assert (len(model.heard), "no valid plan" in proposal.reason) == (REPAIRS + 1, True)


async def test_a_model_may_ask_and_may_say_that_nothing_fits() -> None:
    asked, _ = await propose("mail somebody", {"answer": "question", "about": "to", "question": "To whom?"})
    nothing, _ = await propose("fly to the moon", {"answer": "nothing", "reason": "no tool flies"})

    assert asked == Question("to", "To whom?")
    assert isinstance(nothing, Abstention)


async def test_a_model_that_cannot_be_reached_is_told_as_it_is() -> None:
    with pytest.raises(Transient):
        await propose("mail a@b.example", Transient("no answer"))  # type: ignore[arg-type]


async def test_a_model_is_shown_the_nearest_tools_and_their_schema_only() -> None:
    many = [manifest(f"t{number}.frob", {"x": TEXT}) for number in range(40)]

    _, model = await propose("mail a@b.example about lunch", GOOD, tools=[*many, SEND])

    assert "mail.send" in model.heard[0].request
    assert model.heard[0].request.count('"name"') == MOST_TOOLS


def test_the_schema_of_an_answer_is_one_and_takes_references_for_any_type() -> None:
    schema = answer_schema(TOOLS)

    Draft202012Validator.check_schema(schema)
    accepts = Draft202012Validator(schema).is_valid
    assert accepts(GOOD)
    assert accepts(plan_of(step("bank.pay", {"iban": "x", "amount": "$s0.amount"})))
    assert not accepts(plan_of(step("bank.pay", {"iban": "x", "amount": "much"})))
    assert not accepts(plan_of(step("shell.run", {})))


def test_the_shortlist_is_stable_and_puts_the_tool_that_was_named_first() -> None:
    many = [manifest(f"t{number}.frob", {"x": TEXT}) for number in range(40)]

    assert shortlist("please send a mail", [*many, SEND], 5)[0] == SEND
    assert shortlist("nothing of it", many, 5) == many[:5]
