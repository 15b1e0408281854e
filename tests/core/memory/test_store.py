import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image as PillowImage

from core.errors import StorageError
from core.memory.entry import InstanceEntry, cut_instance
from core.memory.store import InstanceMemory, load_memory
from tests.support.instances import dataset_of, label_with_box, rectangle_entry


def three_entries() -> tuple[InstanceEntry, ...]:
    """Two entries of class 5 around one of class 3."""
    return tuple(rectangle_entry(c, box) for c, box in ((5, (2, 2, 8, 6)), (3, (0, 0, 4, 9)), (5, (9, 9, 12, 12))))


def test_saved_memory_is_read_back_as_it_was(tmp_path: Path) -> None:
    pasted = tuple(replace(entry, times_drawn=4) for entry in three_entries())
    memory = InstanceMemory(pasted, budget=10, warnings=("too few",), seen_classes=(3, 5, 7))

    index = memory.save(tmp_path / "memory")

    assert index == tmp_path / "memory" / "index.json"
    assert load_memory(tmp_path / "memory") == memory


def test_index_lists_what_the_memory_browser_shows(tmp_path: Path) -> None:
    entries = three_entries()
    folder = InstanceMemory(entries, budget=10).save(tmp_path / "memory").parent

    index = json.loads((folder / "index.json").read_text())

    item = index["items"][1]
    crop = (folder / item["crop"]).read_bytes()
    assert (index["schema_version"], index["budget"], len(index["items"])) == (1, 10, 3)
    assert index["bytes"] == sum(entry.size_bytes for entry in entries)
    assert (item["class"], item["classes"], item["rank"]) == (3, [3], 1)
    assert (item["box"], item["offset"], item["size"], item["area"]) == ([0, 0, 4, 9], [0, 0], [24, 20], 36)
    assert (item["source"], item["step_added"], item["score"]) == ("image-0", 0, None)
    assert item["times_drawn"] == 0
    assert item["sha256"] == hashlib.sha256(crop).hexdigest()
    assert item["bytes"] == len(crop) + len((folder / item["label"]).read_bytes())
    assert (folder / item["thumbnail"]).is_file()


def test_entry_that_stays_gives_the_same_files(tmp_path: Path) -> None:
    entries = three_entries()
    first = InstanceMemory(entries, budget=3).save(tmp_path / "first").parent
    second = InstanceMemory(entries[1:], budget=2).save(tmp_path / "second").parent

    kept = sorted(path.relative_to(second) for path in second.glob("*/*.png"))

    assert len(kept) == 6
    assert all((first / path).read_bytes() == (second / path).read_bytes() for path in kept)


def test_source_picture_is_written_once_for_all_instances_of_an_image(tmp_path: Path) -> None:
    labels = label_with_box(3, (0, 0, 4, 9)) + label_with_box(5, (9, 9, 12, 12))
    dataset = dataset_of([labels, labels.T])
    entries = tuple(
        cut_instance(dataset, index, (class_id,), drawn_class=class_id, step_added=0)
        for index, class_id in ((0, 3), (0, 5), (1, 5))
    )

    folder = InstanceMemory(entries, budget=3).save(tmp_path / "memory").parent

    items = json.loads((folder / "index.json").read_text())["items"]
    first = PillowImage.open(folder / items[0]["source_picture"])
    assert [item["source_sha256"] for item in items] == [
        hashlib.sha256((folder / item["source_picture"]).read_bytes()).hexdigest() for item in items
    ]
    assert items[0]["source_picture"] == items[1]["source_picture"] != items[2]["source_picture"]
    assert len(list((folder / "sources").iterdir())) == 2
    assert (first.format, first.size) == ("JPEG", (24, 20))


def test_source_picture_is_carried_on_without_the_image_and_is_not_in_the_budget(tmp_path: Path) -> None:
    entries = three_entries()
    first = InstanceMemory(entries, budget=3).save(tmp_path / "first").parent

    second = load_memory(first).save(tmp_path / "second").parent

    kept = [(folder / "sources").glob("*.jpg") for folder in (first, second)]
    before, after = ({path.name: path.read_bytes() for path in paths} for paths in kept)
    assert before == after
    assert load_memory(second).size_bytes == sum(len(e.crop_png) + len(e.label_png) for e in entries)


def test_empty_memory_is_saved_and_read_back(tmp_path: Path) -> None:
    memory = InstanceMemory(budget=0)

    memory.save(tmp_path / "memory")

    assert load_memory(tmp_path / "memory") == memory
    assert memory.size_bytes == 0


def test_saving_again_replaces_the_folder_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    entries = three_entries()
    InstanceMemory(entries, budget=3).save(tmp_path / "memory")

    InstanceMemory(entries[:1], budget=1).save(tmp_path / "memory")

    assert load_memory(tmp_path / "memory").entries == entries[:1]
    assert len(list((tmp_path / "memory" / "crops").iterdir())) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["memory"]


@pytest.mark.parametrize("kind", ["crops", "labels"])
def test_damaged_file_is_named(tmp_path: Path, kind: str) -> None:
    entries = three_entries()
    folder = InstanceMemory(entries, budget=3).save(tmp_path / "memory").parent
    path = folder / kind / f"{entries[1].id}.png"
    path.write_bytes(path.read_bytes()[:-1] + b"\0")

    with pytest.raises(StorageError, match=rf"{kind}/{entries[1].id}\.png: its SHA-256 is .*; copy the folder anew"):
        load_memory(folder)


def test_missing_file_is_named(tmp_path: Path) -> None:
    entries = three_entries()
    folder = InstanceMemory(entries, budget=3).save(tmp_path / "memory").parent
    (folder / "labels" / f"{entries[0].id}.png").unlink()

    with pytest.raises(StorageError, match=rf"labels/{entries[0].id}\.png: cannot be read"):
        load_memory(folder)


def test_damaged_source_picture_is_named(tmp_path: Path) -> None:
    folder = InstanceMemory(three_entries(), budget=3).save(tmp_path / "memory").parent
    picture = next((folder / "sources").iterdir())
    picture.write_bytes(b"other")

    with pytest.raises(StorageError, match=rf"sources/{picture.name}: its SHA-256 is"):
        load_memory(folder)


def test_missing_index_is_named(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"nowhere/index\.json: cannot be read"):
        load_memory(tmp_path / "nowhere")


@pytest.mark.parametrize(
    "text",
    ["{", "[]", '{"schema_version": 2, "budget": 1, "bytes": 0, "seen_classes": [], "warnings": [], "items": []}'],
)
def test_index_that_is_none_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "index.json").write_text(text)

    with pytest.raises(StorageError, match=r"index\.json: not a memory index of version 1"):
        load_memory(tmp_path)


def test_index_whose_facts_were_altered_is_refused(tmp_path: Path) -> None:
    folder = InstanceMemory(three_entries(), budget=3).save(tmp_path / "memory").parent
    index = json.loads((folder / "index.json").read_text())
    index["items"][0]["box"][0] += 1
    (folder / "index.json").write_text(json.dumps(index))

    with pytest.raises(StorageError, match=r"index\.json: what is listed of item [0-9a-f]{16} was altered"):
        load_memory(folder)


def test_path_in_the_index_cannot_leave_the_folder(tmp_path: Path) -> None:
    folder = InstanceMemory(three_entries(), budget=3).save(tmp_path / "memory").parent
    text = (folder / "index.json").read_text().replace(three_entries()[0].id, "../../../etc/pass")
    (folder / "index.json").write_text(text)

    with pytest.raises(StorageError, match="not a memory index"):
        load_memory(folder)
