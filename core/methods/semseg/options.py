"""Groups of settings of SemSeg; the defaults are the published ones of VOC-COCO (SemSeg 3 to 5). Free of torch."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from core.engine.sections import ConfigSection
from core.server_path import ServerPath

Side = Annotated[int, Field(ge=32, le=8192)]
Weight = Annotated[float, Field(ge=0, le=1000)]
Share = Annotated[float, Field(ge=0, le=1)]
MaskTargets = Literal["polygons", "bitmaps"]
BoxLoss = Literal["iou", "smooth_l1", "giou", "diou", "ciou"]


class TrunkOptions(ConfigSection):
    """Which trunk, and how it starts."""

    name: Literal["resnet50", "tiny"] = Field(
        "resnet50", description="ResNet-50 with a pyramid, or a small twin for CPUs."
    )
    backbone_weights: ServerPath | None = Field(
        None, description="File of weights of the backbone; none trains from random."
    )
    weights_style: Literal["torchvision", "msra_caffe"] = Field(
        "torchvision",
        description="Whose weights: torchvision's (RGB, stride in the 3x3 convolution), or Caffe's of MSRA (BGR, no "
        "deviation, stride in the 1x1 convolution).",
    )
    anchor_px: tuple[float, float, float, float, float] = Field(
        (32, 64, 128, 256, 512), description="Side of the anchors of each level."
    )


class ModelOptions(TrunkOptions):
    """Which network, and how it starts."""

    canonical_px: float = Field(224, gt=0, le=8192, description="Side of a region that is pooled from the third level.")
    embedding: int = Field(256, ge=2, le=4096, description="Width of the space of embeddings.")
    prototypes: int = Field(1, ge=1, le=64, description="Prototypes of each known class.")
    distance: Literal["COS", "L2", "L1"] = Field("COS", description="How distances between embeddings are measured.")
    mask_convs: int = Field(4, ge=0, le=16, description="Convolutions of the mask head; the publication draws three.")
    mask_weights: int = Field(128, ge=1, le=1024, description="Weights that are generated for each object's mask.")


class InputOptions(ConfigSection):
    """Sizes of images, and what is done to them."""

    train_sizes: tuple[Side, ...] = Field(
        (640, 672, 704, 736, 768, 800), min_length=1, max_length=32, description="Shorter sides that are drawn from."
    )
    test_size: Side = Field(800, description="Shorter side of test images.")
    longest_px: Side = Field(1333, description="Longest side of any image.")
    flip: Share = Field(0.5, description="Chance that left and right are exchanged.")
    mask_targets: MaskTargets = Field(
        "polygons",
        description="Draw masks from polygons where the data have them, as published, or sample them from bitmaps, so "
        "that a GPU need not wait.",
    )


class ProposalOptions(ConfigSection):
    """Proposals, scored by how well they are localised."""

    post_process: Literal["none", "nms"] = Field(
        "none",
        description="Pass on all boxes, as the published code does, or suppress in each level and keep the best.",
    )
    pre_topk_train: int = Field(2000, ge=1, le=100_000, description="Best boxes of each level, training.")
    pre_topk_test: int = Field(1000, ge=1, le=100_000, description="Best boxes of each level, test.")
    nms_train: Share = Field(1.0, description="IoU of the suppression, training; 1 only sorts.")
    nms_test: Share = Field(0.7, description="IoU of the suppression, test.")
    post_topk_train: int = Field(2000, ge=1, le=100_000, description="Boxes behind the suppression, training.")
    post_topk_test: int = Field(1000, ge=1, le=100_000, description="Boxes behind the suppression, test.")
    per_image: int = Field(256, ge=2, le=100_000, description="Anchors of an image that losses look at.")
    box_ious: tuple[Share, Share] = Field((0.3, 0.7), description="IoU bounds of the anchors that learn boxes.")
    score_ious: tuple[Share, Share] = Field((0.1, 0.3), description="IoU bounds of the anchors that learn scores.")
    box_loss: BoxLoss = Field("iou", description="Loss of the boxes.")

    @model_validator(mode="after")
    def _ordered(self) -> ProposalOptions:
        for name in ("box_ious", "score_ious"):
            low, high = getattr(self, name)
            if low > high:
                raise ValueError(f"{name} has the lower bound {low} above the upper one {high}; exchange them")
        return self


class RegionOptions(ConfigSection):
    """Regions that the heads learn from."""

    per_image: int = Field(512, ge=2, le=100_000, description="Regions of an image that losses look at.")
    positive_fraction: Share = Field(0.25, description="Largest share of them that lies on objects.")
    iou: Share = Field(0.5, description="IoU from which on a region lies on an object.")
    box_loss: BoxLoss = Field("smooth_l1", description="Loss of the boxes; smooth_l1 has beta 0, and is L1.")
    alpha: float = Field(0.05, ge=0, le=10, description="Radius around a prototype into which its class is drawn.")
    beta: float = Field(0.95, ge=0, le=10, description="Distance from other prototypes to which a class is pushed.")
    metric_iou: Share = Field(0.5, description="IoU above which a region teaches the space of embeddings.")


class LossOptions(ConfigSection):
    """Weights of the seven losses."""

    proposal_box: Weight = Field(10.0, description="Boxes of proposals.")
    proposal_score: Weight = Field(1.0, description="Scores of proposals.")
    box: Weight = Field(2.0, description="Boxes of regions.")
    iou: Weight = Field(1.0, description="Predicted IoU of regions.")
    metric: Weight = Field(2.0, description="Space of embeddings; 3 on GraspNet.")
    classes: Weight = Field(1.0, description="Classes of regions; 2 on GraspNet.")
    mask: Weight = Field(1.0, description="Masks.")


class OptimOptions(ConfigSection):
    """Stochastic gradient descent with two drops of the rate."""

    lr: float = Field(0.005, gt=0, le=10, description="Learning rate.")
    batch_size: int = Field(4, ge=1, le=256, description="Images an iteration.")
    iterations: int = Field(128_000, ge=1, le=10_000_000, description="Iterations.")
    milestones: tuple[int, ...] = Field(
        (84_000, 116_000), max_length=16, description="Iterations from which on the rate is a tenth of that before."
    )
    warmup_iterations: int = Field(400, ge=0, le=1_000_000, description="Iterations of the linear warm-up.")
    momentum: float = Field(0.9, ge=0, lt=1, description="Momentum.")
    weight_decay: float = Field(1e-4, ge=0, le=1, description="Weight decay of every trained parameter.")
    clip_norm: float | None = Field(None, gt=0, le=1e6, description="Joint norm of gradients; none leaves them.")
    reference_batch: int | None = Field(
        None,
        ge=1,
        le=4096,
        description="Batch for which rate and schedule are given: the rate is scaled by the batch over it, iterations "
        "and milestones inversely; none scales nothing.",
    )


class BranchOptions(ConfigSection):
    """What becomes an object of one branch."""

    score: Share = Field(0.05, description="Score that an object must exceed.")
    nms: Share = Field(0.5, description="IoU above which the better object suppresses the other.")
    topk: int = Field(50, ge=0, le=1000, description="Most objects of an image.")


class TestOptions(ConfigSection):
    """How objects are told, and how models are tested."""

    unknown_threshold: float = Field(
        0.085, ge=0, le=4, description="Distance from all prototypes beyond which a region is unknown."
    )
    known: BranchOptions = Field(default_factory=BranchOptions, description="Known objects, scored by their class.")
    unknown: BranchOptions = Field(
        default_factory=BranchOptions, description="Unknown objects, scored by their localisation."
    )
    region_score: Share = Field(0.05, description="Localisation that a region must exceed.")
    region_topk: int = Field(1000, ge=1, le=10_000, description="Most regions of an image.")
    score_mode: Literal["cls", "cls_times_loc"] = Field(
        "cls", description="Score known objects by their class, or by that times their localisation."
    )
    cross_suppress: bool = Field(False, description="Let known objects suppress unknown ones.")
    every: int = Field(
        0, ge=0, le=10_000_000, description="Iterations between two tests of a training, for its curves; 0 tests none."
    )
    panel_images: int = Field(
        4, ge=0, le=64, description="Images of each test set whose predictions are kept; 0 keeps none."
    )
