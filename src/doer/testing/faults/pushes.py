"""What a lying git host does with a push over smart HTTP: the request of git-receive-pack, read and rewritten.

The request is a list of commands (old id, new id, ref) in pkt-lines, a flush, and a pack; the answer says `unpack ok` and
`ok REF` for each (git's Documentation/gitprotocol-pack, "Reference Update Request" and "Report Status").
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from doer.testing.faults.wire import Answer, Request

_NOTHING = b"0" * 40
_FLUSH = b"0000"
ELSEWHERE = b"elsewhere"
"""What a misplaced branch or tag is called."""


@dataclass(frozen=True, slots=True)
class _Command:
    old: bytes
    new: bytes
    ref: bytes


def is_push(request: Request) -> bool:
    """Tell whether the request is a push; everything else that git asks is a read."""
    return request.method == "POST" and request.path.endswith("/git-receive-pack")


def is_fetch(request: Request) -> bool:
    """Tell whether the request only reads, although it is a POST."""
    return request.method == "POST" and request.path.endswith("/git-upload-pack")


def taken(request: Request) -> Answer:
    """The answer of a host that has done all of it."""
    commands, abilities, _ = _read(request.body)
    lines = [b"unpack ok\n", *(b"ok %s\n" % each.ref for each in commands)]
    report = b"".join(_line(each) for each in lines) + _FLUSH
    if b"side-band-64k" in abilities:
        report = _line(b"\x01" + report) + _FLUSH
    return Answer(
        200, (("Content-Type", "application/x-git-receive-pack-result"), ("Cache-Control", "no-cache")), report
    )


def astray(request: Request) -> Request:
    """The same push to other refs, made anew beside those that were meant."""
    commands, abilities, pack = _read(request.body)
    moved = [replace(each, old=_NOTHING, ref=_beside(each.ref)) for each in commands]
    return replace(request, body=_written(moved, abilities, pack))


def halved(request: Request) -> Request:
    """The push with half of its commands; of a single one nothing is left but a pack that is cut short."""
    commands, abilities, pack = _read(request.body)
    if len(commands) > 1:
        return replace(request, body=_written(commands[: len(commands) // 2], abilities, pack))
    return replace(request, body=_written(commands, abilities, pack[: len(pack) // 2]))


def _beside(ref: bytes) -> bytes:
    return ref.rpartition(b"/")[0] + b"/" + ELSEWHERE


def _read(body: bytes) -> tuple[Sequence[_Command], bytes, bytes]:
    commands: list[_Command] = []
    abilities = b""
    end = 0
    for end, line in _lines(body):  # noqa: B007 - where the last one ended is where the pack begins
        said, _, more = line.rstrip(b"\n").partition(b"\0")
        abilities = abilities or more
        old, new, ref = said.split(b" ", 2)
        commands.append(_Command(old, new, ref))
    return commands, abilities, body[end + len(_FLUSH) :]


def _lines(body: bytes) -> Iterator[tuple[int, bytes]]:
    """The pkt-lines up to the flush, each with the place where it ends."""
    at = 0
    while (size := int(body[at : at + 4] or b"0", 16)) > 0:
        yield at + size, body[at + 4 : at + size]
        at += size


def _written(commands: Sequence[_Command], abilities: bytes, pack: bytes) -> bytes:
    lines = [b"%s %s %s" % (each.old, each.new, each.ref) for each in commands]
    lines[0] += b"\0" + abilities
    return b"".join(_line(each) for each in lines) + _FLUSH + pack


def _line(content: bytes) -> bytes:
    return b"%04x" % (len(content) + 4) + content
