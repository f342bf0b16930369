"""Proof: whether the journal is what was recorded, and where it is not.

Found from the journal alone: an edit, an edit with its hash made anew, a deletion, a reorder, a tail cut behind a signed
tree head, a payload that was changed or removed, a note that was changed or signed by another key. Only a receipt kept
elsewhere shows that the whole journal was rolled back, or written anew by somebody who holds the key. It is
tamper-evident, not tamper-proof: nobody can tell whether what doer recorded in the first place was true.

The design is that of Certificate Transparency (RFC 6962, RFC 9162) with a hash chain for each run under it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from doer.domain.errors import JournalBroken
from doer.domain.value import RunId
from doer.journal.blob import BlobFolder
from doer.journal.chain import ORIGIN, Head, link
from doer.journal.codec import digest_of
from doer.journal.key import fingerprint
from doer.journal.merkle import Frontier
from doer.journal.note import Receipt, TreeHead, is_signed_by, note_hash, parse_note, parse_receipt
from doer.journal.rows import Stored, all_rows, named_payload, payload_of
from doer.journal.store import SqliteJournal

What: TypeAlias = Literal[
    "edited", "rewritten", "deleted", "reordered", "cut", "payload", "checkpoint", "key", "rolled_back"
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it was recorded."""

    what: What
    run: RunId | None
    """None: it concerns the journal as a whole, or nothing tells which run it was."""
    seq: int | None
    detail: str


@dataclass(frozen=True, slots=True)
class Report:
    """What was checked and what was found."""

    events: int
    runs: int
    checkpoints: int
    covered: int
    """Events under the newest signed tree head; later ones are chained, but a cut of them is not seen."""
    erased: tuple[RunId, ...]
    findings: tuple[Finding, ...]
    receipt: str | None
    """Of the newest signed tree head; None when there is none yet."""

    @property
    def ok(self) -> bool:
        """Nothing was found."""
        return not self.findings


def verify(journal: SqliteJournal, against: str | None = None) -> Report:
    """Check every event, payload and tree head, and a receipt if one is given. O(events) time, O(runs) space.

    Raises UsageError for a text that is no receipt, JournalBroken for a file that is no database any more.
    """
    receipt = None if against is None else parse_receipt(against)
    public = journal.key.public
    with journal.snapshot() as db:
        notes = _Notes.read(db, public)
        sizes = {head.size for head in notes.heads} | ({receipt.size} if receipt else set())
        walk = _Walk(journal.blobs, notes, sizes)
        for row in all_rows(db):
            walk.take(row)
        walk.finish()
        stray = _stray_payloads(db, journal.blobs)
    findings = [*walk.findings, *notes.findings, *stray]
    findings += _compare_roots(notes.heads, walk) if not findings else []
    if receipt is not None:
        findings += _compare_receipt(receipt, walk, fingerprint(public))
    newest = notes.heads[-1] if notes.heads else None
    return Report(
        events=walk.count,
        runs=len(walk.heads),
        checkpoints=notes.count,
        covered=newest.size if newest else 0,
        erased=tuple(sorted(walk.erased)),
        findings=tuple(findings),
        receipt=str(Receipt(newest.size, newest.root, fingerprint(public))) if newest else None,
    )


@dataclass(slots=True)
class _Notes:
    """The signed tree heads, and what they claim of each run."""

    count: int = 0
    heads: list[TreeHead] = field(default_factory=list)
    claims: dict[str, dict[int, str]] = field(default_factory=dict)
    """Run -> seq -> the first 16 hex digits of its head."""
    erased: set[str] = field(default_factory=set)
    findings: list[Finding] = field(default_factory=list)

    @classmethod
    def read(cls, db: sqlite3.Connection, public: bytes) -> _Notes:
        notes, before = cls(), None
        for number, note in db.execute("SELECT id, CAST(note AS TEXT) FROM checkpoints ORDER BY id"):
            notes.count += 1
            notes._take(number, note, before, public)
            before = note
        return notes

    def _take(self, number: int, note: str, before: str | None, public: bytes) -> None:
        head = parse_note(note)
        if head is None or not is_signed_by(note, public):
            named = note.partition("\n")[0].rpartition("/")[2][:16]
            if head is None or named == fingerprint(public):
                self._find("checkpoint", f"signed tree head {number} was edited: its signature does not hold")
            elif not any(each.what == "key" for each in self.findings):
                self._find(
                    "key", f"tree head {number} is signed by key {named}, this journal's is {fingerprint(public)}"
                )
            return
        if head.prev != note_hash(before):
            self._find("checkpoint", f"signed tree head {number} does not follow the one before it: one was taken out")
        self.heads.append(head)
        self.erased |= set(head.erased)
        for run, (seq, digits) in head.heads.items():
            self.claims.setdefault(run, {})[seq] = digits

    def _find(self, what: What, detail: str) -> None:
        self.findings.append(Finding(what, None, None, detail))


class _Walk:
    """One pass over all events in the order of commits."""

    def __init__(self, blobs: BlobFolder, notes: _Notes, sizes: set[int]) -> None:
        self.count = 0
        self.heads: dict[str, Head] = {}
        self.findings: list[Finding] = []
        self.erased: set[RunId] = set()
        self.tree = Frontier(0, [])
        self.roots: dict[int, bytes] = {0: self.tree.root()}
        self._sizes = sizes
        self._blobs = blobs
        self._notes = notes
        self._seen: dict[str, dict[int, str]] = {}
        self._numbers_missing = 0
        self._missing: dict[str, dict[int, Finding]] = {}

    def take(self, row: Stored) -> None:
        """Check one event against the run so far."""
        self.count += 1
        self._number(row)
        head = self.heads.get(row.run, Head(0, ORIGIN))
        if row.seq in self._missing.get(row.run, {}):
            self._misplaced(row)
        elif row.seq <= head.seq:
            self._find("reordered", row.run, row.seq, f"it stands behind event {head.seq} of its run")
        else:
            self._skip(row, head)
            if row.seq == head.seq + 1 and row.prev != head.hash:
                self._find("rewritten", row.run, max(head.seq, 1), f"event {row.seq} does not follow from it")
            self.heads[row.run] = Head(row.seq, row.hash)
        if link(row.run, row.seq, row.at, row.prev, row.body) != row.hash:
            self._find("edited", row.run, row.seq, "its bytes are not those that its hash was made of")
        if row.seq in self._notes.claims.get(row.run, {}):
            self._seen.setdefault(row.run, {})[row.seq] = row.hash.hex()[:16]
        self._check_payload(row)

    def finish(self) -> None:
        """Check what can only be told at the end: what is missing, and what the signed tree heads claim."""
        gone = 0
        for gaps in self._missing.values():
            self.findings += gaps.values()
            gone += len(gaps)
        for run, claims in self._notes.claims.items():
            gone += self._check_claims(run, claims)
        if self._numbers_missing > gone:
            self.findings.append(
                Finding("deleted", None, None, f"{self._numbers_missing - gone} events of no known run were taken out")
            )

    def _number(self, row: Stored) -> None:
        while self.tree.size < row.n - 1:  # a number is missing: hold its place, so that the later ones keep theirs
            self._push(b"")
            self._numbers_missing += 1
        self._push(row.hash)

    def _push(self, leaf: bytes) -> None:
        self.tree.push(leaf)
        if self.tree.size in self._sizes:
            self.roots[self.tree.size] = self.tree.root()

    def _skip(self, row: Stored, head: Head) -> None:
        for seq in range(head.seq + 1, min(row.seq, head.seq + 1 + _MOST_GAPS)):
            gone = Finding("deleted", RunId(row.run), seq, f"event {row.seq} stands where it should be")
            self._missing.setdefault(row.run, {})[seq] = gone

    def _misplaced(self, row: Stored) -> None:
        del self._missing[row.run][row.seq]
        self._find("reordered", row.run, row.seq, f"it stands behind event {self.heads[row.run].seq} of its run")

    def _check_claims(self, run: str, claims: Mapping[int, str]) -> int:
        """Return how many events are known to be missing at the end of the run."""
        last, good = self.heads.get(run, Head(0, ORIGIN)).seq, 0
        seen = self._seen.get(run, {})
        located = {each.seq or 0 for each in self.findings if each.run == run}
        for seq in sorted(each for each in claims if each <= last):
            if seen.get(seq) == claims[seq]:
                good = seq
            elif not any(good < each <= seq for each in located):
                between = f"event {seq}" if good + 1 == seq else f"one or more of events {good + 1} to {seq}"
                self._find(
                    "rewritten", run, good + 1, f"{between}, with the hashes behind: a signed tree head has another"
                )
                break
            else:
                break
        cut = max(claims) - last
        if cut > 0:
            what: What = "cut" if last else "deleted"
            self._find(what, run, last + 1, f"a signed tree head has seen it up to event {max(claims)}")
        return max(cut, 0)

    def _check_payload(self, row: Stored) -> None:
        try:
            named = named_payload(row)
        except JournalBroken:
            return  # found as an edit
        found = payload_of(row, self._blobs)
        if named is None and found is None:
            return
        if named is None:
            self._find("payload", row.run, row.seq, "it has a payload that was never recorded")
        elif found is None and row.run in self._notes.erased:
            self.erased.add(RunId(row.run))
        elif found is None:
            self._find("payload", row.run, row.seq, "its payload is gone and no erasure was recorded")
        elif digest_of(found) != named:
            self._find("payload", row.run, row.seq, "its payload is not the one that was recorded")

    def _find(self, what: What, run: str, seq: int, detail: str) -> None:
        self.findings.append(Finding(what, RunId(run), seq, detail))


_MOST_GAPS = 1000
"""Missing events named one by one; an edited seq could claim billions."""


def _compare_roots(heads: Sequence[TreeHead], walk: _Walk) -> list[Finding]:
    """Find what no chain and no claim tells: events of different runs that changed places."""
    good = 0
    for head in heads:
        if walk.roots.get(head.size) != head.root:
            detail = f"events number {good + 1} to {head.size} of the journal are not those that were signed, or not in that order"
            return [Finding("reordered", None, None, detail)]
        good = head.size
    return []


def _compare_receipt(receipt: Receipt, walk: _Walk, key: str) -> list[Finding]:
    if receipt.key != key:
        detail = (
            f"the receipt is from key {receipt.key}, this journal's is {key}: another journal, or the key was swapped"
        )
        return [Finding("key", None, None, detail)]
    if receipt.size > walk.tree.size:
        detail = f"the receipt vouches for {receipt.size} events, the journal has {walk.tree.size}: it was rolled back"
        return [Finding("rolled_back", None, None, detail)]
    if walk.roots[receipt.size] != receipt.root:
        detail = f"the first {receipt.size} events are not those that the receipt vouches for"
        return [Finding("rewritten", None, None, detail)]
    return []


def _stray_payloads(db: sqlite3.Connection, blobs: BlobFolder) -> list[Finding]:
    """Check the content-addressed payloads that events do not hold themselves."""
    wrong = [
        digest
        for digest, content in db.execute("SELECT CAST(digest AS TEXT), CAST(content AS BLOB) FROM payloads")
        if digest_of(content) != digest
    ]
    wrong += [digest for digest in blobs.digests() if digest_of(blobs.read(digest) or b"") != digest]
    return [Finding("payload", None, None, f"the stored payload {each} was changed") for each in wrong]
