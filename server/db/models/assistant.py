"""The annotator's assistant: which model a round has, and what was computed for its queries (ANN-12)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from server.db.base import Base, BigId, utc_now


class AssistantJob(Base):
    """The embedding of one round's queries; its state is one of `server.db.assistants.AssistantState`."""

    __tablename__ = "assistant_job"

    stage_id: Mapped[str] = mapped_column(ForeignKey("stage.id", ondelete="CASCADE"), primary_key=True)
    """The `label` stage."""
    choice: Mapped[dict[str, Any]]
    """`core.streams.assistant.AssistantModel`."""
    choice_no: Mapped[int] = mapped_column(default=1)
    """Raised by each new choice; a worker that embeds for an earlier one stops."""
    state: Mapped[str] = mapped_column(index=True)
    claims: Mapped[int] = mapped_column(default=0)
    """Number of workers that have claimed the job since the choice."""
    worker_id: Mapped[str | None]
    lease_until: Mapped[datetime | None]
    message: Mapped[str | None]
    """Why it failed, or which images could not be read."""
    model_digest: Mapped[str | None]
    model: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    """`core.models.sam.embedding_order.ModelFacts`; None until the model was opened."""
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    finished_at: Mapped[datetime | None]


class AssistantDecoder(Base):
    """The exported decoder of a model, or of one of its adapters."""

    __tablename__ = "assistant_decoder"

    model_digest: Mapped[str] = mapped_column(primary_key=True)
    adapter: Mapped[str] = mapped_column(primary_key=True)
    """Empty with one head or none."""
    sha256: Mapped[str]
    bytes: Mapped[int] = mapped_column(BigId)


class AssistantEmbedding(Base):
    """The features of one image by one model."""

    __tablename__ = "assistant_embedding"

    model_digest: Mapped[str] = mapped_column(primary_key=True)
    image_sha256: Mapped[str] = mapped_column(primary_key=True)
    adapter: Mapped[str]
    """Adapter that answers for the image."""
    sha256: Mapped[str]
    """Features in half precision, a safetensors file."""
    bytes: Mapped[int] = mapped_column(BigId)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
