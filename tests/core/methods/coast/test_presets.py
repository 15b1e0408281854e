"""The settings that the publication reports, the demos, and their bounds."""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import Any

import pytest

from core.data.domain_classes import STREET_IDS
from core.experiment import InvalidExperiment, load_preset, plan, resolve
from core.methods.catalog import preset_files
from core.methods.coast.config import CoastConfig
from core.streams.multi_target import MultiTargetStream

TARGETS = {
    "G2CI": ["cityscapes", "idd"],
    "G2CM": ["cityscapes", "mapillary"],
    "G2MI": ["mapillary", "idd"],
    "G2CMI": ["cityscapes", "mapillary", "idd"],
    "C2MI": ["mapillary", "idd"],
    "I2CM": ["cityscapes", "mapillary"],
    "M2CI": ["cityscapes", "idd"],
}
"""Published setting -> its targets in their order."""
SOURCES = {"G": "gta5", "C": "cityscapes", "I": "idd", "M": "mapillary"}
SETTINGS = [f"{code}_{classes}" for code, classes in product(TARGETS, (7, 19))]
DEMOS = ["demo", "demo-3"]
SIZES = {"7": ((640, 320), 640, (320, 160)), "19": ((1024, 512), 1024, (512, 256))}
"""Classes -> image size, width at scale 1, crop."""


def test_every_published_setting_is_there_in_both_flavours_and_with_its_bounds() -> None:
    flavours = [*SETTINGS, *(f"{name}-reference" for name in SETTINGS)]

    assert sorted(preset_files("coast")) == sorted(f"coast/{name}" for name in (*flavours, *DEMOS))
    for bound in ("source_only", "target_oracle"):
        assert sorted(preset_files(bound)) == sorted(f"{bound}/{name}" for name in (*SETTINGS, *DEMOS))


@pytest.mark.parametrize("name", SETTINGS)
def test_a_setting_has_the_published_data_and_sizes(name: str) -> None:
    code, classes = name.split("_")
    preset = load_preset(f"coast/{name}")
    stream = MultiTargetStream.model_validate(preset.stream)
    data = CoastConfig.model_validate(preset.config).data

    assert preset.dataset["adapter"] == SOURCES[code[0]]
    assert (list(stream.domains), stream.classes) == (TARGETS[code], classes)
    assert [target.dataset.adapter for target in stream.targets] == TARGETS[code]
    assert {*stream.domains, preset.dataset["adapter"]} <= {dataset for dataset, _ in STREET_IDS}
    assert (data.image_size, data.scale_width_px, data.crop_size) == SIZES[classes]


@pytest.mark.parametrize("name", SETTINGS)
def test_the_flavours_differ_in_nothing_else(name: str) -> None:
    clean, reference = (
        CoastConfig.model_validate(load_preset(f"coast/{one}").config) for one in (name, f"{name}-reference")
    )
    of_clean, of_reference = clean.model_dump(), reference.model_dump()

    assert set(of_reference.pop("flavour").values()) == {"reference", "chain"}
    assert of_clean.pop("flavour") == CoastConfig().flavour.model_dump()
    assert of_clean == of_reference
    assert load_preset(f"coast/{name}").stream == load_preset(f"coast/{name}-reference").stream


@pytest.mark.parametrize("name", [*SETTINGS, *DEMOS])
def test_the_bounds_learn_from_the_same_data(name: str) -> None:
    published = load_preset(f"coast/{name}")
    below, above = (load_preset(f"{bound}/{name}") for bound in ("source_only", "target_oracle"))

    assert below.dataset == above.dataset == published.dataset
    assert below.stream == published.stream
    assert above.stream == {**published.stream, "target_labels": True}
    for bound in (below, above):
        assert bound.config["data" if "data" in published.config else "execution"]
        assert bound.config.get("data") == published.config.get("data")


def document(name: str, **changes: Any) -> dict[str, Any]:
    return {"method": name.partition("/")[0], "preset": name, **changes}


@pytest.mark.parametrize("name", DEMOS)
def test_the_demos_run_without_any_data_set(name: str) -> None:
    stages = {
        method: plan(resolve(document(f"{method}/{name}"))) for method in ("coast", "source_only", "target_oracle")
    }

    assert [stage.name for stage in stages["coast"]] == ["warmup", "selftrain"]
    iterations = sum(stage.total_iterations or 0 for stage in stages["coast"])
    assert [stage.total_iterations for method in ("source_only", "target_oracle") for stage in stages[method]] == [
        iterations,
        iterations,
    ]


@pytest.mark.parametrize("name", [f"coast/{name}" for name in (*SETTINGS, "G2CMI_19-reference")])
def test_a_preset_whose_folders_are_missing_lists_all_that_is_missing_at_once(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    with pytest.raises(InvalidExperiment) as caught:
        resolve(document(name))

    targets = TARGETS[name.partition("/")[2].split("_")[0]]
    assert [fault.pointer for fault in caught.value.faults] == [
        "/dataset/root",
        *(f"/stream/targets/{place}/dataset/root" for place in range(len(targets))),
    ]
    assert all("does not exist" in fault.message for fault in caught.value.faults)
