"""What every method's settings share. Free of torch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

if TYPE_CHECKING:
    from core.data.classes import ClassTable


class MethodConfig(BaseModel):
    """Base of every method's settings: frozen, and unknown keys are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    def check_against(self, classes: ClassTable) -> None:
        """Raise ConfigError when the settings do not go with a dataset's classes."""
