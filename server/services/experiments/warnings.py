"""What can be launched, but is worth a second look: checks across the parts of a document that refuse nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from core.data.classes import ClassTable
from core.data.opening import dataset_classes
from core.data.specs import WorldDatasetSpec
from core.experiment_faults import Fault
from core.streams.active_rounds import ActiveRoundsStream
from core.streams.class_incremental import ClassIncrementalStream
from server.schemas.problem import FaultEntry
from server.services.experiments.check import DOCUMENT, CheckedExperiment


def warnings_of(checked: CheckedExperiment) -> list[FaultEntry]:
    """Return what looks unintended, each with its place in the document."""
    config = checked.resolved.config.model_dump(mode="json")
    found = [*_large_crop(checked, config)]
    stream = checked.resolved.stream
    if isinstance(stream, ClassIncrementalStream):
        found += [*_small_memory(stream, config), *_classes_left_out(stream, checked.classes)]
    if isinstance(stream, ActiveRoundsStream):
        found += [*_unknown_to_target(stream, checked.classes), *_never_begun(config)]
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


def _small_memory(stream: ClassIncrementalStream, config: Mapping[str, Any]) -> Iterator[Fault]:
    size = config.get("memory", {}).get("size")
    # The memory is last drawn from at the last step, for the classes before it.
    to_keep = sum(len(step) for step in stream.steps[:-1])
    if size and size < to_keep:
        message = f"{size} kept instances cannot show each of the {to_keep} classes that the last step must not forget"
        yield Fault("/config/memory/size", message, "memory_smaller_than_classes")


def _classes_left_out(stream: ClassIncrementalStream, classes: ClassTable) -> Iterator[Fault]:
    learned = set(stream.learning_order)
    left_out = [f"{raw_id} {name}" for raw_id, name in sorted(classes.names.items()) if raw_id not in learned]
    if left_out:
        message = f"in no step, so never learned: {', '.join(left_out)}; their pixels count as background"
        yield Fault("/stream/steps", message, "classes_left_out")


def _unknown_to_target(stream: ActiveRoundsStream, classes: ClassTable) -> Iterator[Fault]:
    of_source = dataset_classes(stream.source).names.values() if stream.source is not None else ()
    unknown = sorted(set(of_source) - set(classes.names.values()))
    if unknown:
        message = f"the target has no class named {', '.join(unknown)}; their pixels in the source are ignored"
        yield Fault("/stream/source", message, "source_classes_ignored")


def _never_begun(config: Mapping[str, Any]) -> Iterator[Fault]:
    """Parts of the training that begin after its last epoch; where iterations are given, epochs are not known."""
    optim, contrast = config.get("optim", {}), config.get("contrast", {})
    epochs = optim.get("epochs")
    if epochs is None or optim.get("iterations") is not None:
        return
    if optim.get("warmup_epochs", 0) >= epochs:
        message = f"{optim['warmup_epochs']} of {epochs} epochs are warm-up, so the teacher never teaches"
        yield Fault("/config/optim/warmup_epochs", message, "never_begun")
    if contrast.get("weight") and contrast.get("start_epoch", 0) >= epochs:
        message = f"the contrastive loss begins at epoch {contrast['start_epoch']} of {epochs}, so never"
        yield Fault("/config/contrast/start_epoch", message, "never_begun")
