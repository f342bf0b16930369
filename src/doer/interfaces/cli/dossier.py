"""The dossier of a run, for somebody who must answer for it: a reading of its record, as Markdown, HTML or JSON."""

from __future__ import annotations

import html
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from doer.domain.decision import Allow, Ask, Decision, Deny
from doer.domain.event import (
    Approved,
    OutcomeSettled,
    PlanJudged,
    PlanProposed,
    Recorded,
    RunAccepted,
    RunEnded,
    SelectionRead,
    StepStarted,
    StepUndone,
    StepVerified,
    UndoApproved,
)  # fmt: skip
from doer.domain.value import Json
from doer.interfaces.cli.escape import visible, visible_json
from doer.interfaces.cli.telling import tell
from doer.journal.rows import Stored
from doer.observation.report import RunReport, StepReport


@dataclass(frozen=True, slots=True)
class Section:
    """One part: facts by name, then a table."""

    title: str
    facts: Mapping[str, str] = field(default_factory=dict)
    columns: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()


def dossier(
    shown: RunReport, records: Sequence[Recorded], rows: Sequence[Stored], proof: Mapping[str, str]
) -> list[Section]:
    """Return the dossier's sections; `rows` are the stored events, `proof` what the check of the journal found."""
    return [
        _request(shown, records),
        _decisions(records),
        *(_step(step, records) for step in shown.steps),
        Section("Record", {"events": str(len(records)), "last digest of the run's chain": rows[-1].hash.hex() if rows else "", **proof}),
        Section(
            "Every event", columns=("seq", "time (UTC)", "event", "step", "what", "digest"),
            rows=[_event(record, row) for record, row in zip(records, rows, strict=True)],
        ),
    ]  # fmt: skip


def _request(shown: RunReport, records: Sequence[Recorded]) -> Section:
    facts = {"run": shown.id, "asked": shown.goal, "by": shown.by, "status": shown.status, "reason": shown.reason}
    for record in records:
        match record.event:
            case RunAccepted(goal, _, _, decider):
                facts |= {
                    "said at": f"{goal.said_at.isoformat()} (read in {goal.zone})",
                    "decider version": str(decider),
                }
            case PlanProposed(plan, _):
                facts |= {"plan": plan.title, "planned by": plan.planner, "plan digest": plan.digest}
            case RunEnded():
                facts["ended at"] = record.at.isoformat()
            case _:
                pass
    facts["cannot be taken back"] = ", ".join(f"{step.id} ({step.tool})" for step in shown.irreversible) or "nothing"
    return Section(f"Run {shown.id}", {name: each for name, each in facts.items() if each})


def _decisions(records: Sequence[Recorded]) -> Section:
    told: list[tuple[str, str, str]] = []
    for record in records:
        at = record.at.isoformat()
        match record.event:
            case PlanJudged(decisions, policy):
                told += [
                    (at, f"policy {policy[:23]}…", f"{step}: {_decision(each)}") for step, each in decisions.items()
                ]
            case Approved(by, bindings, named, expires_at):
                for step, binding in bindings.items():
                    by_name = " by name" if step in named else ""
                    told.append(
                        (at, by, f"approved {step}{by_name}, as shown under {binding[:23]}…, until {expires_at}")
                    )
            case UndoApproved(by, binding):
                told.append((at, by, f"approved the undo, as shown under {binding[:23]}…"))
            case OutcomeSettled(step, outcome, by):
                told.append((at, by, f"said of {step}: {outcome}"))
            case SelectionRead(tool, arguments, _):
                told.append((at, "planner", f"read {tool} {json.dumps(visible_json(arguments), ensure_ascii=False)}"))
            case _:
                pass
    return Section("Who decided what", columns=("time", "who", "what"), rows=told)


def _decision(decision: Decision) -> str:
    match decision:
        case Allow(reason):
            return f"allowed: {reason}"
        case Ask(reason, by_name):
            return f"asks a person{' by name' if by_name else ''}: {reason}"
        case Deny(reason):
            return f"denied: {reason}"


def _step(step: StepReport, records: Sequence[Recorded]) -> Section:
    facts = {"tool": step.tool, "why": step.why, "effect": step.effect, "state": step.state, "key": step.key, "reason": step.reason,
             "can be taken back": "yes" if step.reversible else "no"}  # fmt: skip
    for record in records:
        match record.event:
            case StepStarted(step.id, _, generation, _, _, grant):
                facts[f"granted by (generation {generation})"] = f"{grant.by}, at {record.at.isoformat()}"
                facts["grant"] = (
                    f"plan {grant.plan}, manifest {grant.manifest}, policy {grant.policy}, changes {grant.changes}"
                )
            case StepVerified(step.id, _, evidence):
                facts["read back"] = f"{evidence or 'as intended'}, at {record.at.isoformat()}"
            case StepUndone(step.id, _, evidence):
                facts["taken back"] = f"{evidence or 'as before'}, at {record.at.isoformat()}"
            case _:
                pass
    rows = [("argument", name, _json(given), _source(step, name)) for name, given in step.arguments.items()]
    rows += [
        (change.kind, change.resource, f"{_json(change.before)} → {_json(change.after)}", "; ".join(change.echoes))
        for change in step.changes
    ]
    return Section(
        f"Step {step.id}",
        {name: each for name, each in facts.items() if each},
        ("what", "name", "value", "source or echoes"),
        rows,
    )


def _source(step: StepReport, name: str) -> str:
    origin = step.provenance.get(name)
    return f"{origin.source}: {origin.text}" if origin is not None else ""


def _json(value: Json) -> str:
    return json.dumps(visible_json(value), ensure_ascii=False)


def _event(record: Recorded, row: Stored) -> Sequence[str]:
    telling = tell(record.event)
    name = type(record.event).__name__
    return (str(record.seq), record.at.isoformat(), name, telling.step, telling.words, row.hash.hex())


def to_json(sections: Sequence[Section]) -> Json:
    """Return the dossier as JSON."""
    return [
        {
            "title": each.title,
            "facts": dict(each.facts),
            "rows": [dict(zip(each.columns, row, strict=True)) for row in each.rows],
        }
        for each in sections
    ]


def to_markdown(sections: Sequence[Section]) -> str:
    """Return the dossier as Markdown; text out of data stands in code spans, where nothing is interpreted."""
    lines: list[str] = []
    for number, section in enumerate(sections):
        lines += [f"{'#' if number == 0 else '##'} {_markdown(section.title)}", ""]
        lines += [f"- {name}: {_code(each)}" for name, each in section.facts.items()]
        if section.facts:
            lines.append("")
        if section.rows:
            lines += [f"| {' | '.join(section.columns)} |", f"|{'---|' * len(section.columns)}"]
            lines += [f"| {' | '.join(_code(cell) if cell else '' for cell in row)} |" for row in section.rows]
            lines.append("")
    return "\n".join(lines)


def _markdown(text: str) -> str:
    return "".join(f"\\{letter}" if letter in "\\`*_{}[]()<>#+!|~" else letter for letter in visible(text))


def _code(text: str) -> str:
    shown = visible(text).replace("|", "\\|")
    ticks = "`"
    while ticks in shown:
        ticks += "`"
    return f"{ticks} {shown} {ticks}" if ticks != "`" else f"`{shown}`"


def to_html(sections: Sequence[Section]) -> str:
    """Return the dossier as one page that needs nothing from elsewhere."""
    parts = [
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>', _html(sections[0].title), "</title><style>",
        "body{font:15px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem;color:#222}",
        "table{border-collapse:collapse;width:100%;font-size:13px}td,th{border-bottom:1px solid #ddd;padding:.3rem .5rem;",
        "text-align:left;vertical-align:top;overflow-wrap:anywhere}dt{font-weight:600}dd{margin:0 0 .3rem 1rem;",
        "overflow-wrap:anywhere}h2{margin-top:2rem}</style>",
    ]  # fmt: skip
    for number, section in enumerate(sections):
        tag = "h1" if number == 0 else "h2"
        parts.append(f"<{tag}>{_html(section.title)}</{tag}><dl>")
        parts += [f"<dt>{_html(name)}</dt><dd>{_html(each)}</dd>" for name, each in section.facts.items()]
        parts.append("</dl>")
        if section.rows:
            parts.append(f"<table><tr>{''.join(f'<th>{_html(each)}</th>' for each in section.columns)}</tr>")
            parts += [f"<tr>{''.join(f'<td>{_html(cell)}</td>' for cell in row)}</tr>" for row in section.rows]
            parts.append("</table>")
    return "".join([*parts, "</html>\n"])


def _html(text: str) -> str:
    return html.escape(visible(text))
