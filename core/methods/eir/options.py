"""Settings specific to EIR: memory, pseudo labels, pasting. Free of torch.

Field defaults are those of EIR 4.2 to 4.4.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from core.engine.sections import ConfigSection
from core.errors import ConfigError

Positive = Annotated[float, Field(gt=0, le=100)]


class MemoryOptions(ConfigSection):
    """Which instances of old classes are kept."""

    size: int = Field(
        100, ge=0, le=100_000, description="Instances kept, all classes together; 0 turns replay and pasting off."
    )
    filter_view: Literal["full", "crop"] = Field(
        "full",
        description="Judge an image by its whole label, or by a random training crop of it as the published code does.",
    )
    filter: Literal["image", "class"] = Field(
        "image",
        description="Keep images whose every class is one connected blob (image, published), or from each image the "
        "classes that are one (class). Scenes of many objects need class.",
    )
    speck_px: int = Field(
        0,
        ge=0,
        le=1_000_000,
        description="Blobs of fewer pixels neither count nor are kept; 0 counts all (published).",
    )
    min_area: int = Field(
        0, ge=0, description="Fewest pixels that each class of an image must have to be kept; 0 is off."
    )
    border_px: int = Field(
        0, ge=0, le=1024, description="Least distance of a kept object from the image's border, in pixels; 0 is off."
    )


class PseudoLabelOptions(ConfigSection):
    """Labels that the old model gives to pixels labelled background."""

    threshold: float = Field(
        0.7, ge=0, le=1, description="Least probability at which the old model's class replaces the background label."
    )


class BetaBlend(ConfigSection):
    """Random blending: one draw a paste."""

    beta: tuple[Positive, Positive] = Field(
        (1.0, 1.0), description="Parameters a and b of the Beta distribution; 1 and 1 is uniform."
    )


class PasteOptions(ConfigSection):
    """How stored instances are blended into training images."""

    model_config = ConfigDict(populate_by_name=True, serialize_by_alias=True)

    enabled: bool = Field(True, description="Paste stored instances into the background of training images.")
    cell: int | None = Field(
        None,
        ge=2,
        le=4096,
        description="Side of the box an instance is fitted into, in pixels; default is 250/512 of the crop.",
    )
    lambda_: BetaBlend | Annotated[float, Field(gt=0, le=1)] = Field(
        BetaBlend(),
        alias="lambda",
        description="Weight of the instance against the image: a Beta distribution, or a number; 1 covers the image.",
    )
    filler: Literal["lt2", "empty", "none"] = Field(
        "lt2",
        description="Fill up to three pastes with random old classes where the old model sees fewer than two (lt2),"
        " none at all (empty), or never (none).",
    )
    placement: Literal["distinct", "best_cell"] = Field(
        "distinct",
        description="Fillers go to the next emptiest cells, or all to the emptiest one as in the published code.",
    )
    resize: Literal["nearest", "bilinear"] = Field(
        "nearest", description="How the pasted pixels are resized to the cell; masks are always resized by nearest."
    )
    style: Literal["none", "match_host"] = Field(
        "none",
        description="Colours of a pasted instance: its own, or each colour channel with the mean and deviation of the "
        "image that takes it (match_host).",
    )
    mixstyle: Literal["none", "random", "crossdomain"] = Field(
        "none",
        description="MixStyle after pasting, in half of the batches: each image mixes the colour statistics of a "
        "partner into its own. Partners are any images (random) or those of the batch's other half (crossdomain).",
    )

    def cell_px(self, crop_px: int) -> int:
        """Return the side B of a cell on a canvas of side S = `crop_px`: floor(250·S/512) unless set.

        Raises:
            ConfigError: if the cell is larger than the canvas.
        """
        cell_px = 250 * crop_px // 512 if self.cell is None else self.cell
        if cell_px > crop_px:
            raise ConfigError(
                f"paste.cell is {cell_px} px but the training crop has {crop_px} px; lower paste.cell or leave it out",
                "/paste/cell",
            )
        return cell_px
