from pathlib import Path

from core.data.classes import ClassTable
from core.runner.local import LocalRun
from core.runner.report import last_scores, results_table, score
from core.stage.events import BACKGROUND_ID, EventWriter, Score, Scores
from tests.support.local_runs import attempt_of

CLASSES = ClassTable({4: "boat", 7: "car"})


def scores_of(step: int, channels: list[int], *scores: Score) -> Scores:
    return Scores(split="test", step=step, iteration=5, channels=channels, confusion=[], scores=list(scores))


FIRST = scores_of(
    0,
    [BACKGROUND_ID, 7],
    Score(metric="miou", value=0.75, group="all"),
    Score(metric="iou", value=0.9, class_id=BACKGROUND_ID),
    Score(metric="iou", value=0.6, class_id=7),
)
SECOND = scores_of(
    1,
    [BACKGROUND_ID, 7, 4],
    Score(metric="miou", value=0.5, group="all"),
    Score(metric="miou", value=0.4, group="old"),
    Score(metric="miou", value=0.3, group="new"),
    Score(metric="miou", value=0.25, group="old_foreground"),
    Score(metric="mean_class_forgetting", value=0.35, group="old"),
    Score(metric="iou", value=0.8, class_id=BACKGROUND_ID),
    Score(metric="iou", value=0.25, class_id=7),
    Score(metric="iou", value=0.3, class_id=4),
)


def test_table_shows_steps_and_classes_in_the_order_of_learning() -> None:
    assert results_table([FIRST, SECOND], CLASSES).splitlines() == [
        "step  mIoU all  mIoU old  mIoU new  mIoU old_foreground  forgetting",
        "0     0.750     -         -         -                    -",
        "1     0.500     0.400     0.300     0.250                0.350",
        "",
        "IoU of      learned at  step 0  step 1",
        "background              0.900   0.800",
        "car         step 0      0.600   0.250",
        "boat        step 1      -       0.300",
    ]


def test_background_that_no_pixel_has_is_left_out() -> None:
    only_class = scores_of(0, [BACKGROUND_ID, 7], Score(metric="iou", value=0.6, class_id=7))

    assert results_table([only_class], CLASSES).splitlines()[3:] == [
        "IoU of  learned at  step 0",
        "car     step 0      0.600",
    ]


def test_rounds_are_called_so_and_columns_without_a_value_left_out() -> None:
    assert results_table([FIRST], CLASSES, "round").splitlines() == [
        "round  mIoU all",
        "0      0.750",
        "",
        "IoU of      learned at  round 0",
        "background              0.900",
        "car         round 0     0.600",
    ]


def test_score_is_found_by_metric_and_what_it_is_of() -> None:
    assert score(SECOND, "miou", group="new") == 0.3
    assert score(SECOND, "iou", class_id=7) == 0.25
    assert score(SECOND, "miou", class_id=7) is None


def test_last_evaluation_of_an_attempt_counts(tmp_path: Path) -> None:
    events = EventWriter(tmp_path / "events.jsonl")
    for scores in (FIRST, SECOND):
        events.emit(scores)
    events.log("info", "done")
    events.close()

    found = last_scores(tmp_path)

    assert found is not None
    assert (found.step, found.scores) == (1, SECOND.scores)


def test_a_teacher_counts_and_not_the_student_that_is_tested_after_it(tmp_path: Path) -> None:
    events = EventWriter(tmp_path / "events.jsonl")
    for scores in (FIRST, SECOND.model_copy(update={"split": "test-student"})):
        events.emit(scores)
    events.close()

    found = last_scores(tmp_path)
    assert found is not None
    assert (found.split, found.scores) == (FIRST.split, FIRST.scores)


def test_attempt_without_an_evaluation_has_no_scores(tmp_path: Path) -> None:
    assert last_scores(tmp_path) is None


def test_table_of_a_trained_run_shows_the_scores_that_it_announced(eir_run: LocalRun) -> None:
    steps = [scores for index in (0, 1) if (scores := last_scores(attempt_of(eir_run, index)))]

    table = results_table(steps, CLASSES).splitlines()

    all_classes = score(steps[1], "miou", group="all")
    assert table[2].split()[:2] == ["1", f"{all_classes:.3f}"]
    assert [line.split()[0] for line in table[5:]] == ["background", "1", "2", "3", "boat"]
