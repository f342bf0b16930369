"""The deeds in a dossier: every change before and after with its proof, what can be taken back, and each step's grant."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from doer.domain.action import system_of
from doer.domain.event import Recorded, StepStarted, StepUndone, StepVerified
from doer.domain.value import Json
from doer.interfaces.cli.account import NOT_DONE, why_stays
from doer.interfaces.cli.dossier_form import Section
from doer.interfaces.cli.escape import visible_json
from doer.interfaces.cli.fields import Missing, field_changes
from doer.interfaces.cli.look import mark_of
from doer.interfaces.cli.things import called
from doer.observation.report import RunReport, StepReport

_LONGEST: Final = 4000
"""Characters of one value that are written out; of a longer one the beginning and its digest."""


def changes(shown: RunReport, records: Sequence[Recorded]) -> list[Section]:
    """Return a section a system: every change, field by field, with what was read back."""
    proofs = _proofs(records)
    systems: dict[str, list[Sequence[str]]] = {}
    for step in shown.steps:
        for change in step.changes if step.effect != "read" else ():
            name = called(change)
            thing = f"{name} ({change.resource})" if name else change.resource
            rows = systems.setdefault(system_of(step.tool), [])
            fields = field_changes(change)
            stands = "" if step.state not in NOT_DONE else "not done: "
            proof = f"{stands}{mark_of(step.state).words}{f': {told}' if (told := proofs.get(step.id, step.reason)) else ''}"
            for number, each in enumerate(fields):
                first = (step.id, f"{change.kind}: {thing}") if number == 0 else ("", "")
                last = proof if number == 0 else ""
                rows.append((*first, each.name, _side(each.before), _side(each.after), last))
            if not fields:
                rows.append((step.id, f"as it was already: {thing}", "", "", "", proof))
            rows += [("", f"told: {echo}", "", "", "", "cannot be unheard") for echo in change.echoes]
    columns = ("step", "what", "field", "before", "after", "proof")
    done = {system_of(step.tool) for step in shown.steps if step.state not in NOT_DONE}
    if not systems:
        return [Section("What was changed", prose="Nothing: no step of this run changes anything.")]
    return [
        Section(
            f"What {'was' if system in done else 'would have been'} changed in {system}", columns=columns, rows=rows
        )
        for system, rows in systems.items()
    ]


def _proofs(records: Sequence[Recorded]) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for record in records:
        match record.event:
            case StepVerified(step, _, evidence) | StepUndone(step, _, evidence):
                found[step] = f"{evidence or 'as intended'}, {moment(record.at)}"
            case _:
                pass
    return found


def undoing(shown: RunReport) -> Section:
    """Return what can be taken back, step by step, and why not."""
    rows = [
        (step.id, step.tool, mark_of(step.state).words, why_stays(step) or "yes")
        for step in shown.steps
        if step.effect != "read"
    ]
    whole = "can be taken back whole" if not shown.undo else shown.undo
    prose = "" if rows else "Nothing was changed, so there is nothing to take back."
    return Section(
        "Taking it back",
        {"as a whole": whole} if rows else {},
        ("step", "tool", "state", "can it be taken back"),
        rows,
        prose,
    )


def of_step(step: StepReport, records: Sequence[Recorded]) -> Section:
    """Return a step with its grant, its proof, and where each argument came from."""
    facts = {"tool": step.tool, "why": step.why, "effect": step.effect, "state": step.state, "key": step.key, "reason": step.reason,
             "waits for a credential": step.blocked}  # fmt: skip
    for record in records:
        match record.event:
            case StepStarted(step.id, _, generation, _, _, grant):
                facts[f"granted by (generation {generation})"] = f"{grant.by}, at {moment(record.at)}"
                facts["grant"] = (
                    f"plan {grant.plan}, manifest {grant.manifest}, policy {grant.policy}, changes {grant.changes}"
                )
            case StepVerified(step.id, _, evidence):
                facts["read back"] = f"{evidence or 'as intended'}, at {moment(record.at)}"
            case StepUndone(step.id, _, evidence):
                facts["taken back"] = f"{evidence or 'as before'}, at {moment(record.at)}"
            case _:
                pass
    rows = [(name, shown_json(given), _source(step, name)) for name, given in step.arguments.items()]
    told = {name: each for name, each in facts.items() if each}
    return Section(f"Step {step.id}", told, ("argument", "value", "where it came from"), rows)


def _source(step: StepReport, name: str) -> str:
    origin = step.provenance.get(name)
    return f"{origin.source}: {origin.text}" if origin is not None else ""


def _side(given: Json | Missing) -> str:
    return "" if isinstance(given, Missing) else cut(given) if isinstance(given, str) else shown_json(given)


def shown_json(given: Json) -> str:
    """Return a value as JSON on one line, not too long of it."""
    return cut(json.dumps(visible_json(given), ensure_ascii=False))


def cut(text: str) -> str:
    """Return a text, or the beginning of a long one with the digest of the whole."""
    if len(text) <= _LONGEST:
        return text
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{text[:_LONGEST]} … ({len(text):,} characters, sha256 {digest})"


def moment(at: datetime) -> str:
    """Return a moment in UTC as it stands in tables."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S}"
