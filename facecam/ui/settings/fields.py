"""The settings worth a person's time, in plain words. facecam.toml has more: docs/settings.md lists all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QCoreApplication

from facecam.networks.manifest import entries
from facecam.settings import Settings
from facecam.ui.preferences import Value

RATES = (0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001)
SIZES_WH = ((640, 480), (800, 600), (1280, 720), (1920, 1080), (2560, 1440), (3840, 2160))


@dataclass(frozen=True, slots=True)
class NumberField:
    """A number that is typed; the setting is `factor` times it. What is out of range is answered by the settings themselves."""

    step: float = 1
    unit: str = ""
    decimals: int = 0
    factor: float = 1


@dataclass(frozen=True, slots=True)
class SwitchField:
    """Yes or no."""


@dataclass(frozen=True, slots=True)
class ChoiceField:
    """One of some values, by the words for them. A value that is none of these is shown as `other` says."""

    options: Sequence[tuple[str, tuple[Value, ...]]]
    other: str = "{}"


@dataclass(frozen=True, slots=True)
class Field:
    """One line of the page: the settings it stands for, its name, what it means, and whether the camera must open again."""

    keys: tuple[str, ...]
    label: str
    hint: str
    control: NumberField | SwitchField | ChoiceField
    reopens: bool = False

    def values(self, settings: Settings) -> tuple[Any, ...]:
        """What the settings hold for this field."""
        return tuple(getattr(getattr(settings, section), name) for section, _, name in (key.partition(".") for key in self.keys))

    def changes(self, values: Sequence[Value]) -> Mapping[str, Value]:
        """The values by their keys."""
        return dict(zip(self.keys, values, strict=True))


@dataclass(frozen=True, slots=True)
class Group:
    """Fields below one heading."""

    title: str
    fields: tuple[Field, ...]


def groups() -> tuple[Group, ...]:
    """All fields, in the user's language. ModelError when the list of networks cannot be read."""
    return (_camera(), _faces(), _names(), _expressions(), _computing())


def _camera() -> Group:
    translate = QCoreApplication.translate
    sizes = [(f"{w} × {h}", (w, h)) for w, h in SIZES_WH]
    return Group(
        translate("Settings", "Camera"),
        (
            Field(
                ("capture.width_px", "capture.height_px"),
                translate("Settings", "Picture size"),
                translate(
                    "Settings", "Asked of the camera, which may answer with another. Larger shows farther faces, and is slower."
                ),
                ChoiceField(sizes, "{} × {}"),
                reopens=True,
            ),
            Field(
                ("capture.fps",),
                translate("Settings", "Pictures per second"),
                translate("Settings", "Asked of the camera as well."),
                NumberField(5, translate("Settings", " per second")),
                reopens=True,
            ),
        ),
    )


def _faces() -> Group:
    translate = QCoreApplication.translate
    return Group(
        translate("Settings", "Faces"),
        (
            Field(
                ("detect.min_face_size_px",),
                translate("Settings", "Smallest face that is found"),
                translate("Settings", "Smaller faces are not looked for. A larger number is faster."),
                NumberField(5, translate("Settings", " px")),
            ),
            Field(
                ("gate.min_size_px",),
                translate("Settings", "Smallest face that is compared"),
                translate("Settings", "A smaller one is shown, but gets no name: too few pixels make people alike."),
                NumberField(5, translate("Settings", " px")),
            ),
            Field(
                ("track.leave_after_ms",),
                translate("Settings", "Somebody has left after"),
                translate("Settings", "Unseen for so long, a person counts as gone."),
                NumberField(0.5, translate("Settings", " s"), 1, 1000),
            ),
            Field(
                ("track.still_picture_check",),
                translate("Settings", "Do not trust a picture of a face"),
                translate(
                    "Settings",
                    "A face that moves like a photo for two seconds is unsure. It helps against a photo held up; it is no lock.",
                ),
                SwitchField(),
            ),
        ),
    )


def _expressions() -> Group:
    translate = QCoreApplication.translate
    return Group(
        translate("Settings", "Expressions"),
        (
            Field(
                ("express.own_neutral",),
                translate("Settings", "Learn each person's resting face"),
                translate(
                    "Settings",
                    "In the first minute in which they are seen: who looks stern at rest is neutral then. Forgotten at the end.",
                ),
                SwitchField(),
            ),
            Field(
                ("express.smooth_ms",),
                translate("Settings", "An expression is averaged over"),
                translate("Settings", "Longer is calmer, and slower to follow a face."),
                NumberField(0.1, translate("Settings", " s"), 1, 1000),
            ),
        ),
    )


def _names() -> Group:
    translate = QCoreApplication.translate
    rates = [(translate("Settings", "at most 1 in {count}").format(count=f"{1 / rate:.4g}"), (rate,)) for rate in RATES]
    networks = [(_network_words(model.name), (model.name,)) for model in entries() if model.role == "embedding"]
    return Group(
        translate("Settings", "Names"),
        (
            Field(
                ("identify.stranger_rate",),
                translate("Settings", "Strangers who may get a name"),
                translate(
                    "Settings",
                    "Fewer strangers with a name means more people without one. The threshold studio shows both; a threshold "
                    "that is pinned there counts instead.",
                ),
                ChoiceField(rates, "{}"),
            ),
            Field(
                ("track.enter_after_sightings",),
                translate("Settings", "Looks that must agree on a name"),
                translate("Settings", "More make a first name later, and surer."),
                NumberField(),
            ),
            Field(
                ("identify.network",),
                translate("Settings", "Network that compares faces"),
                translate("Settings", "Another one reads all photos anew, and has a threshold of its own."),
                ChoiceField(networks),
            ),
            Field(
                ("identify.mirrored",),
                translate("Settings", "Compare the mirror image as well"),
                translate("Settings", "A little surer, and takes twice as long for each face."),
                SwitchField(),
            ),
        ),
    )


def _computing() -> Group:
    translate = QCoreApplication.translate
    return Group(
        translate("Settings", "Computing"),
        (
            Field(
                ("follow.enabled",),
                translate("Settings", "Follow faces from picture to picture"),
                translate("Settings", "Spares most of the work. Off, every picture is searched and every face compared."),
                SwitchField(),
            ),
            Field(
                ("detect.threads", "identify.threads"),
                translate("Settings", "Processor cores for recognition"),
                translate("Settings", "More is faster, up to what the machine has; the picture needs some of it, too."),
                NumberField(),
            ),
        ),
    )


def _network_words(name: str) -> str:
    translate = QCoreApplication.translate
    known = {
        "nn4_small2_facecam_v1": translate("Settings", "facecam (recommended)"),
        "nn4_small2_openface_v1": translate("Settings", "OpenFace, 2016"),
    }
    return known.get(name, name)
