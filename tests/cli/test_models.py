"""`facecam models`: list and verify, as a table and as JSON."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from facecam.networks import manifest

from .conftest import Command


def test_the_list_shows_every_model_with_its_license(facecam: Command) -> None:
    result = facecam("models", "list")

    assert result.returncode == 0
    for model in manifest.entries():
        assert model.name in result.stdout
        assert model.license in result.stdout
    for network in manifest.compiled_entries():
        assert network.name in result.stdout
        assert network.converter in result.stdout


def test_the_list_as_json_on_stdout_is_only_json(facecam: Command) -> None:
    result = facecam("models", "list", "--json", "-")

    listed = {model["name"]: model for model in json.loads(result.stdout) if "role" in model}
    assert listed["nn4_small2_facecam_v1"]["threshold_l2"] == manifest.entry("nn4_small2_facecam_v1").threshold_l2
    assert listed["mtcnn"]["threshold_l2"] is None


def test_verify_finds_no_fault_in_the_shipped_models(facecam: Command, tmp_path: Path) -> None:
    result = facecam("models", "verify", "--json", str(tmp_path / "verdict.json"))

    assert result.returncode == 0
    assert all(model["ok"] for model in json.loads((tmp_path / "verdict.json").read_text(encoding="utf-8")))


def test_verify_exits_with_3_and_names_the_damaged_file(facecam: Command, tmp_path: Path) -> None:
    shutil.copy(manifest.models_dir() / manifest.MANIFEST, tmp_path)
    shutil.copy(manifest.models_dir() / "mtcnn.safetensors", tmp_path)
    (tmp_path / "imagenet_classes.tsv").write_text("0\tn0\tnothing\n", encoding="utf-8")

    result = facecam("models", "verify", str(tmp_path), "--json", "-")

    verdicts = {model["file"]: model for model in json.loads(result.stdout)}
    assert result.returncode == 3
    assert verdicts["mtcnn.safetensors"]["ok"]
    assert "damaged" in verdicts["imagenet_classes.tsv"]["message"]
    assert "missing" in verdicts["fer_mini_xception.hdf5"]["message"]
    assert "missing" in verdicts["pnet.litert"]["message"]


def test_files_of_the_source_tree_are_not_missing_in_an_installation(facecam: Command, tmp_path: Path) -> None:
    left_out = shutil.ignore_patterns("nn4_small2_openface_v1.*")
    installed = shutil.copytree(manifest.models_dir(), tmp_path / "_models", ignore=left_out)

    result = facecam("models", "verify", str(installed))

    assert result.returncode == 0
    assert result.stdout.count("in the source tree only") == 2


@pytest.mark.parametrize("name", ["mtcnn", "nowhere", "nowhere.keras"])
def test_what_is_no_network_of_the_user_cannot_be_converted(facecam: Command, name: str) -> None:
    done = facecam("models", "convert", name)

    assert done.returncode == 1
    assert done.stderr.startswith("facecam: ")
    assert name in done.stderr
    assert "Traceback" not in done.stderr
