"""The experiment document: presets, defaults, deviations and every kind of fault."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from core import experiment
from core.errors import ConfigError, Fault
from core.experiment import InvalidExperiment, document_model, load_preset, plan, read_document, resolve
from core.methods.catalog import METHODS, plan_function, preset_files
from core.server_path import PlacedPath
from tests.support.preset_digests import DIGESTS

WORLD = {"world": "objects", "classes": 4, "size_px": 32, "train_images": 20, "eval_images": 4}


def document(**changes: Any) -> dict[str, Any]:
    base = {"method": "eir", "dataset": WORLD, "stream": {"kind": "class_incremental", "steps": [[1, 2], [3, 4]]}}
    return base | changes


def faults(changed: dict[str, Any]) -> dict[str, str]:
    with pytest.raises(InvalidExperiment) as caught:
        resolve(changed)
    return {fault.pointer: fault.message for fault in caught.value.faults}


def test_a_document_without_config_gets_the_published_values():
    resolved = resolve(document())

    assert resolved.deviations() == []
    assert resolved.canonical()["config"]["optim"]["lr_base"] == 1e-3
    assert resolved.canonical()["config"]["memory"]["size"] == 100


def test_a_config_lies_over_its_preset_key_by_key():
    preset = load_preset("eir/demo")

    resolved = resolve({"method": "eir", "preset": "eir/demo", "config": {"memory": {"size": 7}}})

    config = resolved.canonical()["config"]
    assert config["memory"]["size"] == 7
    assert config["model"]["name"] == preset.config["model"]["name"]
    assert (resolved.preset, resolved.preset_version) == ("eir/demo", preset.version)


def test_a_stream_lies_over_its_preset_key_by_key():
    preset = load_preset("stal/demo").stream

    found = resolve(
        {"method": "stal", "preset": "stal/demo", "stream": {"oracle": "none", "source": {"eval_images": 3}}}
    )

    stream = found.canonical()["stream"]
    assert (stream["oracle"], stream["budgets"]) == ("none", preset["budgets"])
    assert (stream["source"]["eval_images"], stream["source"]["domain"]) == (3, preset["source"]["domain"])
    without = {"method": "stal", "preset": "stal/demo", "stream": {"source": None}}
    assert resolve(without).canonical()["stream"]["source"] is None


def test_one_way_to_say_the_steps_leaves_out_the_presets_other():
    changed = {"method": "eir", "preset": "eir/demo", "stream": {"steps": [[1, 2, 3], [4, 5, 6]]}}

    assert resolve(changed).stream.steps == ((1, 2, 3), (4, 5, 6))
    with pytest.raises(InvalidExperiment, match="step 0"):
        resolve(changed | {"stream": {"schedule": "15-5"}})  # the world of the preset has six classes


def test_a_dataset_of_another_kind_replaces_the_presets():
    base = {"method": "eir", "preset": "eir/demo"}

    smaller = resolve(base | {"dataset": {"train_images": 60}}).canonical()["dataset"]
    other = resolve(base | {"dataset": {"world": "streets"}, "stream": {"steps": [[0], [1]]}}).canonical()["dataset"]

    assert (smaller["world"], smaller["train_images"], smaller["classes"]) == ("objects", 60, 6)
    assert (other["world"], "size_px" in other, "classes" in other) == ("streets", False, False)


def test_deviations_name_pointer_published_value_and_value():
    resolved = resolve(document(config={"optim": {"clip_norm": 5}, "kd": {"weight": 2}}))

    found = {(d.pointer, d.published, d.value) for d in resolved.deviations()}

    assert found == {("/optim/clip_norm", None, 5.0), ("/kd/weight", 5.0, 2.0)}


def test_values_of_a_published_preset_are_the_published_ones(tmp_path: Path) -> None:
    changed = {
        "method": "eir",
        "preset": "eir/ade-100-10-overlap",
        "dataset": {"root": str(tmp_path)},
        "config": {"optim": {"epochs": 7}},
    }

    found = {(d.pointer, d.published, d.value) for d in resolve(changed).deviations() if "execution" not in d.pointer}

    assert found == {("/optim/epochs", 100, 7)}


def test_the_digest_ignores_the_order_of_keys_and_what_equals_a_default():
    plain = resolve(document())
    spelled_out = resolve({**dict(reversed(document().items())), "config": {"memory": {"size": 100}}})

    assert plain.digest() == spelled_out.digest()
    assert plain.digest() != resolve(document(config={"memory": {"size": 101}})).digest()


def test_the_canonical_form_resolves_to_itself():
    resolved = resolve({"method": "eir", "preset": "eir/demo"})

    assert resolve(json.loads(json.dumps(resolved.canonical()))).digest() == resolved.digest()


def test_a_plan_has_a_train_stage_a_step_and_hands_model_and_memory_on():
    stages = plan(resolve(document()))

    assert [(stage.index, stage.kind) for stage in stages] == [(0, "train"), (1, "train")]
    assert stages[0].inputs == {}
    assert stages[1].inputs == {"model": "0/model", "memory": "0/memory"}


def test_an_unknown_method_names_the_nearest():
    assert faults(document(method="eri")) == {"/method": "method 'eri' does not exist; did you mean 'eir'?"}


def test_a_missing_method_lists_what_there_is():
    assert faults({"dataset": WORLD})["/method"].startswith("method is None, expected one of eir")


def test_an_unknown_preset_names_the_nearest():
    assert faults({"method": "eir", "preset": "eir/dmo"}) == {
        "/preset": "preset 'eir/dmo' does not exist; did you mean 'eir/demo'?"
    }


def test_a_preset_far_from_all_names_those_of_its_method_or_the_methods():
    of_its_method = faults({"method": "coast", "preset": "coast/gta5-cityscapes"})["/preset"]
    assert "there is 'coast/C2MI_19'" in of_its_method and "'eir" not in of_its_method
    with pytest.raises(ConfigError, match=r"there is 'coast', 'cosam', 'dkd', 'dkd_m', 'eir'") as caught:
        load_preset("nofile.yaml")
    assert "/" not in str(caught.value)


def test_a_preset_of_another_method_is_refused():
    assert faults({"method": "source_only", "preset": "coast/demo"})["/preset"] == (
        "preset 'coast/demo' belongs to another method than 'source_only'; did you mean 'source_only/demo'?"
    )


@pytest.mark.parametrize("key", ["adapter", "root"])
def test_a_key_of_another_kind_of_dataset_is_not_said_to_be_misspelt(key):
    assert faults(document(dataset=WORLD | {key: "voc"})) == {
        f"/dataset/{key}": f"{key!r} does not go with the other keys here; leave it or them out"
    }


@pytest.mark.parametrize(
    ("changes", "pointer", "found"),
    [
        ({"config": {"optim": {"iterations": True}}}, "/config/optim/iterations", "true"),
        ({"config": {"memory": {"size": False}}}, "/config/memory/size", "false"),
        ({"config": {"optim": {"lr_base": True}}}, "/config/optim/lr_base", "true"),
        ({"dataset": WORLD | {"seed": False}}, "/dataset/seed", "false"),
        ({"stream": {"kind": "class_incremental", "steps": [[True, 2], [3]]}}, "/stream/steps/0/0", "true"),
    ],
)
def test_true_and_false_are_no_numbers(changes, pointer, found):
    assert faults(document(**changes)) == {pointer: f"must be a number; found {found}"}


def test_an_unknown_key_names_the_nearest_at_every_depth():
    found = faults(document(config={"memroy": {"size": 3}, "optim": {"lr_bsae": 1}}, datset={}))

    assert found["/config/memroy"] == "unknown key 'memroy'; did you mean 'memory'?"
    assert found["/config/optim/lr_bsae"] == "unknown key 'lr_bsae'; did you mean 'lr_base'?"
    assert found["/datset"] == "unknown key 'datset'; did you mean 'dataset'?"


def test_wrong_types_and_ranges_are_reported_together_with_what_is_allowed():
    found = faults(document(config={"optim": {"batch_size": 0, "momentum": "much"}, "memory": {"size": -1}}))

    assert "must be at least 1" in found["/config/optim/batch_size"]
    assert "found 0" in found["/config/optim/batch_size"]
    assert "found 'much'" in found["/config/optim/momentum"]
    assert "at least 0" in found["/config/memory/size"]


def test_a_fault_inside_a_union_points_at_the_documents_own_key():
    found = faults(document(config={"paste": {"lambda": {"beta": [1, -1]}}}))

    assert set(found) <= {"/config/paste/lambda", "/config/paste/lambda/beta", "/config/paste/lambda/beta/1"}


def test_a_class_in_two_steps_names_both():
    found = faults(document(stream={"kind": "class_incremental", "steps": [[1, 2], [2, 3]]}))

    assert "class 2 is in step 0 and again in step 1" in found["/stream/steps/1/0"]


@pytest.mark.parametrize(
    ("stream", "pointer"),
    [
        ({"steps": [[1], []]}, "/stream/steps/1"),
        ({"steps": []}, "/stream/steps"),
        ({"schedule": "15-2"}, "/stream/schedule"),
        ({"schedule": "15-1", "steps": [[1]]}, "/stream/steps"),
    ],
)
def test_a_fault_of_a_stream_points_at_the_part_that_is_meant(stream: dict[str, object], pointer: str):
    assert list(faults(document(stream=stream))) == [pointer]


def test_a_class_that_the_dataset_lacks_is_pointed_at():
    found = faults(document(stream={"kind": "class_incremental", "steps": [[1, 2], [3, 9]]}))

    assert "class 9 is not in the dataset" in found["/stream/steps/1/1"]


def test_a_missing_dataset_root_is_a_fault_of_the_dataset(tmp_path: Path):
    found = faults(document(dataset={"adapter": "folder", "root": str(tmp_path / "absent")}))

    assert str(tmp_path / "absent") in found["/dataset/root"]


@pytest.mark.parametrize("text", ["- 1\n- 2\n", "method: [", "\x00"])
def test_a_file_that_is_no_document_is_named(tmp_path: Path, text: str):
    path = tmp_path / "broken.yaml"
    path.write_text(text)

    with pytest.raises(ConfigError, match=r"broken\.yaml"):
        read_document(path)


def presets_of_files(folder: Path, monkeypatch: pytest.MonkeyPatch, **files: str) -> None:
    """Let the presets of EIR be these files."""
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text)
    paths = {f"eir/{name}": folder / f"{name}.yaml" for name in files}
    monkeypatch.setattr("core.experiment.preset_files", lambda _method: paths)


BASE = """{title: Base, description: All., version: 3, dataset: {world: objects, classes: 4},
stream: {steps: [[1], [2]]}, config: {optim: {iterations: 40, batch_size: 2}}}"""


def test_a_preset_that_extends_another_says_only_what_it_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    more = "{extends: base, title: More, stream: {steps: [[1], [2], [3]]}, config: {optim: {iterations: 60}}}"
    presets_of_files(tmp_path, monkeypatch, base=BASE, more=more, most="{extends: more, dataset: {classes: 6}}")

    found = load_preset("eir/most")

    assert (found.title, found.description, found.version) == ("More", "All.", 3)
    assert (found.dataset, found.stream) == ({"world": "objects", "classes": 6}, {"steps": [[1], [2], [3]]})
    assert found.config == {"optim": {"iterations": 60, "batch_size": 2}}
    (tmp_path / "base.yaml").write_text(BASE.replace("All.", "All else."))
    os.utime(tmp_path / "base.yaml", ns=(1, 1))
    assert load_preset("eir/most").description == "All else."


@pytest.mark.parametrize("name", ["absent", "loop"])
def test_a_preset_that_extends_no_other_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str):
    presets_of_files(tmp_path, monkeypatch, loop=f"{{extends: {name}}}")

    with pytest.raises(ConfigError, match=rf"loop\.yaml: extends '{name}', which is no other preset"):
        load_preset("eir/loop")


@pytest.mark.parametrize("method", METHODS)
def test_every_preset_resolves_and_is_planned(method: str):
    for name in preset_files(method):
        preset = load_preset(name)
        checked = document_model(method).model_validate(
            {"method": method, "dataset": preset.dataset, "stream": preset.stream, "config": preset.config}
        )
        assert checked.method == method
        config: Any = getattr(checked, "config")  # noqa: B009 - the field is made by document_model
        assert plan_function(method)(config, checked.stream, None)


@pytest.mark.parametrize("name", DIGESTS)
def test_dataset_and_stream_of_a_preset_stay_as_stored_experiments_have_them(name: str):
    method, preset = name.partition("/")[0], load_preset(name)
    parts = {"dataset": preset.dataset, "stream": preset.stream}
    checked = document_model(method).model_validate({"method": method, **parts}).model_dump(mode="json")

    text = json.dumps({part: checked[part] for part in parts}, sort_keys=True, separators=(",", ":"))

    assert hashlib.sha256(text.encode()).hexdigest()[:16] == DIGESTS[name]


@pytest.mark.parametrize("method", METHODS)
def test_the_published_schema_describes_every_setting(method: str):
    schema = document_model(method).model_json_schema()

    undescribed = [
        f"{name}.{key}"
        for name, model in schema["$defs"].items()
        for key, field in model.get("properties", {}).items()
        if "description" not in field and key != "kind"
    ]
    assert undescribed == []


def test_resolving_and_planning_load_no_torch():
    code = (
        "import sys, core.experiment as e; "
        "e.plan(e.resolve({'method': 'eir', 'preset': 'eir/demo'})); print('torch' in sys.modules)"
    )

    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout

    assert printed.strip() == "False"


def test_faults_speak_of_json_and_not_of_python():
    document = {"method": "stal", "preset": "stal/demo", "stream": {"budgets": 4, "oracle": None}}

    found = faults(document)

    assert found["/stream/budgets"] == "must be a list; found 4"
    assert found["/stream/oracle"].endswith("found null")


def test_no_path_is_read_before_all_of_them_have_passed(tmp_path: Path):
    asked: list[PlacedPath] = []

    def refuse(placed: PlacedPath) -> Fault:
        asked.append(placed)
        return Fault(placed.pointer, "not here", "refused")

    missing = {"adapter": "gta5", "root": str(tmp_path / "none")}
    given = {
        "method": "stal",
        "preset": "stal/demo",
        "dataset": {"adapter": "folder", "root": str(tmp_path / "none")},
        "stream": {"source": missing},
        "config": {"model": {"backbone_weights": "w.pt", "nmae": "tiny"}},
    }
    with pytest.raises(InvalidExperiment) as caught:
        resolve(given, refuse)

    places = ["/dataset/root", "/stream/source/root", "/config/model/backbone_weights"]
    assert [placed.pointer for placed in asked] == places
    assert [fault.pointer for fault in caught.value.faults] == [*places, "/config/model/nmae"]


def test_preset_is_read_once_and_again_when_its_file_has_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    file = tmp_path / "mine.yaml"
    monkeypatch.setattr(experiment, "preset_files", lambda method: {f"{method}/mine": file})
    file.write_text("{title: First, description: '', dataset: {}, stream: {}}")
    first, again = load_preset("eir/mine"), load_preset("eir/mine")

    file.write_text("{title: Second, description: '', dataset: {}, stream: {}}")
    os.utime(file, ns=(0, file.stat().st_mtime_ns + 1))

    assert first is again
    assert (first.title, load_preset("eir/mine").title) == ("First", "Second")


def test_a_document_with_thousands_of_faults_names_the_first_of_each_kind_and_their_number():
    document = {"method": "eir", "config": {f"{number}{'x' * 1000}": 0 for number in range(3000)}}

    with pytest.raises(InvalidExperiment) as caught:
        resolve(document)

    faults = [fault for fault in caught.value.faults if fault.code == "extra_forbidden"]
    assert len(faults) == 21
    assert faults[-1] == Fault("", "and 2980 more of this kind", "extra_forbidden")
    assert max(len(fault.message) for fault in faults) < 2000
