"""The settings that hold: defaults < facecam.toml < environment < options.

A key is `section.name`: `[detect] min_face_size_px = 40` in facecam.toml, FACECAM_DETECT_MIN_FACE_SIZE_PX=40 in the environment,
`{"detect.min_face_size_px": 40}` from the command line.
"""

from __future__ import annotations

import dataclasses
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from facecam.errors import SettingsError
from facecam.settings import Settings


def _flat(tree: Mapping[str, Any], path: Path) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for section, values in tree.items():
        if not isinstance(values, Mapping):
            raise SettingsError(f"{path}: {section} stands outside a section; write it below [detect], [gate], [identify] ...")
        flat |= {f"{section}.{name}": value for name, value in values.items()}
    return flat


def _from_environment(environment: Mapping[str, str]) -> dict[str, str]:
    keys = {
        f"FACECAM_{section.name}_{name.name}".upper(): f"{section.name}.{name.name}"
        for section in dataclasses.fields(Settings)
        for name in dataclasses.fields(section.default_factory)  # type: ignore[arg-type]
    }
    return {keys[variable]: text for variable, text in environment.items() if variable in keys}


def find_config(explicit: Path | None) -> Path | None:
    """The configuration file: the one named, else ./facecam.toml, else the user's; None when there is none."""
    if explicit is not None:
        if not explicit.is_file():
            raise SettingsError(f"there is no configuration file {explicit}")
        return explicit
    return next((place for place in (Path("facecam.toml"), user_config()) if place.is_file()), None)


def user_config() -> Path:
    """Where the user's own configuration file is, if there is one."""
    import platformdirs

    return Path(platformdirs.user_config_dir("facecam", appauthor=False)) / "facecam.toml"


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{path} cannot be read as TOML: {error}") from error


def gallery_dir_from_config(explicit: Path | None) -> str | None:
    """`[gallery] dir` of the configuration file, None when it does not say."""
    path = find_config(explicit)
    section = _read_toml(path).get("gallery", {}) if path else {}
    directory = section.get("dir") if isinstance(section, dict) else None
    if directory is not None and not isinstance(directory, str):
        raise SettingsError(f"{path}: gallery.dir is {directory!r}, expected a folder's path as text")
    return directory


def load_settings(
    config: Path | None = None,
    options: Mapping[str, Any] | None = None,
    environment: Mapping[str, str] | None = None,
) -> Settings:
    """Defaults < configuration file < environment < options. Options that are None were not given."""
    settings = Settings()
    path = find_config(config)
    if path is not None:
        tree = _read_toml(path)
        tree.pop("gallery", None)
        settings = settings.replace(_flat(tree, path))
    settings = settings.replace(_from_environment(os.environ if environment is None else environment))
    return settings.replace({key: value for key, value in (options or {}).items() if value is not None})
