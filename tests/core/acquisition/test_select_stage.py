"""A round with a teacher of no method."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image as PILImage

from core.acquisition.options import AcquisitionOptions
from core.acquisition.pool_values import ValueRule
from core.acquisition.queries import QueryBatch, read_queries
from core.acquisition.round_data import open_round
from core.acquisition.select_stage import QuerySelector, choose_queries
from core.data.decoding import read_label
from core.stage.events import Queries
from core.stage.spec import StageKind
from tests.support.local_runs import events_of
from tests.support.rounds import round_context
from tests.support.teachers import ToyTeacher

RAW_OF = np.array([0, 1, 2, 3, 4], np.uint8)


def asked(folder: Path, stream: dict[str, object], **options: object) -> QueryBatch:
    """Ask in the first round over six pictures, two of which are labelled."""
    context = round_context(folder, index=1, kind=StageKind.SELECT, stream=stream)
    rule = ValueRule(AcquisitionOptions.model_validate(options), crop_px=32, batch_size=4)

    result = choose_queries(context, open_round(context, 0), QuerySelector(ToyTeacher(5), "0" * 64, RAW_OF, rule))

    assert {"queries"} <= set(result.outputs)
    return read_queries(folder / result.outputs["queries"])


def test_any_teacher_asks_for_the_images_that_it_values_most(tmp_path: Path) -> None:
    batch = asked(tmp_path, {"budgets": [2]}, name="entropy", stratify=False)

    context = round_context(tmp_path / "again")
    pool = open_round(context, 0).pool()
    assert (batch.pool_size, batch.total_images, len(batch.queries)) == (4, 6, 2)
    assert batch.model_sha256 == "0" * 64
    assert {query.image for query in batch.queries} <= {pool.names[position] for position in pool.open}
    assert batch.queries[0].value >= batch.queries[1].value
    assert [event.count for event in events_of(tmp_path, Queries)] == [2]


def test_people_get_superpixels_and_an_oracle_needs_none(tmp_path: Path) -> None:
    for oracle, count in (("none", 3), ("ground_truth", 0)):
        batch = asked(tmp_path / oracle, {"budgets": [2], "oracle": oracle}, name="entropy", stratify=False)

        folder = tmp_path / oracle / "artifacts" / "queries"
        for query in batch.queries:
            assert len(query.superpixels) == count
            for path in query.superpixels.values():
                assert PILImage.open(folder / path).size == (query.width, query.height)


def test_any_teacher_asks_for_parts_and_proposes_answers(tmp_path: Path) -> None:
    batch = asked(tmp_path, {"budgets": [3], "unit": "regions"}, name="ripu_ra", radius=1)

    assert [query.clicks for query in batch.queries] == [3] * 4
    folder = tmp_path / "artifacts" / "queries"
    for query in batch.queries:
        assert (read_label(folder / str(query.mask)) > 0).sum() == query.pixels
        assert set(np.unique(read_label(folder / query.proposal))) <= set(RAW_OF.tolist())
