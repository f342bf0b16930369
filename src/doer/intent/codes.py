"""Codes: names of countries, languages and currencies as ISO 3166, 639 and 4217, from the Unicode tables in Babel."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Final, Literal

Table = Literal["country", "language", "currency"]
_ALSO: Final[Mapping[Table, Mapping[str, str]]] = {
    "country": {
        "usa": "US", "us": "US", "u.s.": "US", "u.s.a.": "US", "united states of america": "US", "america": "US", "uk": "GB",
        "u.k.": "GB", "great britain": "GB", "britain": "GB", "czech republic": "CZ", "turkey": "TR", "holland": "NL",
    },
    "language": {"mandarin": "zh"},
    "currency": {
        "dollar": "USD", "dollars": "USD", "us dollars": "USD", "euros": "EUR", "yen": "JPY", "pounds": "GBP", "british pounds": "GBP",
        "rupees": "INR", "yuan": "CNY", "swiss francs": "CHF",
    },
}  # fmt: skip


def code(words: str, table: Table) -> str | None:
    """Return the code that the words name; a code stands for itself. None where the table knows neither."""
    return _names(table).get(" ".join(words.casefold().removeprefix("the ").split()))


@lru_cache(maxsize=3)
def _names(table: Table) -> Mapping[str, str]:
    from babel import Locale  # loaded only where a code is wanted: it is slow to import

    locale = Locale("en")
    listed = {"country": locale.territories, "language": locale.languages, "currency": locale.currencies}[table]
    wide = 3 if table == "currency" else 2
    names = {str(name).casefold(): str(each) for each, name in listed.items() if len(each) == wide and each.isalpha()}
    if table == "currency":  # `Japanese yen`, `Swiss francs`: as an amount is said
        from babel.numbers import get_currency_name

        names = {get_currency_name(each, 2, locale).casefold(): each for each in names.values()} | names
    named = {**names, **_ALSO[table]}
    return {each.casefold(): each for each in named.values()} | named
