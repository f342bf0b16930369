"""The built-in rules: reads run, writes ask, what cannot be taken back asks by name; all else is denied."""

from __future__ import annotations

from dataclasses import dataclass
from typing import assert_never

from doer.domain.decision import Allow, Ask, Decision, Deny, Request
from doer.domain.value import Digest, digest

_DIGEST = digest({"rules": "reads run, writes ask, irreversible asks by name, else denied", "version": 1})


@dataclass(frozen=True, slots=True)
class BuiltInRules:
    """A `Policy` that knows four rules. The policy language comes behind the same port."""

    @property
    def digest(self) -> Digest:
        """Digest of the rules, which change only with doer."""
        return _DIGEST

    def decide(self, request: Request) -> Decision:
        """Return what the rules say of one step."""
        if not request.principal:
            return Deny("nobody asked for it: a request names its principal")
        match request.effect:
            case "irreversible":
                return Ask("it cannot be taken back", by_name=True)
            case "read":
                # A reader that cannot say what it would change is a reader all the same: its manifest says so.
                return Allow("reads run") if not request.changes else Deny("a read may not change anything")
            case "write":
                return Ask("it changes something" if request.foreseeable else "what it changes cannot be foreseen")
            case _:
                assert_never(request.effect)
