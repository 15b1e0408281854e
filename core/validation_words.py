"""States what is wrong with a value in one plain sentence, in place of pydantic's. Free of torch."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from core.first_faults import shown

Context = Mapping[str, Any]

_WHOLE_NUMBER = "must be a whole number"
_NUMBER = "must be a number"
_LIST = "must be a list"
_MAPPING = "must be a mapping of keys to values"
_TIME = "must be a time with its zone, such as 2030-01-31T12:00:00Z"
_ID = "must be an id, such as 018f2f6e-7b1c-7cc0-8a55-0123456789ab"

_MEMBER = re.compile(r"<\w+\.\w+: ('[^']*')>")
"""Python's repr of an enum member; readers only know the value."""

_LINE = "must be one line without control characters"
_HEX = "must be an id of 16 digits from 0 to f"
_NAME = "must be a name of letters, digits, '_', '-' and '.' that begins with"

PATTERNS: Mapping[str, str] = {
    r"^[^\x00-\x1f\x7f]*$": _LINE,
    r"^[^\x00-\x1f]*$": _LINE,
    r"^[^\x00-\x1f\x7f]{0,200}$": f"{_LINE}, of at most 200 characters",
    r"^[^\x00-\x1f\x7f]{1,200}$": f"{_LINE}, of 1 to 200 characters",
    r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$": "must be text without control characters",
    r"^[^=\x00-\x1f\x7f]{1,100}(=[^\x00-\x1f\x7f]{0,500})?$": (
        "must be a tag: key or key=value, with a key of 1 to 100 characters and a value of at most 500"
    ),
    r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$": _ID,
    r"^[0-9a-f-]{36}$": _ID,
    r"^[0-9a-f]{8}-[0-9a-f-]{27}$": _ID,
    r"^[0-9a-f]{64}$": "must be a SHA-256: 64 digits from 0 to f",
    r"(^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$)|(^[0-9a-f]{64}$)": f"{_ID}, or a SHA-256",
    r"^([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{64})$": f"{_ID}, or a SHA-256",
    r"^[0-9a-f]{16}$": _HEX,
    r"^[A-Za-z0-9._:-]{1,100}$": "must be 1 to 100 letters, digits, '.', '_', ':' or '-'",
    r"^[A-Za-z0-9_-]+$": "must be letters, digits, '_' or '-'",
    r"^[A-Za-z0-9_.-]{1,100}$": "must be 1 to 100 letters, digits, '_', '.' or '-'",
    r"^[\x21-\x7e]{1,255}$": "must be 1 to 255 visible ASCII characters without spaces",
    r"^[a-z0-9_]{1,100}$": "must be 1 to 100 lower-case letters, digits or '_'",
    r"^[a-z0-9][a-z0-9_-]{0,49}$": "must be 1 to 50 lower-case letters, digits, '_' or '-'",
    r"^([A-Za-z0-9_][A-Za-z0-9_.-]*)?$": f"{_NAME} a letter, a digit or '_'",
    r"^[A-Za-z0-9][A-Za-z0-9_.-]*$": f"{_NAME} a letter or a digit",
    r"^[a-z0-9][a-z0-9_.-]*$": f"{_NAME} a letter or a digit, all in lower case",
}
"""What a text must be, by the regular expression that it does not match."""

RULES: Mapping[str, str] = {
    "missing": "required, but missing",
    "int_type": _WHOLE_NUMBER,
    "int_parsing": _WHOLE_NUMBER,
    "int_parsing_size": f"{_WHOLE_NUMBER} of fewer digits",
    "int_from_float": _WHOLE_NUMBER,
    "float_type": _NUMBER,
    "float_parsing": _NUMBER,
    "number_type": _NUMBER,
    "finite_number": "must be a finite number",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "string_type": "must be text",
    "string_unicode": "must be text in UTF-8",
    "bytes_type": "must be bytes",
    "path_type": "must be the path of a file or folder",
    "list_type": _LIST,
    "tuple_type": _LIST,
    "set_type": _LIST,
    "frozen_set_type": _LIST,
    "dict_type": _MAPPING,
    "mapping_type": _MAPPING,
    "model_type": _MAPPING,
    "model_attributes_type": _MAPPING,
    "dataclass_type": _MAPPING,
    "none_required": "must be left out",
    "datetime_type": _TIME,
    "datetime_parsing": _TIME,
    "datetime_from_date_parsing": _TIME,
    "datetime_object_invalid": _TIME,
    "timezone_aware": _TIME,
    "uuid_type": _ID,
    "uuid_parsing": _ID,
    "uuid_version": _ID,
}
"""What a value must be, by the type of pydantic's error."""

RULES_WITH_CONTEXT: Mapping[str, Callable[[Context], str]] = {
    "greater_than": lambda ctx: f"must be more than {_plain(ctx['gt'])}",
    "greater_than_equal": lambda ctx: f"must be at least {_plain(ctx['ge'])}",
    "less_than": lambda ctx: f"must be less than {_plain(ctx['lt'])}",
    "less_than_equal": lambda ctx: f"must be at most {_plain(ctx['le'])}",
    "multiple_of": lambda ctx: f"must be a multiple of {_plain(ctx['multiple_of'])}",
    "string_too_short": lambda ctx: f"must have at least {_count(ctx['min_length'], 'character', 'characters')}",
    "string_too_long": lambda ctx: f"must have at most {_count(ctx['max_length'], 'character', 'characters')}",
    "string_pattern_mismatch": lambda ctx: PATTERNS.get(ctx["pattern"], f"must match the pattern {ctx['pattern']}"),
    "too_short": lambda ctx: f"must have at least {_count(ctx['min_length'], 'entry', 'entries')}",
    "too_long": lambda ctx: f"must have at most {_count(ctx['max_length'], 'entry', 'entries')}",
    "literal_error": lambda ctx: "must be " + _MEMBER.sub(r"\1", ctx["expected"]),
    "enum": lambda ctx: f"must be {ctx['expected']}",
    "union_tag_invalid": lambda ctx: f"{_key(ctx)} must be one of {ctx['expected_tags']}; found {shown(ctx['tag'])}",
    "union_tag_not_found": lambda ctx: f"the key {_key(ctx)} is missing; it says which kind this is",
    "value_error": lambda ctx: str(ctx["error"]),
    "assertion_error": lambda ctx: str(ctx["error"]),
}
"""The same where the sentence needs what pydantic says of the error."""

_NAMES_THE_VALUE = {"missing", "union_tag_invalid", "union_tag_not_found"}
_OWN_CHECKS = {"value_error", "assertion_error"}


def rule_of(item: Any) -> str:
    """Return what the value of one of pydantic's errors must be, such as `must be at least 1`.

    Errors of kinds that are not known keep pydantic's words; those of our own checks keep theirs.
    """
    kind = item["type"]
    if kind in RULES_WITH_CONTEXT:
        return RULES_WITH_CONTEXT[kind](item["ctx"])
    return RULES.get(kind, str(item["msg"]))


def sentence_of(item: Any) -> str:
    """Return what a value must be and what was found in its place: `must be at least 1; found 0`."""
    rule, kind, value = rule_of(item), item["type"], item.get("input")
    if kind in _NAMES_THE_VALUE:
        return rule
    if kind in RULES or kind in RULES_WITH_CONTEXT.keys() - _OWN_CHECKS:
        return f"{rule}; found {found_value(value)}"
    # Our own checks name the value in their words where that is clearer.
    is_named = not isinstance(value, str | int | float) or str(value) in rule
    return rule if is_named else f"{rule}; found {found_value(value)}"


def found_value(value: object) -> str:
    """Return a value as a message names it: text and numbers as they are, the kind of a list or a mapping alone."""
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    if isinstance(value, Mapping):
        return "a mapping" if value else "an empty mapping"
    if isinstance(value, list | tuple | set | frozenset):
        return f"a list of {_count(len(value), 'entry', 'entries')}" if value else "an empty list"
    return shown(value)


def _plain(bound: object) -> str:
    """A bound as people write it: 1, not 1.0."""
    return f"{bound:g}" if isinstance(bound, float) and abs(bound) < 1e15 else str(bound)


def _count(count: int, one: str, several: str) -> str:
    return f"{count} {one if count == 1 else several}"


def _key(context: Context) -> str:
    return str(context["discriminator"])
