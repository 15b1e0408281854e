"""One paste: fit into the cell, clamp, blend image and target (EIR 4.4, step 6)."""

import pytest
import torch

from core.methods.eir.pasting import paste_instances
from tests.support.parity import assert_close, load_case
from tests.support.pastes import place_instance

CASE = load_case("eir", "instance_paste")
SCENARIOS = sorted(name.removesuffix("_inst_image") for name in CASE if name.endswith("_inst_image"))


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_image_and_target_after_one_paste(scenario: str) -> None:
    arrays = {name.removeprefix(f"{scenario}_"): CASE[name] for name in CASE if name.startswith(f"{scenario}_")}
    _, cell_px = CASE["S_B"].tolist()
    placed = place_instance(
        (arrays["inst_image"], arrays["inst_label"]),
        int(arrays["class"]),
        cell_px,
        (int(arrays["pos"][0]), int(arrays["pos"][1])),
        float(arrays["lam"]),
    )

    images, target = paste_instances(
        torch.from_numpy(arrays["image"])[None], torch.from_numpy(arrays["label"])[None], placed
    )

    assert_close(images[0], arrays["out_image"], tolerance=1e-5)
    assert_close(target.to_dense(int(CASE["num_channels"]))[0], arrays["out_target"], tolerance=1e-5)
