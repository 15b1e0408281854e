"""The runs of an experiment: which of them its means count, and how far they are.

Runs whose definitions resolve to one digest are one experiment, however they were started.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.methods.catalog import scoring_of
from core.methods.scoring import Scoring
from server.db.models import Attempt, Evaluation, Experiment, Run, Stage
from server.db.shared_stages import OWNER
from server.db.states import RunState
from server.errors import NotFoundError
from server.schemas.results import Reached, SeedRun
from server.services.results.run_tables import RunTables, run_tables

ARCHIVED = "archived"
NOT_TESTED = "not tested yet"
SAME_SEED = "another run of this seed counts"


@dataclass(frozen=True)
class MemberRun:
    """One run, with its tables read when they are first asked for.

    Attributes:
        run: the row.
        read_tables: reads the tables.
        split: split of the evaluations; None if nothing was tested.
        last_step: the last step that was tested on it, likewise.
        code_versions: versions of the code that its attempts ran with.
        note: why it is not counted; empty if it is.
    """

    run: Run
    read_tables: Callable[[], RunTables]
    split: str | None
    last_step: int | None
    code_versions: Sequence[str]
    note: str = ""

    @cached_property
    def tables(self) -> RunTables:
        """Every table of the run."""
        return self.read_tables()

    @property
    def is_counted(self) -> bool:
        """Whether means count the run."""
        return not self.note

    @property
    def has_succeeded(self) -> bool:
        """Whether the run has ended well."""
        return self.run.state == RunState.SUCCEEDED


@dataclass(frozen=True)
class Member:
    """An experiment, or one run, with its scores.

    Attributes:
        key: the digest of the experiment, or the id of the run.
        is_run: whether it is one run.
        definition: the newest stored definition.
        experiment_ids: all stored definitions, oldest first.
        runs: by seed, the counted run of a seed first.
        scoring: scoring of the method.
    """

    key: str
    is_run: bool
    definition: Experiment
    experiment_ids: Sequence[str]
    runs: Sequence[MemberRun]
    scoring: Scoring

    @cached_property
    def counted(self) -> list[MemberRun]:
        """The counted runs, one a seed."""
        return [one for one in self.runs if one.is_counted]

    @cached_property
    def ranked(self) -> list[MemberRun]:
        """The runs whose values stand for the member: those that have succeeded, or if none has, all counted ones."""
        return [one for one in self.counted if one.has_succeeded] or self.counted

    @cached_property
    def reached(self) -> Reached:
        """The step whose scores stand for the member: the last one that all ranked runs have tested."""
        steps = [one.last_step for one in self.ranked if one.last_step is not None]
        is_final = bool(self.ranked) and all(one.has_succeeded for one in self.ranked)
        return Reached(step=min(steps, default=None), is_final=is_final)

    @cached_property
    def drawn(self) -> list[MemberRun]:
        """The runs whose curves are drawn: one a seed, tested or not."""
        first: dict[int, MemberRun] = {}
        for one in self.runs:
            if one.note != ARCHIVED:
                first.setdefault(one.run.seed, one)
        return list(first.values())

    @property
    def split(self) -> str | None:
        """Split of the evaluations; None if nothing was tested."""
        return next((one.split for one in self.counted), None)


def experiment_member(session: Session, key: str, split: str | None = None) -> Member:
    """Return an experiment by its digest, or by the id of one of its definitions; raises NotFoundError."""
    digest = digest_of(session, key)
    definitions = list(session.scalars(select(Experiment).where(Experiment.digest == digest).order_by(Experiment.id)))
    statement = select(Run).join(Experiment, Run.experiment_id == Experiment.id)
    live = statement.where(Experiment.digest == digest, Run.deleted_at.is_(None)).order_by(Run.seed, Run.id)
    return _member(session, digest, definitions, list(session.scalars(live)), split, is_run=False)


def run_member(session: Session, run_id: str, split: str | None = None) -> Member:
    """Return one run by itself; it counts even if it is archived. Raises NotFoundError."""
    run = session.get(Run, run_id)
    if run is None or run.deleted_at is not None:
        deleted = f"; it was deleted, and POST /api/v1/runs/{run_id}/restore brings it back" if run is not None else ""
        raise NotFoundError("run", run_id, deleted)
    return _member(session, run_id, [run.experiment], [run], split, is_run=True)


def digest_of(session: Session, key: str) -> str:
    """Return the digest of an experiment that is named by it, or by the id of a definition; raises NotFoundError."""
    is_named = (Experiment.id == key) | (Experiment.digest == key)
    digest = session.scalar(select(Experiment.digest).where(is_named).limit(1))
    if digest is None:
        raise NotFoundError("experiment", key, "; name it by its id, or by the digest of its resolved configuration")
    return digest


def seed_runs(member: Member) -> list[SeedRun]:
    """Return the runs of a member for an answer."""
    return [
        SeedRun(
            run_id=one.run.id,
            experiment_id=one.run.experiment_id,
            name=one.run.experiment.name,
            seed=one.run.seed,
            state=RunState(one.run.state),
            step=one.last_step,
            score=one.run.last_score,
            is_counted=one.is_counted,
            note=one.note,
            code_versions=list(one.code_versions),
            created_at=one.run.created_at,
            finished_at=one.run.finished_at,
        )
        for one in member.runs
    ]


def _member(
    session: Session,
    key: str,
    definitions: Sequence[Experiment],
    rows: Sequence[Run],
    split: str | None,
    *,
    is_run: bool,
) -> Member:
    scoring = scoring_of(definitions[-1].method)
    ids = [run.id for run in rows]
    versions, tested = _code_versions(session, ids), _tested(session, ids, split)
    found = [
        MemberRun(
            run=run,
            read_tables=partial(run_tables, session, run.id, scoring, split),
            split=tested.get(run.id, (None, None))[0],
            last_step=tested.get(run.id, (None, None))[1],
            code_versions=versions[run.id],
        )
        for run in rows
    ]
    return Member(
        key=key,
        is_run=is_run,
        definition=definitions[-1],
        experiment_ids=[definition.id for definition in definitions],
        runs=_with_notes(found, is_run=is_run),
        scoring=scoring,
    )


def _with_notes(found: Sequence[MemberRun], *, is_run: bool) -> list[MemberRun]:
    """Count one run a seed: of those that were tested, the one that is farthest, and of equals the newest."""
    by_seed: dict[int, list[MemberRun]] = defaultdict(list)
    for one in found:
        by_seed[one.run.seed].append(one)
    noted = []
    for _, of_seed in sorted(by_seed.items()):
        ordered = sorted(of_seed, key=_standing, reverse=True)
        for place, one in enumerate(ordered):
            note = "" if place == 0 else SAME_SEED
            note = NOT_TESTED if one.last_step is None else note
            note = ARCHIVED if one.run.is_archived and not is_run else note
            noted.append(replace(one, note=note))
    return noted


def _standing(one: MemberRun) -> tuple[bool, bool, bool, int, str]:
    last = one.last_step
    return not one.run.is_archived, last is not None, one.has_succeeded, -1 if last is None else last, one.run.id


def _tested(session: Session, run_ids: Sequence[str], split: str | None) -> Mapping[str, tuple[str, int]]:
    """Return run id -> the split and its last tested step; by default the split of the run's first evaluation."""
    statement = (
        select(Stage.run_id, Evaluation.split, Evaluation.step)
        .join(Evaluation, Evaluation.stage_id == OWNER)
        .where(Stage.run_id.in_(run_ids))
    )
    found: dict[str, tuple[str, int]] = {}
    for run_id, name, step in session.execute(statement.order_by(Evaluation.step, Evaluation.id)):
        chosen = split or found.get(run_id, (name, step))[0]
        if name == chosen:
            found[run_id] = (name, step)
    return found


def _code_versions(session: Session, run_ids: Sequence[str]) -> Mapping[str, list[str]]:
    statement = (
        select(Stage.run_id, Attempt.code_version)
        .join(Attempt, Attempt.stage_id == Stage.id)
        .where(Stage.run_id.in_(run_ids), Attempt.code_version.is_not(None))
        .distinct()
        .order_by(Stage.run_id, Attempt.code_version)
    )
    found: dict[str, list[str]] = defaultdict(list)
    for run_id, version in session.execute(statement):
        found[run_id].append(str(version))
    return found
