"""Rules that decide a pixel's class from the logits. Free of torch."""

from __future__ import annotations

from typing import Literal

DecisionRule = Literal["threshold", "argmax_all", "best_class"]
"""See `core.metrics.confusion.predict`."""
