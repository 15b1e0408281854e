"""Settings of STAL; the defaults are the published values for GTA5 -> Cityscapes (STAL 2 to 7). Free of torch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal

from pydantic import Field, model_validator

from core.acquisition.catalog import QueryUnit
from core.acquisition.options import AcquisitionOptions
from core.data.classes import CITYSCAPES_CLASSES, ClassTable
from core.data.groups import groups_of
from core.data.resized import Resize
from core.engine.sections import ConfigSection
from core.errors import ConfigError, Fault, nearest
from core.methods.base import MethodConfig
from core.methods.idle_settings import idle_settings
from core.methods.stal.idle_settings import idle_of
from core.methods.stal.label_space import LabelSpace, learned_ids
from core.server_path import ServerPath
from core.streams.active_rounds import TARGET
from core.streams.base import KnownDataset, TaskStream

ImageSide = Annotated[int, Field(ge=16, le=8192)]
FREQUENT_CLASSES = ("road", "sidewalk", "building", "vegetation", "sky")


class NetworkOptions(ConfigSection):
    """Which network, and how it starts."""

    name: Literal["tiny", "deeplabv3plus_resnet50", "deeplabv3plus_resnet101"] = Field(
        "deeplabv3plus_resnet101", description="DeepLabV3+ on a deep-stem ResNet, or a small twin for CPUs."
    )
    dropout: float = Field(0.1, ge=0, lt=1, description="Chance of dropping a channel in the heads.")
    backbone_weights: ServerPath | None = Field(
        None,
        description="File with ImageNet weights of the deep-stem encoder, or torchvision's; none trains from random.",
    )
    init: Literal["backbone", "previous_round", "checkpoint"] = Field(
        "backbone",
        description="Where a round starts: from the backbone's weights, from the round before, or from a checkpoint.",
    )
    checkpoint: ServerPath | None = Field(
        None, description="Checkpoint of the published STAL code, or a file of one state; every round starts from it."
    )
    checkpoint_state: Literal["teacher", "student"] = Field(
        "teacher", description="Which network of the checkpoint student and teacher start from."
    )
    checkpoint_partial: bool = Field(
        False, description="Load what fits of the checkpoint; otherwise every difference is an error."
    )

    @model_validator(mode="after")
    def _checkpoint_is_named(self) -> NetworkOptions:
        if (self.init == "checkpoint") != (self.checkpoint is not None):
            raise ValueError("init 'checkpoint' and the checkpoint's path belong together: give both or neither")
        return self


class ViewOptions(ConfigSection):
    """Crop and augmentation of training images."""

    crop_px: int = Field(769, ge=16, le=4096, description="Side of the square training crop, in pixels.")
    scale_min: float = Field(0.5, gt=0, le=1, description="Smallest random scale.")
    scale_max: float = Field(2.0, ge=1, le=8, description="Largest random scale.")
    label_space: LabelSpace = Field(
        "all", description="Every class of the target, or of Cityscapes only the 16 that SYNTHIA has too."
    )
    source_size: tuple[ImageSide, ImageSide] | None = Field(
        None,
        description="Width and height that source images are brought to before augmentation, published 2048 and 1024; "
        "by default they keep their own.",
    )
    source_resize: Resize = Field(
        "bilinear", description="How source images are resized; the reference's code takes lanczos. Labels: nearest."
    )
    target_size: tuple[ImageSide, ImageSide] | None = Field(
        None,
        description="Width and height that the target's training images are brought to before augmentation, and its "
        "test images where they are tested whole; scores are of the labels at their own size. By default, as "
        "published, they keep their own.",
    )
    target_resize: Resize = Field("bilinear", description="How the target's training images are resized.")
    cache_mib: int = Field(512, ge=0, le=1_048_576, description="Memory for decoded images, in MiB.")


class StalOptim(ConfigSection):
    """Optimiser of the student's parameters, and its learning rates."""

    name: Literal["sgd", "adam"] = Field("sgd", description="Stochastic gradient descent with momentum, or Adam.")
    lr: float = Field(0.0025, gt=0, le=10, description="Learning rate of the encoder.")
    head_lr_factor: float = Field(10.0, gt=0, le=1000, description="Learning rate of the heads over the encoder's.")
    momentum: float = Field(0.9, ge=0, lt=1, description="Momentum (sgd).")
    weight_decay: float = Field(1e-4, ge=0, le=1, description="Weight decay.")
    batch_size: int = Field(4, ge=1, le=256, description="Labelled images an iteration, and as many unlabelled ones.")
    epochs: int = Field(200, ge=1, le=10_000, description="Passes over the unlabelled images of a round.")
    iterations: int | None = Field(None, ge=1, le=10_000_000, description="Iterations a round instead of epochs.")
    schedule: Literal["poly", "cosine"] = Field("poly", description="Polynomial decay, or half a cosine.")
    poly_power: float = Field(0.9, gt=0, le=10, description="Power of the polynomial decay.")
    cosine_floor: float = Field(0.0, ge=0, le=1, description="Last learning rate of the cosine over the first.")
    warmup_epochs: int = Field(0, ge=0, le=1000, description="Epochs of supervised training before the teacher.")
    clip_norm: float | None = Field(None, gt=0, description="Clip the gradient's norm to this; off by default.")


class SupervisedOptions(ConfigSection):
    """The loss against ground truth."""

    loss: Literal["ohem", "ce"] = Field("ohem", description="Hard pixels only (ohem), or all of them.")
    thresh: float = Field(0.7, gt=0, le=1, description="Probability up to which a pixel is hard.")
    min_kept: int = Field(100_000, ge=0, description="Pixels of a batch that count at least; 0 counts all.")
    auxiliary_weight: float = Field(0.4, ge=0, le=10, description="Weight of the auxiliary head's loss.")
    separate_domains: bool = Field(
        False,
        description="Average over source and target apart, as RIPU does: a few labelled pixels then weigh as much as "
        "whole images of the source.",
    )
    class_weights: bool = Field(
        False, description="Weigh the 19 Cityscapes classes as published (ohem), or count rare ones twice (ce)."
    )
    weights_by_name: dict[str, Annotated[float, Field(ge=0, le=1000)]] = Field(
        default_factory=dict,
        description="Weights of classes by their names instead of the published ones; a class that is not named has 1.",
    )

    @model_validator(mode="after")
    def _weights_are_given_once(self) -> SupervisedOptions:
        if self.class_weights and self.weights_by_name:
            raise ValueError("class_weights are the published ones: switch them off, or leave weights_by_name empty")
        return self

    def check_against(self, classes: ClassTable, num_learned: int) -> None:
        """Raise ConfigError if weights are given or required for classes that the target lacks."""
        names = classes.names.values()
        unknown = sorted(self.weights_by_name.keys() - set(names))
        if unknown:
            raise ConfigError(
                f"the target has no class {unknown[0]!r} to weigh{nearest(unknown[0], names)}",
                "/config/supervised/weights_by_name",
            )
        if self.class_weights and num_learned != len(CITYSCAPES_CLASSES.names):
            raise ConfigError(
                f"weights are published for the 19 classes of Cityscapes, not for {num_learned}; give weights_by_name",
                "/config/supervised/class_weights",
            )


class SelfTrainingOptions(ConfigSection):
    """The teacher's labels and what the student makes of them."""

    weight: float = Field(1.0, ge=0, le=100, description="Weight of the consistency loss; 0 trains on labels alone.")
    loss: Literal["consistency", "plain", "u2pl"] = Field(
        "consistency", description="AEL's weighted loss, plain cross-entropy, or U2PL's."
    )
    gamma: float = Field(2.0, ge=0, le=10, description="Exponent of the teacher's confidence.")
    sample: bool = Field(True, description="Let pixels of well-known classes take part less often.")
    sample_gamma: float = Field(1.0, ge=0, le=10, description="Exponent of the classes' sampling rate.")
    threshold: float = Field(0.0, ge=0, lt=1, description="Least confidence of teacher labels on labelled images.")
    unreliable_percent: float = Field(
        20.0, ge=0, lt=100, description="Share of the teacher's pixels dropped at the start, annealed to 0, in percent."
    )
    drop_percent: float = Field(80.0, ge=0, le=100, description="U2PL's percentile of the entropy at the start.")
    symmetric_labelled: bool = Field(False, description="Add 0.1 reverse cross-entropy on labelled images.")
    symmetric_unlabelled: bool = Field(False, description="Add 0.1 reverse cross-entropy on mixed images.")
    ema_maximum: float = Field(0.99, ge=0, le=1, description="Largest decay of the teacher's average.")
    ema_buffers: Literal["own", "copy", "ema"] = Field(
        "own",
        description="Batch-norm statistics of the teacher: from its own passes, or the student's, copied or averaged.",
    )


class CopyPasteOptions(ConfigSection):
    """Adaptive copy-paste into labelled images."""

    enabled: bool = Field(True, description="Paste rare classes of a second labelled image.")
    probability: float = Field(0.5, ge=0, le=1, description="Chance that a batch gets partners.")
    classes_drawn: int = Field(3, ge=1, le=64, description="Classes drawn an iteration, duplicates merged.")
    scale_min: float = Field(0.1, gt=0, le=1, description="Smallest random scale of the partner.")
    frequent: tuple[str, ...] = Field(FREQUENT_CLASSES, description="Classes that are never pasted.")

    def warnings(self, classes: ClassTable) -> Iterator[Fault]:
        """Yield warnings about frequent classes that the target lacks. The default always lists Cityscapes' classes."""
        for place, name in enumerate(self.frequent if self.frequent != FREQUENT_CLASSES else ()):
            if name not in classes.names.values():
                message = f"{name!r} does nothing: the target has no such class{nearest(name, classes.names.values())}"
                yield Fault(f"/config/copy_paste/frequent/{place}", message, "without_effect")


class MixOptions(ConfigSection):
    """How two unlabelled images become one."""

    kind: Literal["adaptive", "cutout", "cutmix", "classmix", "none"] = Field(
        "adaptive",
        description="A large component of a weak class (adaptive), a rectangle, half of the classes, or none.",
    )
    area_share: float = Field(0.005, ge=0, lt=1, description="A component must fill more than this share of the crop.")
    presence_share: float = Field(0.01, ge=0, lt=1, description="A class is shown from this share of a crop on.")
    smooth: bool = Field(False, description="Draw the mixed class from the cube root of its doubt.")


class ContrastOptions(ConfigSection):
    """The contrastive loss with class memories."""

    weight: float = Field(0.1, ge=0, le=100, description="Weight of the loss; 0 leaves it out.")
    start_epoch: int = Field(20, ge=0, le=10_000, description="First epoch with the loss.")
    queries: int = Field(256, ge=1, le=65_536, description="Anchors a class.")
    negatives: int = Field(50, ge=1, le=4096, description="Negatives an anchor.")
    temperature: float = Field(0.5, gt=0, le=10, description="Temperature of the cosines.")
    min_probability: float = Field(
        0.3, ge=0, lt=1, description="Teacher's probability from which a pixel is an anchor."
    )
    max_probability: float = Field(1.0, gt=0, le=1, description="A negative's probability of the class is below this.")
    low_rank: int = Field(3, ge=0, le=255, description="Top ranks that are near misses on labelled images.")
    high_rank: int = Field(20, ge=1, le=256, description="Rank from which a class is no plausible confusion.")
    low_percent: float = Field(20.0, ge=0, le=100, description="Percentile of the entropy below which pixels are sure.")
    high_percent: float = Field(80.0, ge=0, le=100, description="Percentile above which pixels give negatives.")
    anneal: bool = Field(False, description="Anneal both percentiles over the labelled pixels, as U2PL does.")
    any_negative: bool = Field(False, description="Take negatives from every pixel instead of uncertain ones.")
    anchor_ema: bool = Field(False, description="Average the positives over iterations.")
    conf_weight: bool = Field(False, description="Weigh the positives by the teacher's confidence.")
    memory: int = Field(30_000, ge=1, le=1_000_000, description="Vectors kept of each class.")
    memory_first: int = Field(50_000, ge=1, le=1_000_000, description="Vectors kept of class 0.")
    half_precision: bool = Field(False, description="Keep the memories in 16 bits: half the size, slightly rounded.")
    max_push: int = Field(4096, ge=0, le=1_000_000, description="Vectors a class gives an iteration; 0 = all.")


class RipuOptions(ConfigSection):
    """The losses of RIPU's own training (CVPR 2022), which has no teacher; STAL leaves both out."""

    consistency_weight: float = Field(
        0.0, ge=0, le=100, description="Weight of local consistency at the borders of source labels; published 0.1."
    )
    consistency_form: Literal["l1", "kl"] = Field("l1", description="How far a pixel is from its neighbours' mean.")
    negative_weight: float = Field(
        0.0, ge=0, le=100, description="Weight of negative learning on unlabelled images; published 1."
    )
    negative_threshold: float = Field(0.05, gt=0, lt=1, description="Probability below which a class is absent.")


class TestOptions(ConfigSection):
    """How teacher and student are tested."""

    mode: Literal["whole", "sliding"] = Field("whole", description="One pass over whole images, or sliding windows.")
    base_size: int = Field(2048, ge=16, le=16_384, description="Longer side at scale 1 (sliding).")
    scales: tuple[float, ...] = Field((1.0,), min_length=1, description="Scales whose logits are summed (sliding).")
    flip: bool = Field(False, description="Average with the mirrored image (sliding).")
    every_epochs: int = Field(
        0, ge=0, le=10_000, description="Test after every so many epochs too, for the charts; 0 only at a round's end."
    )
    between: Literal["as_at_end", "centre"] = Field(
        "as_at_end",
        description="What is tested between epochs: as at a round's end, or the centre crop of each image.",
    )
    restrict: bool = Field(
        False, description="Score subsets of the classes by the best class of the subset instead of the best of all."
    )
    save_maps: Literal["none", "ids", "colours", "both"] = Field(
        "none",
        description="Keep the teacher's prediction of every test image, as class ids, in colours, or both.",
    )
    batch_size: int = Field(4, ge=1, le=256, description="Images tested, or valued by the teacher, at a time.")
    panel_images: int = Field(
        8, ge=0, le=64, description="Test images whose predictions are kept after every round; 0 keeps none."
    )

    def in_words(self) -> str:
        """Return the mode in the words of score tables."""
        if self.mode == "whole":
            return "tested on whole images in one pass (mode whole); a pixel gets the best class"
        scales = ", ".join(f"{scale:g}" for scale in self.scales)
        mirrored = " and mirrored" if self.flip else ""
        return f"tested in sliding windows at scale {scales}{mirrored} (mode sliding); a pixel gets the best class"


class CompatOptions(ConfigSection):
    """Where the reference's code leaves its own publication; all off by default."""

    pad_label_zero: bool = Field(False, description="Label padding as class 0.")
    drop_low_entropy: bool = Field(False, description="Drop the most certain pseudo-labels instead of the least.")
    decay_absent: bool = Field(False, description="Let the confidence of absent classes decay.")
    key_needs_label: bool = Field(False, description="Store only negatives whose own label is the class.")
    positional_index: bool = Field(False, description="Pair anchors with memories by position among present classes.")
    onehot_batch0: bool = Field(False, description="Write the one-hot labels of a batch into its first image.")
    proto_reset: bool = Field(False, description="Forget stored positives of absent classes.")
    one_pair: bool = Field(False, description="Mix one pair of unlabelled images an iteration and drop the others.")
    log19: bool = Field(False, description="Divide entropies by ln 19 whatever the number of classes.")


class StalConfig(MethodConfig):
    """Settings of STAL."""

    lowered_on_divergence = ("optim.lr", "optim.head_lr_factor")
    set_on_divergence = ("optim.clip_norm",)

    model: NetworkOptions = Field(default_factory=NetworkOptions, description="Network.")
    data: ViewOptions = Field(default_factory=ViewOptions, description="Crop and augmentation.")
    optim: StalOptim = Field(default_factory=StalOptim, description="Optimisation.")
    supervised: SupervisedOptions = Field(default_factory=SupervisedOptions, description="Loss against ground truth.")
    self_training: SelfTrainingOptions = Field(default_factory=SelfTrainingOptions, description="Mean teacher.")
    bank_momentum: float = Field(0.999, ge=0, lt=1, description="Momentum of the classes' confidence.")
    copy_paste: CopyPasteOptions = Field(default_factory=CopyPasteOptions, description="Adaptive copy-paste.")
    mix: MixOptions = Field(default_factory=MixOptions, description="Mixing of unlabelled images.")
    contrast: ContrastOptions = Field(default_factory=ContrastOptions, description="Contrastive loss.")
    ripu: RipuOptions = Field(default_factory=RipuOptions, description="RIPU's own losses.")
    acquisition: AcquisitionOptions = Field(default_factory=AcquisitionOptions, description="Choice of queries.")
    eval: TestOptions = Field(default_factory=TestOptions, description="Evaluation.")
    compat: CompatOptions = Field(default_factory=CompatOptions, description="Behaviour of the reference's code.")

    def check_against(self, classes: ClassTable) -> None:
        """Raise ConfigError if the label space or the class weights do not fit the target."""
        self.supervised.check_against(classes, len(learned_ids(classes, self.data.label_space)))

    def testing_in_words(self, has_background: bool) -> str:  # noqa: ARG002 - the best class, whatever the data have
        """Return the mode of the evaluation in words."""
        return self.eval.in_words()

    def warnings(self, stream: TaskStream, classes: ClassTable) -> Iterator[Fault]:
        """Yield warnings about settings without effect: overridden, for missing classes, or after the last epoch."""
        yield from idle_settings(self, idle_of(self, stream, classes))
        yield from self.copy_paste.warnings(classes)
        yield from self._never_begun()
        if self.data.target_size is not None and self.acquisition.query_unit is not QueryUnit.IMAGE:
            message = (
                f"answers are given at the images' own size, and answered {self.acquisition.query_unit}s can vanish "
                "where target_size leaves pixels out"
            )
            yield Fault("/config/data/target_size", message, "answers_left_out")

    def image_warnings(self, stream: TaskStream, known: Mapping[str, KnownDataset]) -> Iterator[Fault]:
        """Yield a warning if the budget is shared among groups but the target has a single group."""
        target, options = known[TARGET], self.acquisition
        shares = options.stratify and "stratify" in options.in_use() and stream.num_steps > 1
        if not shares or target.folder is None or target.train is None:
            return
        if len(set(groups_of(target.folder, target.train.ids))) == 1:
            message = (
                f"has no effect: the {target.train_images} training images are one group, so no budget is shared among "
                "groups; list groups in groups.txt, or set stratify: false"
            )
            yield Fault("/config/acquisition/stratify", message, "without_effect")

    def _never_begun(self) -> Iterator[Fault]:
        """Yield the parts that begin after the last epoch. With `iterations` set, the number of epochs is unknown."""
        optim, contrast = self.optim, self.contrast
        if optim.iterations is not None:
            return
        if optim.warmup_epochs >= optim.epochs:
            message = f"{optim.warmup_epochs} of {optim.epochs} epochs are warm-up, so the teacher never teaches"
            yield Fault("/config/optim/warmup_epochs", message, "never_begun")
        if self.self_training.weight == 0:
            return
        if contrast.weight and contrast.start_epoch >= optim.epochs:
            message = f"the contrastive loss begins at epoch {contrast.start_epoch} of {optim.epochs}, so never"
            yield Fault("/config/contrast/start_epoch", message, "never_begun")
