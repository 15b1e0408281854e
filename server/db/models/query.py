"""The queries of a round of active learning, and what people or the oracle answer."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from server.db.base import Base, BigId, new_id, utc_now
from server.db.states import QueryState


class QueryBatch(Base):
    """What chose the queries of one `label` stage (AL-1); one row a stage, so a retried selection never asks twice."""

    __tablename__ = "query_batch"

    stage_id: Mapped[str] = mapped_column(ForeignKey("stage.id", ondelete="CASCADE"), primary_key=True)
    """The `label` stage that answers."""
    run_id: Mapped[str] = mapped_column(ForeignKey("run.id", ondelete="CASCADE"), index=True)
    select_stage_id: Mapped[str] = mapped_column(ForeignKey("stage.id", ondelete="CASCADE"))
    round: Mapped[int]
    by_people: Mapped[bool]
    """Whether people answer; false from the beginning, or once the oracle took over (AL-5)."""
    closes_by_hand: Mapped[bool] = mapped_column(default=False)
    """Whether it was complete when it was opened again: then neither an answer nor the sweep closes it."""
    share: Mapped[float] = mapped_column(default=1.0)
    """Of the queries: once so many are accepted it closes by itself."""
    deadline: Mapped[datetime | None]
    """When it closes by itself, if something is accepted."""
    grace_s: Mapped[float] = mapped_column(default=0.0)
    """How long a complete round waits after its last answer."""
    open_until: Mapped[datetime | None]
    """`grace_s` after the last answer; before that it does not close by itself."""
    ties: Mapped[str] = mapped_column(default="ignore")
    """What becomes of pixels on which independent answers disagree: `ignore` or `review`."""
    assignment: Mapped[str] = mapped_column(default="pull")
    """`pull`: whoever asks next has a query; `fixed`: each is somebody's from the beginning."""
    annotators: Mapped[list[Any]] = mapped_column(default=list)
    """Names of those who may answer; empty = everybody."""
    instructions: Mapped[str | None]
    """Markdown; None until the round has begun to wait for people."""
    class_instructions: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Raw class id -> Markdown."""
    acquisition: Mapped[str]
    parameters: Mapped[dict[str, Any]]
    unit: Mapped[str]
    budget: Mapped[float]
    seed: Mapped[str]
    """Of the run, as decimal digits."""
    model_sha256: Mapped[str]
    """Of the teacher that valued the pool."""
    class_ids: Mapped[list[Any]]
    """Raw ids with which a pixel may be answered."""
    ignore_id: Mapped[int]
    pool_digest: Mapped[str]
    pool_size: Mapped[int]
    histogram: Mapped[list[Any]]
    histogram_range: Mapped[list[Any]]
    pool_pixels: Mapped[dict[str, Any]]
    """Raw class id -> pixels of the pool, by the teacher."""
    queried_pixels: Mapped[dict[str, Any]]
    cover_radius: Mapped[float | None]
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


class Query(Base):
    """One image, or parts of one, that somebody is to label."""

    __tablename__ = "query"
    __table_args__ = (Index("ix_query_stage_state_rank", "stage_id", "state", "rank"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    """`core.acquisition.queries.query_id`: the same image in a round of a run has the same id."""
    run_id: Mapped[str] = mapped_column(ForeignKey("run.id", ondelete="CASCADE"), index=True)
    stage_id: Mapped[str] = mapped_column(ForeignKey("stage.id", ondelete="CASCADE"))
    """The `label` stage."""
    rank: Mapped[int]
    image: Mapped[str]
    """Id of the image in the target's training split."""
    unit: Mapped[str]
    """`image`, `region` or `pixel`."""
    value: Mapped[float]
    group: Mapped[str]
    width: Mapped[int]
    height: Mapped[int]
    pixels: Mapped[int] = mapped_column(BigId)
    """Queried pixels."""
    clicks: Mapped[int] = mapped_column(BigId)
    """Separate queried places."""
    main_class: Mapped[int]
    """Raw id of the class that the teacher gives most of the queried pixels."""
    picture_sha256: Mapped[str]
    mask_sha256: Mapped[str | None]
    """8-bit PNG, 255 = queried; None = the whole image."""
    proposal_sha256: Mapped[str]
    """The teacher's prediction, an index PNG of raw ids."""
    uncertainty_sha256: Mapped[str]
    superpixels_fine_sha256: Mapped[str | None]
    superpixels_medium_sha256: Mapped[str | None]
    superpixels_coarse_sha256: Mapped[str | None]
    """16-bit PNGs; None where no people were to answer, and for queries of earlier versions."""
    state: Mapped[str] = mapped_column(default=QueryState.OPEN.value)
    reason: Mapped[str | None]
    message: Mapped[str | None]
    """Of the last change of state, such as why it was skipped."""
    author: Mapped[str | None]
    """Who has it leased, skipped it, or gave the present answer."""
    lease_until: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=0)
    """Of the answer that counts; 0 = none."""
    answers_wanted: Mapped[int] = mapped_column(default=1)
    """Independent answers that it gets; of more than one the label is made by majority."""
    answers: Mapped[int] = mapped_column(default=0)
    """Independent answers that are there."""
    revision: Mapped[int] = mapped_column(default=1)


class Draft(Base):
    """Unfinished work of one person on a query; only changed tiles are stored (ANN-7)."""

    __tablename__ = "draft"

    query_id: Mapped[str] = mapped_column(ForeignKey("query.id", ondelete="CASCADE"), primary_key=True)
    author: Mapped[str] = mapped_column(primary_key=True)
    revision: Mapped[int]
    """Raised by each save; a save names the one it changes (ANN-9)."""
    seconds: Mapped[float]
    clicks: Mapped[int] = mapped_column(BigId)
    regions: Mapped[list[Any]] = mapped_column(default=list)
    """As those of `Annotation`."""
    saved_at: Mapped[datetime] = mapped_column(default=utc_now)


class DraftTile(Base):
    """256 x 256 pixels of a draft, less at the right and lower border."""

    __tablename__ = "draft_tile"

    query_id: Mapped[str] = mapped_column(ForeignKey("query.id", ondelete="CASCADE"), primary_key=True)
    author: Mapped[str] = mapped_column(primary_key=True)
    row: Mapped[int] = mapped_column(primary_key=True)
    column: Mapped[int] = mapped_column(primary_key=True)
    png: Mapped[bytes]
    """Index PNG of raw ids."""
    sources: Mapped[bytes | None]
    """Index PNG of `core.acquisition.pixel_sources.PixelSource`; None where the page notes none."""


class Annotation(Base):
    """One version of the answer to a query; none is ever changed or lost."""

    __tablename__ = "annotation"
    __table_args__ = (UniqueConstraint("query_id", "version"),)

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    run_id: Mapped[str] = mapped_column(ForeignKey("run.id", ondelete="CASCADE"), index=True)
    stage_id: Mapped[str] = mapped_column(ForeignKey("stage.id", ondelete="CASCADE"), index=True)
    query_id: Mapped[str] = mapped_column(ForeignKey("query.id", ondelete="CASCADE"))
    version: Mapped[int]
    author: Mapped[str]
    source: Mapped[str]
    """`person`, `oracle`, `import` or `consensus`."""
    parents: Mapped[list[Any]] = mapped_column(default=list)
    """Versions from which a consensus was made."""
    mask_sha256: Mapped[str]
    """Index PNG of raw ids, the ignore id outside of the queried pixels."""
    merged_sha256: Mapped[str]
    """The same laid over what earlier rounds labelled in the image: what the next training sees."""
    pixels: Mapped[int] = mapped_column(BigId)
    """Labelled, ignored ones not counted."""
    class_pixels: Mapped[dict[str, Any]]
    """Raw class id -> labelled pixels."""
    agreeing_pixels: Mapped[int] = mapped_column(BigId)
    """Labelled as the teacher proposed."""
    clicks: Mapped[int] = mapped_column(BigId)
    seconds: Mapped[float]
    person_pixels: Mapped[int | None] = mapped_column(BigId)
    model_pixels: Mapped[int | None] = mapped_column(BigId)
    assisted_pixels: Mapped[int | None] = mapped_column(BigId)
    """Labelled pixels by where the label comes from; None where nobody knows, such as of a mask painted elsewhere."""
    sources_sha256: Mapped[str | None]
    """Index PNG of `core.acquisition.pixel_sources.PixelSource`; None where they are unknown."""
    regions: Mapped[list[Any]] = mapped_column(default=list)
    """What single regions took: `x` and `y` of a pixel of the region, `clicks` and `seconds`."""
    is_late: Mapped[bool]
    """Made after its round was closed: no checkpoint has seen it."""
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
