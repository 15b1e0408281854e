"""`palimpsest run …`: submit, branch, list, watch, cancel, pause and resume runs of a service that is up."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from core.commands.documents import open_document, with_settings
from core.errors import ConfigError
from core.model_test_document import with_test_sets
from core.stage.spec import StageKind
from palimpsest import Client
from palimpsest.client.follow import follow, show_outcome
from palimpsest.client.tables import runs_table, step_table
from palimpsest.service.connection import Url, connected
from palimpsest.service.result_commands import compare, submit_matrix

run_app = typer.Typer(no_args_is_help=True, help="Submit, branch, list, compare, watch, cancel, pause and resume runs.")
run_app.command()(compare)

_LIST_WIDTH = 200
TRAINING = StageKind.TRAIN.value

RunId = Annotated[str, typer.Argument(help="Id of the run.")]


@run_app.command()
def submit(
    experiment: Annotated[
        str | None, typer.Argument(help="A preset such as eir/demo, or a YAML or JSON file; or give --matrix.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Equal seeds give equal runs.")] = 0,
    settings: Annotated[
        list[str] | None, typer.Option("--set", help="Lay a value over it, such as config.optim.iterations=50.")
    ] = None,
    priority: Annotated[int, typer.Option(min=-100, max=100, help="A higher one goes first in the queue.")] = 0,
    waits: Annotated[bool, typer.Option("--wait", help="Follow the run; status 0 only if it succeeded.")] = False,
    matrix: Annotated[
        Path | None,
        typer.Option(help="A YAML or JSON file with methods, seeds and overrides; see docs/getting-started.md."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Expand and check a matrix, and start nothing.")] = False,
    url: Url = None,
) -> None:
    """Submit an experiment, and print the id of its run; or a matrix of runs, and print what it expands to."""
    if matrix is not None:
        if experiment is not None or waits or settings or seed or priority:
            raise typer.BadParameter("--matrix goes alone, with --dry-run and --url; its file names all else")
        submit_matrix(matrix, dry_run=dry_run, url=url)
        return
    if experiment is None:
        raise typer.BadParameter("give an experiment, or --matrix")
    if dry_run:
        raise typer.BadParameter("--dry-run goes with --matrix")
    with connected(url) as client:
        run = client.submit(open_document(experiment, settings or ()), seed=seed, priority=priority)
        print(run.id, flush=True)
        if waits:
            _follow_to_end(client, run.id)


@run_app.command()
def evaluate(
    run_id: RunId,
    stage: Annotated[
        int | None, typer.Option(min=0, help="Number of the stage whose model is tested; default the last one.")
    ] = None,
    on: Annotated[
        list[str] | None,
        typer.Option(help="A test set, such as 'night={adapter: folder, root: /data/night}'; default the run's own."),
    ] = None,
    settings: Annotated[
        list[str] | None, typer.Option("--set", help="Lay a value over the document: config.eval.resolution=native.")
    ] = None,
    waits: Annotated[bool, typer.Option("--wait", help="Follow the test; status 0 only if it succeeded.")] = False,
    url: Url = None,
) -> None:
    """Test a finished run's model on any data, and print the id of the test's run."""
    with connected(url) as client:
        draft = client.model_test(_trained_stage(client, run_id, stage))
        document = with_settings(with_test_sets(draft.document, on or ()), settings or ())
        run = client.submit(document, name=draft.name)
        print(run.id, flush=True)
        if waits:
            _follow_to_end(client, run.id)


@run_app.command()
def branch(
    run_id: RunId,
    after: Annotated[int, typer.Option(min=0, help="The last step that is shared and not trained again.")],
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", help="Lay a value over the run's document: config.kd_weight=5, or method=plop."),
    ] = None,
    name: Annotated[str | None, typer.Option(help="Name of the new run's experiment.")] = None,
    waits: Annotated[bool, typer.Option("--wait", help="Follow the run; status 0 only if it succeeded.")] = False,
    url: Url = None,
) -> None:
    """Start a run from a step of another run, sharing the steps before, and print its id."""
    with connected(url) as client:
        document = with_settings(client.document_of(client.run(run_id)), settings) if settings else None
        run = client.branch(run_id, after_step=after, document=document, name=name)
        print(run.id, flush=True)
        if waits:
            _follow_to_end(client, run.id)


def _trained_stage(client: Client, run_id: str, index: int | None) -> str:
    """Return the id of a run's stage; without an index, of the last training that has succeeded."""
    stages = client.run(run_id).stages
    if index is not None and index >= len(stages):
        raise ConfigError(f"run {run_id} has no stage {index}; its stages are 0 to {len(stages) - 1}")
    done = [one for one in stages if one.kind == TRAINING and one.state == "succeeded"]
    if index is None and not done:
        raise ConfigError(f"no training of run {run_id} has succeeded yet; wait for one")
    return stages[index].id if index is not None else done[-1].id


@run_app.command("list")
def list_runs(
    limit: Annotated[int, typer.Option(min=1, help="Most runs that are shown.")] = 20, url: Url = None
) -> None:
    """List the newest runs."""
    with connected(url) as client:
        # Keep the full width even in a narrow terminal: a truncated id cannot be copied.
        Console(width=_LIST_WIDTH).print(runs_table(islice(client.runs(), limit)))


@run_app.command()
def watch(run_id: RunId, url: Url = None) -> None:
    """Follow a run until it has ended; status 0 only if it succeeded."""
    with connected(url) as client:
        _follow_to_end(client, run_id)


@run_app.command()
def export(
    run_id: RunId,
    out: Annotated[Path | None, typer.Option(help="The ZIP file to write; default RUN.zip.")] = None,
    artifacts: Annotated[bool, typer.Option(help="Put the stages' files into the archive.")] = True,
    kinds: Annotated[list[str] | None, typer.Option("--kind", help="Only artifacts of this kind: checkpoint.")] = None,
    url: Url = None,
) -> None:
    """Write a whole run as one ZIP archive, and print its path."""
    with connected(url) as client:
        target = client.export_run(run_id, out or Path(f"{run_id}.zip"), artifacts=artifacts, kinds=kinds or ())
        print(target)


@run_app.command("import")
def import_run(
    archive: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The ZIP file that export wrote.")],
    url: Url = None,
) -> None:
    """Store a run from its archive, and print its id here."""
    with connected(url) as client:
        print(client.import_run(archive).id)


@run_app.command()
def scores(run_id: RunId, url: Url = None) -> None:
    """Show what was learned and forgotten at each step."""
    with connected(url) as client:
        Console().print(step_table(client.step_table(run_id)))


@run_app.command()
def cancel(run_id: RunId, url: Url = None) -> None:
    """Cancel a run; its running stage saves a checkpoint first."""
    with connected(url) as client:
        print(client.cancel(run_id).state)


@run_app.command()
def pause(run_id: RunId, url: Url = None) -> None:
    """Hold a run until it is resumed; its running stage stops at the next checkpoint."""
    with connected(url) as client:
        run = client.pause(run_id)
        print("pausing at the next checkpoint" if run.is_pausing else run.state)


@run_app.command()
def resume(run_id: RunId, url: Url = None) -> None:
    """Continue a failed, cancelled or paused run from its last checkpoint."""
    with connected(url) as client:
        print(client.resume(run_id).state)


def _follow_to_end(client: Client, run_id: str) -> None:
    console = Console()
    run = follow(client, run_id, console)
    show_outcome(client, run, console)
    if run.state != "succeeded":
        raise typer.Exit(1)
