"""Exports without a server: a manifest of two answers, their labels, and archives in memory."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from core.data.exchange.manifest import (
    ExportedAcquisition,
    ExportedAnswer,
    ExportedClass,
    ExportFormat,
    ExportManifest,
    Versions,
)
from core.data.exchange.writing import write_archive

CLASSES = [ExportedClass(id=3, name="road", colour="#804080"), ExportedClass(id=7, name="sky", colour="#4682b4")]
WIDTH, HEIGHT = 8, 6


def labels_with_hole() -> npt.NDArray[np.uint8]:
    """Return sky with a ring of road around sky, and one ignored pixel."""
    labels = np.full((HEIGHT, WIDTH), 7, np.uint8)
    labels[1:5, 1:6] = 3
    labels[2:4, 2:5] = 7
    labels[3, 3] = 3
    labels[0, 7] = 255
    return labels


@dataclass
class Answers:
    """Two answers as an export reads them; `reads` counts how often labels were read."""

    maps: dict[str, npt.NDArray[np.uint8]] = field(
        default_factory=lambda: {
            "bonn_2": np.full((HEIGHT, WIDTH), 3, np.uint8),
            "ulm_1": labels_with_hole(),
        }
    )
    reads: int = 0

    def labels(self, answer: ExportedAnswer) -> npt.NDArray[np.uint8]:
        """Return the labels of an answer."""
        self.reads += 1
        return self.maps[answer.name]

    def picture(self, answer: ExportedAnswer) -> bytes:
        """Return what stands for the image's JPEG."""
        return b"\xff\xd8" + answer.name.encode()


def manifest_of(form: ExportFormat, answers: Answers) -> ExportManifest:
    """Return the manifest of answers, without files."""
    return ExportManifest(
        format=form,
        which=Versions.ACCEPTED,
        run="run",
        stage="stage",
        stage_name="label-0",
        round=0,
        acquisition=ExportedAcquisition(
            name="stal", parameters={}, unit="images", budget=2.0, seed="0", model_sha256="1" * 64
        ),
        ignore_id=255,
        classes=CLASSES,
        answers=[
            ExportedAnswer(
                name=name,
                query=f"{number:016x}",
                image=name,
                group="",
                unit="image",
                width=WIDTH,
                height=HEIGHT,
                version=1,
                author="ann",
                source="person",
                pixels=int((labels != 255).sum()),
                clicks=1,
                seconds=2.5,
                is_late=False,
            )
            for number, (name, labels) in enumerate(sorted(answers.maps.items()))
        ],
    )


def write_export(path: Path, form: ExportFormat, *, images: bool = False) -> tuple[ExportManifest, Answers]:
    """Write an archive of two answers; return its manifest and the answers."""
    answers = Answers()
    return write_archive(path, manifest_of(form, answers), answers, images=images), answers


def zip_of(files: Mapping[str, bytes], method: int = zipfile.ZIP_STORED) -> io.BytesIO:
    """Return an archive of files by name."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    target.seek(0)
    return target
