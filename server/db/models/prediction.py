"""Prediction panels: a few test images through the model of every step."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from server.db.base import Base, BigId


class Prediction(Base):
    """What the model of one stage makes of one panel image; a retried stage replaces its rows."""

    __tablename__ = "prediction"
    __table_args__ = (UniqueConstraint("stage_id", "rank"), Index("ix_prediction_run_rank", "run_id", "rank"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    run_id: Mapped[str] = mapped_column(ForeignKey("run.id", ondelete="CASCADE"))
    stage_id: Mapped[str] = mapped_column(ForeignKey("stage.id", ondelete="CASCADE"))
    attempt_number: Mapped[int]
    step: Mapped[int]
    iteration: Mapped[int] = mapped_column(BigId)
    rank: Mapped[int]
    """Place of the image among the panels: the same in every stage of the run."""
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
    prediction_sha256: Mapped[str]
