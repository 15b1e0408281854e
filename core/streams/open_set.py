"""Known classes to learn, and unknown classes that are labelled only in tests (SemSeg 2). Free of torch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Literal, LiteralString

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from core.data.class_lists import folded, shortened
from core.data.classes import ClassTable
from core.data.dataset_spec import DatasetSpec
from core.errors import ConfigError, Fault, nearest
from core.streams.base import MAIN, DatasetUse, KnownDataset, StepPreview, StreamPreview, TaskStream

MOST_TESTS = 16
ClassName = Annotated[str, Field(min_length=1, max_length=100)]
TestName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_.-]*$", max_length=40)]


class TestSet(BaseModel):
    """One more set to test on."""

    __test__ = False
    model_config = ConfigDict(frozen=True, extra="forbid")

    name: TestName = Field(description="What tables and pages call the test set.")
    dataset: DatasetSpec = Field(description="Labelled images to test on; only its split to test on is read.")


@dataclass(frozen=True)
class ClassSplit:
    """The split of one dataset's classes, by its raw ids.

    Attributes:
        known: ascending; a class's head index is its position among them.
        unknown: classes that are not trained, but should be found as unknown objects.
        left_out: classes that are neither; a test ignores their objects.
    """

    known: tuple[int, ...]
    unknown: tuple[int, ...]
    left_out: tuple[int, ...] = ()


class OpenSetStream(TaskStream):
    """A training on known classes, and tests that show unknown ones too.

    Classes are named, and one split holds for all datasets. In training images unknown objects are visible, and
    unlabelled: they are not masked and not ignored.
    """

    kind: Literal["open_set"] = "open_set"
    known: tuple[ClassName, ...] = Field(max_length=255, description="Names of the classes that are taught.")
    unknown: tuple[ClassName, ...] = Field(
        (), max_length=255, description="Names of the classes to be found as unknown; by default all others."
    )
    tests: tuple[TestSet, ...] = Field((), max_length=MOST_TESTS, description="Further sets to test on.")

    @model_validator(mode="after")
    def _distinct(self) -> OpenSetStream:
        if not self.known:
            raise _fault("no_known_class", "no class is known; name at least one to learn", "known")
        seen: dict[str, str] = {}
        for field, names in (("known", self.known), ("unknown", self.unknown)):
            for index, name in enumerate(names):
                before = seen.setdefault(folded(name), field)
                if before != field or [folded(other) for other in names[:index]].count(folded(name)):
                    where = "twice" if before == field else "among the known classes too"
                    raise _fault("class_twice", f"the class {name!r} is named {where}; name it once", field, index)
        taken = {MAIN}
        for index, test in enumerate(self.tests):
            if test.name in taken:
                raise _fault("name_taken", f"the name {test.name!r} is taken; choose another", "tests", index, "name")
            taken.add(test.name)
        return self

    @property
    def num_steps(self) -> int:
        """One: the known classes are learned together."""
        return 1

    def label(self) -> str:
        """Return a label such as `4 known, others unknown`."""
        unknown = f"{len(self.unknown)} unknown" if self.unknown else "others unknown"
        further = f", {1 + len(self.tests)} test sets" if self.tests else ""
        return f"{len(self.known)} known, {unknown}{further}"

    def datasets(self, main: DatasetSpec) -> Mapping[str, DatasetUse]:
        """Return the experiment's own dataset, then the other test sets, of which only test images are read."""
        uses = {MAIN: DatasetUse(main, counts_classes=True)}
        for index, test in enumerate(self.tests):
            uses[test.name] = DatasetUse(
                test.dataset, f"/stream/tests/{index}/dataset", splits=("eval",), labels=frozenset({"eval"})
            )
        return uses

    def split_of(self, classes: ClassTable) -> ClassSplit:
        """Return the raw ids of a dataset that are known, unknown or neither."""
        known, unknown = ({folded(name) for name in names} for names in (self.known, self.unknown))
        ids: dict[str, list[int]] = {"known": [], "unknown": [], "left_out": []}
        for raw_id, name in sorted(classes.names.items()):
            is_unknown = folded(name) in unknown or not unknown
            ids["known" if folded(name) in known else "unknown" if is_unknown else "left_out"].append(raw_id)
        return ClassSplit(tuple(ids["known"]), tuple(ids["unknown"]), tuple(ids["left_out"]))

    def check_against(self, classes: Mapping[str, ClassTable]) -> None:
        """Refuse class names that the experiment's dataset lacks, and test sets that lack a known class.

        Raises:
            ConfigError: pointing at the name, or at the test set.
        """
        names = list(classes[MAIN].names.values())
        there = set(map(folded, names))
        for field, wanted in (("known", self.known), ("unknown", self.unknown)):
            for index, name in enumerate(wanted):
                if folded(name) not in there:
                    raise ConfigError(
                        f"the dataset has no class {name!r}: it has {shortened(names)}{nearest(name, names)}",
                        f"/stream/{field}/{index}",
                    )
        for index, test in enumerate(self.tests):
            self._check_test(classes, test.name, index)

    def _check_test(self, classes: Mapping[str, ClassTable], name: str, index: int) -> None:
        """Refuse a test set whose known classes have other raw ids than in training; raises ConfigError."""
        ours, theirs = classes[MAIN], classes[name]
        for raw_id in self.split_of(ours).known:
            if folded(theirs.names.get(raw_id, "")) != folded(ours.names[raw_id]):
                found = theirs.names.get(raw_id)
                said = "no class" if found is None else repr(found)
                problem = f"id {raw_id} is {ours.names[raw_id]!r} in the experiment's dataset and {said} in {name}"
                raise ConfigError(f"{problem}; give both one list of categories", f"/stream/tests/{index}/dataset")

    def warnings(self, classes: Mapping[str, ClassTable]) -> Iterator[Fault]:
        """Yield a fault if no class is left to be unknown."""
        split = self.split_of(classes[MAIN])
        if not split.unknown:
            yield Fault("/stream/known", "all classes are known; scores of unknown ones are undefined", "no_unknown")

    def check_images(self, known: Mapping[str, KnownDataset]) -> None:
        """Refuse, after a scan, a known class that no training image shows; raises ConfigError."""
        presence = known[MAIN].presence
        if presence is None:
            return
        for raw_id in self.split_of(presence.classes).known:
            if not presence.images_of(raw_id):
                name = presence.classes.names[raw_id]
                at = [folded(wanted) for wanted in self.known].index(folded(name))
                problem = f"none of the {len(presence.pixels)} training images shows {name!r}, so nothing teaches it"
                raise ConfigError(f"{problem}; leave it out of `known`, or add images", f"/stream/known/{at}")

    def images_per_step(self, known: Mapping[str, KnownDataset]) -> tuple[int, ...] | None:
        """Return the number of training images that show a known class; None before a scan."""
        presence = known[MAIN].presence
        if presence is None:
            return None
        shown = presence.pixels[:, list(self.split_of(presence.classes).known)]
        return (int((shown > 0).any(axis=1).sum()),)

    def preview(self, known: Mapping[str, KnownDataset]) -> StreamPreview:
        """Return the known classes, and how many training images show each."""
        presence = known[MAIN].presence
        if presence is None:
            return StreamPreview((StepPreview(self.step_title(0)),))
        ids = self.split_of(presence.classes).known
        shows = presence.pixels[:, list(ids)] > 0
        used = int(np.count_nonzero(shows.any(axis=1)))
        step = StepPreview(
            self.step_title(0), classes=ids, images=used, images_per_class=tuple(shows.sum(axis=0).tolist())
        )
        return StreamPreview((step,), images_unused=len(shows) - used)


def _fault(code: LiteralString, message: str, *place: str | int) -> PydanticCustomError:
    """Return a fault of the whole stream that names the part at fault."""
    return PydanticCustomError(code, "{message}", {"message": message, "place": place})
