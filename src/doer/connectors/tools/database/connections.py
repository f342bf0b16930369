"""Transactions on one database, each on a connection of its own, off the event loop."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from sqlalchemy import Connection, Engine, RootTransaction
from sqlalchemy.exc import SQLAlchemyError

from doer.connectors.tools.database.dialect import Dialect
from doer.connectors.tools.database.faults import Phase, translate
from doer.domain.errors import Transient

T = TypeVar("T")


class Connections:
    """Where work on the database happens. A new connection each time: what is read back comes through none that wrote."""

    __slots__ = ("_dialect", "_engine", "_name")

    def __init__(self, name: str, dialect: Dialect) -> None:
        self._name = name
        self._dialect = dialect
        self._engine: Engine = dialect.engine()

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in a transaction that writes nothing. Raises Transient or Permanent."""
        return await asyncio.to_thread(self._run, work, None)

    async def write(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in one transaction and commit it. Raises Transient, Permanent, or OutcomeUnknown from the commit.

        When the caller stops waiting, the transaction is rolled back unless it is already committing.
        """
        abandoned = threading.Event()
        try:
            return await asyncio.to_thread(self._run, work, abandoned)
        except asyncio.CancelledError:
            abandoned.set()
            raise

    async def close(self) -> None:
        """Let go of the database."""
        await asyncio.to_thread(self._engine.dispose)

    def _run(self, work: Callable[[Connection], T], abandoned: threading.Event | None) -> T:
        phase: Phase = "connect"
        try:
            with self._engine.connect() as fresh:
                phase = "work"
                connection = self._dialect.prepare(fresh, writing=abandoned is not None)
                transaction = connection.begin()
                outcome = self._worked(work, connection, transaction)
                if abandoned is None:
                    transaction.rollback()
                    return outcome
                if abandoned.is_set():
                    transaction.rollback()
                    raise Transient(f"{self._name}: nobody waited for it any more; it was rolled back")
                phase = "commit"
                transaction.commit()
                phase = "work"
                return outcome
        except (SQLAlchemyError, UnicodeError) as error:
            raise translate(error, self._name, phase) from error

    @staticmethod
    def _worked(work: Callable[[Connection], T], connection: Connection, transaction: RootTransaction) -> T:
        try:
            return work(connection)
        except BaseException:
            with suppress(SQLAlchemyError):
                transaction.rollback()
            raise
