"""Parts of a model whose weights never change: a checkpoint names them by digest, and does not copy them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from pydantic import BaseModel, ConfigDict, Field
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from core.errors import StorageError
from core.files import file_sha256


class FrozenWeights(BaseModel):
    """Which weights a frozen part has."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: str
    """Where they come from: the path of a file, or a name that people understand."""
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")


@dataclass(frozen=True)
class FrozenPart:
    """A part of a model, and the weights that it keeps.

    Attributes:
        name: of the submodule, such as `sam.image_encoder`.
        weights: with which it was built.
    """

    name: str
    weights: FrozenWeights

    @classmethod
    def of_file(cls, name: str, path: Path) -> FrozenPart:
        """Return the part that was loaded from a file; raises OSError when it cannot be read."""
        return cls(name, FrozenWeights(source=str(path), sha256=file_sha256(path)))

    def holds(self, entry: str) -> bool:
        """Return whether an entry of the model's state belongs to the part."""
        return entry.startswith(f"{self.name}.")


def check_frozen(model: nn.Module, optimizer: torch.optim.Optimizer, parts: Sequence[FrozenPart]) -> None:
    """Check that frozen parts cannot change.

    Raises:
        ValueError: naming a part whose parameters ask for gradients or are optimised, or whose batch norm learns.
    """
    optimised = {id(parameter) for group in optimizer.param_groups for parameter in group["params"]}
    for part in parts:
        module = model.get_submodule(part.name)
        moving = [name for name, value in module.named_parameters() if value.requires_grad or id(value) in optimised]
        moving += [
            name
            for name, child in module.named_modules()
            if isinstance(child, _BatchNorm) and child.training and child.track_running_stats
        ]
        if moving:
            raise ValueError(
                f"part {part.name!r} is declared frozen, but {moving[0]!r} of it may change; switch its gradients off, "
                "leave it out of the optimiser, and keep its batch norm in evaluation mode"
            )


def without_frozen(state: Mapping[str, Tensor], parts: Sequence[FrozenPart]) -> dict[str, Tensor]:
    """Return the entries of a model's state that belong to no frozen part."""
    return {name: value for name, value in state.items() if not any(part.holds(name) for part in parts)}


def compare_frozen(stored: Mapping[str, FrozenWeights], parts: Sequence[FrozenPart], where: Path) -> None:
    """Check that a model has the frozen weights with which a checkpoint was written.

    Args:
        stored: name of each part -> its weights, as the checkpoint says.
        parts: of the model.
        where: the checkpoint.

    Raises:
        StorageError: naming the part, both digests and the way out.
    """
    built = {part.name: part.weights for part in parts}
    for name in sorted(stored.keys() ^ built.keys()):
        has, lacks = ("checkpoint", "stage") if name in stored else ("stage", "checkpoint")
        raise StorageError(
            f"{where}: part {name!r} is frozen in the {has} and not in the {lacks}; start the stage anew"
        )
    for name, weights in stored.items():
        if weights.sha256 != built[name].sha256:
            raise StorageError(
                f"{where}: its frozen part {name!r} has the weights of {weights.source} with SHA-256 {weights.sha256}, "
                f"but the stage loaded {built[name].source} with SHA-256 {built[name].sha256}; put the first "
                "file back, or start the stage anew"
            )
