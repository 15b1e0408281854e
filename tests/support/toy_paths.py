"""The config of a method that no code knows, with a path in a place that no code knows."""

from __future__ import annotations

from pydantic import Field

from core.engine.sections import ConfigSection
from core.methods.css_baselines.config import FinetuneConfig
from core.server_path import ServerPath


class Expert(ConfigSection):
    """One of the toy's experts."""

    embeddings: ServerPath


class ToyConfig(FinetuneConfig):
    """Settings of the toy."""

    experts: dict[str, Expert] = Field(default_factory=dict)
    prompt: str = ""
