"""Which rounds, queries and answers an annotator may reach; the others do not exist for them (AUTH-5)."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import Session

from server.auth.permissions import Reach
from server.db.models import Annotation, Assignment, Draft, Query, QueryBatch, Stage
from server.db.states import AssignmentState, StageState

MOST_DIGITS = 8


def reaches(session: Session, name: str, reach: Reach, parts: Mapping[str, str]) -> bool:
    """Return whether an annotator may reach the thing that a request names.

    Args:
        session: a reading session.
        name: name of the annotator.
        reach: reach of the operation.
        parts: path parameters, and `version` from the query string.
    """
    if reach is Reach.ANY:
        return True
    return session.execute(_found(name, reach, parts).limit(1)).first() is not None


def _found(name: str, reach: Reach, parts: Mapping[str, str]) -> Select[str]:
    if reach is Reach.ROUND:
        return select(QueryBatch.stage_id).where(QueryBatch.stage_id == parts["stage_id"], _is_theirs(name))
    if reach is Reach.OWN_ANNOTATION:
        return select(Annotation.id).where(Annotation.id == parts["annotation_id"], Annotation.author == name)
    query = select(Query.id).where(Query.id == parts["query_id"])
    if reach is Reach.OWN_ANSWER:
        given = (Assignment.query_id == Query.id) & (Assignment.author == name)
        is_among = select(Assignment.query_id).where(given, Assignment.state == AssignmentState.ANSWERED).exists()
        return query.where(or_(Query.author == name, is_among))
    if reach is Reach.OWN_VERSION:
        version = parts.get("version", "")
        # The schema refuses a version that is not a number, later and in its own words.
        answered = query.join(Annotation, Annotation.query_id == Query.id).where(Annotation.author == name)
        is_number = version.isdecimal() and len(version) < MOST_DIGITS
        return answered.where(Annotation.version == int(version)) if is_number else answered
    return query.join(QueryBatch, QueryBatch.stage_id == Query.stage_id).where(_is_theirs(name))


def _is_theirs(name: str) -> ColumnElement[bool]:
    """Condition: a round waits for people, or holds an answer or draft of the annotator."""
    waits = (
        select(Stage.id)
        .where(Stage.id == QueryBatch.stage_id, Stage.state == StageState.WAITING_ANNOTATION)
        .where(QueryBatch.by_people)
        .exists()
    )
    answered = select(Annotation.id).where(Annotation.stage_id == QueryBatch.stage_id, Annotation.author == name)
    begun = (
        select(Draft.query_id)
        .join(Query, Query.id == Draft.query_id)
        .where(Query.stage_id == QueryBatch.stage_id, Draft.author == name)
    )
    return or_(waits, answered.exists(), begun.exists())
