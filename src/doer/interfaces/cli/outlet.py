"""Outlets: standard output and standard error as what they are, streams that may be closed, full, or left by their reader."""

from __future__ import annotations

import errno
import io
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, redirect_stdout, suppress
from typing import IO, Any, TextIO, cast


class Outlet:
    """A stream that is written to as long as somebody takes it; afterwards what is written to it goes nowhere.

    A run is driven to its rest whether or not anybody listens, so writing never raises; `lost` says what happened.
    """

    def __init__(self, stream: TextIO | None) -> None:
        self._stream = stream
        self.lost: OSError | ValueError | None = None if stream is not None else ValueError("it is closed")

    @property
    def encoding(self) -> str:
        """The encoding of what is written."""
        return getattr(self._stream, "encoding", None) or "utf-8"

    @property
    def unheard(self) -> str:
        """Why not all of it could be written; nothing where it was, and where the reader just went away."""
        if self.lost is None or isinstance(self.lost, BrokenPipeError):
            return ""
        if isinstance(self.lost, OSError):
            return "it is closed" if self.lost.errno == errno.EBADF else self.lost.strerror or str(self.lost)
        return str(self.lost)

    def write(self, text: str) -> int:
        """Write, if anybody still takes it."""
        self._try(lambda stream: stream.write(text))
        return len(text)

    def flush(self) -> None:
        """Hand on what was written."""
        self._try(lambda stream: stream.flush())

    def isatty(self) -> bool:
        """Tell whether it is a terminal."""
        try:
            return self._stream is not None and self._stream.isatty()
        except ValueError:  # closed meanwhile
            return False

    def fileno(self) -> int:
        """Return the descriptor. Raises OSError where there is none."""
        if self._stream is None:
            raise OSError("it is closed")
        return self._stream.fileno()

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever else a stream has, for tools that print
        return getattr(self._stream, name)

    def _try(self, act: Callable[[TextIO], object]) -> None:
        if self._stream is None or self.lost is not None:
            return
        try:
            act(self._stream)
        except (OSError, ValueError) as gone:
            if isinstance(gone, UnicodeError):
                raise
            self.lose(gone)

    def lose(self, gone: OSError | ValueError) -> None:
        """Write nothing any more."""
        self.lost = gone
        if self._stream is not None:
            _forget(self._stream)

    @contextmanager
    def aside(self, other: Outlet) -> Iterator[None]:
        """Keep the stream for oneself: what tools and their children print meanwhile goes to the other one."""
        with ExitStack() as stack:
            stack.enter_context(redirect_stdout(other.as_file()))
            own = self._stream
            if own is not None and self.lost is None and _number(own) == 1:
                self.flush()
                kept = os.dup(1)
                os.dup2(2, 1)
                self._stream = open(  # noqa: SIM115 - closed below, after what it holds was handed on
                    kept, "w", 1 if own.isatty() else -1, encoding=own.encoding, errors=own.errors, closefd=False
                )
                stack.callback(self._back, own, kept)
            yield

    def _back(self, own: TextIO, kept: int) -> None:
        self.flush()
        with suppress(OSError, ValueError):
            own.flush()  # what was printed past us
        os.dup2(kept, 1)
        with suppress(OSError, ValueError):
            assert self._stream is not None
            self._stream.close()
        os.close(kept)
        self._stream = own

    def as_file(self) -> IO[str]:
        """Return this as what consoles write to."""
        return cast("IO[str]", self)


def make_whole() -> None:
    """Make the three standard streams usable, whatever they were started with.

    A number that is closed would be given to the next file that is opened, which may be the journal: it is taken by the
    null device instead, opened so that writing still fails as it did. Letters that an encoding lacks become `?`.
    """
    for number, name, mode, flags in (
        (0, "stdin", "r", os.O_RDONLY), (1, "stdout", "w", os.O_RDONLY), (2, "stderr", "w", os.O_WRONLY),
    ):  # fmt: skip
        if getattr(sys, name) is None:
            given = os.open(os.devnull, flags)
            if given != number:
                os.dup2(given, number)
                os.close(given)
            setattr(sys, name, open(number, mode, encoding="utf-8", closefd=False))  # noqa: SIM115 - for the process's life
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def at_the_end(code: int, failure: OSError | None = None) -> int:
    """Hand on what standard output still holds, so that the interpreter cannot fail at it; return the exit code.

    `failure`: that of a page of help that could not be written.
    """
    outlet = Outlet(sys.stdout)
    if failure is None:
        outlet.flush()
    else:
        outlet.lose(failure)
    if outlet.unheard:
        Outlet(sys.stderr).write(f"! this could not be written to standard output: {outlet.unheard}\n")
        code = code or 1
    elif failure is not None:
        code = 0  # its reader has gone, and that is no failure
    Outlet(sys.stderr).flush()
    return code


def _forget(stream: TextIO) -> None:
    """Let what the stream still holds go nowhere: at its end the interpreter would fail at it once more."""
    with suppress(OSError, ValueError):
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, stream.fileno())
        os.close(null)


def _number(stream: TextIO) -> int:
    try:
        return stream.fileno()
    except (OSError, ValueError):
        return -1
