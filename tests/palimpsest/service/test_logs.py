"""Log lines."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest

from palimpsest.service.logs import configure_logging


@pytest.fixture(autouse=True)
def root_logger_as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


def test_json_lines_hold_what_the_call_added_and_the_trace() -> None:
    stream = io.StringIO()
    configure_logging("INFO", "json", stream)

    try:
        raise ValueError("7 is too much")
    except ValueError:
        logging.getLogger("palimpsest.test").exception("run %s", "r-1", extra={"run_id": "r-1"})

    entry = json.loads(stream.getvalue())
    assert (entry["level"], entry["logger"], entry["message"]) == ("ERROR", "palimpsest.test", "run r-1")
    assert entry["run_id"] == "r-1"
    assert entry["trace"].endswith("ValueError: 7 is too much")
    assert entry["time"].endswith("Z")


def test_text_lines_leave_out_what_is_below_the_level() -> None:
    stream = io.StringIO()
    configure_logging("WARNING", "text", stream)

    logging.getLogger("palimpsest.test").info("hidden")
    logging.getLogger("palimpsest.test").warning("shown")

    lines = stream.getvalue().splitlines()
    assert [line.split("palimpsest.test: ")[1] for line in lines] == ["shown"]
