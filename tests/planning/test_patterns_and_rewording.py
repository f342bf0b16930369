"""Sentences that follow a pattern word for word, the same request in other words, and readings that the world settles."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from doer.domain.errors import UsageError
from doer.domain.goal import Goal
from doer.domain.value import Principal, Provenance
from doer.intent.grounder import Grounder
from doer.intent.text import stem
from doer.intent.vocabulary import verbs
from doer.planning.compound.background import requests
from doer.planning.words.reword import Reworded, rewordings
from doer.planning.words.utterance import hear
from doer.planning.words.wording import Either, Said, Value, bracketed, spoken

GOAL = Goal("x", Principal("sam"), datetime(2026, 11, 20, 8, tzinfo=UTC), "Europe/Berlin", "en")


def _acts(each: str) -> bool:
    return each in verbs() or each in {stem("add"), stem("commit")}


def _said(text: str) -> list[str]:
    goal = replace(GOAL, text=text)
    asked = [each.way.text for each in requests(hear(goal, (), lambda _: False), _acts)]
    return [*(each.text for each in rewordings(text, _acts, ())), *asked]


def test_what_a_pattern_puts_in_brackets_may_be_left_out_or_said_otherwise() -> None:
    assert bracketed("(cancel|call off) [the] {title}") == (
        Either(((Said("cancel"),), (Said("call"), Said("off")))),
        Either(((Said("the"),), ())),
        Value("title"),
    )


def test_a_pattern_tells_which_value_has_a_colon_before_it_and_which_a_possessive_ending() -> None:
    assert bracketed("answer {sender}'s mail: {body}")[-1] == Value("body", colon=True)
    assert bracketed("answer {sender}'s mail: {body}")[1] == Value("sender", owns=True)


@pytest.mark.parametrize("pattern", ["(cancel {title}", "cancel] {title}", "cancel|drop {title}"])
def test_a_pattern_whose_brackets_do_not_close_is_refused(pattern: str) -> None:
    with pytest.raises(UsageError, match=r"bracket|missing"):
        bracketed(pattern)


def test_every_word_that_a_pattern_may_say_is_known_of_it() -> None:
    assert list(spoken(bracketed("(a|b [c]) {d} e"))) == ["a", "b", "c", "e"]


@pytest.mark.parametrize(
    ("said", "plain"),
    [
        ("I need to move the review to Friday", "move the review to Friday"),
        ("Jo needs to be added to the group design", "add Jo to the group design"),
        ("I need the review moved to Friday", "move the review to Friday"),
        ("Close the ticket, Bob is ill", "Close the ticket"),
        ("In crm, close ticket 4812", "close ticket 4812 In crm"),
        ("docs/plan.md: commit that one", "commit docs/plan.md"),
        ("Hansa has moved to Oslo, please update that", "Hansa has moved to Oslo"),
    ],
)
def test_a_request_is_also_read_in_the_plain_form(said: str, plain: str) -> None:
    assert plain in _said(said)


@pytest.mark.parametrize(
    "said",
    [
        "close ticket 4812, but only if Ana agrees",
        "close the ticket. It should stay open until Friday",
        "close the ticket, she is away unless you hear from her",
    ],
)
def test_a_condition_beside_a_request_is_never_passed_over(said: str) -> None:
    assert not any(each.rstrip(".").lower() in {"close ticket 4812", "close the ticket"} for each in _said(said))


def test_a_value_that_was_told_and_not_taken_up_is_named() -> None:
    told = "cancel the review, Jo is away on Friday"
    found = list(requests(hear(replace(GOAL, text=told), (), lambda _: False), _acts))
    assert [(each.way.text, [one.text for one in each.idle]) for each in found] == [("cancel the review", ["Friday"])]


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        ("Bob has lost his laptop, so please lock his account", "please lock Bob's account"),
        ("Eve is waiting for invoice.pdf, please email it to her", "please email invoice.pdf to Eve"),
        ("Tom's not on the platform team any more, take him out of that group", "take Tom out of platform team"),
        ("Omar works in Operations now, change his department", "change Omar's department to Operations"),
        ("Initech has cancelled, so set order 9003 to cancelled", "set order 9003 to cancelled"),
        ("Bob is late, can the check start at noon?", "can the check start at noon?"),
    ],
)
def test_what_is_told_first_stands_where_the_request_points_to_it(said: str, asked: str) -> None:
    assert asked in _said(said)


@pytest.mark.parametrize(
    "said",
    [
        "I am away on Monday, cancel all my meetings",
        "Drop Lena a mail: her laptop is ready, and she can come to me",
        "set up a call with Ana, it is in Room 2",
        "if Bob is ill, cancel the check",
    ],
)
def test_what_may_narrow_a_set_or_be_a_part_of_it_is_not_taken_for_mere_telling(said: str) -> None:
    assert not list(requests(hear(replace(GOAL, text=said), (), lambda _: False), _acts))


def test_a_statement_with_words_in_quotes_is_kept_and_nobody_reads_what_stands_for_them() -> None:
    text = 'add a page, the title is "x y"'
    quoted = [(text.index('"'), len(text))]
    assert not [each for each in rewordings(text, _acts, quoted) if "\0" in each.text]


@pytest.mark.parametrize(
    ("said", "plain"),
    [
        ("schedule a call with Ana on Monday, it's about the new chairs", "schedule a call with Ana on Monday about the new chairs"),
        ("schedule a call with Ana on Monday. The topic is summer", "schedule a call with Ana on Monday about summer"),
        ("schedule a call with Ana. The meeting should be called Chairs", "schedule a call with Ana called Chairs"),
    ],
)  # fmt: skip
def test_what_the_thing_is_about_is_never_passed_over(said: str, plain: str) -> None:
    found = _said(said)
    assert plain in found
    assert all(said.rstrip(".").split()[-1] in each for each in found)


def test_what_stands_in_quotes_is_not_reworded() -> None:
    text = "mail 'I need to go' to Ana please"
    found = rewordings(text, lambda each: each in verbs(), ((5, 19),))
    assert all("'I need to go'" in each.text for each in found)


def test_a_value_keeps_its_place_in_what_was_said_when_the_words_change_places() -> None:
    said = "In crm, close ticket 4812"
    way = Reworded.of(said).made([(8, len(said)), " ", (0, 6)])
    assert way.text == "close ticket 4812 In crm"
    assert way.origin(Provenance("words", "4812", 13, 17)) == Provenance("words", "4812", 21, 25)
    assert way.origin(Provenance("words", "crm", 21, 24)) == Provenance("words", "crm", 3, 6)


@pytest.mark.parametrize(
    ("text", "kinds"),
    [("delete notes/monday.md", ["path"]), ("move it to Monday/Tuesday", None), ("due 3/5/2026", ["date"])],
)
def test_a_files_name_holds_no_date_and_a_date_with_strokes_is_no_file(text: str, kinds: list[str] | None) -> None:
    found = [each.kind for each in Grounder.of(GOAL).mentions(text)]
    assert kinds is None or found == kinds


def _times() -> Mapping[str, str]:
    return {
        "half past six in the evening": "18:30",
        "at quarter past seven in the evening": "19:15",
        "at 8 o'clock in the evening": "20:00",
        "quarter to nine in the morning": "08:45",
    }


@pytest.mark.parametrize("words", list(_times()))
def test_a_part_of_the_day_tells_which_hour_is_meant(words: str) -> None:
    [found] = [each for each in Grounder.of(GOAL).mentions(words) if each.kind == "time"]
    assert [each.value for each in found.readings] == [_times()[words]]
