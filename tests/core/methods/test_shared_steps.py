"""Which experiments may share their first steps, and that such steps really come to the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from core.experiment import resolve
from core.methods.catalog import METHODS
from core.methods.shared_steps import differing_settings
from core.stage.interrupt import StopFlag
from tests.support.local_runs import Learned, attempt_of, begin_stage, in_this_process, learned, small_run

OBJECTS = {"dataset": {"world": "objects"}, "stream": {"steps": [[1, 2], [3, 4], [5, 6]]}}


def _resolved(method: str = "finetune", **config: Any) -> dict[str, Any]:
    return resolve({"method": method, **OBJECTS, "config": config}).canonical()


def _pointers(parent: dict[str, Any], own: dict[str, Any], after_step: int) -> list[str | None]:
    return [fault.pointer for fault in differing_settings(parent, own, after_step)]


def test_settings_of_later_steps_are_free_after_step_0_and_only_there() -> None:
    parent, own = _resolved("lwf"), _resolved("lwf", kd_weight=7, optim={"lr_step": 0.5}, init_new="mib")

    assert _pointers(parent, own, 0) == []
    assert _pointers(parent, own, 1) == ["/config/optim/lr_step", "/config/init_new", "/config/kd_weight"]


def test_setting_that_step_0_reads_is_refused_with_both_values_and_a_way_out() -> None:
    (fault,) = differing_settings(_resolved(), _resolved(optim={"lr_base": 0.5}), 0)

    assert fault.pointer == "/config/optim/lr_base"
    assert "is 0.5" in fault.message and "with 0.01" in fault.message and "run of its own" in fault.message


def test_data_and_stream_must_be_equal_whole() -> None:
    other = resolve({"method": "finetune", "dataset": {"world": "objects", "size_px": 32}, "stream": OBJECTS["stream"]})
    regrouped = resolve({"method": "finetune", **OBJECTS, "stream": {"steps": [[1, 2], [3, 4, 5, 6]]}})

    assert _pointers(_resolved(), other.canonical(), 0) == ["/dataset/size_px"]
    assert _pointers(_resolved(), regrouped.canonical(), 0) == ["/stream/steps"]


@pytest.mark.parametrize("method", ["ewc", "lwf", "ilt", "plop"])
def test_methods_that_begin_alike_share_step_0_but_no_later_step(method: str) -> None:
    assert _pointers(_resolved(), _resolved(method), 0) == []
    (fault,) = differing_settings(_resolved(), _resolved(method), 1)
    assert (fault.pointer, "branch after step 0" in fault.message) == ("/method", True)


def test_method_that_begins_in_another_way_is_refused() -> None:
    (fault,) = differing_settings(_resolved(), _resolved("mib"), 0)

    assert fault.pointer == "/method"
    assert "trained by finetune" in fault.message


def test_importance_of_ewc_and_the_memory_of_eir_are_made_in_step_0_and_so_not_free() -> None:
    assert _pointers(_resolved("ewc"), _resolved("ewc", ewc={"weight": 9, "batches": 3}), 0) == ["/config/ewc/batches"]
    changed = _resolved("eir", memory={"size": 7}, kd={"weight": 1}, paste={"enabled": False})
    assert _pointers(_resolved("eir"), changed, 0) == ["/config/memory/size"]


GROUPS = [["finetune", "ewc", "lwf", "ilt", "plop"], ["dkd", "dkd_m"], ["ssul", "ssul_m"]]


def test_groups_are_those_of_the_table() -> None:
    in_table = {name: entry.first_step for name, entry in METHODS.items() if entry.first_step}

    assert sorted(in_table) == sorted(name for group in GROUPS for name in group)
    assert all(len({in_table[name] for name in group}) == 1 for group in GROUPS)


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: group[0])
def test_methods_of_a_group_come_to_the_same_after_step_0(tmp_path: Path, group: list[str]) -> None:
    first, *others = (_step_0(tmp_path / method, method) for method in group)

    for other in others:
        both = first.files.keys() & other.files.keys()
        assert any(name.endswith("model.safetensors") for name in both)
        assert {name: first.files[name] for name in both} == {name: other.files[name] for name in both}
        assert (first.series, first.scores, first.confusion) == (other.series, other.scores, other.confusion)


CHANGED: dict[str, dict[str, Any]] = {
    "finetune": {"optim": {"lr_step": 0.5, "warmup_iterations": 3, "freeze_bn": True}, "init_new": "background"},
    "ewc": {"ewc": {"weight": 1, "decay": 0.1}},
    "ilt": {"kd_weight": 1, "feature_weight": 1},
    "plop": {"plop": {"feature_factor": 1, "pseudo_labels": False}},
    "dkd_m": {"loss": {"kd": 1, "positive": 1, "negative": 1, "pos_weight_step": 3}},
    "ssul": {"ssul": {"unknown": False, "threshold": 0.1, "background_lr_factor": 1}},
    "eir": {
        "paste": {"enabled": False},
        "pseudo_labels": {"threshold": 0.1},
        "kd": {"weight": 1, "mode": "unbiased"},
        "loss": {"intra_class": 1},
        "init_new": "random",
    },
}


@pytest.mark.parametrize("method", CHANGED)
def test_settings_of_later_steps_change_nothing_of_step_0(tmp_path: Path, method: str) -> None:
    assert _step_0(tmp_path / "a", method) == _step_0(tmp_path / "b", method, **CHANGED[method])


def _step_0(folder: Path, method: str, **config: Any) -> Learned:
    run = small_run(folder, method, **config)
    assert in_this_process(begin_stage(run), StopFlag()) == 0
    return learned([attempt_of(run, 0)])
