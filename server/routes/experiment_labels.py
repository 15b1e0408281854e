"""Name, tags and notes of an experiment: all that may change of it."""

from __future__ import annotations

from fastapi import APIRouter, Response

from server.dependencies import DatabaseDep, ExperimentId, IfMatch
from server.routes.answers import failures
from server.schemas.experiments import ExperimentDetail, ExperimentPatch
from server.services.experiments import experiments
from server.services.revisions import etag

router = APIRouter(prefix="/experiments", tags=["experiments"])


@router.patch(
    "/{experiment_id}",
    operation_id="patch_experiment",
    summary="Rename, tag or annotate an experiment",
    responses=failures(400, 404, 412, 415, 422, 428),
)
def patch_experiment(
    experiment_id: ExperimentId,
    body: ExperimentPatch,
    database: DatabaseDep,
    response: Response,
    if_match: IfMatch = None,
) -> ExperimentDetail:
    """Change name, tags or notes, for all runs of the experiment; what it defines never changes."""
    with database.write() as session:
        detail = experiments.patch(session, experiment_id, body, if_match=if_match)
    response.headers["ETag"] = etag(detail.revision)
    return detail
