"""The one definition of the step at which a run learns each class and domain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.stage.events import BACKGROUND_ID
from core.streams.catalog import stored_stream
from server.db.models import Evaluation, Experiment, Run, Score
from server.db.shared_stages import is_of_run


@dataclass(frozen=True)
class Learning:
    """The steps that teach a run's classes and domains.

    If the stream names the classes of each step, they are learned at that step, and other classes are never learned.
    If it names none, each scored class is learned at its first evaluation; in active-learning rounds, from the
    beginning. Before the first evaluation, that is every class. The same holds for domains: if the stream names the
    domain of each step, other domains are never learned. The background is never taught.

    Attributes:
        taught: raw id -> step, as named by the stream, in the order of learning; empty if it names no classes.
        scored: raw id -> step of the first evaluation that scores the class.
        domains: tested domain -> step that teaches it, or None. Domains named by the stream come in its order, the
            others in the order of their first evaluations.
    """

    taught: Mapping[int, int]
    scored: Mapping[int, int]
    domains: Mapping[str, int | None]

    def step_of(self, class_id: int) -> int | None:
        """Return the step that teaches a class; None if no step does, and for the background."""
        if class_id == BACKGROUND_ID:
            return None
        if self.taught:
            return self.taught.get(class_id)
        return self.scored.get(class_id) if self.scored else 0

    def order_of(self, class_id: int) -> tuple[int, int, int]:
        """Return the sort key of a class: the background first, then by step, then by the stream's order."""
        if class_id == BACKGROUND_ID:
            return -1, 0, class_id
        step = self.step_of(class_id)
        listed = list(self.taught).index(class_id) if class_id in self.taught else len(self.taught)
        return (len(self.taught) if step is None else step), listed, class_id


def learning_of(session: Session, run_id: str) -> Learning:
    """Return the learning steps of an existing run."""
    statement = select(Experiment.resolved).join(Run, Run.experiment_id == Experiment.id).where(Run.id == run_id)
    stream = stored_stream(session.scalars(statement).one()["stream"])
    steps = stream.classes_per_step if stream is not None else ()
    scored = (
        select(Score.class_id, func.min(Score.step))
        .join(Evaluation, Evaluation.id == Score.evaluation_id)
        .where(is_of_run(Evaluation.stage_id, run_id), Score.class_id.is_not(None))
        .group_by(Score.class_id)
    )
    first = func.min(Evaluation.step)
    domains = (
        select(Evaluation.domain, first)
        .where(is_of_run(Evaluation.stage_id, run_id), Evaluation.domain.is_not(None))
        .group_by(Evaluation.domain)
        .order_by(first, func.min(Evaluation.id))
    )
    return Learning(
        taught={class_id: step for step, classes in enumerate(steps) for class_id in classes},
        scored={class_id: step for class_id, step in session.execute(scored) if class_id is not None},
        domains=_domains(
            {domain: step for domain, step in session.execute(domains) if domain is not None},
            stream.domains_per_step if stream is not None else (),
        ),
    )


def _domains(tested: Mapping[str, int], taught: Sequence[str]) -> dict[str, int | None]:
    """Return the step that teaches each tested domain."""
    if not taught:
        return dict(tested)
    named = {name: step for step, name in enumerate(taught) if name in tested}
    return {**named, **{name: None for name in tested if name not in named}}
