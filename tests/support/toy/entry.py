"""The toy's row in the table of methods. Free of torch."""

from __future__ import annotations

from pathlib import Path

from core.methods.entry import MethodEntry
from core.methods.scoring import Headline, ScoreTable, Scoring

ENTRY = MethodEntry(
    title="Toy",
    summary="Tells classes by their colour, in one domain after the other.",
    publication="None",
    config="tests.support.toy.config:ToyConfig",
    plan="tests.support.toy.plan:plan_stages",
    stages="tests.support.toy.stages:STAGES",
    stream="two_domains",
    presets=str(Path(__file__).parent / "presets"),
    scoring=Scoring(
        Headline("colour_accuracy", None, "Accuracy", "share of the pixels whose class is right"),
        (ScoreTable("recall", "class", "Recall"), ScoreTable("colour_accuracy", "domain", "Accuracy")),
    ),
)
