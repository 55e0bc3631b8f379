"""Checks of the configuration, the model files and the compiled networks."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from facecam.diagnostics.machine import Verdict, check_compiled_networks, check_configuration, check_models, settings_or_defaults
from facecam.diagnostics.speed import check_speed
from facecam.networks.manifest import MANIFEST, compiled_entries, entries, models_dir
from facecam.settings import Settings


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return tmp_path / "facecam.toml"


def test_a_configuration_is_reported_with_the_number_of_changes(config: Path) -> None:
    config.write_text("[detect]\nmin_face_size_px = 30\nthreads = 2\n[gallery]\ndir = 'people'\n", encoding="utf-8")

    finding = check_configuration(config)

    assert (finding.verdict, finding.found) == (Verdict.OK, f"{config}, 1 setting changed")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[detect]\nmin_face = 30\n", "unknown setting detect.min_face"),
        ("[detect]\nthreads = 0\n", "detect.threads is 0, expected 1 to 64"),
        ("[detect\n", "cannot be read as TOML"),
        ("[gallery]\ndir = 3\n", "gallery.dir is 3"),
    ],
)
def test_a_wrong_configuration_is_a_fault_with_its_own_message(config: Path, text: str, sentence: str) -> None:
    config.write_text(text, encoding="utf-8")

    finding = check_configuration(config)

    assert finding.verdict is Verdict.FAULT
    assert sentence in finding.found
    assert finding.advice
    assert settings_or_defaults(config) == Settings() or "gallery" in text


def test_a_wrong_environment_variable_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FACECAM_DETECT_THREADS", "many")

    assert "detect.threads is 'many'" in check_configuration(None).found


def test_the_shipped_models_are_intact() -> None:
    (finding,) = check_models()

    assert finding.verdict is Verdict.OK
    assert finding.found.startswith(f"{len(entries())} files")


def test_each_damaged_or_missing_model_is_a_fault_with_its_file_name(tmp_path: Path) -> None:
    shutil.copytree(models_dir(), tmp_path / "models")
    damaged = tmp_path / "models" / "mtcnn.safetensors"
    content = bytearray(damaged.read_bytes())
    content[-1] ^= 1
    damaged.write_bytes(content)
    (tmp_path / "models" / "imagenet_classes.tsv").unlink()

    findings = list(check_models(tmp_path / "models"))

    assert [finding.verdict for finding in findings] == [Verdict.FAULT] * 2
    assert f"damaged: {damaged}" in findings[0].found
    assert "missing" in findings[1].found
    assert "imagenet_classes.tsv" in findings[1].found
    assert (tmp_path / "models" / MANIFEST).is_file()


def test_intact_compiled_networks_are_counted() -> None:
    (finding,) = check_compiled_networks(Settings())

    assert finding.verdict is Verdict.OK
    assert finding.found == f"all {len(compiled_entries())} compiled networks have the SHA-256 of the manifest"


def test_each_damaged_or_missing_compiled_network_is_a_fault_with_its_file_name(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(models_dir(), tmp_path / "models"))
    (folder / "pnet.litert").write_bytes((folder / "pnet.litert").read_bytes()[:-1])
    (folder / "onet.litert").unlink()

    findings = list(check_compiled_networks(Settings(), folder))

    assert [finding.verdict for finding in findings] == [Verdict.FAULT] * 2
    assert "pnet is damaged" in findings[0].found
    assert "onet is missing" in findings[1].found
    assert "einstall facecam" in findings[1].advice


def test_files_of_the_source_tree_are_not_missing_in_an_installation(tmp_path: Path) -> None:
    left_out = shutil.ignore_patterns("nn4_small2_openface_v1.*")
    folder = Path(shutil.copytree(models_dir(), tmp_path / "_models", ignore=left_out))

    (models,) = check_models(folder)
    (networks,) = check_compiled_networks(Settings(), folder)

    assert models.found.startswith(f"{len(entries()) - 1} files")
    assert networks.found.startswith(f"all {len(compiled_entries()) - 1} compiled networks")


def test_nothing_is_measured_with_a_network_that_cannot_be_opened(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    shutil.copy(models_dir() / MANIFEST, tmp_path)
    monkeypatch.setattr("facecam.networks.manifest.models_dir", lambda: tmp_path)

    assert [f.found for f in check_speed(Settings())] == ["not measured: a network cannot be opened"]
