"""Experience replay: train again on some images of every earlier domain (CoSAM 5.2)."""

from __future__ import annotations

from collections.abc import Mapping

from core.methods.promptable.heads import HEAD, continued_head, head_predictor
from core.methods.promptable.images import JoinedImages, MaskedImages, RepeatedImages, StoredImages
from core.methods.promptable.learning import Lesson, learn
from core.methods.promptable.model_files import MODEL, store_model
from core.methods.promptable.objectives import head_objective
from core.methods.promptable.replay import MEMORY, memory_before, store_memory, with_domain
from core.methods.promptable.step import domain_rate, open_step
from core.methods.sam_baselines.config import ErConfig
from core.stage.context import StageContext
from core.stage.result import StageFunction, StageResult
from core.stage.spec import StageKind


def learn_domain(context: StageContext[ErConfig]) -> StageResult:
    """Learn one domain together with the memory, and keep some of its images."""
    step, options = open_step(context), context.config.memory
    head, memory, new = continued_head(step), memory_before(context), step.images(step.domains[-1])
    images: MaskedImages = new
    if memory.entries:
        stored = StoredImages(memory.entries)
        count = len(stored) if options.ratio is None else options.count(step.index, len(new))
        images = JoinedImages([new, RepeatedImages(stored, count)])
    objective = head_objective(step.sam.decoder, head)
    done = learn(context, Lesson(step.sam, head, images, objective, domain_rate(step), step.deviations))
    results = step.evaluate(head_predictor(step, head), done)
    kept = with_domain(context, memory, new, options.per_domain, options.select)
    model = store_model(context, step.sam, {HEAD: head.state_dict()}, step.domains, results)
    return StageResult({MODEL: model, MEMORY: store_memory(context, kept)})


STAGES: Mapping[StageKind, StageFunction[ErConfig]] = {StageKind.TRAIN: learn_domain}
