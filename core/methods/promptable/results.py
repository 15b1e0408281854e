"""Test results after each domain: the table of step and domain, and the summary scores (CoSAM 7.2)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, ValidationError

from core.errors import StorageError
from core.files import write_atomically
from core.methods.promptable.evaluation import mean_of
from core.metrics.domain_sequence import SequenceSummary, summarise_sequence
from core.stage.events import MaybeNumber, Score

RESULTS_FILE = "results.json"
METRICS: Mapping[str, str] = {"mask_iou": "iou", "boundary_iou": "biou"}
"""Metric of a domain -> suffix of the run's summary scores."""


class Row(BaseModel):
    """Scores of one domain after one step."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    step: int
    domain: str
    mask_iou: MaybeNumber
    boundary_iou: MaybeNumber


class Results(BaseModel):
    """All that was tested so far in a run; handed on from stage to stage."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_version: Literal[1] = 1
    rows: tuple[Row, ...] = ()

    def table(self, metric: str, domains: Sequence[str], steps: int) -> np.ndarray:
        """Return the (steps, D) table of a metric; NaN = undefined or not measured."""
        found = np.full((steps, len(domains)), np.nan)
        for row in self.rows:
            value = getattr(row, metric)
            if row.domain in domains and row.step < steps and value is not None:
                found[row.step, domains.index(row.domain)] = value
        return found

    def save(self, folder: Path) -> None:
        """Write `results.json`."""
        write_atomically(folder / RESULTS_FILE, self.model_dump_json(indent=1).encode())


def load_results(folder: Path) -> Results:
    """Read `results.json`; raise StorageError if it cannot be read."""
    path = folder / RESULTS_FILE
    try:
        return Results.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise StorageError(f"{path}: cannot be read as results: {error}") from error


def run_scores(results: Results, domains: Sequence[str], extra: Sequence[str], step: int) -> Iterator[Score]:
    """Yield a run's summary scores after a step: last, average, ff, ff_max, learning and natural, for both metrics.

    Args:
        results: results of this and all earlier steps.
        domains: domains in the order of learning.
        extra: domains that are tested but never learned; their mean is `natural`.
        step: the step after which to score.
    """
    learned = domains[: step + 1]
    for metric, ending in METRICS.items():
        summary = _summary(results, metric, learned)
        values = {
            "last": summary.last,
            "average": summary.average,
            "ff": summary.ff,
            "ff_max": summary.ff_max,
            "learning": summary.learning,
        }
        if extra:
            last = results.table(metric, extra, step + 1)[step]
            values["natural"] = mean_of(None if np.isnan(value) else float(value) for value in last)
        for name, value in values.items():
            yield Score(metric=f"{name}_{ending}", value=value)


def _summary(results: Results, metric: str, learned: Sequence[str]) -> SequenceSummary:
    """Return the summary of a table. A run that learned all domains at once has only final scores."""
    table = results.table(metric, learned, len(learned))
    summary = summarise_sequence(table)
    if {row.step for row in results.rows} >= set(range(len(learned))):
        return summary
    return SequenceSummary(summary.last, None, None, None, None)
