from core.methods.eir.config import EirConfig
from core.methods.eir.plan import plan_stages
from core.streams.class_incremental import ClassIncrementalStream

STREAM = ClassIncrementalStream(steps=((1, 2), (3,)))


def test_each_step_hands_model_and_memory_on() -> None:
    stages = plan_stages(EirConfig(), STREAM)

    assert [stage.inputs for stage in stages] == [{}, {"model": "0/model", "memory": "0/memory"}]


def test_replayed_instances_lengthen_the_epochs_of_later_steps() -> None:
    stages = plan_stages(EirConfig.model_validate({"memory": {"size": 40}}), STREAM, (64, 64))

    # Published: 60 epochs of full batches of 32.
    assert [stage.total_iterations for stage in stages] == [60 * 2, 60 * 3]


def test_step_without_memory_is_as_long_as_its_images() -> None:
    stages = plan_stages(EirConfig.model_validate({"memory": {"size": 0}}), STREAM, (64, 64))

    assert [stage.total_iterations for stage in stages] == [60 * 2, 60 * 2]
