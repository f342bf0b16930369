"""The account for a compliance officer: what is in the record is in the account, each kind of event in its place."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime

from doer.domain.action import Change, Preview, Receipt
from doer.domain.decision import Ask, Grant
from doer.domain.event import (
    Approved,
    Corrected,
    CredentialRenewed,
    Event,
    Foresight,
    ModelAsked,
    PlanJudged,
    PlanOutdated,
    PlanPreviewed,
    PlanProposed,
    Recorded,
    RunAccepted,
    RunClaimed,
    RunEnded,
    RunRestored,
    SelectionRead,
    StepApplied,
    StepBlocked,
    StepStarted,
    StepVerified,
)
from doer.domain.goal import Goal
from doer.domain.plan import Plan, Step
from doer.domain.template import Literal
from doer.domain.value import Digest, Key, Principal, RunId, StepId
from doer.interfaces.cli.dossier import dossier
from doer.interfaces.cli.dossier_deeds import cut
from doer.interfaces.cli.dossier_form import Section, to_html, to_json, to_markdown
from doer.interfaces.cli.story import Story
from doer.journal.rows import Stored

AT = datetime(2026, 11, 21, 12, 30, tzinfo=UTC)
SAM, RUN, STEP, DIGEST = Principal("sam"), RunId("k3f9aa"), StepId("close"), Digest("sha256:" + "ab" * 32)
CHANGE = Change("sql:crm/tickets/4812", {"state": "open"}, {"state": "closed"}, echoes=("Ana is told",))


def record(*events: Event) -> list[Recorded]:
    return [Recorded(RUN, number, AT, each) for number, each in enumerate(events, 1)]


def story_of_a_ticket() -> list[Recorded]:
    plan = Plan(
        (Step(STEP, "crm.update", {"text": Literal("closed")}),), "close it", "words", 1.0, {"crm.update": DIGEST}
    )
    grant = Grant(DIGEST, DIGEST, DIGEST, DIGEST, SAM)
    receipt = Receipt({"id": 4812})
    foresight = Foresight(STEP, {"text": "closed"}, Preview((CHANGE,)), "write", once=True, undoable=True)
    return record(
        RunAccepted(Goal("close ticket 4812", SAM, AT), "do", 1, 1), RunClaimed(1, "here/1"),
        SelectionRead("crm.find", {"id": 4812}, {"rows": [{"id": 4812}]}),
        ModelAsked("small-model", 120, 8, "0.002", "which ticket is meant?", {"plan": 1}),
        PlanOutdated("crm.update has changed"), Corrected(SAM, "no, closed", AT), PlanProposed(plan),
        PlanPreviewed((foresight,)), PlanJudged({STEP: Ask("it changes something")}, DIGEST),
        Approved(SAM, {STEP: DIGEST}), StepStarted(STEP, Key("k"), 0, {"text": "closed"}, (CHANGE,), grant),
        StepBlocked(STEP, "crm refused the credential"), CredentialRenewed(SAM), RunRestored(SAM, AT),
        StepStarted(STEP, Key("k"), 0, {"text": "closed"}, (CHANGE,), grant), RunClaimed(2, "here/2"),
        StepApplied(STEP, receipt), StepVerified(STEP, receipt, "read back: closed"), RunEnded("done"),
    )  # fmt: skip


def sections() -> Sequence[Section]:
    records = story_of_a_ticket()
    rows = [
        Stored(each.seq, RUN, each.seq, AT.isoformat(), b"\0", bytes([each.seq]) * 32, b"", None) for each in records
    ]
    return dossier(
        Story.of(RUN, records).report, records, rows, {"check of the journal": "as recorded", "receipt": "doer1.x"}
    )


def rows_under(title: str) -> str:
    found = next(each for each in sections() if each.title == title)
    return "\n".join(" | ".join(row) for row in found.rows)


def test_the_first_page_says_who_asked_and_approved_and_under_which_policy() -> None:
    first = sections()[0]

    assert first.title == "Account of run k3f9aa"
    assert first.facts["asked"] == "close ticket 4812"
    assert first.facts["approved by"] == "sam, 2026-11-21 12:30:00"
    assert first.facts["policy digest"] == DIGEST
    assert first.facts["check of the journal"] == "as recorded"


def test_each_word_of_a_person_and_of_the_policy_is_told_in_order() -> None:
    told = rows_under("Who asked, decided and approved")

    for part in (
        "sam | sam asked: close ticket 4812", "sam | sam corrected: no, closed", "close: asks a person: it changes something",
        "sam | approved close, as shown under sha256:", "sam | sam renewed the credential", "sam | sam restored it from a backup",
    ):  # fmt: skip
        assert part in told, part


def test_each_change_stands_before_and_after_with_its_proof_and_its_echo() -> None:
    told = rows_under("What was changed in crm")

    assert (
        "close | update: ticket 4812 (sql:crm/tickets/4812) | state | open | closed | verified: read back: closed"
        in told
    )
    assert "told: Ana is told" in told


def test_every_read_and_every_question_to_a_model_is_told_whole() -> None:
    assert 'crm.find | {"id": 4812} | {"rows": [{"id": 4812}]}' in rows_under("What was read while planning")
    asked = rows_under("Models that were asked")
    assert 'small-model | 120 in, 8 out | 0.002 USD | which ticket is meant? | {"plan": 1}' in asked


def test_what_did_not_go_straight_has_a_section_of_its_own() -> None:
    told = rows_under("What did not go straight")

    for part in (
        "to be planned anew: crm.update has changed", "close | waits for a credential: crm refused the credential",
        "restored it from a backup", "interrupted in the midst of it",
    ):  # fmt: skip
        assert part in told, part


def test_every_event_is_listed_with_its_digest_in_each_form() -> None:
    events = story_of_a_ticket()

    for written in (to_markdown(sections()), to_html(sections()), str(to_json(sections()))):
        for each in events:
            assert type(each.event).__name__ in written
        assert "doer1.x" in written
    assert len(rows_under("Every event").splitlines()) == len(events)


def test_a_long_value_is_cut_and_named_by_its_digest() -> None:
    told = cut("x" * 5000)

    assert len(told) < 4200
    assert hashlib.sha256(b"x" * 5000).hexdigest() in told
    assert cut("short") == "short"
