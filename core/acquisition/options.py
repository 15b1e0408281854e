"""The settings of a selection, shared by all methods with rounds. Free of torch."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, model_validator

from core.acquisition.catalog import (
    ACQUISITIONS,
    AcquisitionName,
    AggregationName,
    Evidence,
    QueryUnit,
    QuotaRule,
)
from core.engine.sections import ConfigSection

OF_PIXELS = (Evidence.NOTHING, Evidence.LOGITS, Evidence.DROPOUT_PASSES)
"""With this evidence a function gives every pixel a value, so it can also query parts of images."""
REGION_RADIUS_PX, PIXEL_RADIUS_PX = 1, 32


class AcquisitionOptions(ConfigSection):
    """How the next labels are chosen."""

    name: AcquisitionName = Field(AcquisitionName.STAL, description="The acquisition function.")
    stratify: bool = Field(True, description="Share the budget among the groups of images (cities).")
    quota: QuotaRule = Field(
        QuotaRule.LARGEST_REMAINDER,
        description="How a budget is shared; the published rule can ask a group for too much.",
    )
    aggregation: AggregationName = Field(AggregationName.MEAN, description="From the pixels' values to the image's.")
    top_fraction: float = Field(0.25, gt=0, le=1, description="Share of the pixels that `top` averages.")
    passes: int = Field(10, ge=2, le=100, description="Forward passes with dropout (mc_entropy, bald).")
    unit: Literal["auto", "image", "region", "pixel"] = Field(
        "auto",
        description="What a query covers: what the function was published for, or parts by the values of pixels.",
    )
    radius: int | None = Field(
        None, ge=0, le=64, description="Radius k of windows, in pixels; 1 for regions and 32 for pixels if not given."
    )
    score_input: Literal["resize", "native", "sliding"] = Field(
        "resize", description="What STAL's score sees: the image squeezed to the crop's size, as it is, or by windows."
    )

    @model_validator(mode="after")
    def _function_has_such_parts(self) -> AcquisitionOptions:
        if self.query_unit is not ACQUISITIONS[self.name].unit and ACQUISITIONS[self.name].evidence not in OF_PIXELS:
            able = ", ".join(name for name, entry in ACQUISITIONS.items() if entry.evidence in OF_PIXELS)
            raise ValueError(
                f"acquisition {self.name} asks for a whole {ACQUISITIONS[self.name].unit} and not for a {self.unit}; "
                f"leave unit 'auto', or take one of {able}"
            )
        return self

    @property
    def query_unit(self) -> QueryUnit:
        """The unit of a query."""
        return ACQUISITIONS[self.name].unit if self.unit == "auto" else QueryUnit(self.unit)

    @property
    def radius_px(self) -> int:
        """Radius of a region's window, or of the window that a chosen pixel blocks."""
        published = PIXEL_RADIUS_PX if self.query_unit is QueryUnit.PIXEL else REGION_RADIUS_PX
        return published if self.radius is None else self.radius

    def in_use(self) -> dict[str, Any]:
        """Return the settings that affect the chosen function, as plain JSON data."""
        entry, names = ACQUISITIONS[self.name], {"name"}
        asks_for_images = self.query_unit is QueryUnit.IMAGE
        if not asks_for_images:
            names |= {"unit", "radius"}
        elif self.name is not AcquisitionName.CORESET:
            names |= {"stratify", "quota"} if self.stratify else {"stratify"}
        if asks_for_images and entry.evidence in (Evidence.LOGITS, Evidence.DROPOUT_PASSES):
            names |= {"aggregation", "top_fraction"} if self.aggregation is AggregationName.TOP else {"aggregation"}
        if entry.evidence is Evidence.DROPOUT_PASSES:
            names.add("passes")
        if entry.evidence is Evidence.IMAGE_LOGITS:
            names.add("score_input")
        resolved = {"unit": self.query_unit.value, "radius": self.radius_px}
        return {key: resolved.get(key, value) for key, value in self.model_dump(mode="json", include=names).items()}
