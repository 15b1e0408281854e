"""A row of the table of methods. Free of torch."""

from __future__ import annotations

from dataclasses import dataclass

from core.data.samples import SampleKind
from core.methods.checkpoints import CheckpointTest
from core.methods.scoring import CLASS_SCORING, Scoring


@dataclass(frozen=True)
class MethodEntry:
    """One method.

    Attributes:
        title, summary: texts for the pages.
        publication: source of the algorithm.
        config: dotted path of the config class, `module:Class`.
        plan: dotted path of the plan function, `module:function`.
        stages: dotted path of the table `StageKind -> StageFunction`, `module:STAGES`; importing it loads torch.
        stream: kind of task stream, a name of `core.streams.catalog`.
        presets: folder of its preset files, relative to `core/methods` or absolute.
        scoring: headline score and tables of its runs.
        samples: kind of samples that its datasets must have.
        tests: how its trained models are tested on other data; None if they cannot be.
        first_step: methods with the same word here train step 0 alike if the settings that both have are equal,
            so that a run of one may share it with a run of another; empty if no other method does.
    """

    title: str
    summary: str
    publication: str
    config: str
    plan: str
    stages: str
    stream: str
    presets: str
    scoring: Scoring = CLASS_SCORING
    samples: SampleKind = SampleKind.DENSE
    tests: CheckpointTest | None = None
    first_step: str = ""
