from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from core.data.opening import open_dataset
from core.data.presence import scan_presence
from core.data.specs import FolderDatasetSpec
from core.methods.catalog import METHODS
from server.errors import InvalidRequestError
from server.schemas.problem import FaultEntry
from server.schemas.runs import RunCreate
from server.services.experiments.check import CheckedExperiment, check_document, check_run
from tests.support.datasets import write_folder_dataset, write_voc_dataset
from tests.support.unlabelled import ROUNDS, UnlabelledTarget, write_unlabelled_target

DEMO: dict[str, Any] = {"method": "eir", "preset": "eir/demo"}
STEPS = {"steps": [[1, 2], [3, 4], [5, 6]]}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The allowed root."""
    folder = tmp_path / "data"
    folder.mkdir()
    return folder


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    """Where scans of labels are kept."""
    return tmp_path / "cache"


def _document(folder: Path | str, adapter: str = "folder", **changes: Any) -> dict[str, Any]:
    return {**DEMO, "dataset": {"adapter": adapter, "root": str(folder)}, "stream": STEPS, **changes}


def _check(document: dict[str, Any], root: Path, cache: Path = Path("/dev/null")) -> CheckedExperiment:
    return check_document(document, data_roots=[root], presence_cache=cache)


def _faults(document: dict[str, Any], root: Path, cache: Path = Path("/dev/null")) -> tuple[FaultEntry, ...]:
    with pytest.raises(InvalidRequestError) as caught:
        _check(document, root, cache)
    return caught.value.errors


def _scan(spec: FolderDatasetSpec, cache: Path) -> None:
    scan_presence(open_dataset(spec, cache).train, cache)


def test_built_in_world_needs_no_root(root: Path) -> None:
    checked = _check(DEMO, root)

    assert (len(checked.plan), checked.is_scanned) == (3, False)
    assert sorted(checked.classes.names) == [1, 2, 3, 4, 5, 6]


def test_images_of_each_step_are_known_where_the_labels_were_scanned(root: Path, cache: Path) -> None:
    spec = write_voc_dataset(root / "six")
    before = _check(_document(root / "six", "voc"), root, cache)
    _scan(spec, cache)

    after = _check(_document(root / "six", "voc"), root, cache)

    assert (before.is_scanned, [stage.images for stage in before.plan]) == (False, [None, None, None])
    assert (after.is_scanned, [stage.images for stage in after.plan]) == (True, [6, 6, 5])


def test_step_without_an_image_is_a_fault_where_the_labels_were_scanned(root: Path, cache: Path) -> None:
    _scan(write_voc_dataset(root / "six"), cache)
    document = _document(root / "six", "voc", stream={"steps": [[1, 2], [20]]})

    faults = _faults(document, root, cache)

    assert [fault.pointer for fault in faults] == ["/document/stream/steps/1"]
    assert "no training image" in faults[0].message


def test_faults_beside_a_refused_root_are_listed_too(root: Path) -> None:
    faults = _faults(_document("/etc", config={"optm": {}}), root)

    assert [fault.pointer for fault in faults] == ["/document/dataset/root", "/document/config/optm"]


def test_refused_root_of_an_unknown_method_has_both_faults(root: Path) -> None:
    faults = _faults({**_document("/etc"), "method": "eri", "preset": None}, root)

    assert [fault.pointer for fault in faults] == ["/document/dataset/root", "/document/method"]


def test_root_that_does_not_exist_is_a_fault(root: Path) -> None:
    assert _faults(_document(root / "nowhere"), root)[0].code == "path_missing"


@pytest.mark.parametrize("adapter", ["folder", "voc"])
def test_empty_root_is_a_fault_that_names_the_folder(root: Path, adapter: str) -> None:
    (root / "empty").mkdir()

    fault = _faults(_document(root / "empty", adapter), root)[0]

    assert fault.pointer == "/document/dataset/root"
    assert str(root / "empty") in fault.message


def test_missing_image_file_is_a_fault_that_names_it(root: Path) -> None:
    write_folder_dataset(root / "six")
    (root / "six" / "images" / "train_3.png").unlink()

    assert "train_3" in _faults(_document(root / "six"), root)[0].message


def test_class_that_the_dataset_lacks_is_a_fault(root: Path) -> None:
    write_folder_dataset(root / "six")

    faults = _faults(_document(root / "six", stream={"steps": [[1], [9]]}), root)

    assert [fault.pointer for fault in faults] == ["/document/stream/steps/1/0"]


@pytest.mark.parametrize(
    "name",
    [
        "../outside",
        "six/../../outside",
        "..%2foutside",
        "%252e%252e/outside",
        "..\\outside",
        "\\\\host\\share",
        "six\\..\\..\\outside",
        "link",
        "link/inside",
        "six#/../../outside",
        "six?/../../outside",
        "./../../../../../../etc",
        "a" * 3000,
        "b/" * 1900,
    ],
)
def test_path_that_leads_out_of_the_root_is_refused(root: Path, name: str) -> None:
    outside = root.parent / "outside"
    for folder in (root / "six", outside, outside / "inside"):
        write_folder_dataset(folder, ((1,),), ((1,),))
    (root / "link").symlink_to(outside)

    faults = _faults(_document(f"{root}/{name}"), root)

    assert faults[0].pointer == "/document/dataset/root"
    assert faults[0].code in {"path_outside_roots", "path_missing"}


@pytest.mark.parametrize("name", ["data", "~/data", "file:///etc", "C:\\data", "\\\\host\\share"])
def test_path_that_is_not_absolute_is_refused(root: Path, name: str) -> None:
    assert _faults(_document(name), root)[0].code == "path_not_absolute"


def test_paths_that_come_from_the_preset_are_looked_at_too(root: Path) -> None:
    """Only lists are named beside the preset, whose folders are relative ones."""
    parts = {"dataset": {"eval_split": "val"}, "stream": {"source": {"train_split": "all"}}}
    faults = _faults({"method": "stal", "preset": "stal/published-gtav-30", **parts}, root)

    assert [(fault.pointer, fault.code) for fault in faults] == [
        ("/document/dataset/root", "path_not_absolute"),
        ("/document/stream/source/root", "path_not_absolute"),
    ]


def test_link_inside_a_root_is_accepted(root: Path) -> None:
    write_folder_dataset(root / "six")
    (root / "current").symlink_to(root / "six")

    assert _check(_document(root / "current"), root).resolved.method == "eir"


@pytest.mark.parametrize(
    ("weights", "code"), [("/etc/passwd", "path_outside_roots"), ("model.pt", "path_not_absolute")]
)
@pytest.mark.parametrize(("method", "name"), [("eir", "backbone_weights"), ("stal", "checkpoint")])
def test_weights_outside_the_allowed_roots_are_refused(
    root: Path, method: str, name: str, weights: str, code: str
) -> None:
    options = {"init": "checkpoint"} if name == "checkpoint" else {}
    document = {"method": method, "preset": f"{method}/demo", "config": {"model": {name: weights, **options}}}

    faults = _faults(document, root)

    assert [(fault.pointer, fault.code) for fault in faults] == [(f"/document/config/model/{name}", code)]


@pytest.fixture
def toy_method(monkeypatch: pytest.MonkeyPatch) -> str:
    """A method whose config takes a path that no other code knows of."""
    entry = replace(METHODS["finetune"], config="tests.support.toy_paths:ToyConfig", presets="toy/presets")
    monkeypatch.setitem(METHODS, "toy", entry)
    return "toy"


@pytest.mark.parametrize(
    ("config", "place", "code"),
    [
        ({"experts": {"sky": {"embeddings": "/etc/passwd"}}}, "experts/sky/embeddings", "path_outside_roots"),
        ({"experts": {"sky": {"embeddings": "a.pt"}}}, "experts/sky/embeddings", "path_not_absolute"),
        ({"prompt": "/etc/passwd"}, "prompt", "path_not_expected"),
    ],
)
def test_new_setting_is_guarded_without_further_code(
    root: Path, toy_method: str, config: dict[str, Any], place: str, code: str
) -> None:
    document = {"method": toy_method, "dataset": {"world": "objects"}, "stream": {"steps": [[1]]}, "config": config}

    [fault] = _faults(document, root)

    assert (fault.pointer, fault.code) == (f"/document/config/{place}", code)


def test_new_setting_may_name_a_file_below_a_root(root: Path, toy_method: str) -> None:
    (root / "a.pt").touch()
    config = {"experts": {"sky": {"embeddings": str(root / "a.pt")}}, "prompt": "sky"}
    document = {"method": toy_method, "dataset": {"world": "objects"}, "stream": {"steps": [[1]]}, "config": config}

    assert _check(document, root).resolved.canonical()["config"]["experts"] == config["experts"]


def test_run_of_a_preset_has_the_preset_as_its_document(root: Path, cache: Path) -> None:
    checked = check_run(RunCreate(preset="eir/demo"), data_roots=[root], presence_cache=cache)

    assert checked.resolved.document == DEMO


def test_run_of_an_unknown_preset_points_at_it(root: Path, cache: Path) -> None:
    with pytest.raises(InvalidRequestError, match="did you mean 'eir/demo'") as caught:
        check_run(RunCreate(preset="eir/dmo"), data_roots=[root], presence_cache=cache)

    assert caught.value.errors[0].pointer == "/preset"


def _rounds(**stream: Any) -> dict[str, Any]:
    """Return a document of rounds over ten images, with these settings of its stream."""
    target = {"world": "streets", "train_images": 10, "eval_images": 1}
    return {
        "method": "stal",
        "dataset": target,
        "stream": {"kind": "active_rounds", "initial_images": 2, "budgets": [2], **stream},
    }


def _stream_fault(root: Path, **stream: Any) -> FaultEntry:
    [fault] = _faults(_rounds(**stream), root)
    return fault


def test_rounds_with_a_source_are_planned(root: Path) -> None:
    checked = _check(_rounds(source={"world": "streets", "domain": "synthetic", "layout": "gta5"}), root)

    assert [stage.name for stage in checked.plan] == ["train-0", "select-0", "label-0", "train-1"]
    assert sorted(checked.classes.names) == list(range(19))


@pytest.mark.parametrize(
    ("folder", "code"), [("/etc", "path_outside_roots"), ("../etc", "path_not_absolute"), ("none", "path_missing")]
)
def test_source_root_that_may_not_be_read_is_refused_at_its_place(root: Path, folder: str, code: str) -> None:
    source = {"adapter": "gta5", "root": str(root / folder) if folder == "none" else folder}

    fault = _stream_fault(root, source=source)

    assert (fault.pointer, fault.code) == ("/document/stream/source/root", code)


@pytest.mark.parametrize("adapter", ["gta5", "synthia", "cityscapes", "folder", "voc"])
def test_source_of_another_layout_is_refused_at_its_place(root: Path, adapter: str) -> None:
    (root / "other").mkdir()

    fault = _stream_fault(root, source={"adapter": adapter, "root": str(root / "other")})

    assert fault.pointer == "/document/stream/source/root"
    assert str(root / "other") in fault.message


def test_missing_label_of_the_source_is_named(root: Path) -> None:
    (root / "gta5" / "images").mkdir(parents=True)
    (root / "gta5" / "images" / "00001.png").touch()

    fault = _stream_fault(root, source={"adapter": "gta5", "root": str(root / "gta5")})

    assert fault.pointer == "/document/stream/source/root"
    assert "labels/00001.png" in fault.message


def test_test_images_of_the_source_need_not_be_there(root: Path) -> None:
    spec = write_folder_dataset(root / "source", classes=["road", "car"])
    (Path(spec.root) / "val.txt").unlink()

    assert len(_check(_rounds(source={"adapter": "folder", "root": spec.root}), root).plan) == 4


def test_source_that_shares_no_class_with_the_target_is_refused(root: Path) -> None:
    # Classes 1 to 6 of the source, 0 of the target.
    (root / "one").mkdir()
    (root / "one" / "classes.json").write_text('{"classes": ["all"]}')
    target = {"adapter": "folder", "root": str(root / "one")}
    document = _rounds(source={"world": "objects"}) | {"dataset": target}

    assert [fault.pointer for fault in _faults(document, root)] == ["/document/stream/source"]


@pytest.mark.parametrize(
    ("stream", "place", "says"),
    [
        ({"budgets": [5, 4]}, "budgets/1", "only 3 of 10 are left"),
        ({"budgets": [0.5]}, "budgets/0", "not a whole image"),
        ({"budgets": [0]}, "budgets/0", "more than 0"),
        ({"budgets": [90], "unit": "percent_images"}, "budgets/0", "round 1 asks for 9 images"),
        ({"initial_images": 11}, "initial_images", "the target has 10"),
        ({"initial_images": 0}, "initial_images", "nothing is labelled"),
        ({"unit": "imges"}, "unit", "'images'"),
        ({"unit": "pixels"}, "unit", "acquisition stal asks for images and cannot spend pixels"),
        ({"kind": "rounds"}, "kind", "active_rounds"),
        ({"source": {"world": "streats"}}, "source/world", "'streets'"),
        ({"source": {"world": "streets", "domian": "city-b"}}, "source/domian", "domain"),
    ],
)
def test_fault_of_a_stream_of_rounds_is_found_at_its_place(
    root: Path, stream: dict[str, Any], place: str, says: str
) -> None:
    fault = _stream_fault(root, **stream)

    assert fault.pointer == f"/document/stream/{place}"
    assert says in fault.message


def test_budget_of_more_than_an_image_is_refused(root: Path) -> None:
    document = _rounds(unit="percent_pixels_per_image", budgets=[101])
    document["config"] = {"acquisition": {"name": "ripu_ra"}}

    assert [fault.pointer for fault in _faults(document, root)] == ["/document/stream/budgets/0"]


def _rounds_on(target: UnlabelledTarget, **stream: Any) -> dict[str, Any]:
    return {"method": "stal", "dataset": target.spec.model_dump(), "stream": {**ROUNDS, **stream}}


def test_people_may_be_asked_about_images_without_labels(root: Path) -> None:
    target = write_unlabelled_target(root)

    checked = _check(_rounds_on(target), root)

    assert [stage.by_people for stage in checked.plan] == [False, False, True, False]
    [fault] = _faults(_rounds_on(target, oracle="ground_truth"), root)
    assert (fault.pointer, fault.code) == ("/document/stream/oracle", "config_error")


def test_first_images_without_labels_are_refused_at_a_dry_run(root: Path) -> None:
    target = write_unlabelled_target(root)
    target.remove_label(target.labelled[0])

    [fault] = _faults(_rounds_on(target), root)

    assert (fault.pointer, fault.code) == ("/document/stream/initial_images", "config_error")
    assert target.labelled[0] in fault.message
    assert _check(_rounds_on(target, initial_images=0), root).is_scanned
