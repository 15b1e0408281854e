"""The published settings, each as a preset."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from core.experiment import load_preset, resolve
from core.streams.active_rounds import ActiveRoundsStream

BUDGETS = {"30": (), "30-65": (35.0,), "30-150": (120.0,)}
SOURCES = {"gtav": "gta5", "synthia": "synthia"}
PUBLISHED = [f"published-{task}-{images}" for task in SOURCES for images in BUDGETS]


def resolved(name: str, root: Path) -> Any:
    """Resolve a preset on roots that exist; nothing is in them."""
    preset = load_preset(f"stal/{name}")
    stream = {**preset.stream, "source": {**preset.stream["source"], "root": str(root)}}
    dataset = {**preset.dataset, "root": str(root)}
    return resolve({"method": "stal", "preset": f"stal/{name}", "dataset": dataset, "stream": stream})


@pytest.mark.parametrize("task", SOURCES)
@pytest.mark.parametrize("images", BUDGETS)
def test_each_budget_of_each_task_has_a_preset(tmp_path: Path, task: str, images: str) -> None:
    stream = resolved(f"published-{task}-{images}", tmp_path).stream

    assert isinstance(stream, ActiveRoundsStream)
    assert (stream.initial_list, stream.budgets) == (f"{task}-30", BUDGETS[images])
    assert (stream.source.adapter, stream.source.train_split) == (SOURCES[task], "stal-2000")


def test_published_presets_differ_in_stream_alone() -> None:
    first, *others = (load_preset(f"stal/{name}") for name in PUBLISHED)

    assert all((other.config, other.dataset) == (first.config, first.dataset) for other in others)


def test_the_reference_starts_from_the_published_images_too(tmp_path: Path) -> None:
    assert resolved("compat", tmp_path).stream.initial_list == "gtav-30"


@pytest.mark.parametrize(
    ("name", "resize"), [*((name, "bilinear") for name in PUBLISHED), ("compat", "lanczos"), ("ripu-gtav", "bilinear")]
)
def test_game_pictures_are_brought_to_the_size_of_the_citys(tmp_path: Path, name: str, resize: str) -> None:
    data = resolved(name, tmp_path).config.data

    assert (data.source_size, data.source_resize) == ((2048, 1024), resize)


def test_ripu_asks_for_regions_or_for_pixels_and_trains_alike(tmp_path: Path) -> None:
    regions, pixels = (resolved(name, tmp_path) for name in ("ripu-gtav", "ripu-pa-gtav"))

    assert (regions.config.acquisition.query_unit, regions.config.acquisition.radius_px) == ("region", 1)
    assert (pixels.config.acquisition.query_unit, pixels.config.acquisition.radius_px) == ("pixel", 32)
    assert (pixels.stream.budgets, pixels.stream.unit) == ((21.0,) * 5, "pixels")
    without = [each.config.model_dump(exclude={"acquisition"}) for each in (regions, pixels)]
    assert without[0] == without[1]


def test_every_switch_is_on_where_the_reference_is_followed(tmp_path: Path) -> None:
    assert all(resolved("compat", tmp_path).config.compat.model_dump().values())
    assert not any(resolved("published-gtav-30", tmp_path).config.compat.model_dump().values())


def test_built_in_worlds_keep_their_size() -> None:
    assert "source_size" not in load_preset("stal/demo").config["data"]
