"""Start at login: an entry of the desktop that starts facecam in the background, written and removed on request.

| system | entry |
|---|---|
| Linux and BSD | `autostart/io.github.facecam.Facecam.desktop` in the user's configuration folder (XDG autostart) |
| Windows | the value `facecam` of the user's registry key `Run` |
| macOS | `~/Library/LaunchAgents/io.github.facecam.Facecam.plist` |
"""

from __future__ import annotations

import os
import plistlib
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from facecam.errors import SettingsError
from facecam.fileio import APP_ID, autostart_entry, write_atomic

_RUN_KEY = r"Software\Microsoft\Windows\CurrentVersion\Run"
_RUN_VALUE = "facecam"


def login_command(config: Path | None = None) -> list[str]:
    """Return the command that a login runs: this installation, in the background, with the user's configuration file."""
    executable = Path(sys.executable)
    if sys.platform == "win32" and (windowed := executable.with_name("pythonw.exe")).is_file():
        executable = windowed  # python.exe would open a console.
    options = [] if config is None else ["--config", str(config.absolute())]
    return [str(executable), "-m", "facecam", *options, "run", "--background"]


def is_enabled() -> bool:
    """Return whether facecam starts at login."""
    if sys.platform == "win32":
        return _registry_command() is not None
    path = autostart_entry()
    if sys.platform == "darwin":
        return path.is_file()
    return path.is_file() and not _is_switched_off(path)


def set_enabled(on: bool, config: Path | None = None) -> None:
    """Write the entry, or remove it without a trace.

    Args:
        on: Start at login.
        config: Configuration file to start with, None for the default one.

    Raises:
        SettingsError: The entry cannot be written or removed.
    """
    try:
        if sys.platform == "win32":
            _write_registry(subprocess.list2cmdline(login_command(config)) if on else None)
        elif on:
            path = autostart_entry()
            path.parent.mkdir(parents=True, exist_ok=True)
            write_atomic(path, launch_agent(config) if sys.platform == "darwin" else _desktop_entry(config))
        else:
            autostart_entry().unlink(missing_ok=True)
    except OSError as error:
        raise SettingsError("start at login could not be changed: {reason}", reason=error) from error


def _desktop_entry(config: Path | None) -> bytes:
    lines = (
        "[Desktop Entry]",
        "Type=Application",
        "Name=facecam",
        "Comment=Recognize people in front of the camera, in the background",
        "Comment[de]=Menschen vor der Kamera im Hintergrund erkennen",
        f"Exec={_exec_line(login_command(config))}",
        f"Icon={APP_ID}",
        "Terminal=false",
        "X-GNOME-Autostart-enabled=true",
    )
    return os.fsencode("".join(f"{line}\n" for line in lines))


def _exec_line(command: Sequence[str]) -> str:
    """Quote a command as the Desktop Entry Specification asks.

    References:
        https://specifications.freedesktop.org/desktop-entry-spec/latest/exec-variables.html
    """
    quoted = []
    for argument in command:
        escaped = "".join(f"\\{character}" if character in '"`$\\' else character for character in argument)
        # A value is a string of its own, in which a backslash and a percent sign are written twice, and a line break as \n.
        quoted.append('"' + escaped.replace("\\", "\\\\").replace("%", "%%").replace("\n", "\\n") + '"')
    return " ".join(quoted)


def _is_switched_off(path: Path) -> bool:
    """Return whether the desktop's own settings have switched the entry off; an unreadable one counts as off."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return True
    lines = {line.replace(" ", "").strip().lower() for line in text.splitlines()}
    return bool(lines & {"hidden=true", "x-gnome-autostart-enabled=false"})


def launch_agent(config: Path | None) -> bytes:
    """Return the property list of the launch agent of macOS."""
    return plistlib.dumps(
        {"Label": APP_ID, "ProgramArguments": login_command(config), "RunAtLoad": True, "ProcessType": "Interactive"}
    )


if sys.platform == "win32":
    import winreg

    def _registry_command() -> str | None:
        """Return the command in the registry, None without one."""
        try:
            with winreg.OpenKey(winreg.HKEY_CURRENT_USER, _RUN_KEY) as key:
                return str(winreg.QueryValueEx(key, _RUN_VALUE)[0])
        except FileNotFoundError:
            return None

    def _write_registry(command: str | None) -> None:
        """Write the command to the registry, or delete it."""
        with winreg.CreateKey(winreg.HKEY_CURRENT_USER, _RUN_KEY) as key:
            if command is not None:
                winreg.SetValueEx(key, _RUN_VALUE, 0, winreg.REG_SZ, command)
            elif _registry_command() is not None:
                winreg.DeleteValue(key, _RUN_VALUE)
