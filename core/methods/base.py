"""What every method's settings share. Free of torch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field, GetJsonSchemaHandler
from pydantic_core import CoreSchema

from core.engine.sections import ExecutionConfig

if TYPE_CHECKING:
    from core.data.classes import ClassTable
    from core.errors import Fault
    from core.streams.base import KnownDataset, TaskStream


class MethodConfig(BaseModel):
    """Base of every method's settings: frozen, and unknown keys are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    lowered_on_divergence: ClassVar[tuple[str, ...]] = ()
    """Settings, such as `optim.lr`, that are to be lowered when the loss has become NaN or infinite."""
    set_on_divergence: ClassVar[tuple[str, ...]] = ()
    """Settings, such as `optim.clip_norm`, that help when they are set."""

    execution: ExecutionConfig = Field(default_factory=ExecutionConfig, description="How a stage runs.")

    @classmethod
    def advice_on_divergence(cls) -> str:
        """Return what to change when the loss has become NaN or infinite; empty where the method knows nothing."""
        advice = (("lower", cls.lowered_on_divergence), ("set", cls.set_on_divergence))
        return ", or ".join(f"{verb} {' and '.join(names)}" for verb, names in advice if names)

    def check_against(self, classes: ClassTable) -> None:
        """Raise ConfigError when the settings do not go with a dataset's classes."""

    def warnings(self, stream: TaskStream, classes: ClassTable) -> Iterator[Fault]:  # noqa: ARG002 - none to give
        """Yield what is allowed but does nothing, or looks unintended, with pointers into the document.

        Args:
            stream: of the experiment.
            classes: of the experiment's own dataset.
        """
        yield from ()

    def testing_in_words(self, has_background: bool) -> str:  # noqa: ARG002 - no rule to tell of
        """Return in words how models are tested, such as on which part of an image; empty for nothing to tell."""
        return ""

    def image_warnings(
        self,
        stream: TaskStream,  # noqa: ARG002 - none to give
        known: Mapping[str, KnownDataset],  # noqa: ARG002
    ) -> Iterator[Fault]:
        """Yield what the settings ask of the images in vain, with pointers into the document.

        Args:
            stream: of the experiment.
            known: what is known of the images of each of its datasets, by name.
        """
        yield from ()

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """Publish how a stage runs behind the method's own settings: a form shows them in this order."""
        published = handler(schema)
        fields = handler.resolve_ref_schema(published)["properties"]
        fields["execution"] = fields.pop("execution")
        return published
