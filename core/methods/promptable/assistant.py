"""Answers clicks with a finished run's model or plain SAM. The router picks the adapter of an image."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from core.data.samples import Image
from core.errors import StorageError
from core.methods.promptable.model_files import StoredModel, load_model
from core.models.sam.checkpoint import load_head, weights_of_state
from core.models.sam.clicks import EmbeddedImage, answer, embed, view_of
from core.models.sam.frozen import FrozenSam, open_sam
from core.models.sam.hq_head import HQHead
from core.models.sam.image_fit import Placing
from core.models.sam.questions import Candidate, Question
from core.models.sam.router import route_of
from core.models.sam.sizes import Backbone

ADAPTER = "head-"
SINGLE = "head"
FORMAT = 1
"""Version of stored features and exported decoders; a new one makes all of them anew."""


@dataclass(frozen=True)
class Asked:
    """An embedded image, and the domain of its adapter; None if the model has one head or none."""

    image: EmbeddedImage
    adapter: str | None


@dataclass(frozen=True)
class Assistant:
    """Answers questions about images.

    Attributes:
        sam: on the device.
        heads: domain -> adapter; a single head has the key "".
        router, tokens: find the adapter; None with a single head.
        device: device of the model.
        placing: how images lie in the encoder's view.
    """

    sam: FrozenSam
    heads: Mapping[str, HQHead]
    router: nn.Linear | None
    tokens: Tensor | None
    device: torch.device
    placing: Placing

    @property
    def digest(self) -> str:
        """Digest of everything besides the image that answers depend on."""
        parts = {name: head.state_dict() for name, head in self.heads.items()}
        if self.router is not None:
            parts["router"] = self.router.state_dict()
        if self.tokens is not None:
            parts["tokens"] = {"tokens": self.tokens}
        digests = {name: weights_of_state(part, name).sha256 for name, part in parts.items()}
        content = {"format": FORMAT, "sam": self.sam.key, "placing": self.placing, "parts": digests}
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()

    def embed(self, image: Image) -> Asked:
        """Encode an image (H, W, 3) and find its adapter, once for all questions."""
        return Asked(embed(self.sam, image, self.device, self.placing), self._adapter(image))

    def head_of(self, adapter: str | None) -> HQHead | None:
        """Return the head that answers for an adapter; None for plain SAM."""
        return self.heads.get(adapter or "")

    def answer(self, asked: Asked, question: Question, candidates: int = 1) -> list[Candidate]:
        """Return the masks of a question; see `core.models.sam.clicks.answer`."""
        return answer(self.sam, self.head_of(asked.adapter), asked.image, question, candidates)

    @torch.no_grad()
    def _adapter(self, image: Image) -> str | None:
        names = [name for name in self.heads if name]
        if not names:
            return None
        if self.router is None or self.tokens is None:
            return names[0]
        view = view_of(image, self.sam.size.image_px)[None].to(self.device)
        feature = self.sam.encode_tokens(view, self.tokens)[:, 0]
        return names[int(route_of(self.router(feature))[0])]


def open_assistant(folder: Path, device: torch.device, checkpoint: Path | None = None) -> Assistant:
    """Open the model of a finished stage as an assistant.

    Args:
        folder: output `model` of the stage.
        device: device of the assistant.
        checkpoint: file of SAM's weights, if the run's file has moved.

    Raises:
        StorageError: if a file is missing or damaged, or SAM's weights differ from the run's.
        ConfigError: if SAM's file is of another model.
    """
    stored = load_model(folder)
    sam = _frozen(stored, checkpoint)
    sam.sam.to(device)
    heads = {name: _head(sam, stored, part).to(device) for name, part in _parts(stored).items()}
    router = None
    if "router" in stored.parts:
        weights = stored.part("router")
        router = nn.Linear(weights["weight"].shape[1], weights["weight"].shape[0])
        router.load_state_dict(weights)
        router.to(device).requires_grad_(False)
    tokens = stored.part("tokens")["tokens"].to(device) if "tokens" in stored.parts else None
    # Heads and router of a run were trained and tested on stretched views.
    return Assistant(sam, heads, router, tokens, device, "stretched")


def open_plain_assistant(backbone: Backbone, checkpoint: Path, device: torch.device, placing: Placing) -> Assistant:
    """Open a file of SAM, or of HQ-SAM with its head, as an assistant.

    Raises:
        ConfigError: if the file cannot be read, or is of another model.
    """
    sam = open_sam(backbone, checkpoint=checkpoint)
    sam.sam.to(device)
    heads = {"": sam.new_head(0).requires_grad_(False).eval().to(device)} if sam.head else {}
    return Assistant(sam, heads, None, None, device, placing)


def _parts(stored: StoredModel) -> dict[str, str]:
    """Return domain -> part; a single head has the key ""."""
    if SINGLE in stored.parts:
        return {"": SINGLE}
    return {name: f"{ADAPTER}{place}" for place, name in enumerate(stored.record.domains)}


def _frozen(stored: StoredModel, checkpoint: Path | None) -> FrozenSam:
    record = stored.record
    drawn = record.frozen.source.removeprefix("random weights of seed ")
    if drawn != record.frozen.source and checkpoint is None:
        sam = open_sam(record.backbone, record.early_feature, seed=int(drawn))
    else:
        path = checkpoint if checkpoint is not None else Path(record.frozen.source)
        sam = open_sam(record.backbone, record.early_feature, path)
    if sam.weights.sha256 != record.frozen.sha256:
        raise StorageError(
            f"{sam.weights.source}: its SHA-256 is {sam.weights.sha256}, and the run had {record.frozen.source} with "
            f"{record.frozen.sha256}; give the file that the run had"
        )
    return sam


def _head(sam: FrozenSam, stored: StoredModel, part: str) -> HQHead:
    head = sam.new_head(0)
    load_head(head, stored.part(part), "the stored model")
    return head.requires_grad_(False).eval()
