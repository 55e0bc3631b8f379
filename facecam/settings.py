"""Settings: one frozen tree of typed values with units in their names, read from four sources and written back to facecam.toml.

Precedence: defaults < facecam.toml < environment < options. A key is `section.name`: `[detect] min_face_size_px = 40` in
facecam.toml, FACECAM_DETECT_MIN_FACE_SIZE_PX=40 in the environment, `{"detect.min_face_size_px": 40}` as an option.
"""

from __future__ import annotations

import contextlib
import dataclasses
import logging
import operator
import os
import re
import typing
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from facecam.errors import SettingsError
from facecam.fileio import (
    MAX_TEXT_BYTES,
    config_dir,
    create_private_folder,
    expand_home,
    parse_json,
    parse_toml,
    read_regular,
    write_atomic,
    write_private,
)
from facecam.messages import QT_TRANSLATE_NOOP, TranslatableText, join_texts

if TYPE_CHECKING:
    from tomlkit import TOMLDocument

RENAMED_KEYS = {"identify.stranger_rate": "identify.false_positive_identification_rate"}
"""Earlier name -> present name. Earlier names are accepted in every source, with a notice in the log."""

RETIRED_NETWORKS = {"nn4_small2_facecam_v1": "nn4_small2_facecam_v2"}
"""Earlier value of `identify.network` -> its successor, which replaces it in every source, with a notice in the log."""

NETWORK_LABELS = {"nn4.small2": "nn4_small2_facecam_v2", "high-accuracy": "face_reidentification_retail_0095"}
"""Short names of embedding networks, which --network takes too, and the values of `identify.network` that they stand for."""

DISTANCES_NETWORK = "identify.distances_network"
PINNED_DISTANCES = ("identify.threshold_l2", "identify.margin_l2", "identify.unsure_band_l2")
"""Settings that belong to one network, the one that DISTANCES_NETWORK names."""

_NETWORK = "identify.network"
_FIRST_NETWORK = "nn4_small2_facecam_v1"
"""Owner of the pinned distances in a file that names no network: the default of all versions without DISTANCES_NETWORK."""

ROTATIONS = (0, 90, 180, 270)
"""Clockwise rotations of a camera in degrees."""

CAMERAS = "capture.cameras"

_VARIABLE_PREFIX = "FACECAM_"
_MAX_REPORTED = 50
"""Mistakes that one message lists: a file of another program has thousands."""

_TYPE_NAMES = {
    int: TranslatableText("a whole number"),
    float: TranslatableText("a number"),
    bool: TranslatableText("true or false"),
    str: TranslatableText("text"),
}
_TABLE = TranslatableText("a table")
_SWITCH_WORDS = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}

SettingValue = float | bool | str | Mapping[str, Any] | None
"""A value to write; None removes the setting from the file, so that the default applies."""

_log = logging.getLogger(__name__)
_ENCODING = "utf-8-sig"
"""UTF-8, with or without the byte order mark that some editors of Windows write."""


_MORE_THAN = QT_TRANSLATE_NOOP("Errors", "{name} is {value}, expected more than {other}, which is {other_value}")
_AT_LEAST = QT_TRANSLATE_NOOP("Errors", "{name} is {value}, expected at least {other}, which is {other_value}")


class Mode(StrEnum):
    """Recognition mode of a session: faces, or the object in front of the camera."""

    FACES = "faces"
    OBJECTS = "objects"


def _setting(
    default: Any, expected: TranslatableText, is_allowed: Callable[[Any], bool], *, more_than: str = "", at_least: str = ""
) -> Any:
    """Declare a setting whose values `is_allowed` accepts, and `expected` describes.

    A value is also `more_than` or `at_least` that of another setting of the section.
    """
    order = (_MORE_THAN, more_than, operator.gt) if more_than else (_AT_LEAST, at_least, operator.ge)
    return field(default=default, metadata={"expected": expected, "is_allowed": is_allowed, "order": order})


def _number(default: float | None, low: float, high: float, **order: str) -> Any:
    """Declare a setting with a range, ends included; NaN is in none."""
    return _setting(
        default, TranslatableText("{low:.10g} to {high:.10g}", low=low, high=high), lambda value: low <= value <= high, **order
    )


def _score(default: float) -> Any:
    return _setting(default, TranslatableText("a score between 0 and 1"), lambda value: 0 < value < 1)


@dataclass(frozen=True, slots=True)
class _Section:
    """Base of the sections. Values that are not allowed, or do not fit together, raise SettingsError."""

    def __post_init__(self) -> None:
        for _, problem in _misfits(type(self), dataclasses.asdict(self)):
            raise SettingsError(problem)


def _misfits(section: type[_Section], values: Mapping[str, Any]) -> Iterator[tuple[set[str], TranslatableText]]:
    """Yield the names of the settings of a section that have a wrong value, or two that do not fit together, with the reason."""
    rules = {item.name: item.metadata for item in dataclasses.fields(section) if item.metadata}
    wrong = {name for name, rule in rules.items() if values[name] is not None and not rule["is_allowed"](values[name])}
    for name, rule in rules.items():
        template, other, fits = rule["order"]
        if name in wrong:
            value = _formatted(values[name])
            yield (
                {name},
                TranslatableText("{name} is {value}, expected {expected}", name=name, value=value, expected=rule["expected"]),
            )
        elif other and other not in wrong and not fits(values[name], values[other]):
            yield (
                {name, other},
                TranslatableText(template, name=name, value=values[name], other=other, other_value=values[other]),
            )


@dataclass(frozen=True, slots=True)
class DetectSettings(_Section):
    """Face detection. `detector` is `fast` (facecam's MTCNN, on LiteRT) or `package` (the `mtcnn` package, on TensorFlow).

    left, top, right and bottom are the region that is searched, as fractions of the frame.
    """

    detector: str = _setting("fast", TranslatableText("fast or package"), lambda name: name in ("fast", "package"))
    min_face_size_px: int = _number(40, 12, 10_000)  # MTCNN's networks see 12 x 12 pixels
    scale_factor: float = _number(0.709, 0.3, 0.95)
    pnet_threshold: float = _score(0.6)
    rnet_threshold: float = _score(0.7)
    onet_threshold: float = _score(0.8)
    left: float = _number(0.0, 0, 1)
    top: float = _number(0.0, 0, 1)
    right: float = _number(1.0, 0, 1, more_than="left")
    bottom: float = _number(1.0, 0, 1, more_than="top")
    threads: int = _number(2, 1, 64)

    def region_xyxy(self, size_wh: tuple[int, int]) -> tuple[int, int, int, int]:
        """Return the searched region in pixels of a frame of this size; at least one pixel."""
        w, h = size_wh
        x1, y1 = min(int(self.left * w), w - 1), min(int(self.top * h), h - 1)
        return x1, y1, max(round(self.right * w), x1 + 1), max(round(self.bottom * h), y1 + 1)


@dataclass(frozen=True, slots=True)
class GateSettings(_Section):
    """Quality limits. A face outside them is shown and tracked, but neither compared nor enrolled."""

    min_score: float = _number(0.95, 0, 1)
    min_size_px: float = _number(40, 0, 10_000)
    max_clipped_fraction: float = _number(0.05, 0, 1)
    min_sharpness: float = _number(15, 0, 100_000)
    min_brightness: float = _number(35, 0, 255)
    max_brightness: float = _number(225, 0, 255, more_than="min_brightness")
    max_yaw_deg: float = _number(40, 1, 180)
    max_pitch_deg: float = _number(35, 1, 180)
    max_roll_deg: float = _number(40, 1, 180)

    @classmethod
    def none(cls) -> GateSettings:
        """Return gates that let every face through, for measurements that count every image."""
        return cls(0, 0, 1, 0, 0, 255, 180, 180, 180)


@dataclass(frozen=True, slots=True)
class IdentifySettings(_Section):
    """Embedding network and acceptance of the nearest person. Distances are plain L2 between unit vectors (0 to 2).

    None stands for the network's own figure in models/MANIFEST.toml. For `threshold_l2` it stands for the threshold at which the
    gallery has this false positive identification rate (FPIR, the share of strangers who get a name); it falls as the gallery
    grows. With `mirrored`, a face's embedding is the mean over the face and its mirror image.

    Pinned distances belong to the network `distances_network`, by default to `network`; those of another network become None,
    with a notice in the log. A retired network becomes its successor.
    """

    network: str = "nn4_small2_facecam_v2"
    mirrored: bool = True
    false_positive_identification_rate: float = _number(0.01, 1e-5, 0.5)
    threshold_l2: float | None = _setting(None, TranslatableText("a distance above 0, up to 2"), lambda value: 0 < value <= 2)
    margin_l2: float | None = _number(None, 0, 2)
    unsure_band_l2: float | None = _number(None, 0, 2)
    distances_network: str = ""
    threads: int = _number(2, 1, 64)

    def __post_init__(self) -> None:
        _Section.__post_init__(self)
        named = _network_name(self.network)
        network = _present_network(named)
        owner = _network_name(self.distances_network) or named
        pinned = [name for name in map(_name_of, PINNED_DISTANCES) if getattr(self, name) is not None]
        if pinned and owner != network:
            _log_ignored(IgnoredDistances(tuple(f"identify.{name}" for name in pinned), owner, network))
            for name in pinned:
                object.__setattr__(self, name, None)
            pinned = []
        object.__setattr__(self, "network", network)
        object.__setattr__(self, "distances_network", network if pinned else "")


@dataclass(frozen=True, slots=True)
class IgnoredDistances:
    """Settings `keys` that are ignored because they belong to the network `owner`, while `network` is in use."""

    keys: tuple[str, ...]
    owner: str
    network: str

    def __str__(self) -> str:
        return (
            f"{', '.join(self.keys)}: ignored, because set for the network {self.owner}, whose distances differ from those of "
            f"{self.network}; run `facecam calibrate --apply` to set new ones, or add `{_name_of(DISTANCES_NETWORK)} = "
            f'"{self.network}"` to [identify] to use these'
        )


@dataclass(frozen=True, slots=True)
class FollowSettings(_Section):
    """Work skipped on live frames. With `enabled` false, every stage runs on every frame and face.

    Between full detections O-Net alone follows the faces. A full detection comes when a face is lost, after
    `detect_every_frames`, and after `detect_moving_every_frames` when something moves elsewhere in the frame. A face whose track
    is settled is embedded again after `embed_every_ms`; its expression is recognized again after `express_every_ms`.
    """

    enabled: bool = True
    detect_every_frames: int = _number(12, 1, 10_000, at_least="detect_moving_every_frames")
    detect_moving_every_frames: int = _number(6, 1, 10_000)
    embed_every_ms: float = _number(1000, 0, 86_400_000)
    express_every_ms: float = _number(200, 0, 86_400_000)


@dataclass(frozen=True, slots=True)
class TrackSettings(_Section):
    """Tracking, and the rules for entering and leaving.

    With `presentation_check` a track has a name only while its face looks like that of a living person, not like a picture or a
    screen. With `still_picture_check` a track that moves like a picture is unsure. docs/internals/liveness.md has the error
    rates of both.
    """

    min_iou: float = _number(0.3, 0.01, 1)
    enter_after_sightings: int = _number(3, 1, 45)  # a track remembers 45; a person who needs more would never enter
    leave_after_ms: float = _number(3000, 0, 86_400_000)
    presentation_check: bool = True
    still_picture_check: bool = False


@dataclass(frozen=True, slots=True)
class ObjectSettings(_Section):
    """Object network: facecam's own, one of keras.applications by its name, or the folder of a trained network."""

    network: str = "efficientnet_lite0_imagenet"


@dataclass(frozen=True, slots=True)
class ExpressSettings(_Section):
    """Expressions of a track: averaged over time, and with `own_neutral` relative to the person's resting face.

    With `enabled` false no expression is read: the network is not opened, the log's columns stay empty, and nothing shows them.
    """

    smooth_ms: float = _number(400, 0, 60_000)
    own_neutral: bool = False
    enabled: bool = True


_HIDDEN = "***"


def _without_address(text: str) -> str:
    """Return the text, or *** in place of one that may be an address, whose credentials must not be shown."""
    return _HIDDEN if "@" in text or "://" in text else text


class CameraOrientations(dict[str, dict[str, Any]]):
    """Orientations of cameras, by the camera's name, id, index or address.

    A camera has `rotate`, 0, 90, 180 or 270 degrees clockwise, and `flip`, whether left and right are exchanged afterward. Either
    may be missing in what the constructor takes: a mapping, its items, or JSON text. SettingsError for anything else.
    """

    def __init__(self, cameras: Any = ()) -> None:
        super().__init__()
        try:
            table = dict(parse_json(cameras.encode()) if isinstance(cameras, str) else cameras)
        except (TypeError, ValueError) as error:
            raise SettingsError(
                '{key} is {value}, expected tables such as [{key}."HD Webcam"], or JSON in the environment',
                key=CAMERAS,
                value=_without_address(_formatted(cameras)),
            ) from error
        for camera, orientation in table.items():
            key, known = f'{CAMERAS}."{_without_address(str(camera))}"', {"rotate": 0, "flip": False}
            if not isinstance(orientation, Mapping) or orientation.keys() - known:
                raise SettingsError(
                    "{key} is {value}, expected rotate = 180, flip = true, or both", key=key, value=_formatted(orientation)
                )
            self[camera] = known | dict(orientation)
            rotate, flip = self[camera]["rotate"], self[camera]["flip"]
            if isinstance(rotate, bool) or rotate not in ROTATIONS:
                raise SettingsError("{key}.rotate is {value}, expected 0, 90, 180 or 270", key=key, value=_formatted(rotate))
            if not isinstance(flip, bool):
                raise SettingsError("{key}.flip is {value}, expected true or false", key=key, value=_formatted(flip))


@dataclass(frozen=True, slots=True)
class CaptureSettings(_Section):
    """Format requested from a camera, which may deliver another one, and how the images of each camera are turned."""

    width_px: int = _number(640, 16, 16_384)
    height_px: int = _number(480, 16, 16_384)
    fps: float = _number(30, 0.1, 1000)
    cameras: CameraOrientations = field(default_factory=CameraOrientations, hash=False)


@dataclass(frozen=True, slots=True)
class LogSettings(_Section):
    """Logging on or off, size limit of a file, and days for which a session is kept after its end (0: forever)."""

    part_mb: float = _number(200, 0.01, 1_000_000)
    keep_days: int = _number(0, 0, 36_500)
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class MediaSettings(_Section):
    """Days for which the window's recordings, or its snapshots, are kept (0: forever)."""

    keep_days: int = _number(0, 0, 36_500)


@dataclass(frozen=True, slots=True)
class EventSettings(_Section):
    """Events for other programs: an output (-, a file or unix:PATH), a command that runs once per event, and a filter.

    A visitor arrives after `dwell_s` in view, and leaves or arrives again after `quiet_s` of absence. A command is killed after
    `timeout_s`.
    """

    output: str = ""
    command: str = ""
    filter: str = ""
    dwell_s: float = _number(0, 0, 86_400)
    quiet_s: float = _number(60, 0, 86_400)
    timeout_s: float = _number(10, 0.1, 3600)


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
    recording: MediaSettings = field(default_factory=MediaSettings)
    snapshot: MediaSettings = field(default_factory=MediaSettings)
    events: EventSettings = field(default_factory=EventSettings)

    def replace(self, changes: Mapping[str, Any]) -> Settings:
        """Return these settings with the values of `section.name` keys replaced.

        Raises:
            SettingsError: Keys do not exist, are given under their earlier and their present name, or their values do not fit. It
                lists all of them.
        """
        return _with_values(self, [_Entry(key, value) for key, value in changes.items()])

    def to_dict(self) -> dict[str, Any]:
        """Return the tree as plain dictionaries, for the log's session file."""
        return dataclasses.asdict(self)


@dataclass(eq=False, slots=True)
class _Entry:
    """Value that a source has for a key. `place` is where, "" for an option; `problem` is why it cannot be used, "" if it can."""

    key: str
    value: Any
    place: str = ""
    problem: str = ""

    def located_problem(self) -> TranslatableText:
        """Return the problem and its place."""
        if not self.place:
            return TranslatableText("{problem}", problem=self.problem)
        return TranslatableText("{place}: {problem}", place=self.place, problem=self.problem)


def _with_values(settings: Settings, *sources: Sequence[_Entry]) -> Settings:
    """Return the settings with the values of the sources; later ones win. SettingsError lists the problems of all sources."""
    tree = settings.to_dict()
    for source in sources:
        _rename(source)
    owners = _distance_owners(settings.identify, sources)
    entries = [entry for source in sources for entry in source]
    wrong = 0
    for entry in (entry for entry in entries if not entry.problem):
        section, _, name = entry.key.partition(".")
        try:
            tree[section][name] = _converted(entry.key, entry.value)
        except SettingsError as error:
            entry.problem = error.text
            wrong += 1
        if wrong > _MAX_REPORTED:
            break
    types = {item.name: type(getattr(settings, item.name)) for item in dataclasses.fields(settings)}
    for section, values in tree.items():
        for names, problem in _misfits(types[section], values):
            keys = {f"{section}.{name}" for name in names}
            last = next(entry for entry in reversed(entries) if entry.key in keys and not entry.problem)
            last.problem = TranslatableText("{section}.{problem}", section=section, problem=problem)
    if problems := [entry.located_problem() for entry in entries if entry.problem]:
        raise SettingsError(_problems_text(problems, are_all=wrong <= _MAX_REPORTED))
    identify = tree["identify"]
    identify |= {"network": _present_network(identify["network"]), "distances_network": ""}
    for ignored in _ignored_distances(owners, identify["network"]):
        _log_ignored(ignored)
        identify |= dict.fromkeys(map(_name_of, ignored.keys))
    return Settings(**{section: kind(**tree[section]) for section, kind in types.items()})


def _problems_text(problems: Sequence[TranslatableText], *, are_all: bool) -> TranslatableText:
    """Return the problems as one text, with their number; `are_all` is False if there may be more."""
    if len(problems) == 1:
        return problems[0]
    title = TranslatableText("{count} settings are wrong:", count=len(problems))
    if not are_all:
        title = TranslatableText("more than {count} settings are wrong:", count=_MAX_REPORTED)
    return join_texts("\n  ", [title, *problems[:_MAX_REPORTED]])


def _distance_owners(identify: IdentifySettings, sources: Sequence[Sequence[_Entry]]) -> dict[str, str]:
    """Return the network of each pinned distance by its key, "" for the network in use; the last source of a value decides."""
    owners = {key: identify.distances_network for key in PINNED_DISTANCES if getattr(identify, _name_of(key)) is not None}
    for number, source in enumerate(sources):
        later = [_text_of(DISTANCES_NETWORK, other) for other in sources[number:]]
        owner = next(filter(None, reversed(later)), "") or _text_of(_NETWORK, source)
        for entry in source:
            if entry.key in PINNED_DISTANCES and entry.value is None:
                owners.pop(entry.key, None)
            elif entry.key in PINNED_DISTANCES:
                owners[entry.key] = owner
    return owners


def _ignored_distances(owners: Mapping[str, str], network: str) -> list[IgnoredDistances]:
    """Return the pinned distances that do not belong to the network, one item for each of their owners."""
    network, foreign = RETIRED_NETWORKS.get(network, network), dict[str, list[str]]()
    for key, owner in owners.items():
        if owner not in ("", network):
            foreign.setdefault(owner, []).append(key)
    return [IgnoredDistances(tuple(keys), owner, network) for owner, keys in foreign.items()]


def _text_of(key: str, source: Sequence[_Entry]) -> str:
    """Return the text that a source has for a key, else ""."""
    return next((entry.value for entry in source if entry.key == key and isinstance(entry.value, str)), "")


def _name_of(key: str) -> str:
    return key.partition(".")[2]


def _network_name(value: str) -> str:
    """Return the name of the network that a value stands for: a short name, a path with `~`, or the name itself."""
    return NETWORK_LABELS.get(value) or (str(expand_home(value)) if value.startswith("~") else value)


def _rename(source: Sequence[_Entry]) -> None:
    """Replace earlier keys by the present ones, and short names of networks. A setting under both keys is a problem."""
    given = {entry.key for entry in source}
    for entry in source:
        if present := RENAMED_KEYS.get(entry.key):
            if present in given:
                entry.problem = TranslatableText(
                    "{old} and {new} are both set, but they are the same setting; delete {old}", old=entry.key, new=present
                )
            _log_renamed(entry.key, present)
            entry.key = present
        if entry.key in (_NETWORK, DISTANCES_NETWORK) and isinstance(entry.value, str):
            entry.value = _network_name(entry.value)


@cache
def _log_renamed(old: str, new: str) -> None:
    """Log the notice once per process and key."""
    _log.warning("the setting %s is now called %s; rename it, the earlier name will be removed", old, new)


@cache
def _log_ignored(ignored: IgnoredDistances) -> None:
    """Log the notice once per process."""
    _log.warning("%s", ignored)


@cache
def _present_network(name: str) -> str:
    """Return the successor of a retired network, with one notice in the log, or the name itself."""
    if present := RETIRED_NETWORKS.get(name):
        _log.warning("the network %s was replaced by %s, which is used instead; change %s", name, present, _NETWORK)
    return present or name


def _converted(key: str, value: Any) -> Any:
    """Return the value as the setting's declared type; text (from the environment) is parsed. SettingsError if that fails."""
    if isinstance(value, int) and abs(value) >= 2**63:
        raise SettingsError("{key} is a number of more than 64 bits; use a smaller one", key=key)
    if key not in _types():
        raise SettingsError(_unknown_setting(key, value))
    expected, *optional = _types()[key]
    if value is None and optional:
        return None
    parsed = _SWITCH_WORDS.get(value.lower(), value) if expected is bool and isinstance(value, str) else value
    fits = isinstance(parsed, str) if expected is str else isinstance(parsed, bool) is (expected is bool)
    # int() would drop a fraction silently.
    if fits and not (expected is int and isinstance(value, float) and not value.is_integer()):
        with contextlib.suppress(TypeError, ValueError):
            return expected(parsed)
    raise SettingsError(
        "{key} is {value}, expected {expected}", key=key, value=_formatted(value), expected=_TYPE_NAMES.get(expected, _TABLE)
    )


def _formatted(value: Any) -> str:
    text = str(value).lower() if isinstance(value, bool) else repr(value) if isinstance(value, str) else str(value)
    return _HIDDEN if "://" in text else text


@cache
def _types() -> dict[str, tuple[type[Any], ...]]:
    """Return the types of all settings by key: one, or it and None."""
    tree = Settings()
    return {
        f"{section.name}.{name}": typing.get_args(hint) or (hint,)
        for section in dataclasses.fields(tree)
        for name, hint in typing.get_type_hints(type(getattr(tree, section.name))).items()
    }


def _unknown_setting(key: str, value: Any) -> TranslatableText:
    import difflib

    if key in Settings().to_dict():
        return TranslatableText("{key} is not a section; write its settings below [{key}]", key=key)
    if "." not in key:
        return TranslatableText("{key} is not in a section; write it below [detect], [gate], [identify] ...", key=key)
    if key == "gallery.dir":
        return TranslatableText("gallery.dir is {value!r}, expected the path of a folder as text", value=value)
    key = _without_address(key)
    if similar := difflib.get_close_matches(key, [*_types(), "gallery.dir"], 1):
        return TranslatableText("unknown setting {key}; did you mean {similar}?", key=key, similar=similar[0])
    return TranslatableText("unknown setting {key}; docs/reference/settings.md lists all settings", key=key)


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
    return _with_values(Settings(), *_sources(config, options, environment))


def ignored_distances(
    config: Path | None, network: str, environment: Mapping[str, str] | None = None
) -> tuple[IgnoredDistances, ...]:
    """Return the pinned distances in the configuration file and the environment that are ignored with this network."""
    sources = _sources(config, None, environment)
    for source in sources:
        _rename(source)
    return tuple(_ignored_distances(_distance_owners(IdentifySettings(), sources), network))


def _sources(
    config: Path | None, options: Mapping[str, Any] | None, environment: Mapping[str, str] | None
) -> tuple[list[_Entry], list[_Entry], list[_Entry]]:
    """Return the entries of the configuration file, the environment and the options, as in `load_settings`."""
    path = find_config(config)
    in_file = _read_entries(path) if path else []
    # `gallery_dir_from_config` reads this one.
    in_file = [entry for entry in in_file if entry.key != "gallery.dir" or not isinstance(entry.value, str)]
    if owner := _implied_owner(in_file):
        in_file.append(_Entry(DISTANCES_NETWORK, owner))
    sections = {item.name for item in dataclasses.fields(Settings)}
    in_environment = []
    for variable, word in (os.environ if environment is None else environment).items():
        section, _, name = variable.removeprefix(_VARIABLE_PREFIX).lower().partition("_")
        if variable.startswith(_VARIABLE_PREFIX) and section in sections and name:
            in_environment.append(_Entry(f"{section}.{name}", word, variable))
    in_options = [_Entry(key, value) for key, value in (options or {}).items() if value is not None]
    return in_file, in_environment, in_options


def _implied_owner(in_file: Sequence[_Entry]) -> str:
    """Return the network of the pinned distances in a file that does not name it; "" for a file that does, or has none."""
    keys = {entry.key for entry in in_file}
    if DISTANCES_NETWORK in keys or keys.isdisjoint(PINNED_DISTANCES):
        return ""
    return _text_of(_NETWORK, in_file) or _FIRST_NETWORK


def gallery_dir_from_config(explicit: Path | None) -> str | None:
    """Return `[gallery] dir` of the configuration file, or None."""
    path = find_config(explicit)
    entries = _read_entries(path) if path else []
    directory = next((entry.value for entry in entries if entry.key == "gallery.dir"), None)
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
    if explicit is not None and not explicit.exists():
        raise SettingsError("the configuration file {path} does not exist", path=explicit)
    # Anything but a folder: what is no file is reported when it is read.
    return explicit or next((path for path in (Path("facecam.toml"), user_config()) if path.exists() and not path.is_dir()), None)


def user_config() -> Path:
    """Return the path of the user's own configuration file, which need not exist."""
    return config_dir() / "facecam.toml"


def config_to_change(explicit: Path | None) -> Path:
    """Return the configuration file in use, else the user's, which need not exist. SettingsError as from `find_config`."""
    return find_config(explicit) or user_config()


def _encoding_error(path: Path) -> SettingsError:
    return SettingsError("{path} is not UTF-8 text; save it with this encoding", path=path)


def _read_entries(path: Path) -> list[_Entry]:
    """Return the entries of a TOML file: `section.name`, and values outside of sections by their name."""
    try:
        data = read_regular(path, MAX_TEXT_BYTES)
        tree, text = parse_toml(data), data.decode(_ENCODING)
    except OSError as error:
        raise SettingsError("{path} cannot be read: {error}", path=path, error=error) from error
    except UnicodeDecodeError as error:
        raise _encoding_error(path) from error
    except ValueError as error:  # tomllib raises its own, and Python's for numbers of 4300 digits
        raise SettingsError("{path} cannot be read as TOML: {error}", path=path, error=error) from error
    lines, entries = _lines_by_key(text), []
    for section, content in tree.items():
        line = lines.get(section) or next((number for key, number in lines.items() if key.startswith(f"{section}.")), 1)
        values = (
            {f"{section}.{name}": value for name, value in content.items()} if isinstance(content, dict) else {section: content}
        )
        for key, value in values.items():
            place = TranslatableText("{path}, line {line}", path=path, line=lines.get(key, line))
            entries.append(_Entry(key, value, place))
    return entries


def _lines_by_key(text: str) -> dict[str, int]:
    """Return the lines of the sections and keys in a TOML file. Those in an inline table are missing."""
    lines: dict[str, int] = {}
    prefix = ""
    for number, line in enumerate(text.split("\n"), start=1):
        name = re.sub(r"[\[\]\s\"']|[=#].*", "", line)
        is_header = line.lstrip().startswith("[")
        lines.setdefault(name if is_header else prefix + name, number)
        prefix = f"{name}." if is_header else prefix
    return lines


def read_setting(path: Path, key: str) -> float | None:
    """Return the number that the TOML file holds for `section.name`, None when the file or the setting does not exist.

    Raises:
        SettingsError: The file cannot be read, or the value is not a number.
    """
    entries = _read_entries(path) if path.exists() else []
    _rename(entries)
    value = next((entry.value for entry in entries if entry.key == key and not entry.problem), None)
    return None if value is None else float(_converted(key, value))


def write_settings(path: Path, changes: Mapping[str, SettingValue]) -> None:
    """Set `section.name` keys in a TOML file, which need not exist, and keep its comments, order and line ends.

    An entry with the setting's earlier name gets the present one. None deletes the entry, so that the default applies. With
    DISTANCES_NETWORK, pinned distances of another network are deleted from the file; otherwise they keep their network.

    Raises:
        SettingsError: The file cannot be read, parsed or written. It then stays as it was.
    """
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    try:
        data = read_regular(path, MAX_TEXT_BYTES) if path.exists() else b""
        parse_toml(data)  # refuses in time what would take tomlkit minutes
        text = data.decode(_ENCODING)
        document = tomlkit.parse(text if not text or text.endswith("\n") else text + "\n")
        before = tomlkit.dumps(document)
        if not changes.keys().isdisjoint({_NETWORK, DISTANCES_NETWORK, *PINNED_DISTANCES}):
            changes = _with_distances_network(document.unwrap(), changes)
        for key, value in changes.items():
            _set_entry(document, key, value, path)
        changed = tomlkit.dumps(document)
        if changed == before:
            return
        if "\r\n" in text:
            changed = changed.replace("\r\n", "\n").replace("\n", "\r\n")
        write_config(path, changed.encode())
    except UnicodeDecodeError as error:
        raise _encoding_error(path) from error
    except (OSError, ValueError, RecursionError, TOMLKitError) as error:
        raise SettingsError("{path} cannot be changed: {error}; it stays as it was", path=path, error=error) from error


def write_config(path: Path, content: bytes) -> None:
    """Replace a configuration file. The user's own one is private; another, which the user has made, keeps its permissions.

    OSError when the file cannot be written.
    """
    create_private_folder(path.parent)
    write = write_private if path == user_config() else write_atomic
    write(path, content)


def _with_distances_network(tree: Mapping[str, Any], changes: Mapping[str, SettingValue]) -> dict[str, SettingValue]:
    """Return the changes of a file, completed so that its pinned distances keep their network or are replaced."""
    section = tree.get("identify", {})
    present = section if isinstance(section, Mapping) else {}
    entries = [_Entry(f"identify.{name}", value) for name, value in present.items()]
    _rename(entries)
    owner = _implied_owner(entries) or _text_of(DISTANCES_NETWORK, entries)
    changed = dict(changes)
    if changed.get(DISTANCES_NETWORK) not in (None, owner):
        changed = dict.fromkeys(PINNED_DISTANCES) | changed
    pinned = {entry.key: entry.value for entry in entries if entry.key in PINNED_DISTANCES}
    pinned |= {key: value for key, value in changed.items() if key in PINNED_DISTANCES}
    if all(value is None for value in pinned.values()):
        changed[DISTANCES_NETWORK] = None
    elif owner and _NETWORK in changed:
        changed.setdefault(DISTANCES_NETWORK, owner)
    return changed


def _set_entry(document: TOMLDocument, key: str, value: SettingValue, path: Path) -> None:
    import tomlkit
    from tomlkit.items import AbstractTable, Item

    section, _, name = key.partition(".")
    names = [name, *(_name_of(old) for old, new in RENAMED_KEYS.items() if new == key)]
    if section not in document:
        if value is None:
            return
        if document.as_string():
            document.add(tomlkit.nl())
        document.add(section, tomlkit.table())
    table = document[section]
    if not isinstance(table, AbstractTable):
        raise SettingsError(
            "{path}: {section} is not a section; write its settings below [{section}]", path=path, section=section
        )
    present = [other for other in names if other in table]
    removed = [table.pop(other) for other in present if value is None or other != name]
    comment = "".join(item.trivia.comment for item in removed if isinstance(item, Item))  # true and false are no Item
    if value is not None:
        entry = tomlkit.item(value)
        table[name] = entry.comment(comment) if comment and name not in present else entry
