"""Record of a stage's pastes: the exact count per entry, and a few example images (MEM-1, MEM-2)."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from torch import Tensor

from core.data.transforms.presets import to_pixels
from core.engine.loop import Hook, Iteration
from core.memory.entry import InstanceEntry
from core.memory.geometry import Box
from core.memory.pastes import PictureOfPaste, save_pastes
from core.memory.pictures import reduced_jpeg
from core.methods.eir.paste_plan import Paste
from core.methods.eir.pasting import MixedBatch

MAX_EXAMPLES = 200
MAX_EXAMPLES_OF_ENTRY = 2
MAX_WAITING = 32
"""Most images kept on the device; 100 MB at 512 px."""


@dataclass(frozen=True, eq=False)
class _Waiting:
    """A mixed image on its device, and its pastes that become examples, each with its box."""

    image: Tensor
    source: str
    pastes: tuple[tuple[Paste, Box], ...]


class PasteRecord(Hook):
    """Counts the pastes of a stage and keeps examples of them.

    Checkpoints hold both, so a resumed stage records the same as one that never stopped. At most one image per
    iteration is kept. Its copy stays on the device and is read once per log interval, so no iteration waits for it.
    """

    def __init__(self, entries: Sequence[InstanceEntry], name_of: Callable[[int], str], every: int) -> None:
        """Start with no pastes.

        Args:
            entries: entries of the instance bank.
            name_of: number of a training item -> its id.
            every: log interval in iterations.
        """
        self._ids = [entry.id for entry in entries]
        self._name_of, self._every = name_of, every
        self._times: Counter[int] = Counter()
        self._examples_of: Counter[int] = Counter()
        self._most_of_entry = max(1, min(MAX_EXAMPLES_OF_ENTRY, MAX_EXAMPLES // max(1, len(entries))))
        self._waiting: list[_Waiting] = []
        self._kept = 0  # images since the last log interval, read or not
        self._examples: list[PictureOfPaste] = []

    @property
    def times(self) -> dict[str, int]:
        """Id of every entry -> number of its pastes so far in this stage."""
        return {entry_id: self._times[position] for position, entry_id in enumerate(self._ids)}

    def add(self, mixed: MixedBatch, items: Sequence[int]) -> None:
        """Count the pastes of a batch; `items` are the numbers of its training items."""
        self._times.update(paste.entry for paste in mixed.pastes)
        if self._kept == MAX_WAITING or self._examples_of.total() >= MAX_EXAMPLES:
            return
        wanted: dict[int, dict[int, tuple[Paste, Box]]] = {}  # image -> entry -> its first paste there
        for paste, box in zip(mixed.pastes, mixed.boxes, strict=True):
            if self._examples_of[paste.entry] < self._most_of_entry:
                wanted.setdefault(paste.image, {}).setdefault(paste.entry, (paste, box))
        if wanted:
            image = max(wanted, key=lambda image: (self._worth(wanted[image]), -image))
            self._keep(mixed.images[image], self._name_of(items[image]), wanted[image].values())

    def after(self, iteration: Iteration) -> None:
        if iteration.done % self._every == 0:
            self._read_waiting()
            self._kept = 0

    def state(self) -> dict[str, Any]:
        """Return counts and examples as JSON data; each picture appears once."""
        self._read_waiting()
        pictures = list(dict.fromkeys(example.jpeg for example in self._examples))
        number_of = {jpeg: number for number, jpeg in enumerate(pictures)}
        return {
            "times": self.times,
            "kept": self._kept,
            "pictures": [b64encode(jpeg).decode() for jpeg in pictures],
            "examples": [{**asdict(example), "jpeg": number_of[example.jpeg]} for example in self._examples],
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Load the state of a checkpoint. Checkpoints of earlier versions hold only the counts."""
        times = state.get("times", state)
        self._times = Counter({position: times[entry_id] for position, entry_id in enumerate(self._ids)})
        self._kept = state.get("kept", 0)
        pictures = [b64decode(text) for text in state.get("pictures", [])]
        self._examples = [_example_of(stored, pictures) for stored in state.get("examples", [])]
        self._examples_of = Counter(self._ids.index(example.item) for example in self._examples)

    def save(self, folder: Path) -> Path:
        """Write counts and examples; return the path of their index."""
        self._read_waiting()
        return save_pastes(folder, self.times, self._examples)

    def _worth(self, entries: Collection[int]) -> tuple[int, int]:
        """Return the number of entries without an example yet, and the number of entries."""
        return sum(self._examples_of[entry] == 0 for entry in entries), len(entries)

    def _keep(self, image: Tensor, source: str, pastes: Iterable[tuple[Paste, Box]]) -> None:
        kept = tuple(pastes)[: MAX_EXAMPLES - self._examples_of.total()]
        self._examples_of.update(paste.entry for paste, _ in kept)
        self._waiting.append(_Waiting(image.clone(), source, kept))
        self._kept += 1

    def _read_waiting(self) -> None:
        for one in self._waiting:
            pixels = to_pixels(one.image.float())
            height, width, _ = pixels.shape
            jpeg = reduced_jpeg(pixels)
            self._examples += [
                PictureOfPaste(self._ids[paste.entry], one.source, box, (width, height), paste.lam, jpeg)
                for paste, box in one.pastes
            ]
        self._waiting.clear()


def _example_of(stored: dict[str, Any], pictures: Sequence[bytes]) -> PictureOfPaste:
    """Return an example of a checkpoint; its picture is looked up in the separate list."""
    box, size = tuple(stored["box"]), tuple(stored["size"])
    return PictureOfPaste(stored["item"], stored["source"], box, size, stored["lam"], pictures[stored["jpeg"]])
