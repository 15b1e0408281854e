"""The majority label of several independent answers, pixel by pixel (QA-3). Free of torch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.acquisition.pixel_sources import PixelSource
from core.data.samples import LabelMap


@dataclass(frozen=True)
class Consensus:
    """The consensus of several answers.

    Attributes:
        labels: (H, W) raw ids; the ignore id where the vote is tied.
        is_tied: (H, W) bool, pixels where different labels share the most votes.
        votes: (H, W) uint8, number of votes for the label with the most votes.
    """

    labels: LabelMap
    is_tied: npt.NDArray[np.bool_]
    votes: npt.NDArray[np.uint8]


def majority(answers: Sequence[LabelMap], ignore_id: int) -> Consensus:
    """Return the majority label of each pixel. The ignore id ("nobody can tell") counts as a vote.

    Args:
        answers: at least one; (H, W) raw ids, all of one shape.
        ignore_id: raw id of a pixel without a label; also the label of a tie.

    Raises:
        ValueError: if there is no answer, or shapes differ.
    """
    if not answers or len({answer.shape for answer in answers}) != 1:
        raise ValueError(f"{len(answers)} answers of shapes {sorted({answer.shape for answer in answers})}")
    best, votes = answers[0].copy(), np.zeros(answers[0].shape, np.uint8)
    is_tied = np.zeros(answers[0].shape, np.bool_)
    # Few people answer one query, so comparing all pairs of answers is faster than counting every class.
    for answer in answers:
        given = np.zeros(answer.shape, np.uint8)
        for other in answers:
            given += answer == other
        is_more = given > votes
        is_tied = np.where(is_more, False, is_tied | ((given == votes) & (answer != best)))
        best = np.where(is_more, answer, best)
        votes = np.maximum(votes, given)
    labels: LabelMap = np.where(is_tied, ignore_id, best).astype(np.uint8)
    return Consensus(labels, is_tied, votes)


def agreed_sources(labels: LabelMap, answers: Sequence[LabelMap], sources: Sequence[LabelMap]) -> LabelMap:
    """Return the (H, W) sources of a consensus: per pixel, those of the first answer with the consensus label."""
    found = np.full(labels.shape, PixelSource.NONE, np.uint8)
    for answer, source in zip(reversed(answers), reversed(sources), strict=True):
        found = np.where(answer == labels, source, found).astype(np.uint8)
    return found


def disagreement_map(answers: Sequence[LabelMap], queried: npt.NDArray[np.bool_] | None) -> npt.NDArray[np.uint8]:
    """Return (H, W) uint8: 0 where all answers agree or nothing is queried, 255 where all answers differ."""
    shape = answers[0].shape
    if len(answers) < 2:
        return np.zeros(shape, np.uint8)
    votes = majority(answers, int(answers[0].flat[0])).votes
    shades = (len(answers) - votes.astype(np.float32)) / (len(answers) - 1) * 255
    return np.where(True if queried is None else queried, np.rint(shades), 0).astype(np.uint8)
