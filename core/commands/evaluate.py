"""`python -m core evaluate`: tests a trained model on any data and prints the score tables. Free of torch."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable

from core.commands.documents import with_settings
from core.commands.run import run_document
from core.methods.checkpoints import read_model
from core.model_test_document import model_test_document


def evaluate_command(arguments: Namespace, say: Callable[[str], None]) -> int:
    """Test the model and print the scores; return the exit status.

    Raises:
        ConfigError: if a test set cannot be read, or the model cannot be tested on it.
        StorageError: if the folder holds no complete model.
    """
    folder = arguments.model.absolute()
    document = model_test_document(read_model(folder), {"folder": str(folder)}, arguments.on)
    return run_document(with_settings(document, arguments.set), arguments, say)
