"""Translates settings into rules of the detector's parts."""

from __future__ import annotations

from core.methods.semseg.config import DetectorConfig, SemsegConfig
from core.methods.semseg.options import BranchOptions
from core.methods.semseg.region_losses import RegionLossRule
from core.models.openset.decisions import BranchRule, DecisionRule
from core.models.openset.detection import DetectionRule
from core.models.openset.localisation_rpn import ProposalRule
from core.models.openset.matching import RegionRule, SamplingRule


def anchor_rules(config: SemsegConfig) -> tuple[SamplingRule, SamplingRule]:
    """Return the sampling rules of anchors for boxes, and for scores."""
    options = config.proposals
    return (
        SamplingRule(*options.box_ious, options.per_image, 0.5),
        SamplingRule(*options.score_ious, options.per_image, 1.0),
    )


def training_proposals(config: SemsegConfig) -> ProposalRule:
    """Return the proposal rule of training."""
    one = config.proposals
    return ProposalRule(one.pre_topk_train, one.post_process, one.nms_train, one.post_topk_train)


def tested_proposals(config: SemsegConfig) -> ProposalRule:
    """Return the proposal rule of tests."""
    one = config.proposals
    return ProposalRule(one.pre_topk_test, one.post_process, one.nms_test, one.post_topk_test)


def region_rule(config: SemsegConfig) -> RegionLossRule:
    """Return the sampling of regions and the weights of their losses."""
    regions, weights = config.regions, config.loss
    return RegionLossRule(
        sampling=RegionRule(regions.per_image, regions.positive_fraction, regions.iou),
        box_loss=regions.box_loss,
        box=weights.box,
        iou=weights.iou,
        metric=weights.metric,
        classes=weights.classes,
        mask=weights.mask,
        margins=(regions.alpha, regions.beta),
        metric_iou=regions.metric_iou,
    )


def detection_rule(config: DetectorConfig) -> DetectionRule:
    """Return the rule that turns proposals into objects."""
    options = config.eval
    decision = DecisionRule(
        _branch(options.known), _branch(options.unknown), options.score_mode, options.cross_suppress
    )
    return DetectionRule(options.unknown_threshold, options.region_score, options.region_topk, decision)


def _branch(options: BranchOptions) -> BranchRule:
    return BranchRule(options.score, options.nms, options.topk)
