"""An independent check of an export: the standard library and the docstring of doer.journal.export, nothing of ours."""

import base64
import hashlib
import json
from collections.abc import Iterable


def sha(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()


def root_of(leaves: list[bytes]) -> bytes:
    if len(leaves) < 2:
        return sha(b"\0", leaves[0])
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return sha(b"\1", root_of(leaves[:split]), root_of(leaves[split:]))


def climb(node: bytes, index: int, size: int, path: list[str]) -> bytes:
    if size == 1:
        return node
    split, sibling = 1 << (size - 1).bit_length() - 1, bytes.fromhex(path[-1])
    if index < split:
        return sha(b"\1", climb(node, index, split, path[:-1]), sibling)
    return sha(b"\1", sibling, climb(node, index - split, size - split, path[:-1]))


def check(lines: Iterable[str]) -> int:
    """Return how many signed roots the events were shown to be under."""
    heads, leaves, note, proved = dict[str, str](), dict[int, bytes](), "", 0
    for line in map(json.loads, lines):
        if "body" in line:
            run, prev, payload = line["run"], line["prev"], line["payload"]
            assert prev == heads.get(run, "0" * 64)
            made = sha(f"{run}\n{line['seq']}\n{line['at']}\n{prev}\n{line['body']}".encode())
            assert made.hex() == line["hash"]
            assert payload is None or json.loads(line["body"])["payload"] == "sha256:" + sha(payload.encode()).hex()
            heads[run], leaves[line["n"] - 1] = line["hash"], made
        elif "content" in line:
            assert line["digest"] == "sha256:" + sha(base64.b64decode(line["content"])).hex()
        elif "note" in line:
            note = line["note"]
            size = int(note.split("\n")[1])
            if all(index in leaves for index in range(size)):
                assert base64.b64decode(note.split("\n")[2]) == root_of([leaves[index] for index in range(size)])
                proved += 1
        elif "path" in line:
            leaf = sha(b"\0", leaves[line["index"]])
            assert base64.b64decode(note.split("\n")[2]) == climb(leaf, line["index"], line["size"], line["path"])
            proved += 1
    return proved
