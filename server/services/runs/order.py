"""The sort orders of the run list, and pages that begin after a row (API-4, EXP-15).

Rows without a value come last in both directions. By score, runs that have not succeeded come after those that have:
an earlier step's score is not ranked beside a final one. The id breaks ties, in the column's direction. A page is read
part by part, such as rows with a value and rows without; each part uses a comparison that an index serves.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, SQLColumnExpression, and_, func, literal, not_, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session

from server.db.models import Experiment, Run
from server.db.states import RunState
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
_SCORES = frozenset({RunSort.SCORE, RunSort.BEST_SCORE})


# An expression, so that a database reads the score's index in order and does not sort the runs of a state.
_HAS_SUCCEEDED = func.coalesce(Run.state, "") == RunState.SUCCEEDED.value


@dataclass(frozen=True)
class _Part:
    """Rows of an order that come before those of the next part; `condition` is None if they are all rows."""

    condition: ColumnElement[bool] | None
    has_value: bool


@dataclass(frozen=True)
class Place:
    """A row's place in an order: the number of its part, its value, or None, and its id."""

    part: int
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
        first = 0 if after is None else after.part
        for number, part in enumerate(self._parts[first:], first):
            if len(rows) < limit:
                of_part = statement if part.condition is None else statement.where(part.condition)
                if after is not None and number == after.part:
                    of_part = of_part.where(self._behind(after))
                columns = (self.column,) if part.has_value else ()
                rows += self._fetch(session, of_part, *columns, limit=limit - len(rows))
        return rows

    def place(self, cursor: str | None) -> Place | None:
        """Return the place in a cursor; raises InvalidRequestError for a cursor of another order."""
        key = decode_cursor(self._kind, cursor, (str, str))
        if key is None:
            return None
        text, run_id = str(key[0]), str(key[1])
        try:
            return self._place(json.loads(text), run_id)
        except (ValueError, OverflowError, RecursionError) as error:
            raise InvalidRequestError.of_query("cursor", "is no cursor of this list; leave it out") from error

    def cursor(self, last: AnyRow) -> str:
        """Return the cursor after a row."""
        value = last.sort_value.isoformat() if isinstance(last.sort_value, datetime) else last.sort_value
        # Encode the value as JSON: a name may contain characters that a cursor may not.
        return encode_cursor(self._kind, (json.dumps([self._part_of(last), value]), last.id))

    @property
    def _parts(self) -> tuple[_Part, ...]:
        column = self.column
        if not column.expression.nullable:
            return (_Part(None, has_value=True),)
        empty = _Part(column.is_(None), has_value=False)
        if self.sort not in _SCORES:
            return (_Part(column.is_not(None), has_value=True), empty)
        finished, others = (and_(column.is_not(None), known) for known in (_HAS_SUCCEEDED, not_(_HAS_SUCCEEDED)))
        return (_Part(finished, has_value=True), _Part(others, has_value=True), empty)

    def _part_of(self, row: AnyRow) -> int:
        if row.sort_value is None:
            return len(self._parts) - 1
        return int(self.sort in _SCORES and row.state != RunState.SUCCEEDED)

    def _place(self, key: Any, run_id: str) -> Place:
        """Return a place by its JSON; raises ValueError for one that no row has."""
        if not isinstance(key, list) or len(key) != 2 or type(key[0]) is not int or not 0 <= key[0] < len(self._parts):
            raise ValueError("no part of this order")
        number, value = key
        if self._parts[number].has_value is (value is None):
            raise ValueError("no value of this part")
        return Place(number, None if value is None else _KEYS[self.sort].check(value), run_id)

    def _behind(self, after: Place) -> ColumnElement[bool]:
        if after.value is None:
            return self._is_behind(Run.id, literal(after.run_id))
        value = literal(after.value, self.column.type)
        return self._is_behind(tuple_(self.column, Run.id), tuple_(value, literal(after.run_id)))

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
