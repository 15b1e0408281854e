from __future__ import annotations

from pathlib import Path

import pytest

from core.data.faults import DataFaultError
from core.data.graspnet_images import FOLDERS, import_images


def write_scenes(source: Path) -> None:
    """Write a scene of two frames into each folder, and a second scene into the first; names are the contents."""
    for number, folder in enumerate(FOLDERS):
        for scene in (f"scene_{number:04d}", "scene_0100") if number == 0 else (f"scene_{number:04d}",):
            colours = source / folder / scene / "realsense" / "rgb"
            colours.mkdir(parents=True)
            for frame in ("0001", "0000"):
                (colours / f"{frame}.png").write_text(f"{folder} {scene} {frame}")


def test_images_are_numbered_through_folders_scenes_and_frames(tmp_path: Path) -> None:
    write_scenes(tmp_path / "source")

    assert import_images(tmp_path / "source", tmp_path / "target") == (16, 16)

    images = tmp_path / "target" / "images"
    assert (images / "000001.png").read_text() == "train_1 scene_0000 0000"
    assert (images / "000004.png").read_text() == "train_1 scene_0100 0001"
    assert (images / "000005.png").read_text() == "train_2 scene_0001 0000"
    assert (images / "000016.png").read_text() == "test_novel scene_0006 0001"


def test_an_import_that_was_ended_goes_on(tmp_path: Path) -> None:
    write_scenes(tmp_path / "source")
    import_images(tmp_path / "source", tmp_path / "target")
    (tmp_path / "target" / "images" / "000007.png").unlink()

    assert import_images(tmp_path / "source", tmp_path / "target") == (16, 1)


def test_a_missing_folder_is_named_before_anything_is_written(tmp_path: Path) -> None:
    write_scenes(tmp_path / "source")
    (tmp_path / "source" / "test_seen").rename(tmp_path / "source" / "elsewhere")

    with pytest.raises(DataFaultError, match="test_seen: does not exist; all images after it would get wrong numbers"):
        import_images(tmp_path / "source", tmp_path / "target")
    assert not (tmp_path / "target").exists()


def test_another_file_with_an_images_number_is_kept(tmp_path: Path) -> None:
    write_scenes(tmp_path / "source")
    import_images(tmp_path / "source", tmp_path / "target")
    image = tmp_path / "target" / "images" / "000002.png"
    image.unlink()
    image.write_text("mine")

    with pytest.raises(DataFaultError, match=r"000002\.png: is another file than"):
        import_images(tmp_path / "source", tmp_path / "target")
    assert image.read_text() == "mine"
