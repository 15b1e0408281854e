"""Blending stored instances into the background of training images (EIR, CVPR 2025; EIR 4.4).

Then neither stored nor new images label an old object "background". Images and targets change only inside the boxes
of the pastes, on their device. A batch costs one wait for the device (the plan) and one transfer to it (the pixels).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from core.data.transforms.presets import MEAN, STD
from core.losses.sparse_target import SparseTarget
from core.memory.geometry import Box
from core.methods.eir.instance_bank import FittedInstance, InstanceBank
from core.methods.eir.options import PasteOptions
from core.methods.eir.paste_plan import Corner, Paste, plan_pastes
from core.methods.eir.style import Partners, StyleMix, draw_style_mix, match_style, mix_styles


@dataclass(frozen=True, eq=False)
class PlacedInstance:
    """An instance to blend into an image of a batch.

    Attributes:
        image: position in the batch.
        channel: class of the instance.
        corner: (row, column) of its top left pixel; moved inwards if the instance would leave the image.
        lam: λ in [0, 1].
        pixels: (3, h, w) normalised, on the images' device.
        mask: (h, w) bool, pixels of the instance.
    """

    image: int
    channel: int
    corner: Corner
    lam: float
    pixels: Tensor
    mask: Tensor

    def box(self, side_px: int) -> Box:
        """Return its box in a square image of this side."""
        height, width = self.mask.shape
        row, column = (_clamp(start, size, side_px) for start, size in zip(self.corner, (height, width), strict=True))
        return column, row, column + width, row + height


@dataclass(frozen=True, eq=False)
class MixedBatch:
    """Images and target after pasting.

    Attributes:
        images: (B, 3, S, S); the given tensor itself if nothing was pasted.
        target: soft target; outside the pastes it equals the pseudo labels.
        changed: (B,) bool in host memory, images with a paste or another style.
        pastes: applied pastes, in order; a planned paste without visible pixels is left out.
        boxes: box of each paste in its image.
    """

    images: Tensor
    target: SparseTarget
    changed: Tensor
    pastes: tuple[Paste, ...]
    boxes: tuple[Box, ...]


def mix_instances(
    images: Tensor,
    labels: Tensor,
    pseudo_labels: Tensor,
    bank: InstanceBank,
    rngs: Sequence[np.random.Generator],
    options: PasteOptions,
) -> MixedBatch:
    """Paste old instances into a batch: plan, fit, blend.

    Args:
        images: (B, 3, S, S) float, normalised; not changed.
        labels: (B, S, S) int64 channels or 255.
        pseudo_labels: (B, S, S) labels after pseudo labelling.
        bank: instances to paste; with an empty bank only the target is made.
        rngs: one generator per image, for example derived from (run seed, stage, epoch, item).
        options: rules of pasting.
    """
    changed = torch.zeros(len(images), dtype=torch.bool)
    planned = plan_pastes(labels, pseudo_labels, bank, rngs, options)
    if not planned:
        return MixedBatch(images, SparseTarget.from_labels(pseudo_labels, dtype=images.dtype), changed, (), ())
    cell_px = options.cell_px(images.shape[-1])
    fits = [bank.fit(one.entry, one.channel, one.view, cell_px, options.resize) for one in planned]
    pastes = [one for one, fit in zip(planned, fits, strict=True) if fit is not None]
    patches = _upload([fit for fit in fits if fit is not None], images.device)
    placed = [
        PlacedInstance(one.image, one.channel, one.corner, one.lam, pixels, mask)
        for one, (pixels, mask) in zip(pastes, patches, strict=True)
    ]
    if options.style == "match_host":
        placed = [in_host_style(one, images[one.image]) for one in placed]
    changed[[one.image for one in pastes]] = True
    mixed, target = paste_instances(images, pseudo_labels, placed)
    boxes = tuple(one.box(images.shape[-1]) for one in placed)
    return MixedBatch(mixed, target, changed, tuple(pastes), boxes)


def in_host_style(instance: PlacedInstance, host: Tensor) -> PlacedInstance:
    """Return an instance whose box has the mean and deviation of each channel of its host image (3, S, S)."""
    if instance.mask.numel() < 2:
        return instance
    pixels = instance.pixels[None]
    return replace(instance, pixels=match_style(pixels, pixels, host[None])[0])


def mix_batch_styles(mixed: MixedBatch, partners: Partners, rng: np.random.Generator) -> MixedBatch:
    """Apply MixStyle to the images of a batch; half of the batches come back as they are.

    Args:
        mixed: the batch after pasting.
        partners: see `draw_style_mix`.
        rng: generator of the batch.
    """
    mix = draw_style_mix(len(mixed.images), partners, rng)
    if mix is None:
        return mixed
    on_device = StyleMix(*(part.to(mixed.images.device, non_blocking=True) for part in mix))
    return replace(mixed, images=mix_styles(mixed.images, on_device), changed=torch.ones_like(mixed.changed))


def paste_instances(
    images: Tensor, pseudo_labels: Tensor, instances: Sequence[PlacedInstance]
) -> tuple[Tensor, SparseTarget]:
    """Blend instances in their order; later ones act on the result of earlier ones.

    Inside the mask: image ← λ·instance + (1 − λ)·image, and target ← λ·onehot(class) + (1 − λ)·target. An ignored pixel
    under a paste thus becomes labelled with weight λ. Outside the mask nothing changes.

    Args:
        images: (B, 3, S, S); not changed.
        pseudo_labels: (B, S, S) int64 channels or 255.
        instances: instances to paste.

    Returns:
        The images, and the target with 1 + n planes, where n is the largest number of pastes in one image.
    """
    order = _order_in_image(instances)
    images, side_px = images.clone(), images.shape[-1]
    target = _with_planes(SparseTarget.from_labels(pseudo_labels, dtype=images.dtype), instances, order)
    for one, plane in zip(instances, order, strict=True):
        x0, y0, x1, y1 = one.box(side_px)
        window = (..., slice(y0, y1), slice(x0, x1))
        strength = one.mask * one.lam  # (h, w)
        images[one.image][window].lerp_(one.pixels.to(images.dtype), strength.to(images.dtype))
        weights = target.weights[one.image][window]  # (K, h, w)
        weights[:plane] *= 1 - strength
        weights[plane] = strength
    return images, target


def _order_in_image(instances: Sequence[PlacedInstance]) -> list[int]:
    """Return each instance's 1-based position among those of its image, which is its plane of the target."""
    so_far: dict[int, int] = {}
    order = []
    for one in instances:
        so_far[one.image] = so_far.get(one.image, 0) + 1
        order.append(so_far[one.image])
    return order


def _with_planes(target: SparseTarget, instances: Sequence[PlacedInstance], order: Sequence[int]) -> SparseTarget:
    """Return the target with one plane added per paste order: the paste's class, still with weight 0."""
    batch, _, height, width = target.classes.shape
    channels = torch.zeros(batch, max(order, default=0), dtype=torch.int64)
    for one, plane in zip(instances, order, strict=True):
        channels[one.image, plane - 1] = one.channel
    planes = channels.to(target.classes.device)[:, :, None, None].expand(-1, -1, height, width)
    weights = target.weights.new_zeros(batch, 1 + planes.shape[1], height, width)
    weights[:, :1] = target.weights
    return SparseTarget(torch.cat([target.classes, planes], dim=1), weights)


def _clamp(start: int, size: int, side_px: int) -> int:
    # As published: an instance that would leave the image ends one pixel before the border, not at it.
    return side_px - 1 - size if start + size > side_px else start


def _upload(fits: Sequence[FittedInstance], device: torch.device) -> list[tuple[Tensor, Tensor]]:
    """Bring all instances to the device in one transfer and normalise them there: (3, h, w) pixels, (h, w) mask."""
    if not fits:
        return []
    packed = np.concatenate([np.dstack([fit.pixels, fit.mask]).reshape(-1, 4) for fit in fits])  # (N, 4) uint8
    host = torch.from_numpy(packed)
    rgbm = (host.pin_memory() if device.type == "cuda" else host).to(device, non_blocking=True)
    mean, std = (torch.tensor(values, device=device) for values in (MEAN, STD))
    pixels = rgbm[:, :3].float().div_(255).sub_(mean).div_(std)  # (N, 3)
    masks = rgbm[:, 3] > 0
    sizes = [fit.mask.size for fit in fits]
    shapes = [fit.mask.shape for fit in fits]
    return [
        (part.view(*shape, 3).permute(2, 0, 1), mask.view(shape))
        for part, mask, shape in zip(torch.split(pixels, sizes), torch.split(masks, sizes), shapes, strict=True)
    ]
