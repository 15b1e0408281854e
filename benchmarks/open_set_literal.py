"""The open-set evaluation as a literal loop: over matchings, images, classes, areas and thresholds."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from core.metrics.instances import AREAS, IOU_THRESHOLDS, MOST_FOUND, RECALL_POINTS, Floats, Found, Ints, Truths
from core.metrics.open_set import UNKNOWN

Matches = list[tuple[float, bool, bool, int]]
"""Score of each found object, whether it was matched, whether it is ignored, and its place in its image."""


def literal_overlap(first: Floats, second: Floats, is_crowd: bool) -> float:
    """Return the IoU of two boxes x, y, width, height; over the first's area for a crowd."""
    width = min(first[0] + first[2], second[0] + second[2]) - max(first[0], second[0])
    height = min(first[1] + first[3], second[1] + second[3]) - max(first[1], second[1])
    if width <= 0 or height <= 0:
        return 0.0
    union = first[2] * first[3] + (0.0 if is_crowd else second[2] * second[3] - width * height)
    return float(width * height / union)


class LiteralEvaluation:
    """Boxes of found and of true objects, matched one by one."""

    def __init__(self, truths: Truths, found: Found, boxes: tuple[Floats, Floats], known: Sequence[int]) -> None:
        """Give (G, 4) and (D, 4) boxes, and the ids of the known classes."""
        self._truths, self._found, self._boxes, self._known = truths, found, boxes, known
        self._images = sorted({*truths.image.tolist(), *found.image.tolist()})

    def match(
        self, takes: Callable[[int], bool], partner: Callable[[int], bool], area: int, threshold: float
    ) -> Matches:
        """Match found objects whose class is taken with true ones whose class is a partner."""
        matches: Matches = []
        for image in self._images:
            rows = [
                i for i in np.flatnonzero(self._found.image == image).tolist() if takes(int(self._found.category[i]))
            ]
            columns = [
                j
                for j in np.flatnonzero(self._truths.image == image).tolist()
                if partner(int(self._truths.category[j]))
            ]
            matches += self._match_image(rows, columns, AREAS[area], threshold)
        return matches

    def _match_image(self, rows: list[int], columns: list[int], area: Floats, threshold: float) -> Matches:
        ignored = {j: self._truths.is_crowd[j] or not area[0] <= self._truths.area[j] <= area[1] for j in columns}
        columns = sorted(columns, key=lambda j: ignored[j])
        taken: set[int] = set()
        matches: Matches = []
        for place, i in enumerate(sorted(rows, key=lambda i: -self._found.score[i])[: MOST_FOUND[-1]]):
            best, at = min(threshold, 1 - 1e-10), -1
            for j in columns:
                if j in taken and not self._truths.is_crowd[j]:
                    continue
                if at >= 0 and not ignored[at] and ignored[j]:
                    break
                iou = literal_overlap(self._boxes[1][i], self._boxes[0][j], bool(self._truths.is_crowd[j]))
                if iou >= best:
                    best, at = iou, j
            is_ignored = ignored[at] if at >= 0 else not area[0] <= self._found.area[i] <= area[1]
            if at >= 0:
                taken.add(at)
            matches.append((float(self._found.score[i]), at >= 0, bool(is_ignored), place))
        return matches

    def curve(self, takes: Callable[[int], bool], partner: Callable[[int], bool]) -> tuple[Floats, Floats]:
        """Return (A, T, 101) precision and (A, T, M) recall of one class; NaN without true objects."""
        precision = np.full((len(AREAS), len(IOU_THRESHOLDS), len(RECALL_POINTS)), np.nan)
        recall = np.full((len(AREAS), len(IOU_THRESHOLDS), len(MOST_FOUND)), np.nan)
        for area, bounds in enumerate(AREAS):
            count = sum(
                partner(int(category)) and not crowd and bounds[0] <= size <= bounds[1]
                for category, crowd, size in zip(
                    self._truths.category, self._truths.is_crowd, self._truths.area, strict=True
                )
            )
            for number, threshold in enumerate(IOU_THRESHOLDS):
                if not count:
                    continue
                matches = self.match(takes, partner, area, float(threshold))
                for column, most in enumerate(MOST_FOUND):
                    kept = [one for one in matches if one[3] < most and not one[2]]
                    recall[area, number, column] = sum(one[1] for one in kept) / count
                precision[area, number] = _interpolated(matches, count)
        return precision, recall

    def errors(self, class_id: int, partner: Callable[[int], bool]) -> int:
        """Return how many found objects of a class are matched to partners at IoU 0.5."""
        matches = self.match(_only(class_id), partner, 0, 0.5)
        return sum(one[1] and not one[2] for one in matches)

    def everything(self) -> dict[str, Floats | Ints]:
        """Make the five matchings; return precision, recall and errors."""
        curves = [self.curve(_only(class_id), _only(class_id)) for class_id in self._known]
        unknown = self.curve(_only(UNKNOWN), _only(UNKNOWN))
        as_unknown = [
            sum(
                one[1] and not one[2]
                for one in self.match(_only(UNKNOWN), lambda category: category != UNKNOWN, 0, float(threshold))
            )
            for threshold in IOU_THRESHOLDS
        ]
        others = [self.errors(class_id, _other_than(class_id)) for class_id in self._known]
        return {
            "known_precision": np.stack([curve[0] for curve in curves]),
            "known_recall": np.stack([curve[1] for curve in curves]),
            "unknown_precision": unknown[0],
            "unknown_recall": unknown[1],
            "open_set_errors": np.array([self.errors(class_id, _only(UNKNOWN)) for class_id in self._known]),
            "misclassified": np.array(others),
            "known_as_unknown": np.array(as_unknown),
        }


def _only(class_id: int) -> Callable[[int], bool]:
    return lambda category: category == class_id


def _other_than(class_id: int) -> Callable[[int], bool]:
    """Return whether a class is another known one."""
    return lambda category: category not in (class_id, UNKNOWN)


def _interpolated(matches: Matches, count: int) -> Floats:
    ordered = [one for one in sorted(matches, key=lambda one: -one[0]) if not one[2]]
    right, precisions, recalls = 0, [], []
    for number, one in enumerate(ordered, start=1):
        right += one[1]
        precisions.append(right / number)
        recalls.append(right / count)
    for place in range(len(precisions) - 1, 0, -1):
        precisions[place - 1] = max(precisions[place - 1], precisions[place])
    found = np.zeros(len(RECALL_POINTS))
    for point, place in enumerate(np.searchsorted(recalls, RECALL_POINTS, side="left")):
        if place < len(precisions):
            found[point] = precisions[place]
    return found
