"""What every kind of task stream says of itself. Free of torch.

A kind is a file beside this one and a row in `core.streams.catalog`. Whoever handles a stream asks it through this
base, and never what kind it is.
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
"""Name of an experiment's own dataset, where a stream has no better one."""
MAIN_POINTER = "/dataset"
"""Where an experiment's own dataset stands in its document."""
LabelPurpose = Literal["train", "eval", "oracle"]
"""What the labels of a dataset are needed for: to learn from, to test against, or to answer queries with."""


@dataclass(frozen=True)
class DatasetUse:
    """A dataset of a stream, and what of it is read.

    Attributes:
        spec: of the dataset.
        pointer: JSON pointer of the spec in the experiment's document.
        splits: the splits that are read; no other needs to exist.
        labels: what labels are needed for. With `train` or `eval` every image of that split needs a label file. With
            `oracle` those of the training split do, and the stream says so in words of its own.
        counts_classes: whether the stream must know which classes its training images show before it is planned.
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
        """Splits of which every image needs a label file."""
        return tuple(split for split in self.splits if split in self.labels)


@dataclass(frozen=True)
class KnownDataset:
    """What is known of a dataset's training images without reading one.

    Attributes:
        train_images: how many there are.
        presence: which classes they show; None before a scan.
        folder, train: where they lie; None for a world that is not drawn yet.
        eval: the test images, where they are read and lie somewhere.
    """

    train_images: int
    presence: ClassPresence | None = None
    folder: FolderDatasetSpec | None = None
    train: PairedFiles | None = None
    eval: PairedFiles | None = None


@dataclass(frozen=True)
class StepPreview:
    """What one step of a stream takes from the data.

    Attributes:
        title: such as `step 0`.
        classes: raw ids that are new.
        domain: name of the domain that is learned; None where there is one domain only.
        images: training images; None before a scan.
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
    """What a stream takes from the data.

    Attributes:
        steps: in order.
        images_unused: training images of no step; None where that is not known.
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
        """Raw ids that are new at each step; empty where all classes are known from the beginning."""
        return ()

    @property
    def teaches_classes(self) -> bool:
        """Whether classes arrive one step after the other."""
        return bool(self.classes_per_step)

    @property
    def domains_per_step(self) -> tuple[str, ...]:
        """Names of the datasets that are new at each step; empty where they do not arrive one after the other."""
        return ()

    def step_title(self, index: int) -> str:
        """Return what people call a step."""
        return f"{self.noun} {index}"

    @abstractmethod
    def label(self) -> str:
        """Return the stream in a few words, for lists."""

    def datasets(self, main: DatasetSpec) -> Mapping[str, DatasetUse]:
        """Return the datasets by name, in the order in which they are met.

        Args:
            main: the experiment's own dataset; one of those returned, with the pointer `MAIN_POINTER`.
        """
        return {MAIN: DatasetUse(main)}

    def tested_after(self, index: int, main: DatasetSpec) -> tuple[str, ...]:  # noqa: ARG002 - same after each
        """Return the names of the datasets whose test images count after a step."""
        return tuple(name for name, use in self.datasets(main).items() if "eval" in use.splits)

    @property
    def labels_per_step(self) -> tuple[LabelBudget, ...]:
        """What is labelled after each step, by step; empty where no round asks for labels."""
        return ()

    def closing_rule(self) -> Completion:
        """Return when a round that people answer ends by itself; with its last answer, where nothing else is said."""
        return Completion()

    def handing_out(self) -> HandOut:
        """Return how the queries of a round come to people: to whoever asks, where nothing else is said."""
        return HandOut()

    def check_against(self, classes: Mapping[str, ClassTable]) -> None:
        """Refuse datasets that cannot teach what the stream wants.

        Args:
            classes: class table of each dataset, by name.

        Raises:
            ConfigError: pointing at the culprit.
        """

    def warnings(self, classes: Mapping[str, ClassTable]) -> Iterator[Fault]:  # noqa: ARG002 - none to give
        """Yield what is allowed but looks unintended, with pointers into the document; see `check_against`."""
        yield from ()

    def check_images(self, known: Mapping[str, KnownDataset]) -> None:
        """Refuse what the images cannot give.

        Args:
            known: what is known of each dataset, by name.

        Raises:
            ConfigError: pointing at the culprit.
        """

    @abstractmethod
    def images_per_step(self, known: Mapping[str, KnownDataset]) -> tuple[int, ...] | None:
        """Return what a plan may know of the images; None where a scan is needed first.

        It is the number of training images of each step, or that of the pool alone where steps choose from it.
        """

    @abstractmethod
    def preview(self, known: Mapping[str, KnownDataset]) -> StreamPreview:
        """Return what each step takes from the data, as far as it is known."""

    def labelled_at_start(self, folder: FolderDatasetSpec) -> int:  # noqa: ARG002 - nothing is asked
        """Return how many images are labelled before anything is asked; 0 where that cannot be found out.

        Args:
            folder: of the experiment's own dataset.
        """
        return 0

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """Publish the alternatives beside the fields, for forms that lay a document over a preset."""
        described = handler.resolve_ref_schema(handler(schema))
        if cls.alternatives:
            described["x-alternatives"] = [list(keys) for keys in cls.alternatives]
        return described


def main_name(uses: Mapping[str, DatasetUse]) -> str:
    """Return the name of the experiment's own dataset among those of a stream."""
    return next(name for name, use in uses.items() if use.is_main)
