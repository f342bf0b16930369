"""Amounts, names, addresses and marks; and what hides in a text."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doer.domain.errors import UsageError
from doer.intent.grounder import Grounder, groups
from doer.intent.mention import Kind, Setting
from doer.intent.text import check

WEDNESDAY = datetime(2026, 2, 25, 9, 0, tzinfo=UTC)


def values(text: str, kind: Kind, locale: str = "en") -> list[object]:
    grounder = Grounder(Setting(WEDNESDAY, "Europe/Berlin", locale), lambda word: word in {"welcome", "brief"})
    return [[r.value for r in each.readings] for each in grounder.mentions(text) if each.kind == kind]


def money(amount: str, *currencies: str) -> list[object]:
    return [{"amount": amount, "currency": each} for each in currencies]


@pytest.mark.parametrize(
    ("text", "locale", "expected"),
    [
        ("1.234,56 €", "en", money("1234.56", "EUR")),
        ("EUR 1,234.56", "de", money("1234.56", "EUR")),
        ("€1,234", "en", money("1234", "EUR")),
        ("150 US dollars", "en", money("150", "USD")),
        ("200 British pounds", "en", money("200", "GBP")),
        ("1.5 million Japanese yen", "en", money("1500000", "JPY")),
        ("1.234 EUR", "de-DE", money("1234", "EUR")),
        ("1.234 EUR", "en", [*money("1.234", "EUR"), *money("1234", "EUR")]),
        ("1,234 EUR", "de", [*money("1.234", "EUR"), *money("1234", "EUR")]),
        ("$20", "en-US", money("20", "USD")),
        ("$20", "en", money("20", "USD", "CAD", "AUD")),
        ("twenty-five pounds", "en", money("25", "GBP")),
        ("CHF 1'200.50", "de-CH", money("1200.50", "CHF")),
        ("50 cents", "en-US", [*money("0.5", "USD"), *money("0.5", "EUR")]),
        ("5k EUR", "en", money("5000", "EUR")),
        ("1.23.4 EUR", "en", []),
    ],
)
def test_an_amount_is_a_decimal_text_with_its_currency_and_doubt_is_kept(
    text: str, locale: str, expected: list[object]
) -> None:
    assert values(text, "amount", locale) == [expected]


@pytest.mark.parametrize(
    ("text", "number"), [("six", "6"), ("two hundred and six", "206"), ("a dozen", "12"), ("3,5", "3.5")]
)
def test_numbers_are_read_in_words_and_digits(text: str, number: str) -> None:
    assert values(text, "number") == [[number]]


def test_a_number_with_a_scale_is_one_and_a_share_is_no_time() -> None:
    assert values("2 million people, 3 dozen eggs and 12 two-packs", "number") == [["2000000"], ["36"], ["12"], ["2"]]
    assert values("a loan at 4.5% over 30 years", "number") == [["4.5"]]
    assert values("a loan at 4.5% over 30 years", "time") == []
    assert len(values("call at 4.", "time")) == 1


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("welcome Ada Lovelace today", "Ada Lovelace"),
        ("welcome Jan van der Berg", "Jan van der Berg"),
        ("welcome J. R. O'Neill-Smith", "J. R. O'Neill-Smith"),
        ("welcome José Núñez-García", "José Núñez-García"),
        ("welcome Dr. Grace Hopper's team", "Grace Hopper"),
        ("Welcome Ada Lovelace", "Ada Lovelace"),
        ("welcome Ольга Иванова", "Ольга Иванова"),
        ("welcome 山田太郎 please", "山田太郎"),
        ("welcome محمد علي", "محمد علي"),
        ("welcome ada lovelace as a colleague", "Ada Lovelace"),
    ],
)
def test_a_name_is_found_whole_in_many_forms_and_scripts(text: str, name: str) -> None:
    assert values(text, "person") == [[name]]


@pytest.mark.parametrize(
    "opening", ["While", "Although", "Since", "Once", "Because", "After", "Effective", "Regarding"]
)
def test_a_conjunction_that_opens_a_sentence_is_no_first_name(opening: str) -> None:
    assert values(f"{opening} Erik Holm is away, Sara Lund stands in", "person") == [["Erik Holm"], ["Sara Lund"]]


def test_an_unknown_word_before_a_name_at_the_start_is_doubtful() -> None:
    assert values("Induct Ada Lovelace as engineer", "person") == [["Ada Lovelace", "Induct Ada Lovelace"]]


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("to ada@acme.example.", "email", "ada@acme.example"),
        ("see https://acme.example/a?b=1, please", "url", "https://acme.example/a?b=1"),
        ("read notes/2026/a.txt now", "path", "notes/2026/a.txt"),
        ("read report.pdf now", "path", "report.pdf"),
        ('say "hello, you"', "quoted", "hello, you"),
        ("say „Guten Tag“", "quoted", "Guten Tag"),
        ("ticket #4812", "identifier", "4812"),
        ("ticket ABC-12", "identifier", "ABC-12"),
        ("call +49 30 123456-78", "phone", "+49 30 123456-78"),
    ],
)
def test_what_has_a_form_is_recognised_by_it(text: str, kind: Kind, value: str) -> None:
    assert values(text, kind) == [[value]]


def test_a_list_is_seen_as_one_group() -> None:
    text = "welcome Ada Lovelace, Bob Stone and Carol Jones on Monday"
    mentions = Grounder(Setting(WEDNESDAY)).mentions(text)

    assert [[each.text for each in group] for group in groups(text, mentions)] == [
        ["Ada Lovelace", "Bob Stone", "Carol Jones"]
    ]


@pytest.mark.parametrize("hidden", ["\u202e", "\u2066", "\u200b", "\x00", "\x1b", "\ufeff", "\ue000"])
def test_a_character_that_hides_what_is_said_is_refused_by_name(hidden: str) -> None:
    with pytest.raises(UsageError, match=f"position 4: U\\+{ord(hidden):04X}"):
        check(f"pay{hidden} Ada")


def test_other_scripts_and_joiners_survive() -> None:
    text = "می\u200cخواهم 👩\u200d💻 日本語 עברית"

    assert check(text) == text


@given(st.text(alphabet=st.characters(exclude_categories=["C"]), max_size=200))
def test_any_text_is_read_without_an_error_and_spans_are_true(text: str) -> None:
    for mention in Grounder(Setting(WEDNESDAY)).mentions(text):
        assert 0 <= mention.start < mention.end <= len(text)
        assert mention.readings or mention.problem


@given(st.integers(0, 999_999))
def test_a_grouped_number_is_read_as_it_was_written(number: int) -> None:
    assert values(f"{number:,}.00 EUR", "amount") == [money(f"{number}.00", "EUR")]
    assert values(f"{number:,}".replace(",", ".") + ",00 EUR", "amount") == [money(f"{number}.00", "EUR")]


def test_the_part_of_the_day_after_a_range_is_that_of_both_ends() -> None:
    found = values("block Wednesday from 2 to 4 in the afternoon", "datetime")
    assert [str(each[0])[11:16] for each in found if isinstance(each, list)] == ["14:00", "16:00"]
