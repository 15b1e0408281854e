"""Two domains, one after the other. Free of torch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from pydantic import Field

from core.data.classes import ClassTable
from core.data.dataset_spec import DatasetSpec
from core.errors import ConfigError
from core.streams.base import DatasetUse, KnownDataset, StepPreview, StreamPreview, TaskStream

FIRST, SECOND = "first", "second"
"""Names of the domains; the experiment's own dataset is the first."""
DOMAINS = (FIRST, SECOND)


class TwoDomains(TaskStream):
    """The same classes in one domain, then in another; after each, all domains so far are tested."""

    noun: ClassVar = "domain"

    kind: Literal["two_domains"] = "two_domains"
    second: DatasetSpec = Field(description="Dataset of the second domain; the experiment's own is the first.")

    @property
    def num_steps(self) -> int:
        """One for each domain."""
        return len(DOMAINS)

    def label(self) -> str:
        """Return such as `then streets city-b`."""
        return f"then {self.second.label}"

    def datasets(self, main: DatasetSpec) -> Mapping[str, DatasetUse]:
        """Return the two datasets, of which everything is read."""
        return {FIRST: DatasetUse(main), SECOND: DatasetUse(self.second, "/stream/second")}

    def tested_after(self, index: int, main: DatasetSpec) -> tuple[str, ...]:  # noqa: ARG002 - whatever they are
        """Return the domains so far."""
        return DOMAINS[: index + 1]

    def check_against(self, classes: Mapping[str, ClassTable]) -> None:
        """Refuse a second domain with other classes than the first; raises ConfigError."""
        if classes[FIRST].names != classes[SECOND].names:
            raise ConfigError("the second domain has other classes than the first", "/stream/second")

    def images_per_step(self, known: Mapping[str, KnownDataset]) -> tuple[int, ...] | None:
        """Return the training images of each domain."""
        return tuple(known[name].train_images for name in DOMAINS)

    def preview(self, known: Mapping[str, KnownDataset]) -> StreamPreview:
        """Return the training images of each domain."""
        return StreamPreview(
            tuple(
                StepPreview(self.step_title(index), domain=name, images=known[name].train_images)
                for index, name in enumerate(DOMAINS)
            )
        )
