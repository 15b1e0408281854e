"""What can be launched, but is worth a second look: checks across the parts of a document that refuse nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from core.data.specs import WorldDatasetSpec
from core.errors import Fault
from core.streams.image_doubts import image_warnings
from server.schemas.problem import FaultEntry
from server.services.experiments.check import DOCUMENT, CheckedExperiment


def warnings_of(checked: CheckedExperiment, of_scans: Sequence[Fault] = ()) -> list[FaultEntry]:
    """Return what looks unintended, each with its place in the document.

    Args:
        checked: the experiment.
        of_scans: what the scans of its datasets say.
    """
    resolved = checked.resolved
    found = [
        *_large_crop(checked, resolved.config.model_dump(mode="json")),
        *resolved.config.warnings(resolved.stream, checked.classes),
        *resolved.stream.warnings(checked.tables),
        *image_warnings(resolved.stream, checked.uses, checked.known),
        *of_scans,
    ]
    return [
        FaultEntry(source="body", pointer=DOCUMENT + fault.pointer, message=fault.message, code=fault.code)
        for fault in found
    ]


def _large_crop(checked: CheckedExperiment, config: Mapping[str, Any]) -> Iterator[Fault]:
    dataset, crop_px = checked.resolved.dataset, config.get("data", {}).get("crop_px")
    if isinstance(dataset, WorldDatasetSpec) and crop_px is not None and crop_px > dataset.shorter_side_px:
        message = (
            f"a crop of {crop_px} px is larger than the pictures' shorter side of {dataset.shorter_side_px} px; one of "
            "that size shows the same and is faster"
        )
        yield Fault("/config/data/crop_px", message, "crop_larger_than_image")
