"""Write the software bill of materials as CycloneDX JSON: `make sbom`, or python scripts/sbom.py FILE.json.

Components are the packages of requirements.lock with the SHA-256 of their files, the libraries inside the wheels, and the
networks of models/MANIFEST.toml. It has no time, no path and no serial number, so that the same source tree gives the same file.
Licenses are those of the installed packages.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from cyclonedx.model import ExternalReference, ExternalReferenceType, HashAlgorithm, HashType, Property, XsUri
from cyclonedx.model.bom import Bom, BomMetaData
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.license import DisjunctiveLicense, LicenseAcknowledgement, LicenseExpression
from cyclonedx.output import make_outputter
from cyclonedx.schema import OutputFormat, SchemaVersion
from cyclonedx.spdx import is_expression
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL

from facecam import __version__
from facecam.diagnostics.licenses import UNKNOWN, Package, installed_packages
from facecam.fileio import write_atomic
from facecam.networks.manifest import CompiledEntry, ModelEntry, compiled_entries, entries

ROOT = Path(__file__).parents[1]
_PIN = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^ \\;]+)(?: ; (?P<marker>[^\\]+?))? \\$", re.MULTILINE)
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")
_REFERENCE = re.compile(r"LicenseRef-[\w.-]+")


def locked(text: str) -> Iterator[tuple[str, str, str, list[str]]]:
    """Yield name, version, marker and the hashes of each package of a lock file."""
    pins = list(_PIN.finditer(text))
    for pin, end in zip(pins, [*(pin.start() for pin in pins[1:]), len(text)], strict=True):
        yield pin["name"], pin["version"], pin["marker"] or "", _HASH.findall(text[pin.end() : end])


def license_of(text: str) -> LicenseExpression | DisjunctiveLicense:
    """Return an SPDX expression as such, and any other text as a name."""
    if is_expression(_REFERENCE.sub("MIT", text)):
        return LicenseExpression(text, acknowledgement=LicenseAcknowledgement.DECLARED)
    return DisjunctiveLicense(name=text, acknowledgement=LicenseAcknowledgement.DECLARED)


def _package(name: str, version: str, marker: str, hashes: list[str], installed: Package | None) -> Component:
    known = installed is not None and installed.license != UNKNOWN
    return Component(
        name=name,
        version=version,
        bom_ref=f"pypi/{name}",
        type=ComponentType.LIBRARY,
        purl=PackageURL("pypi", None, name, version),
        licenses=[license_of(installed.license)] if installed is not None and known else [],
        components=[_library(installed, library, stated) for library, stated in (installed.libraries if installed else ())],
        properties=[Property(name="facecam:marker", value=marker)] if marker else [],
        external_references=[
            ExternalReference(
                type=ExternalReferenceType.DISTRIBUTION,
                url=XsUri(f"https://pypi.org/project/{name}/{version}/#files"),
                hashes=[HashType(alg=HashAlgorithm.SHA_256, content=digest) for digest in hashes],
            )
        ],
    )


def _library(package: Package | None, name: str, stated: str) -> Component:
    prefix = package.name if package is not None else ""
    licenses = [license_of(stated)] if stated != UNKNOWN else []
    return Component(name=name, bom_ref=f"pypi/{prefix}/{name}", type=ComponentType.LIBRARY, licenses=licenses)


def _network(entry: ModelEntry) -> Component:
    is_network = entry.role not in ("distances", "labels")
    return Component(
        name=entry.file,
        bom_ref=f"models/{entry.file}",
        type=ComponentType.MACHINE_LEARNING_MODEL if is_network else ComponentType.DATA,
        description=f"{entry.role}: {entry.source}",
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=entry.sha256)],
        licenses=[license_of(entry.license)],
    )


def _compiled(entry: CompiledEntry, license_text: str) -> Component:
    return Component(
        name=entry.file,
        bom_ref=f"models/{entry.file}",
        type=ComponentType.MACHINE_LEARNING_MODEL,
        description=f"compiled from {entry.weights} by {entry.converter}",
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=entry.sha256)],
        licenses=[license_of(license_text)],
    )


def bill_of_materials(lock: str) -> str:
    """Return the CycloneDX JSON of facecam. ValueError when it does not match the schema."""
    installed = {package.name: package for package in installed_packages()}
    facecam = Component(
        name="facecam",
        version=__version__,
        bom_ref="facecam",
        type=ComponentType.APPLICATION,
        licenses=[license_of("Apache-2.0")],
    )
    packages = [_package(name, version, marker, hashes, installed.get(name)) for name, version, marker, hashes in locked(lock)]
    weights = {entry.name: entry.license for entry in entries()}
    networks = [*map(_network, entries()), *(_compiled(entry, weights[entry.weights]) for entry in compiled_entries())]
    bom = Bom(metadata=BomMetaData(component=facecam), components=[*packages, *networks])
    bom.register_dependency(facecam, [*packages, *networks])
    tree = json.loads(make_outputter(bom, OutputFormat.JSON, SchemaVersion.V1_6).output_as_string())
    del tree["serialNumber"], tree["metadata"]["timestamp"]
    text = json.dumps(tree, indent=2, ensure_ascii=False)
    if error := JsonStrictValidator(SchemaVersion.V1_6).validate_str(text):
        raise ValueError(str(error))
    return text


if __name__ == "__main__":
    target = Path(sys.argv[1])
    write_atomic(target, (bill_of_materials((ROOT / "requirements.lock").read_text(encoding="utf-8")) + "\n").encode())
    print(target)
