"""Answers queries from ground truth. Free of torch."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

import numpy as np

from core.acquisition.budgets import spent_on
from core.acquisition.manifest import Answer, AnsweredQuery
from core.acquisition.queries import QueryBatch
from core.data.decoding import read_label
from core.data.samples import DenseDataset
from core.errors import DataError

AUTHOR = "oracle"


def answer_queries(
    batch: QueryBatch, folder: Path, dataset: DenseDataset, answered: Collection[str] = ()
) -> Iterator[AnsweredQuery]:
    """Yield an answer to every unanswered query of a batch.

    Args:
        batch: queries of the round.
        folder: folder of the batch's masks.
        dataset: the target's training split, with ground truth.
        answered: ids of queries that people have already answered.

    Raises:
        DataError: when a label or mask cannot be read, or the dataset lacks an image.
    """
    position = {name: index for index, name in enumerate(dataset.ids)}
    ignore_id = dataset.classes.ignore_id
    for query in batch.queries:
        if query.id in answered:
            continue
        if query.image not in position:
            raise DataError(f"a query asks for the image {query.image!r}, which the target's training split has not")
        truth = dataset.label(position[query.image])
        queried = np.ones(truth.shape, bool) if query.mask is None else read_label(folder / query.mask) > 0
        # Classes that the round does not learn are not valid answers.
        labels = np.where(queried & np.isin(truth, batch.class_ids), truth, ignore_id).astype(np.uint8)
        answer = Answer(
            query=query.id,
            image=query.image,
            unit=query.unit,
            round=batch.round,
            author=AUTHOR,
            pixels=int((labels != ignore_id).sum()),
            clicks=spent_on(labels, queried, ignore_id).clicks,
            seconds=0.0,
        )
        yield AnsweredQuery(answer, labels)
