"""The command `palimpsest`. Every process of the service has its own command; `up` is all of them in one."""

from __future__ import annotations

import signal
import sys
import threading
import warnings
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from palimpsest.service.account_commands import init_admin, token_app, user_app
from palimpsest.service.faults import plain_faults, require_migrated
from palimpsest.service.folders import require_database_folder, require_folders
from palimpsest.service.logs import configure_logging
from palimpsest.service.result_commands import experiment_app
from palimpsest.service.run_commands import run_app
from server.settings import Settings, get_settings

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)
app.add_typer(run_app, name="run")
app.add_typer(experiment_app, name="experiment")
admin_app = typer.Typer(no_args_is_help=True, help="Look after an installation.")
admin_app.add_typer(user_app, name="user")
admin_app.add_typer(token_app, name="token")
admin_app.command("init")(init_admin)
app.add_typer(admin_app, name="admin")


@app.command()
def up() -> None:
    """Run the whole service in the foreground: database, API, scheduler and one worker. Ctrl-C ends it in order."""
    from palimpsest.service.end_request import EndRequest
    from palimpsest.service.up import AllInOne

    with plain_faults():
        settings = _start_logging()
        require_folders(settings)
        service = AllInOne(settings)
        with EndRequest(service.kill) as end, service:
            print(f"Palimpsest is at {service.address}; Ctrl-C ends it.", flush=True)
            end.run_until_asked(service.watch)
        print("Palimpsest has ended.", flush=True)


@app.command()
def demo(
    experiment: Annotated[str, typer.Argument(help="A preset, or a YAML or JSON file.")] = "eir/demo",
    exits: Annotated[bool, typer.Option("--exit", help="End after the run; status 0 only if it succeeded.")] = False,
) -> None:
    """Start the service, run an experiment, follow it, and show what was learned and forgotten at each step."""
    from palimpsest.service.demo import run_demo

    with plain_faults():
        settings = get_settings()
        require_folders(settings)
        status = run_demo(settings, experiment, exits=exits, console=Console())
    raise typer.Exit(status)


@app.command()
def server() -> None:
    """Run the API alone, on the migrated database."""
    from palimpsest.service.api_server import ApiServer, listen
    from palimpsest.service.end_request import EndRequest
    from server.app import create_app

    with plain_faults():
        settings = _start_logging()
        require_migrated(settings)
        api = ApiServer(create_app(), listen(settings.host, settings.port))
        with EndRequest(api.stop_at_once) as end:
            api.start()
            end.run_until_asked(api.watch)
            api.stop()


@app.command()
def scheduler() -> None:
    """Run the scheduler alone: dispatch, retries, expired leases, housekeeping."""
    from server.db.session import get_database
    from server.queue import make_celery
    from server.scheduler import SchedulerLoop

    with plain_faults():
        settings = _start_logging()
        require_migrated(settings)
        stop = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.set())
        SchedulerLoop(get_database(), make_celery(settings), settings, stop).run()


@app.command()
def worker(
    parent_pid: Annotated[int | None, typer.Option(hidden=True, help="End with this process.")] = None,
) -> None:
    """Run one worker: it takes stages from the queue and trains each in a process of its own."""
    from palimpsest.service.worker_child import end_with_parent

    if parent_pid is not None:
        end_with_parent(parent_pid)
    with plain_faults():
        settings = _start_logging()
        require_migrated(settings)
        from celery.exceptions import SecurityWarning

        from worker.app import celery_app, worker_arguments

        # Celery warns root about pickle messages; ours are JSON.
        warnings.simplefilter("ignore", SecurityWarning)
        celery_app.worker_main(["--quiet", *worker_arguments()])


@app.command()
def migrate() -> None:
    """Bring the database to the schema of this version."""
    from server.db.migrate import upgrade

    with plain_faults():
        settings = _start_logging()
        require_database_folder(settings)
        is_changed = upgrade(settings.database_url)
        print("The database was brought to the newest revision." if is_changed else "The database is up to date.")


@admin_app.callback()
def admin() -> None:
    """Look after an installation."""


@admin_app.command()
def gc(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="List what would go, and remove nothing.")] = False,
) -> None:
    """Remove stored files that nothing refers to, and folders of attempts that have ended, when they are a day old."""
    from palimpsest.service.garbage import collect_garbage
    from server.db.session import get_database

    with plain_faults():
        settings = get_settings()
        require_migrated(settings)
        collect_garbage(get_database(), settings, Console(soft_wrap=True, highlight=False), dry_run=dry_run)


@app.command()
def doctor() -> None:
    """Look at everything that the service needs, and say what to do where something is missing."""
    from palimpsest.service.doctor import examine, shown_settings

    with plain_faults():
        settings = get_settings()
        console = Console(soft_wrap=True, highlight=False)
        values = Table("setting", "value", box=None, pad_edge=False)
        for name, value in shown_settings(settings):
            values.add_row(name, value)
        console.print(values)
        findings = examine(settings)
        for finding in findings:
            console.print(f"{'FAULT' if finding.is_fault else 'ok':5}  {finding.name}: {finding.text}", markup=False)
    raise typer.Exit(int(any(finding.is_fault for finding in findings)))


def _start_logging() -> Settings:
    settings = get_settings()
    configure_logging(settings.log_level, settings.log_format, sys.stderr)
    return settings


if __name__ == "__main__":
    app(prog_name="palimpsest")
