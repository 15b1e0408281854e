"""Answers from an exported decoder by onnxruntime, as the annotator's browser does. Free of torch."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from core.errors import StorageError
from core.models.sam.image_fit import ImageFit
from core.models.sam.questions import Candidate, Question, candidate_order, check_question, point_tokens

EMBEDDINGS, DETAIL = "embeddings", "detail"
POINTS = ("places", "labels")
MASK, HAS_MASK = "mask", "has_mask"
INPUTS = (EMBEDDINGS, DETAIL, *POINTS, MASK, HAS_MASK)
LOGITS, SCORES = "logits", "scores"
TYPES: Mapping[str, type[np.generic]] = {"F16": np.float16, "F32": np.float32}
LENGTH_BYTES = 8
LONGEST_HEADER = 1 << 20
Features = Mapping[str, npt.NDArray[np.float32]]


def read_features(content: bytes, where: str) -> dict[str, npt.NDArray[np.float32]]:
    """Return the tensors of a safetensors file as float32.

    Args:
        content: the file; numbers in half or single precision.
        where: its name in messages.

    Raises:
        StorageError: if the content is damaged or cut short.
    """
    try:
        length = int.from_bytes(content[:LENGTH_BYTES], "little")
        if length > LONGEST_HEADER:
            raise ValueError(f"a header of {length} bytes")
        start = LENGTH_BYTES + length
        header = json.loads(content[LENGTH_BYTES:start])
        header.pop("__metadata__", None)
        return {name: _tensor(content[start:], entry) for name, entry in header.items()}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise StorageError(f"{where}: cannot be read as features: {error}; compute them again") from error


class ExportedDecoder:
    """A decoder file, loaded once for any number of questions; safe to use from several threads."""

    def __init__(self, path: Path) -> None:
        """Load a file.

        Raises:
            StorageError: if it is missing or damaged.
        """
        # Loading the library takes 0.2 s, which only processes that answer questions should pay.
        import onnxruntime

        options = onnxruntime.SessionOptions()
        # More threads were slower for so small a graph (stack.md 7).
        options.intra_op_num_threads = 1
        options.log_severity_level = 3
        try:
            self._session: Any = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        except Exception as error:  # the library has an error type for each cause
            raise StorageError(f"{path}: cannot be read as a decoder: {error}") from error
        self._inputs = {one.name: one.shape for one in self._session.get_inputs()}

    @property
    def mask_px(self) -> int:
        """Side of the masks."""
        return int(self._inputs[MASK][-1])

    @property
    def has_head(self) -> bool:
        """Whether the first mask is that of a head."""
        return DETAIL in self._inputs

    def answer(self, features: Features, fit: ImageFit, question: Question, candidates: int = 1) -> list[Candidate]:
        """Return the masks of a question; see `core.models.sam.clicks.answer`.

        Raises:
            ValueError: without a click or a box, for one outside the image, or for a mask of another size.
        """
        check_question(question, fit.height, fit.width)
        side = self.mask_px
        mask = np.zeros((side, side), np.float32) if question.mask is None else question.mask
        if mask.shape != (side, side):
            raise ValueError(f"the mask has {mask.shape} logits; the decoder takes {side}x{side}")
        values = {
            **{name: features[name] for name in self._inputs if name in (EMBEDDINGS, DETAIL)},
            **dict(zip(POINTS, point_tokens(question, fit), strict=True)),
            MASK: mask[None, None].astype(np.float32),
            HAS_MASK: np.array([0 if question.mask is None else 1], np.float32),
        }
        logits, expected = self._session.run([LOGITS, SCORES], values)
        order = candidate_order(expected[0].tolist(), question, self.has_head, candidates)
        scores = expected[0].clip(0, 1).tolist()
        return [Candidate(fit.mask_on_image(logits[0, place]), scores[place], logits[0, place]) for place in order]


def _tensor(data: bytes, entry: Mapping[str, Any]) -> npt.NDArray[np.float32]:
    begin, end = entry["data_offsets"]
    if end > len(data):
        raise ValueError(f"it ends after {len(data)} of {end} bytes")
    values = np.frombuffer(data[begin:end], TYPES[entry["dtype"]]).reshape(entry["shape"])
    return values.astype(np.float32)
