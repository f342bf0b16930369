"""The diff of the world, as it stands on a page."""

from __future__ import annotations

from typing import Any

from rich.console import Console, RenderableType

from doer.domain.action import Change, Effect
from doer.domain.value import JsonObject, Provenance, RunId, StepId
from doer.interfaces.cli.changes_view import diff_of_the_world, diff_of_undo
from doer.observation.report import RunReport, StepReport


def printed(what: RenderableType) -> str:
    console = Console(width=76, no_color=True, highlight=False)
    with console.capture() as captured:
        console.print(what)
    return "\n".join(line.rstrip() for line in captured.get().split("\n"))


def step(
    name: str,
    tool: str,
    changes: tuple[Change, ...],
    arguments: JsonObject | None = None,
    provenance: dict[str, Provenance] | None = None,
    effect: Effect = "write",
    why: str = "",
) -> StepReport:
    return StepReport(
        id=StepId(name), tool=tool, arguments=arguments or {}, state="planned", reversible=effect != "irreversible",
        effect=effect, why=why, needs=(), changes=changes, provenance=provenance or {}, note="", reason="", key="",
    )  # fmt: skip


def report(*steps: StepReport, **more: Any) -> RunReport:
    given = {
        "id": RunId("k3f9"), "goal": "do it", "by": "sam", "status": "waiting", "reason": "", "title": "", "steps": steps,
        "question": None, "plan": None, "seconds": 0.0, "undo": "",
    }  # fmt: skip
    return RunReport(**(given | more))


def test_each_kind_of_change_with_where_its_values_came_from() -> None:
    words = Provenance("words", '"Ada Lovelace"', 0, 14)
    shown = report(
        step("find", "crm.find", (), {"table": "people"}, effect="read"),
        step(
            "add", "crm.insert", (Change("sql:crm/people/7", None, {"name": "Ada Lovelace", "id": "‹id of find›"}),),
            {"name": "Ada Lovelace", "table": "people"}, {"name": words, "table": Provenance("skill", "join")},
            why="so that everybody finds her",
        ),
        step("close", "crm.update", (Change("sql:crm/tickets/4812", {"state": "open", "by": "eve"}, {"state": "closed", "by": "eve"}),)),
        step("gone", "files.delete", (Change("file:old.txt", {"text": "one\ntwo\n"}, None),)),
        step("list", "files.append_line", (Change("file:team.md", {"text": "a\nb\nc\n"}, {"text": "a\nb\nc\nd\n"}),)),
        step(
            "tags", "crm.update", (Change("sql:crm/tags/1", {"of": ["x", "y"]}, {"of": ["y", "z"]}, echoes=("3 people are told",)),),
        ),
        step("mail", "mail.send", (Change("mail:ada@x", None, {"to": "ada@x"}, reversible=False),), effect="irreversible"),
    )  # fmt: skip

    assert printed(diff_of_the_world(shown)) == EXPECTED


EXPECTED = """\
do it
run k3f9 · asked by sam · 6 changes in 3 systems · 1 cannot be taken back

reads
  ◦ find crm.find table people

crm
  + person 7  sql:crm/people/7                                      step add
    so that everybody finds her
      name Ada Lovelace  ← your words “Ada Lovelace”
      id   ‹id of find›
  ~ ticket 4812  sql:crm/tickets/4812                             step close
      state open → closed
  ~ tag 1  sql:crm/tags/1                                          step tags
      of - x
         + z
    ⚠ 3 people are told

files
  - file:old.txt                                                   step gone
      text - one
           - two
  ~ file:team.md                                                   step list
      text   c
           + d

╭─  cannot be taken back  ─────────────────────────────────────────────────╮
│ mail  mail.send                                                          │
│   + mail:ada@x                                                 step mail │
│       to ada@x                                                           │
│                                                                          │
│ Last of all, once everything else is verified, and only when approved by │
│ name.                                                                    │
╰──────────────────────────────────────────────────────────────────────────╯
"""


def test_a_value_cannot_draw_a_line_of_its_own() -> None:
    lie = "closed\n  - file:everything\x1b[2K\u202e"
    shown = report(step("a", "crm.update", (Change("sql:crm/1", {"s": 1}, {"s": lie}),)))

    page = printed(diff_of_the_world(shown))

    assert "\x1b" not in page
    assert "\n  - file:everything" not in page
    assert "\\e[2K\\u{202e}" in page


def test_long_texts_are_cut_unless_they_are_wanted_whole() -> None:
    shown = report(step("a", "files.write", (Change("file:a", None, {"text": "line\n" * 100}),)))

    assert "60 more lines: --full shows them" in printed(diff_of_the_world(shown))
    assert printed(diff_of_the_world(shown, full=True)).count("+ line") == 100


def test_what_cannot_be_foreseen_is_said() -> None:
    shown = report(step("a", "shop.buy", (), {"what": "tea"}, {"what": Provenance("planner", "tea")}))

    page = printed(diff_of_the_world(shown))

    assert "? shop.buy  what it changes cannot be foreseen" in page
    assert "what tea  ← the planner's own: tea" in page


def test_an_undo_shows_what_it_would_change() -> None:
    shown = report(undo_changes=(Change("file:a", {"text": "x"}, None),))

    assert "- file:a" in printed(diff_of_undo(shown))
