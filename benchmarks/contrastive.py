"""The contrastive loss with its memories against lists of tensors for each class: `python -m benchmarks.contrastive`.

One iteration of both: keys are found and pushed into full memories, anchors and positives are gathered, the loss is
computed and differentiated. Both take the same draws, and their losses and gradients are checked to be equal.

The direct way keeps one tensor a class, appends to it by `torch.cat`, and goes class by class with masks. Times are the
middle of all rounds by the clock, by turns; exit status 1 when ours is not 3 times as fast.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from core.methods.stal.contrastive import (
    ContrastDraws,
    ContrastSettings,
    KeyRule,
    PixelView,
    class_ranks,
    contrastive_loss,
    gather_classes,
    key_mask,
    push_keys,
)
from core.methods.stal.memory_bank import ClassMemoryBank

NUM_CLASSES, NUM_LABELLED, NUM_UNLABELLED = 19, 2, 2
QUERIES, NEGATIVES = 256, 50
LIMIT = 3.0
RULE, SETTINGS = KeyRule(), ContrastSettings()


@dataclass(frozen=True)
class Scene:
    """Maps of one iteration: what the teacher says, and the features of both."""

    view: PixelView
    teacher: Tensor
    student: Tensor


def make_scene(side: int, dim: int) -> Scene:
    """Return smooth random maps of `side` x `side`."""
    generator = torch.Generator().manual_seed(0)
    images = NUM_LABELLED + NUM_UNLABELLED
    coarse = 4 * torch.randn(images, NUM_CLASSES, 8, 8, generator=generator)
    probs = F.interpolate(coarse, (side, side), mode="bilinear", align_corners=True).softmax(dim=1)
    labels = probs.argmax(dim=1)
    noisy = torch.rand(labels.shape, generator=generator) < 0.2
    labels = torch.where(noisy, torch.randint(0, NUM_CLASSES, labels.shape, generator=generator), labels)
    onehot = F.one_hot(labels, NUM_CLASSES).movedim(-1, 1).contiguous()
    low, high = (torch.rand(images, 1, side, side, generator=generator) < share for share in (0.5, 0.5))
    low[:NUM_LABELLED], high[:NUM_LABELLED] = True, True
    # Channels last in memory, as the network gives them.
    teacher, student = (torch.randn(images, side, side, dim, generator=generator).movedim(-1, 1) for _ in range(2))
    return Scene(PixelView(onehot, probs, low.float(), high.float(), NUM_LABELLED), teacher, student)


def full_memories(sizes: list[int], dim: int) -> tuple[ClassMemoryBank, list[Tensor]]:
    """Return a full bank, and a list of tensors with the same vectors."""
    generator = torch.Generator().manual_seed(1)
    bank, lists = ClassMemoryBank(sizes, dim), []
    for class_id, size in enumerate(sizes):
        vectors = torch.randn(size, dim, generator=generator)
        index = torch.zeros(len(sizes), size, dtype=torch.long)
        index[class_id] = torch.arange(size)
        counts = torch.zeros(len(sizes), dtype=torch.long)
        counts[class_id] = size
        bank.push(vectors, index, counts)
        lists.append(vectors)
    return bank, lists


def by_banks(scene: Scene, bank: ClassMemoryBank, draws: ContrastDraws, max_push: int) -> tuple[Tensor, Tensor]:
    """Return loss and gradient by the functions under test."""
    student = scene.student.clone().requires_grad_()
    push_keys(bank, scene.teacher, key_mask(scene.view, RULE), max_push)
    pixels = gather_classes(scene.view, scene.teacher, SETTINGS)
    loss = contrastive_loss(student, pixels, bank, draws, SETTINGS)
    return loss.detach(), torch.autograd.grad(loss, student)[0]


def by_lists(
    scene: Scene, memories: list[Tensor], sizes: list[int], draws: ContrastDraws, max_push: int
) -> tuple[Tensor, Tensor]:
    """Return the same, class by class."""
    view = scene.view
    student = scene.student.clone().requires_grad_()
    teacher_pixels, student_pixels = scene.teacher.permute(0, 2, 3, 1), student.permute(0, 2, 3, 1)
    _push_lists(view, teacher_pixels, memories, sizes, max_push)
    is_certain = (view.onehot.sum(dim=1) > 0) & (view.low[:, 0] > 0)
    total, num_valid = student.new_zeros(()), 0
    for class_id, memory in enumerate(memories):
        low = is_certain & (view.onehot[:, class_id] > 0)
        if not low.any():
            continue
        num_valid += 1
        anchors = student_pixels[low & (view.probs[:, class_id] > SETTINGS.min_probability)]
        if not len(anchors) or not len(memory):
            continue
        positive = teacher_pixels[low].mean(dim=0)
        chosen = anchors[(draws.anchors[class_id] * len(anchors)).long()]  # (Q, D)
        negatives = memory[(draws.negatives[class_id] * len(memory)).long().flatten()].view(QUERIES, NEGATIVES, -1)
        compared = torch.cat([positive.expand(QUERIES, 1, -1), negatives], dim=1)  # (Q, 1 + K, D)
        logits = F.cosine_similarity(chosen[:, None], compared, dim=2) / SETTINGS.temperature
        total = total + F.cross_entropy(logits, torch.zeros(QUERIES, dtype=torch.long))
    loss = total / max(num_valid, 1)
    return loss.detach(), torch.autograd.grad(loss, student)[0]


@torch.no_grad()
def _push_lists(view: PixelView, features: Tensor, memories: list[Tensor], sizes: list[int], max_push: int) -> None:
    ranks, n = class_ranks(view.probs), view.num_labelled
    # The same draws as those of `push_keys`.
    chance = torch.rand(NUM_CLASSES, view.low.numel())
    for class_id in range(NUM_CLASSES):
        rank, own = ranks[:, class_id], view.onehot[:, class_id]
        labelled = (view.onehot[:n].sum(dim=1) > 0) & (own[:n] == 0) & (rank[:n] < RULE.low_rank)
        unlabelled = (rank[n:] >= RULE.low_rank) & (rank[n:] < RULE.high_rank)
        mask = torch.cat([labelled, unlabelled]) & (view.high[:, 0] > 0)
        mask &= view.probs[:, class_id] < RULE.max_probability
        keys, drawn = features[mask], chance[class_id][mask.flatten()]
        if len(keys) > max_push:
            keys = keys[drawn.topk(max_push).indices.sort().values]
        memories[class_id] = torch.cat([memories[class_id], keys])[-sizes[class_id] :]


def main() -> int:
    """Print both times and their ratio; return 1 when ours is not fast enough."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--memory", type=int, default=30_000, help="vectors of each class; class 0 holds 5/3 of that")
    parser.add_argument("--dim", type=int, default=256)
    parser.add_argument("--side", type=int, default=97, help="of the maps: a quarter of the crop")
    parser.add_argument("--max-push", type=int, default=4096)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    sizes = [arguments.memory * 5 // 3, *[arguments.memory] * (NUM_CLASSES - 1)]
    scene, (bank, lists) = make_scene(arguments.side, arguments.dim), full_memories(sizes, arguments.dim)
    mebibytes = bank.vectors.nbytes // 2**20
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores; {NUM_CLASSES} memories of {mebibytes} MiB in all")
    times: list[tuple[float, float]] = []
    for number in range(arguments.rounds + 1):
        draws = ContrastDraws.uniform(NUM_CLASSES, QUERIES, NEGATIVES, torch.device("cpu"))
        torch.manual_seed(number)
        begin = time.perf_counter()
        ours = by_banks(scene, bank, draws, arguments.max_push)
        middle = time.perf_counter()
        torch.manual_seed(number)
        theirs = by_lists(scene, lists, sizes, draws, arguments.max_push)
        times.append((middle - begin, time.perf_counter() - middle))
        torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-6)
    own_s, direct_s = (statistics.median(each) for each in zip(*times[1:], strict=True))
    ratio = statistics.median(direct / own for own, direct in times[1:])
    missed = "" if ratio >= LIMIT else ", missed"
    print(
        f"rings {1000 * own_s:.0f} ms, lists {1000 * direct_s:.0f} ms an iteration: {ratio:.1f} (limit {LIMIT}{missed})"
    )
    return int(ratio < LIMIT)


if __name__ == "__main__":
    sys.exit(main())
