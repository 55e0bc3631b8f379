"""`facecam models`: list and verify, as a table and as JSON."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from facecam.cli import system
from facecam.networks import manifest

from .conftest import Command


@pytest.fixture
def app() -> typer.Typer:
    app = typer.Typer()
    system.register_models(app)
    return app


def test_the_list_shows_every_model_with_its_license(app: typer.Typer) -> None:
    result = CliRunner().invoke(app, ["models", "list"])

    assert result.exit_code == 0
    for model in manifest.entries():
        assert model.name in result.stdout
        assert model.license in result.stdout
    for network in manifest.compiled_entries():
        assert network.name in result.stdout
        assert network.converter in result.stdout


def test_the_list_as_json_on_stdout_is_only_json(app: typer.Typer) -> None:
    result = CliRunner().invoke(app, ["models", "list", "--json", "-"])

    listed = {model["name"]: model for model in json.loads(result.stdout) if "role" in model}
    assert listed["nn4_small2_facecam_v1"]["threshold_l2"] == manifest.entry("nn4_small2_facecam_v1").threshold_l2
    assert listed["mtcnn"]["threshold_l2"] is None


def test_verify_finds_no_fault_in_the_shipped_models(app: typer.Typer, tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["models", "verify", "--json", str(tmp_path / "verdict.json")])

    assert result.exit_code == 0
    assert all(model["ok"] for model in json.loads((tmp_path / "verdict.json").read_text(encoding="utf-8")))


def test_verify_exits_with_3_and_names_the_damaged_file(app: typer.Typer, tmp_path: Path) -> None:
    shutil.copy(manifest.models_dir() / manifest.MANIFEST, tmp_path)
    shutil.copy(manifest.models_dir() / "mtcnn.safetensors", tmp_path)
    (tmp_path / "imagenet_classes.tsv").write_text("0\tn0\tnothing\n", encoding="utf-8")

    result = CliRunner().invoke(app, ["models", "verify", str(tmp_path), "--json", "-"])

    verdicts = {model["file"]: model for model in json.loads(result.stdout)}
    assert result.exit_code == 3
    assert verdicts["mtcnn.safetensors"]["ok"]
    assert "damaged" in verdicts["imagenet_classes.tsv"]["message"]
    assert "missing" in verdicts["fer_mini_xception.hdf5"]["message"]
    assert "missing" in verdicts["pnet.litert"]["message"]


def test_files_of_the_source_tree_are_not_missing_in_an_installation(app: typer.Typer, tmp_path: Path) -> None:
    left_out = shutil.ignore_patterns("nn4_small2_openface_v1.*")
    installed = shutil.copytree(manifest.models_dir(), tmp_path / "_models", ignore=left_out)

    result = CliRunner().invoke(app, ["models", "verify", str(installed)])

    assert result.exit_code == 0
    assert result.stdout.count("in the source tree only") == 2


@pytest.mark.parametrize("name", ["mtcnn", "nowhere", "nowhere.keras"])
def test_what_is_no_network_of_the_user_cannot_be_converted(facecam: Command, name: str) -> None:
    done = facecam("models", "convert", name)

    assert done.returncode == 1
    assert done.stderr.startswith("facecam: ")
    assert name in done.stderr
    assert "Traceback" not in done.stderr
