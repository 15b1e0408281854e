"""What is counted, which examples are kept, and that a checkpoint carries the counts."""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image as PillowImage

from core.data.loaders import Batch
from core.data.transforms.geometry import CropParams
from core.data.transforms.presets import to_normalised
from core.engine.loop import Iteration
from core.losses.sparse_target import SparseTarget
from core.memory.entry import InstanceEntry
from core.memory.geometry import Box
from core.memory.pastes import PasteIndex
from core.methods.eir import paste_record
from core.methods.eir.paste_plan import Paste
from core.methods.eir.paste_record import PasteRecord
from core.methods.eir.pasting import MixedBatch
from tests.support.instances import rectangle_entry

SIDE = 32
VIEW = CropParams(left=0, top=0, width=SIDE, height=SIDE, is_flipped=False)
ENTRIES = tuple(rectangle_entry(1, (left, 0, left + 4, 4)) for left in range(3))
BOX: Box = (1, 2, 5, 6)


def mixed_batch(*pastes: tuple[int, int], shade: int = 90) -> MixedBatch:
    """Two grey images, and pastes as (image, entry)."""
    grey = to_normalised(np.full((SIDE, SIDE, 3), shade, np.uint8))
    return MixedBatch(
        images=torch.stack([grey, grey]),
        target=SparseTarget.from_labels(torch.zeros(2, SIDE, SIDE, dtype=torch.int64)),
        changed=torch.zeros(2, dtype=torch.bool),
        pastes=tuple(Paste(image, 1, entry, (2, 1), 0.5, VIEW) for image, entry in pastes),
        boxes=(BOX,) * len(pastes),
    )


def record_of(entries: tuple[InstanceEntry, ...] = ENTRIES, every: int = 5) -> PasteRecord:
    return PasteRecord(entries, "item {}".format, every)


def saved(record: PasteRecord, folder: Path) -> PasteIndex:
    return PasteIndex.model_validate_json(record.save(folder / "pastes").read_bytes())


def end_of_iteration(record: PasteRecord, done: int) -> None:
    batch = Batch(torch.zeros(1), torch.zeros(1), np.array([0]))
    record.after(Iteration(done, batch, {}))


def test_every_paste_counts_and_entries_without_any_are_listed() -> None:
    record = record_of()

    record.add(mixed_batch((0, 0), (0, 0), (1, 2)), [7, 8])
    record.add(mixed_batch((1, 2)), [9, 10])

    assert record.times == {ENTRIES[0].id: 2, ENTRIES[1].id: 0, ENTRIES[2].id: 2}


def test_counts_go_on_from_a_checkpoint() -> None:
    first, second = record_of(), record_of()
    first.add(mixed_batch((0, 0), (1, 1)), [7, 8])

    second.restore(first.state())
    second.add(mixed_batch((0, 0)), [9, 10])

    assert second.times == {ENTRIES[0].id: 2, ENTRIES[1].id: 1, ENTRIES[2].id: 0}


@pytest.mark.parametrize("stopped_after", [1, 2, 3, 4])
def test_examples_go_on_from_a_checkpoint_as_if_nothing_had_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stopped_after: int
) -> None:
    monkeypatch.setattr(paste_record, "MAX_WAITING", 2)
    batches = [mixed_batch((0, 0), shade=10), mixed_batch((0, 0), (1, 1), shade=60), mixed_batch((0, 0), shade=90),
               mixed_batch((1, 2), (1, 1), shade=140), mixed_batch((0, 2), shade=200)]  # fmt: skip
    undisturbed, first, second = (record_of(every=3) for _ in range(3))

    for number, batch in enumerate(batches, start=1):
        undisturbed.add(batch, [7, 8])
        end_of_iteration(undisturbed, number)
        if number == stopped_after + 1:
            second.restore(json.loads(json.dumps(first.state())))
        resumed = first if number <= stopped_after else second
        resumed.add(batch, [7, 8])
        end_of_iteration(resumed, number)

    assert saved(second, tmp_path / "resumed") == saved(undisturbed, tmp_path / "undisturbed")
    pictures = [
        sorted(path.name for path in tmp_path.glob(f"{name}/pastes/pictures/*")) for name in ("resumed", "undisturbed")
    ]
    assert pictures[0] == pictures[1]


def test_counts_of_a_checkpoint_without_examples_are_taken_over() -> None:
    record = record_of()

    record.restore({entry.id: number for number, entry in enumerate(ENTRIES)})

    assert list(record.times.values()) == [0, 1, 2]


def test_example_names_the_training_image_and_shows_it_as_it_was_trained_on(tmp_path: Path) -> None:
    record = record_of()
    record.add(mixed_batch((1, 2), shade=120), [7, 8])

    (example,) = saved(record, tmp_path).examples

    picture = PillowImage.open(io.BytesIO((tmp_path / "pastes" / example.picture).read_bytes()))
    assert (example.item, example.source, example.box, example.size) == (ENTRIES[2].id, "item 8", BOX, (SIDE, SIDE))
    assert example.lam == 0.5
    assert np.unique(np.asarray(picture)).tolist() == [120]


def test_each_entry_has_two_examples_at_most_and_never_twice_of_one_image(tmp_path: Path) -> None:
    record = record_of()
    for shade in (10, 60, 110, 160):
        record.add(mixed_batch((0, 0), (0, 0), shade=shade), [7, 8])

    examples = saved(record, tmp_path).examples

    assert [example.item for example in examples] == [ENTRIES[0].id] * 2
    assert len({example.sha256 for example in examples}) == 2


def test_image_with_entries_that_have_no_example_yet_goes_first(tmp_path: Path) -> None:
    record = record_of()
    record.add(mixed_batch((0, 0)), [1, 2])

    record.add(mixed_batch((0, 0), (1, 1), (1, 2), shade=30), [3, 4])

    assert [(example.item, example.source) for example in saved(record, tmp_path).examples] == [
        (ENTRIES[0].id, "item 1"),
        (ENTRIES[1].id, "item 4"),
        (ENTRIES[2].id, "item 4"),
    ]


def test_a_stage_keeps_no_more_examples_than_its_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paste_record, "MAX_EXAMPLES", 4)
    record = record_of()
    for shade in (10, 60, 110, 160):
        record.add(mixed_batch((0, 0), (0, 1), (0, 2), shade=shade), [7, 8])

    index = saved(record, tmp_path)

    # Three entries share four examples: one each, since a second for all would be six.
    assert [example.item for example in index.examples] == [entry.id for entry in ENTRIES]
    assert set(index.times.values()) == {4}


def test_images_wait_on_their_device_until_the_log_interval() -> None:
    record = record_of(every=2)
    record.add(mixed_batch((0, 0)), [7, 8])

    end_of_iteration(record, 1)
    waiting_before = len(record._waiting)
    end_of_iteration(record, 2)

    assert (waiting_before, len(record._waiting)) == (1, 0)


def test_no_more_images_wait_than_memory_is_meant_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paste_record, "MAX_WAITING", 1)
    record = record_of()

    record.add(mixed_batch((0, 0)), [7, 8])
    record.add(mixed_batch((0, 1)), [7, 8])

    assert len(record._waiting) == 1
    assert record.times[ENTRIES[1].id] == 1
