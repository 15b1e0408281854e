"""Expand a matrix of methods, overrides and seeds into experiments, and start their runs (EXP-6)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.errors import Fault
from server.db.lifecycle import Cause
from server.db.models import Experiment, Run
from server.errors import InvalidRequestError
from server.schemas.experiments import ExperimentLabels
from server.schemas.run_matrix import (
    MAX_RUNS,
    MatrixExperiment,
    MatrixMethod,
    MatrixOverride,
    MatrixResult,
    MatrixRun,
    RunMatrix,
)
from server.services.experiments import experiments
from server.services.experiments.check import DOCUMENT, CheckedExperiment
from server.services.experiments.warnings import warnings_of
from server.services.runs import runs

MAX_NAME = 200

Check = Callable[[Mapping[str, Any]], CheckedExperiment]
"""Checks a document; raises InvalidRequestError."""


@dataclass(frozen=True)
class Cell:
    """One method with one override.

    Attributes:
        pointer: where in the request it comes from.
        name: name of its experiment.
        override: name of the override; None without one.
        checked: the checked document.
    """

    pointer: str
    name: str
    override: str | None
    checked: CheckedExperiment


def expand(matrix: RunMatrix, check: Check) -> list[Cell]:
    """Return the experiments of a matrix, checked; equal matrices give equal experiments in equal order.

    Args:
        matrix: the request.
        check: `check_document` with the service's settings.

    Raises:
        InvalidRequestError: for more than MAX_RUNS runs, for every fault of a document, and for two cells with the
            same configuration.
    """
    pairs = list(_pairs(matrix))
    _require_some(matrix, pairs)
    count = len(pairs) * len(matrix.seeds)
    if count > MAX_RUNS:
        raise InvalidRequestError.of_body(
            f"the matrix has {len(pairs)} experiments with {len(matrix.seeds)} seeds each, {count} runs in all; "
            f"at most {MAX_RUNS} are started at once",
            "too_many_runs",
        )
    cells, faults = [], []
    for place, method, override in pairs:
        try:
            cells.append(_cell(place, method, override, check))
        except InvalidRequestError as error:
            faults += [_placed(place, override, entry.pointer, entry.message, entry.code) for entry in error.errors]
    faults = faults or list(_equal(cells))
    if faults:
        raise InvalidRequestError.of_faults(faults)
    return cells


def dry_run(session: Session, matrix: RunMatrix, cells: Sequence[Cell]) -> MatrixResult:
    """Return the expanded matrix, and create nothing."""
    shown = [_shown(session, matrix, cell) for cell in cells]
    return MatrixResult(is_dry_run=True, count=len(cells) * len(matrix.seeds), seeds=matrix.seeds, experiments=shown)


def start(session: Session, matrix: RunMatrix, cells: Sequence[Cell], *, cause: Cause) -> MatrixResult:
    """Store the experiments of a matrix, and start their runs seed by seed, so that early results cover all cells."""
    result = dry_run(session, matrix, cells)
    stored = []
    for cell, shown in zip(cells, result.experiments, strict=True):
        labels = ExperimentLabels(name=cell.name, tags=matrix.tags, notes=matrix.notes)
        experiment = experiments.create(session, cell.checked, labels)
        shown.experiment_id = experiment.id
        stored.append(experiment)
    for seed in matrix.seeds:
        for experiment, shown in zip(stored, result.experiments, strict=True):
            (run,) = runs.start(session, experiment, seeds=[seed], cause=cause, priority=matrix.priority)
            shown.runs.append(MatrixRun(id=run.id, seed=seed))
    result.is_dry_run = False
    return result


Pair = tuple[int, MatrixMethod, tuple[int, MatrixOverride] | None]


def _pairs(matrix: RunMatrix) -> Iterator[Pair]:
    """Yield (place of the method, method, place and override) of every cell."""
    for place, method in enumerate(matrix.methods):
        if not matrix.overrides:
            yield place, method, None
        for number, override in enumerate(matrix.overrides):
            if override.only is None or _method_of(method) in override.only:
                yield place, method, (number, override)


def _require_some(matrix: RunMatrix, pairs: Sequence[Pair]) -> None:
    used = {place for place, _, _ in pairs}
    known = {_method_of(method) for method in matrix.methods}
    faults = [
        Fault(f"/methods/{place}", "no override is for this method; give one without `only`, or with it", "no_override")
        for place in range(len(matrix.methods))
        if place not in used
    ]
    for number, override in enumerate(matrix.overrides):
        for name in override.only or ():
            if name not in known:
                message = f"{name!r} is no method of the matrix; it has {', '.join(sorted(known))}"
                faults.append(Fault(f"/overrides/{number}/only", message, "unknown_method"))
    if faults:
        raise InvalidRequestError.of_faults(faults)


def _method_of(method: MatrixMethod) -> str:
    named = (method.document or {}).get("method")
    return str(named) if method.preset is None else method.preset.partition("/")[0]


def _cell(place: int, method: MatrixMethod, override: tuple[int, MatrixOverride] | None, check: Check) -> Cell:
    document = method.document or {"method": _method_of(method), "preset": method.preset}
    values = {} if override is None else override[1].values
    checked = check(_laid_over(document, values))
    name = method.name or checked.resolved.preset or checked.resolved.method
    full = name if override is None else f"{name}, {override[1].name}"
    return Cell(_pointer(place, override), full[:MAX_NAME], None if override is None else override[1].name, checked)


def _laid_over(document: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """Return a document with values at their dotted paths."""
    merged: dict[str, Any] = deepcopy(dict(document))
    for path, value in values.items():
        *parts, last = path.split(".")
        inner = merged
        for part in parts:
            known = inner.get(part)
            inner[part] = known if isinstance(known, dict) else {}
            inner = inner[part]
        inner[last] = value
    return merged


def _pointer(place: int, override: tuple[int, MatrixOverride] | None) -> str:
    return f"/methods/{place}" if override is None else f"/overrides/{override[0]}"


def _placed(place: int, override: tuple[int, MatrixOverride] | None, pointer: str, message: str, code: str) -> Fault:
    """Return a fault of a cell's document, at the override that sets the value, or else at the method."""
    inner = pointer.removeprefix(DOCUMENT)
    if override is not None:
        path = next((path for path in override[1].values if inner.startswith(f"/{path.replace('.', '/')}")), None)
        if path is not None:
            escaped = path.replace("~", "~0").replace("/", "~1")
            return Fault(f"/overrides/{override[0]}/values/{escaped}", f"method {place}: {message}", code)
    return Fault(f"/methods/{place}/document{inner}", message, code)


def _equal(cells: Sequence[Cell]) -> Iterator[Fault]:
    """Yield the cells that resolve to the configuration of an earlier one."""
    first: dict[str, Cell] = {}
    for cell in cells:
        known = first.setdefault(cell.checked.resolved.digest(), cell)
        if known is not cell:
            message = f"{cell.name!r} is the same configuration as {known.name!r}; equal seeds would give equal runs"
            yield Fault(cell.pointer, message, "equal_cells")


def _shown(session: Session, matrix: RunMatrix, cell: Cell) -> MatrixExperiment:
    resolved, plan = cell.checked.resolved, cell.checked.plan
    totals = [stage.total_iterations for stage in plan]
    known = [total for total in totals if total is not None]
    digest = resolved.digest()
    present = (
        select(Run.seed)
        .join(Experiment, Experiment.id == Run.experiment_id)
        .where(Experiment.digest == digest, Run.deleted_at.is_(None), Run.seed.in_(matrix.seeds))
    )
    return MatrixExperiment(
        name=cell.name,
        method=resolved.method,
        preset=resolved.preset,
        override=cell.override,
        digest=digest,
        stages=len(plan),
        iterations=sum(known) if len(known) == len(totals) else None,
        present_seeds=sorted(set(session.scalars(present))),
        warnings=warnings_of(cell.checked, []),
        experiment_id=None,
        runs=[],
    )
