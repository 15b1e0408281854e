"""Features of images and exported decoders for the annotator, made by one process and read as they come (ANN-12)."""

from __future__ import annotations

import json
from pathlib import Path

import torch

from core.data.decoding import read_image
from core.data.faults import DataFaultError
from core.errors import StorageError
from core.files import write_atomically
from core.methods.promptable.assistant import Assistant, open_assistant, open_plain_assistant
from core.models.sam.built_in import WEIGHTS
from core.models.sam.embedding_order import (
    DECODERS_DIR,
    DONE_FILE,
    FEATURES_DIR,
    MODEL_FILE,
    ORDER_FILE,
    CheckpointModel,
    EmbeddedEntry,
    EmbeddingOrder,
    ModelFacts,
    OrderedImage,
    RunModel,
)
from core.models.sam.export import export_decoder, exported_features
from core.tensor_files import write_tensors


def embed_images(folder: Path) -> int:
    """Carry out the order of a folder; return the number of images that were embedded now.

    Each image has its line as soon as its files are written.

    Raises:
        StorageError: if the order or a model of a run cannot be read.
        ConfigError: if a file of SAM cannot be read, or is of another model.
    """
    order = _read_order(folder)
    assistant = _open(order)
    digest = assistant.digest
    facts = ModelFacts(
        digest=digest,
        backbone=assistant.sam.backbone,
        placing=assistant.placing,
        image_px=assistant.sam.size.image_px,
        adapters=tuple(name for name in assistant.heads if name),
        has_head=bool(assistant.heads),
    )
    for part in (FEATURES_DIR, DECODERS_DIR):
        (folder / part).mkdir(exist_ok=True)
    write_atomically(folder / MODEL_FILE, facts.model_dump_json().encode())
    wanted = [image for image in order.images if digest not in image.embedded_by]
    exported: dict[str, str] = {}
    with (folder / DONE_FILE).open("a", encoding="utf-8") as lines:
        for image in wanted:
            lines.write(_embed(assistant, image, folder, exported).model_dump_json() + "\n")
            lines.flush()
    return len(wanted)


def _read_order(folder: Path) -> EmbeddingOrder:
    path = folder / ORDER_FILE
    try:
        return EmbeddingOrder.model_validate(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        raise StorageError(f"{path}: cannot be read as an order to embed images: {error}") from error


def _open(order: EmbeddingOrder) -> Assistant:
    device = torch.device(order.device)
    if isinstance(order.model, RunModel):
        return open_assistant(Path(order.model.folder), device)
    if isinstance(order.model, CheckpointModel):
        return open_plain_assistant(order.model.backbone, Path(order.model.path), device, "padded")
    # It was trained on stretched views, which show more of a wide picture to so small an encoder.
    return open_plain_assistant("tiny", WEIGHTS, device, "stretched")


def _embed(assistant: Assistant, image: OrderedImage, folder: Path, exported: dict[str, str]) -> EmbeddedEntry:
    try:
        picture = read_image(Path(image.path))
    except DataFaultError as error:
        return EmbeddedEntry(name=image.name, fault=str(error))
    asked = assistant.embed(picture)
    head = assistant.head_of(asked.adapter)
    path = folder / FEATURES_DIR / f"{image.name}.safetensors"
    write_tensors(path, exported_features(asked.image.features, head))
    adapter = asked.adapter or ""
    if adapter not in exported:
        exported[adapter] = _export(assistant, adapter, folder, len(exported))
    return EmbeddedEntry(
        name=image.name,
        adapter=adapter,
        features=str(path.relative_to(folder)),
        decoder=exported[adapter],
    )


def _export(assistant: Assistant, adapter: str, folder: Path, number: int) -> str:
    sam, head = assistant.sam, assistant.head_of(adapter)
    on_cpu = assistant.device.type == "cpu"
    if not on_cpu:
        sam.sam.cpu()
    content = export_decoder(sam, head if head is None else head.cpu())
    if not on_cpu:
        sam.sam.to(assistant.device)
        _ = head if head is None else head.to(assistant.device)
    relative = f"{DECODERS_DIR}/{number}.onnx"
    write_atomically(folder / relative, content)
    return relative
