"""One entry of the replay memory: an instance cut out of its image (EIR 4.2).

An entry holds the pixels themselves, so the images of earlier steps are no longer needed once it is cut.
"""

from __future__ import annotations

import hashlib
import io
import json
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from PIL import Image as PillowImage

from core.data.classes import IGNORE_INDEX
from core.data.samples import DenseDataset, Image, LabelMap
from core.files import index_png
from core.memory.geometry import Box, bounding_box, without_specks
from core.memory.pictures import reduced_jpeg


@dataclass(frozen=True)
class InstanceEntry:
    """One entry of the replay memory: the box of the kept classes, cut out of its image without loss.

    Attributes:
        drawn_class: raw id of the class for which the round robin picked the entry.
        classes: raw ids that the entry shows, ascending.
        source: id of the image in its dataset.
        box: where the crop lies in the image.
        canvas_size: (width, height) of the image.
        area: pixels of the kept classes.
        step_added: index of the continual step whose images it came from.
        crop_png: PNG of the RGB crop.
        label_png: PNG of the label crop: raw ids of the kept classes, 255 everywhere else.
        source_jpeg: reduced picture of the whole image, for people; it does not count in sizes and is never trained on.
        times_drawn: how often the entry was pasted so far, in all stages.
    """

    drawn_class: int
    classes: tuple[int, ...]
    source: str
    box: Box
    canvas_size: tuple[int, int]
    area: int
    step_added: int
    crop_png: bytes
    label_png: bytes
    source_jpeg: bytes
    times_drawn: int = 0

    @cached_property
    def id(self) -> str:
        """16 hex digits, a digest of source, box, classes and pixels: an instance keeps its id from step to step."""
        place = json.dumps([self.source, self.classes, self.box, self.canvas_size])
        return hashlib.sha256(b"\0".join((place.encode(), self.crop_png, self.label_png))).hexdigest()[:16]

    @property
    def offset(self) -> tuple[int, int]:
        """(x0, y0) of the crop in the image."""
        return self.box[:2]

    @property
    def size_bytes(self) -> int:
        """Size of crop and label as stored; replay needs no more than these."""
        return len(self.crop_png) + len(self.label_png)

    @cached_property
    def crop(self) -> Image:
        """The (h, w, 3) RGB crop, decoded once."""
        return decode_png(self.crop_png)

    @cached_property
    def label_crop(self) -> LabelMap:
        """The (h, w) label crop, decoded once."""
        return decode_png(self.label_png)

    def canvas_image(self) -> Image:
        """Rebuild the (H, W, 3) image at its original size, black outside the crop."""
        width, height = self.canvas_size
        x0, y0, x1, y1 = self.box
        image = np.zeros((height, width, 3), np.uint8)
        image[y0:y1, x0:x1] = self.crop
        return image

    def canvas_label(self) -> LabelMap:
        """Rebuild the (H, W) label at its original size, 255 outside the crop.

        255 and not 0, since raw id 0 is an ordinary class of datasets without a background.
        """
        width, height = self.canvas_size
        x0, y0, x1, y1 = self.box
        label = np.full((height, width), IGNORE_INDEX, np.uint8)
        label[y0:y1, x0:x1] = self.label_crop
        return label


def cut_instance(
    dataset: DenseDataset, index: int, classes: tuple[int, ...], *, drawn_class: int, step_added: int, speck_px: int = 0
) -> InstanceEntry:
    """Cut the box of the kept classes out of one image.

    Args:
        dataset: dataset with the image.
        index: position of the image; its label shows at least one of the classes.
        classes: raw ids to keep.
        drawn_class: the class for which the entry is picked.
        step_added: index of the image's continual step.
        speck_px: components of fewer pixels are left out; 0 keeps all.
    """
    labels = without_specks(dataset.label(index), classes, speck_px, IGNORE_INDEX)
    is_kept = np.isin(labels, classes)
    box = bounding_box(is_kept)
    if box is None:
        raise ValueError(f"{dataset.ids[index]}: none of the classes {classes} is in its label")
    x0, y0, x1, y1 = box
    height, width = labels.shape
    image = dataset.image(index)
    return InstanceEntry(
        drawn_class=drawn_class,
        classes=tuple(sorted(classes)),
        source=dataset.ids[index],
        box=box,
        canvas_size=(width, height),
        area=int(is_kept.sum()),
        step_added=step_added,
        crop_png=encode_png(image[y0:y1, x0:x1]),
        label_png=index_png(np.where(is_kept, labels, IGNORE_INDEX)[y0:y1, x0:x1]),
        source_jpeg=reduced_jpeg(image),
    )


def encode_png(pixels: npt.NDArray[np.uint8]) -> bytes:
    """Encode (h, w) or (h, w, 3) without loss; the same pixels give the same bytes."""
    buffer = io.BytesIO()
    PillowImage.fromarray(np.ascontiguousarray(pixels)).save(buffer, format="PNG", compress_level=6)
    return buffer.getvalue()


def decode_png(data: bytes) -> npt.NDArray[np.uint8]:
    """Decode what `encode_png` wrote."""
    with PillowImage.open(io.BytesIO(data)) as image:
        return np.asarray(image)
