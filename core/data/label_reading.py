"""Reading the label files of a folder by its adapter's classes or by a shared class list. Free of torch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from hashlib import blake2b
from pathlib import Path
from typing import cast

from core.data.catalog import ADAPTERS, Adapter, ListedAdapter, reader_of
from core.data.class_file import CLASS_FILE
from core.data.class_lists import CLASS_LISTS, named_table, require_one_id_each
from core.data.classes import ClassTable
from core.data.decoding import read_label
from core.data.faults import DataFaultError, FaultKind
from core.data.label_ids import IdTable, remap
from core.data.pairing import Decode, MappedDecode
from core.data.samples import LabelMap, Truth
from core.data.specs import FolderDatasetSpec
from core.errors import nearest


@dataclass(frozen=True)
class LabelReading:
    """How label files are read.

    Attributes:
        classes: the class table of the decoded raw ids.
        decode: reads the truth of one item; raises DataFaultError.
    """

    classes: ClassTable
    decode: Decode

    @property
    def mark(self) -> str:
        """A short suffix for file names, different for each way of reading; empty for the adapter's own."""
        mapping = self.decode.mapping if isinstance(self.decode, MappedDecode) else ""
        return f"-{blake2b(mapping.encode(), digest_size=6).hexdigest()}" if mapping else ""


def label_reading(spec: FolderDatasetSpec) -> LabelReading:
    """Return how to read the labels of a folder, without reading one.

    Raises:
        DataFaultError: when the folder is missing, its class table is unusable, or it has no class of the shared list.
    """
    root, adapter = Path(spec.root), ADAPTERS[spec.adapter].load()
    own = _with_names(adapter.read_classes(root), spec.renamed, root)
    if spec.class_list is None:
        return LabelReading(own, reader_of(adapter))
    if isinstance(adapter, ListedAdapter) and has_published_tables(adapter, root):
        return published_reading(adapter, spec.class_list)
    classes, table = named_table(own, spec.class_list, root)
    return LabelReading(classes, MappedDecode(table.tobytes().hex(), _through(adapter, table)))


def has_published_tables(adapter: Adapter, root: Path) -> bool:
    """Return whether published tables apply to a folder's label files: it has no classes of its own."""
    return isinstance(adapter, ListedAdapter) and not (root / CLASS_FILE).exists()


def published_reading(adapter: ListedAdapter, name: str) -> LabelReading:
    """Return how to read label files by the published table of a class list."""

    def decode(path: Path) -> Truth:
        return remap(read_label(path), adapter.table_of(path, name))

    # With 19 classes the label files are read as without a class list, so both share their scans.
    return LabelReading(CLASS_LISTS[name].classes, decode if name == "19" else MappedDecode(name, decode))


def _through(adapter: Adapter, table: IdTable) -> Callable[[Path], Truth]:
    def decode(path: Path) -> Truth:
        return remap(cast(LabelMap, adapter.read_label(path)), table)

    return decode


def _with_names(own: ClassTable, renamed: Mapping[str, str], root: Path) -> ClassTable:
    """Return a class table with other names for some classes."""
    if not renamed:
        return own
    known = set(own.names.values())
    for name in renamed:
        if name not in known:
            problem = f"`renamed` names the class {name!r}, which it has not{nearest(name, known)}"
            raise DataFaultError(FaultKind.BAD_LIST, root, problem)
    names = {raw_id: renamed.get(name, name) for raw_id, name in own.names.items()}
    changed = replace(own, names=names)
    require_one_id_each(changed, root)
    return changed
