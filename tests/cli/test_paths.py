"""Paths that begin with a tilde, in every command and every place: the shell expands only some of them."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any, get_args, get_origin

import pytest
import typer
from typer.models import CommandInfo, ParameterInfo

from facecam.cli import context, options
from facecam.cli.main import application
from facecam.cli.options import Input, Output
from facecam.fileio import cache_dir, expand_home
from facecam.objects.pipeline import object_network
from facecam.objects.taught import taught_dir
from facecam.settings import IdentifySettings, ObjectSettings, load_settings
from tests.cli.conftest import Command

_MARKERS = ("PATH", "FILE", "DIR", "PHOTO", "IMAGE", "ZIP", "LOG")
_NOT_PATHS = {"no_log"}


def commands(app: typer.Typer, prefix: str = "") -> list[tuple[str, CommandInfo]]:
    """Return every command of an application with its full name."""
    found = [(f"{prefix}{command.name}", command) for command in app.registered_commands]
    for group in app.registered_groups:
        assert group.typer_instance is not None
        found += commands(group.typer_instance, f"{prefix}{group.name} ")
    return found


def parameters() -> list[Any]:
    """Return every option and argument of every command that takes a path, with an id."""
    found = []
    for name, command in commands(application()):
        assert command.callback is not None
        for parameter in inspect.signature(command.callback).parameters.values():
            kinds = get_args(parameter.annotation)
            info = next(kind for kind in kinds if isinstance(kind, ParameterInfo))
            is_path = "Path" in str(kinds[0]) or any(isinstance(kind, Input | Output) for kind in kinds)
            names_a_path = any(marker in str(info.metavar) for marker in _MARKERS)
            if (is_path or names_a_path) and parameter.name not in _NOT_PATHS:
                found.append(pytest.param(parameter, id=f"{name} {parameter.name}"))
    return found


@pytest.mark.parametrize("parameter", parameters())
def test_every_path_of_every_command_may_begin_with_a_tilde(
    parameter: inspect.Parameter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(variable, str(tmp_path))
    kind = str(get_args(parameter.annotation)[0])
    given: Any = Path("~/a.csv") if "Path" in kind else "~/a.csv"
    several = get_origin(get_args(parameter.annotation)[0]) is list or "list[" in kind

    found = options._with_home(parameter, [given] if several else given)

    expected = tmp_path / "a.csv" if "Path" in kind else str(tmp_path / "a.csv")
    assert found == ([expected] if several else expected)


def test_the_table_has_the_paths_of_all_commands() -> None:
    found = {str(parameter.id) for parameter in parameters()}

    assert {"run source", "run log", "enroll photos", "enroll source", "gallery import source", "report output"} <= found
    assert {"compare a", "teach picture", "calibrate directory", "models convert output", "identify images"} <= found
    assert len(found) > 100


def test_a_command_reads_and_writes_below_the_home_folder(facecam: Command, tmp_path: Path, portraits: dict[str, Path]) -> None:
    home = tmp_path / "mine"
    home.mkdir()
    (home / "ada.jpg").write_bytes(portraits["eileen_collins"].read_bytes())

    done = facecam(
        "enroll", "Ada", "~/ada.jpg", "--gallery", "~/people", "--config", "~/facecam.toml", HOME=str(home), USERPROFILE=str(home)
    )

    assert done.returncode == 1
    assert f"the configuration file {home / 'facecam.toml'} does not exist" in done.stderr
    (home / "facecam.toml").write_text('[gallery]\ndir = "~/people"\n', encoding="utf-8")

    done = facecam("enroll", "Ada", "~/ada.jpg", "--config", "~/facecam.toml", HOME=str(home), USERPROFILE=str(home))
    named = facecam(
        "identify", "~/ada.jpg", "--csv", "~/rows.csv", "--config", "~/facecam.toml", HOME=str(home), USERPROFILE=str(home)
    )

    assert done.returncode == 0, done.stderr
    assert (home / "people" / "Ada" / "person.toml").is_file()
    assert named.returncode == 0, named.stderr
    assert "Ada" in (home / "rows.csv").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("variable", "folder"),
    [
        ("FACECAM_GALLERY", lambda: context.gallery_dir(None)),
        ("FACECAM_OBJECTS", taught_dir),
        ("FACECAM_CACHE", cache_dir),
    ],
)
def test_environment_variables_with_a_tilde(variable: str, folder: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.setenv(variable, "~/there")

    assert folder() == tmp_path / "there"


def test_networks_in_the_settings_with_a_tilde(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(tmp_path))
    (tmp_path / "mugs").mkdir()
    config = tmp_path / "facecam.toml"
    config.write_text('[identify]\nnetwork = "~/own.tflite"\n[objects]\nnetwork = "~/mugs"\n', encoding="utf-8")

    from_file = load_settings(config, environment={})
    from_environment = load_settings(config, environment={"FACECAM_IDENTIFY_NETWORK": "~/other.tflite"})

    assert from_file.identify.network == IdentifySettings("~/own.tflite").network == str(tmp_path / "own.tflite")
    assert from_environment.identify.network == str(tmp_path / "other.tflite")
    assert object_network(from_file.objects) == object_network(ObjectSettings("~/mugs")) == str(tmp_path / "mugs")


def test_the_home_of_an_unknown_user_stays_as_it_is() -> None:
    assert expand_home("~no_such_user_here/a.csv") == Path("~no_such_user_here/a.csv")
