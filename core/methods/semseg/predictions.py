"""A model's candidates on a test set, stored so that they can be scored again with any threshold of the unknown.

For each image the file has three sets of objects: those of the known branch if nothing were unknown, those of the
unknown branch if everything were, and those found with the run's threshold. Scores with the run's threshold are
therefore exact. Another threshold may remove objects; candidates that only these objects suppressed are missing. Free
of torch.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np

from core.errors import StorageError
from core.metrics.instances import Flags, Floats, Found, Ints, Overlaps, Truths
from core.metrics.open_set import UNKNOWN, OpenSetResult, evaluate_open_set

UNKNOWN_HEAD = -1


@dataclass(frozen=True)
class StoredPredictions:
    """The candidates of a test set, N, and its true objects, G.

    Attributes:
        image, head, score: (N,) of each candidate; head −1 is the unknown branch.
        distance, nearest: (N,) distance to the nearest prototype, and its head index.
        box: (N, 4) x0, y0, x1, y1 in the image.
        mask_area: (N,) pixels.
        suppressor, suppressed: (S,) pairs of candidates; if both are chosen, the first suppresses the second.
        true_image, true_class, true_area, true_crowd: (G,) image, raw id, area in pixels, and whether it is ignored.
        mask_found, mask_truth, mask_iou, box_found, box_truth, box_iou: overlapping pairs.
        known: raw ids of the known classes, ascending.
        limits: most known and most unknown objects per image.
        num_images: images of the test set.
    """

    image: Ints
    head: Ints
    score: Floats
    distance: Floats
    nearest: Ints
    box: Floats
    mask_area: Floats
    suppressor: Ints
    suppressed: Ints
    true_image: Ints
    true_class: Ints
    true_area: Floats
    true_crowd: Flags
    mask_found: Ints
    mask_truth: Ints
    mask_iou: Floats
    box_found: Ints
    box_truth: Ints
    box_iou: Floats
    known: Ints
    limits: Ints
    num_images: Ints

    @property
    def truths(self) -> Truths:
        """The true objects."""
        return Truths(self.true_image, self.true_class, self.true_area, self.true_crowd)

    def chosen(self, threshold: float) -> Ints:
        """Return the candidates that are objects if the unknown begins beyond `threshold`, in order."""
        is_known = self.head != UNKNOWN_HEAD
        stays = np.where(is_known, self.distance <= threshold, self.distance > threshold)
        # Known objects come first: they may suppress unknown ones, never the other way round.
        order = np.lexsort((-self.score[self.suppressor], ~is_known[self.suppressor]))
        for first, second in zip(self.suppressor[order].tolist(), self.suppressed[order].tolist(), strict=True):
            if stays[first] and stays[second]:
                stays[second] = False
        rows = np.flatnonzero(stays)
        return rows[self._places(rows) < np.where(is_known[rows], *self.limits)]

    def _places(self, rows: Ints) -> Ints:
        """Return the rank of each row by score within its image and branch, from 0."""
        group = 2 * self.image[rows] + (self.head[rows] == UNKNOWN_HEAD)
        order = np.lexsort((rows, -self.score[rows], group))
        ordered = group[order]
        starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]]) if len(rows) else np.zeros(0, np.int64)
        places = np.empty(len(rows), np.int64)
        places[order] = np.arange(len(rows)) - np.repeat(starts, np.diff(np.r_[starts, len(rows)]))
        return places

    def found(self, rows: Ints, *, by_boxes: bool = False) -> tuple[Found, Overlaps]:
        """Return candidates as found objects, and their overlaps with true objects, by masks or boxes."""
        classes = np.append(self.known, UNKNOWN)[self.head[rows]]
        sides = self.box[rows, 2:] - self.box[rows, :2]
        area = sides.prod(axis=1) if by_boxes else self.mask_area[rows]
        pairs = (
            (self.box_found, self.box_truth, self.box_iou)
            if by_boxes
            else (self.mask_found, self.mask_truth, self.mask_iou)
        )
        place = np.full(len(self.image), -1, np.int64)
        place[rows] = np.arange(len(rows))
        found, truth, iou = pairs
        used = place[found] >= 0
        return (
            Found(self.image[rows], classes, self.score[rows], area),
            Overlaps(place[found[used]], truth[used], iou[used]),
        )

    def evaluate(self, threshold: float, *, by_boxes: bool = False) -> OpenSetResult:
        """Score masks, or boxes, with this threshold of the unknown."""
        found, overlaps = self.found(self.chosen(threshold), by_boxes=by_boxes)
        return evaluate_open_set(self.truths, found, overlaps, self.known.tolist())

    def to_bytes(self) -> bytes:
        """Return the arrays as a compressed file."""
        buffer = io.BytesIO()
        np.savez_compressed(buffer, **{field.name: getattr(self, field.name) for field in fields(self)})
        return buffer.getvalue()


def read_predictions(path: Path) -> StoredPredictions:
    """Read stored predictions; raise StorageError if the file is missing, damaged or of another kind."""
    try:
        with np.load(path, allow_pickle=False) as arrays:
            return StoredPredictions(**{field.name: arrays[field.name] for field in fields(StoredPredictions)})
    except (OSError, KeyError, ValueError, EOFError) as error:
        raise StorageError(
            f"{path}: cannot be read as stored predictions ({error}); evaluate the model again"
        ) from error


def joined(parts: Sequence[StoredPredictions]) -> StoredPredictions:
    """Join the predictions of several images in their order. All must have the same classes and limits.

    Raises:
        ValueError: if `parts` is empty.
    """
    if not parts:
        raise ValueError("no image was tested")
    arrays = {}
    starts = {
        "found": np.cumsum([0, *(len(part.image) for part in parts)]),
        "truth": np.cumsum([0, *(len(part.true_image) for part in parts)]),
    }
    of = dict.fromkeys(("suppressor", "suppressed", "mask_found", "box_found"), "found") | dict.fromkeys(
        ("mask_truth", "box_truth"), "truth"
    )
    for field in fields(StoredPredictions):
        columns = [getattr(part, field.name) for part in parts]
        if field.name in of:
            columns = [column + start for column, start in zip(columns, starts[of[field.name]], strict=False)]
        arrays[field.name] = np.concatenate(columns)
    arrays |= {"known": parts[0].known, "limits": parts[0].limits, "num_images": np.array([len(parts)])}
    return StoredPredictions(**arrays)
