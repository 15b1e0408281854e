"""Makes a run of `stal/demo` that waits for people in its second round, for screenshots of the pages."""

from __future__ import annotations

import time
from pathlib import Path

from core.commands.documents import open_document
from core.data.opening import open_dataset
from core.experiment import resolve
from core.files import index_png
from palimpsest import Client
from palimpsest.client.models import WaitingRound

AUTHOR = "ann"
SETTINGS = ("stream.oracle=none", "config.optim.iterations=300")
ANSWERED_NOW = 2
PATIENCE_S = 1200.0


def ask_people(client: Client, truth_folder: Path) -> WaitingRound:
    """Submit the run, answer its first round from the world's labels, begin the second round and return it."""
    document = open_document("stal/demo", SETTINGS)
    truth = open_dataset(resolve(document).dataset, truth_folder).train
    run = client.submit(document, seed=0, name="city-a, labelled by people")

    def answer(round_: WaitingRound, count: int) -> None:
        for number in range(count):
            query = client.labelling.next_query(round_.stage_id, AUTHOR)
            assert query is not None
            mask = index_png(truth.label(truth.ids.index(query.image)))
            # A person who needs one to two minutes per image.
            client.labelling.answer(query.id, mask, AUTHOR, seconds=60 + 10 * number, allow_unsure=True)

    first = _waiting(client, run.id, 0)
    answer(first, first.counts["open"])
    second = _waiting(client, run.id, 1)
    answer(second, ANSWERED_NOW)
    return second


def _waiting(client: Client, run_id: str, index: int) -> WaitingRound:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        for one in client.labelling.waiting():
            if (one.run_id, one.round) == (run_id, index):
                return one
        if client.run(run_id).state in ("failed", "cancelled"):
            break
        time.sleep(1)
    raise SystemExit(f"run {run_id} is {client.run(run_id).state}; its round {index} does not wait for labels")
