"""One setting is changed in a file that somebody else wrote, and nothing else is."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facecam.errors import SettingsError
from facecam.settings import config_to_change, load_settings, read_setting, write_setting

RATE = "identify.stranger_rate"
WRITTEN = """\
# my settings
[gallery]
dir = "/home/me/people" # stranger_rate = 3 is not this

[identify] # who it is
mirrored = true
stranger_rate = 0.02   # two in a hundred

[track]
min_iou = 0.3
"""


def test_the_value_changes_and_every_comment_stays(tmp_path: Path) -> None:
    path = tmp_path / "facecam.toml"
    path.write_text(WRITTEN, encoding="utf-8")

    write_setting(path, RATE, 0.001)

    assert path.read_text(encoding="utf-8") == WRITTEN.replace("0.02 ", "0.001 ")
    assert read_setting(path, RATE) == 0.001


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "[identify]\nstranger_rate = 0.001\n"),
        ("[track]\nmin_iou = 0.3", "[track]\nmin_iou = 0.3\n\n[identify]\nstranger_rate = 0.001\n"),
        ("[identify]\nmirrored = true\n", "[identify]\nstranger_rate = 0.001\nmirrored = true\n"),
        ("[identify]", "[identify]\nstranger_rate = 0.001\n"),
        ("[identify]\r\nmirrored = true\r\n", "[identify]\r\nstranger_rate = 0.001\r\nmirrored = true\r\n"),
    ],
)
def test_a_setting_that_was_not_there_is_added_to_its_section(tmp_path: Path, before: str, after: str) -> None:
    path = tmp_path / "facecam.toml"
    path.write_bytes(before.encode())

    write_setting(path, RATE, 0.001)

    assert path.read_bytes().decode() == after


def test_a_file_that_is_not_there_is_made(tmp_path: Path) -> None:
    path = tmp_path / "new" / "facecam.toml"
    assert read_setting(path, RATE) is None

    write_setting(path, RATE, 0.001)

    assert tomllib.loads(path.read_text(encoding="utf-8")) == {"identify": {"stranger_rate": 0.001}}


@pytest.mark.parametrize(
    "text",
    [
        "identify = {mirrored = true}\n",
        "identify.mirrored = true\n",
        'a = """\n[identify]\n"""\n',
        "[identify\n",
        "identify = 3\n",
    ],
)
def test_what_cannot_be_changed_safely_is_left_alone(tmp_path: Path, text: str) -> None:
    path = tmp_path / "facecam.toml"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(SettingsError, match=r"facecam\.toml"):
        write_setting(path, RATE, 0.001)

    assert path.read_text(encoding="utf-8") == text


@pytest.mark.parametrize(
    ("key", "value", "line"),
    [
        ("track.still_picture_check", True, "still_picture_check = true"),
        ("identify.mirrored", False, "mirrored = false"),
        ("detect.detector", "package", 'detector = "package"'),
        ("capture.width_px", 1280, "width_px = 1280"),
    ],
)
def test_every_kind_of_value_is_written_as_it_is_read(tmp_path: Path, key: str, value: bool | str | int, line: str) -> None:
    path = tmp_path / "facecam.toml"
    path.write_text(WRITTEN, encoding="utf-8")

    write_setting(path, key, value)

    section, _, name = key.partition(".")
    assert line in path.read_text(encoding="utf-8").splitlines()
    assert getattr(getattr(load_settings(path, environment={}), section), name) == value


def test_a_setting_that_is_taken_out_leaves_the_rest_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "facecam.toml"
    path.write_text(WRITTEN, encoding="utf-8")

    write_setting(path, RATE, None)

    assert path.read_text(encoding="utf-8") == WRITTEN.replace("stranger_rate = 0.02   # two in a hundred\n", "")
    assert read_setting(path, RATE) is None


def test_taking_out_what_is_not_there_writes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "facecam.toml"

    write_setting(path, RATE, None)

    assert not path.exists()


@pytest.mark.parametrize("text", ["identify = {stranger_rate = 0.1}\n", "[identify]\nstranger_rate = [\n0.1,\n]\n"])
def test_what_cannot_be_taken_out_safely_is_left_alone(tmp_path: Path, text: str) -> None:
    path = tmp_path / "facecam.toml"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(SettingsError, match="delete stranger_rate"):
        write_setting(path, RATE, None)

    assert path.read_text(encoding="utf-8") == text


def test_settings_are_kept_where_they_were_read_else_with_the_users(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    assert config_to_change(None).is_relative_to(tmp_path)
    assert config_to_change(None).name == "facecam.toml"

    (tmp_path / "facecam.toml").touch()

    assert config_to_change(None) == Path("facecam.toml")


LINES = st.sampled_from(
    ["", "# note", "[identify]", "[track]", "mirrored = true", "min_iou = 0.3", "stranger_rate = 0.5 # half", "x = '#'"]
)


@given(st.lists(LINES, max_size=8))
def test_everything_else_in_any_file_stays(tmp_path_factory: pytest.TempPathFactory, lines: list[str]) -> None:
    path = tmp_path_factory.mktemp("config") / "facecam.toml"
    path.write_text("\n".join(lines), encoding="utf-8")
    try:
        expected = tomllib.loads("\n".join(lines))
        write_setting(path, RATE, 0.25)
    except (tomllib.TOMLDecodeError, SettingsError):
        assert path.read_text(encoding="utf-8") == "\n".join(lines)
    else:
        expected.setdefault("identify", {})["stranger_rate"] = 0.25
        assert tomllib.loads(path.read_text(encoding="utf-8")) == expected
        assert {line for line in path.read_text(encoding="utf-8").splitlines() if "#" in line and "half" not in line} == {
            line for line in lines if "#" in line and "half" not in line
        }
