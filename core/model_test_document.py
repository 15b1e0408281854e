"""The document of an experiment that tests a trained model: a draft, which people change before they launch it.

Free of torch.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from core.errors import ConfigError
from core.methods.checkpoints import StoredModel
from core.streams.shared_classes import OWN_CLASSES

METHOD = "checkpoint_test"
"""Method that tests models of other methods, and the kind of its stream."""


def model_test_document(model: StoredModel, checkpoint: Mapping[str, Any], on: Sequence[str] = ()) -> dict[str, Any]:
    """Return the draft that tests a model as it was tested after its training.

    Args:
        model: what is known of the model.
        checkpoint: the model as the document names it: `{stage: …}` or `{folder: …}`.
        on: test sets, each as `NAME={adapter: …, root: …}` with a dataset in YAML; without any, those of the
            training.

    Raises:
        ConfigError: if a test set cannot be read, or the training had none.
    """
    classes = model.card.stream.get("classes", OWN_CLASSES)
    document = {
        "method": METHOD,
        "stream": {"kind": METHOD, "classes": classes},
        # All options of the test as they were, so that whoever reads the draft sees what can be changed.
        "config": {"checkpoint": dict(checkpoint), "eval": dict(model.card.config.get("eval", {}))},
    }
    if on:
        return with_test_sets(document, on)
    own = _own_test_sets(model, drops_list=classes != OWN_CLASSES)
    if not own:
        raise ConfigError(f"the run of {model.card.stage_title} had no test set; name one, as in NAME={{adapter: …}}")
    return _with_sets(document, own)


def with_test_sets(document: Mapping[str, Any], on: Sequence[str]) -> dict[str, Any]:
    """Return a draft with other test sets; see `model_test_document`. Without any, the draft is as it was."""
    return _with_sets(document, [_read_test_set(text) for text in on]) if on else dict(document)


def _with_sets(document: Mapping[str, Any], sets: Sequence[tuple[str, dict[str, Any]]]) -> dict[str, Any]:
    (first, dataset), *further = sets
    listed = [{"name": name, "dataset": one} for name, one in further]
    return {**document, "dataset": dataset, "stream": {**document["stream"], "first": first, "further": listed}}


def _own_test_sets(model: StoredModel, *, drops_list: bool) -> list[tuple[str, dict[str, Any]]]:
    """Return the test sets of the training; `drops_list` leaves their class list to the stream."""
    tested = {name: dict(one.spec) for name, one in model.card.datasets.items() if "eval" in one.splits}
    dropped = {"class_list"} if drops_list else set()
    return [(name, {key: value for key, value in spec.items() if key not in dropped}) for name, spec in tested.items()]


def _read_test_set(text: str) -> tuple[str, dict[str, Any]]:
    name, equals, dataset = text.partition("=")
    try:
        read = yaml.safe_load(dataset)
    except yaml.YAMLError as error:
        raise ConfigError(f"test set {text!r}: {dataset!r} cannot be read as YAML") from error
    if not equals or not name or not isinstance(read, dict):
        raise ConfigError(f"test set {text!r} is not of the form NAME={{adapter: …, root: …}}")
    return name, read
