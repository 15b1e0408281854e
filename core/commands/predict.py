"""`python -m core predict`: predicts a mask of one image with a finished run on SAM, from clicks or a box."""

from __future__ import annotations

import json
import time
from argparse import Namespace
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch

from core.data.decoding import read_image
from core.data.exchange.masks import encode_rle
from core.errors import ConfigError
from core.files import index_png, write_atomically
from core.methods.promptable.assistant import open_assistant
from core.models.sam.questions import Click, Question

FOREGROUND = 255


def predict_command(arguments: Namespace, say: Callable[[str], None]) -> int:
    """Print the answer as JSON (adapter; score and run lengths of each candidate); return the exit status.

    Raises:
        ConfigError: if the request is not valid.
        StorageError, DataFaultError: if model or image cannot be read.
    """
    question = question_of(arguments)
    assistant = open_assistant(arguments.model, torch.device(arguments.device), arguments.checkpoint)
    image = read_image(arguments.image)
    began = time.perf_counter()
    asked = assistant.embed(image)
    embedded = time.perf_counter()
    try:
        candidates = assistant.answer(asked, question, arguments.candidates)
    except ValueError as error:
        raise ConfigError(str(error)) from error
    times = {"embed": embedded - began, "answer": time.perf_counter() - embedded}
    found: dict[str, Any] = {
        "adapter": asked.adapter,
        "candidates": [{"score": round(one.score, 4), "rle": encode_rle(one.mask)} for one in candidates],
        "seconds": {name: round(value, 4) for name, value in times.items()},
    }
    if arguments.mask is not None:
        write_atomically(arguments.mask, index_png(candidates[0].mask.astype(np.uint8) * FOREGROUND))
    say(json.dumps(found))
    return 0


def question_of(arguments: Namespace) -> Question:
    """Return the question of the command line; raise ConfigError for invalid numbers."""
    asked = [(text, True) for text in arguments.positive] + [(text, False) for text in arguments.negative]
    places = [(numbers(text, 2), is_positive) for text, is_positive in asked]
    clicks = [Click(place[0], place[1], is_positive) for place, is_positive in places]
    box = None if arguments.box is None else numbers(arguments.box, 4)
    return Question(clicks, None if box is None else (box[0], box[1], box[2], box[3]))


def numbers(text: str, count: int) -> Sequence[int]:
    """Parse comma-separated whole numbers; raise ConfigError for anything else."""
    parts = text.split(",")
    try:
        found = [int(part) for part in parts]
    except ValueError:
        found = []
    if len(found) != count:
        raise ConfigError(f"{text!r} is no list of {count} whole numbers; write them as in {','.join('1' * count)}")
    return found
