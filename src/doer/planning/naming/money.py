"""Money of one's own country: a table holds plain numbers, and where people pay in euros `259 euros` is the number 259."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from doer.intent.text import word_list
from doer.planning.words.conditions import masked
from doer.planning.words.reword import Reworded

_EURO: Final = word_list("""
    Europe/Amsterdam Europe/Athens Europe/Berlin Europe/Bratislava Europe/Brussels Europe/Busingen Europe/Dublin Europe/Helsinki
    Europe/Lisbon Europe/Ljubljana Europe/Luxembourg Europe/Madrid Europe/Malta Europe/Monaco Europe/Paris Europe/Riga Europe/Rome
    Europe/Tallinn Europe/Vienna Europe/Vilnius Europe/Zagreb
    """)
_DOLLAR: Final = word_list(
    "America/New_York America/Chicago America/Denver America/Los_Angeles America/Phoenix America/Detroit"
)
_WORDS: Final = {
    "EUR": r"€|euros?|eur",
    "USD": r"\$|(?:us )?dollars?|usd|bucks",
    "GBP": r"£|pounds?|gbp",
    "CHF": r"(?:swiss )?francs?|chf|fr\.",
}


_OF_CURRENCY: Final = re.compile(
    r"currenc|(?:^|[_\W])(?:eur|euros?|usd|dollars?|gbp|chf|jpy|pln|sek|cents?)(?:$|[_\W])", re.IGNORECASE
)


def names_a_currency(columns: Iterable[str]) -> bool:
    """Tell whether a table says by its columns which money it holds: then no amount is taken to be in one's own."""
    return any(_OF_CURRENCY.search(each) for each in columns)


def home(zone: str) -> str:
    """Return how the currency of the zone's country is written, as a pattern; nothing where that is not known here."""
    if zone in _EURO:
        return _WORDS["EUR"]
    return (
        _WORDS["USD"]
        if zone in _DOLLAR
        else {"Europe/London": _WORDS["GBP"], "Europe/Zurich": _WORDS["CHF"]}.get(zone, "")
    )


def plain(told: Reworded, zone: str) -> Reworded:
    """Return the text with amounts in one's own currency as plain numbers."""
    money = home(zone)
    if not money:
        return told
    found = re.search(rf"(?<=\d)\s*(?:{money})(?!\w)|(?<!\w)(?:{money})\s?(?=\d)", masked(told.text), re.IGNORECASE)
    if found is None:
        return told
    return plain(told.made(((0, found.start()), (found.end(), len(told.text)))), zone)
