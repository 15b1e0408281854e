import pytest

from core.errors import ConfigError
from core.methods.class_incremental.config import OptimConfig
from core.methods.class_incremental.step_plan import plan_steps
from core.streams.class_incremental import ClassIncrementalStream

STREAM = ClassIncrementalStream(steps=((1, 2), (3,), (4,)))
EPOCHS = OptimConfig(epochs=3, batch_size=4)


def test_each_step_takes_every_output_of_the_step_before() -> None:
    stages = plan_steps(STREAM, EPOCHS, None, ("model", "memory"))

    assert [(stage.index, stage.name, stage.inputs) for stage in stages] == [
        (0, "train", {}),
        (1, "train", {"model": "0/model", "memory": "0/memory"}),
        (2, "train", {"model": "1/model", "memory": "1/memory"}),
    ]


def test_iterations_are_full_batches_of_images_and_of_what_is_replayed_later() -> None:
    stages = plan_steps(STREAM, EPOCHS, (10, 11, 4), ("model",), replayed=5)

    # 3 epochs of floor(items / 4): 10 images, then 11 + 5 and 4 + 5 items.
    assert [stage.total_iterations for stage in stages] == [3 * 2, 3 * 4, 3 * 2]
    assert [stage.images for stage in stages] == [10, 11, 4]


def test_batch_larger_than_the_data_counts_as_one_batch_an_epoch() -> None:
    stages = plan_steps(STREAM, OptimConfig(epochs=3, batch_size=100), (10, 11, 4), ("model",))

    assert [stage.total_iterations for stage in stages] == [3, 3, 3]


def test_a_warm_up_longer_than_a_step_is_refused_before_anything_is_trained() -> None:
    optim = OptimConfig(iterations=30, warmup_iterations=40)

    with pytest.raises(ConfigError, match="a warm-up of 40 iterations does not fit into a step of 30"):
        plan_steps(STREAM, optim, None, ("model",))

    # The first step has none.
    assert len(plan_steps(ClassIncrementalStream(steps=((1, 2),)), optim, None, ("model",))) == 1


def test_fixed_iterations_are_known_before_the_data_is() -> None:
    stages = plan_steps(STREAM, OptimConfig(iterations=7), None, ("model",))

    assert [(stage.total_iterations, stage.images) for stage in stages] == [(7, None)] * 3


def test_epochs_are_unknown_before_the_data_is() -> None:
    assert [stage.total_iterations for stage in plan_steps(STREAM, EPOCHS, None, ("model",))] == [None] * 3


def test_step_without_images_is_an_error_of_the_plan() -> None:
    with pytest.raises(
        ConfigError, match=r"step 1 has no training image in the setting 'overlap'; .* \(3,\)"
    ) as caught:
        plan_steps(STREAM, EPOCHS, (10, 0, 4), ("model",))

    assert caught.value.pointer == "/stream/steps/1"
