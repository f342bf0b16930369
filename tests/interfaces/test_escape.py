"""Text out of data cannot pretend to be something else."""

from __future__ import annotations

import pytest
from rich.console import Console

from doer.interfaces.cli.escape import visible, visible_json
from doer.interfaces.cli.look import data


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain words, ümläuts, 漢字 and 🙂", "plain words, ümläuts, 漢字 and 🙂"),
        ("\x1b[31mred", "\\e[31mred"),
        ("a\nb\tc\r", "a\\nb\\tc\\r"),
        ("evil\u202egnp.exe", "evil\\u{202e}gnp.exe"),
        ("pay\u200bpal", "pay\\u{200b}pal"),
        ("soft\u00adhyphen", "soft\\u{ad}hyphen"),
        ("no\u00a0break", "no\\u{a0}break"),
        ("hidden\ufe0etag\U000e0041", "hidden\\u{fe0e}tag\\u{e0041}"),
        ("blank\u3164\u2800", "blank\\u{3164}\\u{2800}"),
        ("line\u2028end", "line\\u{2028}end"),
        ("half \ud800", "half \\u{d800}"),
        ("\x00\x07\x7f", "\\u{0}\\u{7}\\u{7f}"),
    ],
)
def test_what_could_mislead_becomes_visible(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_json_is_made_visible_in_names_and_values() -> None:
    assert visible_json({"a\u200b": ["\x1b", 1, None]}) == {"a\\u{200b}": ["\\e", 1, None]}


def test_markup_in_data_is_only_text() -> None:
    console = Console(force_terminal=True, width=60, color_system="truecolor")
    with console.capture() as captured:
        console.print(data("[bold red]approved[/] [link=http://x]y[/link]"))

    assert captured.get() == "[bold red]approved[/] [link=http://x]y[/link]\n"
