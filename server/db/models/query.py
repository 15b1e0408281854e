"""The queries of an active-learning round, and the answers of people or the oracle."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from server.db.base import Base, BigId, new_id, utc_now
from server.db.states import QueryState


class QueryBatch(Base):
    """The choice of one `label` stage's queries (AL-1); one row per stage, so a retried selection never asks twice."""

    __tablename__ = "query_batch"

    stage_id: Mapped[str] = mapped_column(ForeignKey("stage.id", ondelete="CASCADE"), primary_key=True)
    """The `label` stage that answers."""
    run_id: Mapped[str] = mapped_column(ForeignKey("run.id", ondelete="CASCADE"), index=True)
    select_stage_id: Mapped[str] = mapped_column(ForeignKey("stage.id", ondelete="CASCADE"))
    round: Mapped[int]
    by_people: Mapped[bool]
    """Whether people answer; false if the oracle answers from the start or took over (AL-5)."""
    closes_by_hand: Mapped[bool] = mapped_column(default=False)
    """Whether the round was complete when it was reopened; then neither an answer nor the sweep closes it."""
    share: Mapped[float] = mapped_column(default=1.0)
    """Share of the queries; once so many are accepted, the round closes by itself."""
    deadline: Mapped[datetime | None]
    """Deadline, at which the round closes by itself if it has an accepted answer."""
    grace_s: Mapped[float] = mapped_column(default=0.0)
    """Time that a complete round waits after its last answer."""
    open_until: Mapped[datetime | None]
    """`grace_s` after the last answer; the round does not close by itself before this time."""
    ties: Mapped[str] = mapped_column(default="ignore")
    """Rule for pixels on which independent answers disagree: `ignore` or `review`."""
    assignment: Mapped[str] = mapped_column(default="pull")
    """`pull`: the next person to ask gets a query; `fixed`: each query is assigned from the start."""
    annotators: Mapped[list[Any]] = mapped_column(default=list)
    """Names of the people who may answer; empty = everybody."""
    instructions: Mapped[str | None]
    """Instructions in Markdown; None until the round begins to wait for people."""
    class_instructions: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Raw class id -> instructions in Markdown."""
    acquisition: Mapped[str]
    parameters: Mapped[dict[str, Any]]
    unit: Mapped[str]
    budget: Mapped[float]
    seed: Mapped[str]
    """Seed of the run, as decimal digits."""
    model_sha256: Mapped[str]
    """Digest of the teacher that valued the pool."""
    class_ids: Mapped[list[Any]]
    """Raw ids that an answer may use."""
    ignore_id: Mapped[int]
    pool_digest: Mapped[str]
    pool_size: Mapped[int]
    histogram: Mapped[list[Any]]
    histogram_range: Mapped[list[Any]]
    pool_pixels: Mapped[dict[str, Any]]
    """Raw class id -> pixels of the pool, as predicted by the teacher."""
    queried_pixels: Mapped[dict[str, Any]]
    cover_radius: Mapped[float | None]
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


class Query(Base):
    """One image, or parts of one, to label."""

    __tablename__ = "query"
    __table_args__ = (Index("ix_query_stage_state_rank", "stage_id", "state", "rank"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    """`core.acquisition.queries.query_id`: the same image in the same round of a run has the same id."""
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
    """Number of queried pixels."""
    clicks: Mapped[int] = mapped_column(BigId)
    """Number of separate queried regions."""
    main_class: Mapped[int]
    """Raw id of the class that the teacher predicts for most queried pixels."""
    picture_sha256: Mapped[str]
    mask_sha256: Mapped[str | None]
    """8-bit PNG, 255 = queried; None = the whole image."""
    proposal_sha256: Mapped[str]
    """The teacher's prediction, an index PNG of raw ids."""
    uncertainty_sha256: Mapped[str]
    superpixels_fine_sha256: Mapped[str | None]
    superpixels_medium_sha256: Mapped[str | None]
    superpixels_coarse_sha256: Mapped[str | None]
    """16-bit PNGs; None if no people answer, and for queries of earlier versions."""
    state: Mapped[str] = mapped_column(default=QueryState.OPEN.value)
    reason: Mapped[str | None]
    message: Mapped[str | None]
    """Note on the last change of state, such as the reason for skipping."""
    author: Mapped[str | None]
    """The person who holds the lease, skipped the query, or gave the current answer."""
    lease_until: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=0)
    """Version of the answer that counts; 0 = none."""
    answers_wanted: Mapped[int] = mapped_column(default=1)
    """Number of independent answers wanted; if more than one, the label is made by majority."""
    answers: Mapped[int] = mapped_column(default=0)
    """Number of independent answers given."""
    revision: Mapped[int] = mapped_column(default=1)


class Draft(Base):
    """Unfinished work of one person on a query; only changed tiles are stored (ANN-7)."""

    __tablename__ = "draft"

    query_id: Mapped[str] = mapped_column(ForeignKey("query.id", ondelete="CASCADE"), primary_key=True)
    author: Mapped[str] = mapped_column(primary_key=True)
    revision: Mapped[int]
    """Raised by each save; a save names the revision that it changes (ANN-9)."""
    seconds: Mapped[float]
    clicks: Mapped[int] = mapped_column(BigId)
    regions: Mapped[list[Any]] = mapped_column(default=list)
    """Effort of single regions; see `Annotation`."""
    saved_at: Mapped[datetime] = mapped_column(default=utc_now)


class DraftTile(Base):
    """256 × 256 pixels of a draft; tiles at the right and lower border are smaller."""

    __tablename__ = "draft_tile"

    query_id: Mapped[str] = mapped_column(ForeignKey("query.id", ondelete="CASCADE"), primary_key=True)
    author: Mapped[str] = mapped_column(primary_key=True)
    row: Mapped[int] = mapped_column(primary_key=True)
    column: Mapped[int] = mapped_column(primary_key=True)
    png: Mapped[bytes]
    """Index PNG of raw ids."""
    sources: Mapped[bytes | None]
    """Index PNG of `core.acquisition.pixel_sources.PixelSource`; None if the page records none."""


class Annotation(Base):
    """One version of the answer to a query; versions are never changed or deleted."""

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
    """Index PNG of raw ids; the ignore id outside the queried pixels."""
    merged_sha256: Mapped[str]
    """The same labels merged into the image's earlier labels; the next training uses these."""
    pixels: Mapped[int] = mapped_column(BigId)
    """Number of labelled pixels, without ignored ones."""
    class_pixels: Mapped[dict[str, Any]]
    """Raw class id -> labelled pixels."""
    agreeing_pixels: Mapped[int] = mapped_column(BigId)
    """Number of pixels labelled as the teacher proposed."""
    clicks: Mapped[int] = mapped_column(BigId)
    seconds: Mapped[float]
    person_pixels: Mapped[int | None] = mapped_column(BigId)
    model_pixels: Mapped[int | None] = mapped_column(BigId)
    assisted_pixels: Mapped[int | None] = mapped_column(BigId)
    """Labelled pixels by the label's origin; None if unknown, for example for a mask painted elsewhere."""
    sources_sha256: Mapped[str | None]
    """Index PNG of `core.acquisition.pixel_sources.PixelSource`; None if unknown."""
    regions: Mapped[list[Any]] = mapped_column(default=list)
    """Effort of single regions: `x` and `y` of a pixel of the region, `clicks` and `seconds`."""
    is_late: Mapped[bool]
    """Whether the version came after its round was closed; no checkpoint has used it."""
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
