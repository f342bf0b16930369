"""Errors and log lines without secrets: the message, what it was raised from, and what its class keeps beside."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from doer.connectors.secrets.redaction import Redaction
from doer.domain.errors import CredentialRefused, OutcomeUnknown, Permanent, Transient, UsageError

_KINDS: tuple[type[Exception], ...] = (CredentialRefused, Permanent, OutcomeUnknown, UsageError)


def scrubbed(failure: Exception, redaction: Redaction) -> Exception:
    """Return the error if nothing in it or in its causes shows a secret; else one of its kind, clean and without causes.

    An exception of a library keeps more than its words (a request with its headers), so that it is left out whole.
    """
    if not any(redaction.finds(told) for each in _chain(failure) for told in _words(each)):
        return failure
    words = redaction.text(str(failure))
    clean = _of_its_kind(failure, words)
    cause = failure.__cause__ or failure.__context__
    if cause is not None:
        clean.__cause__ = RuntimeError(redaction.text(f"{type(cause).__name__}: {cause}"))
    clean.__suppress_context__ = True
    return clean


def _of_its_kind(failure: Exception, words: str) -> Exception:
    if isinstance(failure, Transient):
        return Transient(words, failure.again_at)
    for kind in _KINDS:
        if isinstance(failure, kind):
            return kind(words)
    return RuntimeError(f"{type(failure).__name__}: {words}")


def _chain(failure: BaseException) -> Iterator[BaseException]:
    waiting, seen = [failure], set[int]()
    while waiting:
        each = waiting.pop()
        if id(each) in seen:
            continue
        seen.add(id(each))
        yield each
        waiting += [other for other in (each.__cause__, each.__context__) if other is not None]
        waiting += each.exceptions if isinstance(each, BaseExceptionGroup) else ()


def _words(failure: BaseException) -> Iterator[str]:
    yield str(failure)
    yield repr(failure)
    yield from (str(each) for each in failure.args)
    yield from getattr(failure, "__notes__", ())


@contextmanager
def quiet_logs(redactions: Mapping[str, Redaction]) -> Iterator[None]:
    """Within it, no record of any logger of this process holds a secret: not in its message, not in its traceback."""
    make = logging.getLogRecordFactory()

    def clean(text: str) -> str:
        for each in tuple(redactions.values()):
            text = each.text(text)
        return text

    def made(*arguments: Any, **named: Any) -> logging.LogRecord:  # noqa: ANN401 - whatever logging hands over
        record = make(*arguments, **named)
        try:
            said = record.getMessage()
        except Exception:  # noqa: BLE001 - a message that does not fit its arguments is the logger's own matter
            return record
        if (told := clean(said)) != said:
            record.msg, record.args = told, ()
        if record.exc_info and record.exc_info[0] is not None:
            record.exc_text = clean("".join(traceback.format_exception(*record.exc_info)).rstrip("\n"))
        return record

    logging.setLogRecordFactory(made)
    try:
        yield
    finally:
        logging.setLogRecordFactory(make)
