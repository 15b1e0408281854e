"""The memory of methods that keep whole images of each domain."""

from __future__ import annotations

from typing import Any

from core.data.adapters.sam_domain import THRESHOLD
from core.data.truths import FOREGROUND
from core.memory.images import ImageChoice, choose_positions, whole_image
from core.memory.store import InstanceMemory, load_memory
from core.methods.promptable.images import DatasetImages
from core.seeding import SeedComponent, numpy_generator
from core.stage.context import StageContext
from core.stage.events import MemorySnapshot
from core.stage.folder import ARTIFACT_DIR

MEMORY = "memory"


def memory_before(context: StageContext[Any]) -> InstanceMemory:
    """Return the memory of earlier domains; raise StorageError if it cannot be read."""
    return load_memory(context.inputs[MEMORY]) if MEMORY in context.inputs else InstanceMemory()


def with_domain(
    context: StageContext[Any], memory: InstanceMemory, images: DatasetImages, count: int, choice: ImageChoice
) -> InstanceMemory:
    """Return the memory with some images of the stage's domain appended.

    Args:
        context: context of the stage.
        memory: memory of earlier domains.
        images: images of the domain.
        count: images kept per domain.
        choice: rule of the choice.
    """
    spec = context.spec
    draws = numpy_generator(spec.seed, spec.stage.index, SeedComponent.SELECTION)
    domain = spec.stage.step
    entries = list(memory.entries)
    for position in choose_positions(count, len(images), choice, draws):
        image, mask = images.read(position)
        name = f"{context.stream.step_title(domain)}/{images.name_of(position)}"
        entries.append(whole_image(image, mask > THRESHOLD, name, domain))
    return InstanceMemory(tuple(entries), count * (domain + 1), (), (FOREGROUND,))


def store_memory(context: StageContext[Any], memory: InstanceMemory) -> str:
    """Write the memory to `artifacts/memory` and emit an event; return this path, relative to the stage folder."""
    index = memory.save(context.folder / ARTIFACT_DIR / MEMORY)
    path = context.relative(index)
    context.events.emit(MemorySnapshot(path=path, items=len(memory.entries), bytes=memory.size_bytes))
    return f"{ARTIFACT_DIR}/{MEMORY}"
