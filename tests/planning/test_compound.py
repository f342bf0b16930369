"""Several requests in one sentence: each is matched on its own, later ones may point back, and it is all or nothing."""

from collections.abc import Mapping, Sequence

import pytest
from tests.planning.many import propose_many

from doer.domain.goal import Abstention, Answer, Question
from doer.domain.plan import Plan
from doer.domain.ports import Proposal
from doer.domain.template import to_json


def steps(plan: Proposal) -> Sequence[tuple[str, Mapping[str, object], Sequence[str]]]:
    assert isinstance(plan, Plan), plan
    return [
        (step.tool, {name: to_json(each) for name, each in step.arguments.items()}, list(step.needs))
        for step in plan.steps
    ]


TOGETHER: list[tuple[str, list[tuple[str, dict[str, object], list[str]]]]] = [
    ("Deactivate Bob's account and cancel his meetings",
     [("directory.deactivate", {"user": "Bob"}, []), ("calendar.cancel_all", {"person": "Bob"}, ["deactivate"])]),
    ("Commit everything in docs and push", [("git.commit", {"paths": ["docs"]}, []), ("git.push", {}, ["commit"])]),
    ("create a folder reports, move q3.csv into it and email it to ana@acme.example",
     [("files.create_folder", {"path": "reports"}, []),
      ("files.move", {"source": "q3.csv", "target": "reports"}, ["create_folder"]),
      ("mail.send", {"to": ["ana@acme.example"], "attachments": [{"$ref": "move.path"}]}, ["move"])]),
    ("delete a.txt and delete b.txt",
     [("files.delete", {"path": "a.txt"}, []), ("files.delete", {"path": "b.txt"}, [])]),
    ("Please move a.txt to b.txt. After that, delete c.txt.",
     [("files.move", {"source": "a.txt", "target": "b.txt"}, []), ("files.delete", {"path": "c.txt"}, ["move"])]),
    ("delete a.txt, then delete b.txt; finally push",
     [("files.delete", {"path": "a.txt"}, []), ("files.delete", {"path": "b.txt"}, ["delete"]),
      ("git.push", {}, ["delete_2"])]),
    ("move a.txt to b.txt and delete it",
     [("files.move", {"source": "a.txt", "target": "b.txt"}, []),
      ("files.delete", {"path": {"$ref": "move.path"}}, ["move"])]),
    ("rename a.txt to b.txt and email the file to ana@acme.example",
     [("files.move", {"source": "a.txt", "target": "b.txt"}, []),
      ("mail.send", {"to": ["ana@acme.example"], "attachments": [{"$ref": "move.path"}]}, ["move"])]),
    ("create the folder archive and move a.txt there",
     [("files.create_folder", {"path": "archive"}, []),
      ("files.move", {"source": "a.txt", "target": "archive"}, ["create_folder"])]),
    ('create a ticket "Printer broken" and assign it to Ana Ferreira',
     [("tickets.create", {"title": "Printer broken"}, []),
      ("tickets.assign", {"ticket_id": {"$ref": "create.id"}, "person": "Ana Ferreira"}, ["create"])]),
    ("Could you disable Ana Ferreira and then email bob@acme.example saying she left?",
     [("directory.deactivate", {"user": "Ana Ferreira"}, []),
      ("mail.send", {"to": ["bob@acme.example"], "body": "she left"}, ["deactivate"])]),
    ("remind me tomorrow at 9am to call Ana and delete the file b.txt",
     [("tasks.remind", {"text": "call Ana", "at": "2026-02-26T09:00:00+01:00"}, []),
      ("files.delete", {"path": "b.txt"}, [])]),
]  # fmt: skip


@pytest.mark.parametrize(("words", "expected"), TOGETHER, ids=[each[0] for each in TOGETHER])
async def test_each_clause_is_planned_on_its_own_and_points_back_where_it_says_so(
    words: str, expected: list[tuple[str, dict[str, object], list[str]]]
) -> None:
    assert steps(await propose_many(words)) == expected


async def test_a_value_that_was_pointed_at_says_so() -> None:
    plan = await propose_many("Deactivate Bob's account and cancel his meetings")

    assert isinstance(plan, Plan)
    told = plan.steps[1].provenance["person"]
    assert (told.source, told.text) == ("words", "his: Bob")
    assert "Deactivate Bob's account and cancel his meetings"[told.start : told.end] == "his"


ONE = [
    "email ana@acme.example and bob@acme.example about Lunch: see you",
    'email ana@acme.example saying "hi and delete a.txt"',
    'create a ticket "Commit and push"',
    "email ana@acme.example saying hi and thanks",
]


@pytest.mark.parametrize("words", ONE)
async def test_a_list_a_name_and_a_quotation_are_never_cut(words: str) -> None:
    assert len(steps(await propose_many(words))) == 1


@pytest.mark.parametrize("words", ["cancel the meetings of Jones and Sons", "delete a.txt and b.txt"])
async def test_a_list_for_what_takes_one_is_asked_about(words: str) -> None:
    assert isinstance(await propose_many(words), Question)


LOST = [
    ("delete a.txt and book a flight to Paris", "'book a flight to Paris'"),
    ("don't delete a.txt and push", '"don\'t delete a.txt"'),
]


@pytest.mark.parametrize(("words", "named"), LOST)
async def test_where_one_clause_cannot_be_done_nothing_is_and_it_is_named(words: str, named: str) -> None:
    proposal = await propose_many(words)

    assert isinstance(proposal, Abstention)
    assert named in proposal.reason
    assert "half of it is not done" in proposal.reason


NEVER = [
    "delete a.txt and push tomorrow",
    "If Tom agrees, delete a.txt and push",
    "Should we delete a.txt and push?",
    "delete a.txt and maybe push",
    "delete a.txt or push",
    "delete a.txt and cancel his meetings",
    "delete it and push",
    "I deleted a.txt and pushed",
]


@pytest.mark.parametrize("words", NEVER)
async def test_what_bounds_forbids_or_leaves_open_is_no_plan(words: str) -> None:
    assert not isinstance(await propose_many(words), Plan)


async def test_a_question_of_one_clause_names_it_and_its_answer_comes_back_to_it() -> None:
    words = "delete a.txt and cancel his meetings"
    question = await propose_many(words)

    assert isinstance(question, Question)
    assert question.slot == "2.person"
    assert "'cancel his meetings'" in question.text
    assert steps(await propose_many(words, Answer("2.person", "Ana Ferreira")))[1][:2] == (
        "calendar.cancel_all", {"person": "Ana Ferreira"},
    )  # fmt: skip


async def test_what_two_values_could_mean_is_asked_with_both() -> None:
    words = "read a.txt, read b.txt and delete it"
    question = await propose_many(words)

    assert isinstance(question, Question)
    assert question.slot == "3.path"
    assert {each.value for each in question.options} == {"a.txt", "b.txt"}
    assert steps(await propose_many(words, Answer("3.path", "b.txt", "b.txt")))[2][:2] == (
        "files.delete", {"path": "b.txt"},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("together", [("mail.send", "hi and delete the file a.txt")]),
        ("apart", [("mail.send", "hi"), ("files.delete", None)]),
    ],
)
async def test_whether_a_text_goes_on_or_a_request_begins_is_asked(
    word: str, expected: list[tuple[str, str | None]]
) -> None:
    words = "email ana@acme.example saying hi and delete the file a.txt"
    question = await propose_many(words)

    assert isinstance(question, Question)
    answered = steps(await propose_many(words, Answer(question.slot, word, word)))
    assert [(tool, arguments.get("body")) for tool, arguments, _ in answered] == expected
