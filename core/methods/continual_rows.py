"""Rows of the table of methods: those of continual segmentation, EIR and its baselines. Free of torch."""

from __future__ import annotations

from core.methods.checkpoints import CheckpointTest
from core.methods.entry import MethodEntry

_SSUL = "SSUL: Semantic Segmentation with Unknown Label for Exemplar-based Class-Incremental Learning, NeurIPS 2021"
_OF_STEPS = CheckpointTest(
    "core.methods.class_incremental.tested_model:open_model", "learning_order", "main", has_background=True
)

_FIRST_STEPS = {
    **dict.fromkeys(("finetune", "ewc", "lwf", "ilt", "plop"), "softmax cross-entropy"),
    **dict.fromkeys(("dkd", "dkd_m"), "dkd"),
    **dict.fromkeys(("ssul", "ssul_m"), "ssul"),
}
"""Method -> how it trains step 0; see `MethodEntry.first_step`."""


def _beside_eir(name: str, texts: tuple[str, str, str], plan: str = "stages", settings: str = "config") -> MethodEntry:
    """Return the row of a baseline of continual segmentation. Its file has the method's name.

    Args:
        name: of the method.
        texts: title, summary and publication.
        plan: of its plan functions, `plan_<plan>`.
        settings: module of its config class.
    """
    config = "".join(part.capitalize() for part in name.split("_")) + "Config"
    folder = "css_baselines"
    return MethodEntry(
        *texts,
        config=f"core.methods.{folder}.{settings}:{config}",
        plan=f"core.methods.{folder}.plan:plan_{plan}",
        stages=f"core.methods.{folder}.{name}:STAGES",
        stream="class_incremental",
        presets=f"{folder}/presets/{name}",
        tests=_OF_STEPS,
        first_step=_FIRST_STEPS.get(name, ""),
    )


CONTINUAL: dict[str, MethodEntry] = {
    "eir": MethodEntry(
        title="Enhanced Instance Replay",
        summary="A memory of old-class instances, replayed alone and blended into new images.",
        publication="Beyond Background Shift: Rethinking Instance Replay in Continual Semantic Segmentation, CVPR 2025",
        config="core.methods.eir.config:EirConfig",
        plan="core.methods.eir.plan:plan_stages",
        stages="core.methods.eir.stages:STAGES",
        stream="class_incremental",
        presets="eir/presets",
        tests=_OF_STEPS,
    ),
    "finetune": _beside_eir(
        "finetune",
        (
            "Fine-tuning",
            "Trains on each step's labels alone: the lower bound that shows how much is forgotten.",
            "Lower bound of every paper on continual semantic segmentation, such as MiB, CVPR 2020",
        ),
    ),
    "ewc": _beside_eir(
        "ewc",
        (
            "EWC",
            "Weights that mattered for earlier steps stay near where they were.",
            "Overcoming catastrophic forgetting in neural networks, PNAS 2017",
        ),
        "ewc",
    ),
    "lwf": _beside_eir(
        "lwf",
        (
            "LwF",
            "Distils the old model's softmax among the old classes.",
            "Learning without Forgetting, TPAMI 2018",
        ),
    ),
    "lwf_mc": _beside_eir(
        "lwf_mc",
        (
            "LwF-MC",
            "One sigmoid per class; the old ones learn the old model's probabilities.",
            "iCaRL: Incremental Classifier and Representation Learning, CVPR 2017, without exemplars",
        ),
    ),
    "ilt": _beside_eir(
        "ilt",
        (
            "ILT",
            "LwF, and the encoder's features stay near those of the old model.",
            "Incremental Learning Techniques for Semantic Segmentation, ICCV Workshops 2019",
        ),
    ),
    "mib": _beside_eir(
        "mib",
        (
            "MiB",
            "Cross-entropy and distillation that know what the background hides.",
            "Modeling the Background for Incremental Learning in Semantic Segmentation, CVPR 2020",
        ),
    ),
    "plop": _beside_eir(
        "plop",
        (
            "PLOP",
            "Distils features pooled at several scales; where the old model is certain, it labels the background.",
            "PLOP: Learning without Forgetting for Continual Semantic Segmentation, CVPR 2021",
        ),
    ),
    "dkd": _beside_eir(
        "dkd",
        (
            "DKD",
            "One sigmoid per class; distils what speaks for and against each old class.",
            "Decomposed Knowledge Distillation for Class-Incremental Semantic Segmentation, NeurIPS 2022",
        ),
        settings="dkd_config",
    ),
    "dkd_m": _beside_eir(
        "dkd_m",
        (
            "DKD-M",
            "DKD that also trains on some kept images of earlier steps.",
            "Decomposed Knowledge Distillation for Class-Incremental Semantic Segmentation, NeurIPS 2022",
        ),
        "replay",
        "dkd_config",
    ),
    "ssul": _beside_eir(
        "ssul",
        (
            "SSUL",
            "A frozen network with a head for each step, and a class of unknown objects found by saliency maps.",
            _SSUL,
        ),
        settings="ssul_config",
    ),
    "ssul_m": _beside_eir(
        "ssul_m",
        (
            "SSUL-M",
            "SSUL whose batches are half images of earlier steps.",
            _SSUL,
        ),
        "half_replay",
        "ssul_config",
    ),
}
"""Name -> row."""
