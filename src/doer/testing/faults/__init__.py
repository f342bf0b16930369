"""Faults on purpose: real proxies before real servers that drop, halve, double, misplace, delay, cut and lie."""

from doer.testing.faults.kinds import KINDS, SMTP_KINDS, Kind
from doer.testing.faults.proxy import Entry, Fault, FaultyServer
from doer.testing.faults.smtp import FaultySmtp, Handed

__all__ = ["KINDS", "SMTP_KINDS", "Entry", "Fault", "FaultyServer", "FaultySmtp", "Handed", "Kind"]
