"""`palimpsest experiment …`, `run compare` and `run submit --matrix` against a real API that has no worker."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner, Result

from palimpsest import Client
from palimpsest.service.api_server import ApiServer
from palimpsest.service.cli import app
from server.db.session import Database
from server.settings import Settings, get_settings
from tests.support.seeds import make_definition, make_seed, matrices


@pytest.fixture(autouse=True)
def own_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PALIMPSEST_HOME", str(tmp_path))
    get_settings.cache_clear()


@pytest.fixture
def database(api: ApiServer, settings: Settings) -> Iterator[Database]:
    """The database of the API."""
    database = Database(settings.database_url, sqlite_synchronous="NORMAL")
    yield database
    database.dispose()


def call(api: ApiServer, *arguments: str) -> Result:
    return CliRunner().invoke(app, [*arguments, "--url", api.address])


@pytest.fixture
def two(database: Database) -> tuple[str, str]:
    """Digests of two experiments of three seeds each."""
    digests = []
    for name, shift in (("replay", 0), ("plain", 5)):
        definition = make_definition(database, name, config={"lr": 0.1 + shift})
        runs = [make_seed(database, definition, seed, matrices(seed + shift)) for seed in range(3)]
        digests.append(definition.digest)
        assert len(runs) == 3
    return digests[0], digests[1]


def test_an_experiment_is_shown_as_mean_deviation_and_number_of_runs(api: ApiServer, two: tuple[str, str]) -> None:
    shown = call(api, "experiment", "show", two[0])
    (row,) = json.loads(call(api, "experiment", "show", two[0], "--format", "json").stdout)["rows"]
    score = row["cells"][0]

    assert shown.exit_code == 0, shown.output
    assert score["n"] == 3
    assert f"{100 * score['mean']:.1f} ± {100 * score['std']:.1f} (3)" in shown.stdout


def test_csv_latex_and_json_of_a_comparison_have_the_same_numbers(api: ApiServer, two: tuple[str, str]) -> None:
    members = [part for digest in two for part in ("--experiment", digest)]
    as_json, as_csv, as_latex = (
        call(api, "run", "compare", *members, "--format", form).stdout for form in ("json", "csv", "latex")
    )

    rows, table = json.loads(as_json)["rows"], list(csv.DictReader(io.StringIO(as_csv)))
    means = [row["cells"][0]["mean"] for row in rows]
    assert len(rows) == len(table) == 2
    for mean, line in zip(means, table, strict=True):
        assert repr(mean) in line.values()
        assert f"{100 * mean:.1f}" in as_latex
    assert r"\toprule" in as_latex


def test_a_base_line_shows_the_difference_in_every_cell(api: ApiServer, two: tuple[str, str]) -> None:
    members = [part for digest in two for part in ("--experiment", digest)]
    shown = call(api, "run", "compare", *members, "--baseline", two[0])

    assert shown.exit_code == 0, shown.output
    assert "[+" in shown.stdout or "[−" in shown.stdout


def test_a_single_member_is_refused_in_the_words_of_the_service(api: ApiServer, two: tuple[str, str]) -> None:
    refused = call(api, "run", "compare", "--experiment", two[0])

    assert refused.exit_code == 1
    assert "2" in refused.stderr


def test_seeds_are_added_and_a_seed_that_has_a_run_is_refused(api: ApiServer, tiny_experiment: Path) -> None:
    run_id = call(api, "run", "submit", str(tiny_experiment)).stdout.strip()
    with Client(api.address) as client:
        key = client.run(run_id).experiment_id
    added = call(api, "experiment", "add-seeds", key, "--count", "2").stdout.split()
    named = call(api, "experiment", "add-seeds", key, "7").stdout.split()
    again = call(api, "experiment", "add-seeds", key, "7")
    neither = call(api, "experiment", "add-seeds", key)

    with Client(api.address) as client:
        assert [client.run(one).seed for one in added + named] == [1, 2, 7]
    assert again.exit_code == 1 and "7" in again.stderr
    assert neither.exit_code == 2


@pytest.fixture
def matrix_file(tmp_path: Path, tiny_experiment: Path) -> Path:
    """A matrix of one document, two overrides and two seeds."""
    path = tmp_path / "matrix.yaml"
    matrix = {
        "methods": [{"document": yaml.safe_load(tiny_experiment.read_text(encoding="utf-8")), "name": "tiny"}],
        "overrides": [{"name": "plain"}, {"name": "larger", "values": {"config.memory.size": 6}}],
        "seeds": [0, 1],
    }
    path.write_text(yaml.safe_dump(matrix), encoding="utf-8")
    return path


def test_a_matrix_is_counted_before_anything_is_created(api: ApiServer, matrix_file: Path) -> None:
    tried = call(api, "run", "submit", "--matrix", str(matrix_file), "--dry-run")
    before = call(api, "run", "list").stdout
    started = call(api, "run", "submit", "--matrix", str(matrix_file))
    listed = call(api, "run", "list").stdout

    ids = [line.split()[0] for line in started.stdout.splitlines() if line.startswith("  ") and "seed" in line]
    assert "4 runs would be started; nothing was created." in tried.stdout
    assert "larger" in tried.stdout and "larger" not in before
    assert len(ids) == 4 and all(run_id in listed for run_id in ids)


@pytest.mark.parametrize(
    "arguments",
    [[], ["eir/demo", "--matrix", "x.yaml"], ["--matrix", "x.yaml", "--seed", "3"], ["eir/demo", "--dry-run"]],
)
def test_options_that_do_not_go_together_are_refused(api: ApiServer, arguments: list[str]) -> None:
    assert call(api, "run", "submit", *arguments).exit_code == 2


def test_a_matrix_that_cannot_be_read_is_named(api: ApiServer, tmp_path: Path) -> None:
    refused = call(api, "run", "submit", "--matrix", str(tmp_path / "absent.yaml"))

    assert refused.exit_code == 1
    assert "absent.yaml" in refused.stderr
