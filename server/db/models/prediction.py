"""Prediction panels: every step's predictions of a few test images."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from server.db.base import Base, BigId


class Prediction(Base):
    """A stage's prediction of one panel image: (stage, domain, rank); a retried stage replaces its rows."""

    __tablename__ = "prediction"
    __table_args__ = (
        UniqueConstraint("stage_id", "domain", "rank"),
        # SQL treats NULL domains as different, so rows without a domain have their own key.
        Index(
            "uq_prediction_without_domain",
            "stage_id",
            "rank",
            unique=True,
            sqlite_where=text("domain IS NULL"),
            postgresql_where=text("domain IS NULL"),
        ),
        Index("ix_prediction_run_rank", "run_id", "rank"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    run_id: Mapped[str] = mapped_column(ForeignKey("run.id", ondelete="CASCADE"))
    stage_id: Mapped[str] = mapped_column(ForeignKey("stage.id", ondelete="CASCADE"))
    attempt_number: Mapped[int]
    step: Mapped[int]
    iteration: Mapped[int] = mapped_column(BigId)
    domain: Mapped[str | None]
    """Domain of the image; None if there is only one domain."""
    kind: Mapped[str]
    """Kind of the sample: `dense`, `binary` or `instances`."""
    rank: Mapped[int]
    """Position of the image among its domain's panels, the same in every stage of the run."""
    source: Mapped[str]
    """Id of the image in its dataset."""
    width: Mapped[int]
    height: Mapped[int]
    background_id: Mapped[int | None]
    """Raw id of the background in the index PNGs; null if every pixel has a class."""
    ignore_id: Mapped[int]
    classes: Mapped[list[Any]]
    """Raw ids of the classes in the ground truth."""
    pixel_accuracy: Mapped[float | None]
    iou: Mapped[dict[str, Any]]
    """Raw id -> IoU in this image, for its classes that the model has learned."""
    image_sha256: Mapped[str]
    labels_sha256: Mapped[str]
    """An index PNG of raw ids, or for instances a JSON list of objects; the prediction has the same form."""
    prediction_sha256: Mapped[str]
