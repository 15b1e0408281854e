from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.acquisition.catalog import QueryUnit
from core.acquisition.manifest import Answer, AnsweredQuery, LabelManifest, join_answers, mask_name, read_manifest
from core.data.decoding import decode_label, read_label
from server.db.annotations import (
    NewAnswer,
    NothingAnswered,
    RoundClosed,
    UnknownRound,
    close_complete_rounds,
    close_round,
    earlier_labels,
    hand_to_oracle,
    lease_query,
    reject_answer,
    reopen_round,
    skip,
    store_labels,
    submit,
)
from server.db.lifecycle import IllegalTransition, request_cancel, resume_run
from server.db.models import QueryBatch, Stage
from server.db.session import Database
from server.storage import LocalStorage
from server.storage.outputs import StoredOutput
from tests.server.db.annotations.conftest import CAUSE, IMAGES, Waiting
from tests.support.label_rounds import (
    HEIGHT,
    IGNORE,
    PROPOSAL,
    WIDTH,
    ask_next,
    filled,
    finish_stage,
    make_waiting_round,
    query_ids,
)
from tests.support.rows import USER, load_run, make_claim


def close(waiting: Waiting, **options: bool) -> bool:
    return close_round(waiting.database, waiting.storage, waiting.stage.id, cause=CAUSE, **options)


def manifest_of(storage: LocalStorage, stage: Stage) -> LabelManifest:
    assert stage.outputs is not None
    data = storage.path(stage.outputs["labels"]["manifest.json"]["sha256"]).read_bytes()
    return LabelManifest.model_validate_json(data)


def test_a_complete_round_is_frozen_and_the_next_stage_queued(waiting: Waiting) -> None:
    for query_id in waiting.ids:
        waiting.answer(query_id)

    assert close(waiting)

    run = waiting.run()
    assert [stage.state for stage in run.stages] == ["succeeded", "succeeded", "succeeded", "queued"]
    assert (run.state, run.stages[3].dispatch_no) == ("queued", 1)
    manifest = manifest_of(waiting.storage, run.stages[2])
    assert [(item.image, item.is_whole) for item in manifest.images] == [(name, True) for name in sorted(IMAGES)]
    assert {(answer.author, answer.pixels, answer.seconds, answer.revision) for answer in manifest.answers} == {
        ("ann", 48, 2.5, 1)
    }
    files = run.stages[2].outputs["labels"]
    for item in manifest.images:
        assert files[item.mask]["sha256"] == item.sha256
        np.testing.assert_array_equal(read_label(waiting.storage.path(item.sha256)), filled())


def test_labels_of_people_have_the_digest_that_the_oracle_gives_the_same_labels(
    waiting: Waiting, tmp_path: Path
) -> None:
    for query_id in waiting.ids:
        waiting.answer(query_id)
    close(waiting)

    by_oracle = join_answers(
        tmp_path / "oracle",
        [
            AnsweredQuery(
                Answer(
                    query=key,
                    image=image,
                    unit=QueryUnit.IMAGE,
                    round=0,
                    author="oracle",
                    pixels=48,
                    clicks=1,
                    seconds=0,
                ),
                filled(),
            )
            for key, image in zip(waiting.ids, IMAGES, strict=True)
        ],
    )

    by_people = manifest_of(waiting.storage, waiting.run().stages[2])
    assert (by_people.digest(), by_people.images) == (by_oracle.digest(), by_oracle.images)
    assert read_manifest(tmp_path / "oracle").digest() == by_people.digest()


def test_what_is_unanswered_at_closing_returns_to_the_pool(waiting: Waiting) -> None:
    waiting.answer(waiting.ids[1])

    close(waiting)

    assert waiting.states() == ["withdrawn", "accepted", "withdrawn"]
    stage = waiting.run().stages[2]
    assert stage.message == "closed; 2 queries return to the pool"
    assert [item.image for item in manifest_of(waiting.storage, stage).images] == ["bonn_2"]


def test_what_was_skipped_or_sent_back_is_set_aside_for_the_next_selection(waiting: Waiting) -> None:
    first, second, third = waiting.ids
    with waiting.database.write() as session:
        lease_query(session, third, "ann", lease_s=900, cause=CAUSE)
        skip(session, third, "ann", "dark", cause=CAUSE)
    waiting.answer(first)
    waiting.answer(second)
    with waiting.database.write() as session:
        reject_answer(session, second, "sloppy", cause=CAUSE)

    close(waiting)

    manifest = manifest_of(waiting.storage, waiting.run().stages[2])
    assert manifest.set_aside == ["bonn_2", "ulm_3"]
    assert [item.image for item in manifest.images] == ["ulm_1"]
    assert waiting.states() == ["accepted", "withdrawn", "skipped"]


def test_what_nobody_looked_at_is_not_set_aside(waiting: Waiting) -> None:
    waiting.answer(waiting.ids[0])

    close(waiting)

    assert manifest_of(waiting.storage, waiting.run().stages[2]).set_aside == []


def test_a_round_without_an_answer_is_closed_only_when_that_is_meant(waiting: Waiting) -> None:
    with pytest.raises(NothingAnswered, match="would learn nothing new"):
        close(waiting)
    assert waiting.run().state == "waiting"

    assert close(waiting, allow_empty=True)

    manifest = manifest_of(waiting.storage, waiting.run().stages[2])
    assert (manifest.images, manifest.answers, manifest.rounds) == ([], [], 1)
    assert waiting.run().stages[3].state == "queued"


def test_a_round_that_asks_nothing_closes_by_itself(
    any_database: Database, storage: LocalStorage, tmp_path: Path
) -> None:
    stage = make_waiting_round(any_database, storage, tmp_path / "asked", [])
    assert stage.state == "waiting_annotation"

    assert close_complete_rounds(any_database, storage) == 1

    run = load_run(any_database, stage.run_id)
    assert [one.state for one in run.stages[2:]] == ["succeeded", "queued"]
    assert run.stages[2].message == "there was no query"
    assert manifest_of(storage, run.stages[2]).answers == []


def test_closing_twice_changes_nothing(waiting: Waiting) -> None:
    waiting.answer(waiting.ids[0])

    assert (close(waiting), close(waiting)) == (True, False)
    assert waiting.run().stages[3].dispatch_no == 1


def test_an_incomplete_round_is_left_alone_by_what_closes_complete_ones(waiting: Waiting) -> None:
    waiting.answer(waiting.ids[0])

    assert not close(waiting, by_itself=True)
    assert close_complete_rounds(waiting.database, waiting.storage) == 0
    assert waiting.run().state == "waiting"


def test_the_sweep_closes_what_the_last_answer_left_open(waiting: Waiting) -> None:
    for query_id in waiting.ids:
        waiting.answer(query_id)

    assert close_complete_rounds(waiting.database, waiting.storage) == 1
    assert waiting.run().state == "queued"


def test_a_cancelled_round_cannot_be_closed_and_a_resumed_one_asks_again(waiting: Waiting) -> None:
    waiting.answer(waiting.ids[0])
    with waiting.database.write() as session:
        request_cancel(session, waiting.stage.run_id, cause=USER)
    assert waiting.states() == ["accepted", "withdrawn", "withdrawn"]
    with pytest.raises(RoundClosed, match="its state is cancelled"):
        close(waiting)

    with waiting.database.write() as session:
        resume_run(session, waiting.stage.run_id, cause=USER)

    # No label was lost, and nothing is asked twice.
    assert waiting.states() == ["accepted", "open", "open"]
    assert (waiting.run().state, waiting.run().stages[2].state) == ("waiting", "waiting_annotation")


def test_a_closed_round_can_be_opened_until_the_next_stage_begins(waiting: Waiting) -> None:
    waiting.answer(waiting.ids[0])
    close(waiting)
    waiting.answer(waiting.ids[0], value=3)  # late: not in the manifest

    with waiting.database.write() as session:
        reopen_round(session, waiting.stage.id, cause=CAUSE)

    run = waiting.run()
    assert [stage.state for stage in run.stages[2:]] == ["waiting_annotation", "pending"]
    assert (run.state, run.stages[2].outputs, waiting.states()) == ("waiting", None, ["accepted", "open", "open"])
    # Nothing had seen the frozen labels, so the newest count when it is closed again.
    close(waiting)
    [answer] = manifest_of(waiting.storage, waiting.run().stages[2]).answers
    assert answer.revision == 2
    make_claim(waiting.database, waiting.run().stages[3])
    with pytest.raises(IllegalTransition, match="running stage cannot become"), waiting.database.write() as session:
        reopen_round(session, waiting.stage.id, cause=CAUSE)


def test_a_round_that_was_complete_when_opened_again_closes_only_by_hand(waiting: Waiting) -> None:
    for query_id in waiting.ids:
        waiting.answer(query_id)
    close(waiting)
    with waiting.database.write() as session:
        reopen_round(session, waiting.stage.id, cause=CAUSE)

    assert close_complete_rounds(waiting.database, waiting.storage) == 0
    assert not waiting.answer(waiting.ids[0], value=3).closes_round
    assert not close(waiting, by_itself=True)
    assert waiting.run().state == "waiting"

    assert close(waiting)
    with waiting.database.read() as session:
        assert not session.get_one(QueryBatch, waiting.stage.id).closes_by_hand


def test_a_round_that_was_incomplete_when_opened_again_closes_by_itself(waiting: Waiting) -> None:
    waiting.answer(waiting.ids[0])
    close(waiting)
    with waiting.database.write() as session:
        reopen_round(session, waiting.stage.id, cause=CAUSE)

    assert [waiting.answer(query_id).closes_round for query_id in waiting.ids[1:]] == [False, True]
    assert close_complete_rounds(waiting.database, waiting.storage) == 1


def test_an_open_round_cannot_be_opened(waiting: Waiting) -> None:
    with pytest.raises(IllegalTransition, match="waiting_annotation stage"), waiting.database.write() as session:
        reopen_round(session, waiting.stage.id, cause=CAUSE)


def test_an_oracle_takes_over_what_is_left(waiting: Waiting) -> None:
    waiting.answer(waiting.ids[0])

    with waiting.database.write() as session:
        hand_to_oracle(session, waiting.stage.id, cause=CAUSE)

    run = waiting.run()
    assert (run.state, run.stages[2].state, run.stages[2].dispatch_no) == ("queued", "queued", 1)
    with waiting.database.read() as session:
        assert not session.get_one(QueryBatch, waiting.stage.id).by_people
    assert waiting.states() == ["accepted", "open", "open"]
    with pytest.raises(RoundClosed, match="its state is queued"):
        waiting.answer(waiting.ids[1])


def test_a_cancelled_oracle_stays_the_oracle_when_the_run_is_resumed(waiting: Waiting) -> None:
    with waiting.database.write() as session:
        hand_to_oracle(session, waiting.stage.id, cause=CAUSE)
        request_cancel(session, waiting.stage.run_id, cause=USER)
    with waiting.database.write() as session:
        resume_run(session, waiting.stage.run_id, cause=USER)

    assert (waiting.run().stages[2].state, waiting.states()) == ("queued", ["open"] * 3)


def test_a_stage_that_asks_nothing_has_no_round(waiting: Waiting) -> None:
    for stage in waiting.run().stages[:2]:
        with pytest.raises(UnknownRound, match="has no queries"):
            close_round(waiting.database, waiting.storage, stage.id, cause=CAUSE)


def test_two_rounds_about_parts_of_one_image_are_laid_over_each_other(
    any_database: Database, storage: LocalStorage, tmp_path: Path
) -> None:
    left, middle = np.zeros((2, HEIGHT, WIDTH), np.bool_)
    left[:, :4], middle[:, 2:6] = True, True
    first = make_waiting_round(any_database, storage, tmp_path, ["ulm_1", "bonn_2"], rounds=2, region=left)
    _answer_region(any_database, storage, first, "ulm_1", left, 7)
    close_round(any_database, storage, first.id, cause=CAUSE)
    finish_stage(any_database, load_run(any_database, first.run_id).stages[3])
    second = ask_next(any_database, storage, tmp_path, first.run_id, ["ulm_1"], region=middle)
    _answer_region(any_database, storage, second, "ulm_1", middle, 3)

    close_round(any_database, storage, second.id, cause=CAUSE)

    stage = load_run(any_database, first.run_id).stages[5]
    manifest = manifest_of(storage, stage)
    # bonn_2 was never answered: it is in the pool still.
    [item] = manifest.images
    assert (item.image, item.is_whole, manifest.rounds) == ("ulm_1", False, 2)
    assert [(answer.round, answer.pixels) for answer in manifest.answers] == [(0, 24), (1, 24)]
    row = read_label(storage.path(item.sha256))[0].tolist()
    assert row == [7, 7, 3, 3, 3, 3, IGNORE, IGNORE]
    # The first round's labels are what they were.
    frozen = manifest_of(storage, load_run(any_database, first.run_id).stages[2])
    assert read_label(storage.path(frozen.images[0].sha256))[0].tolist() == [7, 7, 7, 7] + [IGNORE] * 4


def test_many_masks_are_frozen_as_one_pack_that_the_next_round_goes_on_from(
    database: Database, storage: LocalStorage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.storage.outputs.PACKED_ABOVE", 1)
    whole = np.ones((HEIGHT, WIDTH), np.bool_)
    first = make_waiting_round(database, storage, tmp_path, ["ulm_1", "bonn_2"], rounds=2)
    for image, value in (("ulm_1", 3), ("bonn_2", 7)):
        _answer_region(database, storage, first, image, whole, value)
    close_round(database, storage, first.id, cause=CAUSE)
    finish_stage(database, load_run(database, first.run_id).stages[3])
    second = ask_next(database, storage, tmp_path, first.run_id, ["ulm_3"])
    _answer_region(database, storage, second, "ulm_3", whole, 7)
    close_round(database, storage, second.id, cause=CAUSE)

    stages = load_run(database, first.run_id).stages
    for index, images in ((2, ["bonn_2", "ulm_1"]), (5, ["bonn_2", "ulm_1", "ulm_3"])):
        entries = (stages[index].outputs or {})["labels"]
        assert {name: entry.get("files") for name, entry in entries.items()} == {"": len(images), "manifest.json": None}
        StoredOutput(storage, entries).place(tmp_path / f"labels-{index}")
        # Reading compares every mask with the digest that the manifest has of it.
        manifest = read_manifest(tmp_path / f"labels-{index}")
        assert [item.image for item in manifest.images] == images
        values = [read_label(tmp_path / f"labels-{index}" / item.mask).max() for item in manifest.images]
        assert values == [7, 3, 7][: len(images)]


def _answer_region(
    database: Database, storage: LocalStorage, stage: Stage, image: str, region: Any, value: int
) -> None:
    labels = np.where(region, value, IGNORE).astype(np.uint8)
    with database.read() as session:
        stored, name = earlier_labels(session, storage, stage), mask_name(image)
    earlier = decode_label(stored.read(name), name, (WIDTH, HEIGHT)) if name in stored else None
    facts = store_labels(storage, labels, ignore_id=IGNORE, proposal=filled(PROPOSAL), earlier=earlier)
    [query_id] = query_ids(stage.run_id, [image], stage.index // 3)
    with database.write() as session:
        submit(session, NewAnswer(query_id, "ann", "person", facts, 1, 1.0), cause=CAUSE)


def test_the_manifest_is_readable_by_the_next_stage(waiting: Waiting, tmp_path: Path) -> None:
    waiting.answer(waiting.ids[0])
    close(waiting)
    files = waiting.run().stages[2].outputs["labels"]
    for name, file in files.items():
        waiting.storage.copy_to(file["sha256"], tmp_path / "labels" / name)

    manifest = read_manifest(tmp_path / "labels")

    assert json.loads((tmp_path / "labels/manifest.json").read_text())["rounds"] == 1
    np.testing.assert_array_equal(read_label(tmp_path / "labels" / manifest.images[0].mask), filled())
