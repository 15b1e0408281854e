"""A folder that is written once."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from core.data.worlds.materialised import materialised_once

REPOSITORY = Path(__file__).parents[4]


def visible(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if not path.name.endswith(".lock"))


def test_folder_appears_with_its_content(tmp_path: Path) -> None:
    def write(folder: Path) -> None:
        (folder / "x").write_text("1")

    materialised_once(tmp_path / "worlds" / "a", write)

    assert (tmp_path / "worlds" / "a" / "x").read_text() == "1"
    assert visible(tmp_path / "worlds") == ["a"]


def test_folder_that_is_there_is_not_written_again(tmp_path: Path) -> None:
    written: list[Path] = []

    materialised_once(tmp_path / "a", written.append)
    materialised_once(tmp_path / "a", written.append)

    assert len(written) == 1


def test_of_many_who_ask_at_once_one_writes(tmp_path: Path) -> None:
    written: list[Path] = []

    with ThreadPoolExecutor(max_workers=8) as threads:
        list(threads.map(lambda _: materialised_once(tmp_path / "a", written.append), range(16)))

    assert len(written) == 1
    assert visible(tmp_path) == ["a"]


def test_two_processes_at_once_leave_one_whole_world(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from core.data.opening import open_dataset\n"
        "from core.data.worlds.objects_world import ObjectsDatasetSpec\n"
        "spec = ObjectsDatasetSpec(world='objects', size_px=32, train_images=40, eval_images=2)\n"
        "print(len(open_dataset(spec, Path(sys.argv[1])).train))"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]

    processes = [subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    answers = [process.communicate(timeout=60)[0].strip() for process in processes]

    assert answers == ["40", "40"]
    assert len(visible(tmp_path / "worlds")) == 1


def test_writer_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    def fail(folder: Path) -> None:
        (folder / "half").write_text("1")
        raise OSError("No space left on device")

    with pytest.raises(OSError, match="No space left"):
        materialised_once(tmp_path / "a", fail)

    assert visible(tmp_path) == []


def test_what_a_killed_writer_left_is_cleared_away(tmp_path: Path) -> None:
    (tmp_path / ".a.k1ll3d.part").mkdir()
    (tmp_path / ".a.k1ll3d.part" / "half").write_text("1")

    materialised_once(tmp_path / "a", lambda _: None)

    assert visible(tmp_path) == ["a"]
