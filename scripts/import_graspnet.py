"""Numbers the images of GraspNet-1Billion as its open-set annotations do.

`python -m scripts.import_graspnet SOURCE TARGET`: from `SOURCE/train_1/scene_0000/realsense/rgb/0000.png` … to
`TARGET/images/000001.png` … The annotation files of the benchmark's authors go to `TARGET/annotations`.
"""

from __future__ import annotations

import sys
from pathlib import Path

from core.data.faults import DataFaultError
from core.data.graspnet_images import import_images


def main(arguments: list[str]) -> int:
    """Import; return the exit status."""
    if len(arguments) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        images, new = import_images(Path(arguments[0]), Path(arguments[1]))
    except DataFaultError as fault:
        print(fault, file=sys.stderr)
        return 1
    print(f"{images} images, {new} of them new")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
