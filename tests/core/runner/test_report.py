from pathlib import Path

from core.data.classes import ClassTable
from core.methods.scoring import OPEN_SET_SCORING, Headline, ScoreTable, Scoring
from core.runner.local import LocalRun
from core.runner.report import last_scores, results_table, score
from core.stage.events import BACKGROUND_ID, EventWriter, Score, Scores
from tests.support.local_runs import attempt_of

CLASSES = ClassTable({4: "boat", 7: "car"})


def scores_of(step: int, *scores: Score, domain: str | None = None) -> Scores:
    return Scores(split="test", domain=domain, step=step, iteration=5, scores=list(scores))


def iou(value: float | None, class_id: int) -> Score:
    return Score(metric="iou", value=value, class_id=class_id)


def miou(value: float | None, group: str = "all") -> Score:
    return Score(metric="miou", value=value, group=group)


FIRST = scores_of(0, miou(0.75), iou(0.9, BACKGROUND_ID), iou(0.6, 7))
SECOND = scores_of(
    1,
    *(miou(0.5), miou(0.4, "old"), miou(0.3, "new"), miou(0.25, "old_foreground")),
    *(iou(0.8, BACKGROUND_ID), iou(0.25, 7), iou(0.3, 4)),
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
    only_class = scores_of(0, iou(0.6, 7))

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


def test_rounds_know_every_class_from_the_beginning_and_forget_none() -> None:
    later = scores_of(1, miou(0.5), iou(0.8, BACKGROUND_ID), iou(0.25, 7))

    assert "forgetting" not in results_table([FIRST, later], CLASSES, "round")


def test_an_undefined_score_is_neither_zero_nor_not_learnt_yet() -> None:
    present = Score(metric="miou_present", value=0.5, group="all")
    absent = scores_of(1, miou(0.25), present, iou(0.5, 7), iou(None, 4))

    assert results_table([FIRST, absent], CLASSES).splitlines() == [
        "step  mIoU all  mIoU present  forgetting",
        "0     0.750     -             -",
        "1     0.250     0.500         0.100",
        "",
        "IoU of      learned at  step 0  step 1",
        "background              0.900   -",
        "car         step 0      0.600   0.500",
        "boat        step 1      -       undefined",
    ]


def test_several_domains_have_a_line_a_step_and_a_table_of_classes_each() -> None:
    score_of = {"iou": 0.5, "boundary_iou": 0.25}
    overall = [Score(metric=metric, value=value) for metric, value in score_of.items()]
    tested = [scores_of(0, *overall, domain="cod"), scores_of(0, *overall, iou(0.1, 4), domain="cord")]

    assert results_table(tested, CLASSES, "domain").splitlines() == [
        "domain  tested on  iou    boundary_iou",
        "0       cod        0.500  0.250",
        "0       cord       0.500  0.250",
        "",
        "IoU in cord of  learned at  domain 0",
        "boat            domain 0    0.100",
    ]


def test_classes_are_shown_by_the_metric_that_the_method_names() -> None:
    scoring = Scoring(Headline("hits", None, "Hits", "share of hits"), (ScoreTable("recall", "class", "Recall"),))
    tested = [
        scores_of(step, Score(metric="hits", value=value), Score(metric="recall", value=value, class_id=4), iou(0.9, 7))
        for step, value in enumerate((0.5, 0.25))
    ]

    assert results_table(tested, CLASSES, scoring=scoring).splitlines() == [
        "step  hits",
        "0     0.500",
        "1     0.250",
        "",
        "Recall of  learned at  step 0  step 1",
        "boat       step 0      0.500   0.250",
    ]


def test_method_that_scores_no_class_has_no_table_of_them() -> None:
    scoring = Scoring(Headline("hits", None, "Hits", "share of hits"), ())

    tested = [scores_of(0, Score(metric="hits", value=0.5), iou(0.9, 7))]

    assert results_table(tested, CLASSES, scoring=scoring).splitlines() == ["step  hits", "0     0.500"]


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

    (found,) = last_scores(tmp_path)

    assert (found.step, found.scores) == (1, SECOND.scores)


def test_every_domain_keeps_its_last_evaluation(tmp_path: Path) -> None:
    events = EventWriter(tmp_path / "events.jsonl")
    for domain, value in (("a", 0.1), ("b", 0.2), ("a", 0.3)):
        events.emit(scores_of(0, miou(value), domain=domain))
    events.close()

    assert [(found.domain, found.scores[0].value) for found in last_scores(tmp_path)] == [("a", 0.3), ("b", 0.2)]


def test_a_teacher_counts_and_not_the_student_that_is_tested_after_it(tmp_path: Path) -> None:
    events = EventWriter(tmp_path / "events.jsonl")
    for scores in (FIRST, SECOND.model_copy(update={"split": "test-student"})):
        events.emit(scores)
    events.close()

    (found,) = last_scores(tmp_path)
    assert (found.split, found.scores) == (FIRST.split, FIRST.scores)


def test_attempt_without_an_evaluation_has_no_scores(tmp_path: Path) -> None:
    assert last_scores(tmp_path) == []


def test_table_of_a_trained_run_shows_the_scores_that_it_announced(eir_run: LocalRun) -> None:
    steps = [scores for index in (0, 1) for scores in last_scores(attempt_of(eir_run, index))]

    table = results_table(steps, CLASSES).splitlines()

    all_classes = score(steps[1], "miou", group="all")
    assert table[2].split()[:2] == ["1", f"{all_classes:.3f}"]
    assert [line.split()[0] for line in table[5:]] == ["background", "1", "2", "3", "boat"]


def test_scores_of_groups_that_a_method_is_judged_by_are_columns() -> None:
    rows = [Score(metric="ap", value=0.5, group="known"), Score(metric="ap", value=None, group="unknown")]
    tested = Scores(split="val", step=0, iteration=1, scores=rows)

    table = results_table([tested], ClassTable({1: "ball"}), scoring=OPEN_SET_SCORING)

    assert table.splitlines() == ["step  ap known  ap unknown", "0     0.500     undefined"]
