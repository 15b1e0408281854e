"""The results of an experiment: all runs of one resolved configuration, and every score over their seeds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from sqlalchemy.orm import Session

from server.db.states import RunState
from server.schemas.experiment_results import ExperimentResults
from server.schemas.scoring import HeadlineScore
from server.services.results.aggregated import score_tables
from server.services.results.measures import measures_of
from server.services.results.members import Member, experiment_member, seed_runs
from server.services.results.references import reference_rows
from server.services.results.stream_identity import stream_digest


def experiment_results(
    session: Session, key: str, *, split: str | None = None, has_values: bool = False
) -> ExperimentResults:
    """Return the results of an experiment.

    Args:
        session: a reading session.
        key: digest of the resolved configuration, or id of a definition.
        split: split of the evaluations; None takes the main split of each run.
        has_values: whether each statistic lists the value of each run.

    Raises:
        NotFoundError: when there is no such experiment.
    """
    member = experiment_member(session, key, split)
    measures = measures_of(session, [member])
    definition = member.definition
    return ExperimentResults(
        digest=member.key,
        experiment_ids=list(member.experiment_ids),
        name=definition.name,
        method=definition.method,
        preset=definition.preset,
        dataset=definition.dataset,
        stream=definition.stream,
        stream_digest=stream_digest(definition),
        headline=HeadlineScore.model_validate(member.scoring.headline),
        split=member.split,
        runs=seed_runs(member),
        seeds=[one.run.seed for one in member.counted],
        states={RunState(state): count for state, count in _states(member).items()},
        reached=member.reached,
        measures=measures.measures,
        summary_seeds=[one.run.seed for one in member.ranked],
        summary=measures.summary(member, has_values=has_values),
        tables=score_tables(member, has_values=has_values),
        references=reference_rows(session, [member], measures, split),
        warnings=list(warnings_of(member)),
    )


def warnings_of(member: Member) -> Iterator[str]:
    """Yield what makes the counted runs of a member differ besides their seeds."""
    versions = sorted({version for one in member.counted for version in one.code_versions})
    if len(versions) > 1:
        yield f"the runs used {len(versions)} versions of the code: {', '.join(versions)}"
    splits = sorted({one.split for one in member.counted if one.split is not None})
    if len(splits) > 1:
        yield f"the runs were tested on different splits: {', '.join(splits)}; choose one with `split`"


def _states(member: Member) -> Counter[str]:
    return Counter(one.run.state for one in member.runs)
