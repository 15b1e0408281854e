"""Trains the tiny SAM that the annotator uses where no other model is chosen: `python -m scripts.tiny_assistant`.

It learns, from nothing, to cut out regions of the built-in worlds from clicks, boxes and its own earlier masks, as SAM
was trained (Kirillov et al., ICCV 2023, appendix A): first a click or a box, then clicks where it was wrong. It writes
`core/models/sam/weights/tiny.safetensors`, in half precision, and prints the IoU on pictures that it never saw.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from scipy import ndimage
from torch import Tensor

from core.data.transforms.large_scale_jitter import encoder_input
from core.data.worlds.domains import RECIPES, DomainsWorld
from core.data.worlds.objects import ObjectsWorld
from core.data.worlds.street_domains import DOMAINS
from core.data.worlds.streets import StreetsWorld
from core.models.sam.build import build_sam
from core.models.sam.built_in import WEIGHTS
from core.models.sam.clicks import view_of
from core.models.sam.encoder import encode_images
from core.models.sam.frozen import open_sam
from core.models.sam.hq_head import DecoderInputs, sam_masks
from core.models.sam.prompts import mask_boxes
from core.models.sam.questions import BOX_END, BOX_START, NEGATIVE, PADDING, POSITIVE
from core.models.sam.sizes import SIZES
from core.tensor_files import write_tensors

SIZE = SIZES["tiny"]
SIDE, CELLS = SIZE.image_px, SIZE.mask_px
SMALLEST_SHARE = 0.005
"""Regions with a smaller share of the view are not asked for."""
FIRST_TEST = 1_000_000
RATE = 2e-3
IMAGES, REGIONS, ROUNDS = 16, 6, 3
"""Images of a batch, regions asked of each, and questions about each region."""


class Sample(NamedTuple):
    """(3, S, S) uint8 view and (K, S, S) regions."""

    image: Tensor
    regions: npt.NDArray[np.bool_]

    @property
    def chances(self) -> npt.NDArray[np.float64]:
        """How often each region is asked for: large ones more often, but not in proportion."""
        sides = np.sqrt(self.regions.mean(axis=(1, 2)))
        chances: npt.NDArray[np.float64] = sides / sides.sum()
        return chances


class Prompts(NamedTuple):
    """(N, P, 2) places, (N, P) labels, (N, 1, m, m) masks, (N) whether there is a mask."""

    places: Tensor
    labels: Tensor
    masks: Tensor
    has_mask: Tensor


def samples(count: int, first: int) -> Iterator[Sample]:
    """Draw pictures of all worlds in turn, and their regions."""
    domains = [DomainsWorld(name, SIDE) for name in RECIPES]
    streets = [StreetsWorld(name, 96, 192) for name in DOMAINS] * 6
    objects = [ObjectsWorld(20, 96, (1, 4))] * 4
    worlds: list[Any] = [*domains, *streets, *objects]
    for index in range(count):
        scene = worlds[index % len(worlds)].scene(first + index // len(worlds))
        regions = [one for mask in _masks(scene) for one in _parts(mask)]
        if regions:
            views = [view for view in map(_view, regions) if view.any()]
            yield Sample(view_of(scene.image, SIDE), np.stack(views))


def _masks(scene: Any) -> list[npt.NDArray[np.bool_]]:
    if hasattr(scene, "mask"):
        return [scene.mask]
    if hasattr(scene, "instances"):
        return list(scene.masks)
    return [scene.label == class_id for class_id in np.unique(scene.label) if class_id != 255]


def _parts(mask: npt.NDArray[np.bool_]) -> list[npt.NDArray[np.bool_]]:
    """Return the connected parts of a mask that are large enough to ask for."""
    numbers, count = ndimage.label(mask)
    parts = [numbers == number for number in range(1, count + 1)]
    return [part for part in parts if part.mean() >= SMALLEST_SHARE]


def _view(region: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    whole = torch.from_numpy(region)[None, None].float()
    found: npt.NDArray[np.bool_] = (F.interpolate(whole, (SIDE, SIDE), mode="bilinear")[0, 0] >= 0.5).numpy()
    return found


def inner_points(wanted: Tensor, generator: torch.Generator) -> Tensor:
    """Draw x and y of a pixel well inside each of (N, S, S) masks; people click near the middle."""
    depth = wanted[:, None].float()
    for _ in range(3):
        depth = F.avg_pool2d(depth, 5, stride=1, padding=2) * wanted[:, None]
    places = torch.multinomial(depth.flatten(1) ** 4 + 1e-12 * wanted.flatten(1), 1, generator=generator)[:, 0]
    return torch.stack([places % SIDE, places // SIDE], dim=1).float()


def first_prompts(regions: Tensor, generator: torch.Generator) -> Prompts:
    """Ask by a click, or, for a third of the regions, by a box around the region with jitter."""
    count = len(regions)
    places = torch.stack([inner_points(regions, generator), torch.zeros(count, 2)], dim=1)
    labels = torch.tensor([float(POSITIVE), float(PADDING)]).repeat(count, 1)
    boxes = mask_boxes(regions.to(torch.uint8), threshold=0).reshape(count, 2, 2)
    reach = 0.1 * (boxes[:, 1] - boxes[:, 0]).amax(1)[:, None, None]
    jitter = (torch.randn(count, 2, 2, generator=generator) * reach).clamp(-4, 4)
    has_box = torch.rand(count, generator=generator) < 1 / 3
    places[has_box] = (boxes + jitter).clamp(0, SIDE - 1)[has_box]
    labels[has_box] = torch.tensor([float(BOX_START), float(BOX_END)])
    return Prompts(places, labels, torch.zeros(count, 1, CELLS, CELLS), torch.zeros(count))


def corrected(asked: Prompts, found: Tensor, regions: Tensor, generator: torch.Generator) -> Prompts:
    """Add a click where a mask is wrong, and, mostly, the mask itself."""
    masks = F.interpolate(found, (SIDE, SIDE), mode="bilinear")[:, 0] > 0
    missed, extra = regions & ~masks, masks & ~regions
    is_positive = missed.sum((1, 2)) >= extra.sum((1, 2))
    wrong = torch.where(is_positive[:, None, None], missed, extra)
    is_right = ~wrong.flatten(1).any(1)
    wrong = torch.where(is_right[:, None, None], regions, wrong)
    label = torch.where(is_positive | is_right, float(POSITIVE), float(NEGATIVE))
    places = torch.cat([inner_points(wrong, generator)[:, None], asked.places], dim=1)
    has_mask = (torch.rand(len(regions), generator=generator) < 0.7).float()
    return Prompts(places, torch.cat([label[:, None], asked.labels], dim=1), found, has_mask)


def decode(sam: Any, embeddings: Tensor, prompts: Prompts) -> tuple[Tensor, Tensor]:
    """Return (N, 4, m, m) logits and (N, 4) expected IoU of N questions."""
    encoder = sam.prompt_encoder
    codes = encoder.pe_layer.forward_with_coords(prompts.places + 0.5, encoder.input_image_size)
    tokens = codes * (prompts.labels != PADDING)[..., None]
    kinds = [(PADDING, encoder.not_a_point_embed), *enumerate(encoder.point_embeddings)]
    for label, embedding in kinds:
        tokens = tokens + embedding.weight * (prompts.labels == label)[..., None]
    has_mask = prompts.has_mask[:, None, None, None]
    none = encoder.no_mask_embed.weight.reshape(1, -1, 1, 1)
    dense = has_mask * encoder.mask_downscaling(prompts.masks) + (1 - has_mask) * none
    inputs = DecoderInputs(embeddings, embeddings, tokens, dense, encoder.get_dense_pe())
    return sam_masks(sam.mask_decoder, inputs)


def loss_of(logits: Tensor, expected: Tensor, targets: Tensor, is_first: bool) -> Tensor:
    """Return the loss of one question about N regions: the best of three masks for the first, else the single mask."""
    wanted = F.interpolate(targets[:, None], (CELLS, CELLS), mode="area").expand_as(logits).flatten(2)
    flat = logits.flatten(2)
    cross = F.binary_cross_entropy_with_logits(flat, wanted, reduction="none").mean(2)
    probs = flat.sigmoid()
    losses = cross + 1 - (2 * (probs * wanted).sum(2) + 1) / (probs.sum(2) + wanted.sum(2) + 1)  # (N, 4)
    with torch.no_grad():
        large = F.interpolate(logits, (SIDE, SIDE), mode="bilinear") > 0
        truth = targets[:, None] > 0.5
        iou = (large & truth).sum((2, 3)) / (large | truth).sum((2, 3)).clamp_min(1)
    mask = losses[:, 1:].amin(1) + losses[:, 0] if is_first else losses[:, 0]
    return mask.mean() + F.mse_loss(expected, iou)


def train(pictures: list[Sample], iterations: int, seed: int, start: Path | None = None) -> Any:
    """Return a tiny SAM that learned from pictures, from random weights or from those of a file."""
    sam = build_sam("tiny", seed) if start is None else open_sam("tiny", checkpoint=start).sam
    sam.requires_grad_(True).train()
    sam.prompt_encoder.pe_layer.requires_grad_(False)
    optimizer = torch.optim.AdamW(sam.parameters(), lr=RATE, weight_decay=1e-4)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=iterations)
    draws, generator = np.random.default_rng(seed), torch.Generator().manual_seed(seed)
    began, shown = time.monotonic(), 0.0
    for iteration in range(iterations):
        batch = [pictures[place] for place in draws.integers(len(pictures), size=IMAGES)]
        drawn = [one.regions[draws.choice(len(one.regions), REGIONS, p=one.chances)] for one in batch]
        images, regions = torch.stack([one.image for one in batch]), torch.from_numpy(np.concatenate(drawn))
        if draws.random() < 0.5:
            images, regions = images.flip(-1), regions.flip(-1)
        features = encode_images(sam.image_encoder, encoder_input(images, SIDE)).embeddings
        embeddings = features.repeat_interleave(REGIONS, dim=0)
        prompts, loss = first_prompts(regions, generator), torch.zeros(())
        for asked in range(ROUNDS):
            logits, expected = decode(sam, embeddings, prompts)
            loss = loss + loss_of(logits, expected, regions.float(), asked == 0) / ROUNDS
            chosen = expected[:, 1:].argmax(1) + 1 if asked == 0 else torch.zeros(len(logits), dtype=torch.int64)
            best = logits[torch.arange(len(logits)), chosen][:, None].detach()
            prompts = corrected(prompts, best, regions, generator)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(sam.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        shown = 0.98 * shown + 0.02 * loss.item() if iteration else loss.item()
        if (iteration + 1) % 100 == 0:
            print(f"{iteration + 1}: loss {shown:.3f}, {time.monotonic() - began:.0f} s", flush=True)
    return sam.eval().requires_grad_(False)


@torch.no_grad()
def measure(sam: Any, pictures: list[Sample], seed: int) -> list[float]:
    """Return the mean IoU after one, two and three questions about each region."""
    generator, found = torch.Generator().manual_seed(seed), [0.0] * ROUNDS
    truth = torch.from_numpy(np.concatenate([one.regions for one in pictures]))
    counts = torch.tensor([len(one.regions) for one in pictures])
    images = torch.stack([one.image for one in pictures])
    features = encode_images(sam.image_encoder, encoder_input(images, SIDE)).embeddings
    embeddings, prompts = features.repeat_interleave(counts, dim=0), first_prompts(truth, generator)
    for asked in range(ROUNDS):
        logits, expected = decode(sam, embeddings, prompts)
        chosen = expected[:, 1:].argmax(1) + 1 if asked == 0 else torch.zeros(len(logits), dtype=torch.int64)
        best = logits[torch.arange(len(logits)), chosen][:, None]
        masks = F.interpolate(best, (SIDE, SIDE), mode="bilinear")[:, 0] > 0
        found[asked] = float(((masks & truth).sum((1, 2)) / (masks | truth).sum((1, 2))).mean())
        prompts = corrected(prompts, best, truth, generator)
    return found


def main() -> None:
    """Train, measure and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=int, default=3000)
    parser.add_argument("--iterations", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--start", type=Path, help="go on from these weights")
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    arguments = parser.parse_args()
    began = time.monotonic()
    pictures = list(samples(arguments.images, 0))
    print(f"{len(pictures)} pictures in {time.monotonic() - began:.0f} s", flush=True)
    sam = train(pictures, arguments.iterations, arguments.seed, arguments.start)
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    write_tensors(arguments.out, {name: value.half() for name, value in sam.state_dict().items()})
    found = measure(open_sam("tiny", checkpoint=arguments.out).sam, list(samples(300, FIRST_TEST)), 1)
    print("IoU after 1, 2, 3 questions: " + ", ".join(f"{value:.3f}" for value in found))
    print(f"{time.monotonic() - began:.0f} s in all")


if __name__ == "__main__":
    main()
