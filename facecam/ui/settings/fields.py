"""Fields of the settings page in plain words. docs/reference/settings.md lists all settings of facecam.toml."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QCoreApplication

from facecam.networks.embedding_networks import DEFAULT_NETWORK, HIGH_ACCURACY_NETWORK
from facecam.settings import Settings, SettingValue
from facecam.ui.language import format_number
from facecam.ui.preferences import NETWORK

RATES = (0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001)
KEEP_DAYS, LOG = "log.keep_days", "log.enabled"
EXPRESSIONS = "express.enabled"
OF_EXPRESSIONS = ("express.own_neutral", "express.smooth_ms")
"""Settings that concern nothing while expressions are off."""

SIZES_WH = ((640, 480), (800, 600), (1280, 720), (1920, 1080), (2560, 1440), (3840, 2160))

translate = QCoreApplication.translate


@dataclass(frozen=True, slots=True)
class NumberField:
    """Number typed by the user; the setting is `factor` times it. The settings themselves reject values out of range."""

    step: float = 1
    unit: str = ""
    decimals: int = 0
    factor: float = 1


@dataclass(frozen=True, slots=True)
class SwitchField:
    """Check box."""


@dataclass(frozen=True, slots=True)
class ChoiceField:
    """List of (text, values). Values that are not listed are shown in the format `other`."""

    options: Sequence[tuple[str, tuple[SettingValue, ...]]]
    other: str = "{}"


@dataclass(frozen=True, slots=True)
class Field:
    """One line of the page for one or more settings `keys`. With `restarts` the change waits for the next session."""

    keys: tuple[str, ...]
    label: str
    hint: str
    control: NumberField | SwitchField | ChoiceField
    restarts: bool = False

    def values(self, settings: Settings) -> tuple[Any, ...]:
        """Return this field's values in the settings."""
        return tuple(getattr(getattr(settings, section), name) for section, _, name in (key.partition(".") for key in self.keys))

    def changes(self, values: Sequence[SettingValue]) -> dict[str, SettingValue]:
        """Return the values by their keys."""
        return dict(zip(self.keys, values, strict=True))


def groups() -> dict[str, tuple[Field, ...]]:
    """Return all fields by heading, in the user's language."""
    return {
        translate("Settings", "Camera"): _camera(),
        translate("Settings", "Faces"): _faces(),
        translate("Settings", "Recognition"): _recognition(),
        translate("Settings", "Expressions"): _expressions(),
        translate("Settings", "Performance"): _performance(),
        translate("Settings", "Log"): _log(),
    }


def strangers_per_name(rate: float) -> str:
    """Format a false positive identification rate as the number of strangers of whom one gets a name."""
    return f"{1 / rate:.4g}"


def environment_note(keys: Iterable[str]) -> str:
    """Return a sentence about the environment variable that overrides one of these settings, else ""."""
    variables = (f"FACECAM_{key.replace('.', '_')}".upper() for key in keys)
    variable = next((variable for variable in variables if variable in os.environ), "")
    text = translate("Settings", "From the next start, the environment variable {variable} overrides this setting.")
    return text.format(variable=variable) if variable else ""


def costs_text(costs_ms: Mapping[str, float]) -> str:
    """Return a sentence about the milliseconds per face of the two networks; without figures, that they are being measured."""
    if not costs_ms:
        return translate("Settings", "The time per face is being measured…")
    text = translate("Settings", "Time per face on this computer: nn4.small2 {default} ms, high accuracy {high_accuracy} ms.")
    default, high_accuracy = (format_number(costs_ms[name], 1) for name in (DEFAULT_NETWORK, HIGH_ACCURACY_NETWORK))
    return text.format(default=default, high_accuracy=high_accuracy)


def _camera() -> tuple[Field, ...]:
    sizes = [(f"{w} × {h}", (w, h)) for w, h in SIZES_WH]
    return (
        Field(
            ("capture.width_px", "capture.height_px"),
            translate("Settings", "Resolution"),
            translate(
                "Settings",
                "Requested from the camera, which may use another. A higher one shows more distant faces and is slower.",
            ),
            ChoiceField(sizes, "{} × {}"),
            restarts=True,
        ),
        Field(
            ("capture.fps",),
            translate("Settings", "Frame rate"),
            translate("Settings", "Requested from the camera, which may use another."),
            NumberField(5, translate("Settings", " fps")),
            restarts=True,
        ),
    )


def _faces() -> tuple[Field, ...]:
    return (
        Field(
            ("detect.min_face_size_px",),
            translate("Settings", "Smallest face to detect"),
            translate("Settings", "Smaller faces are ignored. A larger number is faster."),
            NumberField(5, translate("Settings", " px")),
        ),
        Field(
            ("gate.min_size_px",),
            translate("Settings", "Smallest face to compare"),
            translate("Settings", "Smaller faces are shown but get no name, because with too few pixels people look alike."),
            NumberField(5, translate("Settings", " px")),
        ),
        Field(
            ("track.leave_after_ms",),
            translate("Settings", "A person has left after"),
            translate("Settings", "A person who is not seen for this long counts as gone."),
            NumberField(0.5, translate("Settings", " s"), 1, 1000),
        ),
        Field(
            ("track.presentation_check",),
            translate("Settings", "Detect pictures and screens"),
            translate(
                "Settings",
                "A face on paper or on a screen mostly gets no name while the edge of the paper or screen is in view. This does "
                "not replace access control.",
            ),
            SwitchField(),
        ),
    )


def _recognition() -> tuple[Field, ...]:
    rates = [(translate("Settings", "at most 1 in {count}").format(count=strangers_per_name(rate)), (rate,)) for rate in RATES]
    networks = [
        (translate("Settings", "nn4.small2 (default)"), (DEFAULT_NETWORK,)),
        (translate("Settings", "High accuracy"), (HIGH_ACCURACY_NETWORK,)),
    ]
    return (
        Field(
            ("identify.false_positive_identification_rate",),
            translate("Settings", "Strangers named"),
            translate(
                "Settings",
                "The fewer strangers get a name, the more people stay unnamed. The threshold studio shows both. A fixed "
                "match threshold set there overrides this setting.",
            ),
            ChoiceField(rates, "{}"),
        ),
        Field(
            ("track.enter_after_sightings",),
            translate("Settings", "Sightings that must agree on a name"),
            translate("Settings", "With more sightings a name appears later and is more reliable."),
            NumberField(),
        ),
        Field(
            (NETWORK,),
            translate("Settings", "Face recognition network"),
            translate(
                "Settings",
                "High accuracy leaves fewer people unnamed. After a change facecam reads all photos again; each network has its "
                "own match threshold.",
            ),
            ChoiceField(networks),
        ),
        Field(
            ("identify.mirrored",),
            translate("Settings", "Also compare the mirror image"),
            translate("Settings", "Slightly more reliable, but takes twice as long for each face."),
            SwitchField(),
        ),
    )


def _expressions() -> tuple[Field, ...]:
    own_neutral, smooth_ms = OF_EXPRESSIONS
    return (
        Field(
            (EXPRESSIONS,),
            translate("Settings", "Read the expressions of faces"),
            translate(
                "Settings",
                "When off, no network for them is opened, the log has none, and neither the window nor a report shows any. An "
                "expression is not an emotion. In the EU, inferring emotions at work and in education is prohibited, with few "
                "exceptions.",
            ),
            SwitchField(),
        ),
        Field(
            (own_neutral,),
            translate("Settings", "Learn each person's resting face"),
            translate(
                "Settings",
                "The typical expression of a person's first minute counts as neutral, even if it looks stern. "
                "facecam forgets it when the session ends.",
            ),
            SwitchField(),
        ),
        Field(
            (smooth_ms,),
            translate("Settings", "Smooth expressions over"),
            translate("Settings", "A longer time is steadier but follows changes more slowly."),
            NumberField(0.1, translate("Settings", " s"), 1, 1000),
        ),
    )


def _performance() -> tuple[Field, ...]:
    return (
        Field(
            ("follow.enabled",),
            translate("Settings", "Track faces between frames"),
            translate(
                "Settings",
                "Saves most of the computation. When off, every frame is searched for faces and every face is compared.",
            ),
            SwitchField(),
        ),
        Field(
            ("detect.threads", "identify.threads"),
            translate("Settings", "Threads for recognition"),
            translate("Settings", "More threads are faster, up to the number of cores. The video needs some of them too."),
            NumberField(),
        ),
    )


def _log() -> tuple[Field, ...]:
    days = [(translate("Settings", "{days} days").format(days=days), (days,)) for days in (30, 90, 365)]
    kept = ChoiceField(
        [(translate("Settings", "Forever"), (0,)), *days], translate("Settings", "{days} days").replace("{days}", "{}")
    )
    return (
        Field(
            (LOG,),
            translate("Settings", "Write a log of each session"),
            translate(
                "Settings",
                "Who was seen when, with the figures of each face, without images. A change takes effect with the next session.",
            ),
            SwitchField(),
            restarts=True,
        ),
        Field(
            (KEEP_DAYS,),
            translate("Settings", "Keep logs for"),
            translate("Settings", "Older logs are deleted. facecam asks first if there are some now."),
            kept,
        ),
        Field(
            ("recording.keep_days",),
            translate("Settings", "Keep recordings for"),
            translate("Settings", "Older recordings of the window are deleted within an hour, without a question."),
            kept,
        ),
        Field(
            ("snapshot.keep_days",),
            translate("Settings", "Keep snapshots for"),
            translate("Settings", "Older snapshots are deleted within an hour, without a question."),
            kept,
        ),
    )
