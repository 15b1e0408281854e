"""Joint training: all domains at once, the upper bound (CoSAM 5.2).

REFERENCE: the documented command for joint training runs fine-tuning instead.
"""

from __future__ import annotations

from collections.abc import Mapping

from core.methods.promptable.heads import HEAD, head_predictor, new_head
from core.methods.promptable.images import JoinedImages
from core.methods.promptable.learning import Lesson, learn
from core.methods.promptable.model_files import MODEL, store_model
from core.methods.promptable.objectives import head_objective
from core.methods.promptable.step import open_step
from core.methods.sam_baselines.config import JointConfig
from core.stage.context import StageContext
from core.stage.result import StageFunction, StageResult
from core.stage.spec import StageKind


def learn_all(context: StageContext[JointConfig]) -> StageResult:
    """Learn the images of all domains together."""
    step = open_step(context)
    head = new_head(step)
    images = JoinedImages([step.images(domain) for domain in step.domains])
    objective = head_objective(step.sam.decoder, head)
    done = learn(context, Lesson(step.sam, head, images, objective, context.config.optim.lr, step.deviations))
    results = step.evaluate(head_predictor(step, head), done)
    return StageResult({MODEL: store_model(context, step.sam, {HEAD: head.state_dict()}, step.domains, results)})


STAGES: Mapping[StageKind, StageFunction[JointConfig]] = {StageKind.TRAIN: learn_all}
