"""Reference experiments of a task stream, and the gaps to them (MET-10)."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from core.errors import Fault
from core.metrics.over_seeds import is_defined, over_seeds
from server.db.models import Experiment, StreamReference
from server.errors import InvalidRequestError, NotFoundError
from server.schemas import references as schemas
from server.schemas.references import ReferenceRole
from server.schemas.results import Statistic
from server.services.experiments.seeds import definition_of
from server.services.results.aggregated import statistic, table_heads
from server.services.results.class_means import ClassGroups
from server.services.results.measures import Measures, MeasureSource, measures_of
from server.services.results.members import Member, experiment_member
from server.services.results.stream_identity import differing_pointers, identity_of, stream_digest


def list_references(session: Session, key: str) -> schemas.StreamReferences:
    """Return the references of an experiment's stream; raises NotFoundError."""
    return schemas.StreamReferences(items=_of_stream(session, stream_digest(definition_of(session, key))))


def attach(session: Session, key: str, role: ReferenceRole, named: str, *, author: str) -> schemas.StreamReferences:
    """Make an experiment a reference of another one's stream, in place of an earlier one.

    Raises:
        NotFoundError: when one of the two does not exist.
        InvalidRequestError: when the reference was not learned and tested on the same data. A joint training may have
            other steps.
    """
    bounded, reference = definition_of(session, key), definition_of(session, named)
    _require_fitting(bounded, reference, role)
    digest = stream_digest(bounded)
    session.merge(
        StreamReference(stream_digest=digest, role=role.value, experiment_digest=reference.digest, author=author)
    )
    session.flush()
    return list_references(session, key)


def detach(session: Session, key: str, role: ReferenceRole) -> None:
    """Take a reference away from an experiment's stream; raises NotFoundError."""
    digest = stream_digest(definition_of(session, key))
    statement = delete(StreamReference).where(
        StreamReference.stream_digest == digest, StreamReference.role == role.value
    )
    if session.execute(statement.returning(StreamReference.role)).first() is None:
        raise NotFoundError("reference", role.value)


def reference_rows(
    session: Session, members: Sequence[Member], measures: Measures, split: str | None
) -> list[schemas.ReferenceRow]:
    """Return the references of the members' stream with their values, and each member's gap to them."""
    rows = []
    groups = ClassGroups.of(table_heads(members))
    for found in _of_stream(session, stream_digest(members[0].definition)):
        reference = experiment_member(session, found.digest, split)
        values = [_value(session, reference, source, groups) for source in measures.sources]
        rows.append(
            schemas.ReferenceRow(
                **dict(found),
                reached=reference.reached,
                seeds=[one.run.seed for one in reference.ranked],
                summary=values,
                gaps=[_gaps(measures, member, values) for member in members],
            )
        )
    return rows


def _of_stream(session: Session, digest: str) -> list[schemas.StreamReference]:
    statement = select(StreamReference).where(StreamReference.stream_digest == digest)
    found = []
    for row in session.scalars(statement.order_by(StreamReference.role)):
        newest = select(Experiment).where(Experiment.digest == row.experiment_digest).order_by(Experiment.id.desc())
        experiment = session.scalars(newest.limit(1)).one()
        found.append(
            schemas.StreamReference(
                role=ReferenceRole(row.role),
                stream_digest=digest,
                digest=row.experiment_digest,
                name=experiment.name,
                method=experiment.method,
                author=row.author,
                created_at=row.created_at,
            )
        )
    return found


def _require_fitting(bounded: Experiment, reference: Experiment, role: ReferenceRole) -> None:
    one, other = identity_of(bounded), identity_of(reference)
    if role == ReferenceRole.JOINT:
        # A joint training learns in one step what the stream spreads over several.
        one, other = ({**parts, "stream": parts["stream"].get("kind")} for parts in (one, other))
    faults = [
        Fault("/experiment", f"{pointer[1:]} differs from that of the stream {bounded.name!r}", "stream_mismatch")
        for pointer, _, _ in differing_pointers(one, other)
    ]
    if faults:
        raise InvalidRequestError.of_faults(faults)


def _value(session: Session, reference: Member, source: MeasureSource, groups: ClassGroups) -> Statistic | None:
    """Return a reference's value of a measure, of its class scores where it has no such mean."""
    measures = Measures([source], measures_of(session, [reference]).costs)
    (found,) = measures.summary(reference)
    step = reference.reached.step
    if found is not None or source.table is None or step is None:
        return found
    metric = source.table.partition("/")[0]
    values = [groups.mean(one, step, metric, source.column) for one in reference.ranked]
    known = [value for value in values if value is not None]
    return statistic(over_seeds(known), of=len(values)) if known else None


def _gaps(measures: Measures, member: Member, reference: Sequence[Statistic | None]) -> list[float | None]:
    gaps = []
    for source, own, other in zip(measures.sources, measures.summary(member), reference, strict=True):
        means = [None if cell is None else cell.mean for cell in (own, other)]
        is_known = source.table is not None and all(map(is_defined, means))
        gaps.append(means[0] - means[1] if is_known else None)  # type: ignore[operator] # both are defined
    return gaps
