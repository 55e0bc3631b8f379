"""Every number a user may change, in one frozen tree, with its default. Units are in the names. `configuration.py` reads what the
user says.
"""

from __future__ import annotations

import dataclasses
import json
import os
import re
import tomllib
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from facecam.errors import SettingsError
from facecam.fileio import write_atomic


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


# MERGED mode: What a session recognizes. A file of its own, since the command line needs it before NumPy is worth importing.


class Mode(StrEnum):
    """The faces, or the object held up."""

    FACES = "faces"
    OBJECTS = "objects"


# MERGED configuration: The settings that hold: defaults < facecam.toml < environment < options.
#
# A key is `section.name`: `[detect] min_face_size_px = 40` in facecam.toml, FACECAM_DETECT_MIN_FACE_SIZE_PX=40 in the environment,
# `{"detect.min_face_size_px": 40}` from the command line.


def _flat(tree: Mapping[str, Any], path: Path) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for section, values in tree.items():
        if not isinstance(values, Mapping):
            raise SettingsError(f"{path}: {section} stands outside a section; write it below [detect], [gate], [identify] ...")
        flat |= {f"{section}.{name}": value for name, value in values.items()}
    return flat


def _from_environment(environment: Mapping[str, str]) -> dict[str, str]:
    keys = {
        f"FACECAM_{section.name}_{name.name}".upper(): f"{section.name}.{name.name}"
        for section in dataclasses.fields(Settings)
        for name in dataclasses.fields(section.default_factory)  # type: ignore[arg-type]
    }
    return {keys[variable]: text for variable, text in environment.items() if variable in keys}


def find_config(explicit: Path | None) -> Path | None:
    """The configuration file: the one named, else ./facecam.toml, else the user's; None when there is none."""
    if explicit is not None:
        if not explicit.is_file():
            raise SettingsError(f"there is no configuration file {explicit}")
        return explicit
    return next((place for place in (Path("facecam.toml"), user_config()) if place.is_file()), None)


def user_config() -> Path:
    """Where the user's own configuration file is, if there is one."""
    import platformdirs

    return Path(platformdirs.user_config_dir("facecam", appauthor=False)) / "facecam.toml"


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{path} cannot be read as TOML: {error}") from error


def gallery_dir_from_config(explicit: Path | None) -> str | None:
    """`[gallery] dir` of the configuration file, None when it does not say."""
    path = find_config(explicit)
    section = _read_toml(path).get("gallery", {}) if path else {}
    directory = section.get("dir") if isinstance(section, dict) else None
    if directory is not None and not isinstance(directory, str):
        raise SettingsError(f"{path}: gallery.dir is {directory!r}, expected a folder's path as text")
    return directory


def load_settings(
    config: Path | None = None,
    options: Mapping[str, Any] | None = None,
    environment: Mapping[str, str] | None = None,
) -> Settings:
    """Defaults < configuration file < environment < options. Options that are None were not given."""
    settings = Settings()
    path = find_config(config)
    if path is not None:
        tree = _read_toml(path)
        tree.pop("gallery", None)
        settings = settings.replace(_flat(tree, path))
    settings = settings.replace(_from_environment(os.environ if environment is None else environment))
    return settings.replace({key: value for key, value in (options or {}).items() if value is not None})


# MERGED config_file: One setting changed in a facecam.toml that somebody else wrote: everything else in it stays, comments and order too.

_SECTION = re.compile(r"\s*\[\s*([^\[\]]+?)\s*\]\s*(#.*)?$")


def config_to_change(explicit: Path | None) -> Path:
    """The configuration file in use, else the user's, which need not exist. SettingsError when the one named is not there."""
    return find_config(explicit) or user_config()


def read_setting(path: Path, key: str) -> float | None:
    """The number that `section.name` holds in the TOML file at `path`; None when the file or the setting is not there."""
    section, _, name = key.partition(".")
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8")).get(section, {}).get(name) if path.exists() else None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, AttributeError) as error:
        raise SettingsError(f"{path} cannot be read: {error}") from error
    return None if found is None else float(found)


def write_setting(path: Path, key: str, value: float | bool | str | None) -> None:
    """Make `section.name` hold `value` in the TOML file at `path`, which need not exist. Written whole or not at all.

    None takes the setting out of the file, so that the default counts.

    The result is read again before it is written: unless exactly this value has changed, SettingsError says so and nothing is
    written. SettingsError too when the file cannot be read, is no TOML, or cannot be written.
    """
    section, _, name = key.partition(".")
    try:
        text = path.read_bytes().decode() if path.exists() else ""
        wanted = tomllib.loads(text)
        if value is None:
            if name not in wanted.get(section, {}):
                return
            del wanted[section][name]
            changed, told = _without(text, section, name), f"delete {name}"
        else:
            wanted.setdefault(section, {})[name] = value
            changed, told = _changed(text, section, name, _toml(value)), f"set {name} = {_toml(value)}"
        if _parsed(changed) != wanted:
            raise SettingsError(f"{path} is written in a way that is not changed safely: {told} in [{section}]")
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomic(path.resolve(), changed.encode())
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, TypeError) as error:
        raise SettingsError(f"{path} cannot be changed: {error}; nothing was written") from error


def _toml(value: float | bool | str) -> str:
    """The value as TOML writes it; a JSON string is a TOML string."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)


def _without(text: str, section: str, name: str) -> str:
    """The text without the setting's line."""
    lines = text.splitlines(keepends=True)
    assignment = re.compile(rf"\s*{re.escape(name)}\s*=")
    current = ""
    for number, line in enumerate(lines):
        if found := _SECTION.match(line):
            current = found[1]
        elif current == section and assignment.match(line):
            return "".join([*lines[:number], *lines[number + 1 :]])
    return text


def _changed(text: str, section: str, name: str, value: str) -> str:
    """The text with the value in the setting's line, else in a new line below the section's header, else with both at the end."""
    lines = text.splitlines(keepends=True)
    end_of_line = "\r\n" if "\r\n" in text else "\n"
    assignment = re.compile(rf"(\s*{re.escape(name)}\s*=\s*)[^#\s]+(.*)", re.DOTALL)
    header: int | None = None
    current = ""
    for number, line in enumerate(lines):
        if found := _SECTION.match(line):
            current = found[1]
            header = number if current == section else header
        elif current == section and (found := assignment.fullmatch(line)):
            lines[number] = f"{found[1]}{value}{found[2]}"
            return "".join(lines)
    if header is not None:
        lines[header] = lines[header].rstrip("\r\n") + end_of_line
        return "".join([*lines[: header + 1], f"{name} = {value}{end_of_line}", *lines[header + 1 :]])
    before = text if not text or text.endswith("\n") else text + end_of_line
    gap = end_of_line if before else ""
    return f"{before}{gap}[{section}]{end_of_line}{name} = {value}{end_of_line}"


def _parsed(text: str) -> dict[str, Any] | None:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return None
