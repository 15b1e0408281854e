"""The base of every method's settings. Free of torch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, Field, GetJsonSchemaHandler
from pydantic_core import CoreSchema

from core.engine.sections import ExecutionConfig

if TYPE_CHECKING:
    from core.data.classes import ClassTable
    from core.errors import Fault
    from core.methods.checkpoints import FolderCheckpoint, StageCheckpoint, StoredModel
    from core.streams.base import KnownDataset, TaskStream


class MethodConfig(BaseModel):
    """Base of every method's settings: frozen, and unknown keys are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    lowered_on_divergence: ClassVar[tuple[str, ...]] = ()
    """Settings, such as `optim.lr`, that are to be lowered when the loss has become NaN or infinite."""
    set_on_divergence: ClassVar[tuple[str, ...]] = ()
    """Settings, such as `optim.clip_norm`, that help when they are set."""
    has_published_values: ClassVar[bool] = True
    """Whether the defaults are a publication's values; if so, other values are shown as deviations."""

    execution: ExecutionConfig = Field(default_factory=ExecutionConfig, description="How a stage runs.")

    def settings_after(self, step: int) -> tuple[str, ...]:  # noqa: ARG002 - every setting counts from the beginning
        """Return the settings that no stage up to a step reads, as dotted names; a section stands for all of it.

        Runs that differ only in these settings can share their stages up to the step (EXP-19).
        """
        return ()

    @classmethod
    def advice_on_divergence(cls) -> str:
        """Return what to change if the loss becomes NaN or infinite; empty if the method has no advice."""
        advice = (("lower", cls.lowered_on_divergence), ("set", cls.set_on_divergence))
        return ", or ".join(f"{verb} {' and '.join(names)}" for verb, names in advice if names)

    def check_against(self, classes: ClassTable) -> None:
        """Raise ConfigError if the settings do not fit the dataset's classes."""

    def warnings(self, stream: TaskStream, classes: ClassTable) -> Iterator[Fault]:  # noqa: ARG002 - none to give
        """Yield warnings about settings without effect or probably unintended, with pointers into the document.

        Args:
            stream: task stream of the experiment.
            classes: class table of the experiment's own dataset.
        """
        yield from ()

    def testing_in_words(self, has_background: bool) -> str:  # noqa: ARG002 - no rule to tell of
        """Return in words how models are tested, such as on which part of an image; empty = nothing to say."""
        return ""

    def image_warnings(
        self,
        stream: TaskStream,  # noqa: ARG002 - none to give
        known: Mapping[str, KnownDataset],  # noqa: ARG002
    ) -> Iterator[Fault]:
        """Yield warnings about settings that the images cannot meet, with pointers into the document.

        Args:
            stream: task stream of the experiment.
            known: dataset name -> what is known of its images.
        """
        yield from ()

    def named_checkpoint(self) -> StageCheckpoint | FolderCheckpoint | None:
        """Return the trained model that the settings name; None for a method that trains its own."""
        return None

    def naming(self, checkpoint: StageCheckpoint | FolderCheckpoint) -> Self:  # noqa: ARG002 - names none
        """Return the settings with another trained model named."""
        return self

    def check_model(
        self,
        model: StoredModel,  # noqa: ARG002 - names none
        tables: Mapping[str, ClassTable],  # noqa: ARG002
        known: Mapping[str, KnownDataset],  # noqa: ARG002
        data_home: Path,  # noqa: ARG002
    ) -> list[str]:
        """Refuse datasets that the model which the settings name cannot be tested on.

        Args:
            model: what is known of the model of `named_checkpoint`.
            tables: class table of each dataset, by name.
            known: facts about the images of each dataset, by name.
            data_home: folder of the drawn worlds.

        Returns:
            Names of the model's training datasets that are not on this machine, so that their images could not be
            compared with the test images.

        Raises:
            ConfigError: pointing at the culprit.
        """
        return []

    def model_warnings(
        self,
        model: StoredModel,  # noqa: ARG002 - none to give
        tables: Mapping[str, ClassTable],  # noqa: ARG002
    ) -> Iterator[Fault]:
        """Yield warnings about the model that the settings name and the datasets; see `check_model`."""
        yield from ()

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """Publish how a stage runs behind the method's own settings: a form shows them in this order."""
        published = handler(schema)
        fields = handler.resolve_ref_schema(published)["properties"]
        fields["execution"] = fields.pop("execution")
        return published
