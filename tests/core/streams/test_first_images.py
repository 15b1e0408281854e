"""Where people give the labels, a training image needs none unless it is labelled at the start."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.data.faults import DataFaultError, FaultKind
from core.data.opening import OpenedDataset, open_dataset
from core.data.pairing import PairedFiles
from core.data.presence import known_presence, scan_presence
from core.data.specs import FolderDatasetSpec
from core.data.verify import verify_dataset
from core.errors import ConfigError
from core.streams.active_rounds import TARGET, ActiveRoundsStream
from core.streams.base import MAIN
from core.streams.class_incremental import ClassIncrementalStream
from core.streams.first_images import draw_initial, first_images, shortened
from core.streams.known import known_of, open_use
from tests.support.datasets import pairs_of, write_folder_dataset, write_voc_dataset
from tests.support.unlabelled import ROUNDS, UnlabelledTarget, write_unlabelled_target

BY_PEOPLE = ActiveRoundsStream.model_validate(ROUNDS)
BY_ORACLE = BY_PEOPLE.model_copy(update={"oracle": "ground_truth"})


def open_target(spec: FolderDatasetSpec, stream: ActiveRoundsStream, home: Path) -> OpenedDataset[PairedFiles]:
    """Open the target of rounds as a stage does."""
    opened = open_use(stream.datasets(spec)[TARGET], home)
    stream.check_images({TARGET: known_of(opened)})
    return opened


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
    start = first_images(spec, BY_PEOPLE.first, [pair.id for pair in pairs_of(spec)])
    for pair in pairs_of(spec):
        if pair.id not in start:
            pair.label.unlink()

    assert len(open_target(spec, BY_PEOPLE, tmp_path).train) == 13


def test_an_oracle_needs_all_labels(target: UnlabelledTarget, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"6 of the 8 training images have no label .* oracle: none") as caught:
        open_target(target.spec, BY_ORACLE, tmp_path)

    assert caught.value.pointer == "/stream/oracle"


def test_an_oracle_that_is_asked_nothing_needs_none(target: UnlabelledTarget, tmp_path: Path) -> None:
    once = BY_ORACLE.model_copy(update={"budgets": ()})

    assert len(open_target(target.spec, once, tmp_path).train) == 8


def test_other_streams_need_all_labels(target: UnlabelledTarget, tmp_path: Path) -> None:
    with pytest.raises(DataFaultError, match="does not exist"):
        open_use(ClassIncrementalStream(steps=((0,), (1,))).datasets(target.spec)[MAIN], tmp_path)


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
    train = open_dataset(target.spec, tmp_path, labelled=["eval"]).train

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


def listing(target: UnlabelledTarget, *names: str) -> ActiveRoundsStream:
    lists = Path(target.spec.root, "lists")
    lists.mkdir(exist_ok=True)
    (lists / "mine.txt").write_text("".join(f"{name}\n" for name in names))
    return ActiveRoundsStream.model_validate({**ROUNDS, "initial_images": 30, "initial_list": "mine"})


def test_a_list_says_what_is_labelled_at_the_start(target: UnlabelledTarget, tmp_path: Path) -> None:
    first, second = target.labelled
    # As in the published lists the path of the image stands there; the split says the order.
    by_list = listing(target, f"leftImg8bit/train/x/{second}_leftImg8bit.png", first)

    train = open_target(target.spec, by_list, tmp_path).train

    assert first_images(target.spec, by_list.first, train.ids) == [first, second]
    assert len(train) == 8


def test_listed_images_that_the_target_lacks_are_named(target: UnlabelledTarget, tmp_path: Path) -> None:
    by_list = listing(target, target.labelled[0], *(f"ulm_00000{number}_000019" for number in range(4)))

    with pytest.raises(ConfigError, match=r"names 4 of 5 images .* ulm_000000_000019, .*ulm_000002_000019 …") as caught:
        open_target(target.spec, by_list, tmp_path)

    assert caught.value.pointer == "/stream/initial_list"


def test_a_list_that_is_not_there_names_those_that_are(target: UnlabelledTarget, tmp_path: Path) -> None:
    by_list = listing(target, target.labelled[0]).model_copy(update={"initial_list": "gtav-31"})

    with pytest.raises(ConfigError, match=r"splits there: mine; built in: gtav-150, gtav-30, .*") as caught:
        open_target(target.spec, by_list, tmp_path)

    assert caught.value.pointer == "/stream/initial_list"


def test_listed_images_need_labels_and_leave_a_pool(target: UnlabelledTarget, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"1 of the 1 images .* have no label file") as caught:
        others = [name for name in target.truth.ids if name not in target.labelled]
        open_target(target.spec, listing(target, others[0]), tmp_path)
    assert caught.value.pointer == "/stream/initial_list"

    too_many = listing(target, *target.labelled).model_copy(update={"budgets": (7.0,)})
    with pytest.raises(ConfigError, match="only 6 of 8 are left"):
        open_target(target.spec, too_many, tmp_path)


def test_the_first_images_depend_on_seed_and_names_alone() -> None:
    names = [f"image-{number}" for number in range(20)]
    chosen = {names[position] for position in draw_initial(names, 5, seed=1)}

    assert len(chosen) == 5
    assert {names[::-1][position] for position in draw_initial(names[::-1], 5, seed=1)} == chosen
    assert {names[position] for position in draw_initial(names, 5, seed=2)} != chosen
    assert chosen < {names[position] for position in draw_initial(names, 9, seed=1)}
