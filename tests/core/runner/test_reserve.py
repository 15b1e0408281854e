"""Some of the disk that is kept for the ending of a stage."""

from __future__ import annotations

from pathlib import Path

from core.runner.reserve import RESERVE_BYTES, RESERVE_FILE, reserved


def test_the_reserve_is_there_until_it_is_freed_or_the_stage_is_over(tmp_path: Path) -> None:
    path = tmp_path / RESERVE_FILE
    with reserved(tmp_path) as free:
        assert path.stat().st_size == RESERVE_BYTES
        free()
        assert not path.exists()
        free()
    with reserved(tmp_path):
        pass
    assert not path.exists()
