import hashlib
from pathlib import Path

from core.memory.pastes import PasteIndex, PictureOfPaste, save_pastes

ITEMS = ("a" * 16, "b" * 16)


def example(item: str, jpeg: bytes) -> PictureOfPaste:
    return PictureOfPaste(item, "image-3", (1, 2, 5, 8), (32, 24), 0.5, jpeg)


def test_examples_of_one_image_share_its_picture(tmp_path: Path) -> None:
    path = save_pastes(
        tmp_path / "pastes", dict.fromkeys(ITEMS, 4), [example(ITEMS[0], b"one"), example(ITEMS[1], b"one")]
    )

    index = PasteIndex.model_validate_json(path.read_bytes())
    digest = hashlib.sha256(b"one").hexdigest()
    assert index.times == dict.fromkeys(ITEMS, 4)
    assert [(one.item, one.sha256) for one in index.examples] == [(ITEMS[0], digest), (ITEMS[1], digest)]
    assert [file.read_bytes() for file in (path.parent / "pictures").iterdir()] == [b"one"]
    assert (path.parent / index.examples[0].picture).is_file()


def test_saving_again_replaces_what_was_there(tmp_path: Path) -> None:
    save_pastes(tmp_path / "pastes", {ITEMS[0]: 1}, [example(ITEMS[0], b"one")])

    path = save_pastes(tmp_path / "pastes", {ITEMS[0]: 2}, [])

    assert PasteIndex.model_validate_json(path.read_bytes()) == PasteIndex(times={ITEMS[0]: 2}, examples=[])
    assert list((path.parent / "pictures").iterdir()) == []
