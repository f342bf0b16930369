"""What policy says, whatever becomes of it: a policy that fails permits nothing."""

from __future__ import annotations

from doer.domain.decision import Decision, Deny, Request
from doer.domain.ports import Policy


def judged(policy: Policy, request: Request) -> Decision:
    """Return the policy's decision; Deny where it names no rules or fails (the first law)."""
    try:
        return policy.decide(request) if policy.digest else Deny("the policy names no rules")
    except Exception as failure:  # noqa: BLE001  # whatever it is, nobody has permitted anything
        return Deny(f"the policy failed: {type(failure).__name__}: {' '.join(str(failure).split())[:300]}")
