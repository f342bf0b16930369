"""Decisions: what policy says of a step, and what a person's approval binds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from doer.domain.action import Change, Effect, Manifest
from doer.domain.quick import quick
from doer.domain.value import Digest, JsonObject, Principal, Provenance, StepId


@quick
@dataclass(frozen=True, slots=True)
class Allow:
    """It may run."""

    reason: str


@quick
@dataclass(frozen=True, slots=True)
class Ask:
    """It may run when a person approves."""

    reason: str
    by_name: bool = False
    """True: approving the plan is not enough, this step must be named (it cannot be taken back)."""


@dataclass(frozen=True, slots=True)
class Deny:
    """It may not run, whoever approves."""

    reason: str


Decision: TypeAlias = Allow | Ask | Deny


@quick
@dataclass(frozen=True, slots=True)
class Totals:
    """How much the run as a whole changes in the system of the step that is asked about; a resource counts once."""

    created: int = 0
    changed: int = 0
    deleted: int = 0
    recipients: int = 0
    """Different addresses of what cannot be taken back."""


@quick
@dataclass(frozen=True, slots=True)
class Request:
    """What policy is asked: may this principal take this step?"""

    principal: Principal
    step: StepId
    manifest: Manifest
    arguments: JsonObject
    """As far as known; values known only later are `Hole`s."""
    effect: Effect
    """The stricter of manifest and preview."""
    changes: tuple[Change, ...]
    foreseeable: bool
    provenance: Mapping[str, Provenance]
    totals: Totals = Totals()


@quick
@dataclass(frozen=True, slots=True)
class Grant:
    """Permission for one step with concrete arguments; recorded when the step starts."""

    plan: Digest
    manifest: Digest
    policy: Digest
    changes: Digest
    """Over resource, before and after of every change foretold just before the step."""
    by: str
    """The approver, or the rule that allowed it."""
    expires_at: datetime | None = None
