"""Prediction panels: a few test images through the model of every step."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from server.db.base import Base, BigId


class Prediction(Base):
    """What the model of a stage makes of one panel image: (stage, domain, rank); a retried stage replaces its rows."""

    __tablename__ = "prediction"
    __table_args__ = (
        UniqueConstraint("stage_id", "domain", "rank"),
        # Absent domains count as different, so that the case without one has its own key.
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
    """Domain of the image; None where the images are of the only one."""
    kind: Mapped[str]
    """Kind of the sample: `dense`, `binary` or `instances`."""
    rank: Mapped[int]
    """Place of the image among the panels of its domain: the same in every stage of the run."""
    source: Mapped[str]
    """Id of the image in its dataset."""
    width: Mapped[int]
    height: Mapped[int]
    background_id: Mapped[int | None]
    """Raw id of the background in the index PNGs; null where every pixel has a class."""
    ignore_id: Mapped[int]
    classes: Mapped[list[Any]]
    """Raw ids of the classes that the ground truth shows."""
    pixel_accuracy: Mapped[float | None]
    iou: Mapped[dict[str, Any]]
    """Raw id -> IoU in this image, for the classes that it shows and the model has learnt."""
    image_sha256: Mapped[str]
    labels_sha256: Mapped[str]
    """An index PNG of raw ids, or of instances a list of objects as JSON; so is the prediction."""
    prediction_sha256: Mapped[str]
