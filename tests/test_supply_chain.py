"""Lock files, software bill of materials, licenses and the check for known vulnerabilities."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import re
import runpy
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement

from facecam.diagnostics import licenses
from facecam.diagnostics.licenses import package_key
from facecam.networks.manifest import compiled_entries, entries
from tests.cli.conftest import environment_in

ROOT = Path(__file__).parents[1]
LOCKS = ("requirements.lock", "requirements-dev.lock")
LEFT_TO_PIP = {"pip", "setuptools"}


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def locked(name: str) -> dict[str, tuple[str, list[str]]]:
    """Return version and hashes of each package of a lock file."""
    blocks = re.split(r"^(?=[A-Za-z0-9])", re.sub(r"^ *#.*\n", "", read(name), flags=re.MULTILINE), flags=re.MULTILINE)
    found = {}
    for block in filter(str.strip, blocks):
        package, version = re.split(r"[=;\s\\]+", block, maxsplit=2)[:2]
        found[package_key(package)] = version, re.findall(r"--hash=sha256:([0-9a-f]{64})", block)
    return found


def constraints() -> dict[str, str]:
    pins = (line.split("==") for line in read("constraints.txt").splitlines() if "==" in line)
    return {package_key(name): version for name, version in pins}


@pytest.mark.parametrize("name", LOCKS)
def test_every_locked_package_has_hashes_and_the_version_of_the_constraints(name: str) -> None:
    found, chosen = locked(name), constraints()

    assert len(found) > 60
    assert all(hashes for _, hashes in found.values())
    assert found.keys() - chosen.keys() <= LEFT_TO_PIP
    assert {name: version for name, (version, _) in found.items() if chosen.get(name, version) != version} == {}


def test_no_library_whose_purpose_is_to_load_objects_is_needed() -> None:
    """joblib and cloudpickle come with the `mtcnn` package; tests/test_no_pickle.py records that they load nothing."""
    assert locked("requirements.lock").keys() & {"pyyaml", "dill", "jsonpickle", "torch"} == set()


def test_every_constraint_is_locked() -> None:
    assert constraints().keys() - locked("requirements-dev.lock").keys() == set()


def test_every_requirement_of_facecam_is_locked_and_allowed() -> None:
    project = tomllib.loads(read("pyproject.toml"))
    extras = [text for texts in project["project"]["optional-dependencies"].values() for text in texts]
    tools = [*project["dependency-groups"]["dev"], *project["build-system"]["requires"]]
    for texts, name in ((project["project"]["dependencies"], LOCKS[0]), ([*extras, *tools], LOCKS[1])):
        found = locked(name)
        for requirement in map(Requirement, texts):
            if requirement.marker is None or requirement.marker.evaluate():
                version, _ = found[package_key(requirement.name)]
                assert requirement.specifier.contains(version), f"{requirement} is locked at {version}"


def test_make_install_compares_every_file_with_its_hash_and_builds_with_no_other() -> None:
    commands = [line.strip() for line in read("Makefile").splitlines() if "$(PIP) install" in line]

    assert commands[0].endswith("--require-hashes -r requirements-dev.lock")
    assert commands[1].endswith("--no-deps --no-build-isolation -e .")


def test_the_smaller_lock_is_a_part_of_the_larger_one() -> None:
    small, large = map(locked, LOCKS)

    assert small.items() <= large.items()


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_names_no_address_and_no_folder_of_a_computer(name: str) -> None:
    lines = [line for line in read(name).splitlines() if not re.fullmatch(r" +--hash=sha256:[0-9a-f]{64}( \\)?", line)]

    assert not [line for line in lines if re.search(r"://|index-url|find-links|/tmp|/home|/work|@ ", line)]


@pytest.fixture(scope="module")
def bill() -> dict[str, Any]:
    script = runpy.run_path(str(ROOT / "scripts" / "sbom.py"))
    first = script["bill_of_materials"](read("requirements.lock"))  # it raises where the schema is violated
    assert script["bill_of_materials"](read("requirements.lock")) == first
    tree: dict[str, Any] = json.loads(first)
    return tree


def test_the_bill_of_materials_has_every_locked_package_with_its_hashes(bill: dict[str, Any]) -> None:
    packages = {part["name"]: part for part in bill["components"] if part["type"] == "library"}

    for name, (version, hashes) in locked("requirements.lock").items():
        part = packages.pop(name)
        assert part["version"] == version
        assert {digest["content"] for digest in part["externalReferences"][0]["hashes"]} == set(hashes)
    assert packages == {}


def test_the_bill_of_materials_has_every_network_with_its_hash_and_license(bill: dict[str, Any]) -> None:
    parts = {part["name"]: part for part in bill["components"] if part["type"] in ("machine-learning-model", "data")}

    for entry in (*entries(), *compiled_entries()):
        part = parts.pop(entry.file)
        assert part["hashes"] == [{"alg": "SHA-256", "content": entry.sha256}]
        assert part["licenses"]
    assert parts == {}


def test_the_bill_of_materials_names_no_time_and_no_folder_of_this_computer(bill: dict[str, Any]) -> None:
    text = json.dumps(bill)

    assert "timestamp" not in text
    assert "serialNumber" not in text
    assert str(ROOT) not in text
    assert sys.prefix not in text


def test_every_package_library_and_network_has_a_known_license() -> None:
    assert len(licenses.installed_packages()) > 60
    if (platform.system(), platform.machine()) == ("Linux", "x86_64"):
        assert licenses.unknown_licenses() == []


def documented(section: str) -> list[list[str]]:
    """Return the cells of the rows of a table of docs/internals/licenses.md, without its head."""
    text = read("docs/internals/licenses.md").split(f"## {section}\n")[1].split("\n## ")[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("|")]
    return rows[2:]


def test_the_documented_licenses_of_packages_are_those_that_are_found() -> None:
    table = {name: stated for stated, names in documented("Packages") for name in names.split(", ")}
    found = {package.name: package.license for package in licenses.installed_packages() if package.name != "facecam"}

    assert found.items() <= table.items()
    assert locked("requirements.lock").keys() <= table.keys()
    assert table.keys() - found.keys() <= {name for name in table if name in locked("requirements-dev.lock")}


@pytest.mark.skipif(
    (platform.system(), platform.machine()) != ("Linux", "x86_64"), reason="the document lists the wheels of Linux on x86-64"
)
def test_the_documented_libraries_inside_the_wheels_are_those_that_are_found() -> None:
    table = {
        (package, name, stated)
        for package, stated, names in documented("Libraries inside the wheels")
        for name in names.split(", ")
    }
    found = {(package.name, name, stated) for package in licenses.installed_packages() for name, stated in package.libraries}

    assert table == found
    assert {("av", "x264", "GPL-2.0-or-later"), ("av", "x265", "GPL-2.0-or-later")} <= found


def test_the_documented_licenses_of_networks_are_those_of_the_manifest() -> None:
    table = {(name, stated) for stated, names in documented("Networks") for name in names.split(", ")}

    assert table == {(entry.file, entry.license) for entry in entries()}


@pytest.fixture(scope="module")
def summarize() -> Callable[[dict[str, Any]], tuple[int, list[str]]]:
    function: Callable[[dict[str, Any]], tuple[int, list[str]]] = runpy.run_path(str(ROOT / "scripts" / "audit.py"))["summarize"]
    return function


def test_a_vulnerability_is_reported_with_the_version_that_fixes_it(summarize: Callable[..., Any]) -> None:
    found = {"id": "PYSEC-1", "fix_versions": ["2.1", "3.0"]}
    packages = [{"name": "a", "version": "2.0", "vulns": [found]}, {"name": "b", "version": "1", "vulns": []}]

    assert summarize({"dependencies": packages}) == (1, ["a 2.0: PYSEC-1, fixed in 2.1, 3.0"])


def test_packages_that_no_database_knows_are_not_called_safe(summarize: Callable[..., Any]) -> None:
    unknown = {"name": "a", "version": "2.0", "skip_reason": "not found"}

    assert summarize({"dependencies": [unknown]})[0] == 3
    assert summarize({"dependencies": [unknown, {"name": "b", "version": "1", "vulns": []}]}) == (
        0,
        ["1 packages have no known vulnerability", "not in the database: a"],
    )


def test_a_database_that_cannot_be_reached_is_no_success(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")  # nothing listens there
    lock = tmp_path / "lock.txt"
    lock.write_text(f"nothing==1.0 --hash=sha256:{'0' * 64}\n", encoding="utf-8")

    code, lines = runpy.run_path(str(ROOT / "scripts" / "audit.py"))["audit"](lock, "pypi")

    assert (code, len(lines)) == (3, 1)
    assert lines[0].startswith("not audited")


def wheel(folder: Path) -> Path:
    """Return a wheel of an empty package."""
    path = folder / "nothing-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("nothing-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: nothing\nVersion: 1.0\n")
        archive.writestr("nothing-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr("nothing-1.0.dist-info/RECORD", "")
    return path


@pytest.mark.parametrize("changed", [False, True])
def test_a_file_with_another_hash_is_not_installed(changed: bool, tmp_path: Path) -> None:
    path = wheel(tmp_path)
    (tmp_path / "lock.txt").write_text(f"nothing==1.0 --hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}\n")
    if changed:
        with zipfile.ZipFile(path, "a") as archive:
            archive.writestr("nothing.py", "print('changed on a mirror')")
    pip = [sys.executable, "-m", "pip", "--isolated", "install", "--no-index", "--find-links", str(tmp_path)]

    done = subprocess.run(
        [*pip, "--require-hashes", "--target", str(tmp_path / "there"), "-r", str(tmp_path / "lock.txt")],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert (done.returncode == 0) is not changed, done.stderr
    assert ("DO NOT MATCH THE HASHES" in done.stderr) is changed
    assert (tmp_path / "there").exists() is not changed


@pytest.mark.long
@pytest.mark.timeout(1500)
def test_the_lock_installs_in_a_new_environment(tmp_path: Path) -> None:
    """What .ci/run does in each run, with the demo."""
    subprocess.run([sys.executable, "-m", "venv", str(tmp_path / "venv")], check=True)
    python = tmp_path / "venv" / ("Scripts" if os.name == "nt" else "bin") / "python"
    pip = [str(python), "-m", "pip", "--disable-pip-version-check"]
    probe = subprocess.run([*pip, "download", "-q", "--no-deps", "-d", str(tmp_path), "mdurl"], check=False, capture_output=True)
    if probe.returncode != 0:
        pytest.skip("no package index is reachable")
    source = tmp_path / "source"
    for name in ("facecam", "models", "docs", "packaging"):
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)

    subprocess.run([*pip, "install", "-q", "--require-hashes", "-r", str(ROOT / "requirements.lock")], check=True, timeout=1200)
    subprocess.run([*pip, "install", "-q", "--no-deps", str(source)], check=True, timeout=300)
    checked = subprocess.run([*pip, "check"], check=False, capture_output=True, text=True)
    demo = subprocess.run(
        [str(python), "-m", "facecam", "demo", "--no-window"],
        cwd=tmp_path,
        env=environment_in(tmp_path),
        check=False,
        capture_output=True,
        text=True,
    )

    assert checked.returncode == 0, checked.stdout
    assert demo.returncode == 0, demo.stderr
    assert "Eileen Collins" in demo.stdout
