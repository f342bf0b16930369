"""The ways in which a faulty server fails, each in one line, and whether it lies about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

Strikes = Literal["writes", "reads", "all"]


@dataclass(frozen=True, slots=True)
class Kind:
    """One way to fail."""

    name: str
    says: str
    """What happens, in one line for a person."""
    lies: bool
    """True: a write is answered well although its effect is none, or a wrong one."""
    strikes: Strikes
    """Which requests it strikes where no predicate is given."""


def _by_name(*kinds: Kind) -> Mapping[str, Kind]:
    return MappingProxyType({kind.name: kind for kind in kinds})


KINDS: Mapping[str, Kind] = _by_name(
    Kind("drop", "answers that it is done, and does nothing", lies=True, strikes="writes"),
    Kind("halve", "loses half of what was sent, and answers as if it were whole", lies=True, strikes="writes"),
    Kind("double", "does it twice, so that two records come of it", lies=True, strikes="writes"),
    Kind("misplace", "does it to another record, and answers as if it were the right one", lies=True, strikes="writes"),
    Kind("side_record", "does it, and alters another record as well", lies=True, strikes="writes"),
    Kind("delay", "does it only after the client has given up waiting", lies=False, strikes="writes"),
    Kind("error_after_commit", "does it, and answers 500", lies=False, strikes="writes"),
    Kind("cut", "does it, and closes the connection without an answer", lies=False, strikes="writes"),
    Kind("stale", "answers reads with what it answered before the last write", lies=False, strikes="reads"),
    Kind("unauthorized", "answers 401 and does nothing", lies=False, strikes="all"),
    Kind("slow", "does it, and answers late but well", lies=False, strikes="all"),
    Kind("refuse", "closes its port, until mended", lies=False, strikes="all"),
    Kind("garbage", "answers 200 with rubbish, and does nothing", lies=True, strikes="all"),
    Kind("gigabyte", "answers 200 with a body that does not end, and does nothing", lies=True, strikes="all"),
)
"""Every way in which `FaultyServer` can fail."""

SMTP_KINDS: Mapping[str, Kind] = _by_name(
    Kind("drop", "accepts the message, and throws it away", lies=True, strikes="writes"),
    Kind("halve", "delivers half of the message's lines", lies=True, strikes="writes"),
    Kind("double", "delivers the message twice", lies=True, strikes="writes"),
    Kind("misplace", "delivers the message to another mailbox", lies=True, strikes="writes"),
    Kind("delay", "delivers only after the client has given up waiting", lies=False, strikes="writes"),
    Kind("error_after_commit", "delivers, and answers 451", lies=False, strikes="writes"),
    Kind("cut", "delivers, and closes the connection without an answer", lies=False, strikes="writes"),
    Kind("unauthorized", "answers 530 to the sender, and delivers nothing", lies=False, strikes="writes"),
)
"""Every way in which `FaultySmtp` can fail."""

IMAP_KINDS: Mapping[str, Kind] = _by_name(
    Kind("drop", "answers OK, and does nothing", lies=True, strikes="writes"),
    Kind("halve", "keeps half of a mail, copies where it was to move", lies=True, strikes="writes"),
    Kind("double", "does it twice, so that there are two mails", lies=True, strikes="writes"),
    Kind("misplace", "does it to another mail, or in another folder", lies=True, strikes="writes"),
    Kind("delay", "does it only after the client has given up waiting", lies=False, strikes="writes"),
    Kind("error_after_commit", "does it, and answers NO", lies=False, strikes="writes"),
    Kind("cut", "does it, and closes the connection without an answer", lies=False, strikes="writes"),
    Kind("lose", "closes the connection, and does nothing", lies=False, strikes="writes"),
    Kind("no", "answers NO, and does nothing", lies=False, strikes="writes"),
)
"""Every way in which `FaultyImap` can fail."""
