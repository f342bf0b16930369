"""Leave and prices in everyday words: what is understood by its form alone, and for each leniency the twin that must not be."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from tests.planning.world import Office, text, tool

from doer.domain.goal import Abstention, Goal, Question
from doer.domain.plan import Plan
from doer.domain.ports import Proposal
from doer.domain.template import to_json
from doer.domain.value import Principal
from doer.planning.propose import SkillPlanner
from doer.planning.skills.file import load_skills

SAID_AT = datetime(2026, 3, 11, 9, 0, tzinfo=ZoneInfo("Europe/Berlin"))  # a Wednesday
SKILLS = load_skills([Path(__file__).parents[2] / "benchmarks" / "wordings2" / "skills"])
TOOLS = (
    tool("hr.request_leave", "Request leave", {"employee": text(), "first": text("date"), "last": text("date"), "kind": text(),
         "standin": text()}, ["employee", "first", "last"]),
    tool("rota.mark_away", "Mark away", {"employee": text(), "first": text("date"), "last": text("date")},
         ["employee", "first", "last"]),
    tool("catalogue.schedule_price", "Schedule a price", {"product": text(), "price": {}, "effective": text("date"),
         "channel": text(), "notify": text("email")}, ["product", "price", "effective", "notify"]),
    tool("post.write", "Write a letter", {"to": text("email"), "subject": text()}, ["to", "subject"]),
)  # fmt: skip


@cache
def planner() -> SkillPlanner:
    return SkillPlanner(SKILLS)


async def ask(words: str) -> Proposal:
    goal = Goal(words, Principal("user:sam"), SAID_AT, "Europe/Berlin", "en")
    return await planner().propose(goal, (), TOOLS, Office())


def told(plan: Proposal) -> Mapping[str, object]:
    assert isinstance(plan, Plan), plan
    return {name: to_json(each) for name, each in plan.steps[0].arguments.items()}


DAYS = {"first": "2026-05-04", "last": "2026-05-08"}
UNDERSTOOD: list[tuple[str, Mapping[str, object]]] = [
    ("Ana Silva would like to take unpaid leave between 4 May and 8 May", {**DAYS, "kind": "unpaid"}),
    ("Request leave for Ana Silva, 4-8 May 2026", DAYS),
    ("Request leave for Ana Silva from May 4 to 8", DAYS),
    ("Request leave for Ana Silva from 4 May up to and including 8 May", DAYS),
    ("File a leave request for Ana Silva. It starts on 4 May and ends on 8 May.", DAYS),
    ("I need a leave request entered for Ana Silva: first day 4 May, last day 8 May", DAYS),
    ("While Ana Silva is on study leave from 4 May to 8 May, Ben Roth will be her deputy, please put the request in",
     {**DAYS, "kind": "study", "standin": "Ben Roth"}),
    ("Please put in annual leave for Ana Silva from 4 May to 8 May, with Ben Roth standing in", {"standin": "Ben Roth"}),
    ("Increase the price of the rug from 79 EUR to 84 EUR from 6 April and mail web@acme.example about it",
     {"price": {"amount": "84", "currency": "EUR"}, "notify": "web@acme.example", "channel": "all"}),
    ("The price of the rug is to be lowered to 79 EUR on 6 April, with confirmation sent to web@acme.example",
     {"price": {"amount": "79", "currency": "EUR"}, "effective": "2026-04-06"}),
    ("New price for the rug: 79 EUR, valid from 6 April, notification to web@acme.example", {"effective": "2026-04-06"}),
    ("Any chance you could lower the price of the rug to 79 EUR from 6 April and tell web@acme.example? Much appreciated!",
     {"product": "rug"}),
]  # fmt: skip


@pytest.mark.parametrize(("words", "expected"), UNDERSTOOD, ids=[each[0] for each in UNDERSTOOD])
async def test_what_is_plain_by_its_form_is_planned(words: str, expected: dict[str, object]) -> None:
    said = told(await ask(words))

    assert said == {**said, **expected}


TRAPS: Sequence[str] = (
    "Request leave for Ana Silva from 15 May to 4 May",
    "Request leave for Ana Silva from 4 May to 8 May or 9 May",
    "Request leave for Ana Silva between 4 May and 8 May, not 9 May",
    "While Ana Silva is on leave from 4 May to 8 May, cancel it",
    "Enter Ana Silva's leave from 4 to 8 May in the spreadsheet",
    "Submit the invoice for Ana Silva's leave from 4 May to 8 May",
    "Register Ana Silva for the leave workshop from 4 May to 8 May",
    "Process the refund for Ana Silva's leave from 4 May to 8 May",
    "Ana Silva needs no leave from 4 to 8 May",
    "Ana Silva covers for Ben Roth from 4 May to 8 May on annual leave",
    "Request leave for Rosa Diaz, 4 May to 8 May, anna covers",
    "Request leave for Ana Silva and Ben Roth from 4 May to 8 May",
    "First request leave for Ana Silva from 4 to 8 May, then from 1 to 5 June",
    "Tell Ana Silva that her leave from 4 May to 8 May is approved",
    "Extend Ana Silva's leave from 8 May to 15 May",
    "Change the price of the rug from 79 EUR on 6 April, tell web@acme.example",
    "Raise the price of the rug by 5 EUR from 6 April, tell web@acme.example",
    "Change the price of the rug to 79 EUR or maybe 78 EUR from 6 April, tell web@acme.example",
    "Change the price of the rug to 79 EUR, invalid from 6 April, tell web@acme.example",
    "Change the price of the rug to 79 EUR from 6 April, mail web@acme.example and shop@acme.example",
    "Change the price of the rug to 79 EUR from 6 April, mail web@acme.example the catalogue",
    "Change the price of the rug to 79 EUR from 6 April and do not tell web@acme.example",
    "Will the rug cost 79 EUR from 6 April, and has web@acme.example been told?",
    "Ask web@acme.example to change the price of the rug to 79 EUR from 6 April",
    "Keep the price of the rug at 79 EUR from 6 April, tell web@acme.example",
)


@pytest.mark.parametrize("words", TRAPS)
async def test_what_says_more_or_something_else_is_never_planned(words: str) -> None:
    assert isinstance(await ask(words), Question | Abstention)


async def test_an_end_before_its_beginning_is_asked_about_with_both_days() -> None:
    question = await ask("Request leave for Ana Silva from 15 May to 4 May")

    assert isinstance(question, Question)
    assert question.slot == "last"
    assert [each.value for each in question.options] == ["2026-05-04", "2026-05-15"]
