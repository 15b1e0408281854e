"""The source and the targets of a stage, and the classes that they share. Free of torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from core.data.classes import ClassTable
from core.data.label_ids import IdTable
from core.stage.context import StageContext
from core.streams.multi_target import SOURCE, MultiTargetStream


@dataclass(frozen=True)
class Domains:
    """The domains of a stage, their shared classes and their datasets.

    Attributes:
        targets: names of the targets; domain i is the i-th target.
        classes: classes shared by all domains, by the source's raw ids.
        channel_of: dataset -> (256,) channel of each raw id; 255 if it is not a shared class.
        folders: dataset -> name of its folder.
    """

    targets: tuple[str, ...]
    classes: ClassTable
    channel_of: Mapping[str, IdTable]
    folders: Mapping[str, str]

    @property
    def raw_ids(self) -> tuple[int, ...]:
        """The source's raw id of each channel."""
        return tuple(sorted(self.classes.names))

    @property
    def num_classes(self) -> int:
        """Number of classes C."""
        return len(self.classes.names)

    @property
    def class_names(self) -> tuple[str, ...]:
        """Name of each channel."""
        return tuple(self.classes.names[raw_id] for raw_id in self.raw_ids)


def domains_of(context: StageContext[Any]) -> Domains:
    """Return the domains of a stage on a stream of several targets."""
    stream = cast(MultiTargetStream, context.stream)
    tables = {name: opened.classes for name, opened in context.datasets.items()}
    folders = {name: opened.folder.label for name, opened in context.datasets.items()}
    return Domains(stream.domains, stream.shared_classes(tables), stream.channel_tables(tables), folders)


def tests_source(context: StageContext[Any]) -> bool:
    """Return whether the source is tested too."""
    return "eval" in context.datasets[SOURCE].splits
