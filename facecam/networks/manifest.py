"""Model files listed in models/MANIFEST.toml, weights and the networks compiled from them, verified by size and SHA-256."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from numpy.typing import NDArray

from facecam.errors import ModelError
from facecam.fileio import open_regular, parse_toml, read_regular
from facecam.messages import TranslatableText

MANIFEST = "MANIFEST.toml"
_INSTALLED = "_models"
_ROLES = ("detector", "embedding", "distances", "expression", "presentation", "objects", "labels")
_MAX_MANIFEST_BYTES = 1 << 20
_HASHED_BYTES = 1 << 20
_MAX_FILE_BYTES = 2**31 - 1
"""Maximum size of a file that is read as a whole, which is that of a network in the format of LiteRT."""
_RESTORE = TranslatableText("restore it from the repository's models folder, or reinstall facecam")


_Entry = TypeVar("_Entry", "ModelEntry", "CompiledEntry")


@dataclass(frozen=True, slots=True)
class ModelEntry:
    """Manifest entry of one file. Only embedding networks have a table `embedding`, see `EmbeddingNetwork`.

    `packaged` is false for a file that an installed wheel does not contain.
    """

    name: str
    role: str
    file: str
    size_bytes: int
    sha256: str
    license: str
    source: str
    embedding: Mapping[str, Any] | None = None
    packaged: bool = True

    def __post_init__(self) -> None:
        if self.role not in _ROLES:
            raise ModelError(
                "{name} has the role {role!r} in {manifest}, expected one of {names}",
                name=self.name,
                role=self.role,
                manifest=MANIFEST,
                names=", ".join(_ROLES),
            )
        if (self.embedding is not None) != (self.role == "embedding"):
            raise ModelError(
                "{name}: embedding networks, and only they, need a table `embedding` in {manifest}",
                name=self.name,
                manifest=MANIFEST,
            )
        _check_file_name(self.name, self.file)


@dataclass(frozen=True, slots=True)
class CompiledEntry:
    """Manifest entry of a network that was converted to LiteRT from the model entry `weights` by `converter`."""

    name: str
    file: str
    size_bytes: int
    sha256: str
    weights: str
    converter: str
    packaged: bool = True

    def __post_init__(self) -> None:
        _check_file_name(self.name, self.file)


def _check_file_name(name: str, file: str) -> None:
    if Path(file).name != file:
        raise ModelError(
            "{name}: {manifest} names {file!r}, expected a file name without a folder", name=name, manifest=MANIFEST, file=file
        )


def models_dir() -> Path:
    """Return the folder of the model files: inside the installed package, else the repository's models/."""
    package = Path(__file__).resolve().parents[1]
    installed = package / _INSTALLED
    return installed if installed.is_dir() else package.parent / "models"


def entries(directory: Path | None = None) -> tuple[ModelEntry, ...]:
    """Return the entries of all plain files in the manifest, in its order."""
    return _read_manifest(directory)[0]


def compiled_entries(directory: Path | None = None) -> tuple[CompiledEntry, ...]:
    """Return the entries of all compiled networks in the manifest, in its order."""
    return _read_manifest(directory)[1]


def entry(name: str, directory: Path | None = None) -> ModelEntry:
    """Return the entry of that name. ModelError lists the existing names."""
    return _find(name, entries(directory))


def compiled_entry(name: str, directory: Path | None = None) -> CompiledEntry:
    """Return the entry of that compiled network. ModelError lists the existing names."""
    return _find(name, compiled_entries(directory))


def is_left_out(found: ModelEntry | CompiledEntry, directory: Path | None = None) -> bool:
    """Return whether a file is missing on purpose: an installed wheel does not contain it."""
    folder = directory or models_dir()
    return not found.packaged and folder.name == _INSTALLED and not (folder / found.file).exists()


def verified_path(name: str, directory: Path | None = None) -> Path:
    """Return the path of a file whose size and SHA-256 match the manifest, else raise ModelError.

    It is hashed once per process as long as its size and modification time stay the same. To use the file, read it by
    `verified_content`.
    """
    return _verified_path(entry(name, directory), _weights_subject(name), directory)


def verified_content(name: str, directory: Path | None = None) -> bytes:
    """Return the content of a file. It is the content itself whose size and SHA-256 match the manifest. ModelError else."""
    return _verified_content(entry(name, directory), _weights_subject(name), directory)


def verified_compiled_content(name: str, directory: Path | None = None) -> bytes:
    """Return the content of a compiled network, verified in the same way."""
    return _verified_content(compiled_entry(name, directory), _compiled_subject(name), directory)


def verified_compiled_path(name: str, directory: Path | None = None) -> Path:
    """Return the path of a compiled network, verified in the same way."""
    return _verified_path(compiled_entry(name, directory), _compiled_subject(name), directory)


def _weights_subject(name: str) -> TranslatableText:
    return TranslatableText("the weights of {name} are", name=name)


def _compiled_subject(name: str) -> TranslatableText:
    return TranslatableText("the compiled network {name} is", name=name)


def _verified_path(found: ModelEntry | CompiledEntry, subject: TranslatableText, directory: Path | None) -> Path:
    """Return the path of a verified file. ModelError begins with `subject`, and says what to do."""
    path = _packaged_path(found, directory)
    verify_file(path, found.sha256, subject, _RESTORE, found.size_bytes)
    return path


def _verified_content(found: ModelEntry | CompiledEntry, subject: TranslatableText, directory: Path | None) -> bytes:
    return read_verified(_packaged_path(found, directory), found.sha256, subject, _RESTORE, found.size_bytes)


def _packaged_path(found: ModelEntry | CompiledEntry, directory: Path | None) -> Path:
    path = (directory or models_dir()) / found.file
    if is_left_out(found, directory):
        raise ModelError(
            "{file} is not part of an installed facecam; to use it, get the source tree, run `make models` there "
            "and `pip install -e .`",
            file=path.name,
        )
    return path


def verify_file(
    path: Path, sha256: str, subject: TranslatableText, advice: TranslatableText, size_bytes: int | None = None
) -> None:
    """Raise ModelError, which begins with `subject` and ends with `advice`, unless the file has this SHA-256 (and size)."""
    with _readable(path, subject, advice):
        _check_size(path, path.stat().st_size, subject, advice, size_bytes)
        digest = file_sha256(path)
    _check_digest(path, digest, sha256, subject, advice)


def read_verified(
    path: Path, sha256: str, subject: TranslatableText, advice: TranslatableText, size_bytes: int | None = None
) -> bytes:
    """Return the content of a file, which has this SHA-256 (and size). ModelError as `verify_file`."""
    with _readable(path, subject, advice):
        content = read_regular(path, _MAX_FILE_BYTES)
    _check_size(path, len(content), subject, advice, size_bytes)
    _check_digest(path, hashlib.sha256(content).hexdigest(), sha256, subject, advice)
    return content


@contextmanager
def _readable(path: Path, subject: TranslatableText, advice: TranslatableText) -> Iterator[None]:
    """Raise ModelError for an OSError in the block."""
    try:
        yield
    except FileNotFoundError as error:
        raise ModelError("{subject} missing: {path}; {advice}", subject=subject, path=path, advice=advice) from error
    except OSError as error:
        raise ModelError(
            "{subject} unreadable: {path} ({error}); {advice}", subject=subject, path=path, error=error, advice=advice
        ) from error


def _check_size(path: Path, size: int, subject: TranslatableText, advice: TranslatableText, size_bytes: int | None) -> None:
    if size_bytes is not None and size != size_bytes:
        raise ModelError(
            "{subject} damaged: {path} has {size} bytes, expected {expected}; {advice}",
            subject=subject,
            path=path,
            size=size,
            expected=size_bytes,
            advice=advice,
        )


def _check_digest(path: Path, digest: str, sha256: str, subject: TranslatableText, advice: TranslatableText) -> None:
    if digest != sha256:
        raise ModelError(
            "{subject} damaged: {path} has SHA-256 {found}, expected {expected}; {advice}",
            subject=subject,
            path=path,
            found=digest[:12],
            expected=sha256[:12],
            advice=advice,
        )


def load_arrays(name: str, directory: Path | None = None) -> dict[str, NDArray[Any]]:
    """Return the arrays of a verified .safetensors file by name."""
    file = entry(name, directory).file
    if not file.endswith(".safetensors"):
        raise ModelError(
            "{name} is stored as {file}, not as .safetensors; read it through verified_content()", name=name, file=file
        )
    from safetensors.numpy import load

    arrays: dict[str, NDArray[Any]] = load(verified_content(name, directory))
    return arrays


def _find(name: str, listed: tuple[_Entry, ...]) -> _Entry:
    by_name = {found.name: found for found in listed}
    if name not in by_name:
        raise ModelError("unknown model {name!r}; choose one of {names}", name=name, names=", ".join(by_name))
    return by_name[name]


def _read_manifest(directory: Path | None) -> tuple[tuple[ModelEntry, ...], tuple[CompiledEntry, ...]]:
    path = (directory or models_dir()) / MANIFEST
    try:
        return _parsed_manifest(read_regular(path, _MAX_MANIFEST_BYTES))
    except FileNotFoundError as error:
        raise ModelError("the list of models is missing: {path}; {advice}", path=path, advice=_RESTORE) from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelError(
            "the list of models cannot be read: {path} ({error}); {advice}", path=path, error=error, advice=_RESTORE
        ) from error


@cache
def _parsed_manifest(content: bytes) -> tuple[tuple[ModelEntry, ...], tuple[CompiledEntry, ...]]:
    """Return the entries of a manifest. Cached: it is read two dozen times before the first face."""
    tables = parse_toml(content)
    return (
        tuple(ModelEntry(size_bytes=table.pop("bytes"), **table) for table in tables["model"]),
        tuple(CompiledEntry(size_bytes=table.pop("bytes"), **table) for table in tables.get("compiled", ())),
    )


def file_sha256(path: Path) -> str:
    """Return the file's SHA-256 in hex, computed once per process as long as its size and modification time stay the same."""
    stat = path.stat()
    return _file_sha256(path, stat.st_mtime_ns, stat.st_size)


@cache
def _file_sha256(path: Path, _mtime_ns: int, _size_bytes: int) -> str:
    digest = hashlib.sha256()
    with open_regular(path) as file:
        while data := file.read(_HASHED_BYTES):
            digest.update(data)
    return digest.hexdigest()
