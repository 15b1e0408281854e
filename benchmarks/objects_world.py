"""How many pictures of the world *objects* one core draws in a second: `python -m benchmarks.objects_world`."""

from __future__ import annotations

import argparse
import time

from core.data.worlds.objects import ObjectsWorld


def images_per_second(world: ObjectsWorld, seconds: float) -> float:
    """Draw for about so many seconds, after a first picture that is not counted."""
    world.scene(0)
    begin = time.perf_counter()
    drawn = 0
    while time.perf_counter() - begin < seconds:
        drawn += 1
        world.scene(drawn)
    return drawn / (time.perf_counter() - begin)


def main() -> None:
    """Print one line for the default density and one for a crowded world."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=128, help="side of the pictures in pixels")
    parser.add_argument("--seconds", type=float, default=5.0, help="time for each world")
    arguments = parser.parse_args()
    for density in ((1, 2), (4, 6)):
        rate = images_per_second(ObjectsWorld(20, arguments.size, density), arguments.seconds)
        print(
            f"objects, {arguments.size} px, 20 classes, {density[0]} to {density[1]} in a picture: {rate:.0f} images/s"
        )


if __name__ == "__main__":
    main()
