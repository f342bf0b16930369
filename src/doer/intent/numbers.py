"""Numbers and amounts: digits as locales write them, number words, money with its ISO 4217 currency."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from doer.intent.codes import code
from doer.intent.mention import Mention, Reading, Setting
from doer.intent.text import word_list

_UNITS = word_list("""
    zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
    seventeen eighteen nineteen
    """)
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
WORD_NUMBERS = {name: value for value, name in enumerate(_UNITS)} | {
    name: 10 * (place + 2) for place, name in enumerate(_TENS)
}
_SCALES = {
    "hundred": 100, "thousand": 1000, "million": 1_000_000, "billion": 10**9, "trillion": 10**12, "dozen": 12,
}  # fmt: skip
_TIMES = {"k": 1000, "m": 1_000_000, **_SCALES}
_WORDS = "|".join(sorted([*WORD_NUMBERS, *_SCALES], key=len, reverse=True))
_SPELLED = re.compile(rf"\b(?:a\s+)?(?:{_WORDS})(?:[\s-]+(?:and\s+)?(?:{_WORDS}))*\b", re.IGNORECASE)
_DIGITS = re.compile(
    r"(?<![\w.,:/#])(?P<body>[-−]?\d[\d.,'’\u00a0\u202f]*(?<![.,'’\u00a0\u202f]))(?:(?P<scale>k|m)|\s(?P<word>"
    rf"{'|'.join(_SCALES)})s?)?(?![\w:/])|(?<=#)\d+\b",
    re.IGNORECASE,
)
_INSIDE = re.compile(r"[A-Za-z]\w*[-/](?:\w+[-/])*$")
"""What stands before digits that are the end of an identifier: `RE-2026-` 117."""
_AFTER_DIGITS = re.compile(r"\d\s$")
_SIGNS = {"€": "EUR", "£": "GBP", "¥": "JPY", "₹": "INR", "₩": "KRW", "₽": "RUB", "₺": "TRY", "zł": "PLN"}
_NAMES = {
    "euro": "EUR", "euros": "EUR", "pound": "GBP", "pounds": "GBP", "quid": "GBP", "yen": "JPY", "rupees": "INR",
    "zloty": "PLN", "bucks": "USD", "usd": "USD",
}  # fmt: skip
_DOLLARS = ("USD", "CAD", "AUD")
_DOLLAR_LANDS = {"US": "USD", "CA": "CAD", "AU": "AUD", "NZ": "NZD", "SG": "SGD", "HK": "HKD"}
_BEFORE = re.compile(r"(?P<sign>US\$|CA\$|A\$|[€£¥₹₩₽₺$]|\b[A-Z]{3}(?=[\s\d]))\s?$")
_MINUS = re.compile(r"\b(?:minus|negative)\s+$", re.IGNORECASE)
_COINS = "dollars?|pounds?|yen|francs?|rupees?|yuan|pesos?|won|kron(?:a|e|er|or)|rand|reais|real|liras?|rubles?|shekels?|dirhams?|baht"
_AFTER = re.compile(
    rf"\s?(?P<sign>[€£¥₹₩₽₺$]|zł|[A-Z]{{3}}\b|(?P<land>[A-Z]\w+ (?:{_COINS})\b)|"
    r"(?:us )?dollars?\b|euros?\b|pounds?\b|quid\b|yen\b|rupees\b|zloty\b|bucks\b"
    r"|(?:eur|usd|gbp|chf|jpy|sek|nok|dkk|pln)\b|(?P<minor>cents?\b|pence\b))",
    re.IGNORECASE,
)


def find(text: str, setting: Setting) -> Iterator[Mention]:
    """Yield amounts and numbers. An amount's words include its currency; a number next to it is not yielded apart."""
    mention: Mention | None = None
    for found in _DIGITS.finditer(text):
        if _INSIDE.search(text, max(0, found.start() - 24), found.start()):
            continue
        body, scale, word = found.group("body") or found.group(), found.group("scale"), found.group("word")
        values = read(body, setting)
        previous = mention.end if mention else 0
        times = _TIMES.get((scale or word or "").lower(), 1)
        scaled = tuple(Decimal(f"{(each * times).normalize():f}") for each in values) if times != 1 else values
        mention = _amount_or_number(text, found.span(), scaled, setting, previous)
        yield mention
    for found in _SPELLED.finditer(text):
        scales = found.group().split()[0].lower() in _SCALES
        if scales and _AFTER_DIGITS.search(text, max(0, found.start() - 2), found.start()):
            continue  # `2 million` was read with its digits
        yield _amount_or_number(text, found.span(), (Decimal(spelled(found.group())),), setting)


def read(digits: str, setting: Setting) -> tuple[Decimal, ...]:
    """Return the values that the digits may mean, likeliest first; none where the grouping fits no convention.

    `1.234,56` and `1,234.56` are plain. A single separator before exactly three digits is plain only where the locale
    is evidence: a comma in English groups, a point elsewhere than in English groups.
    """
    plain = digits.replace("−", "-")
    plain = re.sub(r"['’\u00a0\u202f]", "", plain)
    marks = [mark for mark in plain if mark in ".,"]
    if not marks:
        return (Decimal(plain),)
    last = marks[-1]
    other = "," if last == "." else "."
    if other in marks:
        grouped = re.fullmatch(rf"-?\d{{1,3}}(?:\{other}\d{{3}})+\{last}\d+", plain)
        return (Decimal(plain.replace(other, "").replace(last, ".")),) if grouped else ()
    if len(marks) > 1:
        grouped = re.fullmatch(rf"-?\d{{1,3}}(?:\{last}\d{{3}})+", plain)
        return (Decimal(plain.replace(last, "")),) if grouped else ()
    as_decimal, as_group = Decimal(plain.replace(last, ".")), Decimal(plain.replace(last, ""))
    if not re.fullmatch(r"-?[1-9]\d{0,2}[.,]\d{3}", plain):
        return (as_decimal,)
    english = setting.language == "en"
    if english == (last == ","):
        return (as_group,)
    return (as_decimal, as_group)


def spelled(phrase: str) -> int:
    """Return the value of a number in words: `twenty-five`, `two hundred and six`, `a dozen`."""
    total, current = 0, 0
    for word in re.findall(r"[a-z]+", phrase.lower()):
        if word in WORD_NUMBERS:
            current += WORD_NUMBERS[word]
        elif word in {"hundred", "dozen"}:
            current = max(current, 1) * _SCALES[word]
        elif word in _SCALES:
            total, current = total + max(current, 1) * _SCALES[word], 0
    return total + current


def _amount_or_number(
    text: str, span: tuple[int, int], values: tuple[Decimal, ...], setting: Setting, previous: int = 0
) -> Mention:
    """`previous` is where the number before ends: the sign in `25 € 50` belongs to 25."""
    if minus := _MINUS.search(text, max(previous, span[0] - 10, 0), span[0]):
        span, values = (minus.start(), span[1]), tuple(-abs(each) for each in values)
    before = _BEFORE.search(text, max(previous, span[0] - 5, 0), span[0])
    after = _AFTER.match(text, span[1]) if before is None else None
    mark = before or after
    codes = _codes(mark.group("sign"), setting) if mark else ()
    start = before.start() if before and codes else span[0]
    end = after.end() if after and codes else span[1]
    words = text[start:end]
    problem = "" if values else f"{text[span[0] : span[1]]!r} is not written as any convention groups digits"
    if not codes:
        readings = tuple(Reading(str(value), str(value)) for value in values)
        return Mention("number", start, end, words, readings, problem=problem)
    if mark and mark.groupdict().get("minor"):
        values = tuple(value / 100 for value in values)
    readings = tuple(
        Reading({"amount": str(value), "currency": each}, f"{value} {each}") for value in values for each in codes
    )
    return Mention("amount", start, end, words, readings, problem=problem)


def _codes(sign: str, setting: Setting) -> tuple[str, ...]:
    """ISO codes that a sign or a word may stand for; a bare dollar is plain only where the locale has a territory."""
    lower = sign.lower()
    if sign in _SIGNS:
        return (_SIGNS[sign],)
    if lower in _NAMES:
        return (_NAMES[lower],)
    prefixed = {"us$": "USD", "ca$": "CAD", "a$": "AUD", "us dollar": "USD", "us dollars": "USD"}
    if lower in prefixed:
        return (prefixed[lower],)
    if sign == "$" or lower in {"dollar", "dollars"}:
        home = _DOLLAR_LANDS.get(setting.territory)
        return (home,) if home else _DOLLARS
    if lower in {"cent", "cents"}:
        return tuple(dict.fromkeys((_DOLLAR_LANDS.get(setting.territory, "USD"), "EUR")))
    if lower == "pence":
        return ("GBP",)
    if " " in sign:
        from_land = code(sign, "currency")
        return (from_land,) if from_land else ()
    named = sign.upper()
    return (named,) if _known_currency(named) else ()


def _known_currency(code: str) -> bool:
    from babel import Locale

    return len(code) == 3 and code in Locale("en").currencies
