"""Terminal tables of runs: progress, and learning and forgetting."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from rich.console import Group, RenderableType
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from palimpsest.client.models import RunSummary, StepColumn, StepRow, StepTable
from palimpsest.client.run_view import RunView, StageView

_STATE_STYLES = {"succeeded": "green", "running": "cyan", "failed": "red", "cancelled": "yellow", "pending": "dim"}
UNDEFINED = "undefined"
"""Shown instead of a score when no ground truth exists to measure it."""
_NOT_MEASURED = "–"
_GROUP_NAMES = {"all": "all classes", "old": "old classes", "new": "new classes"}
_WORST_DROP = 0.1
"""A class that lost more than this since it was learned is red."""


def progress_table(view: RunView) -> RenderableType:
    """Return a table of a run's stages with bar, loss, speed and time left."""
    table = Table(box=None, pad_edge=False, title=view.title, title_justify="left", title_style="bold")
    for heading in ("stage", "state", "", "iteration", "loss", "images/s", "left", view.score_name):
        table.add_column(heading, justify="left" if heading in {"stage", "state", ""} else "right", min_width=6)
    for stage in view.stages:
        table.add_row(
            stage.name,
            Text(stage_state(stage), style=_STATE_STYLES.get(stage.state, "")),
            ProgressBar(total=1.0, completed=stage.fraction, width=24),
            "" if stage.total is None else f"{stage.iteration or 0}/{stage.total}",
            number(stage.loss, 3),
            number(stage.images_per_second, 0),
            duration(stage.seconds_left) if stage.state == "running" else "",
            score_text(stage.score, 3) if stage.is_tested else "",
        )
    return Group(table, Text(view.last_log, style="dim", no_wrap=True, overflow="ellipsis"))


def stage_state(stage: StageView) -> str:
    """Return a stage's state, its activity, and its attempt if that is not the first."""
    doing = f"{stage.state}: {stage.phase}" if stage.state == "running" and stage.phase else stage.state
    return f"{doing}, attempt {stage.attempt}" if stage.attempt > 1 else doing


def step_table(scores: StepTable) -> RenderableType:
    """Return step × class: the IoU after each step, and in brackets its change since the class was learned.

    Below it come the means of each metric, and step × domain if several domains were tested.
    """
    if not scores.classes:
        return Group(*_means_alone(scores), *_by_domain(scores))
    table = Table(box=None, pad_edge=False)
    table.add_column("learned at")
    table.add_column("class")
    for row in scores.steps:
        table.add_column(f"after {_step_title(scores, row.step)}", justify="right")
    for index, column in _by_step(scores.classes):
        learned = "every step" if column.step_learned is None else f"step {column.step_learned}"
        table.add_row(learned, column.name, *(_cell(row, index) for row in scores.steps))
    table.add_section()
    for mean in scores.means:
        if mean.group not in _GROUP_NAMES:
            continue
        cells = zip(mean.values, mean.is_undefined, strict=True)
        table.add_row(mean.metric, _GROUP_NAMES[mean.group], *(_mean_cell(*cell) for cell in cells))
    table.add_row("forgetting", "", *(_mean_cell(row.forgetting, False) for row in scores.steps))
    place = "" if scores.domain is None else f" in {scores.domain}"
    caption = Text(f"IoU{place} after each step; in brackets the change since the class was learned", style="bold")
    return Group(caption, table, *_by_domain(scores))


def _means_alone(scores: StepTable) -> Iterator[RenderableType]:
    """Yield the means of a run that is not scored by class, with their metric and group."""
    table = Table(box=None, pad_edge=False)
    table.add_column("mean")
    for row in scores.steps:
        table.add_column(f"after {_step_title(scores, row.step)}", justify="right")
    table.add_column("")
    for mean in scores.means:
        cells = zip(mean.values, mean.is_undefined, strict=True)
        table.add_row(mean.metric, *(_mean_cell(*cell) for cell in cells), Text(mean.title, style="dim"))
    yield table


def _step_title(scores: StepTable, step: int) -> str:
    """Return a title such as `step 1`.

    If no class is scored and each step learns one domain, return the domain's name. A single stage that comes late has
    learned, or only tested, all of them: return `all domains`.
    """
    learned = [domain.name for domain in scores.domains if domain.step_learned == step]
    if scores.classes or len(learned) != 1:
        return f"step {step}"
    return "all domains" if len(scores.steps) == 1 and step > 0 else learned[0]


def _by_domain(scores: StepTable) -> Iterator[RenderableType]:
    for matrix in scores.matrices:
        if matrix.by != "domain" or len(matrix.columns) < 2:
            continue
        table = Table(box=None, pad_edge=False)
        table.add_column("after")
        for column in matrix.columns:
            table.add_column(column.key, justify="right")
        for row in matrix.rows:
            cells = zip(row.values, row.is_undefined, strict=True)
            shown = (UNDEFINED if undefined else number(value, 2) or _NOT_MEASURED for value, undefined in cells)
            table.add_row(_step_title(scores, row.step), *shown)
        yield Text(f"{matrix.metric} by domain", style="bold")
        yield table


def runs_table(runs: Iterable[RunSummary]) -> Table:
    """Return a table of runs; if their scores have different names, each score shows its name."""
    runs = list(runs)
    names = {run.score_name for run in runs}
    heading_of_score = names.pop() if len(names) == 1 else "score"
    table = Table(box=None, pad_edge=False)
    for heading in ("id", "experiment", "seed", "state", "done", heading_of_score, "created"):
        is_number = heading in {"seed", "done", heading_of_score}
        table.add_column(heading, justify="right" if is_number else "left", no_wrap=True)
    for run in runs:
        table.add_row(
            run.id,
            run.experiment_name,
            str(run.seed),
            Text(run.state, style=_STATE_STYLES.get(run.state, "")),
            f"{run.progress.fraction:.0%}",
            _score_cell(run, heading_of_score),
            f"{run.created_at.astimezone():%m-%d %H:%M}",
        )
    return table


def _score_cell(run: RunSummary, heading: str) -> str:
    if run.score is None:
        # A tested step has a score, unless there was nothing to measure.
        return "" if run.best_score is None else UNDEFINED
    shown = number(run.score, 3) if heading == run.score_name else f"{run.score_name} {number(run.score, 3)}"
    return shown if run.state == "succeeded" or run.score_step is None else f"{shown} (step {run.score_step})"


def score_text(value: float | None, digits: int) -> str:
    """Return the text of a measured score with `digits` decimals."""
    return UNDEFINED if value is None else number(value, digits)


def number(value: float | None, digits: int) -> str:
    """Return a number with `digits` decimals; empty for None."""
    # Adding zero removes the sign of a rounded -0.
    return "" if value is None else f"{round(value, digits) + 0.0:.{digits}f}"


def duration(seconds: float | None) -> str:
    """Return a time as minutes and seconds; empty for None."""
    if seconds is None:
        return ""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d}"


def _by_step(classes: Sequence[StepColumn]) -> list[tuple[int, StepColumn]]:
    """Return (index in the rows, class), ordered by the step that taught the class, the background first."""
    places = list(enumerate(classes))
    return sorted(places, key=lambda place: (-1 if place[1].step_learned is None else place[1].step_learned, place[0]))


def _cell(row: StepRow, index: int) -> Text:
    iou, drop = row.iou[index], row.drop[index]
    if row.is_undefined[index]:
        return Text(_padded(UNDEFINED), style="dim")
    if iou is None:
        return Text(_NOT_MEASURED, style="dim")
    change = "" if drop is None else f" ({-drop:+.2f})".replace("-0.00", " 0.00").replace("+0.00", " 0.00")
    return Text(f"{iou:.2f}") + Text(f"{change:8}", style="red" if drop is not None and drop > _WORST_DROP else "dim")


def _mean_cell(value: float | None, is_undefined: bool) -> str:
    return _padded(UNDEFINED if is_undefined else number(value, 2) or _NOT_MEASURED)


def _padded(text: str) -> str:
    """Return a cell as wide as a class's cell, so that the figures align."""
    return text + " " * (12 - max(4, len(text)))
