"""Writing one setting to a file that a user wrote: nothing else in it changes."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facecam.errors import SettingsError
from facecam.networks.embedding_networks import DEFAULT_NETWORK, HIGH_ACCURACY_NETWORK
from facecam.settings import config_to_change, load_settings, read_setting, write_settings

RATE = "identify.false_positive_identification_rate"
USER_FILE = """\
# my settings
[gallery]
dir = "/home/me/people" # false_positive_identification_rate = 3 is not this

[identify] # who it is
mirrored = true
false_positive_identification_rate = 0.02   # two in a hundred

[track]
min_iou = 0.3
"""


def test_the_value_changes_and_every_comment_stays(tmp_path: Path) -> None:
    path = tmp_path / "facecam.toml"
    path.write_text(USER_FILE, encoding="utf-8")

    write_settings(path, {RATE: 0.001})

    assert path.read_text(encoding="utf-8") == USER_FILE.replace("0.02 ", "0.001 ")
    assert read_setting(path, RATE) == 0.001


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "[identify]\nfalse_positive_identification_rate = 0.001\n"),
        ("[track]\nmin_iou = 0.3", "[track]\nmin_iou = 0.3\n\n[identify]\nfalse_positive_identification_rate = 0.001\n"),
        ("[identify]\nmirrored = true\n", "[identify]\nmirrored = true\nfalse_positive_identification_rate = 0.001\n"),
        ("[identify]", "[identify]\nfalse_positive_identification_rate = 0.001\n"),
        ("identify = {mirrored = true}\n", "identify = {mirrored = true,false_positive_identification_rate = 0.001}\n"),
        ("identify.mirrored = true\n", "identify.mirrored = true\nidentify.false_positive_identification_rate = 0.001\n"),
        ("[identify]\r\nmirrored = true\r\n", "[identify]\r\nmirrored = true\r\nfalse_positive_identification_rate = 0.001\r\n"),
    ],
)
def test_a_new_setting_is_added_to_its_section(tmp_path: Path, before: str, after: str) -> None:
    path = tmp_path / "facecam.toml"
    path.write_bytes(before.encode())

    write_settings(path, {RATE: 0.001})

    assert path.read_bytes().decode() == after


def test_a_missing_file_is_created(tmp_path: Path) -> None:
    path = tmp_path / "new" / "facecam.toml"
    assert read_setting(path, RATE) is None

    write_settings(path, {RATE: 0.001})

    assert tomllib.loads(path.read_text(encoding="utf-8")) == {"identify": {"false_positive_identification_rate": 0.001}}


def test_a_byte_order_mark_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "facecam.toml"
    path.write_text(f"\ufeff{USER_FILE}", encoding="utf-8")

    write_settings(path, {RATE: 0.001})

    assert path.read_text(encoding="utf-8") == USER_FILE.replace("0.02 ", "0.001 ")


@pytest.mark.parametrize("text", ["[identify\n", "identify = 3\n"])
def test_a_file_that_cannot_be_changed_stays_as_it_was(tmp_path: Path, text: str) -> None:
    path = tmp_path / "facecam.toml"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(SettingsError, match=r"facecam\.toml"):
        write_settings(path, {RATE: 0.001})

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
def test_a_written_value_of_every_type_reads_back_as_the_same(
    tmp_path: Path, key: str, value: bool | str | int, line: str
) -> None:
    path = tmp_path / "facecam.toml"
    path.write_text(USER_FILE, encoding="utf-8")

    write_settings(path, {key: value})

    section, _, name = key.partition(".")
    assert line in path.read_text(encoding="utf-8").splitlines()
    assert getattr(getattr(load_settings(path, environment={}), section), name) == value


def test_deleting_a_setting_keeps_the_rest_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "facecam.toml"
    path.write_text(USER_FILE, encoding="utf-8")

    write_settings(path, {RATE: None})

    assert path.read_text(encoding="utf-8") == USER_FILE.replace(
        "false_positive_identification_rate = 0.02   # two in a hundred\n", ""
    )
    assert read_setting(path, RATE) is None


def test_a_switch_is_deleted(tmp_path: Path) -> None:
    path = tmp_path / "facecam.toml"
    path.write_text(USER_FILE, encoding="utf-8")

    write_settings(path, {"identify.mirrored": None})

    assert path.read_text(encoding="utf-8") == USER_FILE.replace("mirrored = true\n", "")


def test_reading_what_is_no_number_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "facecam.toml"
    path.write_text("[identify]\nfalse_positive_identification_rate = []\n", encoding="utf-8")

    with pytest.raises(SettingsError, match=rf"{RATE} is \[\], expected a number"):
        read_setting(path, RATE)


def test_deleting_a_missing_setting_writes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "facecam.toml"

    write_settings(path, {RATE: None})

    assert not path.exists()


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("identify = {false_positive_identification_rate = 0.1}\n", {"identify": {}}),
        ("[identify]\nfalse_positive_identification_rate = [\n0.1,\n]\nmirrored = true\n", {"identify": {"mirrored": True}}),
        ('a = """\n[identify]\n"""\nidentify.false_positive_identification_rate = 0.1\n', {"a": "[identify]\n"}),
    ],
)
def test_a_setting_is_deleted_however_it_is_written(tmp_path: Path, text: str, rest: dict[str, object]) -> None:
    path = tmp_path / "facecam.toml"
    path.write_text(text, encoding="utf-8")

    write_settings(path, {RATE: None})

    left = tomllib.loads(path.read_text(encoding="utf-8"))
    assert {section: values for section, values in left.items() if values or section in rest} == rest


def test_settings_are_written_where_they_were_read_else_to_the_users_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    assert config_to_change(None).is_relative_to(tmp_path)
    assert config_to_change(None).name == "facecam.toml"

    (tmp_path / "facecam.toml").touch()

    assert config_to_change(None) == Path("facecam.toml")


def test_writing_a_setting_renames_its_line_with_the_earlier_name(tmp_path: Path) -> None:
    path = tmp_path / "facecam.toml"
    path.write_text("[identify]\n  stranger_rate = 0.02 # two in a hundred\n", encoding="utf-8")
    assert read_setting(path, RATE) == 0.02

    write_settings(path, {RATE: 0.001})
    assert path.read_text(encoding="utf-8") == "[identify]\nfalse_positive_identification_rate = 0.001 # two in a hundred\n"

    path.write_text("[identify]\nstranger_rate = 0.02\n", encoding="utf-8")
    write_settings(path, {RATE: None})
    assert path.read_text(encoding="utf-8") == "[identify]\n"


OWNER, THRESHOLD, NETWORK = "identify.distances_network", "identify.threshold_l2", "identify.network"


@pytest.mark.parametrize(
    ("before", "changes", "after"),
    [
        pytest.param(
            "",
            {THRESHOLD: 1.1, OWNER: DEFAULT_NETWORK},
            f'threshold_l2 = 1.1\ndistances_network = "{DEFAULT_NETWORK}"\n',
            id="a pin names its network",
        ),
        pytest.param(
            "threshold_l2 = 0.4 # tight\nmargin_l2 = 0.04\n",
            {THRESHOLD: 1.1, OWNER: DEFAULT_NETWORK},
            f'threshold_l2 = 1.1 # tight\ndistances_network = "{DEFAULT_NETWORK}"\n',
            id="a pin replaces those of another network",
        ),
        pytest.param(
            f'distances_network = "{DEFAULT_NETWORK}"\nmargin_l2 = 0.2\n',
            {THRESHOLD: 1.1, OWNER: DEFAULT_NETWORK},
            f'distances_network = "{DEFAULT_NETWORK}"\nmargin_l2 = 0.2\nthreshold_l2 = 1.1\n',
            id="a pin keeps those of its network",
        ),
        pytest.param(
            f'distances_network = "{DEFAULT_NETWORK}"\nthreshold_l2 = 1.1\n',
            {THRESHOLD: None},
            "",
            id="the last pin takes the key",
        ),
        pytest.param(
            "threshold_l2 = 0.4\n",
            {NETWORK: HIGH_ACCURACY_NETWORK},
            f'threshold_l2 = 0.4\nnetwork = "{HIGH_ACCURACY_NETWORK}"\ndistances_network = "nn4_small2_facecam_v1"\n',
            id="another network does not take over the pins of an earlier version",
        ),
        pytest.param(
            f'network = "{HIGH_ACCURACY_NETWORK}"\nthreshold_l2 = 0.9\n',
            {NETWORK: None},
            f'threshold_l2 = 0.9\ndistances_network = "{HIGH_ACCURACY_NETWORK}"\n',
            id="the default network does not take over the pins of another",
        ),
    ],
)
def test_pinned_distances_keep_their_network(tmp_path: Path, before: str, changes: dict[str, str], after: str) -> None:
    path = tmp_path / "facecam.toml"
    path.write_text(f"[identify]\n{before}", encoding="utf-8")

    write_settings(path, changes)

    assert path.read_text(encoding="utf-8") == f"[identify]\n{after}"


LINES = st.sampled_from(
    [
        "",
        "# note",
        "[identify]",
        "[track]",
        "mirrored = true",
        "min_iou = 0.3",
        "false_positive_identification_rate = 0.5 # half",
        "x = '#'",
    ]
)


@given(st.lists(LINES, max_size=8))
def test_the_rest_of_any_file_stays(tmp_path_factory: pytest.TempPathFactory, lines: list[str]) -> None:
    path = tmp_path_factory.mktemp("config") / "facecam.toml"
    path.write_text("\n".join(lines), encoding="utf-8")
    try:
        expected = tomllib.loads("\n".join(lines))
        write_settings(path, {RATE: 0.25})
    except (tomllib.TOMLDecodeError, SettingsError):
        assert path.read_text(encoding="utf-8") == "\n".join(lines)
    else:
        expected.setdefault("identify", {})["false_positive_identification_rate"] = 0.25
        assert tomllib.loads(path.read_text(encoding="utf-8")) == expected
        assert {line for line in path.read_text(encoding="utf-8").splitlines() if "#" in line and "half" not in line} == {
            line for line in lines if "#" in line and "half" not in line
        }
