"""Means over classes, and scores over everything."""

from __future__ import annotations

from core.methods.scoring import Headline, ScoreTable, Scoring
from server.db.models import Evaluation, Score
from server.db.session import Database
from server.services.scores.learning import learning_of
from server.services.scores.mean_scores import mean_scores
from server.services.scores.measured import measured
from server.services.scores.score_matrices import ScoreView
from tests.support.results import add_evaluation
from tests.support.rows import make_run

SCORING = Scoring(Headline("last", None, "Last", "…"), (ScoreTable("last", "group", "Last"),))


def test_a_score_over_everything_stands_for_the_group_of_all(database: Database) -> None:
    run = make_run(database)
    evaluation = add_evaluation(database, run.stages[0], [[6, 2], [1, 7]], channels=[-1, 4])
    with database.write() as session:
        step = session.get_one(Evaluation, evaluation).step
        session.add(Score(evaluation_id=evaluation, run_id=run.id, step=step, metric="last", value=0.25))

    with database.read() as session:
        view = ScoreView(measured(session, run.id, "test", {"last"}), learning_of(session, run.id), SCORING, None)
        (mean,) = mean_scores(view)

    assert (mean.metric, mean.group, mean.values) == ("last", "all", [0.25])
