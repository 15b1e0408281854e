"""The interface of every kind of task stream. Free of torch.

A kind is a file beside this one and a row in `core.streams.catalog`. Code that handles a stream calls this interface
and never asks for the kind.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, GetJsonSchemaHandler
from pydantic_core import CoreSchema

from core.data.classes import ClassTable
from core.data.dataset_spec import DatasetSpec
from core.data.pairing import PairedFiles
from core.data.presence import ClassPresence
from core.data.specs import FolderDatasetSpec, SplitRole
from core.errors import Fault
from core.streams.budgets import LabelBudget
from core.streams.completion import Completion
from core.streams.hand_out import HandOut

MAIN = "main"
"""Name of an experiment's own dataset, unless the stream has a better one."""
MAIN_POINTER = "/dataset"
"""Where an experiment's own dataset stands in its document."""
LabelPurpose = Literal["train", "eval", "oracle"]
"""Why the labels of a dataset are needed: for training, for evaluation, or to answer queries."""


@dataclass(frozen=True)
class DatasetUse:
    """A dataset of a stream, and the parts of it that are read.

    Attributes:
        spec: spec of the dataset.
        pointer: JSON pointer of the spec in the experiment's document.
        splits: the splits that are read; no other needs to exist.
        labels: purposes of its labels. With `train` or `eval` every image of that split needs a label file. With
            `oracle` every training image does, and the stream itself reports a missing one.
        counts_classes: whether planning needs to know which classes the training images show.
    """

    spec: DatasetSpec
    pointer: str = MAIN_POINTER
    splits: tuple[SplitRole, ...] = ("train", "eval")
    labels: frozenset[LabelPurpose] = frozenset({"train", "eval"})
    counts_classes: bool = False

    @property
    def is_main(self) -> bool:
        """Whether it is the experiment's own dataset."""
        return self.pointer == MAIN_POINTER

    @property
    def labelled_splits(self) -> tuple[SplitRole, ...]:
        """Splits in which every image needs a label file."""
        return tuple(split for split in self.splits if split in self.labels)


@dataclass(frozen=True)
class KnownDataset:
    """Facts about a dataset's images that need no image to be read.

    Attributes:
        train_images: number of training images.
        presence: which classes the training images show; None before a scan.
        folder: folder spec of the dataset; None for a world that is not drawn yet.
        train: its training images; None for a world that is not drawn yet.
        eval: its test images; None if they are not read or not drawn yet.
    """

    train_images: int
    presence: ClassPresence | None = None
    folder: FolderDatasetSpec | None = None
    train: PairedFiles | None = None
    eval: PairedFiles | None = None


@dataclass(frozen=True)
class StepPreview:
    """The classes and images of one step of a stream.

    Attributes:
        title: title such as `step 0`.
        classes: raw ids of the new classes.
        domain: name of the domain that is learned; None if there is only one domain.
        images: number of training images; None before a scan.
        images_shared: how many of them an earlier step trains on too.
        images_per_class: how many of them show each class, in the order of `classes`.
    """

    title: str
    classes: tuple[int, ...] = ()
    domain: str | None = None
    images: int | None = None
    images_shared: int | None = None
    images_per_class: tuple[int, ...] | None = None


@dataclass(frozen=True)
class StreamPreview:
    """The classes and images of all steps of a stream.

    Attributes:
        steps: in order.
        images_unused: number of training images in no step; None if unknown.
    """

    steps: tuple[StepPreview, ...]
    images_unused: int | None = None


class TaskStream(BaseModel, ABC):
    """What changes over time: a sequence of steps, each with something new.

    A kind gives `kind` a literal type and a default, and fills in what is abstract here.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    noun: ClassVar[str] = "step"
    """What one step is called."""
    alternatives: ClassVar[tuple[tuple[str, ...], ...]] = ()
    """Groups of keys that say the same in different ways: one of them leaves out the others of a preset."""
    asks_for_labels: ClassVar[bool] = False
    """Whether images are chosen between two steps, and labelled by people or by an oracle."""

    kind: str

    @property
    @abstractmethod
    def num_steps(self) -> int:
        """Number of steps, the first included."""

    @property
    def classes_per_step(self) -> tuple[tuple[int, ...], ...]:
        """Raw ids that are new at each step; empty if all classes are known from the beginning."""
        return ()

    @property
    def teaches_classes(self) -> bool:
        """Whether classes arrive one step after the other."""
        return bool(self.classes_per_step)

    @property
    def domains_per_step(self) -> tuple[str, ...]:
        """Names of the datasets that are new at each step; empty if they do not arrive one after the other."""
        return ()

    def step_title(self, index: int) -> str:
        """Return the title of a step."""
        return f"{self.noun} {index}"

    @abstractmethod
    def label(self) -> str:
        """Return the stream in a few words, for lists."""

    def datasets(self, main: DatasetSpec) -> Mapping[str, DatasetUse]:
        """Return the datasets by name, in the order in which the stream uses them.

        Args:
            main: the experiment's own dataset; it is returned too, with the pointer `MAIN_POINTER`.
        """
        return {MAIN: DatasetUse(main)}

    def tested_after(self, index: int, main: DatasetSpec) -> tuple[str, ...]:  # noqa: ARG002 - same after each
        """Return the names of the datasets whose test images count after a step."""
        return tuple(name for name, use in self.datasets(main).items() if "eval" in use.splits)

    @property
    def labels_per_step(self) -> tuple[LabelBudget, ...]:
        """The label budget after each step; empty if no round asks for labels."""
        return ()

    def closing_rule(self) -> Completion:
        """Return when a round that people answer ends by itself; by default with its last answer."""
        return Completion()

    def handing_out(self) -> HandOut:
        """Return how the queries of a round are assigned to people; by default to whoever asks."""
        return HandOut()

    def check_against(self, classes: Mapping[str, ClassTable]) -> None:
        """Refuse datasets whose classes do not fit the stream.

        Args:
            classes: class table of each dataset, by name.

        Raises:
            ConfigError: pointing at the culprit.
        """

    def warnings(self, classes: Mapping[str, ClassTable]) -> Iterator[Fault]:  # noqa: ARG002 - none to give
        """Yield what is allowed but looks unintended, with pointers into the document; see `check_against`."""
        yield from ()

    def image_warnings(self, known: Mapping[str, KnownDataset]) -> Iterator[Fault]:  # noqa: ARG002 - none to give
        """Yield what looks unintended about the images, with pointers into the document; see `check_images`."""
        yield from ()

    def check_images(self, known: Mapping[str, KnownDataset]) -> None:
        """Refuse settings that the images cannot satisfy.

        Args:
            known: what is known of each dataset, by name.

        Raises:
            ConfigError: pointing at the culprit.
        """

    @abstractmethod
    def images_per_step(self, known: Mapping[str, KnownDataset]) -> tuple[int, ...] | None:
        """Return the number of training images of each step; None if a scan is needed first.

        If steps choose their images from a pool, the size of the pool is the only entry.
        """

    @abstractmethod
    def preview(self, known: Mapping[str, KnownDataset]) -> StreamPreview:
        """Return the classes and images of each step, as far as they are known."""

    def labelled_at_start(self, folder: FolderDatasetSpec) -> int:  # noqa: ARG002 - nothing is asked
        """Return how many images are labelled before the first query; 0 if that cannot be found out.

        Args:
            folder: folder spec of the experiment's own dataset.
        """
        return 0

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """Publish the alternatives beside the fields, for forms that merge a document into a preset."""
        described = handler.resolve_ref_schema(handler(schema))
        if cls.alternatives:
            described["x-alternatives"] = [list(keys) for keys in cls.alternatives]
        return described


def main_name(uses: Mapping[str, DatasetUse]) -> str:
    """Return the name of the experiment's own dataset among those of a stream."""
    return next(name for name, use in uses.items() if use.is_main)
