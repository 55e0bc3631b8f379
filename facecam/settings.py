"""Settings: one frozen tree of typed values with units in their names, read from four sources and written back to facecam.toml.

Precedence: defaults < facecam.toml < environment < options. A key is `section.name`: `[detect] min_face_size_px = 40` in
facecam.toml, FACECAM_DETECT_MIN_FACE_SIZE_PX=40 in the environment, `{"detect.min_face_size_px": 40}` as an option.
"""

from __future__ import annotations

import contextlib
import dataclasses
import logging
import os
import re
import tomllib
import types
import typing
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from facecam.errors import SettingsError
from facecam.fileio import write_atomic

RENAMED_KEYS = {"identify.stranger_rate": "identify.false_positive_identification_rate"}
"""Earlier name -> present name. Earlier names are accepted in every source, with a notice in the log."""

_VARIABLE_PREFIX = "FACECAM_"
_KIND_NAMES = {int: "a whole number", float: "a number", bool: "true or false", str: "text"}

_log = logging.getLogger(__name__)
_SECTION = re.compile(r"\s*\[{1,2}\s*([^\[\]]+?)\s*\]{1,2}\s*(#.*)?$")
_ENCODING = "utf-8-sig"
"""UTF-8, with or without the byte order mark that some editors of Windows write."""


class Mode(StrEnum):
    """Recognition mode of a session: faces, or the object in front of the camera."""

    FACES = "faces"
    OBJECTS = "objects"


def _check(condition: bool, message: str) -> None:
    if not condition:
        raise SettingsError(message)


def _check_ranges(section: str, values: Any, **ranges: tuple[float, float]) -> None:
    """Check that each named value is None or in its range, ends included; NaN is in none."""
    for name, (low, high) in ranges.items():
        value = getattr(values, name)
        _check(value is None or low <= value <= high, f"{section}.{name} is {value!r}, expected {low:.10g} to {high:.10g}")


@dataclass(frozen=True, slots=True)
class DetectSettings:
    """Face detection. `detector` is `fast` (facecam's MTCNN, on LiteRT) or `package` (the `mtcnn` package, on TensorFlow).

    left, top, right and bottom are the region that is searched, as fractions of the frame.
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
        _check(self.min_face_size_px >= 12, f"detect.min_face_size_px is {self.min_face_size_px}, MTCNN needs 12 or more")
        _check_ranges("detect", self, min_face_size_px=(12, 10_000), threads=(1, 64))
        _check(0.3 <= self.scale_factor <= 0.95, f"detect.scale_factor is {self.scale_factor}, expected 0.3 to 0.95")
        for name in ("pnet_threshold", "rnet_threshold", "onet_threshold"):
            value = getattr(self, name)
            _check(0 < value < 1, f"detect.{name} is {value}, a score lies between 0 and 1")
        edges = self.left, self.top, self.right, self.bottom
        _check(
            0 <= self.left < self.right <= 1 and 0 <= self.top < self.bottom <= 1,
            f"detect.left, top, right, bottom are {edges}, expected fractions of the frame with left < right, top < bottom",
        )

    def region_xyxy(self, size_wh: tuple[int, int]) -> tuple[int, int, int, int]:
        """Return the searched region in pixels of a frame of this size; at least one pixel."""
        w, h = size_wh
        x1, y1 = min(int(self.left * w), w - 1), min(int(self.top * h), h - 1)
        return x1, y1, max(round(self.right * w), x1 + 1), max(round(self.bottom * h), y1 + 1)


@dataclass(frozen=True, slots=True)
class GateSettings:
    """Quality limits. A face outside them is shown and tracked, but neither compared nor enrolled."""

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
        limits = self.min_brightness, self.max_brightness
        _check(limits[0] < limits[1], f"gate.min_brightness and max_brightness are {limits}, expected the first below the second")

    @classmethod
    def none(cls) -> GateSettings:
        """Return gates that let every face through, for measurements that count every image."""
        return cls(0, 0, 1, 0, 0, 255, 180, 180, 180)


@dataclass(frozen=True, slots=True)
class IdentifySettings:
    """Embedding network and acceptance of the nearest person. Distances are plain L2 between unit vectors (0 to 2).

    None stands for the network's own figure in models/MANIFEST.toml. For `threshold_l2` it stands for the threshold at which the
    gallery has this false positive identification rate (FPIR, the share of strangers who get a name); it falls as the gallery
    grows. With `mirrored`, a face's embedding is the mean over the face and its mirror image.
    """

    network: str = "nn4_small2_facecam_v1"
    mirrored: bool = True
    false_positive_identification_rate: float = 0.01
    threshold_l2: float | None = None
    margin_l2: float | None = None
    unsure_band_l2: float | None = None
    threads: int = 2

    def __post_init__(self) -> None:
        if self.threshold_l2 is not None:
            _check(0 < self.threshold_l2 <= 2, f"identify.threshold_l2 is {self.threshold_l2}, a distance lies in (0, 2]")
        _check_ranges("identify", self, false_positive_identification_rate=(1e-5, 0.5), threads=(1, 64))
        _check_ranges("identify", self, margin_l2=(0, 2), unsure_band_l2=(0, 2))


@dataclass(frozen=True, slots=True)
class FollowSettings:
    """Work skipped on live frames. With `enabled` false, every stage runs on every frame and face.

    Between full detections O-Net alone follows the faces. A full detection comes when a face is lost, after
    `detect_every_frames`, and after `detect_moving_every_frames` when something moves elsewhere in the frame. A face whose track
    is settled is embedded again after `embed_every_ms`; its expression is recognized again after `express_every_ms`.
    """

    enabled: bool = True
    detect_every_frames: int = 12
    detect_moving_every_frames: int = 6
    embed_every_ms: float = 1000
    express_every_ms: float = 200

    def __post_init__(self) -> None:
        _check_ranges("follow", self, detect_every_frames=(1, 10_000), detect_moving_every_frames=(1, 10_000))
        _check_ranges("follow", self, embed_every_ms=(0, 86_400_000), express_every_ms=(0, 86_400_000))
        frames = self.detect_moving_every_frames, self.detect_every_frames
        _check(
            frames[0] <= frames[1],
            f"follow.detect_moving_every_frames and detect_every_frames are {frames}, expected the first not above the second",
        )


@dataclass(frozen=True, slots=True)
class TrackSettings:
    """Tracking, and the rules for entering and leaving.

    With `still_picture_check` a track that shows a picture of a face is unsure; docs/internals/liveness.md has the error rates.
    """

    min_iou: float = 0.3
    enter_after_sightings: int = 3
    leave_after_ms: float = 3000
    still_picture_check: bool = False

    def __post_init__(self) -> None:
        # A track remembers 45 sightings; a person who needs more would never enter.
        _check_ranges("track", self, min_iou=(0.01, 1), enter_after_sightings=(1, 45), leave_after_ms=(0, 86_400_000))


@dataclass(frozen=True, slots=True)
class ObjectSettings:
    """Object network: facecam's own, one of keras.applications by its name, or the folder of a trained network."""

    network: str = "efficientnet_lite0_imagenet"


@dataclass(frozen=True, slots=True)
class ExpressSettings:
    """Expressions of a track: averaged over time, and with `own_neutral` relative to the person's resting face."""

    smooth_ms: float = 400
    own_neutral: bool = False

    def __post_init__(self) -> None:
        _check_ranges("express", self, smooth_ms=(0, 60_000))


@dataclass(frozen=True, slots=True)
class CaptureSettings:
    """Format requested from a camera, which may deliver another one."""

    width_px: int = 640
    height_px: int = 480
    fps: float = 30

    def __post_init__(self) -> None:
        _check_ranges("capture", self, width_px=(16, 16_384), height_px=(16, 16_384), fps=(0.1, 1000))


@dataclass(frozen=True, slots=True)
class LogSettings:
    """Size limit of a log file, and the days for which a session is kept after its end (0: forever)."""

    part_mb: float = 200
    keep_days: int = 0

    def __post_init__(self) -> None:
        _check_ranges("log", self, part_mb=(0.01, 1_000_000), keep_days=(0, 36_500))


@dataclass(frozen=True, slots=True)
class Settings:
    """The whole tree. `Settings()` holds the defaults; `load_settings` adds the user's values."""

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
        """Return these settings with the values of `section.name` keys replaced.

        Raises:
            SettingsError: Keys do not exist, are given under their earlier and their present name, or their values do not fit. It
                lists all of them.
        """
        return _with_values(self, (changes, lambda _: ""))

    def to_dict(self) -> dict[str, Any]:
        """Return the tree as plain dictionaries, for the log's session file."""
        return dataclasses.asdict(self)


_Source = tuple[Mapping[str, Any], Callable[[str], str]]
"""Values by key, and a function that returns where a key is set, as the start of a sentence."""


def _with_values(settings: Settings, *sources: _Source) -> Settings:
    """Return the settings with the values of the sources; later ones win. SettingsError lists the problems of all sources."""
    values: dict[str, dict[str, Any]] = {}
    places: dict[str, tuple[int, str]] = {}
    problems: list[tuple[int, str]] = []
    given = [(key, value, origin(key), source) for source, origin in sources for key, value in source.items()]
    for number, (key, value, place, source) in enumerate(given):
        try:
            present = _present_key(key, source)
            section, _, name = present.partition(".")
            values.setdefault(section, {})[name] = _converted(settings, present, value)
            places[present] = number, place
        except SettingsError as error:
            problems.append((number, f"{place}{error}"))
    for section, changes in values.items():
        try:
            settings = _with_section(settings, section, changes)
        except SettingsError:
            for name, text in _misfits(settings, section, changes):
                number, place = places[f"{section}.{name}"]
                problems.append((number, f"{place}{text}"))
    if problems:
        heading = [f"{len(problems)} settings are wrong:"] if len(problems) > 1 else []
        raise SettingsError("\n  ".join([*heading, *(text for _, text in sorted(problems))]))
    return settings


def _with_section(settings: Settings, section: str, changes: Mapping[str, Any]) -> Settings:
    return dataclasses.replace(settings, **{section: dataclasses.replace(getattr(settings, section), **changes)})


def _misfits(settings: Settings, section: str, changes: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the name of each setting whose value does not fit, alone or with the others, with the reason."""
    fitting: dict[str, Any] = {}
    problems = dict.fromkeys(changes, "")
    for name in [*changes] * 2:  # the second time, for a value that fits only with later ones
        if name in problems:
            try:
                _with_section(settings, section, fitting | {name: changes[name]})
            except SettingsError as error:
                problems[name] = str(error)
            else:
                fitting[name] = changes[name]
                del problems[name]
    yield from problems.items()


def _present_key(key: str, given: Mapping[str, Any]) -> str:
    """Return the present name of a key. SettingsError when a source gives the setting under both of its names."""
    present = RENAMED_KEYS.get(key, key)
    if present != key:
        _check(present not in given, f"{key} and {present} are both set, but they are the same setting; delete {key}")
        _log_renamed(key, present)
    return present


@cache
def _log_renamed(old: str, new: str) -> None:
    """Log the notice once per process and key."""
    _log.warning("the setting %s is now called %s; rename it, the earlier name will be removed", old, new)


def _converted(settings: Settings, key: str, value: Any) -> Any:
    """Return the value as the setting's declared type; text (from the environment) is parsed. SettingsError if that fails."""
    _check(not isinstance(value, int) or abs(value) < 2**63, f"{key} is a number of more than 64 bits; use a smaller one")
    if key not in _keys():
        raise SettingsError(_unknown_setting(key, value))
    section, _, name = key.partition(".")
    declared = typing.get_type_hints(type(getattr(settings, section)))[name]
    kinds = typing.get_args(declared) if isinstance(declared, types.UnionType) else (declared,)
    if value is None and type(None) in kinds:
        return None
    expected = next(kind for kind in kinds if kind is not type(None))
    if expected is bool and isinstance(value, str) and value.lower() in ("1", "true", "yes", "0", "false", "no"):
        return value.lower() in ("1", "true", "yes")
    fits = isinstance(value, str) if expected is str else isinstance(value, bool) is (expected is bool)
    # int() would drop a fraction silently.
    is_whole = expected is not int or not isinstance(value, float) or value.is_integer()
    if fits and is_whole:
        with contextlib.suppress(TypeError, ValueError):
            return expected(value)
    shown = repr(value) if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else str(value)
    raise SettingsError(f"{key} is {shown}, expected {_KIND_NAMES[expected]}")


def _unknown_setting(key: str, value: Any) -> str:
    import difflib

    if key in Settings().to_dict():
        return f"{key} is not a section; write its settings below [{key}]"
    if "." not in key:
        return f"{key} is not in a section; write it below [detect], [gate], [identify] ..."
    if key == "gallery.dir":
        return f"gallery.dir is {value!r}, expected the path of a folder as text"
    similar = difflib.get_close_matches(key, [*_keys(), "gallery.dir"], 1)
    return f"unknown setting {key}; " + (
        f"did you mean {similar[0]}?" if similar else "docs/reference/settings.md lists all settings"
    )


@cache
def _keys() -> tuple[str, ...]:
    """Return the keys of all settings."""
    return tuple(f"{section}.{name}" for section, values in Settings().to_dict().items() for name in values)


def load_settings(
    config: Path | None = None,
    options: Mapping[str, Any] | None = None,
    environment: Mapping[str, str] | None = None,
) -> Settings:
    """Return the settings in force: defaults < configuration file < environment < options.

    Args:
        config: Configuration file; None for the one that `find_config` finds.
        options: Values by key; None as a value means not given.
        environment: Variables; None for those of this process.
    """
    path = find_config(config)
    text, tree = ("", {}) if path is None else _read_toml(path)
    in_file = _flat(tree)
    if isinstance(in_file.get("gallery.dir"), str):
        del in_file["gallery.dir"]  # read by `gallery_dir_from_config`
    sections = {item.name for item in dataclasses.fields(Settings)}
    in_environment = {}
    for variable, word in (os.environ if environment is None else environment).items():
        section, _, name = variable.removeprefix(_VARIABLE_PREFIX).lower().partition("_")
        if variable.startswith(_VARIABLE_PREFIX) and section in sections and name:
            in_environment[f"{section}.{name}"] = word
    return _with_values(
        Settings(),
        (in_file, lambda key: f"{path}, line {_line_of(text, key)}: "),
        (in_environment, lambda key: f"{_VARIABLE_PREFIX}{key.replace('.', '_').upper()}: "),
        ({key: value for key, value in (options or {}).items() if value is not None}, lambda _: ""),
    )


def gallery_dir_from_config(explicit: Path | None) -> str | None:
    """Return `[gallery] dir` of the configuration file, or None."""
    path = find_config(explicit)
    section = _read_toml(path)[1].get("gallery", {}) if path else {}
    directory = section.get("dir") if isinstance(section, dict) else None
    if isinstance(directory, str):
        return directory
    if directory is not None:
        load_settings(path)  # raises SettingsError with this and all other mistakes
    return None


def find_config(explicit: Path | None) -> Path | None:
    """Return the configuration file: `explicit`, else ./facecam.toml, else the user's; None when none of them exists.

    Raises:
        SettingsError: `explicit` is given and does not exist.
    """
    if explicit is not None:
        _check(explicit.is_file(), f"the configuration file {explicit} does not exist")
        return explicit
    return next((path for path in (Path("facecam.toml"), user_config()) if path.is_file()), None)


def user_config() -> Path:
    """Return the path of the user's own configuration file, which need not exist."""
    import platformdirs

    return Path(platformdirs.user_config_dir("facecam", appauthor=False)) / "facecam.toml"


def config_to_change(explicit: Path | None) -> Path:
    """Return the configuration file in use, else the user's, which need not exist. SettingsError as from `find_config`."""
    return find_config(explicit) or user_config()


def _read_toml(path: Path) -> tuple[str, dict[str, Any]]:
    """Return a file's text and its content."""
    try:
        text = path.read_text(encoding=_ENCODING)
        return text, tomllib.loads(text)
    except OSError as error:
        raise SettingsError(f"{path} cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path} is not UTF-8 text; save it with this encoding") from error
    except (ValueError, RecursionError) as error:  # tomllib raises its own ValueError, and Python's for numbers of 4300 digits
        raise SettingsError(f"{path} cannot be read as TOML: {error}") from error


def _flat(tree: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of the file's sections by `section.name`, and values outside of sections by their name."""
    flat: dict[str, Any] = {}
    for section, values in tree.items():
        flat |= {f"{section}.{name}": value for name, value in values.items()} if isinstance(values, dict) else {section: values}
    return flat


def _line_of(text: str, key: str) -> int:
    """Return the line of a TOML file that sets `section.name`: in its section, with a dotted name, or in an inline table."""
    prefix, line_of_section = "", 1
    for number, line in enumerate(text.split("\n"), start=1):
        name = prefix + re.sub(r"[\s\"']", "", line.partition("=")[0])
        if name == key:
            return number
        if header := _SECTION.match(line):
            prefix = f"{header[1]}."
        if (header[1] if header else name) == key.partition(".")[0]:
            line_of_section = number
    return line_of_section


def read_setting(path: Path, key: str) -> float | None:
    """Return the number that the TOML file holds for `section.name`, None when the file or the setting does not exist.

    Raises:
        SettingsError: The file cannot be read, or the value is not a number.
    """
    in_file = _flat(_read_toml(path)[1]) if path.exists() else {}
    value = next((in_file[name] for name in (key, *_earlier_keys(key)) if name in in_file), None)
    return None if value is None else float(_converted(Settings(), key, value))


def _earlier_keys(key: str) -> list[str]:
    return [old for old, new in RENAMED_KEYS.items() if new == key]


def write_setting(path: Path, key: str, value: float | bool | str | None) -> None:
    """Set `section.name` in a TOML file, which need not exist, and keep its comments, order and line ends.

    An entry with the setting's earlier name gets the present one. None deletes the entry, so that the default applies.

    Raises:
        SettingsError: The file cannot be read, parsed or written. It then stays as it was.
    """
    import tomlkit
    from tomlkit.exceptions import TOMLKitError
    from tomlkit.items import AbstractTable, Item

    section, _, name = key.partition(".")
    names = [name, *(old.partition(".")[2] for old in _earlier_keys(key))]
    try:
        text = path.read_bytes().decode(_ENCODING) if path.exists() else ""
        document = tomlkit.parse(text if not text or text.endswith("\n") else text + "\n")
        if section not in document:
            if value is None:
                return
            if text:
                document.add(tomlkit.nl())
            document.add(section, tomlkit.table())
        table = document[section]
        if not isinstance(table, AbstractTable):
            raise SettingsError(f"{path}: {section} is not a section; write its settings below [{section}]")
        present = [other for other in names if other in table]
        if value is None and not present:
            return
        removed = [table.pop(other) for other in present if value is None or other != name]
        comment = "".join(item.trivia.comment for item in removed if isinstance(item, Item))  # true and false are no Item
        if value is not None:
            entry = tomlkit.item(value)
            table[name] = entry.comment(comment) if comment and name not in present else entry
        changed = tomlkit.dumps(document)
        if "\r\n" in text:
            changed = changed.replace("\r\n", "\n").replace("\n", "\r\n")
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomic(path, changed.encode())
    except (OSError, UnicodeDecodeError, TOMLKitError) as error:
        raise SettingsError(f"{path} cannot be changed: {error}; it stays as it was") from error
