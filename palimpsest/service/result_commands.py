"""`palimpsest experiment …` and `palimpsest run compare`: results over seeds and side by side, as tables of a paper."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from core.experiment import read_document
from palimpsest.client.result_tables import result_table
from palimpsest.client.results import SUMMARY, Sheet
from palimpsest.service.connection import Url, connected

experiment_app = typer.Typer(no_args_is_help=True, help="Results of experiments over their seeds, and more seeds.")

_WIDTH = 200


class Form(StrEnum):
    """How a table is printed."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    LATEX = "latex"


Key = Annotated[str, typer.Argument(help="Digest of the experiment, or id of one of its definitions.")]
Table = Annotated[str, typer.Option(help="`summary`, or a table of scores such as iou/class.")]
Format = Annotated[Form, typer.Option("--format", help="CSV has every digit; LaTeX is a tabular for booktabs.")]
Step = Annotated[int | None, typer.Option(min=0, help="Only the row of this step.")]
Split = Annotated[str | None, typer.Option(help="Evaluations of this split; default the first.")]


@experiment_app.command()
def show(
    key: Key,
    table: Table = SUMMARY,
    form: Format = Form.TABLE,
    step: Step = None,
    split: Split = None,
    url: Url = None,
) -> None:
    """Show the scores of an experiment as mean ± standard deviation (number of runs)."""
    with connected(url) as client:
        _show(form, client.results.experiment, client.results.experiment_text, key=key, **_query(table, step, split))


@experiment_app.command("add-seeds")
def add_seeds(
    key: Key,
    seeds: Annotated[list[int] | None, typer.Argument(min=0, help="Seeds; or give --count.")] = None,
    count: Annotated[
        int | None, typer.Option(min=1, max=200, help="So many runs, with the smallest seeds that have none.")
    ] = None,
    url: Url = None,
) -> None:
    """Start an experiment with more seeds, and print the ids of the runs."""
    if bool(seeds) == (count is not None):
        raise typer.BadParameter("give either seeds or --count")
    with connected(url) as client:
        for run in client.results.add_seeds(key, seeds or (), count=count):
            print(run.id)


def compare(
    runs: Annotated[list[str] | None, typer.Argument(help="Ids of runs.")] = None,
    experiments: Annotated[
        list[str] | None,
        typer.Option("--experiment", help="Digest or id of an experiment; repeat it for more."),
    ] = None,
    baseline: Annotated[
        str | None, typer.Option(help="The member to which differences are given, seed by seed.")
    ] = None,
    table: Table = SUMMARY,
    form: Format = Form.TABLE,
    step: Step = None,
    split: Split = None,
    url: Url = None,
) -> None:
    """Compare 2 to 20 runs and experiments of one task stream."""
    members: dict[str, Any] = {"runs": runs or (), "experiments": experiments or (), "baseline": baseline}
    with connected(url) as client:
        results = client.results
        _show(form, results.compare, results.comparison_text, **members, **_query(table, step, split))


def submit_matrix(path: Path, *, dry_run: bool, url: str | None) -> None:
    """Start the matrix of a file, or only check it, and print its experiments with the ids of their runs."""
    with connected(url) as client:
        matrix = client.results.submit_matrix(read_document(path), dry_run=dry_run)
    for experiment in matrix.experiments:
        seeds = ", ".join(map(str, matrix.seeds))
        print(f"{experiment.name}: {experiment.stages} stages, seeds {seeds}")
        for run in experiment.runs:
            print(f"  {run.id}  seed {run.seed}")
        if experiment.present_seeds:
            print(f"  note: seeds {', '.join(map(str, experiment.present_seeds))} have been run already")
        for warned in experiment.warnings:
            print(f"  note: {warned.message}")
    print(f"{matrix.count} runs {'would be started; nothing was created' if dry_run else 'were started'}.")


def _query(table: str, step: int | None, split: str | None) -> dict[str, Any]:
    return {"table": table, "step": step, "split": split}


def _show(form: Form, as_sheet: Callable[..., Sheet], as_text: Callable[..., str], **query: Any) -> None:
    """Print a table of results in a form: `as_text` gives CSV and LaTeX, `as_sheet` what else is made of it."""
    if form in {Form.CSV, Form.LATEX}:
        print(as_text(form=form.value, **query), end="")
    elif form is Form.JSON:
        print(as_sheet(**query).model_dump_json(indent=2))
    else:
        # Keep the full width even in a narrow terminal: a truncated number is wrong.
        Console(width=_WIDTH).print(result_table(as_sheet(**query)))
