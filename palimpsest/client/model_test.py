"""The draft of a test of a trained model."""

from __future__ import annotations

from typing import Any

from palimpsest.client.models import Answer


class ModelTestDraft(Answer):
    """An experiment document that tests a trained model, and a name for it."""

    name: str
    document: dict[str, Any]
