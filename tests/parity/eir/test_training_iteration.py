"""Two images through pseudo labels, pastes and both losses (EIR 4.4 and 4.5)."""

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from core.losses.cross_entropy import bce_onehot
from core.losses.distillation import region_specific_distillation
from core.losses.sparse_target import SparseTarget
from core.methods.class_incremental.pseudo_labels import pseudo_label
from core.methods.eir.paste_plan import background_counts, cell_corners, rank_cells
from core.methods.eir.pasting import paste_instances
from tests.support.parity import assert_close, load_case
from tests.support.pastes import place_instance

THRESHOLD = 0.7
KD_WEIGHT = 5.0


def test_pseudo_labels_of_the_clean_images() -> None:
    case = load_case("eir", "training_iteration")
    labels = torch.from_numpy(case["label"])
    old_logits = F.interpolate(torch.from_numpy(case["logit_old_clean_small"]), labels.shape[-2:], mode="nearest")

    assert_close(pseudo_label(labels, old_logits, THRESHOLD), case["pseudo"], tolerance=0)


def test_recorded_cells_are_the_emptiest_in_order() -> None:
    case = load_case("eir", "training_iteration")
    side_px, cell_px = case["S_B"].tolist()
    counts = background_counts(torch.from_numpy(case["pseudo"]), cell_px).numpy()
    corners = cell_corners(side_px, cell_px)
    hosts = case["plan"][:, 0].astype(int)

    ranked = [[corners[cell] for cell in rank_cells(row)] for row in counts]

    planned = [case["plan"][hosts == host, 3:5].astype(int) for host in range(len(counts))]
    expected = [row[: len(cells)] for row, cells in zip(ranked, planned, strict=True)]
    assert [list(map(tuple, cells.tolist())) for cells in planned] == expected


def test_images_and_targets_after_all_pastes() -> None:
    case = load_case("eir", "training_iteration")

    images, target = _mix(case)

    num_channels = 1 + int(case["n_old"]) + int(case["n_new"])
    assert_close(images, case["mixed_image"], tolerance=1e-6)
    assert_close(target.to_dense(num_channels), case["mixed_target"], tolerance=1e-6)
    assert_close(target.new_region_weight(1 + int(case["n_old"])), case["new_region_weight"], tolerance=1e-6)


def test_both_losses_on_the_mixed_images() -> None:
    case = load_case("eir", "training_iteration")
    _, target = _mix(case)
    logits, old_logits = (
        F.interpolate(torch.from_numpy(case[name]), target.classes.shape[-2:], mode="bilinear", align_corners=False)
        for name in ("logit_new_small", "logit_old_mixed_small")
    )

    bce = bce_onehot(logits, target)
    kd = region_specific_distillation(logits, old_logits, target.new_region_weight(1 + int(case["n_old"])))

    assert_close(bce, case["loss_bce"], tolerance=2e-5)
    assert_close(kd, case["loss_kd"], tolerance=2e-5)
    assert_close(bce + KD_WEIGHT * kd, case["loss_total"], tolerance=2e-5)


def _mix(case: dict[str, np.ndarray]) -> tuple[Tensor, SparseTarget]:
    _, cell_px = case["S_B"].tolist()
    placed = []
    for image, channel, entry, row, column, lam in case["plan"].tolist():
        instance = case["entry_images"][int(entry)], case["entry_labels"][int(entry)]
        placed += place_instance(instance, int(channel), cell_px, (int(row), int(column)), lam, int(image))
    return paste_instances(torch.from_numpy(case["image"]), torch.from_numpy(case["pseudo"]), placed)
