"""Shared parts of a stage: SAM, the domain's images, tests on all domains, and outputs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, cast

import numpy as np

from core.data.pairing import PairedFiles
from core.data.presence import PRESENCE_DIR, scan_presence
from core.data.specs import SplitRole
from core.data.truths import FOREGROUND
from core.engine.binary_panels import BinaryPanel, save_binary_panel
from core.engine.panel_files import panel_folder
from core.engine.panels import panel_images
from core.errors import ConfigError
from core.methods.promptable.config import PromptableConfig
from core.methods.promptable.evaluation import DomainScores, Predict, Tester
from core.methods.promptable.images import DatasetImages
from core.methods.promptable.model_files import MODEL, StoredModel, load_model
from core.methods.promptable.results import Results, Row, run_scores
from core.metrics.records import write_record
from core.models.parameters import parameter_count
from core.models.sam.feature_store import FeatureStore
from core.models.sam.frozen import FrozenSam, open_sam
from core.seeding import SeedComponent, derive_seed
from core.stage.code_version import code_version
from core.stage.context import StageContext
from core.stage.events import EvaluationRecord, Predictions, Score, Scores, Started
from core.streams.domain_sequence import DomainSequenceStream

FEATURE_DIR = "features"
SPLIT = "test"


@dataclass(frozen=True)
class DomainStep:
    """A stage of a run over domains.

    Attributes:
        context: context of the stage.
        sam: frozen SAM on the device.
    """

    context: StageContext[Any]
    sam: FrozenSam

    @property
    def config(self) -> PromptableConfig:
        """Settings of the stage."""
        config: PromptableConfig = self.context.config
        return config

    @property
    def index(self) -> int:
        """Step of the stream: position of the domain in the order of learning."""
        return self.context.spec.stage.step

    @property
    def stream(self) -> DomainSequenceStream:
        """Task stream of the run."""
        return stream_of(self.context)

    @property
    def domains(self) -> tuple[str, ...]:
        """Names of the domains learned so far, this one included."""
        return self.stream.domains[: self.index + 1]

    @cached_property
    def previous(self) -> StoredModel | None:
        """Model of the previous domain; None for the first domain."""
        return load_model(self.context.inputs[MODEL]) if MODEL in self.context.inputs else None

    @property
    def deviations(self) -> tuple[str, ...]:
        """Deviations from the publication that the config does not show."""
        random = [f"SAM has {self.sam.weights.source}"] if self.config.model.checkpoint is None else []
        return (*random, *(() if self.sam.head else ("the head starts from random weights",)))

    @property
    def head_seed(self) -> int:
        """Seed of a head without a checkpoint; the same for all domains of a run."""
        return derive_seed(self.context.spec.seed, 0, SeedComponent.INIT)

    def split(self, domain: str, role: SplitRole) -> PairedFiles:
        """Return a split of a domain."""
        return cast(PairedFiles, self.context.datasets[domain].splits[role])

    def images(self, domain: str) -> DatasetImages:
        """Return the training images of a domain that have foreground; log the number of the others.

        Raises:
            ConfigError: if no image has foreground.
        """
        dataset = self.split(domain, "train")
        presence = scan_presence(dataset, Path(self.context.spec.data_home) / PRESENCE_DIR)
        indices = np.flatnonzero(presence.pixels[:, FOREGROUND] > 0).tolist()
        empty = len(dataset) - len(indices)
        if not indices:
            raise ConfigError(f"none of the {len(dataset)} training images of {domain} has a foreground", "/stream")
        if empty:
            message = f"{empty} of the {len(dataset)} training images of {domain} have an empty mask, and are left out"
            self.context.events.log("warning", message)
        return DatasetImages(dataset, indices)

    @cached_property
    def tester(self) -> Tester:
        """Tester of this stage's models."""
        options, home = self.config.features, Path(self.context.spec.data_home)
        store = FeatureStore(
            home / FEATURE_DIR,
            options.precision,
            options.limit_mib,
            lambda text: self.context.events.log("warning", text),
        )
        return Tester(self.context, self.sam, store)

    def evaluate(self, predict: Predict, iterations: int) -> Results:
        """Test a model on every domain to be tested after the step, emit the scores, and return all results so far."""
        rows = list(self.previous.results.rows) if self.previous is not None else []
        routes: dict[str, list[int]] = {}
        for domain in self.stream.tested_after(self.index, self._main):
            dataset = self.split(domain, "eval")
            scores = self.tester.test(dataset, range(len(dataset)), predict, iterations)
            self._announce(domain, scores, dataset, iterations)
            self._show(domain, dataset, predict, iterations)
            counts = scores.route_counts(len(self.domains))
            if counts:
                routes[domain] = counts
            rows.append(Row(step=self.index, domain=domain, mask_iou=scores.iou, boundary_iou=scores.biou))
        results = Results(rows=tuple(rows))
        numbers = list(run_scores(results, self.stream.domains, self.stream.extra_names, self.index))
        self.context.events.tell_scores(
            Scores(split=SPLIT, step=self.index, iteration=iterations, scores=numbers, records=self._routing(routes))
        )
        store = self.tester.store
        self.context.events.log("info", f"{store.hits} features were kept, {store.misses} made anew")
        return results

    def _routing(self, routes: Mapping[str, list[int]]) -> list[EvaluationRecord]:
        """Return the table of tested domain and adapter as a file; an empty list without a router."""
        if not routes:
            return []
        content = {"adapters": self.domains, "domains": list(routes), "images": list(routes.values())}
        return [write_record(self.context.folder, "routing", json.dumps(content, indent=1).encode(), ".json")]

    @property
    def _main(self) -> Any:
        return self.context.datasets[self.stream.first].folder

    def _announce(self, domain: str, scores: DomainScores, dataset: PairedFiles, iterations: int) -> None:
        rows = [
            Score(metric="mask_iou", value=scores.iou),
            Score(metric="boundary_iou", value=scores.biou),
            Score(metric="undefined_images", value=float(scores.undefined)),
        ]
        place = self.domains.index(domain) if domain in self.domains else None
        accuracy = None if place is None else scores.accuracy(place)
        if accuracy is not None:
            rows.append(Score(metric="routing_accuracy", value=accuracy))
        record = write_record(self.context.folder, "per_image", scores.table(dataset.ids), ".csv")
        self.context.events.tell_scores(
            Scores(split=SPLIT, domain=domain, step=self.index, iteration=iterations, scores=rows, records=[record])
        )

    def _show(self, domain: str, dataset: PairedFiles, predict: Predict, iterations: int) -> None:
        """Write prediction panels of a few test images, the same after every step."""
        count = self.config.eval.panel_images
        if not count:
            return
        chosen = panel_images(self.context, cast(Any, dataset), [FOREGROUND], count)
        masks = self.tester.masks(dataset, chosen, predict, iterations)
        items = [
            save_binary_panel(
                self.context.folder,
                panel_folder(domain),
                rank,
                BinaryPanel(dataset.ids[image.place], dataset.image(image.place), image.truth, mask),
            )
            for rank, (image, mask, _) in enumerate(masks)
        ]
        classes = dataset.classes
        self.context.events.emit(
            Predictions(
                step=self.index,
                domain=domain,
                kind="binary",
                iteration=iterations,
                background_id=classes.background_id,
                ignore_id=classes.ignore_id,
                items=items,
            )
        )


def open_step(context: StageContext[Any]) -> DomainStep:
    """Return the shared parts of a stage, with SAM on the device.

    Raises:
        ConfigError: if a checkpoint cannot be used, or the stream is of another kind.
    """
    stream_of(context)
    options = context.config.model
    paths = [None if path is None else Path(path) for path in (options.checkpoint, options.head_checkpoint)]
    sam = open_sam(options.backbone, options.early_feature, paths[0], paths[1], options.random_seed)
    sam.sam.to(context.device)
    step = DomainStep(context, sam)
    before = step.previous
    if before is not None and before.record.frozen.sha256 != sam.weights.sha256:
        raise ConfigError(
            f"the domain before was learned beside SAM's weights of {before.record.frozen.source}, and this stage has "
            f"those of {sam.weights.source}; put the first file back, or start the run anew",
            "/config/model/checkpoint",
        )
    return step


def stream_of(context: StageContext[Any]) -> DomainSequenceStream:
    """Return the stage's stream of domains; raise ConfigError if the stream is of another kind."""
    if not isinstance(context.stream, DomainSequenceStream):
        raise ConfigError(
            f"method {context.spec.method!r} learns one domain after the other and cannot follow a stream of kind "
            f"{context.stream.kind!r}; give one of kind 'domain_sequence'",
            "/stream/kind",
        )
    return context.stream


def domain_rate(step: DomainStep) -> float:
    """Return the learning rate of the stage's domain."""
    names = step.stream.names
    rate: float = step.context.config.optim.rate_of(names.index(step.domains[-1]), len(names))
    return rate


def announce_start(step: DomainStep) -> None:
    """Emit the start event of a stage that trains nothing."""
    started = Started(
        device=str(step.context.device),
        code_version=code_version(),
        parameters=parameter_count(step.sam.sam),
        deviations=list(step.deviations),
    )
    step.context.events.emit(started)
