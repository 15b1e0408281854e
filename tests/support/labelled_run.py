"""A small run of STAL whose rounds people answer, and people who know the truth."""

from __future__ import annotations

from typing import Any

from core.data.opening import open_dataset
from core.data.pairing import PairedFiles
from core.data.worlds.streets_world import StreetsDatasetSpec
from core.files import index_png
from palimpsest.client import models
from tests.support.installation import STAGE_S, Installation
from tests.support.waiting import wait_until

SEED = 5
STREETS = {"world": "streets", "height_px": 32, "width_px": 48, "train_images": 10}
DOCUMENT: dict[str, Any] = {
    "method": "stal",
    "dataset": STREETS | {"domain": "city-a", "eval_images": 2},
    "stream": {
        "kind": "active_rounds",
        "source": STREETS | {"domain": "synthetic", "layout": "gta5", "eval_images": 1, "train_images": 4},
        "initial_images": 2,
        "budgets": [2],
        "oracle": "none",
        "completion": {"grace_s": 0},
    },
    "config": {
        "model": {"name": "tiny"},
        "data": {"crop_px": 32},
        "optim": {"batch_size": 2, "iterations": 2},
        "contrast": {"start_epoch": 0, "memory": 40, "memory_first": 40},
        "execution": {"threads": 1, "log_every": 2},
    },
}


def with_rounds(count: int, oracle: str = "none", grace_s: float = 0) -> dict[str, Any]:
    """Return the document with so many rounds of two images each, answered by people or by an oracle."""
    completion = {"grace_s": grace_s}
    changes = {"budgets": [2] * count, "oracle": oracle, "completion": completion}
    return DOCUMENT | {"stream": DOCUMENT["stream"] | changes}


class Person:
    """Somebody who knows the truth and answers one query after the other."""

    def __init__(self, installation: Installation, name: str, truth: PairedFiles | None = None) -> None:
        """Know the labels of `DOCUMENT`'s world, or of another target."""
        self._labelling, self._name = installation.client.labelling, name
        spec = StreetsDatasetSpec.model_validate(DOCUMENT["dataset"])
        self._truth = truth or open_dataset(spec, installation.settings.cache_folder).train

    def answer_one(self, stage_id: str) -> models.Submission | None:
        """Lease the next query and answer it; None when there is none."""
        query = self._labelling.next_query(stage_id, self._name)
        if query is None:
            return None
        assert self._labelling.picture(query.picture_url)[:3] == b"\xff\xd8\xff"
        return self._labelling.answer(query.id, self.mask(query.image), self._name, seconds=3.0, allow_unsure=True)

    def mask(self, image: str) -> bytes:
        """Return the true labels of an image as a mask that can be sent."""
        return index_png(self._truth.label(self._truth.ids.index(image)))


def waiting_round(installation: Installation, run_id: str, index: int) -> models.WaitingRound:
    """Wait until a round of a run asks people."""

    def find() -> list[models.WaitingRound]:
        assert installation.client.run(run_id).state not in {"failed", "cancelled"}, installation.client.run(run_id)
        return [one for one in installation.client.labelling.waiting() if (one.run_id, one.round) == (run_id, index)]

    return wait_until(find, STAGE_S, f"round {index} of run {run_id}")[0]
