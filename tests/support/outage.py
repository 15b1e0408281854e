"""A database that can be away."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from server.db.session import Database


class UnreliableDatabase(Database):
    """A real database whose transactions cannot begin while `away` is set.

    Attributes:
        away: set it to cut the connection.
        refused: transactions that were refused so far.
    """

    def __init__(self, url: str, *, sqlite_synchronous: Literal["FULL", "NORMAL"] = "NORMAL") -> None:
        super().__init__(url, sqlite_synchronous=sqlite_synchronous)
        self.away = threading.Event()
        self.refused = 0

    @contextmanager
    def write(self) -> Iterator[Session]:
        self._refuse_while_away()
        with super().write() as session:
            yield session

    @contextmanager
    def read(self) -> Iterator[Session]:
        self._refuse_while_away()
        with super().read() as session:
            yield session

    def _refuse_while_away(self) -> None:
        if self.away.is_set():
            self.refused += 1
            raise OperationalError("BEGIN", {}, sqlite3.OperationalError("unable to open database file"))
