"""`domains.yaml`: which folders of a root hold the images and masks of which domain (CoSAM 3.1). Free of torch."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from core.data.faults import DataFaultError, FaultKind
from core.data.file_names import composed
from core.data.pairing import Pair, require_root
from core.data.plain_files import MAX_TABLE_BYTES, Confines, read_plainly
from core.data.split_lists import inside
from core.validation_words import rule_of

MANIFEST = "domains.yaml"
EXAMPLE = (
    "domains: [{name: polyps, train: {images: train/images, masks: train/masks, image_ext: .jpg, mask_ext: .png}, "
    "test: {…}}]"
)
Part = Literal["train", "test", "memory"]
PARTS: tuple[Part, ...] = ("train", "test", "memory")
Extension = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]*\.[A-Za-z0-9]{1,5}$", max_length=40)]


class FolderPair(BaseModel):
    """Images and masks; both may lie in one folder.

    The mask of STEM + `image_ext` is STEM + `mask_ext`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    images: str = Field(min_length=1, max_length=1000)
    masks: str = Field(min_length=1, max_length=1000)
    image_ext: Extension = ".jpg"
    mask_ext: Extension = ".png"

    @model_validator(mode="after")
    def _distinct(self) -> FolderPair:
        if os.path.normpath(self.images) == os.path.normpath(self.masks) and self.image_ext == self.mask_ext:
            raise ValueError(f"images and masks in {self.images!r} cannot both end in {self.image_ext!r}")
        return self


class ManifestDomain(BaseModel):
    """One domain; one that is only tested has no `train`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_-]*$", max_length=60)
    title: str = Field("", max_length=200)
    train: FolderPair | None = None
    test: FolderPair | None = None
    memory: FolderPair | None = None

    def parts(self) -> dict[Part, FolderPair]:
        """Return the parts that the domain has."""
        found = {part: getattr(self, part) for part in PARTS}
        return {part: pair for part, pair in found.items() if pair is not None}


class DomainManifest(BaseModel):
    """`domains.yaml`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    domains: tuple[ManifestDomain, ...] = Field(min_length=1, max_length=100)

    @model_validator(mode="after")
    def _distinct(self) -> DomainManifest:
        names = [domain.name for domain in self.domains]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise ValueError(f"two domains are called {twice!r}; give each its own name")
        return self

    def splits(self) -> dict[str, FolderPair]:
        """Return split -> folders: `NAME.train` and so on; a single domain's are also named `train` and so on."""
        named = {f"{domain.name}.{part}": pair for domain in self.domains for part, pair in domain.parts().items()}
        plain = self.domains[0].parts() if len(self.domains) == 1 else {}
        return {**{str(part): pair for part, pair in plain.items()}, **named}


def read_manifest(root: Path) -> DomainManifest:
    """Return the manifest of a root.

    Raises:
        DataFaultError: when root or manifest is missing, or the manifest is not a valid `DomainManifest`.
    """
    require_root(root)
    path = root / MANIFEST
    Confines(root).require(path)
    try:
        return DomainManifest.model_validate(yaml.safe_load(read_plainly(path, MAX_TABLE_BYTES)))
    except DataFaultError as fault:
        if fault.kind is not FaultKind.MISSING_FILE:
            raise
        problem = f"does not exist; say which folders hold what, as in {EXAMPLE}"
        raise DataFaultError(FaultKind.BAD_LIST, path, problem) from None
    except ValidationError as error:
        first = error.errors()[0]
        place = "/".join(map(str, first["loc"])) or "the file"
        problem = f"{place}: {rule_of(first)}; it should be as in {EXAMPLE}"
        raise DataFaultError(FaultKind.BAD_LIST, path, problem) from None
    except (OSError, yaml.YAMLError, UnicodeError) as error:
        raise DataFaultError(FaultKind.BAD_LIST, path, f"cannot be read as YAML ({error})") from None


def paired_images(root: Path, pair: FolderPair) -> Iterator[Pair]:
    """Yield the images of a folder in name order, each with the path of its mask, which need not exist.

    Raises:
        DataFaultError: when the folder leads out of the root, is missing, or holds no such image.
    """
    manifest = root / MANIFEST
    images, masks = inside(root, pair.images, manifest), inside(root, pair.masks, manifest)
    Confines(root).require(images)
    if not images.is_dir():
        raise DataFaultError(FaultKind.BAD_LIST, images, f"is no folder; correct the images of {MANIFEST}")
    is_shared = images == masks
    names = sorted(
        name
        for name in (path.name for path in images.iterdir())
        if name.endswith(pair.image_ext) and not (is_shared and name.endswith(pair.mask_ext))
    )
    if not names:
        raise DataFaultError(FaultKind.EMPTY, images, f"holds no image that ends in {pair.image_ext}")
    for name in names:
        stem = name[: -len(pair.image_ext)]
        yield Pair(composed(stem), images / name, masks / f"{stem}{pair.mask_ext}")
