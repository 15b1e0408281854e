"""Warnings and refusals that follow from the images of an experiment's datasets. Free of torch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from core.data.specs import FolderDatasetSpec
from core.data.split_doubts import absent_classes, named_classes
from core.errors import ConfigError, Fault
from core.streams.base import DatasetUse, KnownDataset, TaskStream
from core.streams.first_images import shortened

Uses = Mapping[str, DatasetUse]
Known = Mapping[str, KnownDataset]


def image_warnings(stream: TaskStream, uses: Uses, known: Known) -> Iterator[Fault]:
    """Yield faults that do not prevent a run but look unintended, with pointers into the document.

    Args:
        stream: stream of the experiment.
        uses: its datasets by name.
        known: facts about each dataset, by name.
    """
    yield from stream.image_warnings(known)
    yield from _classes_without_pixels(stream, uses, known)
    yield from _learned_test_images(uses, known)


def require_other_test_images(uses: Uses, known: Known) -> None:
    """Refuse a dataset whose test images are all training images too, unless the dataset allows it.

    Raises:
        ConfigError: pointing at its test split.
    """
    for name, use in uses.items():
        spec, count, shared = use.spec, *_shared(known[name], known[name])
        if isinstance(spec, FolderDatasetSpec) and shared and len(shared) == count and not spec.may_test_on_training:
            raise ConfigError(
                f"all {count} test images of split {spec.eval_split!r} are training images of split "
                f"{spec.train_split!r} too, so scores would only tell what was learned by heart; name another "
                "eval_split, or set may_test_on_training: true",
                f"{use.pointer}/eval_split",
            )


def _classes_without_pixels(stream: TaskStream, uses: Uses, known: Known) -> Iterator[Fault]:
    if stream.teaches_classes:
        yield from _steps_without_pixels(stream, known)
        return
    for name, use in uses.items():
        presence = known[name].presence
        absent = absent_classes(presence.pixels, presence.classes) if presence is not None else []
        if presence is not None and absent:
            shown = named_classes(absent, presence.classes)
            message = (
                f"none of the {known[name].train_images} training images shows a pixel of {shown}; nothing teaches it"
            )
            yield Fault(use.pointer, message, "class_without_pixel")


def _steps_without_pixels(stream: TaskStream, known: Known) -> Iterator[Fault]:
    names = {
        raw_id: name
        for dataset in known.values()
        if dataset.presence is not None
        for raw_id, name in dataset.presence.classes.names.items()
    }
    for index, step in enumerate(stream.preview(known).steps):
        counts = step.images_per_class
        absent = [raw for raw, images in zip(step.classes, counts, strict=True) if images == 0] if counts else []
        if absent:
            shown = ", ".join(f"{raw_id} {names.get(raw_id, '')!r}" for raw_id in absent)
            images = f"{step.images} training images of {step.title}"
            message = f"none of the {images} shows a pixel of {shown}; nothing teaches it"
            yield Fault(f"/stream/steps/{index}", message, "class_without_pixel")


def _learned_test_images(uses: Uses, known: Known) -> Iterator[Fault]:
    for tested in uses:
        for learned, use in uses.items():
            count, shared = _shared(known[learned], known[tested])
            if shared:
                whose = "its own training images" if tested == learned else f"training images of the {learned}"
                message = f"{len(shared)} of the {count} test images of the {tested} dataset are {whose}"
                pointer = f"{use.pointer}/eval_split" if tested == learned else use.pointer
                effect = f"scores would count what was learned: {shortened(shared)}"
                yield Fault(pointer, f"{message}; {effect}", "learned_test_images")


def _shared(learned: KnownDataset, tested: KnownDataset) -> tuple[int, list[str]]:
    """Return the number of test images of one dataset, and those of them that are training images of the other."""
    if learned.train is None or tested.eval is None:
        return 0, []
    images, learned_images = tested.eval.images, set(learned.train.images)
    ids = zip(tested.eval.ids, images, strict=True)
    return len(images), [name for name, image in ids if image in learned_images]
