"""The files of queries: picture, teacher's proposal, uncertainty map and queried pixels (STAL 6.4)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from torch import Tensor

from core.acquisition.catalog import QueryUnit, SuperpixelSize
from core.acquisition.pool import PoolImage
from core.acquisition.pool_values import Valuer, uncertainty_picture
from core.acquisition.queries import Query, picture_jpeg, query_id
from core.acquisition.superpixels import superpixel_png, superpixels
from core.data.label_ids import IdTable
from core.engine.teacher_view import teacher_view
from core.files import index_png, write_atomically

PICTURES, MASKS, PROPOSALS, UNCERTAINTY = "pictures", "masks", "proposals", "uncertainty"
SUPERPIXELS = "superpixels"


@dataclass(frozen=True)
class QueryFiles:
    """What the files of one query show.

    Attributes:
        size: height and width of the image.
        class_pixels: (C,) queried pixels by the teacher's class.
        has_mask: whether only part of the image is queried.
    """

    size: tuple[int, int]
    class_pixels: npt.NDArray[np.int64]
    has_mask: bool


@dataclass(frozen=True)
class QueryWriter:
    """Writes queries with their masks, proposals and uncertainty maps.

    Attributes:
        folder: output folder of the stage.
        valuer: its teacher makes the proposals.
        raw_of: (C,) channel -> raw id.
        run_id, round_index: part of the queries' ids.
        unit: unit of a query.
        for_people: whether people answer; if so, superpixels are written too.
    """

    folder: Path
    valuer: Valuer
    raw_of: IdTable
    run_id: str
    round_index: int
    unit: QueryUnit
    for_people: bool = False

    def write_whole(self, one: PoolImage) -> QueryFiles:
        """Pass a fully queried image through the teacher and write its files."""
        return self.write_files(one, self.valuer.logits(one.image), None)

    def write_files(self, one: PoolImage, logits: Tensor, queried: npt.NDArray[np.bool_] | None) -> QueryFiles:
        """Write the files of an image, given the teacher's logits (1, C, H, W) and the queried pixels (H, W).

        None means that all pixels are queried.
        """
        key, view = self._key(one.name), teacher_view(logits)
        proposal = view.labels[0].cpu().numpy()
        files = {
            PROPOSALS: index_png(self.raw_of[proposal]),
            UNCERTAINTY: index_png(uncertainty_picture(view.entropy[0], logits.shape[1])),
        }
        if queried is not None:
            files[MASKS] = index_png(queried.astype(np.uint8) * 255)
        for kind, data in files.items():
            self._store(kind, f"{key}.png", data)
        self._store(PICTURES, f"{key}.jpg", picture_jpeg(one.image))
        if self.for_people:
            for size, numbers in superpixels(one.image).items():
                self._store(SUPERPIXELS, f"{key}-{size}.png", superpixel_png(numbers))
        counted = proposal.ravel() if queried is None else proposal[queried]
        counts = np.bincount(counted, minlength=len(self.raw_of)).astype(np.int64)
        return QueryFiles((proposal.shape[0], proposal.shape[1]), counts, queried is not None)

    def query(self, name: str, group: str, rank: int, value: float, clicks: int, files: QueryFiles) -> Query:
        """Return the query for an image whose files are already written."""
        key = self._key(name)
        return Query(
            id=key,
            image=name,
            unit=self.unit,
            rank=rank,
            value=value,
            group=group,
            width=files.size[1],
            height=files.size[0],
            pixels=int(files.class_pixels.sum()),
            clicks=clicks,
            main_class=int(self.raw_of[int(files.class_pixels.argmax())]),
            picture=f"{PICTURES}/{key}.jpg",
            mask=f"{MASKS}/{key}.png" if files.has_mask else None,
            proposal=f"{PROPOSALS}/{key}.png",
            uncertainty=f"{UNCERTAINTY}/{key}.png",
            superpixels={size: f"{SUPERPIXELS}/{key}-{size}.png" for size in SuperpixelSize if self.for_people},
        )

    def _key(self, name: str) -> str:
        return query_id(self.run_id, self.round_index, name)

    def _store(self, kind: str, name: str, data: bytes) -> None:
        (self.folder / kind).mkdir(parents=True, exist_ok=True)
        write_atomically(self.folder / kind / name, data)
