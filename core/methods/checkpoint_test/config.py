"""Settings of the test of a trained model. Free of torch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, JsonValue

from core.data.classes import ClassTable
from core.errors import ConfigError, Fault
from core.methods.base import MethodConfig
from core.methods.checkpoint_test.fit import ClassFit, fit_classes, partial_fits, tested_config
from core.methods.checkpoint_test.training_images import require_other_images
from core.methods.checkpoints import FolderCheckpoint, StageCheckpoint, StoredModel
from core.streams.base import KnownDataset


class CheckpointTestConfig(MethodConfig):
    """Settings of the test of a trained model."""

    has_published_values = False

    checkpoint: StageCheckpoint | FolderCheckpoint | None = Field(
        None, description="The trained model: of a stage of a finished run, or in a folder."
    )
    eval: dict[str, JsonValue] = Field(
        default_factory=dict,
        max_length=50,
        description="How to test, where it differs from the training: options of the `eval` section of the model's "
        "method, as in {resolution: native}.",
    )
    missing_classes: Literal["refuse", "ignore"] = Field(
        "refuse",
        description="Refuse test sets that lack a class of the model, or test on the classes that they have.",
    )

    def check_against(self, classes: ClassTable) -> None:  # noqa: ARG002 - whatever the classes
        """Raise ConfigError if no model is named."""
        if self.checkpoint is None:
            raise ConfigError(
                "no trained model is named; give the stage of a finished run, as in {stage: 01HX…}, or a model folder, "
                "as in {folder: runs/…/artifacts/model}",
                "/config/checkpoint",
            )
        if isinstance(self.checkpoint, StageCheckpoint) and not self.checkpoint.files:
            raise ConfigError(
                f"stage {self.checkpoint.stage!r} is one of a service; submit this experiment there, or download the "
                "stage's model and give its folder",
                "/config/checkpoint/stage",
            )

    def named_checkpoint(self) -> StageCheckpoint | FolderCheckpoint | None:
        """Return the trained model that the settings name."""
        return self.checkpoint

    def naming(self, checkpoint: StageCheckpoint | FolderCheckpoint) -> Self:
        """Return the settings with another trained model named."""
        return self.model_copy(update={"checkpoint": checkpoint})

    def check_model(
        self, model: StoredModel, tables: Mapping[str, ClassTable], known: Mapping[str, KnownDataset], data_home: Path
    ) -> list[str]:
        """Check options, classes and images; see `MethodConfig.check_model`."""
        tested_config(model.card, self.eval)
        self.fits(model, tables)
        return list(require_other_images(model.card, known, data_home))

    def model_warnings(self, model: StoredModel, tables: Mapping[str, ClassTable]) -> Iterator[Fault]:
        """Yield a warning for test sets with classes that the model does not know, and the other way round."""
        yield from partial_fits(self.fits(model, tables))

    def fits(self, model: StoredModel, tables: Mapping[str, ClassTable]) -> Mapping[str, ClassFit]:
        """Return how the classes of each test set map to the model's; raise ConfigError if they do not."""
        return fit_classes(model, tables, ignores_missing=self.missing_classes == "ignore")
