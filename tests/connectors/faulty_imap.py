"""The IMAP proxy that lies, as shipped in doer.testing, and its kinds that the tests of one verb go through."""

from __future__ import annotations

from doer.testing.faults.imap import FaultyImap

KINDS = ("drop", "halve", "double", "misplace", "cut", "lose", "no")

__all__ = ["KINDS", "FaultyImap"]
