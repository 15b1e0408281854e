"""Experiments of the command line: a file or a preset, with overriding settings. Free of torch."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from core.errors import ConfigError, nearest
from core.experiment import alternatives_of, excluded_by, read_document
from core.methods.catalog import METHODS, preset_files


def open_document(name: str, settings: Sequence[str] = ()) -> dict[str, Any]:
    """Return the document of a YAML file or a preset.

    Args:
        name: path of a file, or name of a preset such as eir/demo.
        settings: `path=value` each, such as `config.optim.iterations=50`; the value is YAML.

    Raises:
        ConfigError: if there is neither file nor preset of that name, or a setting is not valid.
    """
    presets = {preset for method in METHODS for preset in preset_files(method)}
    if Path(name).is_file():
        document = read_document(Path(name))
    elif name in presets:
        document = {"method": name.partition("/")[0], "preset": name}
    else:
        raise ConfigError(f"{name!r} is neither a file nor a preset{nearest(name, presets)}")
    return with_settings(document, settings)


def with_settings(document: dict[str, Any], settings: Sequence[str]) -> dict[str, Any]:
    """Return the document with several values set; see `with_setting`."""
    for setting in settings:
        document = with_setting(document, setting)
    return document


def with_setting(document: dict[str, Any], setting: str) -> dict[str, Any]:
    """Return the document with one value set, such as `config.optim.iterations=50`."""
    path, equals, text = setting.partition("=")
    keys = path.split(".")
    if not equals or not all(keys):
        raise ConfigError(f"setting {setting!r} is not of the form config.optim.iterations=50")
    changed = copy.deepcopy(document)
    level = changed
    for key in keys[:-1]:
        level = level.setdefault(key, {})
        if not isinstance(level, dict):
            raise ConfigError(f"setting {setting!r}: {key!r} holds a value, not a group of settings")
    if keys[:-1] == ["stream"]:
        # Remove alternatives of this setting from the document, as for a preset.
        for other in excluded_by(keys[-1:], alternatives_of(document)):
            level.pop(other, None)
    try:
        level[keys[-1]] = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ConfigError(f"setting {setting!r}: {text!r} cannot be read as YAML; quote it where it is text") from error
    return changed
