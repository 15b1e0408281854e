import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from core.commands.listings import datasets_text, methods_text, plan_text, schema_text
from core.data.catalog import ADAPTERS, WORLDS
from core.errors import ConfigError
from core.methods.catalog import METHODS, preset_files
from core.runner.local import LocalPlan
from core.stage.spec import StageKind, StageSpec
from tests.support.installed import install


def test_every_method_and_preset_is_listed() -> None:
    lines = methods_text().splitlines()

    assert [line.split(":")[0] for line in lines if not line.startswith(" ")] == list(METHODS)
    presets = [line.split(":")[0].split()[-1] for line in lines if line.startswith("  preset ")]
    assert presets == [preset for method in METHODS for preset in preset_files(method)]


def test_every_adapter_and_world_is_listed() -> None:
    assert len(datasets_text().splitlines()) == len(ADAPTERS) + len(WORLDS)


def test_schema_is_that_of_the_methods_documents() -> None:
    schema = json.loads(schema_text("finetune"))

    assert {"method", "dataset", "stream", "config", "preset"} <= set(schema["properties"])


def test_schema_of_an_unknown_method_is_refused() -> None:
    with pytest.raises(ConfigError, match="did you mean 'finetune'"):
        schema_text("fintune")


def test_stage_is_listed_with_what_is_known_of_it() -> None:
    bare = StageSpec(index=0, name="train", kind=StageKind.TRAIN, step=0, noun="step")
    full = StageSpec(
        index=1,
        name="train",
        kind=StageKind.TRAIN,
        step=1,
        noun="step",
        inputs={"model": "0/model"},
        images=5,
        total_iterations=9,
    )

    assert (
        plan_text(LocalPlan([bare, full], []))
        == "0-train (train)\n1-train (train), 5 images, 9 iterations, takes 0/model"
    )


def test_package_that_adds_something_else_than_a_method_is_named(tmp_path: Path) -> None:
    install(tmp_path, "lab", {"palimpsest.methods": {"broken": "core.methods.catalog:BUILT_IN"}})
    paths = os.pathsep.join([str(tmp_path), str(Path.cwd())])

    ended = subprocess.run(
        [sys.executable, "-m", "core", "methods"],
        env=os.environ | {"PYTHONPATH": paths},
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.returncode == 2
    assert "package 'lab' adds to palimpsest.methods, cannot be loaded: it is a dict, expected a Meth" in ended.stderr
