"""Soft labels of one target by its own classifier, and their quality where ground truth exists (CoaST 4.2)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from core.data.classes import IGNORE_INDEX
from core.data.label_ids import IdTable
from core.data.loaders import Batch, Item, evaluation_batches
from core.data.pairing import PairedFiles
from core.data.resized import ResizedDataset
from core.data.samples import DenseDataset
from core.data.transforms.weak_view import to_unit
from core.engine.testing import pass_through, unless_stopped
from core.methods.coast.config import CoastConfig
from core.methods.coast.domains import Domains
from core.methods.coast.pseudo_labels import hard_labels
from core.methods.coast.soft_label_files import SUFFIX, encode_soft_label, quantised
from core.methods.coast.style_memory import StyleBank
from core.methods.coast.testing import mean_iou
from core.metrics.confusion import ConfusionMatrix
from core.models.deeplabv2 import DeepLabV2
from core.packs import PackWriter
from core.stage.context import StageContext
from core.stage.events import Metric


@dataclass(frozen=True)
class PseudoLabelMaker:
    """Makes the soft labels of a round.

    Attributes:
        context: context of the stage.
        network: network with at least one classifier per target; its mode is restored.
        domains: domains of the stage.
        bank: styles. A bug of the published code records styles in these passes too; None = do not record.
        dtype: precision of the passes.
    """

    context: StageContext[CoastConfig]
    network: DeepLabV2
    domains: Domains
    bank: StyleBank | None
    dtype: torch.dtype = torch.float32

    def make(self, done: int, target: str, pack: PackWriter) -> None:
        """Add the soft label of every training image of a target to a pack, and emit their quality.

        Args:
            done: finished iterations.
            target: name of the target.
            pack: receives one file per image, in the order of the images' names.

        Raises:
            StageInterrupted: if the stage was asked to stop.
        """
        dataset, options = self.context.datasets[target].train, self.context.config.pseudo_labels
        order = sorted(range(len(dataset)), key=lambda index: dataset.ids[index] + SUFFIX)
        head = self.network.heads[self.domains.targets.index(target)]
        quality = LabelQuality(self.domains.num_classes, options.threshold)

        def logits(images: Tensor) -> Tensor:
            through = self.bank.other_pass().through if self.bank is not None else None
            found: Tensor = head(self.network.features(images, through))
            return found

        def keep(batch: Batch, found: Tensor) -> None:
            probs = found.float().softmax(dim=1)
            quality.count(probs, batch.labels)
            for number, one in zip(batch.items.tolist(), probs.cpu().numpy(), strict=True):
                pack.add(dataset.ids[number] + SUFFIX, encode_soft_label(quantised(one, options.bits)))

        batches = self._batches(dataset, self.domains.channel_of[target], order)
        stoppable = unless_stopped(batches, self.context.stop, done)
        pass_through(self.network, stoppable, logits, keep, device=self.context.device, dtype=self.dtype)
        values = {f"pseudo_label_{name}_{target}": value for name, value in quality.values().items()}
        self.context.events.emit(Metric(iteration=done, values=values))

    def _batches(self, dataset: DenseDataset, channel_of: IdTable, order: list[int]) -> Iterator[Batch]:
        """Yield whole images at `image_size`, with true channels if a label file exists."""
        seen = ResizedDataset(dataset, self.context.config.data.image_size)
        unlabelled = set(dataset.without_label(dataset.ids)) if isinstance(dataset, PairedFiles) else set()

        def item(index: int) -> Item:
            image = seen.image(index)
            if dataset.ids[index] in unlabelled:
                return to_unit(image), torch.full(image.shape[:2], IGNORE_INDEX, dtype=torch.uint8)
            return to_unit(image), torch.from_numpy(channel_of[seen.label(index)])

        return evaluation_batches(item, order, self.context.config.eval.batch_size)


class LabelQuality:
    """Counts kept and correct pseudo-labels. The counts stay on the device.

    Args:
        num_classes: C.
        threshold: least probability of a kept label.
    """

    def __init__(self, num_classes: int, threshold: float) -> None:
        self._num_classes, self._threshold = num_classes, threshold
        self._confusion: ConfusionMatrix | None = None
        self._kept: list[Tensor] = []
        self._confidence: list[Tensor] = []

    def count(self, probs: Tensor, labels: Tensor) -> None:
        """Count images: probabilities (B, C, h, w) on a device, and true channels (B, H, W) or 255."""
        found = hard_labels(probs, self._threshold)
        self._kept.append((found != IGNORE_INDEX).double().mean())
        self._confidence.append(probs.amax(dim=1).double().mean())
        rows, columns = (
            torch.linspace(0, large - 1, small).round().long()
            for large, small in zip(labels.shape[-2:], probs.shape[-2:], strict=True)
        )
        # Dropped labels count neither as right nor as wrong.
        truth = labels[:, rows][:, :, columns].to(found.device)
        truth = torch.where(found == IGNORE_INDEX, IGNORE_INDEX, truth)
        if self._confusion is None:
            self._confusion = ConfusionMatrix(self._num_classes, found.device)
        self._confusion.update(truth, found.clamp(max=self._num_classes - 1))

    def values(self) -> dict[str, float]:
        """Return the kept share and the mean confidence; with ground truth also accuracy and mean IoU."""
        if self._confusion is None:
            return {}
        kept, confidence = (float(torch.stack(each).mean()) for each in (self._kept, self._confidence))
        values = {"kept": kept, "confidence": confidence}
        matrix = self._confusion.matrix()
        if matrix.sum():
            values |= {"accuracy": float(np.trace(matrix) / matrix.sum()), "miou": mean_iou(matrix)}
        return values
