"""The table of step and domain, and its numbers."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import StorageError
from core.methods.promptable.results import Results, Row, load_results, run_scores

TABLE = {("a", 0): 0.8, ("b", 0): 0.1, ("x", 0): 0.4, ("a", 1): 0.5, ("b", 1): 0.6, ("x", 1): 0.2}


def results(table: dict[tuple[str, int], float | None]) -> Results:
    rows = [Row(step=step, domain=name, mask_iou=value, boundary_iou=None) for (name, step), value in table.items()]
    return Results(rows=tuple(rows))


def numbers(table: dict[tuple[str, int], float | None], step: int) -> dict[str, float | None]:
    return {score.metric: score.value for score in run_scores(results(table), ("a", "b"), ("x",), step)}


def test_numbers_by_hand() -> None:
    found = numbers(TABLE, 1)

    assert found["last_iou"] == pytest.approx(0.55)
    assert found["average_iou"] == pytest.approx((0.8 + 0.55) / 2)
    assert found["ff_iou"] == found["ff_max_iou"] == pytest.approx(0.3)
    assert found["natural_iou"] == pytest.approx(0.2)
    assert found["last_biou"] is None


def test_a_run_that_learned_all_at_once_tells_its_end_alone() -> None:
    found = numbers({key: value for key, value in TABLE.items() if key[1] == 1}, 1)

    assert found["last_iou"] == pytest.approx(0.55)
    assert found["average_iou"] is found["ff_iou"] is found["learning_iou"] is None


def test_results_are_read_back_and_damage_is_named(tmp_path: Path) -> None:
    results({("a", 0): None}).save(tmp_path)

    assert load_results(tmp_path).rows[0].mask_iou is None
    (tmp_path / "results.json").write_text("{")
    with pytest.raises(StorageError, match=r"results\.json"):
        load_results(tmp_path)
