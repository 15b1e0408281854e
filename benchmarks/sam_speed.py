"""How fast the parts of CoSAM are: `python -m benchmarks.sam_speed` [--vit-b].

Boxes of four masks of 1024², boundary IoU at 1024², decoding of a batch of mixed prompts against image by image, and
with `--vit-b` (4 GB of memory, a minute) a test of one image with kept features against encoding it anew. One thread.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from core.metrics.boundary import boundary_iou
from core.models.sam.decoding import PromptedBatch, decode_batch, with_rows
from core.models.sam.encoder import ImageFeatures
from core.models.sam.feature_store import FeatureStore
from core.models.sam.frozen import FrozenSam, open_sam
from core.models.sam.hq_head import HQHead
from core.models.sam.prompt_encoding import Prompt, group_prompts
from core.models.sam.prompts import mask_boxes
from core.models.sam.sizes import Backbone

SIDE = 1024
BOXES_MS, BOUNDARY_MS, BATCH_GAIN, STORE_GAIN = 7.0, 8.0, 2.0, 20.0
"""What is to be reached."""


def milliseconds(work: Callable[[], object], times: int) -> float:
    """Return the least CPU time of some work, after a first time that is not counted: others may use the machine."""
    work()
    taken = []
    for _ in range(times):
        began = time.process_time()
        work()
        taken.append(1000 * (time.process_time() - began))
    return min(taken)


def blobs(count: int) -> torch.Tensor:
    """Return (count, 1024, 1024) masks of 0 and 255, each with a disc."""
    rows, columns = torch.meshgrid(torch.arange(SIDE), torch.arange(SIDE), indexing="ij")
    discs = [(rows - 400).square() + (columns - 500 - 20 * at).square() < 200**2 for at in range(count)]
    return torch.stack(discs).float() * 255


def mixed_batch(sam: FrozenSam, images: int) -> PromptedBatch:
    """Return random features whose prompts are boxes, points and noisy masks by turns."""
    size, draws = sam.size, torch.Generator().manual_seed(0)
    prompts = [
        Prompt("box", torch.tensor([5.0, 6.0, 40.0, 50.0])),
        Prompt("points", torch.rand(10, 2, generator=draws) * size.image_px),
        Prompt("noise_mask", (torch.rand(1, size.mask_px, size.mask_px, generator=draws) > 0.5).float() * 255),
    ]
    features = ImageFeatures(
        torch.randn(images, size.channels, size.grid, size.grid, generator=draws),
        torch.randn(images, size.grid, size.grid, size.width, generator=draws),
    )
    return sam.prompted(features, group_prompts([prompts[at % 3] for at in range(images)]))


@torch.no_grad()
def batch_gain(backbone: Backbone, images: int, times: int) -> tuple[float, float]:
    """Return milliseconds of decoding a mixed batch at once, and image by image."""
    sam = open_sam(backbone)
    head: HQHead = sam.new_head(0)
    batch = mixed_batch(sam, images)
    ones = [with_rows(batch, torch.tensor([at])) for at in range(images)]
    at_once = milliseconds(lambda: decode_batch(sam.decoder, head, batch), times)
    one_by_one = milliseconds(lambda: [decode_batch(sam.decoder, head, one) for one in ones], times)
    return at_once, one_by_one


@torch.no_grad()
def store_gain(backbone: Backbone, times: int) -> tuple[float, float]:
    """Return milliseconds of testing an image by kept features, and by encoding it."""
    sam = open_sam(backbone)
    head: HQHead = sam.new_head(0)
    pixels = torch.randint(0, 256, (1, 3, sam.size.image_px, sam.size.image_px), dtype=torch.uint8)
    prompts = group_prompts([Prompt("box", torch.tensor([5.0, 6.0, 40.0, 50.0]))])
    with tempfile.TemporaryDirectory() as folder:
        store = FeatureStore(Path(folder), "half", 1000, print)
        made = sam.encode(pixels)
        store.save("ab", {"embedding": made.embeddings[0], "early": made.early[0]})

        def decode(features: ImageFeatures) -> torch.Tensor:
            return decode_batch(sam.decoder, head, sam.prompted(features, prompts))

        def kept() -> torch.Tensor:
            found = store.load("ab")
            assert found is not None
            return decode(ImageFeatures(found["embedding"][None], found["early"][None]))

        return milliseconds(kept, 5), milliseconds(lambda: decode(sam.encode(pixels)), times)


def main() -> None:
    """Print a line for each part, with what is to be reached."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--vit-b", action="store_true", help="measure the store with a ViT-B too")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    masks = blobs(4)
    print(f"boxes of 4 masks, 1024²: {milliseconds(lambda: mask_boxes(masks), 20):.1f} ms (at most {BOXES_MS:g})")
    truth, found = (np.asarray(mask > 128) for mask in masks[:2])
    boundary = milliseconds(lambda: boundary_iou(truth, found), 20)
    print(f"boundary IoU, 1024²: {boundary:.1f} ms (at most {BOUNDARY_MS:g})")
    backbones: list[tuple[Backbone, int, int]] = [("tiny", 12, 20)]
    if arguments.vit_b:
        backbones.append(("vit_b", 4, 3))
    for backbone, images, times in backbones:
        at_once, one_by_one = batch_gain(backbone, images, times)
        print(
            f"decoding {images} images of mixed prompts, {backbone}: {at_once:.1f} ms, one by one {one_by_one:.1f} ms: "
            f"{one_by_one / at_once:.1f} times (at least {BATCH_GAIN:g})"
        )
    if arguments.vit_b:
        kept, anew = store_gain("vit_b", 1)
        print(
            f"a test of one image, vit_b: kept features {kept:.0f} ms, encoded {anew:.0f} ms: {anew / kept:.0f} times "
            f"(at least {STORE_GAIN:g})"
        )


if __name__ == "__main__":
    main()
