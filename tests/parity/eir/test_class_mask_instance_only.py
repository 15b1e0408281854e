"""Class masks and instance-only samples (EIR 4.3)."""

import torch

from core.methods.eir.replay import class_mask, keep_instances
from tests.support.parity import assert_close, load_case


def test_mask_counts_the_ids_that_equal_a_pixel() -> None:
    case = load_case("eir", "class_mask_instance_only")
    labels = torch.from_numpy(case["label"])

    assert_close(class_mask(labels, case["classes"].tolist()), case["mask"], tolerance=0)


def test_repeated_id_counts_twice() -> None:
    case = load_case("eir", "class_mask_instance_only")
    labels = torch.from_numpy(case["label"])

    assert_close(class_mask(labels, case["classes_dup"].tolist()), case["mask_dup"], tolerance=0)


def test_only_the_kept_classes_remain_in_image_and_label() -> None:
    case = load_case("eir", "class_mask_instance_only")

    image, label = keep_instances(
        torch.from_numpy(case["image"]), torch.from_numpy(case["label"]), case["keep"].tolist()
    )

    assert_close(label, case["kept_label"], tolerance=0)
    assert_close(label, case["inst_label"], tolerance=0)
    assert_close(image, case["inst_image"], tolerance=0)
