from torch import nn

from core.models.parameters import parameter_count


def test_weights_and_biases_of_all_modules_are_counted_and_buffers_are_not() -> None:
    # 3·4·2·2 weights and 4 biases; batch norm has 4 weights and 4 biases.
    assert parameter_count(nn.Sequential(nn.Conv2d(3, 4, 2), nn.BatchNorm2d(4))) == 48 + 4 + 8
