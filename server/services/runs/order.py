"""The sort orders of the run list, and pages that begin after a row (API-4, EXP-15).

Rows without a value come last in both directions. The id breaks ties, in the column's direction. A page is read in
two parts, rows with a value and rows without; each part uses a comparison that an index serves.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, SQLColumnExpression, literal, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session

from server.db.models import Experiment, Run
from server.errors import InvalidRequestError
from server.schemas.run_list import RunSort
from server.schemas.values import MAX_SAFE_INTEGER
from server.services.paging import decode_cursor, encode_cursor

AnyRow = Row[*tuple[Any, ...]]
AnySelect = Select[*tuple[Any, ...]]


def _text(value: Any) -> str:
    if not isinstance(value, str) or "\0" in value:
        raise ValueError("no text")
    value.encode()  # half a surrogate pair cannot be sent to a database
    return value


def _moment(value: Any) -> datetime:
    return datetime.fromisoformat(_text(value)).astimezone(UTC)


def _integer(value: Any) -> int:
    if type(value) is not int or not 0 <= value <= MAX_SAFE_INTEGER:
        raise ValueError("no number that a row can have")
    return value


def _number(value: Any) -> float:
    if type(value) not in (int, float) or not math.isfinite(value):
        raise ValueError("no number")
    return float(value)


@dataclass(frozen=True)
class _Key:
    """The column of an order, and the function that checks the column's value in a cursor."""

    column: InstrumentedAttribute[Any]
    check: Callable[[Any], Any]


_KEYS: dict[RunSort, _Key] = {
    RunSort.CREATED_AT: _Key(Run.created_at, _moment),
    RunSort.FINISHED_AT: _Key(Run.finished_at, _moment),
    RunSort.NAME: _Key(Experiment.name, _text),
    RunSort.METHOD: _Key(Experiment.method, _text),
    RunSort.DATASET: _Key(Experiment.dataset, _text),
    RunSort.STATE: _Key(Run.state, _text),
    RunSort.SEED: _Key(Run.seed, _integer),
    RunSort.SCORE: _Key(Run.last_score, _number),
    RunSort.BEST_SCORE: _Key(Run.best_score, _number),
}


@dataclass(frozen=True)
class Place:
    """A row's place in an order: its value, or None, and its id."""

    value: Any
    run_id: str


@dataclass(frozen=True)
class RunOrder:
    """One order of the list."""

    sort: RunSort
    is_descending: bool

    @property
    def column(self) -> InstrumentedAttribute[Any]:
        """The column to sort by; `read` needs it among the selected columns, labelled `sort_value`."""
        return _KEYS[self.sort].column

    def read(self, session: Session, statement: AnySelect, after: Place | None, limit: int) -> list[AnyRow]:
        """Return at most `limit` rows of a statement in this order, after a place."""
        rows: list[AnyRow] = []
        is_nullable = self.column.expression.nullable
        if after is None or after.value is not None:
            part = statement.where(self.column.is_not(None)) if is_nullable else statement
            if after is not None:
                value = literal(after.value, self.column.type)
                part = part.where(self._is_behind(tuple_(self.column, Run.id), tuple_(value, literal(after.run_id))))
            rows += self._fetch(session, part, self.column, limit=limit)
        if is_nullable and len(rows) < limit:
            part = statement.where(self.column.is_(None))
            if after is not None and after.value is None:
                part = part.where(self._is_behind(Run.id, literal(after.run_id)))
            rows += self._fetch(session, part, limit=limit - len(rows))
        return rows

    def place(self, cursor: str | None) -> Place | None:
        """Return the place in a cursor; raises InvalidRequestError for a cursor of another order."""
        key = decode_cursor(self._kind, cursor, (str, str))
        if key is None:
            return None
        text, run_id = str(key[0]), str(key[1])
        try:
            value = json.loads(text)
            return Place(None if value is None else _KEYS[self.sort].check(value), run_id)
        except (ValueError, OverflowError, RecursionError) as error:
            raise InvalidRequestError.of_query("cursor", "is no cursor of this list; leave it out") from error

    def cursor(self, last: AnyRow) -> str:
        """Return the cursor after a row."""
        value = last.sort_value.isoformat() if isinstance(last.sort_value, datetime) else last.sort_value
        # Encode the value as JSON: a name may contain characters that a cursor may not.
        return encode_cursor(self._kind, (json.dumps(value), last.id))

    @property
    def _kind(self) -> str:
        return f"runs {self.sort} {'desc' if self.is_descending else 'asc'}"

    def _is_behind(self, row: SQLColumnExpression[Any], key: ColumnElement[Any]) -> ColumnElement[bool]:
        return row < key if self.is_descending else row > key

    def _fetch(
        self, session: Session, statement: AnySelect, *columns: InstrumentedAttribute[Any], limit: int
    ) -> Sequence[AnyRow]:
        order = [column.desc() if self.is_descending else column.asc() for column in (*columns, Run.id)]
        return session.execute(statement.order_by(*order).limit(limit)).all()
