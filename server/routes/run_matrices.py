"""Matrices of runs: methods x overrides x seeds."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from server.auth.people import user_cause
from server.db.lifecycle import Cause
from server.dependencies import DatabaseDep, ModelsDep, RequestId, SettingsDep
from server.routes.answers import failures
from server.routes.repeatable import RepeatDep, answered, created
from server.schemas.run_matrix import MatrixResult, RunMatrix
from server.services.datasets.presence_cache import presence_cache_below
from server.services.experiments import matrix
from server.services.experiments.check import check_document
from server.services.idempotency import carry_out

router = APIRouter(prefix="/run-matrices", tags=["runs"])


async def get_check(settings: SettingsDep, models: ModelsDep) -> matrix.Check:
    """Return the check of a document with this service's folders and models."""
    cache = presence_cache_below(settings.home)
    return partial(check_document, data_roots=settings.data_roots, presence_cache=cache, models=models)


@router.post(
    "",
    operation_id="create_run_matrix",
    status_code=201,
    summary="Start runs of methods x overrides x seeds",
    responses={200: {"model": MatrixResult, "description": "Answer to a dry run"}, **failures(400, 415, 422)},
    response_model=MatrixResult,
)
def create_run_matrix(
    body: RunMatrix,
    database: DatabaseDep,
    check: Annotated[matrix.Check, Depends(get_check)],
    request_id: RequestId,
    repeat: RepeatDep,
    dry_run: Annotated[bool, Query(description="Expand and check the matrix, and create nothing.")] = False,
) -> Response:
    """Expand a matrix to at most 200 runs, check every document, store the experiments and queue the runs, all or
    nothing. The same matrix under the same `Idempotency-Key` is started once."""
    cells = matrix.expand(body, check)
    if dry_run:
        with database.read() as session:
            shown = matrix.dry_run(session, body, cells)
        return Response(shown.model_dump_json(), media_type="application/json")
    cause = Cause(user_cause(), request_id=request_id)
    return answered(
        carry_out(database, repeat.of(body), lambda session: created(matrix.start(session, body, cells, cause=cause)))
    )
