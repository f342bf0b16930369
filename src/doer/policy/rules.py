"""The built-in rules: reads run, writes ask, what cannot be taken back asks by name, too much is denied; all else as well."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import assert_never

from doer.domain.decision import Allow, Ask, Decision, Deny, Request, Totals
from doer.domain.value import Digest, digest

_RULES = "reads run, writes ask, irreversible asks by name, more than the limits is denied, else denied"


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one run may change in one system, whoever approves it."""

    changes: int = 500
    """Records that are made or changed."""
    deletions: int = 50
    recipients: int = 50
    """Different addresses of what cannot be taken back."""


_DEFAULT = Limits()
_READS = Allow("reads run")
_WRITES = Ask("it changes something")
_UNFORESEEN = Ask("what it changes cannot be foreseen")
_IRREVERSIBLE = Ask("it cannot be taken back", by_name=True)


@dataclass(frozen=True)  # without slots: it keeps its digest, which every step asks for
class BuiltInRules:
    """A `Policy` that knows a few rules. The policy language comes behind the same port."""

    limits: Mapping[str, Limits] = field(default_factory=dict)
    """Connection -> its limits; the default ones where it is not named."""

    def __post_init__(self) -> None:
        """Keep a copy, so that the rules in force are those of the digest whatever becomes of the caller's mapping."""
        object.__setattr__(self, "limits", MappingProxyType(dict(self.limits)))

    @cached_property
    def digest(self) -> Digest:
        """Digest of the rules and limits in force."""
        limits = {name: asdict(each) for name, each in self.limits.items()}
        return digest({"rules": _RULES, "version": 2, "default": asdict(_DEFAULT), "limits": limits})

    def decide(self, request: Request) -> Decision:
        """Return what the rules say of one step."""
        if not request.principal:
            return Deny("nobody asked for it: a request names its principal")
        if request.effect != "read" and (excess := self._excess(request)):
            return Deny(excess)
        match request.effect:
            case "irreversible":
                return _IRREVERSIBLE
            case "read":
                # A reader that cannot say what it would change is a reader all the same: its manifest says so.
                return _READS if not request.changes else Deny("a read may not change anything")
            case "write":
                return _WRITES if request.foreseeable else _UNFORESEEN
            case _:
                assert_never(request.effect)

    def _excess(self, request: Request) -> str:
        """Say what of the run is too much for this system, if anything is: counted over all of its steps."""
        system = request.manifest.system
        limits, totals = self.limits.get(system, _DEFAULT), request.totals
        if _are_within(totals, limits):
            return ""
        for number, most, done, key in (
            (totals.deleted, limits.deletions, "delete", "deletions"),
            (totals.created + totals.changed, limits.changes, "make or change", "changes"),
            (totals.recipients, limits.recipients, "be sent to", "recipients"),
        ):
            if number > most:
                return (
                    f"the run would {done} {number} in {system}, and {most} is the most; do it in smaller parts, or raise "
                    f"`limits.{key}` of that connection in doer.toml"
                )
        return ""


def _are_within(totals: Totals, limits: Limits) -> bool:
    return (
        totals.deleted <= limits.deletions
        and totals.created + totals.changed <= limits.changes
        and totals.recipients <= limits.recipients
    )
