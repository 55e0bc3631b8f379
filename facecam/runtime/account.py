"""Why a visitor is taken for whom: everything that the decision rests on, gathered in one place. Pure but for the last part.

The figures are those of the look that was compared last, whose crop is shown; the decision is the track's.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from facecam.embed.align import align
from facecam.faces import open_face_reader
from facecam.identify.decide import DecisionRule
from facecam.identify.gallery import Gallery
from facecam.identify.quality import GateCheck, gate_checks
from facecam.identify.reading import FaceReading
from facecam.identify.rule import decision_rule
from facecam.identify.verdict import single_face
from facecam.picture import read_picture
from facecam.runtime.visitor import Card
from facecam.settings import Settings
from facecam.types import Decision, Picture


@dataclass(frozen=True, slots=True, eq=False)
class Account:
    """What is to be said of a card's decision.

    `look` is the decision about the one face that was compared last, None before the first; `rule` the one it was made with.
    `checks` are the newest measures against the gates, and `fault` the gate that keeps the face from being compared now.
    """

    card: Card
    look: Decision | None
    rule: DecisionRule | None
    checks: tuple[GateCheck, ...]
    fault: str | None

    @property
    def decision(self) -> Decision:
        """What the track stands for."""
        return self.card.sighting.vote.decision

    @property
    def figures(self) -> Decision:
        """The decision whose distances are told: that of the look, else the track's."""
        return self.look or self.decision

    @property
    def agrees(self) -> bool:
        """Whether the look says the same as the track."""
        look, decision = self.look, self.decision
        return look is not None and look.kind is decision.kind and look.name == decision.name


def account_of(card: Card, settings: Settings) -> Account:
    """The account of a card, by the settings that are in force."""
    compared, measured = card.compared, card.measured
    rule = None
    if compared is not None and compared.threshold_l2 is not None:
        # The threshold is the one that the decision was made with; margin and band are the settings', else the network's.
        rule = decision_rule(replace(settings.identify, threshold_l2=compared.threshold_l2), ())
    checks = (
        ()
        if measured is None
        else gate_checks(measured.sighting.face, measured.sighting.quality, measured.size_wh, settings.gate)
    )
    return Account(card, compared.sighting.decision if compared else None, rule, checks, card.sighting.gate)


def photo_of(gallery: Gallery, sample_id: str) -> Path | None:
    """The photo that a candidate's sample is; None when it has gone meanwhile."""
    return next((sample.photo for sample in gallery.samples if sample.sample_id == sample_id), None)


def photo_crop(photo: Path, settings: Settings) -> Picture | None:
    """The aligned face (96, 96, 3) RGB of a gallery's photo, as it is compared; None when no single face is found in it.

    Opens networks of its own, for one thread and one photo: a tenth of a second. PictureError when the photo cannot be read.
    """
    bgr = read_picture(photo)
    with open_face_reader(settings.replace({"detect.threads": 1, "identify.threads": 1})) as reader:
        face = single_face(reader.read(bgr))
    return align(bgr, face.face.landmarks_xy) if isinstance(face, FaceReading) else None
