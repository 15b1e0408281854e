"""Warnings about an experiment that can be launched, in the API's form."""

from __future__ import annotations

from collections.abc import Sequence

from core.errors import Fault
from core.experiment_warnings import experiment_warnings
from server.schemas.problem import FaultEntry
from server.services.experiments.check import DOCUMENT, CheckedExperiment


def warnings_of(checked: CheckedExperiment, of_scans: Sequence[Fault] = ()) -> list[FaultEntry]:
    """Return a warning for each setting that looks unintended, with its place in the document.

    Args:
        checked: the experiment.
        of_scans: warnings from the scans of its datasets.
    """
    of_model = [] if checked.model is None else checked.resolved.config.model_warnings(checked.model, checked.tables)
    found = [*experiment_warnings(checked.resolved, checked.uses, checked.known, checked.tables), *of_model, *of_scans]
    return [
        FaultEntry(source="body", pointer=DOCUMENT + fault.pointer, message=fault.message, code=fault.code)
        for fault in found
    ]
