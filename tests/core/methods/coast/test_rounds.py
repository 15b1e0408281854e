from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from core.checkpoint import AttachedFile
from core.errors import DamagedFile
from core.methods.coast.rounds import LABEL_DIR, PseudoLabelRounds, RoundTimes, SoftLabels
from core.methods.coast.soft_label_files import encode_soft_label
from core.packs import PackWriter
from core.stage.events import EventWriter
from core.stage.interrupt import StageInterrupted

PUBLISHED = RoundTimes(every=10_000, iterations=60_000)


@pytest.mark.parametrize(("done", "index"), [(0, 0), (9_998, 0), (9_999, 1), (49_999, 5), (59_998, 5), (59_999, 5)])
def test_rounds_come_right_before_every_ten_thousandth_iteration_but_the_last(done: int, index: int) -> None:
    assert PUBLISHED.round_at(done) == index


def test_the_stretches_between_rounds_cover_the_training() -> None:
    done, ends = 0, []
    while done < PUBLISHED.iterations:
        done = PUBLISHED.until(done)
        ends.append(done)

    assert ends == [9_999, 19_999, 29_999, 39_999, 49_999, 60_000]
    assert [end for end in ends if PUBLISHED.is_before_round(end)] == ends[:-1]
    assert (RoundTimes(0, 7).until(0), RoundTimes(0, 7).round_at(6)) == (7, 0)


class Maker:
    """Adds one label a target, and stops where it is told to."""

    def __init__(self, stops_at: str = "") -> None:
        self.made: list[tuple[int, str]] = []
        self._stops_at = stops_at

    def __call__(self, done: int, target: str, pack: PackWriter) -> None:
        if target == self._stops_at:
            raise StageInterrupted(done)
        self.made.append((done, target))
        pack.add("one.png", encode_soft_label(np.full((2, 3, 4), done, np.uint8)))


def rounds(folder: Path, maker: Maker) -> PseudoLabelRounds:
    folder.mkdir(parents=True, exist_ok=True)
    events = EventWriter(folder / "events.jsonl")
    return PseudoLabelRounds(folder, ("a", "b"), RoundTimes(4, 12), maker, events)


def test_a_round_is_made_once_and_the_one_before_is_no_more_needed(tmp_path: Path) -> None:
    maker = Maker()
    made = rounds(tmp_path, maker)

    assert [made.ensure(done) for done in (0, 2, 3, 5)] == [0, 0, 1, 1]
    assert maker.made == [(0, "a"), (0, "b"), (3, "a"), (3, "b")]
    assert sorted(made.files()) == ["round-1-a.zip", "round-1-b.zip"]
    assert (tmp_path / LABEL_DIR / "round-0-a.zip").is_file()
    assert SoftLabels(made.pack(1, "b"), 2).of("one").tolist() == np.full((2, 3, 4), 3).tolist()


def test_a_round_cut_short_leaves_whole_packs_alone_and_is_made_up_for(tmp_path: Path) -> None:
    saved: list[Mapping[str, AttachedFile]] = []
    cut = rounds(tmp_path / "first", Maker(stops_at="b"))
    cut.use_saver(lambda _done: saved.append(cut.files()))
    with pytest.raises(StageInterrupted):
        cut.ensure(0)
    maker = Maker()
    resumed = rounds(tmp_path / "second", maker)

    resumed.restore_files(saved[-1])

    assert resumed.ensure(0) == 0
    assert maker.made == [(0, "b")]
    assert [path.name for path in (tmp_path / "first" / LABEL_DIR).iterdir()] == ["round-0-a.zip"]
    assert resumed.pack(0, "a").read_bytes() == cut.pack(0, "a").read_bytes()


def test_a_damaged_label_is_named(tmp_path: Path) -> None:
    made = rounds(tmp_path, Maker())
    made.ensure(0)
    pack = made.pack(0, "a")
    labels = SoftLabels(pack, 2)
    data = bytearray(pack.read_bytes())
    data[60] ^= 1
    pack.write_bytes(data)

    with pytest.raises(DamagedFile, match=r"one\.png in round-0-a\.zip is damaged"):
        labels.of("one")
