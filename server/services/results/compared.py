"""The members of a comparison: found, labelled, and refused where they cannot be compared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from server.errors import InvalidRequestError
from server.schemas.comparison import MAX_MEMBERS, MIN_MEMBERS, MembersQuery
from server.services.results.comparable import require_comparable
from server.services.results.members import Member, experiment_member, run_member


@dataclass(frozen=True)
class Compared:
    """The members of a comparison, with labels that can be told apart.

    Attributes:
        members, labels: in the order of the request.
        baseline: place of the base line; None without one.
        split: split of the evaluations that was asked for.
    """

    members: Sequence[Member]
    labels: Sequence[str]
    baseline: int | None
    split: str | None = None


def find_members(session: Session, query: MembersQuery, baseline: str | None = None) -> Compared:
    """Return the members that a request names: runs first, then experiments.

    Args:
        session: a reading session.
        query: which members.
        baseline: one of them; None = no base line.

    Raises:
        InvalidRequestError: for too few, too many or equal members, and for a base line that is none of them.
        NotFoundError: for an unknown or deleted one.
        StreamMismatchError: when they were not learned and tested on the same data.
    """
    _require_count(len(query.runs) + len(query.experiments))
    members = [run_member(session, run_id, query.split) for run_id in query.runs]
    members += [experiment_member(session, key, query.split) for key in query.experiments]
    keys = [member.key for member in members]
    twice = next((key for key, count in Counter(keys).items() if count > 1), None)
    if twice is not None:
        raise InvalidRequestError.of_query("runs", f"{twice} is named twice; an experiment is named by its digest once")
    labels = labels_of(members)
    require_comparable(members, labels)
    return Compared(members, labels, None if baseline is None else _place(members, baseline), query.split)


def labels_of(members: Sequence[Member]) -> list[str]:
    """Return a label for each member: its name, for a run with the seed; what is equal gets a part of the key."""
    plain = [
        f"{member.definition.name}, seed {member.runs[0].run.seed}" if member.is_run else member.definition.name
        for member in members
    ]
    counts = Counter(plain)
    # The beginnings of ids are times, which are close together.
    return [
        f"{label} ({member.key[-8:]})" if counts[label] > 1 else label
        for label, member in zip(plain, members, strict=True)
    ]


def _require_count(count: int) -> None:
    if not MIN_MEMBERS <= count <= MAX_MEMBERS:
        raise InvalidRequestError.of_query(
            "runs",
            f"{count} runs and experiments are named; a comparison takes {MIN_MEMBERS} to {MAX_MEMBERS}",
            "wrong_count",
        )


def _place(members: Sequence[Member], baseline: str) -> int:
    for place, member in enumerate(members):
        if baseline == member.key or (not member.is_run and baseline in member.experiment_ids):
            return place
    raise InvalidRequestError.of_query("baseline", f"{baseline} is none of the compared runs and experiments")
