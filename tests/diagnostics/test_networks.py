"""Configurations that are wrong, weights that are damaged, networks that are compiled, not yet, or no longer whole."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from facecam.diagnostics.findings import Verdict
from facecam.diagnostics.machine import compiled, configuration, needed_networks, ready, settings_or_defaults, weights
from facecam.diagnostics.speed import speed
from facecam.networks.convert import compiled_path, ensure_compiled
from facecam.networks.manifest import MANIFEST, entries, models_dir
from facecam.settings import Settings


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return tmp_path / "facecam.toml"


@pytest.fixture
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FACECAM_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def copied_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """This machine's compiled networks, in a cache that may be spoiled."""
    names = needed_networks(Settings())
    ensure_compiled(names)
    sources = [compiled_path(name) for name in names]
    monkeypatch.setenv("FACECAM_CACHE", str(tmp_path / "copies"))
    (tmp_path / "copies" / "compiled").mkdir(parents=True)
    return [Path(shutil.copy(source, tmp_path / "copies" / "compiled")) for source in sources]


def test_a_configuration_is_named_with_how_much_it_changes(config: Path) -> None:
    config.write_text("[detect]\nmin_face_size_px = 30\nthreads = 2\n[gallery]\ndir = 'people'\n", encoding="utf-8")

    finding = configuration(config)

    assert (finding.verdict, finding.found) == (Verdict.OK, f"{config}, 1 setting changed")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[detect]\nmin_face = 30\n", "there is no setting detect.min_face"),
        ("[detect]\nthreads = 0\n", "detect.threads is 0, expected 1 to 64"),
        ("[detect\n", "cannot be read as TOML"),
        ("[gallery]\ndir = 3\n", "gallery.dir is 3"),
    ],
)
def test_a_wrong_configuration_is_a_fault_in_the_settings_own_words(config: Path, text: str, sentence: str) -> None:
    config.write_text(text, encoding="utf-8")

    finding = configuration(config)

    assert finding.verdict is Verdict.FAULT
    assert sentence in finding.found
    assert finding.advice
    assert settings_or_defaults(config) == Settings() or "gallery" in text


def test_a_wrong_variable_is_a_fault_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FACECAM_DETECT_THREADS", "many")

    assert "detect.threads is 'many'" in configuration(None).found


def test_the_models_that_were_shipped_are_sound() -> None:
    (finding,) = weights()

    assert finding.verdict is Verdict.OK
    assert finding.found.startswith(f"{len(entries())} files")


def test_each_damaged_or_missing_model_is_a_fault_that_names_its_file(tmp_path: Path) -> None:
    shutil.copytree(models_dir(), tmp_path / "models")
    damaged = tmp_path / "models" / "mtcnn.safetensors"
    content = bytearray(damaged.read_bytes())
    content[-1] ^= 1
    damaged.write_bytes(content)
    (tmp_path / "models" / "imagenet_classes.tsv").unlink()

    findings = list(weights(tmp_path / "models"))

    assert [finding.verdict for finding in findings] == [Verdict.FAULT] * 2
    assert f"damaged: {damaged}" in findings[0].found
    assert "missing" in findings[1].found
    assert "imagenet_classes.tsv" in findings[1].found
    assert (tmp_path / "models" / MANIFEST).is_file()


def test_networks_that_are_not_compiled_yet_are_no_fault_and_are_not_measured(empty_cache: Path) -> None:
    finding = compiled(Settings())
    (not_measured,) = speed(Settings())

    assert finding.verdict is not_measured.verdict is Verdict.OK
    assert "0 of 6 compiled" in finding.found
    assert "half a minute" in finding.found
    assert "not compiled yet" in not_measured.found
    assert not empty_cache.exists()


def test_compiled_networks_are_counted(copied_cache: list[Path]) -> None:
    finding = compiled(Settings())

    assert finding.verdict is Verdict.OK
    assert finding.found == f"all 6 compiled, in {copied_cache[0].parent}"
    assert ready(Settings())


def test_a_damaged_compiled_network_is_a_warning_and_is_not_measured(copied_cache: list[Path]) -> None:
    copied_cache[0].write_bytes(copied_cache[0].read_bytes()[:-1])

    finding = compiled(Settings())

    assert finding.verdict is Verdict.WARNING
    assert "damaged since: pnet" in finding.found
    assert [f.found for f in speed(Settings())] == ["not measured: the networks are not compiled yet"]
