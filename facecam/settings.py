"""Every number a user may change, in one frozen tree, with its default. Units are in the names. `configuration.py` reads what the
user says.
"""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from facecam.errors import SettingsError


def _check(condition: bool, sentence: str) -> None:
    if not condition:
        raise SettingsError(sentence)


def _check_ranges(section: str, values: Any, **ranges: tuple[float, float]) -> None:
    """Each named value lies in its range, ends included, or is None; NaN lies in none."""
    for name, (low, high) in ranges.items():
        value = getattr(values, name)
        _check(value is None or low <= value <= high, f"{section}.{name} is {value!r}, expected {low:g} to {high:g}")


@dataclass(frozen=True, slots=True)
class DetectSettings:
    """The MTCNN cascade. `detector` is `fast` (facecam's own, on LiteRT) or `package` (the `mtcnn` package, on TensorFlow).

    left, top, right and bottom are the region that is searched, as fractions of the frame; pixels outside are not looked at.
    """

    detector: str = "fast"
    min_face_size_px: int = 40
    scale_factor: float = 0.709
    pnet_threshold: float = 0.6
    rnet_threshold: float = 0.7
    onet_threshold: float = 0.8
    left: float = 0.0
    top: float = 0.0
    right: float = 1.0
    bottom: float = 1.0
    threads: int = 2

    def __post_init__(self) -> None:
        _check(self.detector in ("fast", "package"), f"detect.detector is {self.detector!r}, choose fast or package")
        _check(self.min_face_size_px >= 12, f"detect.min_face_size_px is {self.min_face_size_px}, MTCNN sees 12 and up")
        _check(0.3 <= self.scale_factor <= 0.95, f"detect.scale_factor is {self.scale_factor}, expected 0.3 to 0.95")
        for name in ("pnet_threshold", "rnet_threshold", "onet_threshold"):
            value = getattr(self, name)
            _check(0 < value < 1, f"detect.{name} is {value}, a score lies between 0 and 1")
        _check(1 <= self.threads <= 64, f"detect.threads is {self.threads}, expected 1 to 64")
        edges = self.left, self.top, self.right, self.bottom
        fits = 0 <= self.left < self.right <= 1 and 0 <= self.top < self.bottom <= 1
        _check(
            fits, f"detect.left, top, right, bottom are {edges}, expected fractions of the frame with left < right, top < bottom"
        )

    def region_xyxy(self, size_wh: tuple[int, int]) -> tuple[int, int, int, int]:
        """The region in pixels of a frame of this size; at least one pixel."""
        w, h = size_wh
        x1, y1 = min(int(self.left * w), w - 1), min(int(self.top * h), h - 1)
        return x1, y1, max(round(self.right * w), x1 + 1), max(round(self.bottom * h), y1 + 1)


@dataclass(frozen=True, slots=True)
class GateSettings:
    """A face outside these is shown and tracked, but neither compared nor enrolled."""

    min_score: float = 0.95
    min_size_px: float = 40
    max_clipped_fraction: float = 0.05
    min_sharpness: float = 15
    min_brightness: float = 35
    max_brightness: float = 225
    max_yaw_deg: float = 40
    max_pitch_deg: float = 35
    max_roll_deg: float = 40

    def __post_init__(self) -> None:
        _check_ranges("gate", self, min_score=(0, 1), min_size_px=(0, 10_000), max_clipped_fraction=(0, 1))
        _check_ranges("gate", self, min_sharpness=(0, 100_000), min_brightness=(0, 255), max_brightness=(0, 255))
        _check_ranges("gate", self, max_yaw_deg=(1, 180), max_pitch_deg=(1, 180), max_roll_deg=(1, 180))

    @classmethod
    def none(cls) -> GateSettings:
        """Gates that let every face through, for measuring on sets that count every picture."""
        return cls(0, 0, 1, 0, 0, 255, 180, 180, 180)


@dataclass(frozen=True, slots=True)
class IdentifySettings:
    """Which network, and when a nearest person is good enough to be named.

    Distances are plain L2 between unit vectors; None stands for the network's own figure in models/MANIFEST.toml, and for
    `threshold_l2` for the one at which `stranger_rate` of all strangers get a name, which falls as the gallery grows. With
    `mirrored`, a face is embedded as the mean of itself and its mirror image.
    """

    network: str = "nn4_small2_facecam_v1"
    mirrored: bool = True
    stranger_rate: float = 0.01
    threshold_l2: float | None = None
    margin_l2: float | None = None
    unsure_band_l2: float | None = None
    threads: int = 2

    def __post_init__(self) -> None:
        if self.threshold_l2 is not None:
            _check(0 < self.threshold_l2 <= 2, f"identify.threshold_l2 is {self.threshold_l2}, a distance lies in (0, 2]")
        _check_ranges("identify", self, stranger_rate=(1e-5, 0.5), margin_l2=(0, 2), unsure_band_l2=(0, 2), threads=(1, 64))


@dataclass(frozen=True, slots=True)
class FollowSettings:
    """What a live frame is spared. With `enabled` false, every frame is searched and every face embedded and read.

    Between full detections faces are followed by O-Net alone. A full detection comes when a face is lost, after
    `detect_every_frames`, and after `detect_moving_every_frames` when something moves beside the faces. A face whose track is
    settled is embedded again after `embed_every_ms`, its expression read again after `express_every_ms`.
    """

    enabled: bool = True
    detect_every_frames: int = 12
    detect_moving_every_frames: int = 6
    embed_every_ms: float = 1000
    express_every_ms: float = 200

    def __post_init__(self) -> None:
        frames = self.detect_moving_every_frames, self.detect_every_frames
        _check(
            1 <= frames[0] <= frames[1], f"follow.detect_moving_every_frames and detect_every_frames are {frames}, 1 <= a <= b"
        )


@dataclass(frozen=True, slots=True)
class TrackSettings:
    """How sightings join into tracks, and when a person has come or gone.

    With `still_picture_check` a track that shows a picture of a face is unsure; see docs/liveness.md for what that is worth.
    """

    min_iou: float = 0.3
    enter_after_sightings: int = 3
    leave_after_ms: float = 3000
    still_picture_check: bool = False

    def __post_init__(self) -> None:
        # A track remembers 45 sightings: who needs more would never enter.
        _check_ranges("track", self, min_iou=(0.01, 1), enter_after_sightings=(1, 45), leave_after_ms=(0, 86_400_000))


@dataclass(frozen=True, slots=True)
class ObjectSettings:
    """Which network names what is held up: facecam's own, one of keras.applications by its name, or a trained one's folder."""

    network: str = "efficientnet_lite0_imagenet"


@dataclass(frozen=True, slots=True)
class ExpressSettings:
    """How a track's expressions join: smoothed, and with `own_neutral` seen from the person's own resting face."""

    smooth_ms: float = 400
    own_neutral: bool = False

    def __post_init__(self) -> None:
        _check_ranges("express", self, smooth_ms=(0, 60_000))


@dataclass(frozen=True, slots=True)
class CaptureSettings:
    """What is asked of a camera; it may answer with something else."""

    width_px: int = 640
    height_px: int = 480
    fps: float = 30

    def __post_init__(self) -> None:
        _check_ranges("capture", self, width_px=(16, 16_384), height_px=(16, 16_384), fps=(0.1, 1000))


@dataclass(frozen=True, slots=True)
class LogSettings:
    """How large a file of the log grows, and for how many days after its end a session is kept; 0 is for ever."""

    part_mb: float = 200
    keep_days: int = 0

    def __post_init__(self) -> None:
        _check_ranges("log", self, part_mb=(0.01, 1_000_000), keep_days=(0, 36_500))


@dataclass(frozen=True, slots=True)
class Settings:
    """The whole tree. `Settings()` are the defaults; `load_settings` adds what the user says."""

    detect: DetectSettings = field(default_factory=DetectSettings)
    gate: GateSettings = field(default_factory=GateSettings)
    identify: IdentifySettings = field(default_factory=IdentifySettings)
    follow: FollowSettings = field(default_factory=FollowSettings)
    track: TrackSettings = field(default_factory=TrackSettings)
    objects: ObjectSettings = field(default_factory=ObjectSettings)
    express: ExpressSettings = field(default_factory=ExpressSettings)
    capture: CaptureSettings = field(default_factory=CaptureSettings)
    log: LogSettings = field(default_factory=LogSettings)

    def replace(self, changes: Mapping[str, Any]) -> Settings:
        """The same settings with `section.name` keys changed. SettingsError names a key that does not exist or does not fit."""
        tree = self
        for key, value in changes.items():
            section, _, name = key.partition(".")
            branch = getattr(tree, section, None)
            if not dataclasses.is_dataclass(branch) or name not in {f.name for f in dataclasses.fields(branch)}:
                raise SettingsError(f"there is no setting {key}; docs/settings.md lists them")
            kind = typing.get_type_hints(type(branch))[name]
            changed = dataclasses.replace(branch, **{name: _converted(key, value, kind)})  # type: ignore[type-var]
            tree = dataclasses.replace(tree, **{section: changed})  # type: ignore[arg-type]
        return tree

    def to_dict(self) -> dict[str, Any]:
        """The tree as plain dictionaries, for the log's session file."""
        return dataclasses.asdict(self)


def _converted(key: str, value: Any, kind: Any) -> Any:
    """The value as the type that the setting is declared with; text (from the environment) is parsed."""
    kinds = typing.get_args(kind) if isinstance(kind, types.UnionType) else (kind,)
    if value is None and type(None) in kinds:
        return None
    wanted = next(k for k in kinds if k is not type(None))
    if wanted is bool and isinstance(value, str) and value.lower() in ("1", "true", "yes", "0", "false", "no"):
        return value.lower() in ("1", "true", "yes")
    right_kind = isinstance(value, str) if wanted is str else isinstance(value, bool) is (wanted is bool)
    # int() would cut a fraction off without a word.
    whole = wanted is not int or not isinstance(value, float) or value.is_integer()
    if right_kind and whole:
        try:
            return wanted(value)
        except (TypeError, ValueError):
            pass
    raise SettingsError(f"{key} is {value!r}, expected {wanted.__name__}")
