"""facecam licenses: packages, the libraries inside their wheels, and networks, each with its license."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from typer import Option

from facecam.cli import context
from facecam.cli.options import JsonOption, Output
from facecam.fileio import write_output

if TYPE_CHECKING:
    from facecam.diagnostics.licenses import Package
    from facecam.networks.manifest import ModelEntry


def licenses(
    texts: Annotated[
        Path | None,
        Option("--texts", metavar="FILE.txt", help="Also write the license texts to this file."),
        Output(suffixes=(".txt",)),
    ] = None,
    json: JsonOption = None,
) -> bool:
    """List the licenses of all packages and networks in use.

    Installed packages, the libraries inside their wheels, and networks. Exit code 3: a license is unknown.

    Examples:
        facecam licenses
        facecam licenses --texts licenses.txt
    """
    from facecam.diagnostics.licenses import installed_packages, license_texts, unknown_licenses
    from facecam.networks.manifest import entries

    with context.progress("reading the packages"):
        packages, networks = installed_packages(), entries()

    def print_licenses() -> None:
        context.print_table([(p.name, p.version, p.license) for p in packages], ("package", "version", "license"))
        context.print_result()
        context.print_table(
            [(p.name, stated, ", ".join(names)) for p in packages for stated, names in _by_license(p.libraries).items()],
            ("package", "license", "libraries inside"),
        )
        context.print_result()
        context.print_table([(n.name, n.license, n.source) for n in networks], ("network", "license", "source"))

    context.present(json, _payload(packages, networks), print_licenses)
    if texts is not None:
        write_output(texts, "".join(license_texts()).encode())
    unknown = unknown_licenses()
    if unknown:
        context.print_note(f"the license is unknown of {', '.join(unknown)}; see the package")
    return bool(unknown)


def _by_license(libraries: tuple[tuple[str, str], ...]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for name, stated in libraries:
        found[stated].append(name)
    return found


def _payload(packages: Iterable[Package], networks: Iterable[ModelEntry]) -> dict[str, list[dict[str, Any]]]:
    return {
        "packages": [
            {
                "name": package.name,
                "version": package.version,
                "license": package.license,
                "libraries": [{"name": name, "license": stated} for name, stated in package.libraries],
            }
            for package in packages
        ],
        "networks": [
            {"name": n.name, "file": n.file, "sha256": n.sha256, "license": n.license, "source": n.source} for n in networks
        ],
    }
