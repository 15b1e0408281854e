"""What every method's settings share. Free of torch."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from pydantic import BaseModel, ConfigDict

if TYPE_CHECKING:
    from core.data.classes import ClassTable
    from core.errors import Fault
    from core.streams.base import TaskStream


class MethodConfig(BaseModel):
    """Base of every method's settings: frozen, and unknown keys are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    lowered_on_divergence: ClassVar[tuple[str, ...]] = ()
    """Settings, such as `optim.lr`, that are to be lowered when the loss has become NaN or infinite."""
    set_on_divergence: ClassVar[tuple[str, ...]] = ()
    """Settings, such as `optim.clip_norm`, that help when they are set."""

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
