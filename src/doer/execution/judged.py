"""What policy says, whatever becomes of it: a policy that fails permits nothing, and what a read chose to lead somewhere is asked about."""

from __future__ import annotations

from doer.domain.decision import Allow, Ask, Decision, Deny, Request
from doer.domain.ports import Policy
from doer.domain.value import Json


def judged(policy: Policy, request: Request) -> Decision:
    """Return the policy's decision; Deny where it names no rules or fails (the first law).

    What would be allowed is asked about where a read while planning chose whom it reaches, or what decides over it: untrusted
    data never does that before somebody has seen the value and its source.
    """
    try:
        decision = policy.decide(request) if policy.digest else Deny("the policy names no rules")
    except Exception as failure:  # noqa: BLE001  # whatever it is, nobody has permitted anything
        return Deny(f"the policy failed: {type(failure).__name__}: {' '.join(str(failure).split())[:300]}")
    chosen = _chosen_by_a_read(request) if isinstance(decision, Allow) and request.effect != "read" else ""
    return Ask(chosen, by_name=request.effect == "irreversible") if chosen else decision


def _chosen_by_a_read(request: Request) -> str:
    """A destination, an authority or code that a read told; an address is a destination, whatever its tool declares."""
    for name, origin in request.provenance.items():
        value = request.arguments.get(name)
        leads = request.manifest.roles.get(name, "content") != "content" or _is_address(value)
        if origin.source == "read" and leads:
            return f"its {name} is {value!s:.200}, which was read: {origin.text:.200}"
    return ""


def _is_address(value: Json) -> bool:
    if isinstance(value, list | tuple):
        return any(_is_address(each) for each in value)
    return isinstance(value, str) and "@" in value and " " not in value
