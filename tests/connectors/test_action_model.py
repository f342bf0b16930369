"""The action model that is shipped: its pieces, its layout, and what it makes of plain requests over tools it never saw."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from doer.connectors.models.action import WEIGHTS, OnnxScorer
from doer.connectors.models.action_layout import MOST_ALL, features, lay
from doer.connectors.models.wordpiece import WordPiece
from doer.domain.action import Manifest
from doer.domain.errors import UsageError
from doer.domain.goal import Goal
from doer.domain.scoring import Candidate, Heard, ParameterText, ToolText
from doer.domain.value import JsonObject, Principal
from doer.planning.action_model import understand

VOCABULARY = (
    "[PAD]", "[unused0]", "[unused1]", "[unused2]", "[UNK]", "[CLS]", "[SEP]", "play", "##list", "##s", "in", "oslo", "cafe", ",",
    "weather", "city", "(", "string", ")", ":", "tool", "name", "1",
)  # fmt: skip
TEXT: JsonObject = {"type": "string"}


@pytest.fixture(scope="module")
def shipped() -> OnnxScorer:
    return OnnxScorer()


def split(text: str) -> list[tuple[str, str]]:
    pieces = WordPiece(VOCABULARY)
    return [(VOCABULARY[number], text[start:end]) for number, start, end in pieces.pieces(text)]


def test_words_are_split_into_the_longest_pieces_and_keep_their_places() -> None:
    assert split("Playlists, in Oslo") == [
        ("play", "Play"), ("##list", "list"), ("##s", "s"), (",", ","), ("in", "in"), ("oslo", "Oslo"),
    ]  # fmt: skip


def test_accents_are_dropped_and_what_is_not_known_is_unknown() -> None:
    assert split("Café zebra") == [("cafe", "Café"), ("[UNK]", "zebra")]


def test_the_vocabulary_of_the_package_splits_as_bert_does() -> None:
    pieces = WordPiece((WEIGHTS / "vocab.txt").read_text(encoding="utf-8").splitlines())
    assert list(pieces.pieces("unaffable")) == [(14477, 0, 3), (20961, 3, 6), (3468, 6, 9)]


def test_a_row_knows_where_each_candidate_and_parameter_stands() -> None:
    heard = Heard("weather in Oslo", (Candidate(11, 15), Candidate(0, 7)))
    tool = ToolText("tool", "", (ParameterText("city", "string", "", ("Oslo", "cafe")),))
    row = lay(heard, tool, WordPiece(VOCABULARY))
    words = [VOCABULARY[number] for number in row.numbers]
    assert words[:5] == ["[CLS]", "weather", "in", "oslo", "[SEP]"]
    assert (row.starts, row.ends) == ([3, 1], [3, 1])
    assert words[row.parameters[0][0]] == "[unused0]"
    assert [words[start] for start, _ in row.choices[0]] == ["[unused1]", "[unused1]"]


def test_a_row_is_never_longer_than_the_network_reads() -> None:
    heard = Heard("oslo " * 2000, (Candidate(0, 4), Candidate(9990, 9994)))
    tool = ToolText("tool", "name " * 500, tuple(ParameterText(f"p{n}", "string", "city " * 99) for n in range(200)))
    row = lay(heard, tool, WordPiece(VOCABULARY))
    assert len(row.numbers) <= MOST_ALL
    assert row.starts[0] == 0, "the first words were cut off"
    assert row.starts[1] > 0, "the last words are kept"


def test_a_parameters_name_beside_a_candidate_is_seen() -> None:
    heard = Heard("city Oslo and weather", (Candidate(5, 9), Candidate(14, 21)))
    near = features(heard, ToolText("tool", "", (ParameterText("city", "string", ""),)))
    assert near[0, 0, 0] == 1
    assert near[0, 1, 0] == 1
    assert near[0, 0, 2] == 0


def places(text: str, *words: str) -> Heard:
    return Heard(text, tuple(Candidate(text.index(word), text.index(word) + len(word)) for word in words))


def test_the_words_before_a_value_tell_of_two_like_parameters_which_is_meant() -> None:
    heard = places("hot fluid rate of 100 and cold fluid rate of 80", "100", "80")
    tool = ToolText("tool", "", tuple(ParameterText(f"{each}_fluid_rate", "number", "") for each in ("cold", "hot")))
    told = features(heard, tool)
    assert told[1, 0, 4] > told[0, 0, 4]
    assert told[0, 1, 4] > told[1, 1, 4]
    assert told[1, 0, 8] > 0 > told[0, 0, 8]


def test_what_the_turn_before_asks_for_is_seen() -> None:
    told = features(
        places("Log me in\nWhat is your password?\nhunter2", "hunter2", "me"),
        ToolText("tool", "", (ParameterText("password", "string", ""), ParameterText("user", "string", ""))),
    )
    assert list(told[:, 0, 7]) == [1, 0]
    assert list(told[:, 1, 7]) == [0, 0]


def test_a_value_that_the_description_shows_is_seen() -> None:
    tool = ToolText("tool", "", (ParameterText("kind", "string", "The kind (e.g., dog, sea horse)"),))
    told = features(places("two dogs, a sea horse and a cat", "dogs", "sea horse", "cat"), tool)
    assert list(told[0, :, 6]) == [1, 1, 0]


def test_without_words_there_is_nothing_to_tell() -> None:
    tool = ToolText("tool", "", (ParameterText("kind", "string", ""),))
    assert not features(Heard("?!", ()), tool).any()
    assert not features(Heard("?!", (Candidate(0, 1),)), tool)[:, :, 4:].any()


def test_a_folder_without_weights_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no weights"):
        _ = OnnxScorer(tmp_path).name


def test_weights_of_another_form_are_refused_and_it_says_what_to_do(tmp_path: Path) -> None:
    told = json.loads((WEIGHTS / "action.json").read_text())
    told["tables"]["near"] = [row[:4] for row in told["tables"]["near"]]
    (tmp_path / "action.json").write_text(json.dumps(told))
    for name in ("action.onnx", "vocab.txt"):
        (tmp_path / name).symlink_to(WEIGHTS / name)
    tool = ToolText("get_weather", "the weather", (ParameterText("city", "string", ""),))
    with pytest.raises(UsageError, match="another form"):
        OnnxScorer(tmp_path).score(places("weather in Oslo", "Oslo"), [tool])


def test_the_weights_of_the_package_are_small_enough() -> None:
    assert sum(each.stat().st_size for each in WEIGHTS.iterdir()) <= 40 * 1024 * 1024


def test_probabilities_are_probabilities_and_the_same_each_time(shipped: OnnxScorer) -> None:
    heard = Heard("weather in Oslo", (Candidate(0, 7), Candidate(11, 15)))
    tool = ToolText("get_weather", "the weather of a city", (ParameterText("city", "string", "name of the city"),))
    (one,), (other,) = shipped.score(heard, [tool]), shipped.score(heard, [tool])
    assert one == other
    assert one.parameters[0].nothing + sum(one.parameters[0].spans) == pytest.approx(1)
    assert 0 <= one.relevance <= 1


def test_a_tool_is_read_alike_alone_and_among_others(shipped: OnnxScorer) -> None:
    heard = Heard("weather in Oslo", (Candidate(11, 15),))
    tool = ToolText("get_weather", "the weather of a city", (ParameterText("city", "string", "name of the city"),))
    longer = ToolText("send_mail", "sends a letter to somebody " * 5, (ParameterText("to", "string", "who"),) * 9)
    alone, among = shipped.score(heard, [tool])[0], shipped.score(heard, [tool, longer])[0]
    assert alone.parameters[0].nothing == pytest.approx(among.parameters[0].nothing, abs=0.05)


def test_the_nearest_tool_in_meaning_is_found(shipped: OnnxScorer) -> None:
    tools = [ToolText("send_mail", "sends an e-mail", ()), ToolText("get_weather", "tells the weather forecast", ())]
    mail, weather = shipped.nearest("will it rain in Oslo?", tools)
    assert weather > mail


def test_a_plain_request_is_understood_over_tools_that_it_never_saw(shipped: OnnxScorer) -> None:
    weather = Manifest(
        "weather_forecast", "Get the weather forecast for a city",
        {"type": "object", "properties": {"city": {**TEXT, "description": "The city"}}, "required": ["city"]}, "read",
    )  # fmt: skip
    pay = Manifest(
        "transfer_money", "Transfer money to an account",
        {"type": "object", "properties": {"account": TEXT, "amount": {"type": "number"}}, "required": ["account"]}, "write",
    )  # fmt: skip
    goal = Goal("Get the weather forecast for Lisbon", Principal("sam"), datetime(2026, 11, 20, tzinfo=UTC))
    calls = understand(shipped, goal, [pay, weather]).calls
    assert [(call.tool, call.arguments) for call in calls] == [("weather_forecast", {"city": "Lisbon"})]
