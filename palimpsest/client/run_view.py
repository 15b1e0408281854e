"""The progress of a run, updated from its events; drawing is elsewhere."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from palimpsest.client.models import SNAPSHOT_TYPES, FeedEvent, Run, Stage, StepTable

LOSS_KEY = "loss"


@dataclass
class StageView:
    """The displayed data of one stage.

    Attributes:
        name: position in the run, and name.
        state: state of the stage.
        attempt: number of the newest attempt; 0 before the first.
        phase: current activity, such as `train`.
        iteration, total: reported progress; None before the first report.
        loss: mean loss since the last report.
        images_per_second, seconds_left: last reported values.
        memory_items: instances in the replay memory after the stage.
        is_tested: whether the stage's model was tested.
        score: headline score; None if it is undefined, or nothing was tested yet.
    """

    id: str
    name: str
    state: str
    attempt: int = 0
    phase: str | None = None
    iteration: int | None = None
    total: int | None = None
    loss: float | None = None
    images_per_second: float | None = None
    seconds_left: float | None = None
    memory_items: int | None = None
    is_tested: bool = False
    score: float | None = None

    @property
    def fraction(self) -> float:
        """Finished share of the stage, in [0, 1]."""
        if self.state in ("succeeded", "skipped"):
            return 1.0
        return min(1.0, (self.iteration or 0) / self.total) if self.total else 0.0


@dataclass
class RunView:
    """The displayed data of a run.

    Attributes:
        id: id of the run.
        state: state of the run.
        message: reason for failure or cancellation.
        score_name: name of the stages' scores.
        stages: stages in order.
        last_log: the newest line of the log.
    """

    id: str
    title: str
    state: str
    message: str | None
    score_name: str
    stages: list[StageView] = field(default_factory=list)
    last_log: str = ""

    @classmethod
    def of(cls, run: Run, scores: StepTable | None = None) -> RunView:
        """Return the view of a run from the service, with the scores of its tested stages."""
        stages = [_stage_view(stage) for stage in run.stages]
        tested = {row.stage_id: row.score for row in scores.steps} if scores is not None else {}
        for stage in stages:
            stage.is_tested, stage.score = stage.id in tested, tested.get(stage.id)
        title = f"{run.experiment_name}, seed {run.seed}"
        return cls(run.id, title, run.state, run.message, run.score_name, stages)

    def apply(self, event: FeedEvent) -> None:
        """Apply one event; event types that are not shown change nothing."""
        payload = event.payload
        if event.type in SNAPSHOT_TYPES:
            self._restart(Run.model_validate(payload["run"]))
        elif event.type == "state":
            self.state, self.message = payload["state"], payload.get("message")
        elif event.type == "end":
            self.state = payload["state"]
        elif event.type == "log" and payload["lines"]:
            self.last_log = payload["lines"][-1]["text"]
        elif event.type in _OF_STAGE:
            stage = next((stage for stage in self.stages if stage.id == payload["stage_id"]), None)
            if stage is not None:
                _OF_STAGE[event.type](stage, payload)

    def _restart(self, run: Run) -> None:
        known = {stage.id: stage for stage in self.stages}
        self.state, self.message = run.state, run.message
        self.stages = [_stage_view(stage, known.get(stage.id)) for stage in run.stages]


def _stage_view(stage: Stage, known: StageView | None = None) -> StageView:
    view = StageView(stage.id, f"{stage.index} {stage.name}", stage.state, total=stage.total_iterations)
    if known is not None:
        view.loss, view.memory_items = known.loss, known.memory_items
        view.is_tested, view.score = known.is_tested, known.score
    if stage.attempts:
        newest = stage.attempts[-1]
        view.attempt, view.phase, view.iteration = newest.number, newest.phase, newest.iteration
        view.images_per_second, view.seconds_left = newest.images_per_second, newest.seconds_left
    return view


def _stage_changed(stage: StageView, payload: dict[str, Any]) -> None:
    stage.state = payload["state"]
    stage.attempt = payload.get("attempt") or stage.attempt


def _progressed(stage: StageView, payload: dict[str, Any]) -> None:
    stage.phase, stage.iteration, stage.total = payload["phase"], payload["iteration"], payload["total"]
    stage.images_per_second, stage.seconds_left = payload["images_per_second"], payload["seconds_left"]


def _measured(stage: StageView, payload: dict[str, Any]) -> None:
    losses = [point["value"] for point in payload["points"] if point["key"] == LOSS_KEY]
    if losses:
        stage.loss = float(losses[-1])


def _scored(stage: StageView, payload: dict[str, Any]) -> None:
    if "run_score" in payload:  # not in events of an older version
        stage.is_tested, stage.score = True, payload["run_score"]


def _remembered(stage: StageView, payload: dict[str, Any]) -> None:
    stage.memory_items = payload["items"]


_OF_STAGE = {
    "stage": _stage_changed,
    "progress": _progressed,
    "metric": _measured,
    "score": _scored,
    "memory": _remembered,
}
"""Event type -> function that updates the event's stage."""
