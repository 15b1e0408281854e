"""A field that names a row of a table. Free of torch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticKnownError, core_schema


class RowOf:
    """Marks a text as the name of a row that the table has at the time of the check.

    Only the table lists the names: a new row is at once accepted, described in the schema, and offered by forms.
    """

    def __init__(self, table: Mapping[str, Any]) -> None:
        self._table = table

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self._check, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return handler(schema) | {"enum": list(self._table)}

    def _check(self, name: str) -> str:
        if name not in self._table:
            *others, last = (repr(row) for row in self._table)
            expected = f"{', '.join(others)} or {last}" if others else last
            raise PydanticKnownError("literal_error", {"expected": expected})
        return name
