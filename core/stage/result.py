"""The result of a method's stage function. Free of torch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from core.stage.context import C, StageContext


@dataclass(frozen=True)
class StageResult:
    """Outputs of a stage: name -> path relative to the stage folder, a file or a folder of files."""

    outputs: Mapping[str, str]


StageFunction = Callable[[StageContext[C]], StageResult]
