"""Export: a run or the whole journal as JSON lines that a short script in any language can check.

Every line is one JSON object (UTF-8, LF). In this order:

    {"journal": 1, "public": BASE64}                  format version, Ed25519 public key of the notes
    {"n", "run", "seq", "at", "prev", "hash", "body", "payload"}
                                                      one line an event, in the order of commits; prev and hash in hex; body and
                                                      payload are the exact text that was hashed, payload null when erased or none
    {"digest": "sha256:…", "content": BASE64}         whole journal only: payloads that stand by themselves
    {"note": TEXT}                                    a signed tree head: all of them, for one run the newest
    {"run", "index", "size", "path": [HEX…]}          one run only: RFC 6962 audit path of its last event that the note covers

To check it: `hash` = SHA-256(run LF seq LF at LF prev LF body), `prev` = `hash` of the run's event before (64 zeros first);
the `payload` named in a body = `sha256:` + SHA-256(payload). Leaf n - 1 of the tree is the 32 bytes of `hash` number n; the
third line of a note is the base64 of the root over the first *size* (its second line) leaves. For one run the path leads
from its last covered `hash` to that root, without showing anything of other runs.
"""

from __future__ import annotations

import base64
import json
import sqlite3
from collections.abc import Iterable, Iterator
from typing import TextIO

from doer.domain.errors import UnknownRun
from doer.domain.value import Json, RunId
from doer.journal.blob import BlobFolder
from doer.journal.merkle import inclusion_path
from doer.journal.note import parse_note
from doer.journal.rows import Stored, all_rows, payload_of, rows_of
from doer.journal.store import SqliteJournal


def export(journal: SqliteJournal, out: TextIO, run: RunId | None = None) -> int:
    """Write the whole journal, or one run, and return the number of its events; consistent while others write.

    Raises UnknownRun, JournalBroken for a file that is no database any more, and what `out` raises.
    """
    with journal.snapshot() as db:
        if run is None:
            return _write(out, journal, all_rows(db), _rest(db, journal.blobs))
        rows = rows_of(db, run)
        if not rows:
            raise UnknownRun(f"there is no run {run!r} in {journal.path}; `doer runs` lists those that are")
        return _write(out, journal, rows, _proof(db, rows))


def _write(out: TextIO, journal: SqliteJournal, rows: Iterable[Stored], rest: Iterable[Json]) -> int:
    count = 0
    _line(out, {"journal": 1, "public": base64.b64encode(journal.key.public).decode()})
    for row in rows:
        _line(out, _event(row, journal.blobs))
        count += 1
    for each in rest:
        _line(out, each)
    return count


def _line(out: TextIO, content: Json) -> None:
    out.write(json.dumps(content, separators=(",", ":")) + "\n")


def _event(row: Stored, blobs: BlobFolder) -> Json:
    payload = payload_of(row, blobs)
    return {
        "n": row.n,
        "run": row.run,
        "seq": row.seq,
        "at": row.at,
        "prev": row.prev.hex(),
        "hash": row.hash.hex(),
        "body": row.body.decode("ascii", "replace"),
        "payload": None if payload is None else payload.decode("ascii", "replace"),
    }


def _rest(db: sqlite3.Connection, blobs: BlobFolder) -> Iterator[Json]:
    query = "SELECT CAST(digest AS TEXT), CAST(content AS BLOB) FROM payloads ORDER BY digest"
    for digest, content in db.execute(query):
        yield {"digest": digest, "content": base64.b64encode(content).decode()}
    for digest in blobs.digests():
        yield {"digest": digest, "content": base64.b64encode(blobs.read(digest) or b"").decode()}
    for (note,) in db.execute("SELECT CAST(note AS TEXT) FROM checkpoints ORDER BY id"):
        yield {"note": note}


def _proof(db: sqlite3.Connection, rows: Iterable[Stored]) -> Iterator[Json]:
    found = db.execute("SELECT CAST(note AS TEXT) FROM checkpoints ORDER BY id DESC LIMIT 1").fetchone()
    head = parse_note(found[0]) if found else None
    covered = [row for row in rows if head is not None and row.n <= head.size]
    if head is None or not covered:
        return
    leaves = [
        leaf for (leaf,) in db.execute("SELECT CAST(hash AS BLOB) FROM events WHERE n <= ? ORDER BY n", (head.size,))
    ]
    index = covered[-1].n - 1
    yield {"note": found[0]}
    path: list[Json] = [each.hex() for each in inclusion_path(leaves, index)]
    yield {"run": covered[-1].run, "index": index, "size": head.size, "path": path}
