"""Convert rows of runs, stages and attempts into the API's schemas."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from core.methods.catalog import scoring_of
from core.seeding import SeedComponent, derive_seed
from server.db.models import Attempt, Run, Stage
from server.db.states import RunState, StageState
from server.schemas.branches import SharedStage
from server.schemas.experiments import Deviation
from server.schemas.runs import CurrentStage, QueuePlace, RunDetail, RunProgress, RunTimes
from server.schemas.stages import AttemptSummary, StageSummary
from server.services.runs.eta import run_seconds_left
from server.services.runs.lineage import Lineage

DONE_STATES = frozenset({StageState.SUCCEEDED.value, StageState.SKIPPED.value})


class StageLike(Protocol):
    """The columns of a stage that progress needs; a row has them too."""

    @property
    def id(self) -> Any: ...
    @property
    def index(self) -> Any: ...
    @property
    def name(self) -> Any: ...
    @property
    def state(self) -> Any: ...
    @property
    def total_iterations(self) -> Any: ...


class AttemptLike(Protocol):
    """The columns of an attempt that progress needs."""

    @property
    def phase(self) -> Any: ...
    @property
    def iteration(self) -> int | None: ...
    @property
    def total_iterations(self) -> int | None: ...
    @property
    def images_per_second(self) -> Any: ...
    @property
    def seconds_left(self) -> Any: ...


def stage_fraction(state: str, attempt: AttemptLike | None) -> float:
    """Return the finished share of a stage, in [0, 1]."""
    if state in DONE_STATES:
        return 1.0
    if attempt is None or not attempt.total_iterations:
        return 0.0
    return min(1.0, (attempt.iteration or 0) / attempt.total_iterations)


def current_stage(stages: Sequence[StageLike]) -> StageLike | None:
    """Return the first unfinished stage."""
    return next((stage for stage in stages if stage.state not in DONE_STATES), None)


def progress(stages: Sequence[StageLike], attempt: AttemptLike | None) -> RunProgress:
    """Return a run's progress, from its stages and the last attempt at the current stage."""
    current = current_stage(stages)
    done = sum(stage.state in DONE_STATES for stage in stages)
    part = stage_fraction(current.state, attempt) if current is not None else 0.0
    return RunProgress(
        stages=len(stages),
        stages_done=done,
        fraction=(done + part) / len(stages) if stages else 0.0,
        iterations=_iterations(stages, current, attempt),
        total_iterations=_total_iterations(stages),
        current=None if current is None else _current(current, attempt),
    )


def _iterations(stages: Sequence[StageLike], current: StageLike | None, attempt: AttemptLike | None) -> int:
    finished = sum(stage.total_iterations or 0 for stage in stages if stage.state in DONE_STATES)
    return finished + ((attempt.iteration or 0) if current is not None and attempt is not None else 0)


def _total_iterations(stages: Sequence[StageLike]) -> int | None:
    totals = [stage.total_iterations for stage in stages]
    return None if None in totals else sum(totals)


def _current(stage: StageLike, attempt: AttemptLike | None) -> CurrentStage:
    return CurrentStage(
        id=stage.id,
        index=stage.index,
        name=stage.name,
        state=stage.state,
        phase=attempt.phase if attempt else None,
        iteration=attempt.iteration if attempt else None,
        total_iterations=attempt.total_iterations if attempt else None,
        images_per_second=attempt.images_per_second if attempt else None,
        seconds_left=attempt.seconds_left if attempt else None,
    )


def run_detail(
    run: Run, times: RunTimes, place: QueuePlace | None, score_step: int | None, lineage: Lineage
) -> RunDetail:
    """Return a run in full; its stages, attempts and tags must be loaded."""
    experiment = run.experiment
    current = current_stage(run.stages)
    attempts = next((stage.attempts for stage in run.stages if stage is current), [])
    attempt = attempts[-1] if attempts else None
    return RunDetail(
        id=run.id,
        experiment_id=run.experiment_id,
        experiment_name=experiment.name,
        method=experiment.method,
        preset=experiment.preset,
        dataset=experiment.dataset,
        stream=experiment.stream,
        tags=[tag.text for tag in experiment.tags],
        seed=run.seed,
        state=RunState(run.state),
        is_pausing=run.is_pausing,
        reason=run.reason,
        message=run.message,
        progress=progress(run.stages, attempt),
        priority=run.priority,
        queue=place,
        times=times,
        seconds_left=run_seconds_left(run.state, run.stages, attempt, wait=place.seconds if place else None),
        score=run.last_score,
        score_step=score_step,
        best_score=run.best_score,
        score_name=scoring_of(experiment.method).headline.title,
        is_archived=run.is_archived,
        created_at=run.created_at,
        started_at=run.started_at,
        finished_at=run.finished_at,
        digest=experiment.digest,
        preset_version=experiment.preset_version,
        deviations=[Deviation.model_validate(deviation) for deviation in experiment.deviations],
        stages=[StageSummary(**stage_fields(stage, run.seed, lineage.shared.get(stage.id))) for stage in run.stages],
        branched_from=lineage.origin,
        branches=list(lineage.branches),
        imported_from=run.imported_from,
        event_seq=run.event_seq,
        revision=run.revision,
    )


def stage_fields(stage: Stage, seed: int, shared: SharedStage | None) -> dict[str, Any]:
    """Return the fields of a `StageSummary`; the stage's attempts must be loaded."""
    last: Attempt | None = stage.attempts[-1] if stage.attempts else None
    return {
        "id": stage.id,
        "run_id": stage.run_id,
        "index": stage.index,
        "name": stage.name,
        "kind": stage.kind,
        "step": stage.spec["step"],
        "noun": stage.spec["noun"],
        "state": stage.state,
        "reason": stage.reason,
        "message": stage.message,
        "images": stage.spec.get("images"),
        "total_iterations": (last.total_iterations if last else None) or stage.total_iterations,
        "fraction": stage_fraction(stage.state, last),
        "queued_at": stage.queued_at,
        "not_before": stage.not_before,
        "started_at": stage.started_at,
        "finished_at": stage.finished_at,
        "shared": shared,
        "seeds": {part.value: str(derive_seed(seed, stage.index, part)) for part in SeedComponent},
        "attempts": [AttemptSummary.model_validate(attempt) for attempt in stage.attempts],
    }
