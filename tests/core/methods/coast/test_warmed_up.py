from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from core.data.domain_classes import SEVEN_CLASSES
from core.errors import ConfigError
from core.methods.coast.domains import Domains
from core.methods.coast.model_files import ModelRecord, store_model
from core.methods.coast.networks import build_network, with_agnostic_head
from core.methods.coast.options import NetworkOptions
from core.methods.coast.warmed_up import warmed_up_state
from core.models.deeplabv2 import DeepLabV2

TINY = NetworkOptions(name="tiny")
FOLDERS = {"source": "gta", "a": "first", "b": "second"}
DOMAINS = Domains(("a", "b"), SEVEN_CLASSES, {}, FOLDERS)


def network(heads: int = 2, classes: int = 7) -> DeepLabV2:
    return build_network(TINY, classes, heads, torch.Generator().manual_seed(1))


def stored(folder: Path, domains: Domains = DOMAINS) -> Path:
    record = ModelRecord(
        stage="warmup",
        architecture=TINY,
        num_heads=len(domains.targets),
        targets=domains.targets,
        datasets=dict(domains.folders),
        raw_ids=domains.raw_ids,
        class_names=domains.class_names,
        run_id="run",
        seed=1,
        code_version="1",
    )
    store_model(folder, network(len(domains.targets), domains.num_classes), record)
    return folder


def published(path: Path, model: DeepLabV2) -> Path:
    """Write a checkpoint as the published code does: the encoder's names have no prefix."""
    state = {name.removeprefix("encoder."): tensor for name, tensor in model.state_dict().items()}
    torch.save({"ResNet101": {"model_state": state}, "iter": 5, "best_iou": 0.5}, path)
    return path


def test_a_warm_up_of_the_same_domains_gives_its_weights(tmp_path: Path) -> None:
    state = warmed_up_state(stored(tmp_path / "model"), TINY, DOMAINS)

    for name, tensor in network().state_dict().items():
        assert torch.equal(state[name], tensor), name


@pytest.mark.parametrize("heads", [2, 3])
def test_a_published_checkpoint_gives_the_classifiers_of_the_targets(tmp_path: Path, heads: int) -> None:
    model = network(heads)

    state = warmed_up_state(published(tmp_path / "model.pkl", model), TINY, DOMAINS)
    grown = with_agnostic_head(TINY, state, (7, 2), torch.Generator().manual_seed(9))

    assert set(state) == set(network(2).state_dict())
    assert torch.equal(grown.heads[1].head[1].weight, model.heads[1].head[1].weight)
    assert not torch.equal(grown.heads[2].head[1].weight, model.heads[-1].head[1].weight)


SIX = replace(SEVEN_CLASSES, names={raw_id: name for raw_id, name in SEVEN_CLASSES.names.items() if raw_id < 6})
RENAMED = replace(SEVEN_CLASSES, names={**SEVEN_CLASSES.names, 3: "meadow"})


@pytest.mark.parametrize(
    ("other", "said"),
    [
        (
            Domains(("a", "b", "c"), SEVEN_CLASSES, {}, {**FOLDERS, "c": "third"}),
            r"was warmed up for 3 targets \(a, b, c\), and this experiment has 2 \(a, b\)",
        ),
        (Domains(("a", "b"), SIX, {}, FOLDERS), "was warmed up for 6 classes, and this experiment has 7"),
        (
            Domains(("a", "b"), RENAMED, {}, FOLDERS),
            "the class 'meadow', and this experiment has 'nature' in its place",
        ),
        (Domains(("b", "a"), SEVEN_CLASSES, {}, FOLDERS), "the targets b, a, and this experiment has a, b"),
        (
            Domains(("a", "b"), SEVEN_CLASSES, {}, {**FOLDERS, "source": "synthia"}),
            "the data set synthia as source, and this experiment has gta",
        ),
    ],
)
def test_a_warm_up_of_others_is_refused_and_both_are_named(tmp_path: Path, other: Domains, said: str) -> None:
    with pytest.raises(ConfigError, match=said) as caught:
        warmed_up_state(stored(tmp_path / "model", other), TINY, DOMAINS)

    assert caught.value.pointer == "/config/model/warmed_up"
    assert "leave out model.warmed_up" in caught.value.message


@pytest.mark.parametrize(
    ("model", "said"),
    [
        (network(4), r"4 classifiers, and this experiment has 2 targets \(a, b\)"),
        (network(2, classes=5), "5 classes, and this experiment has 7"),
    ],
)
def test_a_published_checkpoint_of_another_shape_is_refused(tmp_path: Path, model: DeepLabV2, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        warmed_up_state(published(tmp_path / "model.pkl", model), TINY, DOMAINS)


def test_a_file_without_weights_and_one_of_another_network_are_named(tmp_path: Path) -> None:
    torch.save({"iter": 5}, tmp_path / "empty.pkl")
    with pytest.raises(ConfigError, match="holds no weights at ResNet101 / model_state"):
        warmed_up_state(tmp_path / "empty.pkl", TINY, DOMAINS)

    state = {name: tensor for name, tensor in network().state_dict().items() if "layer5_list" in name}
    torch.save({"model_state": state}, tmp_path / "heads.pkl")
    with pytest.raises(ConfigError, match=r"its weights are not of the network tiny: .* entries are missing"):
        warmed_up_state(tmp_path / "heads.pkl", TINY, DOMAINS)
