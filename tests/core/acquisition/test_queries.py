from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from core.acquisition.catalog import AcquisitionName, QueryUnit
from core.acquisition.queries import (
    QUERY_FILE,
    Query,
    QueryBatch,
    pool_digest,
    query_id,
    read_queries,
    write_queries,
)
from core.errors import StorageError
from core.streams.budgets import BudgetUnit

KEY = "0123456789abcdef"


def query(**changes: Any) -> Query:
    fields = {
        "id": KEY,
        "image": "aachen_000000_000019",
        "unit": QueryUnit.REGION,
        "rank": 0,
        "value": 0.25,
        "group": "aachen",
        "width": 6,
        "height": 4,
        "pixels": 9,
        "clicks": 1,
        "main_class": 0,
        "picture": f"pictures/{KEY}.jpg",
        "mask": f"masks/{KEY}.png",
        "proposal": f"proposals/{KEY}.png",
        "uncertainty": f"uncertainty/{KEY}.png",
    }
    return Query.model_validate(fields | changes)


def batch(*queries: Query) -> QueryBatch:
    return QueryBatch(
        round=1,
        acquisition=AcquisitionName.RIPU_RA,
        parameters={"radius": 1},
        unit=BudgetUnit.PERCENT_PIXELS_PER_IMAGE,
        budget=2.2,
        seed=7,
        model_sha256="0" * 64,
        class_ids=[0, 18],
        pool_digest=pool_digest(["a", "b"]),
        pool_size=2,
        total_images=2,
        histogram=[1, 1],
        histogram_range=(0.0, 1.0),
        pool_pixels={0: 12, 18: 36},
        queried_pixels={18: 9},
        queries=list(queries),
    )


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    written = batch(query(), query(id="f" * 16, image="bremen", mask=None, unit=QueryUnit.IMAGE))

    path = write_queries(tmp_path, written)

    assert path == tmp_path / QUERY_FILE
    assert read_queries(tmp_path) == written
    assert [file.name for file in tmp_path.iterdir()] == [QUERY_FILE]


def test_a_batch_of_an_earlier_version_is_read(tmp_path: Path) -> None:
    now = batch(query())
    path = write_queries(tmp_path, now)
    path.write_text(path.read_text().replace('"proposal": "proposals/', '"draft": "proposals/'))

    assert read_queries(tmp_path) == now


def test_a_query_has_one_id_whichever_attempt_makes_it() -> None:
    assert query_id("run", 0, "image") == query_id("run", 0, "image")


def test_other_runs_rounds_and_images_have_other_ids() -> None:
    ids = [query_id("run", 0, "a"), query_id("nur", 0, "a"), query_id("run", 1, "a"), query_id("run", 0, "b")]

    assert len(set(ids)) == 4
    # Parts may not run into each other.
    assert query_id("run-1", 1, "1") != query_id("run-", 11, "1")


def test_a_pool_s_digest_tells_its_names_and_their_order() -> None:
    assert pool_digest(["a", "b"]) == pool_digest(["a", "b"])
    assert len({pool_digest(["a", "b"]), pool_digest(["b", "a"]), pool_digest(["ab"]), pool_digest([])}) == 4


@pytest.mark.parametrize(
    "changes", [{"id": "../../etc/passwd"}, {"rank": -1}, {"pixels": 0}, {"width": 0}, {"unit": "world"}, {"extra": 1}]
)
def test_a_query_that_cannot_be_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        query(**changes)


def test_a_missing_batch_is_named(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"queries\.json: cannot be read as a batch"):
        read_queries(tmp_path)


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"schema_version": 2}'])
def test_a_damaged_batch_is_named(tmp_path: Path, damage: bytes) -> None:
    write_queries(tmp_path, batch(query())).write_bytes(damage)

    with pytest.raises(StorageError, match=r"queries\.json: cannot be read as a batch"):
        read_queries(tmp_path)
