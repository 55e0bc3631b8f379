"""Start at login: the entry of the desktop, and its removal."""

from __future__ import annotations

import os
import plistlib
import subprocess
import sys
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from facecam.errors import SettingsError
from facecam.fileio import APP_ID, autostart_entry
from facecam.ui import autostart
from facecam.ui.settings.background import BackgroundSettings
from tests.ui.desktop import SYSTEM_PYTHON, missing_desktop
from tests.ui.fakes import idle_controller

only_xdg = pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="XDG autostart is of Linux and BSD")


@only_xdg
def test_the_entry_is_written_into_the_autostart_folder_and_removed_without_a_trace(tmp_path: Path) -> None:
    path = tmp_path / "config" / "autostart" / f"{APP_ID}.desktop"

    autostart.set_enabled(True)
    assert autostart.is_enabled()
    assert autostart_entry() == path

    autostart.set_enabled(False)
    assert not autostart.is_enabled()
    assert not list(path.parent.iterdir())


@only_xdg
def test_removing_an_entry_that_does_not_exist_is_no_error() -> None:
    autostart.set_enabled(False)

    assert not autostart.is_enabled()


@only_xdg
@pytest.mark.parametrize("line", ["Hidden=true", "X-GNOME-Autostart-enabled=false"])
def test_an_entry_that_the_desktop_has_switched_off_does_not_count(line: str) -> None:
    autostart.set_enabled(True)
    path = autostart_entry()
    path.write_text(path.read_text().replace("X-GNOME-Autostart-enabled=true", line))

    assert not autostart.is_enabled()


@only_xdg
def test_a_desktop_reads_the_command_as_it_was_meant(tmp_path: Path) -> None:
    if missing := missing_desktop():
        pytest.skip(missing)
    config = tmp_path / 'odd "name" $HOME `x` 100% \\ and\nan end.toml'
    autostart.set_enabled(True, config)
    # GLib parses and unquotes the line, as the desktops do.
    code = (
        "import sys; from gi.repository import Gio, GLib\n"
        "entry = Gio.DesktopAppInfo.new_from_filename(sys.argv[1])\n"
        "print(GLib.shell_parse_argv(entry.get_commandline())[1])"
    )
    done = subprocess.run([SYSTEM_PYTHON, "-c", code, autostart_entry()], capture_output=True, text=True, check=True)

    # A percent sign stands for a field in the command line, so it stays doubled there.
    expected = [argument.replace("%", "%%") for argument in autostart.login_command(config)]
    assert done.stdout.strip() == str(expected)


@only_xdg
def test_a_path_that_is_no_text_is_written_as_it_is(tmp_path: Path) -> None:
    autostart.set_enabled(True, tmp_path / os.fsdecode(b"caf\xe9.toml"))

    assert b"caf\xe9.toml" in autostart_entry().read_bytes()
    assert autostart.is_enabled()


def test_a_login_starts_this_installation_in_the_background_with_the_users_configuration(tmp_path: Path) -> None:
    command = autostart.login_command(tmp_path / "facecam.toml")

    assert command == [sys.executable, "-m", "facecam", "--config", str(tmp_path / "facecam.toml"), "run", "--background"]


def test_the_agent_of_macos_runs_the_same_command() -> None:
    agent = plistlib.loads(autostart.launch_agent(None))

    assert agent["ProgramArguments"] == autostart.login_command()
    assert agent["RunAtLoad"] is True
    assert agent["Label"] == APP_ID


@only_xdg
def test_a_folder_that_cannot_be_written_is_an_error_with_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "config" / "autostart").write_text("a file in its place")

    with pytest.raises(SettingsError, match=r"start at login could not be changed: "):
        autostart.set_enabled(True)


@only_xdg
def test_the_check_box_in_the_settings_writes_and_removes_the_entry(qtbot: QtBot, tmp_path: Path) -> None:
    page = BackgroundSettings(idle_controller())
    qtbot.addWidget(page)
    page.show()
    assert not page.at_login.isChecked()

    page.at_login.click()
    assert autostart.is_enabled()

    page.at_login.click()
    assert not autostart.is_enabled()


@only_xdg
def test_the_check_box_stays_off_and_says_why_when_the_entry_cannot_be_written(qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "config" / "autostart").write_text("a file in its place")
    page = BackgroundSettings(idle_controller())
    qtbot.addWidget(page)
    page.show()

    page.at_login.click()

    assert not page.at_login.isChecked()
    assert page.login_error.text().startswith("⚠ Start at login could not be changed: ")


@only_xdg
def test_the_check_box_shows_what_another_program_has_changed(qtbot: QtBot) -> None:
    page = BackgroundSettings(idle_controller())
    qtbot.addWidget(page)
    autostart.set_enabled(True)

    page.show()

    assert page.at_login.isChecked()
