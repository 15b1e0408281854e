"""The passes of mixed images and the contrastive loss, shared by iterations with a teacher (STAL 4.1)."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from core.engine.inference import resize_logits
from core.engine.teacher_view import TeacherView
from core.methods.stal.contrast_step import LabelledMaps, UnlabelledMaps, contrast_loss
from core.methods.stal.data import StalBatch
from core.methods.stal.labelled_step import LabelledPass
from core.methods.stal.mixing import Mixed, Mixer
from core.methods.stal.pseudo_labels import drop_unreliable, with_known
from core.methods.stal.schedules import Position, unreliable_percent
from core.models.deeplabv3plus import SegmentationMaps


@dataclass(frozen=True)
class MixedPass:
    """Mixed images and their maps from both networks.

    Attributes:
        mixed: images, the teacher's view of their parts, and people's labels.
        view: labels to learn: without unreliable labels, with people's labels.
        maps: the student's maps.
        logits: the student's logits at the crop's size.
        teacher: the teacher's maps in training mode.
        labelled_teacher: the teacher's maps of the labelled images in training mode.
    """

    mixed: Mixed
    view: TeacherView
    maps: SegmentationMaps
    logits: Tensor
    teacher: SegmentationMaps
    labelled_teacher: SegmentationMaps


@dataclass(frozen=True, eq=False)
class MixedStep:
    """Passes mixed images through student and teacher."""

    mixer: Mixer

    def __call__(self, batch: StalBatch, labelled: LabelledPass, position: Position) -> MixedPass:
        """Pass the labelled images through the teacher, then the mixed images through both networks."""
        networks = self.mixer.networks
        options, compat = networks.config.self_training, networks.config.compat
        labelled_teacher = networks.teach(labelled.views.images)
        mixed = self.mixer.mix(batch, position)
        percent = unreliable_percent(position.epoch, position.epochs, options.unreliable_percent)
        labels = drop_unreliable(mixed.view, percent, compat.drop_low_entropy)
        view = with_known(mixed.view._replace(labels=labels), mixed.known)
        maps = networks.learn(mixed.images)
        teacher = networks.teach(mixed.images)
        logits = resize_logits(maps.logits, labels.shape[-2:])
        return MixedPass(mixed, view, maps, logits, teacher, labelled_teacher)

    def contrast(self, labelled: LabelledPass, found: MixedPass, position: Position) -> dict[str, Tensor]:
        """Return the contrastive loss, once it has begun."""
        networks = self.mixer.networks
        config = networks.config
        if config.contrast.weight == 0 or not position.contrasted:
            return {}
        teacher, size = found.labelled_teacher, found.logits.shape[-2:]
        known = LabelledMaps(labelled.views.labels, teacher.logits, teacher.features, labelled.maps.features)
        # U2PL's masks mix labels, not logits, so the logits come from the teacher's pass over the mixed images.
        seen = found.mixed.logits if config.mix.kind == "adaptive" else resize_logits(found.teacher.logits, size)
        guessed = UnlabelledMaps(
            found.view.labels, found.view.entropy, seen, found.teacher.features, found.maps.features
        )
        return {"contrast": contrast_loss(networks.state, config, known, guessed, position)}
