"""The network with the recorded weights against the recorded forward pass."""

from __future__ import annotations

import math
import zlib

import torch
from torch import Tensor

from core.models.deep_stem import DeepStemResNet
from core.models.deeplabv3plus import DeepLabV3Plus
from tests.support.parity import assert_close, load_case

TOLERANCE = 1e-3
BLOCKS = (1, 1, 2, 3)


def recorded_weight(key: str, tensor: Tensor, phase_shift: float) -> Tensor:
    """Return the weight that the fixture's README gives for a key."""
    k = torch.arange(tensor.numel(), dtype=torch.float64)
    wave = torch.sin(1.7 * k + (zlib.crc32(key.encode()) % 1000) / 100 + phase_shift).reshape(tensor.shape)
    if tensor.dim() == 4:
        return wave * math.sqrt(2 / tensor[0].numel())
    if key.endswith("running_var"):
        return 1 + 0.2 * wave
    return 1 + 0.1 * wave if key.endswith("weight") else 0.1 * wave


def test_the_network_gives_the_recorded_maps() -> None:
    case = load_case("stal", "model_forward")
    encoder = DeepStemResNet(BLOCKS)
    model = DeepLabV3Plus(encoder, num_classes=case["pred"].shape[1]).eval()
    state = model.state_dict()
    for key, tensor in state.items():
        if not key.endswith("num_batches_tracked"):
            tensor.copy_(recorded_weight(key, tensor, float(case["phase_shift"])))
    image = torch.from_numpy(case["image"])

    with torch.no_grad():
        layers = encoder.layer_maps(image)
        maps = model(image)

    for index, (every, layer) in enumerate(zip((16, 32, 64, 128), layers, strict=True), start=1):
        assert_close(layer[:, ::every], case[f"x{index}"], TOLERANCE)
    assert_close(maps.logits, case["pred"], TOLERANCE)
    assert_close(maps.features[:, ::16], case["rep"], TOLERANCE)
    assert_close(maps.auxiliary, case["aux"], TOLERANCE)


def test_the_published_network_has_the_published_size() -> None:
    with torch.device("meta"):
        model = DeepLabV3Plus(DeepStemResNet((3, 4, 23, 3)), num_classes=19)
    parameters = {
        name: sum(parameter.numel() for parameter in part.parameters())
        for name, part in (("encoder", model.encoder), ("decoder", model.decoder), ("auxiliary", model.auxor))
    }
    assert parameters == {"encoder": 42_623_936, "decoder": 21_835_539, "auxiliary": 2_364_947}
    assert len(model.state_dict()) == 720
