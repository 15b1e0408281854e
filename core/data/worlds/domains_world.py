"""Writes the world *domains* in the folders of the CoSAM benchmark, so that the adapter for real data reads it."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Literal, get_args

import numpy as np
import yaml
from PIL import Image as PILImage
from pydantic import Field

from core.data.adapters.sam_domain import CLASSES
from core.data.classes import ClassTable
from core.data.domain_manifest import MANIFEST, DomainManifest, FolderPair, ManifestDomain
from core.data.specs import WorldDatasetSpec
from core.data.worlds.domains import DomainKind, DomainScene, DomainsWorld

FIRST_EVAL_INDEX = 1_000_000
"""Index of the first test picture; more training pictures do not change the test pictures."""
JPEG_QUALITY = 95


def _pair(images: str, masks: str, mask_ext: str = ".png") -> FolderPair:
    return FolderPair(images=images, masks=masks, image_ext=".jpg", mask_ext=mask_ext)


def _beside(name: str, folder: str, train: str, test: str) -> ManifestDomain:
    pairs = [_pair(f"{folder}/{part}", f"{folder}/{part}") for part in (train, test)]
    return ManifestDomain(name=name, title=folder, train=pairs[0], test=pairs[1])


LAYOUT: Mapping[DomainKind, ManifestDomain] = {
    "pits": _beside("pits", "BSData", "my_train", "my_test"),
    "cracks": _beside("cracks", "RSDD_I", "my_train", "my_test"),
    "spots": _beside("spots", "RSDD_II", "my_train", "my_test"),
    "carpet": _beside("carpet", "group1", "new_train", "new_test"),
    "pills": _beside("pills", "group2", "new_train", "new_test"),
    "bottles": _beside("bottles", "group3", "new_train", "new_test"),
    "camouflage": ManifestDomain(
        name="camouflage",
        title="CAMO",
        train=_pair("CAMO/Images/Train", "CAMO/GT"),
        test=_pair("CAMO/Images/Test", "CAMO/GT"),
    ),
    "polyps": ManifestDomain(
        name="polyps",
        title="Polyp",
        train=_pair("Polyp/train/images", "Polyp/train/masks", ".jpg"),
        test=_pair("Polyp/test/images", "Polyp/test/masks", ".jpg"),
    ),
    "natural": ManifestDomain(name="natural", title="coco", test=_pair("coco", "coco")),
}
"""Folders of each domain's pictures: those of the benchmark's domain at the same position in its list."""


class DomainsDatasetSpec(WorldDatasetSpec):
    """The world *domains*: one of eight binary-mask domains, or the natural one, which is only tested."""

    world: Literal["domains"] = Field(description="Which world is drawn.")
    domain: DomainKind = Field("pits", description="What is foreground, and how it looks.")
    size_px: int = Field(96, ge=16, le=1024, description="Side of the square pictures, in pixels.")

    @property
    def label(self) -> str:
        """Name for lists."""
        return f"{self.world} {self.domain}"

    @property
    def adapter(self) -> str:
        """Name of the adapter that reads the written world back."""
        return "sam-domain"

    @property
    def class_table(self) -> ClassTable:
        """Background and foreground."""
        return CLASSES

    @property
    def shorter_side_px(self) -> int:
        """Side of the pictures."""
        return self.size_px


def materialise(spec: DomainsDatasetSpec, folder: Path) -> None:
    """Draw a domain into an empty folder.

    Args:
        spec: domain, size, number of pictures and seed.
        folder: becomes the dataset's root.
    """
    write_domains([spec], folder)
    (folder / "world.json").write_text(spec.model_dump_json(indent=1) + "\n", encoding="utf-8")


def write_domains(specs: Sequence[DomainsDatasetSpec], folder: Path) -> None:
    """Draw several domains into one root with one manifest, as in the benchmark.

    Args:
        specs: specs of different domains; `benchmark_specs` returns all nine.
        folder: an empty folder.
    """
    with ThreadPoolExecutor(max_workers=min(8, os.cpu_count() or 1)) as threads:
        jobs = [threads.submit(_write, *job) for spec in specs for job in _jobs(spec, folder)]
        for job in jobs:
            job.result()
    manifest = DomainManifest(domains=tuple(LAYOUT[spec.domain] for spec in specs))
    text = yaml.safe_dump(manifest.model_dump(exclude_none=True, mode="json"), sort_keys=False)
    (folder / MANIFEST).write_text(text, encoding="utf-8")


def benchmark_specs(train_images: int, eval_images: int, size_px: int, seed: int = 0) -> list[DomainsDatasetSpec]:
    """Return the specs of all nine domains in the benchmark's order."""
    return [
        DomainsDatasetSpec(
            world="domains",
            domain=domain,
            train_images=train_images,
            eval_images=eval_images,
            size_px=size_px,
            seed=seed,
        )
        for domain in get_args(DomainKind)
    ]


def _jobs(spec: DomainsDatasetSpec, folder: Path) -> list[tuple[DomainsWorld, int, Path, Path]]:
    """Return (world, index, image, mask) of each picture."""
    world, domain = DomainsWorld(spec.domain, spec.size_px, spec.seed), LAYOUT[spec.domain]
    jobs = []
    for part, pair, count, first in (
        ("train", domain.train, spec.train_images, 0),
        ("test", domain.test, spec.eval_images, FIRST_EVAL_INDEX),
    ):
        for number in range(count if pair is not None else 0):
            assert pair is not None
            name = f"{part}_{number:05d}"
            image, mask = folder / pair.images / f"{name}.jpg", folder / pair.masks / f"{name}{pair.mask_ext}"
            jobs.append((world, first + number, image, mask))
    return jobs


def _write(world: DomainsWorld, index: int, image: Path, mask: Path) -> None:
    scene: DomainScene = world.scene(index)
    for path, pixels in ((image, scene.image), (mask, scene.mask.astype(np.uint8) * 255)):
        path.parent.mkdir(parents=True, exist_ok=True)
        PILImage.fromarray(pixels).save(path, quality=JPEG_QUALITY, compress_level=1)
