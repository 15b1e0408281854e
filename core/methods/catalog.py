"""The table of methods. Code is named by dotted path, so reading the table loads no torch."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any, cast

from core.data.samples import SampleKind
from core.dotted import load_dotted
from core.errors import ConfigError, nearest
from core.methods.base import MethodConfig
from core.methods.checkpoints import CheckpointTest
from core.methods.continual_rows import CONTINUAL
from core.methods.entry import MethodEntry
from core.methods.scoring import CLASS_SCORING, DOMAIN_SCORING, OPEN_SET_SCORING, SEQUENCE_SCORING, Scoring
from core.registry import Registry
from core.stage.result import StageFunction
from core.stage.spec import StageKind, StageSpec

PlanFunction = Callable[[Any, Any, Sequence[int] | None], list[StageSpec]]
"""(config, stream of the method's kind, its `images_per_step`) -> stages in order."""


_OF_TARGETS = CheckpointTest("core.methods.coast.tested_model:open_model", "raw_ids", "source")
_OF_ROUNDS = CheckpointTest("core.methods.stal.tested_model:open_model", "raw_ids", "target")


def _on_sam(texts: tuple[str, str, str], config: str, plan: str, stages: str, presets: str) -> MethodEntry:
    """Return the row of a method that adapts frozen SAM to domains.

    Args:
        texts: title, summary and publication.
        config, plan, stages: dotted paths below `core.methods`.
        presets: see `MethodEntry`.
    """
    return MethodEntry(
        *texts,
        config=f"core.methods.{config}",
        plan=f"core.methods.{plan}",
        stages=f"core.methods.{stages}:STAGES",
        stream="domain_sequence",
        presets=presets,
        scoring=SEQUENCE_SCORING,
        samples=SampleKind.BINARY,
    )


def _beside_cosam(name: str, texts: tuple[str, str, str], plan: str = "sequence") -> MethodEntry:
    """Return the row of a CoSAM baseline. Its file has the method's name without `sam_`."""
    config = "".join(part.capitalize() for part in name.split("_")) + "Config"
    folder = "sam_baselines"
    return _on_sam(
        texts,
        f"{folder}.config:{config}",
        f"{folder}.plan:plan_{plan}",
        f"{folder}.{name}",
        f"{folder}/presets/sam_{name}",
    )


BUILT_IN: dict[str, MethodEntry] = {
    **CONTINUAL,
    "mask_rcnn": MethodEntry(
        title="Mask R-CNN",
        summary="The closed-set baseline of SemSeg: unknown is what its softmax is not sure of.",
        publication="Mask R-CNN, ICCV 2017; rejection by softmax: Hendrycks and Gimpel, ICLR 2017",
        config="core.methods.semseg.baseline_config:MaskRcnnConfig",
        plan="core.methods.semseg.plan:plan_stages",
        stages="core.methods.semseg.baseline_stages:STAGES",
        stream="open_set",
        presets="semseg/presets/mask_rcnn",
        scoring=OPEN_SET_SCORING,
        samples=SampleKind.INSTANCES,
    ),
    "semseg": MethodEntry(
        title="SemSeg",
        summary="Finds objects of classes that it was not taught, by their distance from prototypes of the known ones.",
        publication="SemSeg: open-set instance segmentation by class-semantics modulation",
        config="core.methods.semseg.config:SemsegConfig",
        plan="core.methods.semseg.plan:plan_stages",
        stages="core.methods.semseg.stages:STAGES",
        stream="open_set",
        presets="semseg/presets",
        scoring=OPEN_SET_SCORING,
        samples=SampleKind.INSTANCES,
    ),
    "stal": MethodEntry(
        title="STAL",
        summary="Self-training of a mean teacher and active learning take turns on a new domain.",
        publication="STAL: self-training and active learning for domain-adaptive segmentation",
        config="core.methods.stal.config:StalConfig",
        plan="core.methods.stal.plan:plan_stages",
        stages="core.methods.stal.stages:STAGES",
        stream="active_rounds",
        presets="stal/presets",
        tests=_OF_ROUNDS,
    ),
    "coast": MethodEntry(
        title="CoaST",
        summary="One labelled source, several unlabelled targets: a classifier for each, which teach one another.",
        publication="Cooperative Self-Training for Multi-Target Adaptive Semantic Segmentation, WACV 2023",
        config="core.methods.coast.config:CoastConfig",
        plan="core.methods.coast.plan:plan_stages",
        stages="core.methods.coast.stages:STAGES",
        stream="multi_target",
        presets="coast/presets",
        scoring=DOMAIN_SCORING,
        tests=_OF_TARGETS,
    ),
    "source_only": MethodEntry(
        title="Source only",
        summary="Trains on the labelled source alone: the lower bound that shows what adapting brings.",
        publication="Lower bound of every paper on domain adaptation",
        config="core.methods.coast.baseline_config:SourceOnlyConfig",
        plan="core.methods.coast.plan:plan_source_only",
        stages="core.methods.coast.baselines:SOURCE_ONLY",
        stream="multi_target",
        presets="coast/presets/source_only",
        scoring=DOMAIN_SCORING,
        tests=_OF_TARGETS,
    ),
    "target_oracle": MethodEntry(
        title="Oracle",
        summary="Trains on the targets' own labels: the upper bound that adapting cannot see.",
        publication="Upper bound of every paper on domain adaptation",
        config="core.methods.coast.baseline_config:OracleConfig",
        plan="core.methods.coast.plan:plan_oracle",
        stages="core.methods.coast.baselines:ORACLE",
        stream="multi_target",
        presets="coast/presets/target_oracle",
        scoring=DOMAIN_SCORING,
        tests=_OF_TARGETS,
    ),
    "checkpoint_test": MethodEntry(
        title="Test of a trained model",
        summary="Tests the model of a finished stage on any data set, without training.",
        publication="Test protocol of the model's own method",
        config="core.methods.checkpoint_test.config:CheckpointTestConfig",
        plan="core.methods.checkpoint_test.plan:plan_stages",
        stages="core.methods.checkpoint_test.stages:STAGES",
        stream="checkpoint_test",
        presets="checkpoint_test/presets",
        scoring=DOMAIN_SCORING,
    ),
    "cosam": _on_sam(
        (
            "CoSAM (MoDA)",
            "An adapter of Segment Anything for each domain, and a router that finds it at test time.",
            "Continual Learning for Segment Anything Model Adaptation; an older draft calls the method L2A",
        ),
        "cosam.config:CosamConfig",
        "cosam.plan:plan_stages",
        "cosam.stages",
        "cosam/presets",
    ),
    "sam_naive": _beside_cosam(
        "naive",
        (
            "SAM, fine-tuned",
            "One head of Segment Anything learns one domain after the other: the lower bound.",
            "HQ-SAM, NeurIPS 2023, trained in sequence by the CoSAM benchmark",
        ),
    ),
    "sam_joint": _beside_cosam(
        "joint",
        (
            "SAM, joint",
            "One head of Segment Anything learns all domains at once: the upper bound.",
            "HQ-SAM, NeurIPS 2023, trained on all domains by the CoSAM benchmark",
        ),
        "joint",
    ),
    "sam_lwf": _beside_cosam(
        "lwf",
        ("SAM, LwF", "Masks stay near those of the head before the domain.", "Learning without Forgetting, TPAMI 2018"),
    ),
    "sam_er": _beside_cosam(
        "er",
        ("SAM, replay", "Some images of earlier domains are learned again.", "Experience replay, NeurIPS 2019"),
        "replay",
    ),
    "sam_ewc": _beside_cosam(
        "ewc",
        (
            "SAM, EWC",
            "Weights that mattered for the domain before stay near where they were.",
            "Overcoming catastrophic forgetting in neural networks, PNAS 2017",
        ),
    ),
    "sam_l2p": _beside_cosam(
        "l2p",
        (
            "SAM, L2P",
            "A pool of prompts learns beside a fixed head.",
            "Learning to Prompt for Continual Learning, CVPR 2022",
        ),
        "prompts",
    ),
    "sam_zero_shot": _beside_cosam(
        "zero_shot",
        ("SAM as it is", "Segment Anything on every domain, without training.", "Segment Anything, ICCV 2023"),
        "zero_shot",
    ),
}


def _installed(point: EntryPoint) -> MethodEntry:
    """Return the row that an installed package adds; raise TypeError if it is not a MethodEntry."""
    entry = point.load()
    if not isinstance(entry, MethodEntry):
        raise TypeError(f"it is a {type(entry).__name__}, expected a MethodEntry")
    return entry


METHODS: Registry[MethodEntry] = Registry(BUILT_IN, "palimpsest.methods", _installed)
"""Name -> row, of this package and of installed packages that add methods."""

DEMO = "eir/demo"
"""Demo preset: takes a few minutes on two CPU cores and needs no dataset."""


def method_entry(name: str) -> MethodEntry:
    """Return a method's row; raise ConfigError, naming the nearest method, if it does not exist."""
    if name not in METHODS:
        raise ConfigError(f"method {name!r} does not exist{nearest(name, METHODS)}", "/method")
    return METHODS[name]


def scoring_of(name: str) -> Scoring:
    """Return the scoring of a method; the default scoring if the method no longer exists."""
    return METHODS[name].scoring if name in METHODS else CLASS_SCORING


def config_class(name: str) -> type[MethodConfig]:
    """Return the config class of a method, without loading torch."""
    return cast(type[MethodConfig], load_dotted(method_entry(name).config))


def plan_function(name: str) -> PlanFunction:
    """Return the plan function of a method, without loading torch."""
    return cast(PlanFunction, load_dotted(method_entry(name).plan))


def stage_functions(name: str) -> Mapping[StageKind, StageFunction[Any]]:
    """Return the stage functions of a method; this loads torch."""
    return cast(Mapping[StageKind, StageFunction[Any]], load_dotted(method_entry(name).stages))


def preset_files(name: str) -> dict[str, Path]:
    """Return preset name (`eir/demo`) -> file, in alphabetical order."""
    folder = Path(__file__).parent / method_entry(name).presets
    return {f"{name}/{path.stem}": path for path in sorted(folder.glob("*.yaml"))}
