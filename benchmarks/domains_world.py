"""Writes the world *domains* as the CoSAM benchmark has its data: `python -m benchmarks.domains_world FOLDER`."""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from core.data.worlds.domains_world import benchmark_specs, write_domains


def main() -> None:
    """Draw all nine domains into an empty folder, and print how many pictures a second that were."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="an empty or new folder")
    parser.add_argument("--train", type=int, default=100, help="pictures of a domain to learn from")
    parser.add_argument("--test", type=int, default=30, help="pictures of a domain to test on")
    parser.add_argument("--size", type=int, default=256, help="side of the pictures in pixels")
    parser.add_argument("--seed", type=int, default=0, help="of the drawing")
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    if any(arguments.folder.iterdir()):
        parser.error(f"{arguments.folder} is not empty")
    began = time.perf_counter()
    write_domains(benchmark_specs(arguments.train, arguments.test, arguments.size, arguments.seed), arguments.folder)
    pictures = 8 * arguments.train + 9 * arguments.test
    print(f"{arguments.folder}: {pictures} pictures, {pictures / (time.perf_counter() - began):.0f} a second")


if __name__ == "__main__":
    main()
