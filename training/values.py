"""Values: what people write for a parameter, drawn by its name, type and description, with its exact place."""

from __future__ import annotations

import random
import re
import string
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from training.bank import Bank, examples_of

FIRST = [
    "Ada", "Alan", "Amara", "Anika", "Bruno", "Carla", "Chen", "Dmitri", "Elena", "Emeka", "Fatima", "Grace", "Hana",
    "Ibrahim", "Ines", "Jonas", "Kofi", "Lucia", "Maya", "Mei", "Nadia", "Noor", "Olga", "Omar", "Priya", "Rafael",
    "Sofia", "Tomás", "Yuki", "Zoe",
]  # fmt: skip
LAST = [
    "Adeyemi", "Alvarez", "Andersen", "Becker", "Castillo", "Costa", "Dubois", "Evans", "Fischer", "Garcia", "Haddad",
    "Ivanova", "Johansson", "Khan", "Kowalski", "Lindgren", "Mensah", "Moreau", "Nakamura", "Novak", "Okafor",
    "Petrov", "Rossi", "Santos", "Schmidt", "Singh", "Tanaka", "Weber", "Yilmaz", "Zhang",
]  # fmt: skip
CITIES = [
    "Lagos", "Oslo", "Kyoto", "Lima", "Porto", "Denver", "Cape Town", "Berlin", "Hanoi", "Buenos Aires", "Toronto",
    "Seville", "Mumbai", "Helsinki", "Austin, Texas", "New Orleans", "Manchester", "Nairobi", "San Juan", "Reykjavik",
    "Lyon", "Boise", "Portland, Oregon", "Salt Lake City", "Seoul", "Paris", "New York", "London", "Chicago", "Tokyo",
]  # fmt: skip
COUNTRIES = [
    "Norway", "Kenya", "Brazil", "Vietnam", "Portugal", "Canada", "South Korea", "New Zealand", "Egypt", "Peru",
    "Poland", "India", "Japan", "Germany", "the United States", "France", "China", "Mexico",
]  # fmt: skip
LANGUAGES = [
    "French", "Swahili", "Korean", "Portuguese", "German", "Hindi", "Spanish", "Arabic", "Polish", "Italian",
    "English",
]  # fmt: skip
COLOURS = ["navy blue", "crimson", "forest green", "black", "pale yellow", "white", "teal", "red"]
FIRMS = [
    "Northwind Traders", "Blue Heron Labs", "Acme", "Globex", "Kestrel Energy", "Harbor & Sons", "Lumen Foods",
    "Tesla", "Siemens", "Orchid Bank",
]  # fmt: skip
NOUNS = [
    "river", "garden", "engine", "harbor", "winter", "signal", "market", "bridge", "forest", "lantern", "planet",
    "copper", "meadow", "rocket", "violin", "desert", "island", "mirror", "falcon", "harvest", "thunder", "cotton",
    "marble", "pepper", "comet",
]  # fmt: skip
QUALITIES = [
    "quiet", "modern", "broken", "golden", "hidden", "rapid", "gentle", "northern", "digital", "annual", "global",
    "sustainable", "early", "final", "urban", "organic", "advanced", "local",
]  # fmt: skip
MATTERS = [
    "climate change", "renewable energy", "machine learning", "public health", "urban planning", "supply chains",
    "modern art", "remote work", "quantum computing", "food safety", "data privacy", "electric vehicles",
    "early childhood education", "medieval history", "marine biology", "sleep and memory",
]  # fmt: skip
SENTENCES = [
    "The meeting has moved to the second floor", "Please bring the signed forms",
    "Our results are better than expected", "Thanks for your help last week",
    "The package was left with the neighbor", "We are closed on public holidays", "I will be ten minutes late",
    "Dinner is at my place",
]  # fmt: skip
CURRENCIES = ["USD", "EUR", "GBP", "JPY", "CHF", "INR", "dollars", "euros"]
MONTHS = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
]  # fmt: skip
DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
NUMBER_WORDS = ["two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "twelve", "twenty"]


class Values:
    """Draws values; one for each generator of chance."""

    def __init__(self, chance: random.Random, bank: Bank) -> None:
        self.chance, self.bank = chance, bank

    def draw(self, name: str, schema: Mapping[str, Any]) -> tuple[str, str]:
        """Return the words of a value, and what stands around it with {} in its place, e.g. `{} kilometers`."""
        told = f"{name} {schema.get('description', '')}"
        kind = schema.get("type")
        if kind in ("integer", "number"):
            return self._number(name, told, kind)
        shown = [each for each in examples_of(str(schema.get("description", ""))) if not each.isdigit()]
        if shown and self.chance.random() < 0.4:
            return self._quoted(self.chance.choice(shown), 0.15)
        if (known := self.bank.of(name)) and self.chance.random() < 0.4:
            return self._quoted(self.chance.choice(known), 0.15)
        return self._text(name, told)

    def _quoted(self, value: str, share: float) -> tuple[str, str]:
        if self.chance.random() < share:
            return value, self.chance.choice(('"{}"', "'{}'", "“{}”"))
        return value, "{}"

    def _number(self, name: str, told: str, kind: str) -> tuple[str, str]:
        c, low = self.chance, told.lower()
        if re.search(r"year(?!s)", name.lower()):
            return str(c.randint(1950, 2030)), "{}"
        if kind == "integer" and c.random() < 0.15:
            value = c.choice(NUMBER_WORDS)
        elif "age" in name.lower().split("_"):
            value = str(c.randint(1, 95))
        elif re.search(r"price|cost|budget|amount|salary|income|revenue|fee|investment", low):
            value = c.choice((f"{c.randint(1, 900) * 100:,}", str(c.randint(5, 5000)), f"{c.uniform(1, 900):.2f}"))
            return value, c.choice(("{}", "${}", "{} dollars", "{} euros", "€{}"))
        elif kind == "number" and c.random() < 0.7:
            value = f"{c.uniform(0.1, 120):.{c.randint(1, 3)}f}"
        else:
            value = str(c.choice((c.randint(1, 12), c.randint(1, 100), c.randint(10, 5000))))
        unit = re.search(
            r"\(?\bin (kilometers|meters|miles|kilograms|grams|minutes|hours|days|months|years|seconds|liters|degrees celsius|percent|pascals|feet|inches|pounds|watts|volts)",
            low,
        )
        if unit and c.random() < 0.75:
            return value, "{} " + unit[1]
        if re.search(r"rate|percent", low) and c.random() < 0.4:
            return value, "{}%"
        return value, "{}"

    def _text(self, name: str, told: str) -> tuple[str, str]:
        for pattern, draw, quoted in _DRAWN:
            if re.search(pattern, name, re.IGNORECASE):
                value = draw(self, name)
                return self._quoted(value, quoted) if quoted else (value, "{}")
        if re.search(_AMOUNTS, name, re.IGNORECASE):
            return self._number(name, told, "number")
        return self._quoted(_phrase(self, name), 0.2)

    def listed(self, name: str, schema: Mapping[str, Any], count: int) -> list[str]:
        """Return so many different values, without quotes."""
        found = list[str]()
        for _ in range(12):
            value, _ = self.draw(name, schema)
            if value not in found:
                found.append(value)
        return found[:count]


def _email(values: Values, _: str) -> str:
    c = values.chance
    return f"{c.choice(FIRST).lower()}.{c.choice(LAST).lower()}@{c.choice(('example.com', 'mail.org', 'acme.io'))}"


def _phone(values: Values, _: str) -> str:
    c = values.chance
    return c.choice((f"555-{c.randint(100, 999)}-{c.randint(1000, 9999)}", f"+44 20 7946 0{c.randint(100, 999)}"))


def _url(values: Values, _: str) -> str:
    c = values.chance
    return f"{c.choice(('https://', 'www.'))}{c.choice(NOUNS)}{c.choice(NOUNS)}.{c.choice(('com', 'org', 'io'))}"


def _path(values: Values, _: str) -> str:
    c = values.chance
    stem = f"{c.choice(QUALITIES)}_{c.choice(NOUNS)}{c.choice(('', c.randint(1, 99)))}"
    folder = c.choice(("", "/home/maya/", "/data/", "C:/Users/Documents/", "reports/"))
    return f"{folder}{stem}.{c.choice(('csv', 'txt', 'pdf', 'xlsx', 'png', 'mp4', 'json'))}"


def _period(values: Values, _: str) -> str:
    c = values.chance
    counted = f"{c.randint(2, 60)} {c.choice(('days', 'weeks', 'months', 'minutes', 'hours', 'years'))}"
    return c.choice((counted, c.choice(("last week", "the last month", "weekly", "this year", "2015-2020", "daily"))))


def _age(values: Values, _: str) -> str:
    return values.chance.choice(
        (str(values.chance.randint(2, 90)), "18-25", "adults", "elderly", "children", "teenagers")
    )


def _place(values: Values, name: str) -> str:
    c = values.chance
    if "address" in name.lower() or c.random() < 0.08:
        return f"{c.randint(2, 999)} {c.choice(NOUNS).title()} {c.choice(('Street', 'Avenue', 'Road', 'Lane'))}"
    return c.choice((c.choice(CITIES), c.choice(CITIES), c.choice(COUNTRIES).removeprefix("the ")))


def _title(values: Values, _: str) -> str:
    c = values.chance
    two = f"{c.choice(QUALITIES)} {c.choice(NOUNS)}"
    named = (two.title(), f"The {two.title()}", c.choice(NOUNS).title(), f"{c.choice(NOUNS)}{c.randint(1, 99)}")
    return c.choice(named) if c.random() < 0.5 else c.choice(values.bank.phrases)


def _matter(values: Values, _: str) -> str:
    return values.chance.choice(MATTERS) if values.chance.random() < 0.5 else values.chance.choice(values.bank.phrases)


def _phrase(values: Values, _: str) -> str:
    c = values.chance
    own = (f"{c.choice(QUALITIES)} {c.choice(NOUNS)}", c.choice(NOUNS), c.choice(MATTERS))
    return c.choice(own) if c.random() < 0.35 else c.choice(values.bank.phrases)


def _code(values: Values, _: str) -> str:
    c = values.chance
    letters, digits = string.ascii_letters, string.digits
    return c.choice((
        "".join(c.choice(digits) for _ in range(c.randint(2, 9))),
        "".join(c.choice(letters + digits) for _ in range(c.randint(6, 12))),
        f"{''.join(c.choice(string.ascii_uppercase) for _ in range(c.randint(1, 4)))}{c.choice(('', '-'))}{c.randint(1, 99999)}",
        f"{c.choice(NOUNS)}_{c.randint(1, 999)}",
    ))  # fmt: skip


def _date(values: Values, _: str) -> str:
    c = values.chance
    year, month, day = c.randint(2015, 2027), c.randint(1, 12), c.randint(1, 28)
    end = {1: "st", 2: "nd", 3: "rd"}.get(day % 10 if day not in (11, 12, 13) else 0, "th")
    return c.choice((
        f"{year}-{month:02}-{day:02}", f"{MONTHS[month - 1]} {day}, {year}", f"{MONTHS[month - 1]} {day}{end}",
        f"{day} {MONTHS[month - 1]} {year}", f"{MONTHS[month - 1]} {day}{end}, {year}", "tomorrow", "today", "yesterday",
        f"next {c.choice(DAYS)}", c.choice(DAYS), f"the {day}{end} of {MONTHS[month - 1]}",
    ))  # fmt: skip


def _time(values: Values, _: str) -> str:
    c = values.chance
    hour, minute = c.randint(0, 23), c.choice((0, 15, 30, 45, c.randint(0, 59)))
    half = f"{hour % 12 or 12}"
    return c.choice((
        f"{hour:02}:{minute:02}", f"{half}{c.choice((' ', ''))}{c.choice(('am', 'pm', 'AM', 'PM'))}",
        f"{half}:{minute:02} {c.choice(('am', 'pm', 'AM', 'PM'))}", "noon",
    ))  # fmt: skip


def _one_of(known: Sequence[str]) -> Callable[[Values, str], str]:
    return lambda values, _: values.chance.choice(known)


_CODES = r"(?-i:(^|_)ids?$|Id$|code$|number$|token|key$)"
_PEOPLE = r"author|artist|patient|employee|customer|user|person|recipient|sender|contact|host|player|attendee|owner|first_name|last_name|full_name"
_AMOUNTS = (
    r"amount|price|budget|weight|quantity|temperature|speed|distance|size|height|width|volume|score|level|count|rate$"
)
_DRAWN: tuple[tuple[str, Callable[[Values, str], str], float], ...] = (
    (r"email", _email, 0), (r"phone", _phone, 0), (r"url|website|link", _url, 0),
    (r"path|file|folder|dataset$", _path, 0.3), (_CODES, _code, 0.25), (r"date|birthday|deadline", _date, 0),
    (r"time_period|period|duration|timeframe", _period, 0), (r"time$", _time, 0),
    (r"year$", lambda values, _: str(values.chance.randint(1950, 2030)), 0), (r"age$|age_range|age_group", _age, 0),
    (r"country|nation", lambda values, _: values.chance.choice(COUNTRIES).removeprefix("the "), 0),
    (r"city|location|place|destination|origin|region|area|venue|address", _place, 0),
    (r"language", _one_of(LANGUAGES), 0), (r"currency", _one_of(CURRENCIES), 0), (r"colou?r", _one_of(COLOURS), 0),
    (r"gender|sex$", _one_of(("male", "female")), 0), (r"company|organi[sz]ation|brand|manufacturer|vendor|client", _one_of(FIRMS), 0),
    (_PEOPLE, lambda values, _: f"{values.chance.choice(FIRST)} {values.chance.choice(LAST)}", 0),
    (r"message|content|text|body|comment|description|note|review|feedback|question",
     _one_of(SENTENCES + [each.capitalize() for each in MATTERS]), 0.7),
    (r"name|title|subject", _title, 0.4), (r"topic|theme|query|keyword|category|industry|field|interest|genre", _matter, 0.2),
)  # fmt: skip
"""By the parameter's name: how its values are drawn, and how often they stand in quotation marks. The first that fits counts."""
