"""Merkle tree over the heads of all runs (RFC 6962, section 2.1; SHA-256).

Leaf number n is the 32-byte chain head that the n-th event of the whole journal left its run with, in the order in which
events were committed. So the tree covers every event of every run and their order: a cut or missing run, and the roll-back
of the whole journal, change the root or the size.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass


def leaf_hash(data: bytes) -> bytes:
    """Return the hash of a leaf (RFC 6962: 0x00 in front)."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node (RFC 6962: 0x01 in front)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


@dataclass(slots=True)
class Frontier:
    """The right edge of a growing tree: the roots of its complete subtrees, largest first; O(log n) space and time."""

    size: int
    edge: list[bytes]

    @classmethod
    def load(cls, size: int, content: bytes) -> Frontier:
        """Read what `dump` wrote."""
        return cls(size, [content[start : start + 32] for start in range(0, len(content), 32)])

    def dump(self) -> bytes:
        """Return the edge as bytes, 32 a hash."""
        return b"".join(self.edge)

    def push(self, data: bytes) -> None:
        """Add one leaf."""
        node, rest = leaf_hash(data), self.size
        while rest & 1:
            node, rest = node_hash(self.edge.pop(), node), rest >> 1
        self.edge.append(node)
        self.size += 1

    def root(self) -> bytes:
        """Return the root of the tree as it is now; the empty tree has SHA-256 of nothing."""
        if not self.edge:
            return hashlib.sha256(b"").digest()
        node = self.edge[-1]
        for left in reversed(self.edge[:-1]):
            node = node_hash(left, node)
        return node


def root_of(leaves: Sequence[bytes]) -> bytes:
    """Return the root over these leaves."""
    frontier = Frontier(0, [])
    for each in leaves:
        frontier.push(each)
    return frontier.root()


def inclusion_path(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """Return the audit path of leaf `index` (from 0) in the tree of all leaves (RFC 6962, 2.1.1)."""
    if len(leaves) <= 1:
        return []
    split = _split(len(leaves))
    if index < split:
        return [*inclusion_path(leaves[:split], index), root_of(leaves[split:])]
    return [*inclusion_path(leaves[split:], index - split), root_of(leaves[:split])]


def root_from_path(data: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes | None:
    """Return the root that this leaf and path make (RFC 9162, 2.1.3.2), or None for a path of the wrong length."""
    if index >= size:
        return None
    node, at, last = leaf_hash(data), index, size - 1
    for each in path:
        if last == 0:
            return None
        if at & 1 or at == last:
            node = node_hash(each, node)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            node = node_hash(node, each)
        at, last = at >> 1, last >> 1
    return node if last == 0 else None


def _split(size: int) -> int:
    """Return the largest power of two below `size`."""
    return 1 << ((size - 1).bit_length() - 1)
