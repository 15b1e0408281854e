"""The output of a select stage: `queries.json` and the maps beside it. Free of torch.

```
queries.json          a QueryBatch
pictures/ID.jpg       the image at its own size, for people
masks/ID.png          8-bit, 255 = a queried pixel; absent if the whole image is queried
proposals/ID.png      index PNG of raw ids: the teacher's prediction, from which a person starts
uncertainty/ID.png    8-bit, 255 = the largest possible uncertainty
superpixels/ID-SIZE.png   16-bit: number of each pixel's superpixel, in three sizes; only if people answer
```
"""

from __future__ import annotations

import hashlib
import io
import json
from pathlib import Path
from typing import Any, Literal

from PIL import Image as PILImage
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from core.acquisition.catalog import AcquisitionName, QueryUnit, SuperpixelSize
from core.data.samples import Image
from core.errors import StorageError
from core.files import write_atomically
from core.streams.budgets import BudgetUnit

QUERY_FILE = "queries.json"
PICTURE_QUALITY = 90


class Query(BaseModel):
    """One image, or parts of one, that somebody is asked to label."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern=r"^[0-9a-f]{16}$")
    """The same for the same image in the same round of a run, whichever attempt chooses it."""
    image: str
    """Id of the image in the target's training split."""
    unit: QueryUnit
    rank: int = Field(ge=0)
    value: float
    group: str = ""
    width: int = Field(ge=1)
    height: int = Field(ge=1)
    pixels: int = Field(ge=1)
    """Queried pixels."""
    clicks: int = Field(ge=1)
    """Separate queried places: regions or pixels; 1 for a whole image."""
    main_class: int = Field(ge=0, le=255)
    """Raw id of the class that the teacher gives most of the queried pixels, the lowest of several."""
    picture: str
    mask: str | None = None
    proposal: str
    uncertainty: str
    superpixels: dict[SuperpixelSize, str] = Field(default_factory=dict)
    """Every size, or none where no people answer."""

    @model_validator(mode="before")
    @classmethod
    def _read_earlier_name(cls, fields: Any) -> Any:
        """A batch that an earlier version wrote names the proposal `draft`."""
        if isinstance(fields, dict) and "draft" in fields and "proposal" not in fields:
            return {("proposal" if name == "draft" else name): value for name, value in fields.items()}
        return fields

    @property
    def files(self) -> list[str]:
        """All files of the query."""
        maps = (self.picture, self.mask, self.proposal, self.uncertainty, *self.superpixels.values())
        return [path for path in maps if path is not None]


class QueryBatch(BaseModel):
    """`queries.json`: all queries of one round, and what chose them (AL-1)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_version: Literal[1] = 1
    round: int = Field(ge=0)
    """Round of training after which they were chosen."""
    acquisition: AcquisitionName
    parameters: dict[str, Any]
    unit: BudgetUnit
    budget: float
    seed: int
    model_sha256: str
    class_ids: list[int]
    """Raw ids with which a pixel may be answered."""
    ignore_id: int = 255
    """Raw id of a pixel that nobody can tell, and of every one that is not queried."""
    pool_digest: str
    """Of the names of the images that could be chosen."""
    pool_size: int
    total_images: int
    """Images of the target, labelled ones included: the base of a budget in percent."""
    histogram: list[int]
    """Pool images by value, in bins of equal width over `histogram_range`."""
    histogram_range: tuple[float, float]
    pool_pixels: dict[int, int]
    """Raw class id -> pixels of the pool that the teacher gives it."""
    queried_pixels: dict[int, int]
    """The same over the queried pixels."""
    cover_radius: float | None = None
    """Core-set: distance of the image that is farthest from every labelled or chosen one."""
    queries: list[Query]


def picture_jpeg(image: Image) -> bytes:
    """Return an image as JPEG at its own size, in a quality that keeps object borders visible."""
    file = io.BytesIO()
    PILImage.fromarray(image).save(file, format="JPEG", quality=PICTURE_QUALITY)
    return file.getvalue()


def query_id(run_id: str, round_index: int, image: str) -> str:
    """Return the id of the query about an image in a round of a run."""
    return hashlib.sha256(json.dumps([run_id, round_index, image]).encode()).hexdigest()[:16]


def pool_digest(names: list[str]) -> str:
    """Return a digest of the pool's names in order."""
    return hashlib.sha256("\n".join(names).encode()).hexdigest()


def write_queries(folder: Path, batch: QueryBatch) -> Path:
    """Write `queries.json` after the maps that it names; return its path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / QUERY_FILE
    write_atomically(path, batch.model_dump_json(indent=1).encode())
    return path


def read_queries(folder: Path) -> QueryBatch:
    """Read a batch; raise StorageError, naming the file, if it cannot be read."""
    path = folder / QUERY_FILE
    try:
        return QueryBatch.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise StorageError(f"{path}: cannot be read as a batch of queries: {error}") from error
