from pathlib import Path

import pytest
import yaml

from core.commands.checks import check_data, plan_of
from core.data.faults import FaultKind
from core.errors import ConfigError
from tests.support.datasets import make_label_a_colour_image, pairs_of, put_id_into_label, write_voc_dataset
from tests.support.local_runs import small_document

WORLD = ["dataset.size_px=32", "dataset.train_images=12", "dataset.eval_images=3"]


def test_plan_draws_the_world_and_counts_its_images(tmp_path: Path) -> None:
    stages = plan_of("eir/demo", WORLD, tmp_path / "home").stages

    images = [stage.images for stage in stages]
    # One or two of six classes a picture, in the overlap setting: each picture is in one step or two.
    assert len(images) == 3
    assert 12 <= sum(count or 0 for count in images) <= 24
    assert len(list((tmp_path / "home/worlds").glob("objects-*"))) == 1


def test_dataset_of_a_preset_is_checked(tmp_path: Path) -> None:
    report = check_data("eir/demo", None, WORLD, tmp_path).report

    assert report.is_sound
    assert [(split.listed, split.sound) for split in report.splits] == [(12, 12), (3, 3)]


def test_dataset_of_a_document_that_cannot_run_is_checked_all_the_same(tmp_path: Path) -> None:
    spec = write_voc_dataset(tmp_path / "dataset")
    make_label_a_colour_image(pairs_of(spec)[0])
    put_id_into_label(pairs_of(spec, "val")[2], 99)
    path = tmp_path / "a.yaml"
    path.write_text(yaml.safe_dump({**small_document(spec), "method": "unknown"}))

    report = check_data(str(path), None, [], tmp_path).report

    assert [fault.kind for fault in report.faults] == [FaultKind.NOT_AN_INDEX, FaultKind.UNKNOWN_ID]


def test_missing_root_is_a_fault_of_the_report(tmp_path: Path) -> None:
    report = check_data("folder", str(tmp_path / "absent"), [], tmp_path).report

    assert [fault.kind for fault in report.faults] == [FaultKind.MISSING_ROOT]


def test_adapter_without_a_root_is_asked_for_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="adapter 'voc' needs the folder of the dataset: check-data voc ROOT"):
        check_data("voc", None, [], tmp_path)


def test_unknown_adapter_lists_what_there_is(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="adapters are voc, folder"):
        check_data("vco", str(tmp_path), [], tmp_path)


def test_document_without_a_dataset_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("method: eir\n")

    with pytest.raises(ConfigError, match="the dataset is not valid") as caught:
        check_data(str(tmp_path / "a.yaml"), None, [], tmp_path)

    assert caught.value.pointer == "/dataset"
