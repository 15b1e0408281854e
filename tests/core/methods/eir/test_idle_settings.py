"""What the dry run calls a setting without effect changes no bit of what is learned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from core.methods.class_incremental.model_store import WEIGHTS_FILE
from core.stage.folder import ARTIFACT_DIR
from tests.support.local_runs import attempt_of, finish, small_run

ONE_STEP = ((1, 2, 3, 4),)
TWO_STEPS = ((1, 2), (3, 4))
Sections = Mapping[str, Mapping[str, Any]]

NO_MEMORY: tuple[Sections, Sections] = (
    {"memory": {"size": 0}, "kd": {"mode": "none"}},
    {
        "model": {"output_stride": 8, "dropout": 0.5},
        "optim": {"epochs": 3},
        "memory": {"filter": "class", "speck_px": 5, "min_area": 5, "border_px": 1, "filter_view": "crop"},
        "paste": {
            "enabled": False,
            "cell": 8,
            "lambda": 0.5,
            "filler": "none",
            "placement": "best_cell",
            "style": "match_host",
            "mixstyle": "random",
        },
        "kd": {"weight": 2, "alpha": 2, "rest": False},
    },
)
NO_PASTES: tuple[Sections, Sections] = (
    {"paste": {"enabled": False}, "kd": {"mode": "sigmoid"}},
    {"paste": {"cell": 8, "resize": "bilinear"}, "kd": {"alpha": 2, "rest": False}},
)
NO_TERMS: tuple[Sections, Sections] = (
    {"optim": {"warmup_fraction": 0.2}},
    {
        "optim": {"warmup_iterations": 3},
        "loss": {"fs_margin": 1, "lovasz_form": "hinge", "lovasz_classes": "all", "lovasz_per_image": True},
    },
)
HINGE: tuple[Sections, Sections] = (
    {"loss": {"lovasz": 1, "lovasz_form": "hinge"}},
    {"loss": {"lovasz_classes": "all"}},
)
NO_STEP: tuple[Sections, Sections] = (
    {},
    {
        "optim": {"warmup_iterations": 3, "freeze_bn": False},
        "init_new": "random",  # type: ignore[dict-item]
        "pseudo_labels": {"threshold": 0.1},
        "kd": {"mode": "unbiased"},
        "loss": {"intra_class": 2},
    },
)


@pytest.mark.parametrize(
    ("steps", "case"),
    [
        (TWO_STEPS, NO_MEMORY),
        (TWO_STEPS, NO_PASTES),
        (TWO_STEPS, NO_TERMS),
        (ONE_STEP, HINGE),
        (ONE_STEP, NO_STEP),
    ],
    ids=["no memory", "no pastes", "no terms", "hinge", "no step to come"],
)
def test_what_is_named_changes_nothing_and_all_of_it_is_named(
    tmp_path: Path, steps: Sequence[Sequence[int]], case: tuple[Sections, Sections]
) -> None:
    base, changed = case
    both = {
        name: {**base.get(name, {}), **changed[name]} if isinstance(changed.get(name), Mapping) else changed.get(name)
        for name in (*base, *changed)
        if name in changed
    }
    plain = small_run(tmp_path / "plain", "eir", steps, **base)
    other = small_run(tmp_path / "other", "eir", steps, **{**base, **both})

    said = [finish(plain), finish(other)]

    weights = [attempt_of(run, len(steps) - 1) / ARTIFACT_DIR / "model" / WEIGHTS_FILE for run in (plain, other)]
    assert weights[0].read_bytes() == weights[1].read_bytes()
    quiet, found = ({line.split(": ")[1] for line in lines if "has no effect" in line} for lines in said)
    assert found - quiet == {
        f"/config/{section}/{name}" if isinstance(values, Mapping) else f"/config/{section}"
        for section, values in changed.items()
        for name in (values if isinstance(values, Mapping) else [section])
    }
