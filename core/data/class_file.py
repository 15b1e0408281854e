"""`classes.json`: the class table that lies beside a dataset's folders. Free of torch."""

from __future__ import annotations

import codecs
import json
import unicodedata
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from core.data.classes import IGNORE_INDEX, ClassTable
from core.data.faults import DataFaultError, FaultKind
from core.data.plain_files import MAX_TABLE_BYTES, Confines, read_plainly
from core.validation_words import sentence_of

CLASS_FILE = "classes.json"
UNUSED = "unused"
"""Name of an id between the classes that is no class; any number of ids may have it."""


class ClassFile(BaseModel):
    """Content of `classes.json`.

    `classes[i]` is the name of raw id i. With a `background_id`, the entry at that place names the background and is no
    class; without one, every pixel belongs to a class or is ignored.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    classes: tuple[str, ...] = Field(min_length=1, max_length=256)
    ignore_id: int = Field(IGNORE_INDEX, ge=0, le=255)
    background_id: int | None = Field(None, ge=0, le=255)

    @field_validator("classes")
    @classmethod
    def _plain(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        for raw_id, name in enumerate(names):
            if not name.strip() or any(unicodedata.category(character) == "Cc" for character in name):
                raise ValueError(f"the name of id {raw_id}, {name!r}, is empty or holds a control character")
        return names

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        seen: dict[str, int] = {}
        for raw_id, name in self.table().names.items():
            first = seen.setdefault(unicodedata.normalize("NFKC", name).strip().casefold(), raw_id)
            if first != raw_id and name != UNUSED:
                both = f"ids {first} and {raw_id} have one name, {self.classes[first]!r} and {name!r}"
                raise ValueError(f"{both}; give each class its own name, or map both to one id")
        return self

    def table(self) -> ClassTable:
        """Return the class table: every listed id but background and ignored."""
        special = {self.background_id, self.ignore_id}
        names = {raw_id: name for raw_id, name in enumerate(self.classes) if raw_id not in special}
        return ClassTable(names, ignore_id=self.ignore_id, background_id=self.background_id)


def read_class_file(root: Path) -> ClassTable:
    """Return the class table of a dataset root.

    Raises:
        DataFaultError: when `classes.json` is missing, no plain file of the root, or not a valid `ClassFile`.
    """
    path = root / CLASS_FILE
    Confines(root).require(path)
    try:
        content = read_plainly(path, MAX_TABLE_BYTES).removeprefix(codecs.BOM_UTF8)
        return ClassFile.model_validate_json(content).table()
    except DataFaultError as fault:
        if fault.kind is not FaultKind.MISSING_FILE:
            raise
        example = '{"classes": ["sky", "road"], "ignore_id": 255}'
        raise DataFaultError(
            FaultKind.BAD_LIST, path, f"does not exist; write the class names, as in {example}"
        ) from None
    except ValidationError as error:
        first = error.errors()[0]
        place = "/".join(map(str, first["loc"])) or "the file"
        raise DataFaultError(FaultKind.BAD_LIST, path, f"{place}: {sentence_of(first)}") from None
    except OSError as error:
        raise DataFaultError(FaultKind.BAD_LIST, path, f"cannot be read ({error})") from None


def write_class_file(root: Path, table: ClassTable) -> None:
    """Write the class table of a dataset root; ids between the classes are named `UNUSED`."""
    last = max(table.names)
    names = [table.names.get(raw_id, UNUSED) for raw_id in range(last + 1)]
    content: dict[str, object] = {"classes": names, "ignore_id": table.ignore_id}
    if table.background_id is not None:
        content["background_id"] = table.background_id
        if table.background_id <= last:
            names[table.background_id] = "background"
    (root / CLASS_FILE).write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
