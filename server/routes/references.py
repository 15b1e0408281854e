"""Reference experiments of a task stream."""

from __future__ import annotations

from fastapi import APIRouter, Response

from server.auth.people import user_cause
from server.dependencies import DatabaseDep, ExperimentKey
from server.routes.answers import failures
from server.schemas.references import ReferenceRole, ReferenceSet, StreamReferences
from server.services.results import references

router = APIRouter(prefix="/experiments/{experiment_key}/references", tags=["results"])


@router.get(
    "", operation_id="list_references", summary="References of an experiment's stream", responses=failures(404, 422)
)
def list_references(experiment_key: ExperimentKey, database: DatabaseDep) -> StreamReferences:
    """Return the experiments that are attached as bounds to the task stream of an experiment."""
    with database.read() as session:
        return references.list_references(session, experiment_key)


@router.put(
    "/{role}",
    operation_id="attach_reference",
    summary="Attach a reference to a stream",
    responses=failures(400, 404, 415, 422),
)
def attach_reference(
    experiment_key: ExperimentKey, role: ReferenceRole, body: ReferenceSet, database: DatabaseDep
) -> StreamReferences:
    """Make an experiment the joint training or the fine-tuning of another one's stream, in place of an earlier one. All
    results and comparisons on the stream then show the gap to it."""
    with database.write() as session:
        return references.attach(session, experiment_key, role, body.experiment, author=user_cause())


@router.delete(
    "/{role}",
    operation_id="detach_reference",
    status_code=204,
    summary="Detach a reference from a stream",
    responses=failures(404, 422),
)
def detach_reference(experiment_key: ExperimentKey, role: ReferenceRole, database: DatabaseDep) -> Response:
    """Take a reference away; the experiment itself stays."""
    with database.write() as session:
        references.detach(session, experiment_key, role)
    return Response(status_code=204)
