"""Rounds of pseudo-labels, packed by target: complete or absent, and part of every checkpoint (CoaST 4.2)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from core.checkpoint import AttachedFile
from core.engine.resumable import Save
from core.files import file_sha256, link_file, replacing
from core.methods.coast.soft_label_files import SUFFIX, SoftLabel, decode_soft_label
from core.packs import PackedFile, PackWriter, pack_members, read_member
from core.stage.events import ArtifactWritten, EventWriter
from core.stage.folder import ARTIFACT_DIR

PANELS = "panels-"
"""Prefix of the name of a pack of panels."""
LABEL_DIR = f"{ARTIFACT_DIR}/pseudo_labels"
KIND = "pseudo_labels"
"""Artifact kind of packs of pseudo-labels."""

PANEL_KIND = "pseudo_label_panels"
"""Artifact kind of packs of panels."""

MakePack = Callable[[int, str, PackWriter], None]
"""(finished iterations, target, pack) -> adds a soft label for each image; raises StageInterrupted at a stop."""
DrawPanels = Callable[[int, PackWriter], None]
"""(finished iterations, pack) -> adds pictures of a few images."""


@dataclass(frozen=True)
class RoundTimes:
    """When pseudo-labels are made.

    Attributes:
        every: iterations between two rounds; 0 makes one, before the first iteration.
        iterations: iterations of the training.
    """

    every: int
    iterations: int

    def round_at(self, done: int) -> int:
        """Return the round whose labels are used by the iteration after `done` finished ones.

        As published, round r comes right before iteration r · every, counted from 1, but never before the last
        iteration.
        """
        return 0 if self.every == 0 else min(done + 1, self.iterations - 1) // self.every

    def is_before_round(self, done: int) -> bool:
        """Return whether a round is made after `done` finished iterations."""
        return done > 0 and self.round_at(done) != self.round_at(done - 1)

    def until(self, done: int) -> int:
        """Return the number of finished iterations at the next round; without one, all iterations."""
        if self.every == 0:
            return self.iterations
        following = (self.round_at(done) + 1) * self.every - 1
        return following if following < self.iterations - 1 else self.iterations


class SoftLabels:
    """The soft labels of one target and round. Threads may share an instance.

    Args:
        pack: file of the labels.
        num_classes: C.
    """

    def __init__(self, pack: Path, num_classes: int) -> None:
        self._pack, self._num_classes = pack, num_classes
        self._members: Mapping[str, PackedFile] = pack_members(pack)

    def __len__(self) -> int:
        return len(self._members)

    def of(self, image: str) -> SoftLabel:
        """Return the soft label (C, h, w) of an image by its id; raise StorageError if it is damaged."""
        data = read_member(self._pack, self._members[image + SUFFIX])
        return decode_soft_label(data, self._num_classes, f"{image} in {self._pack.name}")


class PseudoLabelRounds:
    """Makes rounds when they are due, and gives the newest round's labels; implements `core.checkpoint.AttachedFiles`.

    Checkpoints hold every finished pack. A stage killed in the middle of a round resumes with the targets whose pack
    is missing.

    Args:
        folder: folder of the attempt.
        targets: names of the targets.
        times: when rounds are due.
        make: makes the labels of one target.
        events: receives an event per pack.
        draw: makes a last pack with panels; None makes none.
    """

    def __init__(
        self,
        folder: Path,
        targets: Sequence[str],
        times: RoundTimes,
        make: MakePack,
        events: EventWriter,
        draw: DrawPanels | None = None,
    ) -> None:
        self._folder, self._targets, self._times, self._make, self._events = folder, targets, times, make, events
        self._draw = draw
        self._packs: dict[str, AttachedFile] = {}
        self._save: Save | None = None

    def use_saver(self, save: Save) -> None:
        """Call `save` to write a checkpoint whenever a pack is finished."""
        self._save = save

    def ensure(self, done: int) -> int:
        """Make the round due after `done` finished iterations, unless it exists; return its number.

        Raises:
            StageInterrupted: if the stage was asked to stop; finished packs are kept.
        """
        index = self._times.round_at(done)
        wanted: dict[str, Callable[[PackWriter], None]] = {
            pack_name(index, target): partial(self._make, done, target) for target in self._targets
        }
        if self._draw is not None:
            wanted[panels_name(index)] = partial(self._draw, done)
        self._packs = {name: file for name, file in self._packs.items() if name in wanted}
        for name, fill in wanted.items():
            if name in self._packs:
                continue
            self._write(name, fill)
            if self._save is not None:
                self._save(done)
        return index

    def pack(self, index: int, target: str) -> Path:
        """Return the file of a target's labels in an existing round."""
        return self._packs[pack_name(index, target)].path

    def files(self) -> Mapping[str, AttachedFile]:
        """Return the packs that a resumed training needs."""
        return dict(self._packs)

    def restore_files(self, files: Mapping[str, AttachedFile]) -> None:
        """Load the packs of a checkpoint."""
        (self._folder / LABEL_DIR).mkdir(parents=True, exist_ok=True)
        for name, file in files.items():
            path = self._folder / LABEL_DIR / name
            path.unlink(missing_ok=True)
            link_file(file.path, path)
            self._keep(path, file.sha256)

    def _write(self, name: str, fill: Callable[[PackWriter], None]) -> None:
        path = self._folder / LABEL_DIR / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as file:
            writer = PackWriter(file)
            try:
                fill(writer)
            finally:
                writer.close()
        self._keep(path, file_sha256(path))

    def _keep(self, path: Path, sha256: str) -> None:
        self._packs[path.name] = AttachedFile(path, sha256)
        relative = path.relative_to(self._folder).as_posix()
        kind = PANEL_KIND if path.name.startswith(PANELS) else KIND
        self._events.emit(ArtifactWritten(kind=kind, path=relative, bytes=path.stat().st_size, sha256=sha256))


def pack_name(index: int, target: str) -> str:
    """Return the name of a pack's file."""
    return f"round-{index}-{target}.zip"


def panels_name(index: int) -> str:
    """Return the name of a round's pack of panels."""
    return f"{PANELS}round-{index}.zip"
