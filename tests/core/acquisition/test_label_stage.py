from __future__ import annotations

from pathlib import Path

import numpy as np

from core.acquisition.answers import AnswerRecord, read_answers
from core.acquisition.catalog import QueryUnit
from core.acquisition.label_stage import answer_by_oracle
from core.acquisition.manifest import Answer, AnsweredQuery, read_manifest
from core.acquisition.queries import QUERY_FILE, Query, QueryBatch, read_queries, write_queries
from core.data.decoding import read_label
from core.stage.events import Annotations, read_events
from core.stage.folder import ARTIFACT_DIR, EVENTS_FILE
from tests.support.label_rounds import write_batch
from tests.support.rounds import NAMES, SIDE_PX, round_context

IMAGES = ("a_02", "b_03")


def ask(folder: Path) -> list[Query]:
    """Write a batch that asks for two whole pictures of the support's six."""
    batch = write_batch(folder, "run", IMAGES)
    queries = [query.model_copy(update={"width": SIDE_PX, "height": SIDE_PX}) for query in batch.queries]
    asked = {"queries": queries, "class_ids": list(NAMES)}
    write_queries(folder, QueryBatch.model_validate(batch.model_dump() | asked))
    assert (folder / QUERY_FILE).exists()
    return read_queries(folder).queries


def announced(folder: Path) -> list[Annotations]:
    return [event for event, _ in read_events(folder / EVENTS_FILE) if isinstance(event, Annotations)]


def test_oracle_answers_what_was_asked_and_joins_it(tmp_path: Path) -> None:
    queries = ask(tmp_path / "label/inputs/queries")
    context = round_context(tmp_path / "label", index=2, inputs={"queries": tmp_path / "label/inputs/queries"})

    result = answer_by_oracle(context)

    assert result.outputs == {"labels": "artifacts/labels"}
    manifest = read_manifest(tmp_path / "label" / ARTIFACT_DIR / "labels")
    assert {item.image for item in manifest.images} == set(IMAGES)
    # Four stripes, so four fills.
    assert [(answer.pixels, answer.clicks, answer.author) for answer in manifest.answers] == [(1024, 4, "oracle")] * 2
    [event] = announced(tmp_path / "label")
    assert (event.queries, event.earlier, event.count) == ("inputs/queries", None, 2)
    stored = read_answers((tmp_path / "label" / event.path).parent).answers
    assert [one.answer.query for one in stored] == [query.id for query in queries]


def test_oracle_leaves_what_people_answered_and_joins_both(tmp_path: Path) -> None:
    first, second = ask(tmp_path / "label/inputs/queries")
    labels = np.full((SIDE_PX, SIDE_PX), 3, np.uint8)
    given = Answer(
        query=first.id,
        image=first.image,
        unit=QueryUnit.IMAGE,
        round=0,
        author="ann",
        pixels=1024,
        clicks=9,
        seconds=4.5,
    )
    record = AnswerRecord(tmp_path / "label/inputs/answered")
    assert [one.answer for one in record.passing([AnsweredQuery(given, labels)])] == [given]
    record.close()
    inputs = {name: tmp_path / "label/inputs" / name for name in ("queries", "answered")}

    answer_by_oracle(round_context(tmp_path / "label", index=2, inputs=inputs))

    folder = tmp_path / "label" / ARTIFACT_DIR / "labels"
    manifest = read_manifest(folder)
    assert {answer.query: answer.author for answer in manifest.answers} == {first.id: "ann", second.id: "oracle"}
    mask = {item.image: item.mask for item in manifest.images}
    np.testing.assert_array_equal(read_label(folder / mask[first.image]), labels)
    [event] = announced(tmp_path / "label")
    assert [one.answer.query for one in read_answers((tmp_path / "label" / event.path).parent).answers] == [second.id]
