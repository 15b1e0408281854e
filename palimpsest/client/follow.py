"""Follow a run: as a live table in a terminal, as plain lines in a log."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from rich.console import Console
from rich.live import Live

from palimpsest.client.client import Client
from palimpsest.client.models import FeedEvent, Run
from palimpsest.client.run_view import RunView, StageView
from palimpsest.client.tables import progress_table, score_text, stage_state, step_table

OnWait = Callable[[StageView], None]
_REFRESHES_PER_S = 4
_LOG_LINES = 30


WAITS = "waiting_annotation"


def follow(client: Client, run_id: str, console: Console, on_wait: OnWait | None = None) -> Run:
    """Show a run until it has ended, and return it; no animation without a terminal.

    Args:
        client: client of the service.
        run_id: id of the run.
        console: output console.
        on_wait: called with each stage that begins to wait for people, and with a stage that already waits.
    """
    run = client.run(run_id)
    view = RunView.of(run, client.step_table(run_id))
    events = client.events(run_id, after=run.event_seq)
    if on_wait is not None:
        events = _telling(view, events, on_wait)
    if console.is_terminal:
        with Live(progress_table(view), console=console, refresh_per_second=_REFRESHES_PER_S) as live:
            for event in events:
                view.apply(event)
                live.update(progress_table(view))
    else:
        _follow_in_lines(view, events, console)
    return client.run(run_id)


def _telling(view: RunView, events: Iterator[FeedEvent], on_wait: OnWait) -> Iterator[FeedEvent]:
    """Pass events on, and call `on_wait` for stages that begin to wait; the view has seen all but the last event."""
    told: set[str] = set()

    def tell() -> None:
        waiting = {stage.id: stage for stage in view.stages if stage.state == WAITS}
        for stage_id in waiting.keys() - told:
            on_wait(waiting[stage_id])
        told.clear()
        told.update(waiting)

    tell()
    for event in events:
        yield event
        tell()


def show_outcome(client: Client, run: Run, console: Console) -> None:
    """Show the table of a succeeded run, or the reason for its end and the last log lines."""
    if run.state == "succeeded":
        console.print(step_table(client.step_table(run.id)))
        return
    console.print(f"Run {run.id} {run.state}: {run.message or run.reason or 'no reason was given'}", highlight=False)
    stopped = next((stage for stage in run.stages if stage.state in {"failed", "cancelled"} and stage.attempts), None)
    if stopped is not None:
        console.print(f"Last lines of stage {stopped.index} {stopped.name}:", highlight=False)
        for entry in client.log_tail(stopped.id, _LOG_LINES):
            console.print(f"  {entry.text}", markup=False, highlight=False)


def _follow_in_lines(view: RunView, events: Iterable[FeedEvent], console: Console) -> None:
    shown: dict[str, tuple[str, int]] = {}
    console.print(f"{view.title}: run {view.id}", highlight=False)
    for event in events:
        view.apply(event)
        for line in _lines(view, event, shown):
            console.print(line, markup=False, highlight=False, soft_wrap=True)


def _lines(view: RunView, event: FeedEvent, shown: dict[str, tuple[str, int]]) -> list[str]:
    """Return a line for each stage that has a new state, or has finished another tenth of its work."""
    lines = []
    for stage in view.stages:
        at = (stage.state, int(10 * stage.fraction))
        if at != shown.get(stage.id, ("pending", 0)):
            shown[stage.id] = at
            lines.append(_stage_line(stage))
    if event.type == "score" and "score_name" in event.payload:
        lines.append(_score_line(event.payload))
    return lines


def _score_line(payload: dict[str, Any]) -> str:
    place = payload["split"] if payload.get("domain") is None else f"{payload['split']} of {payload['domain']}"
    return f"  step {payload['step']}, {place}: {payload['score_name']} {score_text(payload['score'], 3)}"


def _stage_line(stage: StageView) -> str:
    parts = [f"  stage {stage.name}: {stage_state(stage)}"]
    if stage.state == "running" and stage.total is not None:
        parts += [f"iteration {stage.iteration or 0}/{stage.total}"]
        parts += [f"loss {stage.loss:.3f}"] if stage.loss is not None else []
        parts += [f"{stage.images_per_second:.0f} images/s"] if stage.images_per_second is not None else []
    return ", ".join(parts)
