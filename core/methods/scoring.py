"""Scoring of a method: its headline score, and the tables of its evaluations. Free of torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Direction = Literal["min", "max"]
"""Which value of a score is best."""
Columns = Literal["class", "group", "domain"]
"""Columns of a score table: classes, groups of classes by step, or domains."""


@dataclass(frozen=True)
class Headline:
    """The one score that stands for a run in lists, headers and curves over the steps.

    Attributes:
        metric, group: metric and group of its rows in an evaluation; group None = over everything.
        title: short title for a column's head.
        meaning: one-line explanation for readers.
        direction: which value is best.
    """

    metric: str
    group: str | None
    title: str
    meaning: str
    direction: Direction = "max"


@dataclass(frozen=True)
class ScoreTable:
    """A table of step × column, filled by a method's evaluations.

    Attributes:
        metric: metric of its rows in an evaluation.
        by: kind of its columns.
        title: title for readers.
        group: the group whose score represents a domain, if the columns are domains.
    """

    metric: str
    by: Columns
    title: str
    group: str | None = None


@dataclass(frozen=True)
class Scoring:
    """How a method's runs are read.

    Attributes:
        headline: the score that represents a run.
        tables: tables in the order of display; a table without rows in an evaluation is left out.
        lower_is_better: further metrics and curves whose least value is best, besides losses and the headline.
    """

    headline: Headline
    tables: tuple[ScoreTable, ...]
    lower_is_better: frozenset[str] = frozenset()

    @property
    def class_table(self) -> ScoreTable | None:
        """The first table whose columns are classes; None if the method does not score classes."""
        return next((table for table in self.tables if table.by == "class"), None)

    def direction_of(self, name: str) -> Direction:
        """Return which value of a metric or curve is best."""
        if name == self.headline.metric:
            return self.headline.direction
        return "min" if name in self.lower_is_better or "loss" in name.lower() else "max"


PRESENT = "mean over the classes that the test images show"
PUBLISHED = "as published: a class that no test image shows counts as 0"

CLASS_SCORING = Scoring(
    Headline("miou_present", "all", "mIoU", f"mIoU, {PRESENT}"),
    (
        ScoreTable("iou", "class", "IoU"),
        ScoreTable("miou_present", "group", f"mIoU, {PRESENT}"),
        ScoreTable("miou", "group", f"mIoU {PUBLISHED}"),
        ScoreTable("miou_present", "domain", f"mIoU, {PRESENT}", group="all"),
        ScoreTable("miou", "domain", f"mIoU {PUBLISHED}", group="all"),
    ),
)
"""Scoring of methods that give every pixel a class: IoU of the classes."""

UNION = "mean over the classes that are shown or predicted"
DOMAIN_SCORING = Scoring(
    Headline("miou_nonempty", "all", "mIoU", f"mean of the targets' mIoU, {UNION}"),
    (
        ScoreTable("miou_nonempty", "domain", f"mIoU, {UNION}", group="all"),
        ScoreTable("iou", "class", "IoU"),
        ScoreTable("mean_accuracy", "domain", "Accuracy, mean over the classes that are shown", group="all"),
        ScoreTable("pixel_accuracy", "domain", "Accuracy of all pixels", group="all"),
    ),
)
"""Scoring of methods that are tested on several domains: mean over the domains."""
SEQUENCE_SCORING = Scoring(
    Headline("last_iou", None, "Last IoU", "IoU, mean over the images of a domain and then over the domains so far"),
    (
        ScoreTable("mask_iou", "domain", "IoU"),
        ScoreTable("boundary_iou", "domain", "Boundary IoU"),
        ScoreTable("routing_accuracy", "domain", "Images that are routed to their domain's adapter"),
        *(
            ScoreTable(f"{name}_{ending}", "group", f"{title} {of}: {meaning.format(of)}")
            for ending, of in (("iou", "IoU"), ("biou", "boundary IoU"))
            for name, title, meaning in (
                ("last", "Last", "mean over the domains learned so far"),
                ("average", "Average", "mean of Last {} after this domain and after each one before"),
                ("ff", "Forgotten", "how much less than when a domain was learned, mean over the earlier domains"),
                ("natural", "Natural", "mean over the test sets that are never learned"),
            )
        ),
    ),
    lower_is_better=frozenset({"ff_iou", "ff_max_iou", "ff_biou", "ff_max_biou", "undefined_images"}),
)
"""Scoring of methods that learn binary masks of one domain after the other."""
OPEN_SET_SCORING = Scoring(
    Headline("ap", "known", "AP known", "mean average precision of the masks of known classes"),
    (
        ScoreTable("ap", "class", "AP"),
        ScoreTable("aose", "class", "Open-set errors"),
        ScoreTable("ap", "group", "AP"),
        ScoreTable("ar10", "group", "Recall with 10 objects an image"),
        ScoreTable("ar100", "group", "Recall with 100 objects an image"),
        ScoreTable("ap", "domain", "AP of known objects", group="known"),
        ScoreTable("ar10", "domain", "Recall of unknown objects with 10 an image", group="unknown"),
    ),
    frozenset(
        f"{prefix}{name}"
        for prefix in ("", "box_")
        for name in ("aose", "misclassified", "known_as_unknown", "wilderness_impact")
    ),
)
"""Scoring of methods that find objects of unknown classes."""
