"""Where people give the labels, a training image needs none unless it is labelled at the start."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.data.catalog import open_dataset
from core.data.faults import DataFaultError, FaultKind
from core.data.presence import known_presence, scan_presence
from core.data.stream_target import first_images, open_target, shortened
from core.data.verify import verify_dataset
from core.errors import ConfigError
from core.streams.active_rounds import ActiveRoundsStream
from core.streams.catalog import ClassIncrementalStream
from tests.support.datasets import pairs_of, write_folder_dataset, write_voc_dataset
from tests.support.unlabelled import ROUNDS, UnlabelledTarget, write_unlabelled_target

BY_PEOPLE = ActiveRoundsStream.model_validate(ROUNDS)
BY_ORACLE = BY_PEOPLE.model_copy(update={"oracle": "ground_truth"})


@pytest.fixture
def target(tmp_path: Path) -> UnlabelledTarget:
    return write_unlabelled_target(tmp_path)


def test_people_can_label_what_has_no_label_file(target: UnlabelledTarget, tmp_path: Path) -> None:
    train = open_target(target.spec, BY_PEOPLE, tmp_path).train

    assert (len(train), len(train.without_label(train.ids))) == (8, 6)
    assert train.without_label(target.labelled) == []
    assert (train.label(train.ids.index(target.labelled[0])) < 19).any()
    with pytest.raises(DataFaultError, match=r"_gtFine_labelIds\.png: does not exist"):
        train.label(train.ids.index(train.without_label(train.ids)[0]))


@pytest.mark.parametrize("write", [write_folder_dataset, write_voc_dataset])
def test_the_layout_makes_no_difference(tmp_path: Path, write: object) -> None:
    spec = write(tmp_path / "data")  # type: ignore[operator]
    start = first_images(BY_PEOPLE, [pair.id for pair in pairs_of(spec)])
    for pair in pairs_of(spec):
        if pair.id not in start:
            pair.label.unlink()

    assert len(open_target(spec, BY_PEOPLE, tmp_path).train) == 13


def test_an_oracle_needs_all_labels(target: UnlabelledTarget, tmp_path: Path) -> None:
    with pytest.raises(DataFaultError, match=r"and 5 more files are missing"):
        open_target(target.spec, BY_ORACLE, tmp_path)


def test_other_streams_need_all_labels(target: UnlabelledTarget, tmp_path: Path) -> None:
    with pytest.raises(DataFaultError, match="does not exist"):
        open_target(target.spec, ClassIncrementalStream(steps=((0,), (1,))), tmp_path)


def test_first_images_without_labels_are_named_with_the_way_out(target: UnlabelledTarget, tmp_path: Path) -> None:
    first, second = target.labelled
    target.remove_label(second)

    with pytest.raises(ConfigError, match=f"1 of the 2 images .* no label file: {second}; .* initial_images: 0") as one:
        open_target(target.spec, BY_PEOPLE, tmp_path)

    assert one.value.pointer == "/stream/initial_images"
    without = BY_PEOPLE.model_copy(update={"initial_images": 0})
    target.remove_label(first)
    assert len(open_target(target.spec, without, tmp_path).train) == 8


def test_test_images_need_their_labels(target: UnlabelledTarget, tmp_path: Path) -> None:
    pairs_of(target.spec, "val")[0].label.unlink()

    with pytest.raises(DataFaultError, match=r"gtFine/val/.*does not exist"):
        open_target(target.spec, BY_PEOPLE, tmp_path)


def test_a_label_that_comes_later_makes_another_fingerprint(target: UnlabelledTarget, tmp_path: Path) -> None:
    train = open_target(target.spec, BY_PEOPLE, tmp_path).train
    before, again = train.fingerprint(), open_target(target.spec, BY_PEOPLE, tmp_path).train.fingerprint()
    missing = next(pair for pair in pairs_of(target.spec) if not pair.label.exists())
    missing.label.write_bytes(pairs_of(target.spec, "val")[0].label.read_bytes())

    assert before == again
    assert open_target(target.spec, BY_PEOPLE, tmp_path).train.fingerprint() != before


def test_there_is_no_scan_of_what_has_no_labels(target: UnlabelledTarget, tmp_path: Path) -> None:
    train = open_dataset(target.spec, tmp_path, needs_train_labels=False).train

    assert known_presence(train, tmp_path / "presence") is None
    with pytest.raises(DataFaultError, match="does not exist"):
        scan_presence(train, tmp_path / "presence")


def test_the_check_still_reports_what_is_missing_and_looks_at_the_images(target: UnlabelledTarget) -> None:
    report = verify_dataset(target.spec)

    assert report.fault_counts == {FaultKind.MISSING_FILE: 6}
    assert not report.is_sound
    train = report.splits[0]
    assert (train.listed, train.sound) == (8, 2)
    assert [(size.width, size.height, size.images) for size in train.sizes] == [(48, 32, 8)]


def test_a_message_names_three_at_most() -> None:
    assert shortened(["a", "b", "c"]) == "a, b, c"
    assert shortened(["a", "b", "c", "d"]) == "a, b, c …"
