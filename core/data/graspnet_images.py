"""Numbering the images of GraspNet-1Billion as in its open-set annotations (SemSeg 2.3).

Free of torch.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from core.data.faults import DataFaultError, FaultKind
from core.files import link_file

FOLDERS = ("train_1", "train_2", "train_3", "train_4", "test_seen", "test_similar", "test_novel")
"""Folders of scenes, in the order in which their images are numbered."""
COLOURS = Path("realsense", "rgb")


def numbered_images(source: Path) -> Iterator[tuple[int, Path]]:
    """Yield the number and file of each image: folders in their order, scenes and frames by name, from 1 on.

    Args:
        source: holds `train_1/scene_0000/realsense/rgb/0000.png` …

    Raises:
        DataFaultError: when a folder is missing or has no scene, or a scene has no image: later numbers would be wrong.
    """
    number = 0
    for name in FOLDERS:
        for scene in _filled(source / name, "scene_*", "scenes"):
            for frame in _filled(scene / COLOURS, "*.png", "images"):
                number += 1
                yield number, frame


def import_images(source: Path, target: Path) -> tuple[int, int]:
    """Put the images below `target/images` as `000001.png` …; existing images stay, so the import can be repeated.

    Files are linked if the disk allows it, else copied.

    Args:
        source: as in `numbered_images`.
        target: root of the dataset; created if missing.

    Returns:
        The number of images, and how many of them are new.

    Raises:
        DataFaultError: as in `numbered_images`, and when another file has an image's number; then nothing changes.
    """
    planned = [(frame, target / "images" / f"{number:06d}.png") for number, frame in numbered_images(source)]
    missing = []
    for frame, place in planned:
        if not place.exists():
            missing.append((frame, place))
        elif place.stat().st_size != frame.stat().st_size:
            problem = f"is another file than {frame}, which has this number; name an empty folder"
            raise DataFaultError(FaultKind.DUPLICATE, place, problem)
    (target / "images").mkdir(parents=True, exist_ok=True)
    for frame, place in missing:
        link_file(frame, place)
    return len(planned), len(missing)


def _filled(folder: Path, pattern: str, what: str) -> list[Path]:
    found = sorted(folder.glob(pattern))
    if not found:
        state = f"holds no {what}" if folder.is_dir() else "does not exist"
        raise DataFaultError(FaultKind.MISSING_FILE, folder, f"{state}; all images after it would get wrong numbers")
    return found
