"""Outputs, commands and settings of events that are refused, and the counts of a publisher."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest

from facecam.cli import context, runner
from facecam.errors import SettingsError
from facecam.events.publisher import EventOptions, EventPublisher
from facecam.settings import load_settings
from tests.events.test_consumers import event, posix
from tests.session.conftest import wait_for


@pytest.mark.parametrize("output", ["tcp://192.0.2.1:80", "https://example.com", "mqtt://ada:s3cret@host/x", "unix:", ""])
def test_an_address_in_a_network_is_no_output(output: str) -> None:
    with pytest.raises(SettingsError, match="name a file, unix:PATH for a Unix socket, or - for stdout") as error:
        EventPublisher(EventOptions(outputs=(output,)), io.StringIO())
    assert "s3cret" not in str(error.value)


def test_a_wrong_filter_is_reported_before_the_session() -> None:
    with pytest.raises(SettingsError, match="'age=3' has an unknown field"):
        EventPublisher(EventOptions(outputs=("-",), filters=("age=3",)), io.StringIO())


@pytest.mark.parametrize("setting", ["command = 'tee x'", "output = 'x'"])
def test_a_command_in_the_working_folder_is_refused_unless_the_file_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, setting: str
) -> None:
    monkeypatch.chdir(tmp_path)
    path = Path("facecam.toml")
    path.write_text(f"[events]\n{setting}\n", encoding="utf-8")

    def found(config: Path | None) -> EventOptions:
        monkeypatch.setattr(context.invocation, "config", config)
        return runner.event_options(runner.RunOptions(load_settings(config), tmp_path, None, window=False))

    with pytest.raises(SettingsError, match=r"add --config facecam\.toml"):
        found(None)
    assert found(path).are_wanted
    path.unlink()
    name = setting.partition(" ")[0].upper()
    monkeypatch.setenv(f"FACECAM_EVENTS_{name}", "x")
    assert found(None).are_wanted


@posix
def test_the_status_counts_what_was_delivered_dropped_and_failed(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    options = EventOptions(
        outputs=("-", str(tmp_path / "a"), f"unix:{tmp_path}/nobody"), commands=("false",), filters=("name=Ada",)
    )
    with EventPublisher(options, io.StringIO()) as publisher:
        publisher.publish(event())
        publisher.publish(event(name="Grace"))
        wait_for(lambda: publisher.status() == "events: 2 delivered, 1 failed")
    assert "events to false: 0 delivered, 0 dropped, 1 failed" in caplog.text
    assert os.fspath(tmp_path / "nobody") in caplog.text
