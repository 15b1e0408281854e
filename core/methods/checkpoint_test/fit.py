"""Whether a trained model can be tested on a dataset: its classes, its options, its own training images.

Free of torch.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from pydantic import JsonValue, ValidationError

from core.data.class_lists import folded, shortened
from core.data.classes import IGNORE_INDEX, ClassTable
from core.data.label_ids import IdTable
from core.errors import ConfigError, Fault, StorageError
from core.methods.base import MethodConfig
from core.methods.catalog import METHODS, config_class
from core.methods.checkpoints import CheckpointTest, StoredModel
from core.stage.card import ModelCard
from core.stage.events import BACKGROUND_ID

LACKING = 256
"""First id that is no raw id."""
EVAL = "eval"
"""Section of a method's config that says how models are tested."""


@dataclass(frozen=True)
class ClassFit:
    """How the classes of a test set map to those of a model.

    Attributes:
        channel_of: (256,) channel of each raw id; 255 is not counted.
        class_ids: class id of each channel in scores: that of the first test set, -1 for the background, and from
            `LACKING` on for a class that the first test set lacks.
        counted: channels that are scored: the classes that the first test set has, and a background if this set has
            one.
        shown_as: (256,) raw id of this test set -> raw id of the same class in the first.
        missing: classes of the model that the test set lacks.
        unknown: classes of the test set that the model does not know.
    """

    channel_of: IdTable
    class_ids: tuple[int, ...]
    counted: tuple[int, ...]
    shown_as: IdTable
    missing: tuple[str, ...]
    unknown: tuple[str, ...]

    @property
    def has_background(self) -> bool:
        """Whether channel 0 of the model is the background."""
        return self.class_ids[0] == BACKGROUND_ID


def checkpoint_test_of(card: ModelCard) -> CheckpointTest:
    """Return how models of a card's method are tested; raise ConfigError if they cannot be."""
    entry = METHODS.get(card.method)
    if entry is None or entry.tests is None:
        able = ", ".join(name for name, one in METHODS.items() if one.tests is not None)
        why = "does not exist here" if entry is None else "has no test of its own"
        raise ConfigError(
            f"the model was trained by method {card.method!r}, which {why}; models of {able} can be tested",
            "/config/checkpoint",
        )
    return entry.tests


def tested_config(card: ModelCard, options: Mapping[str, JsonValue]) -> MethodConfig:
    """Return the config of the model's training, with options of the test laid over its `eval` section.

    Raises:
        ConfigError: if the method has no such option, or it cannot have that value.
    """
    checkpoint_test_of(card)
    model = config_class(card.method)
    own = card.config.get(EVAL, {})
    strange = sorted(options.keys() - own.keys())
    if strange:
        raise ConfigError(
            f"{strange[0]!r} is no option of the test of {card.method!r}; it has {', '.join(sorted(own))}",
            f"/config/eval/{strange[0]}",
        )
    try:
        return model.model_validate({**card.config, EVAL: {**own, **options}})
    except ValidationError as error:
        first = error.errors()[0]
        place = [str(part) for part in first["loc"]]
        raise ConfigError(
            f"{'.'.join(place)}: {first['msg']}, found {first['input']!r}", f"/config/{'/'.join(place)}"
        ) from error


def learned_names(model: StoredModel) -> tuple[str, ...]:
    """Return the name of each class of a model, in the order of its channels and without the background.

    Raises:
        ConfigError: if models of its method cannot be tested.
        StorageError: if its record lists no classes, or its card does not name them.
    """
    test = checkpoint_test_of(model.card)
    ids, classes = model.record.get(test.ids), model.card.classes.get(test.dataset)
    if not isinstance(ids, list) or classes is None:
        raise StorageError(f"the record of the model of {model.card.stage_title} lists no classes; it is damaged")
    unnamed = [raw_id for raw_id in ids if raw_id not in classes.names]
    if unnamed:
        raise StorageError(
            f"the model of {model.card.stage_title} knows the class {unnamed[0]}, and its card has no name for it; the "
            "two files are of different models"
        )
    return tuple(classes.names[raw_id] for raw_id in ids)


def fit_classes(
    model: StoredModel, tables: Mapping[str, ClassTable], *, ignores_missing: bool = False
) -> dict[str, ClassFit]:
    """Return how the classes of each test set map to the model's. Classes are the same where their names are.

    Pixels of a class that the model does not know count as background if the model has one, as after a step that has
    not learned them yet; else they are not counted.

    Args:
        model: the trained model.
        tables: class table of each test set, the first one first.
        ignores_missing: test on sets that lack classes of the model too, if they have any of them.

    Raises:
        ConfigError: pointing at the class list; names the classes that do not map.
    """
    names, first = learned_names(model), next(iter(tables.values()))
    has_background = checkpoint_test_of(model.card).has_background
    by_name = {folded(name): raw_id for raw_id, name in first.names.items()}
    own_ids = (by_name.get(folded(name), LACKING + place) for place, name in enumerate(names))
    class_ids = (*([BACKGROUND_ID] if has_background else []), *own_ids)
    fits = {}
    for dataset, table in tables.items():
        own = list(table.names.values())
        missing, unknown = _unlike(names, own), _unlike(own, names)
        if missing and (not ignores_missing or len(missing) == len(names)):
            raise ConfigError(_not_mapped(names, missing, dataset, table), "/stream/classes")
        least = BACKGROUND_ID if table.background_id is not None else 0
        fits[dataset] = ClassFit(
            _channels(names, table, has_background=has_background),
            class_ids,
            tuple(channel for channel, class_id in enumerate(class_ids) if least <= class_id < LACKING),
            _shown_as(table, first),
            tuple(missing),
            tuple(unknown),
        )
    return fits


def partial_fits(fits: Mapping[str, ClassFit]) -> Iterator[Fault]:
    """Yield a warning for each test set whose classes are not those of the model."""
    for name, fit in fits.items():
        if fit.missing:
            told = f"{name} has no class {shortened(fit.missing)}, which the model predicts; it has no score there"
            yield Fault("/stream/classes", told, "test_set_lacks_classes")
        if fit.unknown:
            counted = "count as background" if fit.has_background else "are not counted"
            told = f"{name} has the class {shortened(fit.unknown)}, which the model never learned; its pixels {counted}"
            yield Fault("/stream/classes", told, "classes_never_learned")


def _shown_as(table: ClassTable, first: ClassTable) -> IdTable:
    """Return (256,) raw id of a test set -> raw id of the same class in the first; what that lacks is ignored."""
    by_name = {folded(name): raw_id for raw_id, name in first.names.items()}
    shown_as = np.full(256, first.ignore_id, np.uint8)
    for raw_id, name in table.names.items():
        shown_as[raw_id] = by_name.get(folded(name), first.ignore_id)
    if table.background_id is not None and first.background_id is not None:
        shown_as[table.background_id] = first.background_id
    return shown_as


def _channels(names: Sequence[str], table: ClassTable, *, has_background: bool) -> IdTable:
    channel_of_name = {folded(name): channel for channel, name in enumerate(names, start=int(has_background))}
    channel_of = np.full(256, 0 if has_background else IGNORE_INDEX, np.uint8)
    channel_of[table.ignore_id] = IGNORE_INDEX
    for raw_id, name in table.names.items():
        channel_of[raw_id] = channel_of_name.get(folded(name), channel_of[raw_id])
    return channel_of


def _unlike(wanted: Sequence[str], there: Sequence[str]) -> list[str]:
    has = set(map(folded, there))
    return [name for name in wanted if folded(name) not in has]


def _not_mapped(names: Sequence[str], missing: Sequence[str], dataset: str, table: ClassTable) -> str:
    own = list(table.names.values())
    way_out = "Choose the model's class list as stream.classes, or say in `renamed` what the model calls the classes"
    if len(missing) < len(names):
        way_out += "; missing_classes: ignore tests on the classes that are there"
    return (
        f"the model knows {len(names)} classes ({shortened(names)}), and the test set {dataset} has {len(own)} "
        f"({shortened(own)}): it lacks {shortened(missing)}. {way_out}"
    )
