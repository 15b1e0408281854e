"""Summarise a run's rounds for the API: queries, label cost, and gain (AL-7, MET-8)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.acquisition.catalog import AcquisitionName
from core.acquisition.manifest import MANIFEST_FILE
from core.streams.budgets import BudgetUnit
from server.db.annotations import accepted_rows, tally
from server.db.models import Annotation, Query, QueryBatch, Stage
from server.db.states import StageState
from server.schemas import rounds as schemas
from server.schemas.classes import DatasetClasses
from server.schemas.queries import QueryCounts, SourcePixels
from server.services.rounds.query_views import closing_time


@dataclass
class Answered:
    """Sums over the accepted answers of one round."""

    images: set[str] = field(default_factory=set)
    pixels: int = 0
    clicks: int = 0
    seconds: float = 0.0
    agreeing: int = 0
    class_pixels: dict[int, int] = field(default_factory=dict)
    person: int = 0
    model: int = 0
    assisted: int = 0

    def add(self, query: Query, annotation: Annotation) -> None:
        """Add one answer to the sums."""
        self.images.add(query.image)
        self.pixels += annotation.pixels
        self.clicks += annotation.clicks
        self.seconds += annotation.seconds
        self.agreeing += annotation.agreeing_pixels
        self.person += annotation.person_pixels or 0
        self.model += annotation.model_pixels or 0
        self.assisted += annotation.assisted_pixels or 0
        for raw_id, count in annotation.class_pixels.items():
            self.class_pixels[int(raw_id)] = self.class_pixels.get(int(raw_id), 0) + count

    def cost(self) -> schemas.Cost:
        """Return the cost of the answers."""
        return schemas.Cost(
            images=len(self.images), pixels=self.pixels, clicks=self.clicks, seconds=round(self.seconds, 3)
        )


@dataclass
class RoundSummaries:
    """Summarises the rounds of a run in order, and remembers the queries and labels of earlier rounds.

    Attributes:
        session: a reading session.
        known: classes of the run.
        total: answers of all rounds described so far.
        queried: images queried by those rounds.
    """

    session: Session
    known: DatasetClasses
    total: Answered = field(default_factory=Answered)
    queried: set[str] = field(default_factory=set)

    def describe(self, batch: QueryBatch, label: Stage, gain: float | None) -> schemas.QueryBatch:
        """Summarise the next round, and add its queries and labels to the totals."""
        queries = self.session.scalars(select(Query).where(Query.stage_id == label.id)).all()
        images = {query.image for query in queries}
        overlap = len(images & self.queried)
        self.queried |= images
        answered = self._answered(label.id)
        files = (label.outputs or {}).get("labels", {})
        counts = tally(self.session, label.id)
        return schemas.QueryBatch(
            select_stage_id=batch.select_stage_id,
            label_stage_id=label.id,
            state=StageState(label.state),
            by_people=batch.by_people,
            closes_by_hand=batch.closes_by_hand,
            share=batch.share,
            deadline=batch.deadline,
            closes_at=closing_time(self.session, label.id, counts),
            acquisition=AcquisitionName(batch.acquisition),
            parameters=batch.parameters,
            unit=BudgetUnit(batch.unit),
            budget=batch.budget,
            seed=batch.seed,
            model_sha256=batch.model_sha256,
            pool_size=batch.pool_size,
            pool_digest=batch.pool_digest,
            cover_radius=batch.cover_radius,
            histogram=batch.histogram,
            histogram_range=(batch.histogram_range[0], batch.histogram_range[1]),
            classes=_class_shares(batch, answered, self.known),
            counts=QueryCounts(**counts),
            queried=schemas.Cost(
                images=len(images),
                pixels=sum(query.pixels for query in queries),
                clicks=sum(query.clicks for query in queries),
                seconds=0.0,
            ),
            answered=answered.cost(),
            sources=SourcePixels(person=answered.person, model=answered.model, assisted=answered.assisted),
            overlap_images=overlap,
            agreement=answered.agreeing / answered.pixels if answered.pixels else None,
            gain=gain,
            labels_sha256=files.get(MANIFEST_FILE, {}).get("sha256"),
            changed_since=self._changed_since(label.id),
        )

    def _answered(self, stage_id: str) -> Answered:
        """Sum up the accepted answers of a round, and add them to the total."""
        answered = Answered()
        for query, annotation in accepted_rows(self.session, stage_id):
            answered.add(query, annotation)
            self.total.add(query, annotation)
        return answered

    def _changed_since(self, stage_id: str) -> int:
        late = select(func.count(func.distinct(Annotation.query_id)))
        return self.session.scalar(late.where(Annotation.stage_id == stage_id, Annotation.is_late.is_(True))) or 0


def _class_shares(batch: QueryBatch, answered: Answered, known: DatasetClasses) -> list[schemas.ClassShare]:
    pool, queried = _shares(batch.pool_pixels), _shares(batch.queried_pixels)
    given = _shares({str(raw_id): count for raw_id, count in answered.class_pixels.items()})
    return [
        schemas.ClassShare(
            **known.label(raw_id).model_dump(),
            pool=pool.get(raw_id, 0.0),
            queried=queried.get(raw_id, 0.0),
            answered=given.get(raw_id, 0.0) if given else None,
        )
        for raw_id in batch.class_ids
    ]


def _shares(pixels: Mapping[str, int]) -> dict[int, float]:
    total = sum(pixels.values())
    return {int(raw_id): count / total for raw_id, count in pixels.items()} if total else {}
