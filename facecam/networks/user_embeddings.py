"""Embedding networks of the user: a LiteRT file, the description of its input, and its calibration.

    FILE.tflite                     the network: one square image gives one row of numbers
    FILE.toml                       size, channels, scaling and landmarks of its input, written by the user
    FILE.calibration.safetensors    its distances and their table, written by `facecam calibrate --people`

Distances and embeddings belong to one network with one input, so a calibration holds for the file and the description that it
was made with, and for no other. It is used only if this user's facecam has written it, or the user has approved it by
`facecam models accept`; see `facecam.integrity`.
"""

from __future__ import annotations

import hashlib
import json
import operator
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from facecam.errors import ModelError, OutputError
from facecam.fileio import MAX_TEXT_BYTES, parse_json, parse_toml, read_regular, write_output
from facecam.integrity import approving
from facecam.messages import TranslatableText
from facecam.networks.user_networks import SCALINGS, embedding_file_sha256, require_trust, store_approval

FORMAT = 1

CALIBRATION = "calibration"
"""Purpose of a calibration file, see `facecam.integrity`."""

_RECORD = "facecam"
"""Name of the metadata of a calibration file, a JSON text."""

_TYPES: dict[str, tuple[type, TranslatableText]] = {
    "size_px": (int, TranslatableText("a whole number")),
    "channels": (str, TranslatableText('"rgb" or "bgr"')),
    "scaling": (str, TranslatableText("one of {names}", names=", ".join(SCALINGS))),
    "label": (str, TranslatableText("text")),
    "length": (int, TranslatableText("a whole number")),
    "landmarks_xy": (list, TranslatableText("five pairs of numbers")),
}
_REQUIRED = ("size_px", "channels", "scaling")


@dataclass(frozen=True, slots=True)
class InputDescription:
    """Content of FILE.toml. `landmarks_xy` None stands for the default network's, scaled to the size."""

    size_px: int
    channels: str
    scaling: str
    label: str
    length: int | None = None
    landmarks_xy: tuple[tuple[float, float], ...] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class StoredCalibration:
    """Content of FILE.calibration.safetensors.

    Attributes:
        sha256: SHA-256 of the network's file.
        input_sha256: `input_sha256` of its description.
        length: Numbers in an embedding.
        distances_l2: The distances of an `EmbeddingNetwork` by the names of its fields.
        people, photos: Numbers of people and photos that were measured.
        arrays: Arrays of its distance table.
    """

    sha256: str
    input_sha256: str
    length: int
    distances_l2: dict[str, float]
    people: int
    photos: int
    arrays: dict[str, NDArray[Any]]


def description_path(network: Path) -> Path:
    """Return the path of the network's description."""
    return network.with_suffix(".toml")


def calibration_path(network: Path) -> Path:
    """Return the path of the network's calibration."""
    return network.with_suffix(".calibration.safetensors")


_MAX_NETWORK_BYTES = 2**31 - 1
"""Maximum size of a file in the format of LiteRT."""


_MAX_CALIBRATION_BYTES = 64 * 1024**2
_LENGTH_BYTES = 8


def calibrate_again(network: Path) -> TranslatableText:
    """Return the advice to replace a network's calibration."""
    return TranslatableText("run `facecam calibrate --people DIR --network {network} --overwrite`", network=network)


def read_network_file(network: Path) -> bytes:
    """Return the content of a network's file. ModelError when it cannot be read."""
    try:
        return read_regular(network, _MAX_NETWORK_BYTES)
    except OSError as error:
        raise ModelError("the network {network} cannot be read: {error}", network=network, error=error) from error


def read_description(network: Path) -> InputDescription:
    """Return the description beside a network's file. ModelError says what is missing or wrong."""
    path = description_path(network)
    try:
        table = parse_toml(read_regular(path, MAX_TEXT_BYTES))
    except FileNotFoundError as error:
        if not network.is_file():
            raise ModelError("the network {network} does not exist", network=network) from error
        raise ModelError(
            "{network} needs a description of its input, {name}: create it with `facecam models convert {network} "
            "--embedding`, and correct it",
            network=network,
            name=path.name,
        ) from error
    except (OSError, ValueError) as error:
        raise ModelError("{path} cannot be read as TOML: {error}", path=path, error=error) from error
    return _parse_description(table, path)


def _parse_description(table: Mapping[str, Any], path: Path) -> InputDescription:
    if missing := [name for name in _REQUIRED if name not in table]:
        raise ModelError("{path} does not say {names} of the network's input; add it", path=path, names=" and ".join(missing))
    if unknown := sorted(table.keys() - _TYPES.keys()):
        raise ModelError(
            "{path} has {names}, which is unknown; expected {expected}",
            path=path,
            names=", ".join(unknown),
            expected=", ".join(_TYPES),
        )
    for name, value in table.items():
        kind, expected = _TYPES[name]
        if not isinstance(value, kind) or isinstance(value, bool):
            raise ModelError(
                "{path}: {name} is {value!r}, expected {expected}", path=path, name=name, value=value, expected=expected
            )
    facts = {"label": path.stem, **table}
    if "landmarks_xy" in table:
        try:
            facts["landmarks_xy"] = tuple((float(x), float(y)) for x, y in table["landmarks_xy"])
        except (TypeError, ValueError, OverflowError) as error:
            raise ModelError(
                "{path}: landmarks_xy is {value}, expected {expected}",
                path=path,
                value=table["landmarks_xy"],
                expected=_TYPES["landmarks_xy"][1],
            ) from error
    return InputDescription(**facts)


def description_template(network: Path, size_px: int, length: int, scaling: str, landmarks_xy: str) -> str:
    """Return a description for the user to correct. `landmarks_xy` is the default as text."""
    return f"""\
# Input of {network.name}. Correct each line to what the network was trained with, then run
# facecam calibrate --people DIR --network {network.name}
label = {json.dumps(network.stem, ensure_ascii=False)}
size_px = {size_px}
# Order of the channels: rgb or bgr.
channels = "rgb"
# Range of the values: unit (0 to 1), mobilenet (-1 to 1), none (0 to 255) or efficientnet_lite (-0.99 to 1).
scaling = "{scaling}"
# Numbers in an embedding.
length = {length}
# Pixels (x, y) of left eye, right eye, nose tip, left and right corner of the mouth in the input; left is the smaller x.
# Without this line they are those of nn4.small2, scaled to the size:
# landmarks_xy = {landmarks_xy}
"""


def input_sha256(description: InputDescription) -> str:
    """Return a hash of the parts of a description that change embeddings."""
    facts = asdict(description)
    del facts["label"], facts["length"]
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


def write_calibration(network: Path, calibration: StoredCalibration) -> Path:
    """Write a network's calibration in one step and return its path. OutputError when that fails."""
    from safetensors.numpy import save

    facts = asdict(calibration) | {"format": FORMAT}
    arrays = facts.pop("arrays")
    path = calibration_path(network)
    content: bytes = save(arrays, {_RECORD: json.dumps(facts)})
    try:
        with approving(path, hashlib.sha256(content).hexdigest(), CALIBRATION):
            write_output(path, content)
    except OSError as error:
        raise OutputError("{path} cannot be approved: {error}", path=error.filename or path, error=error) from error
    return path


def accept_calibration(network: Path) -> Path:
    """Approve a network's calibration as it is now, and return its path. ModelError as from `read_calibration`."""
    path, advice = calibration_path(network), calibrate_again(network)
    content = _calibration_content(network, path, advice)
    _check_current(network, _parsed_calibration(path, content, advice))
    return store_approval(path, content, CALIBRATION)


def read_calibration(network: Path) -> StoredCalibration:
    """Return a network's calibration.

    Raises:
        ModelError: The network is not calibrated yet, or it or its description has changed since. The message says what to do.
    """
    path, advice = calibration_path(network), calibrate_again(network)
    content = _calibration_content(network, path, advice)
    require_trust(path, content, CALIBRATION, str(network), advice)
    found = _parsed_calibration(path, content, advice)
    _check_current(network, found)
    return found


def _calibration_content(network: Path, path: Path, advice: TranslatableText) -> bytes:
    """Return the content of a calibration file. ModelError when the network, its description or this is missing."""
    read_description(network)
    embedding_file_sha256(network)
    if not path.is_file():
        raise ModelError(
            "{network} is not calibrated yet: run `facecam calibrate --people DIR --network {network}`; DIR has "
            "one folder of photos for each person",
            network=network,
        )
    try:
        return read_regular(path, _MAX_CALIBRATION_BYTES)
    except OSError as error:
        raise _unreadable_calibration(path, error, advice) from error


def _check_current(network: Path, found: StoredCalibration) -> None:
    """Raise ModelError when the network or its description has changed since the calibration."""
    sha256, description = embedding_file_sha256(network), read_description(network)
    for changed, old, new in (
        (network, found.sha256, sha256),
        (description_path(network), found.input_sha256, input_sha256(description)),
    ):
        if old != new:
            raise ModelError(
                "{changed} has changed since it was calibrated, and its distances with it: {advice}",
                changed=changed,
                advice=calibrate_again(network),
            )


def _parsed_calibration(path: Path, content: bytes, advice: TranslatableText) -> StoredCalibration:
    from safetensors import SafetensorError
    from safetensors.numpy import load

    try:
        arrays: dict[str, NDArray[Any]] = load(content)
        # The file begins with the length of a JSON text, in which the metadata are.
        header = parse_json(content[_LENGTH_BYTES : _LENGTH_BYTES + int.from_bytes(content[:_LENGTH_BYTES], "little")])
        facts = parse_json(header["__metadata__"][_RECORD].encode())
        if facts.pop("format") != FORMAT:
            raise ModelError(
                "a newer version of facecam wrote {path}: install that version, or {advice}", path=path, advice=advice
            )
        # In this form, values of another type are errors here and not later.
        facts |= {"length": operator.index(facts["length"]), "distances_l2": dict(facts["distances_l2"].items())}
        return StoredCalibration(arrays=arrays, **facts)
    except (SafetensorError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise _unreadable_calibration(path, error, advice) from error


def _unreadable_calibration(path: Path, error: Exception, advice: TranslatableText) -> ModelError:
    return ModelError("{path} cannot be read ({error}): {advice}", path=path, error=error, advice=advice)
