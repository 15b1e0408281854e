"""`classes.json`: the class table that lies beside a dataset's folders. Free of torch."""

from __future__ import annotations

import json
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from core.data.classes import IGNORE_INDEX, ClassTable
from core.data.faults import DataFaultError, FaultKind

CLASS_FILE = "classes.json"


class ClassFile(BaseModel):
    """Content of `classes.json`.

    `classes[i]` is the name of raw id i. With a `background_id`, the entry at that place names the background and is no
    class; without one, every pixel belongs to a class or is ignored.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    classes: tuple[str, ...] = Field(min_length=1, max_length=256)
    ignore_id: int = Field(IGNORE_INDEX, ge=0, le=255)
    background_id: int | None = Field(None, ge=0, le=255)

    def table(self) -> ClassTable:
        """Return the class table: every listed id but background and ignored."""
        special = {self.background_id, self.ignore_id}
        names = {raw_id: name for raw_id, name in enumerate(self.classes) if raw_id not in special}
        return ClassTable(names, ignore_id=self.ignore_id, background_id=self.background_id)


def read_class_file(root: Path) -> ClassTable:
    """Return the class table of a dataset root.

    Raises:
        DataFaultError: when `classes.json` is missing, is not JSON, or is not what `ClassFile` says.
    """
    path = root / CLASS_FILE
    try:
        return ClassFile.model_validate_json(path.read_bytes()).table()
    except FileNotFoundError:
        example = '{"classes": ["sky", "road"], "ignore_id": 255}'
        raise DataFaultError(
            FaultKind.BAD_LIST, path, f"does not exist; write the class names, as in {example}"
        ) from None
    except ValidationError as error:
        first = error.errors()[0]
        place = "/".join(map(str, first["loc"])) or "the file"
        raise DataFaultError(FaultKind.BAD_LIST, path, f"{place}: {first['msg']}") from None


def write_class_file(root: Path, table: ClassTable) -> None:
    """Write the class table of a dataset root; ids between the classes are named `unused`."""
    last = max(table.names)
    names = [table.names.get(raw_id, "unused") for raw_id in range(last + 1)]
    content: dict[str, object] = {"classes": names, "ignore_id": table.ignore_id}
    if table.background_id is not None:
        content["background_id"] = table.background_id
        if table.background_id <= last:
            names[table.background_id] = "background"
    (root / CLASS_FILE).write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
