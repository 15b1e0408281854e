"""Results over seeds, comparisons and matrices of runs: `client.results.compare(runs=[...], table="summary")`."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import httpx

from palimpsest.client.models import Answer, Run

if TYPE_CHECKING:
    from palimpsest.client.client import Client

SUMMARY = "summary"
"""The table with one row for each run, experiment or step, and its main scores and costs."""


class Statistic(Answer):
    """A score over runs: mean, sample deviation, and the number of runs in which it is defined."""

    mean: float | None
    std: float | None
    n: int
    undefined: int
    of: int
    values: list[float | None] | None = None


class Difference(Answer):
    """A value less that of the base line; `n` seeds are shared, and `mean` and `std` are over these."""

    of_means: float | None
    mean: float | None
    std: float | None
    n: int


class SheetColumn(Answer):
    """A column of numbers; `direction` is `max` or `min`, the best value."""

    key: str
    title: str
    unit: str
    direction: str


class SheetRow(Answer):
    """A row: its texts, then one statistic for each column, None where nothing was tested.

    Attributes:
        is_ranked: whether its values may be the best of a column; those of an unfinished run are not.
    """

    heads: list[str]
    is_ranked: bool
    cells: list[Statistic | None]
    differences: list[Difference | None] | None


class Sheet(Answer):
    """A table of results; `heads` are the titles of the texts that begin each row."""

    title: str
    heads: list[str]
    columns: list[SheetColumn]
    rows: list[SheetRow]


class Warned(Answer):
    """Something about a document that is worth a second look."""

    pointer: str
    message: str


class MatrixRun(Answer):
    """One run of a matrix."""

    id: str
    seed: int


class MatrixExperiment(Answer):
    """One experiment of a matrix; `runs` is empty, and `experiment_id` None, after a dry run."""

    name: str
    method: str
    override: str | None
    digest: str
    stages: int
    iterations: int | None
    present_seeds: list[int]
    warnings: list[Warned]
    experiment_id: str | None
    runs: list[MatrixRun]


class Matrix(Answer):
    """An expanded matrix of `count` runs."""

    is_dry_run: bool
    count: int
    seeds: list[int]
    experiments: list[MatrixExperiment]


class Results:
    """Experiments over their seeds, comparisons and matrices of a service; raises the errors of `Client`."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def experiment(self, key: str, table: str = SUMMARY, **query: Any) -> Sheet:
        """Return one table of an experiment: each score as mean, deviation and number of runs.

        Args:
            key: digest of the experiment, or id of one of its definitions.
            table: `summary`, or a table's key such as `iou/class`.
            query: further parameters of `GET /experiments/{key}/results`: `split`, `columns`, `step`, `values`.
        """
        return Sheet.model_validate(self._experiment(key, {"table": table, **query}).json())

    def experiment_text(self, key: str, form: str, table: str = SUMMARY, **query: Any) -> str:
        """Return a table of an experiment as `csv` or `latex`; see `experiment`."""
        return self._experiment(key, {"table": table, "format": form, **query}).text

    def compare(
        self, runs: Sequence[str] = (), experiments: Sequence[str] = (), table: str = SUMMARY, **query: Any
    ) -> Sheet:
        """Return one table of 2 to 20 runs and experiments side by side.

        Args:
            runs: ids of runs.
            experiments: digests of experiments, or ids of their definitions; their values are means over seeds.
            table: `summary`, or a table's key such as `iou/class`.
            query: further parameters of `GET /compare`: `baseline`, `split`, `columns`, `step`.

        Raises:
            ApiError: also when they do not have one task stream, one test set and one list of classes.
        """
        return Sheet.model_validate(self._compare(runs, experiments, {"table": table, **query}).json())

    def comparison_text(
        self,
        form: str,
        runs: Sequence[str] = (),
        experiments: Sequence[str] = (),
        table: str = SUMMARY,
        **query: Any,
    ) -> str:
        """Return a table of a comparison as `csv` or `latex`; see `compare`."""
        return self._compare(runs, experiments, {"table": table, "format": form, **query}).text

    def add_seeds(self, key: str, seeds: Sequence[int] = (), *, count: int | None = None) -> list[Run]:
        """Start an experiment with more seeds, these or the `count` smallest that it has no run of; return the runs."""
        body = {"count": count} if count is not None else {"seeds": list(seeds)}
        answer = self._client.request("POST", f"/experiments/{key}/seeds", json=body, headers=_key())
        return [Run.model_validate(item) for item in answer.json()["items"]]

    def submit_matrix(
        self, matrix: Mapping[str, Any], *, dry_run: bool = False, idempotency_key: str | None = None
    ) -> Matrix:
        """Start the runs of methods x overrides x seeds, all or none.

        Args:
            matrix: `methods`, `seeds`, and if wanted `overrides`, `tags`, `notes`, `priority`, as `POST /run-matrices`.
            dry_run: expand and check it, and create nothing.
            idempotency_key: the same matrix under the same key is started once; by default a new key.
        """
        answer = self._client.request(
            "POST", "/run-matrices", params={"dry_run": dry_run}, json=dict(matrix), headers=_key(idempotency_key)
        )
        return Matrix.model_validate(answer.json())

    def _experiment(self, key: str, query: Mapping[str, Any]) -> httpx.Response:
        return self._client.request("GET", f"/experiments/{key}/results", params=_given(query))

    def _compare(self, runs: Sequence[str], experiments: Sequence[str], query: Mapping[str, Any]) -> httpx.Response:
        members = {"runs": list(runs), "experiments": list(experiments)}
        return self._client.request("GET", "/compare", params=_given(members | dict(query)))


def _given(query: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in query.items() if value is not None}


def _key(given: str | None = None) -> dict[str, str]:
    return {"Idempotency-Key": given or str(uuid.uuid4())}
