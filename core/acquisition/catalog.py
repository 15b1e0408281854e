"""The table of acquisition functions and the enums that configs take. Free of torch.

Code is named by dotted path, so reading the table loads nothing; a test resolves every row.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from importlib import import_module
from typing import Any, cast


class AcquisitionName(StrEnum):
    """Names of the acquisition functions, which decide what is queried."""

    RANDOM = "random"
    ENTROPY = "entropy"
    LEAST_CONFIDENCE = "least_confidence"
    MARGIN = "margin"
    BVSB = "bvsb"
    MC_ENTROPY = "mc_entropy"
    BALD = "bald"
    CORESET = "coreset"
    STAL = "stal"
    RIPU_RA = "ripu_ra"
    RIPU_PA = "ripu_pa"


class SuperpixelSize(StrEnum):
    """Sizes of a query's superpixels."""

    FINE = "fine"
    MEDIUM = "medium"
    COARSE = "coarse"


class QueryUnit(StrEnum):
    """The unit of one query."""

    IMAGE = "image"
    REGION = "region"
    PIXEL = "pixel"


class Evidence(StrEnum):
    """Input of an acquisition function. Functions with the same input have the same signature."""

    NOTHING = "nothing"
    """`(count, generator) -> values (N,)`"""
    LOGITS = "logits"
    """`(logits) -> map (B, H, W)`, larger where a label is worth more"""
    DROPOUT_PASSES = "dropout_passes"
    """`(DropoutSums) -> map (B, H, W)`"""
    FEATURES = "features"
    """`(features (N, D), is_labelled (N,), budget_images) -> CoreSet`"""
    IMAGE_LOGITS = "image_logits"
    """`(logits) -> values (B,)`"""
    NEIGHBOURHOODS = "neighbourhoods"
    """`(logits, radius_px) -> RegionScore` of maps (B, H, W)"""


class AggregationName(StrEnum):
    """How a map is aggregated into the value of an image or region."""

    MEAN = "mean"
    TOP = "top"
    SUM = "sum"


class QuotaRule(StrEnum):
    """How a budget is divided among groups of images."""

    LARGEST_REMAINDER = "largest_remainder"
    PUBLISHED = "published"


@dataclass(frozen=True)
class AcquisitionEntry:
    """One function.

    Attributes:
        title, summary: texts for the pages.
        publication: source of the function.
        unit: unit of one query.
        evidence: input of the function; fixes its signature.
        function: dotted path, `module:function`; importing it loads torch.
    """

    title: str
    summary: str
    publication: str
    unit: QueryUnit
    evidence: Evidence
    function: str

    def load(self) -> Callable[..., Any]:
        """Import the function."""
        module, _, name = self.function.partition(":")
        return cast("Callable[..., Any]", getattr(import_module(module), name))


RIPU_PUBLICATION = (
    "Towards Fewer Annotations: Active Learning via Region Impurity and Prediction Uncertainty for Domain Adaptive "
    "Semantic Segmentation, CVPR 2022"
)

ACQUISITIONS: dict[AcquisitionName, AcquisitionEntry] = {
    AcquisitionName.RANDOM: AcquisitionEntry(
        title="Random",
        summary="Draws images uniformly: the baseline of every other function.",
        publication="Baseline of every paper on active learning",
        unit=QueryUnit.IMAGE,
        evidence=Evidence.NOTHING,
        function="core.acquisition.functions:random_values",
    ),
    AcquisitionName.ENTROPY: AcquisitionEntry(
        title="Entropy",
        summary="Prefers images whose pixels could be any class.",
        publication="A Mathematical Theory of Communication, Bell System Technical Journal 1948",
        unit=QueryUnit.IMAGE,
        evidence=Evidence.LOGITS,
        function="core.acquisition.functions:entropy_map",
    ),
    AcquisitionName.LEAST_CONFIDENCE: AcquisitionEntry(
        title="Least confidence",
        summary="Prefers images whose best class has a low probability.",
        publication="A Sequential Algorithm for Training Text Classifiers, SIGIR 1994",
        unit=QueryUnit.IMAGE,
        evidence=Evidence.LOGITS,
        function="core.acquisition.functions:least_confidence_map",
    ),
    AcquisitionName.MARGIN: AcquisitionEntry(
        title="Margin",
        summary="Prefers images whose two best classes are equally probable, by their difference.",
        publication="Active Hidden Markov Models for Information Extraction, IDA 2001",
        unit=QueryUnit.IMAGE,
        evidence=Evidence.LOGITS,
        function="core.acquisition.functions:margin_map",
    ),
    AcquisitionName.BVSB: AcquisitionEntry(
        title="Best versus second best",
        summary="Prefers images whose two best classes are equally probable, by their ratio.",
        publication="Multi-Class Active Learning for Image Classification, CVPR 2009",
        unit=QueryUnit.IMAGE,
        evidence=Evidence.LOGITS,
        function="core.acquisition.functions:bvsb_map",
    ),
    AcquisitionName.MC_ENTROPY: AcquisitionEntry(
        title="Entropy under dropout",
        summary="Prefers images whose mean prediction over dropout passes could be any class.",
        publication="Dropout as a Bayesian Approximation, ICML 2016",
        unit=QueryUnit.IMAGE,
        evidence=Evidence.DROPOUT_PASSES,
        function="core.acquisition.dropout_passes:mc_entropy_map",
    ),
    AcquisitionName.BALD: AcquisitionEntry(
        title="BALD",
        summary="Prefers images on which dropout passes are sure of themselves and disagree.",
        publication="Deep Bayesian Active Learning with Image Data, ICML 2017",
        unit=QueryUnit.IMAGE,
        evidence=Evidence.DROPOUT_PASSES,
        function="core.acquisition.dropout_passes:bald_map",
    ),
    AcquisitionName.CORESET: AcquisitionEntry(
        title="Core-set",
        summary="Prefers images that look unlike all labelled ones.",
        publication="Active Learning for Convolutional Neural Networks: A Core-Set Approach, ICLR 2018",
        unit=QueryUnit.IMAGE,
        evidence=Evidence.FEATURES,
        function="core.acquisition.coreset:k_centre_greedy",
    ),
    AcquisitionName.STAL: AcquisitionEntry(
        title="STAL",
        summary="Prefers images of high mean entropy, within a quota for each city.",
        publication="STAL: self-training and active learning for domain-adaptive segmentation",
        unit=QueryUnit.IMAGE,
        evidence=Evidence.IMAGE_LOGITS,
        function="core.acquisition.entropy:image_entropy",
    ),
    AcquisitionName.RIPU_RA: AcquisitionEntry(
        title="RIPU, regions",
        summary="Prefers small windows in which predictions are many-classed and uncertain.",
        publication=RIPU_PUBLICATION,
        unit=QueryUnit.REGION,
        evidence=Evidence.NEIGHBOURHOODS,
        function="core.acquisition.ripu:region_score",
    ),
    AcquisitionName.RIPU_PA: AcquisitionEntry(
        title="RIPU, pixels",
        summary="Prefers uncertain pixels in many-classed windows, far from one another.",
        publication=RIPU_PUBLICATION,
        unit=QueryUnit.PIXEL,
        evidence=Evidence.NEIGHBOURHOODS,
        function="core.acquisition.ripu:pixel_score",
    ),
}
