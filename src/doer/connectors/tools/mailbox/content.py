"""What a mail says: its text, whatever it is written in, and its files; broken parts read as empty."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from email.parser import BytesParser
from html.parser import HTMLParser

from doer.connectors.tools.mailbox.header import clean_name

MOST_SNIPPET = 300
_MOST_PARTS = 500
_NOT_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_HIDDEN = frozenset({"script", "style", "head", "title"})
_BREAKS = frozenset({"br", "p", "div", "tr", "li", "h1", "h2", "h3", "blockquote"})


@dataclass(frozen=True, slots=True)
class FilePart:
    """A file that goes with a mail; `size` in bytes."""

    name: str
    kind: str
    size: int


@dataclass(frozen=True, slots=True)
class Content:
    """Text and files."""

    text: str
    files: tuple[FilePart, ...]


def read_content(raw: bytes) -> Content:
    """Read a message that anybody may have written, or its beginning. Never raises."""
    try:
        message = BytesParser().parsebytes(raw)
        parts = list(_parts(message))
    except (ValueError, LookupError, RecursionError, AttributeError):
        return Content("", ())
    plain = [each for each in parts if each.get_content_type() == "text/plain" and not _is_file(each)]
    html = [each for each in parts if each.get_content_type() == "text/html" and not _is_file(each)]
    text = "\n".join(_text(each) for each in plain) or "\n".join(_without_tags(_text(each)) for each in html)
    files = [
        FilePart(clean_name(each.get_filename() or ""), each.get_content_type(), len(_bytes(each)))
        for each in parts
        if _is_file(each)
    ]
    return Content(_NOT_TEXT.sub("", text.replace("\r\n", "\n")), tuple(files))


def _parts(message: Message) -> Iterator[Message]:
    for number, each in enumerate(message.walk()):
        if number >= _MOST_PARTS:
            return
        if not each.is_multipart():
            yield each


def _is_file(part: Message) -> bool:
    return part.get_content_disposition() == "attachment" or bool(part.get_filename())


def _bytes(part: Message) -> bytes:
    try:
        content = part.get_payload(decode=True)
    except (ValueError, LookupError, AssertionError):
        return b""
    return content if isinstance(content, bytes) else b""


def _text(part: Message) -> str:
    content = _bytes(part)
    for charset in (str(part.get_content_charset() or "utf-8"), "utf-8", "latin-1"):
        try:
            return content.decode(charset)
        except (LookupError, ValueError):
            continue
    return ""


class _Plain(HTMLParser):
    """Collects the text that a reader would see."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self.hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.hidden += tag in _HIDDEN
        if tag in _BREAKS:
            self.pieces.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self.hidden -= tag in _HIDDEN and self.hidden > 0

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            self.pieces.append(" ".join(data.split()) + " ")


def _without_tags(html: str) -> str:
    reader = _Plain()
    try:
        reader.feed(html)
        reader.close()
    except (ValueError, AssertionError):
        return ""
    lines = (line.strip() for line in "".join(reader.pieces).splitlines())
    return "\n".join(line for line in lines if line)
