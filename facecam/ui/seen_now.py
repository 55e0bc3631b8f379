"""Who is compared in the picture now, and how far they are: the threshold's effect in words."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QLocale

from facecam.types import Kind, Result, Sighting


@dataclass(frozen=True, slots=True)
class Seen:
    """A face: the person of the nearest photo, its distance (plain L2), and what the face is called for it."""

    nearest: str
    distance_l2: float
    kind: Kind

    def words(self, locale: QLocale) -> str:
        """It in one sentence."""
        translate = QCoreApplication.translate
        sentence = {
            Kind.KNOWN: translate("Seen", "In the picture: {distance} from {name}, gets the name."),
            Kind.UNSURE: translate("Seen", "In the picture: {distance} from {name}, unsure."),
        }.get(self.kind, translate("Seen", "In the picture: {distance} from {name}, stays unknown."))
        return sentence.format(distance=locale.toString(self.distance_l2, "f", 2), name=self.nearest)


def seen_now(result: Result) -> list[Seen]:
    """The faces that are compared, the nearest first; of a settled track the comparison that stands."""
    seen = [one for sighting in result.sightings if (one := _seen(sighting)) is not None]
    return sorted(seen, key=lambda one: one.distance_l2)


def _seen(sighting: Sighting) -> Seen | None:
    nearest = sighting.decision.nearest or sighting.vote.decision.nearest
    if nearest is None:
        return None
    return Seen(nearest.name, nearest.distance_l2, sighting.vote.decision.kind)
