"""The demo with a small experiment."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from core.data.opening import open_dataset
from core.data.worlds.streets_world import StreetsDatasetSpec
from core.files import index_png
from palimpsest import Client
from tests.support.labelled_run import DOCUMENT
from tests.support.service_process import PalimpsestCommand
from tests.support.waiting import wait_until

QUERIES = 10

pytestmark = pytest.mark.slow


def test_the_demo_ends_with_the_table_and_status_0(tmp_path: Path, tiny_experiment: Path) -> None:
    demo = PalimpsestCommand("demo", str(tiny_experiment), "--exit", home=tmp_path / "home")

    status = demo.process.wait(240)

    lines = demo.printed.splitlines()
    table = lines[next(place for place, line in enumerate(lines) if line.startswith("learned at")) :]
    assert status == 0
    assert table[0].split() == ["learned", "at", "class", "after", "step", "0", "after", "step", "1"]
    assert [line.split()[:2] for line in table[1:5]] == [["every", "step"], *[["step", step] for step in "001"]]
    means = [[metric, group] for metric in ("miou_present", "miou") for group in ("all", "old", "new")]
    assert [line.split()[:2] for line in table[5:-1]] == means
    assert table[-1].split()[0] == "forgetting"


def test_a_demo_that_cannot_be_submitted_says_why_and_ends_with_status_1(tmp_path: Path) -> None:
    demo = PalimpsestCommand("demo", "eir/dema", "--exit", home=tmp_path)

    assert demo.process.wait(120) == 1
    assert "did you mean 'eir/demo'" in demo.printed
    assert "Traceback" not in demo.printed


def test_a_demo_that_asks_says_where_and_goes_on_when_its_queries_are_answered(tmp_path: Path) -> None:
    dataset = {**DOCUMENT["dataset"], "train_images": QUERIES + 4}
    document = DOCUMENT | {"dataset": dataset, "stream": DOCUMENT["stream"] | {"budgets": [QUERIES]}}
    path = tmp_path / "ask.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    demo = PalimpsestCommand("demo", str(path), "--exit", home=tmp_path / "home")
    try:
        told = wait_until(lambda: re.search(r"label-0 waits for you: (\S+)", demo.printed), 240, "a round that waits")
        page = told[1]
        stage_id = page.removesuffix("/paint").rpartition("/")[2]
        truth = open_dataset(StreetsDatasetSpec.model_validate(dataset), tmp_path / "cache").train
        with Client(demo.address()) as client:
            for _ in range(QUERIES):
                query = client.labelling.next_query(stage_id, "ann")
                assert query is not None
                mask = index_png(truth.label(truth.ids.index(query.image)))
                client.labelling.answer(query.id, mask, "ann", allow_unsure=True)
            [run] = client.runs()
            rounds = client.labelling.rounds(run.id).rounds
        status = demo.process.wait(240)
    finally:
        demo.end()

    assert page == f"{demo.address()}/labelling/{stage_id}/paint"
    assert rounds[0].batch is not None and rounds[0].batch.answered.images == QUERIES
    assert status == 0, demo.printed
    assert re.search(r"stage .*train-1: succeeded", demo.printed), demo.printed
