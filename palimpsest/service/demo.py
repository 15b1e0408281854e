"""`palimpsest demo`: from an empty folder to the table of learning and forgetting."""

from __future__ import annotations

import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from rich.console import Console

from core.commands.documents import open_document
from palimpsest import Client
from palimpsest.client.follow import follow, show_outcome
from palimpsest.client.models import RunSummary
from palimpsest.client.run_view import StageView
from palimpsest.service.demo_visitor import demo_visitor
from palimpsest.service.end_request import EndRequest
from palimpsest.service.logs import configure_logging
from palimpsest.service.up import AllInOne
from server.db.session import get_database
from server.settings import Settings

LOG_PATH = "logs/demo.log"
_UNFINISHED = ("queued", "running", "waiting")


def run_demo(settings: Settings, experiment: str, *, exits: bool, console: Console) -> int:
    """Start the service, submit an experiment, follow the run, show its outcome; returns the exit status.

    Raises ConfigError when the experiment is neither a preset nor a readable file.

    Args:
        settings: settings of the service.
        experiment: a preset, or a file.
        exits: end after the run, with status 0 only if it succeeded; otherwise serve until asked to end.
        console: output console; the service's log goes to a file, so that the two do not mix.
    """
    document = open_document(experiment)
    path = settings.home / LOG_PATH
    path.parent.mkdir(parents=True, exist_ok=True)
    outcome = _Outcome()
    with path.open("a", encoding="utf-8") as log:
        configure_logging(settings.log_level, settings.log_format, log)
        service = AllInOne(settings, worker_output=log)

        def show_run_and_serve() -> None:
            with _known_to(settings, service.address, console) as token:
                outcome.has_succeeded = _show_run(service.address, token, document, console)
            if not exits:
                console.print(f"The service goes on at {service.address}; Ctrl-C ends it.", highlight=False)
                service.watch()

        with EndRequest(service.kill) as end, service:
            console.print(f"Palimpsest is at {service.address}; its log is {path}", highlight=False, soft_wrap=True)
            end.run_until_asked(show_run_and_serve)
            if end.is_made:
                console.print("Ending: a running stage saves a checkpoint and goes on at the next start.")
    return 0 if outcome.has_succeeded or not exits else 1


@dataclass
class _Outcome:
    has_succeeded: bool = False


@contextmanager
def _known_to(settings: Settings, address: str, console: Console) -> Iterator[str]:
    """Yield the demo's token and show the visitor's sign-in link; without accounts neither is needed."""
    if not settings.accounts:
        yield ""
        return
    with demo_visitor(get_database(), settings.public_url or address) as visitor:
        console.print(f"This link signs you in, once: {visitor.link}", highlight=False, soft_wrap=True, markup=False)
        yield visitor.token


def _show_run(address: str, token: str, document: dict[str, Any], console: Console) -> bool:
    with Client(address, token=token) as client:
        run: RunSummary | None = _unfinished_run(client, document.get("preset"))
        if run is None:
            run = client.submit(document)
        else:
            console.print(f"Going on with run {run.id}, which was interrupted.", highlight=False)
        ended = follow(client, run.id, console, partial(_ask, address, console))
        show_outcome(client, ended, console)
        return ended.state == "succeeded"


def _ask(address: str, console: Console, stage: StageView) -> None:
    """Print the address of a round that waits for people, and open it if there is a terminal."""
    page = f"{address}/labelling/{stage.id}/paint"
    console.print(f"{stage.name} waits for you: {page}", highlight=False, soft_wrap=True)
    console.print("The run goes on by itself when its queries are answered.", highlight=False)
    if console.is_terminal:
        webbrowser.open(page)


def _unfinished_run(client: Client, preset: str | None) -> RunSummary | None:
    """Return the newest unfinished run of a preset from an earlier start."""
    unfinished = client.runs(states=_UNFINISHED) if preset is not None else ()
    return next((run for run in unfinished if run.preset == preset), None)
