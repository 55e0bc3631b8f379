"""models/MANIFEST.toml -> a verified Path. A file that is missing or not the one listed is a ModelError, never a guess."""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from facecam.errors import ModelError

MANIFEST = "MANIFEST.toml"
_ROLES = ("detector", "embedding", "distances", "expression", "objects", "labels")
_RESTORE = "restore it from the repository's models folder, or install facecam again"


@dataclass(frozen=True, slots=True)
class ModelEntry:
    """What the manifest says of one file. The three distances are set for embedding networks and None for the others.

    `threshold_l2`, `margin_l2` and `unsure_band_l2` are plain L2 between unit vectors of this very network.
    """

    name: str
    role: str
    file: str
    size_bytes: int
    sha256: str
    license: str
    source: str
    threshold_l2: float | None = None
    margin_l2: float | None = None
    unsure_band_l2: float | None = None

    def __post_init__(self) -> None:
        distances = [d for d in (self.threshold_l2, self.margin_l2, self.unsure_band_l2) if d is not None]
        if self.role not in _ROLES:
            raise ModelError(f"{self.name} has the role {self.role!r} in {MANIFEST}, expected one of {', '.join(_ROLES)}")
        if len(distances) != (3 if self.role == "embedding" else 0):
            raise ModelError(f"{self.name}: an embedding network, and no other, has threshold, margin and band in {MANIFEST}")
        if Path(self.file).name != self.file:
            raise ModelError(f"{self.name}: {MANIFEST} names {self.file!r}, expected a file's name without a folder")


def models_dir() -> Path:
    """The weights' folder: inside the installed package, else the repository's models/."""
    package = Path(__file__).resolve().parents[1]
    installed = package / "_models"
    return installed if installed.is_dir() else package.parent / "models"


def entries(directory: Path | None = None) -> tuple[ModelEntry, ...]:
    """Everything the manifest lists, in its order."""
    path = (directory or models_dir()) / MANIFEST
    try:
        return _listed(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ModelError(f"the list of models is missing: {path}; {_RESTORE}") from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise ModelError(f"the list of models cannot be read: {path} ({error}); {_RESTORE}") from error


def entry(name: str, directory: Path | None = None) -> ModelEntry:
    """The manifest's entry of that name; ModelError lists the names there are."""
    listed = {model.name: model for model in entries(directory)}
    if name not in listed:
        raise ModelError(f"there is no model {name!r}; there are {', '.join(listed)}")
    return listed[name]


def verified_path(name: str, directory: Path | None = None) -> Path:
    """The file of that name, once its size and SHA-256 are the manifest's; else ModelError.

    Hashed once per process as long as the file's size and time of change stay the same.
    """
    model = entry(name, directory)
    path = (directory or models_dir()) / model.file
    try:
        stat = path.stat()
        if stat.st_size != model.size_bytes:
            raise ModelError(
                f"the weights of {name} are damaged: {path} has {stat.st_size} bytes, expected {model.size_bytes}; {_RESTORE}"
            )
        digest = _sha256(path, stat.st_mtime_ns, stat.st_size)
    except FileNotFoundError as error:
        raise ModelError(f"the weights of {name} are missing: {path}; {_RESTORE}") from error
    except OSError as error:
        raise ModelError(f"the weights of {name} cannot be read: {path} ({error.strerror}); {_RESTORE}") from error
    if digest != model.sha256:
        raise ModelError(
            f"the weights of {name} are damaged: {path} has SHA-256 {digest[:12]}, expected {model.sha256[:12]}; {_RESTORE}"
        )
    return path


def load_arrays(name: str, directory: Path | None = None) -> dict[str, NDArray[Any]]:
    """The verified arrays of a .safetensors file by name."""
    path = verified_path(name, directory)
    if path.suffix != ".safetensors":
        raise ModelError(f"{name} is no .safetensors file but {path.name}; its own reader takes verified_path()")
    from safetensors.numpy import load_file

    arrays: dict[str, NDArray[Any]] = load_file(path)
    return arrays


@cache
def _listed(text: str) -> tuple[ModelEntry, ...]:
    """The manifest's entries. Parsed once: the file is read two dozen times before the first face is."""
    return tuple(_entry_from(table) for table in tomllib.loads(text)["model"])


def _entry_from(table: dict[str, Any]) -> ModelEntry:
    """One [[model]] table; its `bytes` is called `size_bytes` here."""
    fields = dict(table)
    fields["size_bytes"] = fields.pop("bytes")
    return ModelEntry(**fields)


@cache
def _sha256(path: Path, mtime_ns: int, size_bytes: int) -> str:
    """The file's SHA-256 in hex. Time and size are there to make a changed file another question."""
    del mtime_ns, size_bytes
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
