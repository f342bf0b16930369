"""Skill files: what they mean when expanded, and how their mistakes are told."""

from pathlib import Path

import pytest
from tests.planning.world import PEOPLE, SKILLS, Office, goal, propose, tools

from doer.domain.errors import UsageError
from doer.domain.goal import Abstention, Answer, Question
from doer.domain.plan import Plan
from doer.domain.ports import Proposal
from doer.domain.template import Literal, Reference, to_json
from doer.domain.value import Provenance
from doer.planning.propose import SkillPlanner
from doer.planning.skills.file import load_skills

INVITE = "invite Ada Lovelace and Bob Stone to lunch on 3 March, the host is {}"


def write(folder: Path, text: str, name: str = "one.toml") -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder


def skill(steps: str, more: str = "") -> str:
    return f"""name = "sweep"
description = "Sweeps files away"
examples = ["sweep {{what}} away"]
{more}
[slots.what]
type = "text"
{steps}
"""


async def sweep(folder: Path, steps: str, more: str = "", words: str = "sweep crumbs away") -> Proposal:
    planner = SkillPlanner(load_skills([write(folder, skill(steps, more))]))
    return await planner.propose(goal(words), (), tools(), Office())


async def test_a_skill_becomes_literal_steps_with_references_needs_and_provenance() -> None:
    plan = await propose("refund 25 euros to ada@acme.example for order 4812")

    assert isinstance(plan, Plan)
    payment, letter = plan.steps
    assert (payment.id, letter.id, letter.needs) == ("payment", "letter", ("payment",))
    assert "note" not in payment.arguments
    assert Reference("payment", ("id",)) in getattr(letter.arguments["body"], "of", ())
    assert payment.provenance["amount"] == Provenance("words", "25 euros", 7, 15)
    assert letter.provenance["body"] == Provenance("result", "payment")
    assert letter.provenance["to"].text == "ada@acme.example"
    assert set(plan.manifests) == {"shop.refund", "mail.send"}
    assert plan.candidates[0].propensity == 1.0


async def test_a_loop_over_a_list_is_literal_before_approval() -> None:
    plan = await propose(INVITE.format("Grace Hopper"))

    assert isinstance(plan, Plan)
    assert [step.id for step in plan.steps] == ["list", "invitation_1", "invitation_2"]
    assert plan.steps[2].arguments["person"] == Literal("Bob Stone")
    assert plan.steps[2].provenance["host"].source == "read"


async def test_a_loop_beyond_its_maximum_is_refused() -> None:
    names = ", ".join(f"Nora{chr(107 + each % 10) * (each + 1)} Stone" for each in range(21))
    proposal = await propose(f"invite {names} to lunch on 3 March, the host is Grace Hopper")

    assert isinstance(proposal, Abstention)
    assert "21" in proposal.reason


async def test_several_rows_are_a_question_whose_option_settles_it() -> None:
    words = INVITE.format("John Smith")
    question = await propose(words)

    assert isinstance(question, Question)
    assert [option.value for option in question.options] == [PEOPLE[2], PEOPLE[3]]
    plan = await propose(words, Answer("host", "the second", question.options[1].value))
    assert isinstance(plan, Plan)
    assert plan.steps[1].arguments["host"] == Literal("j.smith2@acme.example")


async def test_no_row_is_a_question_whose_answer_is_looked_up_again() -> None:
    words = INVITE.format("Nora Nobody")
    question = await propose(words)

    assert isinstance(question, Question)
    assert "Nobody of that name" in question.text
    plan = await propose(words, Answer("host", "Grace Hopper"))
    assert isinstance(plan, Plan)
    assert plan.steps[1].arguments["host"] == Literal("grace@acme.example")


async def test_an_answer_is_grounded_by_type_and_a_wrong_one_is_asked_again() -> None:
    words = "book a room for 6 people on Friday"

    again = await propose(words, Answer("start", "soonish"))
    assert isinstance(again, Question)
    assert "soonish" in again.text
    plan = await propose(words, Answer("start", "at 3pm"))
    assert isinstance(plan, Plan)
    assert plan.steps[0].arguments["start"] == Literal("2026-02-27T15:00:00+01:00")
    assert plan.steps[0].provenance["start"].source == "answer"


async def test_an_ambiguous_date_is_settled_by_the_option_that_was_chosen() -> None:
    words = "invite Ada Lovelace and Bob Stone to lunch on 03/04/2026, the host is Grace Hopper"
    question = await propose(words)

    assert isinstance(question, Question)
    plan = await propose(words, Answer("day", question.options[1].label, question.options[1].value))
    assert isinstance(plan, Plan)
    assert plan.steps[1].arguments["day"] == Literal("2026-03-04")


async def test_what_nothing_takes_is_left_out_only_when_a_person_says_so() -> None:
    words = "set ticket 4812 to closed tomorrow"
    question = await propose(words)

    assert isinstance(question, Question)
    assert isinstance(await propose(words, Answer("leave_out", "", question.options[0].value)), Plan)
    assert isinstance(await propose(words, Answer("leave_out", "", question.options[1].value)), Abstention)


async def test_what_is_meant_can_be_answered() -> None:
    words = "It would be great if you could find us a room for seven people on Friday at 11 am"

    assert isinstance(await propose(words, Answer("meant", "book-room", "book-room")), Plan)
    assert isinstance(await propose(words, Answer("meant", "none", "none")), Abstention)


async def test_a_skill_whose_tools_are_not_connected_names_the_missing_one() -> None:
    planner = SkillPlanner(load_skills([SKILLS]))
    few = [each for each in tools() if each.name != "shop.refund"]
    proposal = await planner.propose(goal("refund 25 euros to ada@acme.example for order 4812"), (), few, Office())

    assert isinstance(proposal, Abstention)
    assert "shop.refund" in proposal.missing


async def test_guards_on_known_values_are_decided_while_planning(tmp_path: Path) -> None:
    def steps(word: str) -> str:
        return f'''
[[step]]
id = "gone"
tool = "files.delete"
arguments = {{ path = "$what" }}
guard = {{ left = "$what", comparison = "equals", right = "{word}" }}
[[step]]
id = "kept"
tool = "files.write"
needs = ["gone"]
arguments = {{ path = "log.txt", text = "{{{{swept}}}} {{what}} costs $5" }}
'''

    with_it = await sweep(tmp_path, steps("crumbs"))
    without = await sweep(tmp_path, steps("dust"))

    assert isinstance(with_it, Plan)
    assert isinstance(without, Plan)
    assert [step.id for step in with_it.steps] == ["gone", "kept"]
    assert [step.id for step in without.steps] == ["kept"]
    assert without.steps[0].arguments["text"] == Literal("{swept} crumbs costs $5")


async def test_a_table_is_looked_up_and_an_unknown_key_is_a_question(tmp_path: Path) -> None:
    more = '[tables.places]\n"crumbs" = { path = "kitchen.txt" }\n[[lookup]]\nid = "place"\ntable = "places"\nkey = "$what"\n'
    steps = '[[step]]\nid = "a"\ntool = "files.delete"\narguments = { path = "$place.path" }\n'

    plan = await sweep(tmp_path, steps, more)
    question = await sweep(tmp_path, steps, more, "sweep dust away")

    assert isinstance(plan, Plan)
    assert to_json(plan.steps[0].arguments["path"]) == "kitchen.txt"
    assert isinstance(question, Question)
    assert (question.slot, [option.value for option in question.options]) == ("what", ["crumbs"])


async def test_a_skill_inside_a_skill_is_expanded_in_place(tmp_path: Path) -> None:
    write(tmp_path, '''name = "tidy"
description = "Tidies a room"
examples = ["tidy {room}"]
[slots.room]
type = "text"
[[step]]
id = "inner"
skill = "sweep"
slots = { what = "$room" }
[[step]]
id = "note"
tool = "mail.send"
needs = ["inner"]
arguments = { to = ["a@acme.example"], body = "{inner.made.id}" }
''', "two.toml")  # fmt: skip
    write(
        tmp_path,
        skill(
            '[[step]]\nid = "made"\ntool = "calendar.create_event"\narguments = { title = "$what", start = "2026-03-02T10:00:00+01:00" }'
        ),
    )
    plan = await SkillPlanner(load_skills([tmp_path])).propose(goal("tidy kitchen"), (), tools(), Office())

    assert isinstance(plan, Plan)
    assert [step.id for step in plan.steps] == ["inner_made", "note"]
    assert plan.steps[0].arguments["title"] == Literal("kitchen")
    assert plan.steps[1].needs == ("inner_made",)
    assert Reference("inner_made", ("id",)) in getattr(plan.steps[1].arguments["body"], "of", ())


def test_skills_that_use_each_other_in_a_circle_are_refused(tmp_path: Path) -> None:
    write(tmp_path, skill('[[step]]\nid = "a"\nskill = "sweep"\nslots = { what = "$what" }'))

    with pytest.raises(UsageError, match="circle: sweep -> sweep"):
        SkillPlanner(load_skills([tmp_path]))


STEP = '[[step]]\nid = "a"\ntool = "files.delete"\narguments = { path = "$what" }\n'


@pytest.mark.parametrize(
    ("steps", "more", "message"),
    [
        (
            STEP.replace("$what", "$wat"),
            "",
            r"one\.toml:\d+: step 'a' takes \$wat, which is not there; did you mean 'what'",
        ),
        (STEP + 'need = ["b"]', "", r"one\.toml:\d+: step 'a' has the unknown key 'need'; did you mean 'needs'"),
        (STEP + 'needs = ["b"]', "", "step 'a' needs 'b', which is no step"),
        (STEP + STEP, "", "two steps are called 'a'"),
        ("", "", "has no steps"),
        (STEP, "tables = 3", "tables must be a table"),
        (STEP, '[slots.when]\ntype = "dat"\n', "unknown type 'dat'; did you mean 'date'"),
        (STEP, '[slots.kind]\ntype = "choice"\n', "a choice needs `choices`"),
        (STEP.replace("$what", "{what is}"), "", "is not a name in braces"),
        (STEP.replace('"$what"', '{ "$do" = "shell", of = ["ls"] }'), "", "unknown transform 'shell'"),
        (STEP + 'for_each = "$what"\nmax = 0', "", "max is a whole number from 1 to 1000"),
        (STEP + 'guard = { left = "$what", comparison = "is" }', "", "comparison of 'a' is 'is'"),
        ('[[step]]\nid = "a"\n', "", "either a tool or a skill"),
        ("[[step]\n", "", "cannot be read as a skill"),
    ],
)
def test_a_mistake_in_a_file_is_told_with_its_place_and_the_nearest_name(
    tmp_path: Path, steps: str, more: str, message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        load_skills([write(tmp_path, skill(steps, more))])


def test_a_later_folder_replaces_a_skill_of_the_same_name(tmp_path: Path) -> None:
    first, second = tmp_path / "a", tmp_path / "b"
    first.mkdir()
    second.mkdir()
    write(first, skill(STEP))
    write(second, skill(STEP).replace("Sweeps files away", "Sweeps better"))

    assert [each.description for each in load_skills([first, second, tmp_path / "missing"])] == ["Sweeps better"]
