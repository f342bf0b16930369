"""A file's bytes as text and back, byte for byte; what it was read as is said, and never guessed for writing."""

from __future__ import annotations

from dataclasses import dataclass

from doer.domain.errors import Permanent

_BOMS = (
    (b"\xff\xfe\x00\x00", "UTF-32", ""),
    (b"\xef\xbb\xbf", "UTF-8 with a byte order mark", "utf-8"),
    (b"\xff\xfe", "UTF-16, little endian", "utf-16-le"),
    (b"\xfe\xff", "UTF-16, big endian", "utf-16-be"),
)


@dataclass(frozen=True, slots=True)
class Text:
    """What a file says, and how its bytes say it."""

    text: str
    codec: str = "utf-8"
    mark: bytes = b""
    read_as: str = "UTF-8"
    sure: bool = True
    """False: a guess that fits the bytes; good enough to read by, not to write by."""

    def encoded(self, text: str) -> bytes:
        """Return another text in the same encoding. Raises Permanent where the encoding was only guessed."""
        if not self.sure:
            raise Permanent(
                f"the file is not UTF-8; it was read as {self.read_as}, which is a guess, and nothing is written by a "
                "guess: save it as UTF-8 first"
            )
        return self.mark + text.encode(self.codec)


def decoded(content: bytes) -> Text:
    """Read bytes as text: by their byte order mark, else as UTF-8, else as Windows-1252 where that fits.

    Raises Permanent for what is no text in any of these.
    """
    for mark, read_as, codec in _BOMS:
        if content.startswith(mark):
            if not codec:
                raise Permanent(f"the file is {read_as}, which is not read here; save it as UTF-8")
            return Text(_strictly(content[len(mark) :], codec, read_as), codec, mark, read_as)
    if b"\0" in content[:65536]:
        raise Permanent("the file is no text: it has zero bytes in it, and no byte order mark")
    try:
        return Text(content.decode())
    except UnicodeDecodeError:
        return Text(_strictly(content, "cp1252", "Windows-1252"), "cp1252", b"", "Windows-1252", sure=False)


def _strictly(content: bytes, codec: str, read_as: str) -> str:
    try:
        return content.decode(codec)
    except UnicodeDecodeError as wrong:
        raise Permanent(
            f"the file is neither UTF-8 nor {read_as}: byte {wrong.start + 1:,} fits neither; save it as UTF-8"
        ) from wrong
