"""What can be run, but is worth a second look: checks across the parts of an experiment that refuse nothing.

Free of torch.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from core.data.classes import ClassTable
from core.data.specs import WorldDatasetSpec
from core.errors import Fault
from core.experiment import ResolvedExperiment, load_preset
from core.streams.base import DatasetUse, KnownDataset, main_name
from core.streams.image_doubts import image_warnings


def experiment_warnings(
    experiment: ResolvedExperiment,
    uses: Mapping[str, DatasetUse],
    known: Mapping[str, KnownDataset],
    tables: Mapping[str, ClassTable],
) -> Iterator[Fault]:
    """Yield what looks unintended, with pointers into the document.

    Args:
        experiment: that is allowed.
        uses: its datasets by name.
        known: what is known of the images of each.
        tables: class table of each.
    """
    config, stream = experiment.config, experiment.stream
    yield from _large_crop(experiment)
    of_preset = _set_by_preset(experiment)
    found = config.warnings(stream, tables[main_name(uses)])
    yield from (fault for fault in found if fault.code != "without_effect" or fault.pointer not in of_preset)
    yield from config.image_warnings(stream, known)
    yield from stream.warnings(tables)
    yield from image_warnings(stream, uses, known)


def _set_by_preset(experiment: ResolvedExperiment) -> set[str]:
    """Return pointers of the settings that stand as the preset has them: nobody asked for those here."""
    if experiment.preset is None:
        return set()
    preset = load_preset(experiment.preset).config
    return set(_agreeing(preset, experiment.config.model_dump(mode="json"), "/config"))


def _agreeing(preset: Mapping[str, Any], config: Mapping[str, Any], pointer: str) -> Iterator[str]:
    for key, value in preset.items():
        if isinstance(value, Mapping) and isinstance(config.get(key), Mapping):
            yield from _agreeing(value, config[key], f"{pointer}/{key}")
        elif value == config.get(key):
            yield f"{pointer}/{key}"


def _large_crop(experiment: ResolvedExperiment) -> Iterator[Fault]:
    dataset = experiment.dataset
    crop_px = experiment.config.model_dump(mode="json").get("data", {}).get("crop_px")
    if isinstance(dataset, WorldDatasetSpec) and crop_px is not None and crop_px > dataset.shorter_side_px:
        message = (
            f"a crop of {crop_px} px is larger than the pictures' shorter side of {dataset.shorter_side_px} px; set "
            f"{dataset.shorter_side_px}, which shows the same and is faster"
        )
        yield Fault("/config/data/crop_px", message, "crop_larger_than_image")
