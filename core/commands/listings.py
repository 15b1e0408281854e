"""Lists of methods with schemas and presets, of dataset adapters and of worlds. Free of torch."""

from __future__ import annotations

import json

from core.data.catalog import ADAPTERS, WORLDS
from core.experiment import document_model, load_preset
from core.methods.catalog import METHODS, method_entry, preset_files
from core.runner.local import LocalPlan, warning_line


def methods_text() -> str:
    """List methods with their presets."""
    lines = []
    for name, entry in METHODS.items():
        lines += [f"{name}: {entry.title}", f"  {entry.summary}", f"  {entry.publication}"]
        lines += [f"  preset {preset}: {load_preset(preset).title}" for preset in preset_files(name)]
    return "\n".join(lines)


def schema_text(method: str) -> str:
    """Return the JSON schema of a method's documents; raises ConfigError for an unknown method."""
    method_entry(method)
    return json.dumps(document_model(method).model_json_schema(), indent=1)


def datasets_text() -> str:
    """List adapters and worlds."""
    adapters = [
        f"adapter {name}: {entry.title} (splits {entry.train_split}, {entry.eval_split})"
        for name, entry in ADAPTERS.items()
    ]
    return "\n".join([*adapters, *(f"world {name}: {entry.title}" for name, entry in WORLDS.items())])


def plan_text(planned: LocalPlan) -> str:
    """List the stages of a plan and its warnings."""
    lines = []
    for stage in planned.stages:
        images = "" if stage.images is None else f", {stage.images} images"
        iterations = "" if stage.total_iterations is None else f", {stage.total_iterations} iterations"
        inputs = f", takes {', '.join(stage.inputs.values())}" if stage.inputs else ""
        lines.append(f"{stage.index}-{stage.name} ({stage.kind.value}){images}{iterations}{inputs}")
    return "\n".join([*lines, *map(warning_line, planned.warnings)])
