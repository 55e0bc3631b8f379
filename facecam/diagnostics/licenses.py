"""Licenses of everything that facecam consists of: installed packages, the libraries inside their wheels, and networks.

A license is an SPDX expression. licenses.toml has those that the packages do not state in this form, read from their license
files.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path, PurePosixPath
from typing import Any

from facecam.fileio import MAX_TABLE_BYTES, MAX_TEXT_BYTES, parse_toml, read_regular
from facecam.networks.manifest import entries, models_dir

UNKNOWN = "unknown"

_SPDX_NAME = r"(?:MIT|ISC|Zlib|OpenSSL|(?=\w*-|\d)[\w.+-]+)"
_SPDX = re.compile(rf"{_SPDX_NAME}(?: (?:AND|OR|WITH) {_SPDX_NAME})*")
_REQUIREMENT = re.compile(r"[\w.-]+")
_EXTRA = re.compile(r"""extra\s*==\s*['"]([\w-]+)""")
_LICENSE_FILE = re.compile(r"(?i)(licen[cs]e|copying|notice|authors|third[-_]party)")
_LIBRARY_FOLDER = re.compile(r"(\.libs|\.dylibs|^PySide6/Qt/lib)$")
_LIBRARIES_BESIDE = ("opencv_videoio_ffmpeg", "Qt6")
"""Beginnings of the names of libraries that lie beside the modules of a package, on Windows."""

_LIBRARY = re.compile(r"(?:lib)?(?P<name>.+?)(?:-[0-9a-f]{8,32})*(?:[-.][\d.]+)*\.(?:so|dylib|dll)(?:\.[\da-z.]+)?")


@dataclass(frozen=True, slots=True)
class Package:
    """Installed Python package with its license, the paths of its license texts, and the libraries in its wheel by name."""

    name: str
    version: str
    license: str
    texts: tuple[Path, ...]
    libraries: tuple[tuple[str, str], ...]


def package_key(name: str) -> str:
    """Return a package's name in the form of the package index: lowercase with hyphens."""
    return re.sub(r"[-_.]+", "-", name).lower()


@cache
def installed_packages(root: str = "facecam") -> tuple[Package, ...]:
    """Return `root` and all packages that it requires and that are installed, its installed extras included, by name."""
    found: dict[str, Package] = {}
    pending = [root]
    while pending:
        key = package_key(pending.pop())
        if key in found:
            continue
        try:
            distribution = metadata.distribution(key)
        except metadata.PackageNotFoundError:  # an extra, or needed on another system only
            continue
        found[key] = _package(key, distribution)
        pending += _requirements(distribution, with_extras=key == root)
    return tuple(found[key] for key in sorted(found))


def network_texts() -> tuple[Path, ...]:
    """Return the paths of the license texts of the networks."""
    return tuple(sorted((models_dir() / "LICENSES").glob("*.txt")))


def unknown_licenses() -> list[str]:
    """Return the names of packages and libraries without a known license."""
    packages = installed_packages()
    inside = [(f"{package.name}/{name}", stated) for package in packages for name, stated in package.libraries]
    stated = [(package.name, package.license) for package in packages]
    return [name for name, license_ in (*stated, *inside, *((e.name, e.license) for e in entries())) if license_ in ("", UNKNOWN)]


def license_texts() -> Iterator[str]:
    """Yield the license texts of all packages and networks, each one below a heading."""
    for package in installed_packages():
        yield _heading(f"{package.name} {package.version}: {package.license}")
        if not package.texts:
            yield "The installed package has no license text. The texts of licenses by name: https://spdx.org/licenses/\n"
        for path in package.texts:
            yield f"\n-- {path.name}\n\n{_text(path)}\n"
    for network in entries():
        yield _heading(f"network {network.name}: {network.license}") + f"{network.source}\n"
    for path in network_texts():
        yield f"\n-- networks: {path.name}\n\n{_text(path)}\n"


def _heading(title: str) -> str:
    return f"\n{'=' * 100}\n{title}\n{'=' * 100}\n"


def _text(path: Path) -> str:
    try:
        return read_regular(path, MAX_TABLE_BYTES).decode("utf-8", errors="replace")
    except OSError as error:
        return f"cannot be read: {error.strerror or error}\n"


def _requirements(distribution: metadata.Distribution, *, with_extras: bool) -> Iterator[str]:
    for requirement in distribution.requires or ():
        name = _REQUIREMENT.match(requirement)
        if name is not None and (with_extras or _EXTRA.search(requirement) is None):
            yield name[0]


def _package(key: str, distribution: metadata.Distribution) -> Package:
    files = [PurePosixPath(file) for file in distribution.files or ()]
    texts = [file for file in files if _LICENSE_FILE.search(file.name) and file.suffix not in (".py", ".pyc", ".json", ".h")]
    own = {package: stated for package, stated in _table()["packages"].items() if package == key}
    return Package(
        name=key,
        version=distribution.version,
        license=own.get(key) or _stated_license(distribution.metadata),
        texts=tuple(path for file in texts if (path := Path(str(distribution.locate_file(file)))).is_file()),
        libraries=tuple(sorted({(name, _library_license(f"{key}/{name}")) for name in _libraries(files)})),
    )


def _stated_license(about: Any) -> str:
    """Return the license that the metadata states, in the order of how exact the fields are."""
    expression, text = (str(about.get(field) or "").strip() for field in ("License-Expression", "License"))
    classifiers = [line.rpartition(" :: ")[2] for line in about.get_all("Classifier") or () if line.startswith("License ::")]
    spellings: dict[str, str] = _table()["spellings"]
    for candidate in (expression, text, *classifiers):
        if known := spellings.get(candidate) or (candidate if _SPDX.fullmatch(candidate) else ""):
            return known
    return expression or UNKNOWN


def _libraries(files: list[PurePosixPath]) -> Iterator[str]:
    for file in files:
        is_library = _LIBRARY_FOLDER.search(file.parent.as_posix()) or file.name.startswith(_LIBRARIES_BESIDE)
        if is_library and (match := _LIBRARY.fullmatch(file.name)):
            yield match["name"]


def _library_license(name: str) -> str:
    patterns: dict[str, str] = _table()["libraries"]
    return next((stated for pattern, stated in patterns.items() if fnmatch.fnmatchcase(name, pattern)), UNKNOWN)


@cache
def _table() -> dict[str, Any]:
    return parse_toml(read_regular(Path(__file__).with_name("licenses.toml"), MAX_TEXT_BYTES))
