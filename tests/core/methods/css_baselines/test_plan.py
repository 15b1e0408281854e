from core.methods.css_baselines.config import EwcConfig, FinetuneConfig
from core.methods.css_baselines.dkd_config import DkdMConfig
from core.methods.css_baselines.plan import plan_ewc, plan_half_replay, plan_replay, plan_stages
from core.methods.css_baselines.ssul_config import SsulMConfig
from core.stage.spec import StageKind
from core.streams.class_incremental import ClassIncrementalStream

STREAM = ClassIncrementalStream(steps=((1, 2), (3,)))


def test_each_step_is_a_stage_that_takes_the_model_of_the_one_before() -> None:
    stages = plan_stages(FinetuneConfig(), STREAM, (48, 30))

    assert [(stage.index, stage.kind, stage.inputs) for stage in stages] == [
        (0, StageKind.TRAIN, {}),
        (1, StageKind.TRAIN, {"model": "0/model"}),
    ]
    # Published: 30 epochs of full batches of 24.
    assert [(stage.images, stage.total_iterations) for stage in stages] == [(48, 30 * 2), (30, 30)]


def test_ewc_also_hands_on_the_importance_of_its_weights() -> None:
    stages = plan_ewc(EwcConfig(), STREAM, (48, 30))

    assert [stage.inputs for stage in stages] == [{}, {"model": "0/model", "importance": "0/importance"}]


def test_kept_images_join_the_later_steps() -> None:
    config = DkdMConfig.model_validate({"memory": {"size": 34}})

    stages = plan_replay(config, STREAM, (48, 30))
    replaced = plan_half_replay(SsulMConfig(), STREAM, (64, 32))

    assert stages[1].inputs == {"model": "0/model", "memory": "0/memory"}
    # Published: 60 epochs of full batches of 32.
    assert [stage.total_iterations for stage in stages] == [60, 60 * 2]
    # Those of SSUL-M replace some of the step's own: 50 epochs of its images.
    assert replaced[1].inputs == stages[1].inputs
    assert [stage.total_iterations for stage in replaced] == [50 * 2, 50]
