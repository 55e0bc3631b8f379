"""Compiled networks: made once, whole or not at all, and made again when they no longer fit. On P-Net, which takes least time."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

import facecam
from facecam.errors import ModelError
from facecam.networks.convert import RECIPES, cache_dir, compiled_path, ensure_compiled, missing, open_network, recipe
from facecam.networks.manifest import entries, models_dir
from facecam.types import Floats

PACKAGE = Path(facecam.__file__).parent
OPEN_PNET = """
from facecam.networks.convert import ensure_compiled, open_network
ensure_compiled(["pnet"], lambda *told: print(*told))
open_network("pnet", 1)
"""


def picture() -> Floats:
    return np.random.default_rng(0).random((1, 30, 40, 3), np.float32) * 255


def run_python(code: str, root: Path, cache: Path) -> subprocess.Popen[str]:
    """Run code with the package that lies in `root`, in a working folder that holds another one."""
    environment = os.environ | {"FACECAM_CACHE": str(cache), "PYTHONPATH": str(root)}
    command = [sys.executable, "-P", "-c", code]
    return subprocess.Popen(
        command, env=environment, cwd=PACKAGE.parent, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


@pytest.fixture(scope="module")
def expected() -> Floats:
    """What the user's own P-Net answers."""
    with open_network("pnet", threads=1) as network:
        return network(picture())


@dataclass(frozen=True)
class Race:
    """A cache in which two processes wanted the same network at once; what they said on stdout and stderr, and their status."""

    cache: Path
    said: list[tuple[str, str]]
    status: list[int]


@pytest.fixture(scope="module")
def race(tmp_path_factory: pytest.TempPathFactory) -> Race:
    cache = tmp_path_factory.mktemp("race")
    with run_python(OPEN_PNET, PACKAGE.parent, cache) as one, run_python(OPEN_PNET, PACKAGE.parent, cache) as other:
        said = [process.communicate() for process in (one, other)]
    return Race(cache, said, [one.returncode, other.returncode])


@pytest.fixture
def warm_cache(race: Race, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of that cache, in use."""
    shutil.copytree(race.cache, tmp_path / "cache")
    monkeypatch.setenv("FACECAM_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_two_processes_at_once_both_get_their_network(race: Race) -> None:
    assert race.status == [0, 0]


def test_progress_is_told_before_and_after(race: Race) -> None:
    assert race.said[0] == ("0 1 pnet\n1 1 \n", "")


def test_two_processes_at_once_leave_one_whole_file(warm_cache: Path, expected: Floats) -> None:
    assert [path.name for path in warm_cache.rglob("*") if path.is_file()] == [compiled_path("pnet").name]

    with open_network("pnet", threads=1) as network:
        assert network(picture()) == pytest.approx(expected, abs=1e-5)


def test_what_is_compiled_is_not_compiled_again(warm_cache: Path) -> None:
    told: list[tuple[int, int, str]] = []

    ensure_compiled(["pnet"], lambda done, total, name: told.append((done, total, name)))

    assert told == []
    assert missing(["pnet", "rnet"]) == ["rnet"]


def test_a_damaged_file_is_made_again(warm_cache: Path, expected: Floats) -> None:
    path = compiled_path("pnet")
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)

    with open_network("pnet", threads=1) as network:
        assert network(picture()) == pytest.approx(expected, abs=1e-5)
    assert path.read_bytes() != bytes(content)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the package as an installation has it, with its weights in facecam/_models."""
    root = tmp_path_factory.mktemp("site")
    shutil.copytree(PACKAGE, root / "facecam", ignore=shutil.ignore_patterns("__pycache__", "_demo", "_models"))
    (root / "facecam" / "_models").mkdir()
    for name in ("MANIFEST.toml", "mtcnn.safetensors"):
        shutil.copy(models_dir() / name, root / "facecam" / "_models" / name)
    return root


def said_by(root: Path, code: str, cache: Path) -> tuple[str, str]:
    """What the installed copy says to the code, on stdout and on the last line of stderr."""
    with run_python(code, root, cache) as process:
        said, complaint = process.communicate()
    return said.strip(), (complaint.strip().splitlines() or [""])[-1]


def test_missing_weights_are_named_with_what_to_do(installed: Path, tmp_path: Path) -> None:
    root = tmp_path / "site"
    shutil.copytree(installed, root)
    (root / "facecam" / "_models" / "mtcnn.safetensors").unlink()

    _, complaint = said_by(root, OPEN_PNET, tmp_path / "cache")

    assert complaint.startswith("facecam.errors.ModelError: ")
    assert "the weights of mtcnn are missing" in complaint
    assert "mtcnn.safetensors" in complaint
    assert "install facecam again" in complaint
    assert not list(tmp_path.rglob("*.litert"))


def test_other_weights_are_another_file_in_the_cache(installed: Path, tmp_path: Path) -> None:
    root = tmp_path / "site"
    shutil.copytree(installed, root)
    where = "from facecam.networks.convert import compiled_path; print(compiled_path('pnet').name, compiled_path('fer_mini_xception').name)"
    pnet, expression = said_by(root, where, tmp_path)[0].split()
    manifest = root / "facecam" / "_models" / "MANIFEST.toml"
    known = next(entry.sha256 for entry in entries() if entry.name == "mtcnn")
    manifest.write_text(manifest.read_text(encoding="utf-8").replace(known, "0" * 64), encoding="utf-8")

    other_pnet, same_expression = said_by(root, where, tmp_path)[0].split()

    assert other_pnet != pnet
    assert same_expression == expression


def test_another_graph_is_another_file_in_the_cache(installed: Path, tmp_path: Path) -> None:
    root = tmp_path / "site"
    shutil.copytree(installed, root)
    where = "from facecam.networks.convert import compiled_path; print(compiled_path('pnet').name)"
    before, _ = said_by(root, where, tmp_path)
    with (root / "facecam" / "detection" / "mtcnn_networks.py").open("a", encoding="utf-8") as source:
        source.write("# another line\n")

    after, _ = said_by(root, where, tmp_path)

    assert before.startswith("pnet-")
    assert after.startswith("pnet-")
    assert after != before


def test_the_cache_lies_where_the_user_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("FACECAM_CACHE", str(tmp_path))

    assert cache_dir() == tmp_path / "compiled"


@pytest.mark.parametrize("name", [*RECIPES, *(entry.name for entry in entries() if entry.role == "embedding")])
def test_every_network_has_a_name_of_its_own_in_the_cache(name: str) -> None:
    assert compiled_path(name).name.startswith(f"{name}-")
    assert recipe(name).weights in {entry.name for entry in entries()}


@pytest.mark.parametrize("name", ["imagenet_classes", "mtcnn"])
def test_a_file_that_is_no_single_network_cannot_be_compiled(name: str) -> None:
    with pytest.raises(ModelError, match=f"{name} is not a network that can be compiled; choose one of pnet"):
        open_network(name, threads=1)


def test_a_network_that_nobody_knows_is_answered_with_those_there_are() -> None:
    with pytest.raises(ModelError, match=r"no model 'vgg'; there are mtcnn"):
        open_network("vgg", threads=1)
