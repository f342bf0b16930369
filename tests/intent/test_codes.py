"""Codes of countries, languages and currencies, from the names that people write."""

from __future__ import annotations

import pytest

from doer.intent.codes import Table, code


@pytest.mark.parametrize(
    ("words", "table", "found"),
    [
        ("China", "country", "CN"), ("the United States", "country", "US"), ("USA", "country", "US"), ("de", "country", "DE"),
        ("Atlantis", "country", None), ("Swahili", "language", "sw"), ("French", "language", "fr"), ("euros", "currency", "EUR"),
        ("US Dollar", "currency", "USD"), ("jpy", "currency", "JPY"), ("shells", "currency", None),
    ],
)  # fmt: skip
def test_a_name_has_one_code_and_a_code_stands_for_itself(words: str, table: Table, found: str | None) -> None:
    assert code(words, table) == found
