from core.dotted import load_dotted
from core.methods.catalog import METHODS


def test_dotted_path_names_module_and_attribute() -> None:
    assert load_dotted("core.methods.catalog:METHODS") is METHODS
