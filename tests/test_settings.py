"""Who wins when settings disagree, and what a user is told about one that cannot be."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from facecam.errors import SettingsError
from facecam.settings import GateSettings, Settings, find_config, gallery_dir_from_config, load_settings


@pytest.fixture(autouse=True)
def nobodys_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder and a home without any configuration."""
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    for variable in ("HOME", "XDG_CONFIG_HOME", "APPDATA", "LOCALAPPDATA", "USERPROFILE"):
        monkeypatch.setenv(variable, str(tmp_path / "home"))
    return folder


def configured(folder: Path, text: str, name: str = "facecam.toml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_without_anything_said_the_defaults_hold() -> None:
    assert load_settings(environment={}) == Settings()


def test_the_file_wins_over_the_defaults(nobodys_folder: Path) -> None:
    configured(nobodys_folder, "[detect]\nmin_face_size_px = 50\n")

    settings = load_settings(environment={})

    assert settings.detect.min_face_size_px == 50
    assert settings.gate == GateSettings()


def test_the_environment_wins_over_the_file(nobodys_folder: Path) -> None:
    configured(nobodys_folder, "[detect]\nmin_face_size_px = 50\nscale_factor = 0.8\n")

    settings = load_settings(environment={"FACECAM_DETECT_MIN_FACE_SIZE_PX": "60"})

    assert (settings.detect.min_face_size_px, settings.detect.scale_factor) == (60, 0.8)


def test_an_option_wins_over_the_environment(nobodys_folder: Path) -> None:
    configured(nobodys_folder, "[detect]\nmin_face_size_px = 50\n")

    settings = load_settings(options={"detect.min_face_size_px": 70}, environment={"FACECAM_DETECT_MIN_FACE_SIZE_PX": "60"})

    assert settings.detect.min_face_size_px == 70


def test_an_option_that_was_not_given_changes_nothing() -> None:
    settings = load_settings(options={"detect.detector": None}, environment={"FACECAM_DETECT_DETECTOR": "package"})

    assert settings.detect.detector == "package"


def test_variables_of_other_things_are_left_alone() -> None:
    assert load_settings(environment={"FACECAM_CACHE": "/x", "FACECAM_TEST_DATA": "/y", "HOME": "/z"}) == Settings()


def test_a_file_that_is_named_is_read_and_no_other(nobodys_folder: Path) -> None:
    configured(nobodys_folder, "[detect]\nmin_face_size_px = 50\n")
    named = configured(nobodys_folder, "[track]\nmin_iou = 0.5\n", "other.toml")

    settings = load_settings(named, environment={})

    assert (settings.detect.min_face_size_px, settings.track.min_iou) == (Settings().detect.min_face_size_px, 0.5)


def test_a_named_file_that_is_not_there_is_an_error(nobodys_folder: Path) -> None:
    with pytest.raises(SettingsError, match=r"no configuration file .*other\.toml"):
        find_config(nobodys_folder / "other.toml")


def test_the_gallerys_folder_is_read_from_the_file(nobodys_folder: Path) -> None:
    configured(nobodys_folder, '[gallery]\ndir = "/people"\n')

    assert gallery_dir_from_config(None) == "/people"
    assert load_settings(environment={}) == Settings()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[detect", r"facecam\.toml cannot be read as TOML"),
        ("\x00", r"facecam\.toml cannot be read as TOML"),
        ("min_face_size_px = 40", r"min_face_size_px stands outside a section"),
        ("[detect]\nmin_face_size = 40", r"no setting detect\.min_face_size; "),
        ("[detekt]\nmin_face_size_px = 40", r"no setting detekt\.min_face_size_px; "),
        ('[detect]\nmin_face_size_px = "big"', r"detect\.min_face_size_px is 'big', expected int"),
        ("[detect]\nmin_face_size_px = 40.5", r"detect\.min_face_size_px is 40\.5, expected int"),
        ("[detect]\nmin_face_size_px = true", r"detect\.min_face_size_px is True, expected int"),
        ("[detect]\nmin_face_size_px = inf", r"detect\.min_face_size_px is inf, expected int"),
        ("[identify]\nmirrored = 1", r"identify\.mirrored is 1, expected bool"),
        ("[identify]\nnetwork = 5", r"identify\.network is 5, expected str"),
        ("[identify]\nthreshold_l2 = [0.3]", r"identify\.threshold_l2 is \[0\.3\], expected float"),
    ],
)  # fmt: skip
def test_what_is_wrong_in_the_file_is_named(nobodys_folder: Path, text: str, message: str) -> None:
    configured(nobodys_folder, text)

    with pytest.raises(SettingsError, match=message):
        load_settings(environment={})


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("detect.detector", "haar"), ("detect.min_face_size_px", 11), ("detect.scale_factor", 1.0),
        ("detect.pnet_threshold", 0.0), ("detect.onet_threshold", 1.0),
        ("detect.threads", 0), ("detect.scale_factor", float("nan")),
        ("gate.min_score", 1.5), ("gate.min_size_px", -1.0), ("gate.max_clipped_fraction", 1.1), ("gate.min_sharpness", -1.0),
        ("gate.min_brightness", 256.0), ("gate.max_brightness", -1.0), ("gate.max_yaw_deg", 0.0), ("gate.max_roll_deg", 181.0),
        ("gate.min_score", float("nan")),
        ("identify.threshold_l2", 0.0), ("identify.threshold_l2", 2.1), ("identify.margin_l2", -0.1),
        ("identify.unsure_band_l2", 2.1), ("identify.threads", 0),
        ("track.min_iou", 0.0), ("track.min_iou", 1.1), ("track.enter_after_sightings", 0), ("track.leave_after_ms", -1.0),
        ("track.leave_after_ms", float("nan")),
        ("capture.width_px", 0), ("capture.height_px", -480), ("capture.fps", 0.0), ("capture.fps", float("inf")),
    ],
)  # fmt: skip
def test_what_is_out_of_range_is_one_sentence_that_names_the_key_and_the_value(key: str, value: Any) -> None:
    with pytest.raises(SettingsError) as raised:
        load_settings(options={key: value}, environment={})

    sentence = str(raised.value)
    assert sentence.startswith(f"{key} is {value!r}, ")
    assert "\n" not in sentence


@pytest.mark.parametrize(
    ("text", "expected"), [("true", True), ("1", True), ("Yes", True), ("false", False), ("0", False), ("no", False)]
)
def test_a_switch_in_the_environment_is_a_word(text: str, expected: bool) -> None:
    assert load_settings(environment={"FACECAM_IDENTIFY_MIRRORED": text}).identify.mirrored is expected


def test_a_switch_that_is_no_word_for_yes_or_no_is_refused() -> None:
    with pytest.raises(SettingsError, match=r"identify\.mirrored is 'perhaps', expected bool"):
        load_settings(environment={"FACECAM_IDENTIFY_MIRRORED": "perhaps"})


def test_a_whole_number_will_do_where_a_fraction_is_expected() -> None:
    value = load_settings(options={"track.leave_after_ms": 2000}, environment={}).track.leave_after_ms

    assert (value, type(value)) == (2000.0, float)


def test_every_setting_can_be_given_in_the_environment() -> None:
    """Each by its own default written as text, which reads back as the same."""
    given = {
        f"FACECAM_{section}_{name}".upper(): str(value)
        for section, values in Settings().to_dict().items()
        for name, value in values.items()
        if value is not None
    }

    assert load_settings(environment=given) == Settings()


def test_settings_cannot_be_changed_behind_anybodys_back() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Settings().detect.threads = 1  # type: ignore[misc]
