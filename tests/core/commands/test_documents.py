from pathlib import Path

import pytest

from core.commands.documents import open_document, with_setting
from core.errors import ConfigError
from core.experiment import resolve
from tests.support.datasets import write_voc_dataset


def test_preset_is_opened_by_its_name() -> None:
    assert open_document("eir/demo") == {"method": "eir", "preset": "eir/demo"}


def test_file_is_read_and_settings_are_laid_over_it(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("method: eir\nconfig: {optim: {lr_base: 1, momentum: 0.5}}\n")

    document = open_document(str(tmp_path / "a.yaml"), ["config.optim.lr_base=0.5", "config.memory.size=3"])

    assert document == {
        "method": "eir",
        "config": {"optim": {"lr_base": 0.5, "momentum": 0.5}, "memory": {"size": 3}},
    }


def test_value_of_a_setting_is_yaml() -> None:
    document = with_setting(with_setting({}, "a.b=[[1], [2, 3]]"), "c=null")

    assert document == {"a": {"b": [[1], [2, 3]]}, "c": None}


def test_document_itself_stays_as_it_was() -> None:
    document = {"config": {"memory": {"size": 3}}}

    with_setting(document, "config.memory.size=4")

    assert document == {"config": {"memory": {"size": 3}}}


def test_one_setting_of_a_presets_dataset_leaves_the_others() -> None:
    document = open_document("eir/demo", ["dataset.size_px=32", "stream.setting=disjoint"])

    resolved = resolve(document)

    plain = resolve(open_document("eir/demo"))
    assert resolved.dataset == plain.dataset.model_copy(update={"size_px": 32})
    assert resolved.stream == plain.stream.model_copy(update={"setting": "disjoint"})


def test_steps_replace_the_schedule_of_a_preset_and_a_schedule_its_steps(tmp_path: Path) -> None:
    root = write_voc_dataset(tmp_path).root
    own = open_document("eir/voc-15-5-overlap", [f"dataset.root={root}", "stream.steps=[[1, 2], [3]]"])
    named = open_document("eir/demo", [f"dataset={{adapter: voc, root: {root}}}", "stream.schedule=19-1"])

    assert resolve(own).stream.model_dump()["steps"] == ((1, 2), (3,))
    assert resolve(named).stream.classes_per_step[1] == (20,)


def test_the_last_of_two_ways_to_say_the_same_counts() -> None:
    document = with_setting({"method": "eir", "stream": {"schedule": "15-5"}}, "stream.steps=[[1]]")

    assert document["stream"] == {"steps": [[1]]}
    assert with_setting(document, "stream.schedule=15-1")["stream"] == {"schedule": "15-1"}


def test_neither_file_nor_preset_names_the_nearest() -> None:
    with pytest.raises(
        ConfigError, match=r"'finetune/dem' is neither a file nor a preset; did you mean 'finetune/demo"
    ):
        open_document("finetune/dem")


@pytest.mark.parametrize("setting", ["config.optim", "=3", "a..b=1", ".a=1"])
def test_setting_of_another_form_is_refused(setting: str) -> None:
    with pytest.raises(ConfigError, match=r"is not of the form config\.optim\.iterations=50"):
        with_setting({}, setting)


def test_setting_below_a_value_is_refused() -> None:
    with pytest.raises(ConfigError, match="'size' holds a value, not a group of settings"):
        with_setting({"memory": {"size": 3}}, "memory.size.small=1")


def test_value_that_is_no_yaml_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"setting 'a=\[1': '\[1' cannot be read as YAML"):
        with_setting({}, "a=[1")
