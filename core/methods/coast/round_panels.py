"""Panels of a round for a few training images per target: labels, confidence, rectification weights, truth."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from core.data.classes import IGNORE_INDEX
from core.data.pairing import PairedFiles
from core.data.resized import ResizedDataset
from core.data.samples import Image
from core.data.transforms.weak_view import to_unit
from core.engine.inference import resize_logits
from core.engine.precision import autocast
from core.files import index_png
from core.memory.entry import encode_png
from core.methods.coast.config import CoastConfig
from core.methods.coast.domains import Domains
from core.methods.coast.losses import agreement_weight, disagreement
from core.methods.coast.pseudo_labels import hard_labels
from core.methods.coast.style_memory import StyleBank, StylePass
from core.models.deeplabv2 import DeepLabV2
from core.packs import PackWriter
from core.stage.context import StageContext

INDEX = "index.json"
MOST_VALUE = 255
"""Grey value that stands for 1 in pictures of confidence and weights."""


@dataclass(frozen=True)
class RoundPanels:
    """Draws a round's panels of a few images, the same images in every round.

    Attributes:
        context: context of the stage.
        network: network of the stage; its mode is restored.
        domains: domains of the stage.
        dtype: precision of the passes.
    """

    context: StageContext[CoastConfig]
    network: DeepLabV2
    domains: Domains
    dtype: torch.dtype = torch.float32

    @torch.no_grad()
    def draw(self, done: int, pack: PackWriter) -> None:
        """Add the pictures to a pack, and their description as `index.json`.

        Styles come from the shown images: image n of a target takes the style of image n of every other target.

        Args:
            done: finished iterations.
            pack: receives `TARGET/NN-NAME.png`.
        """
        was_training = self.network.training
        self.network.eval()
        try:
            entries: list[dict[str, Any]] = []
            files: dict[str, bytes] = {}
            for target, items, pictures in self._shown():
                for place, item in enumerate(items):
                    shown = {name: f"{target}/{place:02d}-{name}.png" for name in pictures[place]}
                    files |= {shown[name]: data for name, data in pictures[place].items()}
                    entries.append({"target": target, "source": self._ids(target)[item], "files": shown})
        finally:
            self.network.train(was_training)
        index = {"iteration": done, "ignore_id": self.domains.classes.ignore_id, "images": entries}
        for name, data in sorted({**files, INDEX: json.dumps(index, indent=1).encode()}.items()):
            pack.add(name, data)

    def _shown(self) -> Iterator[tuple[str, list[int], list[dict[str, bytes]]]]:
        """Yield the images of each target: their numbers, and their pictures by name."""
        chosen = {target: self._chosen(target) for target in self.domains.targets}
        batches = {target: self._batch(target, items) for target, items in chosen.items()}
        bank = StyleBank(len(batches), self.network.encoder.num_places)
        logits = {target: self._plain(index, batches[target], bank) for index, target in enumerate(batches)}
        for index, (target, items) in enumerate(chosen.items()):
            views = [
                self._logits(other, bank.images.stylise(batches[target], other), bank.stylised_pass(other))
                for other in range(len(batches))
                if other != index
            ]
            apart = [disagreement(logits[target], view) for view in views]
            weights = agreement_weight(apart, self.context.config.self_training.gamma, like=logits[target])
            maps = self._maps(logits[target], weights)
            yield target, items, [self._pictures(target, item, maps, place) for place, item in enumerate(items)]

    def _plain(self, index: int, images: Tensor, bank: StyleBank) -> Tensor:
        bank.images.record(index, images)
        return self._logits(index, images, bank.plain_pass(index))

    def _logits(self, head: int, images: Tensor, styles: StylePass) -> Tensor:
        with autocast(self.context.device, self.dtype):
            logits: Tensor = self.network.heads[head](self.network.features(images, styles.through))
        return logits.float()

    def _maps(self, logits: Tensor, weights: Tensor) -> Mapping[str, np.ndarray]:
        """Return channels, confidence and weights, each (B, H, W) uint8 at the images' size."""
        width, height = self.context.config.data.image_size
        probs = resize_logits(logits.softmax(dim=1), (height, width))
        channels = hard_labels(probs, self.context.config.pseudo_labels.threshold)
        confidence = probs.amax(dim=1) / probs.sum(dim=1)
        grown = resize_logits(weights[:, None], (height, width))[:, 0]
        greys = {"confidence": confidence, "weight": grown}
        maps = {name: (MOST_VALUE * one).round().clamp(0, MOST_VALUE) for name, one in greys.items()}
        return {name: one.to(torch.uint8).cpu().numpy() for name, one in {"labels": channels, **maps}.items()}

    def _pictures(self, target: str, item: int, maps: Mapping[str, np.ndarray], place: int) -> dict[str, bytes]:
        back = np.full(256, self.domains.classes.ignore_id, np.uint8)
        back[: self.domains.num_classes] = self.domains.raw_ids
        pictures = {name: index_png(back[one[place]] if name == "labels" else one[place]) for name, one in maps.items()}
        pictures["image"] = encode_png(self._image(target, item))
        dataset = self.context.datasets[target].train
        if not (isinstance(dataset, PairedFiles) and dataset.without_label([dataset.ids[item]])):
            truth = ResizedDataset(dataset, self.context.config.data.image_size).label(item)
            channels = self.domains.channel_of[target][truth]
            pictures["truth"] = index_png(np.where(channels == IGNORE_INDEX, back[IGNORE_INDEX], back[channels]))
        return pictures

    def _chosen(self, target: str) -> list[int]:
        """Return images spread evenly over the split. Every target has as many: they exchange styles."""
        least = min(len(self._ids(name)) for name in self.domains.targets)
        count = min(self.context.config.eval.panel_images, least)
        return [index * len(self._ids(target)) // count for index in range(count)]

    def _ids(self, target: str) -> list[str]:
        return list(self.context.datasets[target].train.ids)

    def _image(self, target: str, item: int) -> Image:
        return ResizedDataset(self.context.datasets[target].train, self.context.config.data.image_size).image(item)

    def _batch(self, target: str, items: list[int]) -> Tensor:
        return torch.stack([to_unit(self._image(target, item)) for item in items]).to(self.context.device)
