"""The test of a trained model on any data: nothing is learned."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from core.data.classes import ClassTable
from core.data.opening import OpenedDataset
from core.data.pairing import PairedFiles
from core.dotted import load_dotted
from core.engine.panel_files import panel_folder
from core.engine.panels import save_panel
from core.engine.precision import resolve_precision
from core.engine.tested_model import ModelSource, TestedModel, TestedOn
from core.methods.checkpoint_test.config import CheckpointTestConfig
from core.methods.checkpoint_test.fit import ClassFit, checkpoint_test_of, partial_fits, tested_config
from core.methods.checkpoint_test.testing import Matrix, Said, SetTest, panel_key
from core.methods.checkpoints import FolderCheckpoint, StoredModel, read_model
from core.metrics.records import write_confusion
from core.metrics.score_rows import domain_rows
from core.stage.card import MODEL_OUTPUT
from core.stage.context import StageContext
from core.stage.events import Predictions, Progress, Scores
from core.stage.result import StageFunction, StageResult
from core.stage.spec import StageKind
from core.streams.known import known_of

SPLIT = "val"
TIMES_SAID = 50
"""Most progress events of a test set."""


def test_model(context: StageContext[CheckpointTestConfig]) -> StageResult:
    """Test the model on every test set, each with scores, a confusion matrix and predictions to look at.

    Raises:
        ConfigError: if the model cannot be tested so, its classes do not map to those of a test set, or it was
            trained on test images.
        DataError: if no image of a test set shows a class of the model.
        StorageError: if the model is damaged, or not the one that was asked for.
        StageInterrupted: if the stage was asked to stop.
    """
    config = context.config
    folder = model_folder(context)
    named = config.checkpoint
    stored = read_model(folder, named.sha256 if isinstance(named, FolderCheckpoint) else None)
    fits = _checked(context, stored)
    model = open_model(context, folder, stored)
    first = next(iter(context.datasets.values())).classes
    for name, opened in context.datasets.items():
        on = TestedOn(name, opened.classes.background_id is not None)
        dtype = resolve_precision(config.execution.precision, context.device)
        test = SetTest(context, model, opened.eval, on, fits[name], dtype)
        matrix = test.confusion(_progress_of(context, name))
        # Panels come first: a reader who receives the scores must find the panels.
        _show(context, test, first)
        _tell(context, test, matrix)
    return StageResult(outputs={})


def model_folder(context: StageContext[CheckpointTestConfig]) -> Path:
    """Return the folder of the model: the stage's input, or the folder that the config names."""
    if MODEL_OUTPUT in context.inputs:
        return context.inputs[MODEL_OUTPUT]
    named = context.config.checkpoint
    assert isinstance(named, FolderCheckpoint), "a stored model is an input of the stage"
    return Path(named.folder)


def open_model(context: StageContext[CheckpointTestConfig], folder: Path, stored: StoredModel) -> TestedModel:
    """Return the network, with the options of this test laid over those of its training."""
    dtype = resolve_precision(context.config.execution.precision, context.device)
    options = tested_config(stored.card, context.config.eval)
    opened: TestedModel = load_dotted(checkpoint_test_of(stored.card).opens)(
        ModelSource(folder, stored.card, options, context.device, dtype)
    )
    return opened


def _checked(context: StageContext[CheckpointTestConfig], stored: StoredModel) -> Mapping[str, ClassFit]:
    """Return how the classes map; refuse what cannot be tested, and log what looks unintended."""
    events, card, config = context.events, stored.card, context.config
    events.log("info", f"tests the model of {card.stage_title}, run {card.run_id}, seed {card.seed}")
    tables = {name: opened.classes for name, opened in context.datasets.items()}
    datasets: Mapping[str, OpenedDataset[PairedFiles]] = context.datasets  # type: ignore[assignment] # as it opens them
    known = {name: known_of(opened) for name, opened in datasets.items()}
    for learned in config.check_model(stored, tables, known, Path(context.spec.data_home)):
        events.log("info", f"the training images {learned} are not on this machine; test images were not compared")
    fits = config.fits(stored, tables)
    for fault in partial_fits(fits):
        events.log("warning", fault.message)
    return fits


def _progress_of(context: StageContext[CheckpointTestConfig], name: str) -> Said:
    place, names = list(context.datasets).index(name), list(context.datasets)
    told = 0

    def said(done: int, total: int) -> None:
        nonlocal told
        if done * TIMES_SAID // total > told:
            told = done * TIMES_SAID // total
            # Each test set counts as much as the others: their sizes are known one after the other.
            fraction = (place + done / total) / len(names)
            context.events.emit(Progress(phase=f"testing {name}", iteration=round(fraction * 1000), total=1000))

    return said


def _show(context: StageContext[CheckpointTestConfig], test: SetTest, first: ClassTable) -> None:
    if test.model.panel_images == 0:
        return
    key, name = panel_key(test.fit, first), test.on.name
    items = [
        save_panel(context.folder, panel_folder(name), rank, panel, key) for rank, panel in enumerate(test.panels())
    ]
    context.events.emit(
        Predictions(
            step=context.spec.stage.step,
            domain=name,
            iteration=test.model.iteration,
            background_id=first.background_id if test.fit.has_background else None,
            ignore_id=first.ignore_id,
            items=items,
        )
    )


def _tell(context: StageContext[CheckpointTestConfig], test: SetTest, matrix: Matrix) -> None:
    ids = test.fit.class_ids
    context.events.tell_scores(
        Scores(
            split=SPLIT,
            domain=test.on.name,
            step=context.spec.stage.step,
            iteration=test.model.iteration,
            scores=list(domain_rows(matrix, ids, test.fit.counted)),
            records=[write_confusion(context.folder, ids, matrix)],
        )
    )


STAGES: Mapping[StageKind, StageFunction[CheckpointTestConfig]] = {StageKind.EVALUATE: test_model}
