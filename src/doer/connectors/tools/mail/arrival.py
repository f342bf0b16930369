"""What the mailboxes that can be read say about a mail that went out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from doer.connectors.tools.mail.mailbox import FoundMail
from doer.connectors.tools.mail.message import Mail
from doer.domain.action import Receipt
from doer.domain.outcome import Absent, Refuted, Unknown, Verification, Verified
from doer.domain.value import JsonObject


def judge(
    holds: Callable[[str], bool],
    found: Sequence[FoundMail],
    mail: Mail,
    wanted: JsonObject,
    receipt: Receipt,
    *,
    sent_proves: bool = True,
) -> Verification:
    """Compare the copies that were found with the mail that was shown: once for each recipient, word for word.

    `holds` tells whether an address's mailbox can be read; `sent_proves` whether a copy in the sent mail was put there by
    the server that delivers, and so shows that it went out to those whose mailbox cannot be read.
    """
    everyone = [each.lower() for each in mail.recipients]
    readable = {each for each in everyone if holds(each)}
    copies = Counter(each.address for each in found)
    if wrong := [str(each or "the sent mail") for each, times in copies.items() if times > 1]:
        return Refuted(f"it is there more than once: {', '.join(wrong)}", receipt)
    if astray := [each.place for each in found if each.address is not None and each.address not in everyone]:
        return Refuted(f"it was delivered to somebody else: {', '.join(astray)}", receipt)
    for each in found:
        if parts := each.mail.differences(wanted):
            return Refuted(f"in {each.place} it differs in {', '.join(parts)}", receipt)
    missing = sorted(readable - set(copies))
    if not found:
        told = "no mailbox of its recipients can be read, and no folder of sent mail shows it"
        return Absent(f"not in the mailbox of {', '.join(missing)}") if missing else Unknown(told, final=True)
    if missing:
        return Refuted(f"it did not arrive in the mailbox of {', '.join(missing)}", receipt)
    unread = ", ".join(sorted(set(everyone) - readable))
    if unread and not sent_proves and set(copies) == {None}:
        told = "the server took it, and the copy in the sent mail is as shown"
        return Unknown(f"{told}; whether it arrived at {unread} cannot be seen", final=True)
    if unread and (None not in copies or not sent_proves):
        return Unknown(f"it arrived, but the mailbox of {unread} cannot be read", final=True)
    return Verified(receipt, f"found once, as sent, in {', '.join(each.place for each in found)}")
