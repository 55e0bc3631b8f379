"""One setting changed in a facecam.toml that somebody else wrote: everything else in it stays, comments and order too."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

from facecam.atomic import write_atomic
from facecam.configuration import find_config, user_config
from facecam.errors import SettingsError

_SECTION = re.compile(r"\s*\[\s*([^\[\]]+?)\s*\]\s*(#.*)?$")


def config_to_change(explicit: Path | None) -> Path:
    """The configuration file in use, else the user's, which need not exist. SettingsError when the one named is not there."""
    return find_config(explicit) or user_config()


def read_setting(path: Path, key: str) -> float | None:
    """The number that `section.name` holds in the TOML file at `path`; None when the file or the setting is not there."""
    section, _, name = key.partition(".")
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8")).get(section, {}).get(name) if path.exists() else None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, AttributeError) as error:
        raise SettingsError(f"{path} cannot be read: {error}") from error
    return None if found is None else float(found)


def write_setting(path: Path, key: str, value: float | bool | str | None) -> None:
    """Make `section.name` hold `value` in the TOML file at `path`, which need not exist. Written whole or not at all.

    None takes the setting out of the file, so that the default counts.

    The result is read again before it is written: unless exactly this value has changed, SettingsError says so and nothing is
    written. SettingsError too when the file cannot be read, is no TOML, or cannot be written.
    """
    section, _, name = key.partition(".")
    try:
        text = path.read_bytes().decode() if path.exists() else ""
        wanted = tomllib.loads(text)
        if value is None:
            if name not in wanted.get(section, {}):
                return
            del wanted[section][name]
            changed, told = _without(text, section, name), f"delete {name}"
        else:
            wanted.setdefault(section, {})[name] = value
            changed, told = _changed(text, section, name, _toml(value)), f"set {name} = {_toml(value)}"
        if _parsed(changed) != wanted:
            raise SettingsError(f"{path} is written in a way that is not changed safely: {told} in [{section}]")
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomic(path.resolve(), changed.encode())
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, TypeError) as error:
        raise SettingsError(f"{path} cannot be changed: {error}; nothing was written") from error


def _toml(value: float | bool | str) -> str:
    """The value as TOML writes it; a JSON string is a TOML string."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)


def _without(text: str, section: str, name: str) -> str:
    """The text without the setting's line."""
    lines = text.splitlines(keepends=True)
    assignment = re.compile(rf"\s*{re.escape(name)}\s*=")
    current = ""
    for number, line in enumerate(lines):
        if found := _SECTION.match(line):
            current = found[1]
        elif current == section and assignment.match(line):
            return "".join([*lines[:number], *lines[number + 1 :]])
    return text


def _changed(text: str, section: str, name: str, value: str) -> str:
    """The text with the value in the setting's line, else in a new line below the section's header, else with both at the end."""
    lines = text.splitlines(keepends=True)
    end_of_line = "\r\n" if "\r\n" in text else "\n"
    assignment = re.compile(rf"(\s*{re.escape(name)}\s*=\s*)[^#\s]+(.*)", re.DOTALL)
    header: int | None = None
    current = ""
    for number, line in enumerate(lines):
        if found := _SECTION.match(line):
            current = found[1]
            header = number if current == section else header
        elif current == section and (found := assignment.fullmatch(line)):
            lines[number] = f"{found[1]}{value}{found[2]}"
            return "".join(lines)
    if header is not None:
        lines[header] = lines[header].rstrip("\r\n") + end_of_line
        return "".join([*lines[: header + 1], f"{name} = {value}{end_of_line}", *lines[header + 1 :]])
    before = text if not text or text.endswith("\n") else text + end_of_line
    gap = end_of_line if before else ""
    return f"{before}{gap}[{section}]{end_of_line}{name} = {value}{end_of_line}"


def _parsed(text: str) -> dict[str, Any] | None:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return None
