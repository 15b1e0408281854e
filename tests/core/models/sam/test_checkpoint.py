"""Files of SAM and HQ-SAM."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from core.errors import ConfigError
from core.models.sam.build import build_sam
from core.models.sam.checkpoint import CHECKPOINT_POINTER, HEAD_POINTER, weights_of_state
from core.models.sam.frozen import open_sam
from core.models.sam.hq_head import HQHead
from core.models.sam.sizes import SIZES


def head_state() -> dict[str, torch.Tensor]:
    return HQHead(SIZES["tiny"].channels, SIZES["tiny"].width).state_dict()


def saved(path: Path, *states: dict[str, torch.Tensor]) -> Path:
    torch.save({name: value for state in states for name, value in state.items()}, path)
    return path


def test_plain_sam_and_the_full_file_of_hq_sam_are_read(tmp_path: Path) -> None:
    sam, head = build_sam("tiny", 5).state_dict(), head_state()
    plain = open_sam("tiny", checkpoint=saved(tmp_path / "sam.pth", sam))
    full = saved(tmp_path / "hq.pth", sam, {f"mask_decoder.{name}": value for name, value in head.items()})
    hq = open_sam("tiny", checkpoint=full)

    assert plain.head == {}
    for opened in (plain, hq):
        assert torch.equal(opened.sam.state_dict()["image_encoder.pos_embed"], sam["image_encoder.pos_embed"])
        assert torch.equal(opened.sam.mask_decoder.mask_tokens.weight, sam["mask_decoder.mask_tokens.weight"])
    assert torch.equal(hq.new_head(0).hf_token.weight, head["hf_token.weight"])
    assert plain.weights.source == str(tmp_path / "sam.pth")
    assert plain.key != hq.key


def test_a_head_comes_from_a_bare_decoder_or_from_the_full_file(tmp_path: Path) -> None:
    decoder = {
        name.removeprefix("mask_decoder."): value
        for name, value in build_sam("tiny", 5).state_dict().items()
        if name.startswith("mask_decoder.")
    }
    head = head_state()
    bare = saved(tmp_path / "decoder.pth", decoder, head)
    alone = saved(tmp_path / "head.pth", head)
    full = saved(tmp_path / "full.pth", {f"mask_decoder.{name}": value for name, value in (decoder | head).items()})

    for path in (bare, alone, full):
        found = open_sam("tiny", head_checkpoint=path).new_head(3)
        assert torch.equal(found.hf_token.weight, head["hf_token.weight"])


def test_what_is_of_another_model_names_the_first_entry_at_fault(tmp_path: Path) -> None:
    state = build_sam("tiny", 0).state_dict()
    state["image_encoder.pos_embed"] = torch.zeros(1, 64, 64, 768)
    other = saved(tmp_path / "vit_b.pth", state)
    unknown = saved(tmp_path / "unknown.pth", head_state(), {"ema.weight": torch.zeros(1)})
    short = saved(tmp_path / "short.pth", {"hf_token.weight": torch.zeros(1, 32)})
    neither = saved(tmp_path / "neither.pth", {"iou_token.weight": torch.zeros(1, 32)})

    with pytest.raises(ConfigError, match=r"image_encoder\.pos_embed' has shape") as caught:
        open_sam("tiny", checkpoint=other)
    assert caught.value.pointer == CHECKPOINT_POINTER
    with pytest.raises(ConfigError, match=r"'ema\.weight' is unknown") as caught:
        open_sam("tiny", head_checkpoint=unknown)
    assert caught.value.pointer == HEAD_POINTER
    with pytest.raises(ConfigError, match="entries are missing"):
        open_sam("tiny", head_checkpoint=short).new_head(0)
    with pytest.raises(ConfigError, match="it has none of hf_token"):
        open_sam("tiny", head_checkpoint=neither)
    with pytest.raises(ConfigError, match="no such file"):
        open_sam("tiny", checkpoint=tmp_path / "absent.pth")


def test_weights_that_are_in_no_file_have_a_digest_of_names_shapes_and_values() -> None:
    one = weights_of_state({"a": torch.zeros(2), "b": torch.ones(1)}, "drawn")

    assert one == weights_of_state({"b": torch.ones(1), "a": torch.zeros(2)}, "drawn")
    assert one.sha256 != weights_of_state({"a": torch.zeros(2), "b": torch.zeros(1)}, "drawn").sha256
    assert one.sha256 != weights_of_state({"a": torch.zeros(1, 2), "b": torch.ones(1)}, "drawn").sha256


def test_the_early_feature_is_part_of_what_features_depend_on() -> None:
    windowed, everywhere = open_sam("tiny"), open_sam("tiny", early="reference")

    assert windowed.key != everywhere.key
    images = torch.randint(0, 256, (1, 3, 64, 64), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    assert not torch.allclose(windowed.encode(images).early, everywhere.encode(images).early)
