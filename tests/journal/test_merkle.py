"""The tree hash, its growing edge and its paths, against the definition of RFC 6962 written down naively."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doer.journal.merkle import Frontier, inclusion_path, root_from_path, root_of

LEAVES = st.lists(st.binary(max_size=4), max_size=40)


def by_definition(leaves: list[bytes]) -> bytes:
    """RFC 6962, section 2.1, word for word."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return hashlib.sha256(b"\x01" + by_definition(leaves[:k]) + by_definition(leaves[k:])).digest()


@given(LEAVES)
def test_the_root_is_that_of_the_rfc(leaves: list[bytes]) -> None:
    assert root_of(leaves) == by_definition(leaves)


def test_the_root_of_a_known_tree_is_the_published_one() -> None:
    # Test vectors of the Certificate Transparency reference implementation.
    leaves = [bytes.fromhex(each) for each in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657")]
    leaves.append(bytes.fromhex("606162636465666768696a6b6c6d6e6f"))

    assert root_of(leaves).hex() == "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"


@given(LEAVES, st.integers(0, 40))
def test_an_edge_that_was_kept_grows_to_the_same_root(leaves: list[bytes], cut: int) -> None:
    edge = Frontier(0, [])
    for each in leaves[:cut]:
        edge.push(each)
    again = Frontier.load(edge.size, edge.dump())
    for each in leaves[cut:]:
        again.push(each)

    assert again.root() == by_definition(leaves)
    assert len(again.edge) == len(leaves).bit_count()


@given(st.lists(st.binary(max_size=4), min_size=1, max_size=40), st.data())
def test_the_path_of_every_leaf_leads_to_the_root(leaves: list[bytes], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(leaves) - 1))
    path = inclusion_path(leaves, index)

    assert root_from_path(leaves[index], index, len(leaves), path) == by_definition(leaves)
    assert root_from_path(leaves[index] + b"x", index, len(leaves), path) != by_definition(leaves)
    assert root_from_path(leaves[index], index, len(leaves), [*path, bytes(32)]) is None
    assert root_from_path(leaves[index], len(leaves), len(leaves), path) is None


@pytest.mark.parametrize("size", [2, 3, 8])
def test_a_path_that_is_too_short_leads_nowhere(size: int) -> None:
    leaves = [bytes([each]) for each in range(size)]

    assert root_from_path(leaves[0], 0, size, inclusion_path(leaves, 0)[:-1]) is None
