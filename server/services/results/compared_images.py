"""Test images that every member of a comparison has predicted, with each prediction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.data.samples import SampleKind
from server.db.models import Prediction, Stage
from server.db.shared_stages import OWNER
from server.schemas.compared_images import ComparedImage, ComparedImages, ComparedImagesQuery, MemberPrediction
from server.services.experiments.classes import stored_classes
from server.services.predictions import address_of
from server.services.results.compared import Compared
from server.services.results.members import Member, MemberRun

Panels = Mapping[str, Prediction]
"""Id of the image -> the prediction that is shown."""


def compared_images(session: Session, compared: Compared, query: ComparedImagesQuery) -> ComparedImages:
    """Return the images of one domain that all members have predicted from the same pixels."""
    runs = [_standing_for(member, query.seed) for member in compared.members]
    by_run = _predictions(session, [one.run.id for one in runs if one is not None])
    domains = list(dict.fromkeys(row.domain for rows in by_run.values() for row in rows))
    domain = query.domain if query.domain is not None or None in domains else next(iter(domains), None)
    panels = [_panels(by_run[one.run.id] if one is not None else (), domain, query.step) for one in runs]
    sources = list(dict.fromkeys(source for of_member in panels for source in of_member))
    common = [source for source in sources if _is_common(source, panels)]
    return ComparedImages(
        labels=list(compared.labels),
        domain=domain,
        domains=[name for name in domains if name is not None],
        classes=stored_classes(compared.members[0].definition.class_table).labels,
        items=[_image([of_member[source] for of_member in panels], runs) for source in common],
        left_out=len(sources) - len(common),
    )


def _standing_for(member: Member, seed: int | None) -> MemberRun | None:
    """Return the run whose predictions are shown: that of the seed, or the first one that stands for the member."""
    candidates = member.ranked or member.drawn
    wanted = (
        [one for one in candidates if one.run.seed == seed] if seed is not None and not member.is_run else candidates
    )
    return next(iter(wanted), None)


def _predictions(session: Session, run_ids: Sequence[str]) -> Mapping[str, list[Prediction]]:
    """Return run id -> its predictions, those of shared stages included."""
    statement = (
        select(Stage.run_id, Prediction)
        .join(Prediction, Prediction.stage_id == OWNER)
        .where(Stage.run_id.in_(run_ids))
        .order_by(Prediction.rank, Prediction.step, Prediction.id)
    )
    found: dict[str, list[Prediction]] = {run_id: [] for run_id in run_ids}
    for run_id, row in session.execute(statement):
        found[run_id].append(row)
    return found


def _panels(rows: Sequence[Prediction], domain: str | None, step: int | None) -> Panels:
    """Return a run's predictions after a step, or after its last one."""
    own = [row for row in rows if row.domain == domain]
    shown = max((row.step for row in own), default=0) if step is None else step
    return {row.source: row for row in own if row.step == shown}


def _is_common(source: str, panels: Sequence[Panels]) -> bool:
    if not all(source in of_member for of_member in panels):
        return False
    return len({(of_member[source].image_sha256, of_member[source].labels_sha256) for of_member in panels}) == 1


def _image(rows: Sequence[Prediction], runs: Sequence[MemberRun | None]) -> ComparedImage:
    first = rows[0]
    return ComparedImage(
        kind=SampleKind(first.kind),
        source=first.source,
        width=first.width,
        height=first.height,
        classes=first.classes,
        background_id=first.background_id,
        ignore_id=first.ignore_id,
        picture=address_of(first, "image"),
        labels=address_of(first, "labels"),
        predictions=[
            MemberPrediction(
                run_id=one.run.id,
                seed=one.run.seed,
                step=row.step,
                prediction=address_of(row, "prediction"),
                pixel_accuracy=row.pixel_accuracy,
                iou=row.iou,
            )
            for row, one in zip(rows, runs, strict=True)
            if one is not None
        ],
    )
