"""Precedence of settings, renamed keys, and the messages for values that do not fit."""

from __future__ import annotations

import dataclasses
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from facecam import settings as settings_module
from facecam.errors import SettingsError
from facecam.networks.embedding_networks import DEFAULT_NETWORK, HIGH_ACCURACY_NETWORK, embedding_network
from facecam.settings import (
    NETWORK_LABELS,
    RENAMED_KEYS,
    RETIRED_NETWORKS,
    GateSettings,
    IdentifySettings,
    Settings,
    find_config,
    gallery_dir_from_config,
    ignored_distances,
    load_settings,
    write_settings,
)


@pytest.fixture(autouse=True)
def working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Enter a working folder, with a home, that has no configuration."""
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


def test_the_defaults_hold_without_a_file_variables_and_options() -> None:
    assert load_settings(environment={}) == Settings()


def test_the_file_wins_over_the_defaults(working_folder: Path) -> None:
    configured(working_folder, "[detect]\nmin_face_size_px = 50\n")

    settings = load_settings(environment={})

    assert settings.detect.min_face_size_px == 50
    assert settings.gate == GateSettings()


def test_the_environment_wins_over_the_file(working_folder: Path) -> None:
    configured(working_folder, "[detect]\nmin_face_size_px = 50\nscale_factor = 0.8\n")

    settings = load_settings(environment={"FACECAM_DETECT_MIN_FACE_SIZE_PX": "60"})

    assert (settings.detect.min_face_size_px, settings.detect.scale_factor) == (60, 0.8)


def test_an_option_wins_over_the_environment(working_folder: Path) -> None:
    configured(working_folder, "[detect]\nmin_face_size_px = 50\n")

    settings = load_settings(options={"detect.min_face_size_px": 70}, environment={"FACECAM_DETECT_MIN_FACE_SIZE_PX": "60"})

    assert settings.detect.min_face_size_px == 70


def test_an_option_that_was_not_given_changes_nothing() -> None:
    settings = load_settings(options={"detect.detector": None}, environment={"FACECAM_DETECT_DETECTOR": "package"})

    assert settings.detect.detector == "package"


def test_other_environment_variables_are_ignored() -> None:
    assert load_settings(environment={"FACECAM_CACHE": "/x", "FACECAM_TEST_DATA": "/y", "HOME": "/z"}) == Settings()


def test_an_explicit_file_replaces_the_one_in_the_working_folder(working_folder: Path) -> None:
    configured(working_folder, "[detect]\nmin_face_size_px = 50\n")
    explicit = configured(working_folder, "[track]\nmin_iou = 0.5\n", "other.toml")

    settings = load_settings(explicit, environment={})

    assert (settings.detect.min_face_size_px, settings.track.min_iou) == (Settings().detect.min_face_size_px, 0.5)


def test_an_explicit_file_that_does_not_exist_is_an_error(working_folder: Path) -> None:
    with pytest.raises(SettingsError, match=r"configuration file .*other\.toml does not exist"):
        find_config(working_folder / "other.toml")


def test_the_gallerys_folder_is_read_from_the_file(working_folder: Path) -> None:
    configured(working_folder, '[gallery]\ndir = "/people"\n')

    assert gallery_dir_from_config(None) == "/people"
    assert load_settings(environment={}) == Settings()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[detect", r"facecam\.toml cannot be read as TOML"),
        ("\x00", r"facecam\.toml cannot be read as TOML"),
        (f"x = {'[' * 3000}", r"facecam\.toml cannot be read as TOML"),
        (f"[capture]\nfps = {'9' * 5000}", r"facecam\.toml cannot be read as TOML"),
        (f"[capture]\nfps = {'9' * 400}", r"line 2: capture\.fps is a number of more than 64 bits"),
        (f"[detect]\nthreads = 0x{'f' * 5000}", r"line 2: detect\.threads is a number of more than 64 bits"),
        (f"[gallery]\ndir = 0x{'f' * 5000}", r"line 2: gallery\.dir is a number of more than 64 bits"),
        ("\ndetect = 3", r"line 2: detect is not a section; write its settings below \[detect\]"),
        ("\n[[detect]]\nthreads = 2", r"line 2: detect is not a section; write its settings below \[detect\]"),
        ('[gallery]\ndirectory = "x"', r"unknown setting gallery\.directory; did you mean gallery\.dir\?"),
        ("[track]\nleave_after_ms = 1e9", r"track\.leave_after_ms is 1000000000\.0, expected 0 to 86400000$"),
        ("# a\u2028b\n[detect]\nthreads = 65", r"line 3: detect\.threads is 65"),
        ("min_face_size_px = 40", r"min_face_size_px is not in a section"),
        ("[detect]\nmin_face_size = 40", r"unknown setting detect\.min_face_size; "),
        ("[detekt]\nmin_face_size_px = 40", r"unknown setting detekt\.min_face_size_px; "),
        ('[detect]\nmin_face_size_px = "big"', r"detect\.min_face_size_px is 'big', expected a whole number"),
        ("[detect]\nmin_face_size_px = 40.5", r"detect\.min_face_size_px is 40\.5, expected a whole number"),
        ("[detect]\nmin_face_size_px = true", r"detect\.min_face_size_px is true, expected a whole number"),
        ("[detect]\nmin_face_size_px = inf", r"detect\.min_face_size_px is inf, expected a whole number"),
        ("[identify]\nmirrored = 1", r"identify\.mirrored is 1, expected true or false"),
        ("[identify]\nnetwork = 5", r"identify\.network is 5, expected text"),
        ("[identify]\nthreshold_l2 = [0.3]", r"identify\.threshold_l2 is \[0\.3\], expected a number"),
    ],
)  # fmt: skip
def test_an_error_in_the_file_is_reported_with_its_key(working_folder: Path, text: str, message: str) -> None:
    configured(working_folder, text)

    with pytest.raises(SettingsError, match=message):
        load_settings(environment={})


def test_a_byte_order_mark_is_accepted(working_folder: Path) -> None:
    configured(working_folder, "\ufeff[detect]\nthreads = 3\n")

    assert load_settings(environment={}).detect.threads == 3


def test_a_file_in_another_encoding_is_one_plain_sentence(working_folder: Path) -> None:
    path = working_folder / "facecam.toml"
    path.write_bytes("# Größe\n".encode("latin-1"))

    for use in (lambda: load_settings(environment={}), lambda: write_settings(path, {"detect.threads": 3})):
        with pytest.raises(SettingsError, match=r"facecam\.toml is not UTF-8 text; save it with this encoding$"):
            use()


def make_pipe(path: Path) -> None:
    os.mkfifo(path)


def make_device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def make_huge(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(2**40)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has neither pipes nor devices in folders")
@pytest.mark.parametrize(
    ("make", "message"),
    [
        (make_pipe, "it is a pipe, not a file"),
        (make_device, "it is a device, not a file"),
        (make_huge, "it has more than 64 KB"),
        (lambda path: path.write_text("x = " + "[" * 60_000), "the tables are nested too deeply"),
        (lambda path: path.write_text("a" + ".a" * 30_000 + " = 1"), "a line has more than 1000 periods"),
    ],
)
@pytest.mark.parametrize("is_explicit", [False, True])
@pytest.mark.timeout(20)
def test_a_file_that_is_none_or_takes_forever_is_refused_with_a_sentence(
    working_folder: Path, make: Callable[[Path], object], message: str, is_explicit: bool
) -> None:
    make(path := working_folder / "facecam.toml")

    for use in (
        lambda: load_settings(path if is_explicit else None, environment={}),
        lambda: gallery_dir_from_config(path if is_explicit else None),
        lambda: write_settings(path, {"detect.threads": 3}),
    ):
        with pytest.raises(SettingsError, match=message) as raised:
            use()
        assert "facecam.toml cannot be " in str(raised.value)


@pytest.mark.timeout(20)
def test_of_a_file_with_thousands_of_mistakes_the_first_ones_are_reported(working_folder: Path) -> None:
    configured(working_folder, "[detect]\n" + "".join(f"min_face_size{number} = 1\n" for number in range(3000)))

    with pytest.raises(SettingsError) as raised:
        load_settings(environment={})

    heading, *problems = str(raised.value).splitlines()
    assert heading == "more than 50 settings are wrong:"
    assert len(problems) == 50


@pytest.mark.parametrize("source", ["file", "environment", "options"])
def test_the_short_name_of_a_network_is_accepted_from_every_source(working_folder: Path, source: str) -> None:
    if source == "file":
        configured(working_folder, '[identify]\nnetwork = "high-accuracy"\nthreshold_l2 = 0.7\n')
    given = {"FACECAM_IDENTIFY_NETWORK": "high-accuracy"} if source == "environment" else {}
    options = {"identify.network": "high-accuracy"} if source == "options" else {}

    identify = load_settings(options=options, environment=given).identify

    assert identify.network == HIGH_ACCURACY_NETWORK
    if source == "file":  # a pinned distance belongs to the network that the file names
        assert (identify.threshold_l2, identify.distances_network) == (0.7, HIGH_ACCURACY_NETWORK)
    assert IdentifySettings(network="high-accuracy", threshold_l2=0.7).threshold_l2 == 0.7


def test_the_short_names_are_the_labels_of_the_networks() -> None:
    names = (DEFAULT_NETWORK, HIGH_ACCURACY_NETWORK)

    assert {embedding_network(name).label.replace(" ", "-"): name for name in names} == NETWORK_LABELS


def test_a_wrong_gallery_folder_is_reported_with_all_other_mistakes(working_folder: Path) -> None:
    configured(working_folder, "[gallery]\ndir = 3\n[detect]\nthreads = 99\n")

    with pytest.raises(SettingsError, match=r"(?s)^2 settings are wrong:.*line 2: gallery\.dir.*line 4: detect\.threads"):
        gallery_dir_from_config(None)


def test_every_mistake_of_all_sources_is_reported_at_once_with_its_place(working_folder: Path) -> None:
    configured(
        working_folder,
        """\
# a comment
[gallery]
dir = 3

[detect]
min_face_size = 40  # misspelled
scale_factor = 2
"threads" = 65
left = 0.5
right = 0.4

[track]
min_iou = "big"

[nonsense]
key = 1
""",
    )

    with pytest.raises(SettingsError) as raised:
        load_settings(
            environment={"FACECAM_GATE_MIN_SCORE": "2", "FACECAM_TRACK_MINIOU": "0.2"}, options={"detect.detector": "haar"}
        )

    assert str(raised.value).splitlines() == [
        "10 settings are wrong:",
        "  facecam.toml, line 3: gallery.dir is 3, expected the path of a folder as text",
        "  facecam.toml, line 6: unknown setting detect.min_face_size; did you mean detect.min_face_size_px?",
        "  facecam.toml, line 7: detect.scale_factor is 2.0, expected 0.3 to 0.95",
        "  facecam.toml, line 8: detect.threads is 65, expected 1 to 64",
        "  facecam.toml, line 10: detect.right is 0.4, expected more than left, which is 0.5",
        "  facecam.toml, line 13: track.min_iou is 'big', expected a number",
        "  facecam.toml, line 16: unknown setting nonsense.key; docs/reference/settings.md lists all settings",
        "  FACECAM_GATE_MIN_SCORE: gate.min_score is 2.0, expected 0 to 1",
        "  FACECAM_TRACK_MINIOU: unknown setting track.miniou; did you mean track.min_iou?",
        "  detect.detector is 'haar', expected fast or package",
    ]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("track = {min_iou = 3}", 1),
        ("# [track]\ntrack.min_iou = 3", 2),
        ("[track]\n\n  min_iou=3", 3),
        ("[ track ]\n'min_iou' = 3", 2),
        ('# x\n["track"]\r\nmin_iou = 3', 3),
        ("[gate]\nmin_score = 0.5\n[track] # tracking\nmin_iou = 3", 4),
    ],
)
def test_the_line_of_a_mistake_is_found_however_it_is_written(working_folder: Path, text: str, line: int) -> None:
    configured(working_folder, text)

    with pytest.raises(SettingsError, match=rf"^facecam\.toml, line {line}: track\.min_iou is 3"):
        load_settings(environment={})


def test_values_that_only_fit_together_are_accepted_in_any_order_and_from_several_sources(working_folder: Path) -> None:
    configured(working_folder, "[follow]\ndetect_every_frames = 4\n")

    settings = load_settings(environment={"FACECAM_FOLLOW_DETECT_MOVING_EVERY_FRAMES": "2"})

    assert (settings.follow.detect_moving_every_frames, settings.follow.detect_every_frames) == (2, 4)


@pytest.mark.parametrize(
    "text",
    ["detect_every_frames = 3\ndetect_moving_every_frames = 2\n", "detect_moving_every_frames = 2\ndetect_every_frames = 3\n"],
)
def test_a_file_is_validated_as_a_whole_whatever_the_order_of_its_lines(working_folder: Path, text: str) -> None:
    configured(working_folder, f"[follow]\n{text}")

    follow = load_settings(environment={}).follow

    assert (follow.detect_every_frames, follow.detect_moving_every_frames) == (3, 2)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"detect.left": 1.0}, "detect.right is 1.0, expected more than left, which is 1.0"),
        ({"detect.bottom": 0.0}, "detect.bottom is 0.0, expected more than top, which is 0.0"),
        ({"gate.min_brightness": 225}, "gate.max_brightness is 225, expected more than min_brightness, which is 225.0"),
        (
            {"follow.detect_every_frames": 5},
            "follow.detect_every_frames is 5, expected at least detect_moving_every_frames, which is 6",
        ),
        ({"detect.left": 2, "detect.right": 0.5}, "detect.left is 2.0, expected 0 to 1"),
    ],
)
def test_values_that_do_not_fit_together_give_one_sentence_with_both(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(SettingsError) as raised:
        Settings().replace(changes)

    assert str(raised.value) == message


def test_values_that_do_not_fit_together_are_reported_where_the_last_one_is_set(working_folder: Path) -> None:
    configured(working_folder, "[detect]\nleft = 0.5\nright = 0.6\nthreads = 3\n")

    with pytest.raises(
        SettingsError, match=r"^FACECAM_DETECT_LEFT: detect\.right is 0\.6, expected more than left, which is 0\.7"
    ):
        load_settings(environment={"FACECAM_DETECT_LEFT": "0.7"})


def test_a_section_that_is_made_directly_is_checked() -> None:
    with pytest.raises(SettingsError, match=r"^max_yaw_deg is 0, expected 1 to 180$"):
        GateSettings(max_yaw_deg=0)


def test_a_value_that_only_fits_with_another_one_is_no_mistake_next_to_a_wrong_one(working_folder: Path) -> None:
    configured(working_folder, "[follow]\ndetect_every_frames = 4\ndetect_moving_every_frames = 2\nembed_every_ms = nan\n")

    with pytest.raises(SettingsError, match=r"^facecam\.toml, line 4: follow\.embed_every_ms is nan, expected 0 to 86400000$"):
        load_settings(environment={})


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("detect.detector", "haar"), ("detect.min_face_size_px", 11), ("detect.min_face_size_px", 10_001),
        ("detect.scale_factor", 1.0),
        ("detect.pnet_threshold", 0.0), ("detect.onet_threshold", 1.0),
        ("detect.threads", 0), ("detect.scale_factor", float("nan")),
        ("gate.min_score", 1.5), ("gate.min_size_px", -1.0), ("gate.max_clipped_fraction", 1.1), ("gate.min_sharpness", -1.0),
        ("gate.min_brightness", 256.0), ("gate.max_brightness", -1.0), ("gate.max_yaw_deg", 0.0), ("gate.max_roll_deg", 181.0),
        ("gate.min_score", float("nan")),
        ("identify.threshold_l2", 0.0), ("identify.threshold_l2", 2.1), ("identify.margin_l2", -0.1),
        ("identify.unsure_band_l2", 2.1), ("identify.threads", 0),
        ("follow.detect_every_frames", 0), ("follow.embed_every_ms", -5.0), ("follow.express_every_ms", float("inf")),
        ("track.min_iou", 0.0), ("track.min_iou", 1.1), ("track.enter_after_sightings", 0), ("track.leave_after_ms", -1.0),
        ("track.leave_after_ms", float("nan")),
        ("capture.width_px", 0), ("capture.height_px", -480), ("capture.fps", 0.0), ("capture.fps", float("inf")),
    ],
)  # fmt: skip
def test_a_value_out_of_range_gives_one_sentence_with_its_key_and_value(key: str, value: Any) -> None:
    with pytest.raises(SettingsError) as raised:
        load_settings(options={key: value}, environment={})

    message = str(raised.value)
    assert message.startswith(f"{key} is {value!r}, ")
    assert "\n" not in message


@pytest.mark.parametrize(
    ("text", "expected"), [("true", True), ("1", True), ("Yes", True), ("false", False), ("0", False), ("no", False)]
)
def test_a_switch_in_the_environment_is_a_word(text: str, expected: bool) -> None:
    assert load_settings(environment={"FACECAM_IDENTIFY_MIRRORED": text}).identify.mirrored is expected


def test_a_switch_with_another_word_is_an_error() -> None:
    with pytest.raises(SettingsError, match=r"identify\.mirrored is 'perhaps', expected true or false"):
        load_settings(environment={"FACECAM_IDENTIFY_MIRRORED": "perhaps"})


def test_a_whole_number_is_accepted_for_a_float() -> None:
    value = load_settings(options={"track.leave_after_ms": 2000}, environment={}).track.leave_after_ms

    assert (value, type(value)) == (2000.0, float)


def test_every_setting_can_be_given_in_the_environment() -> None:
    """Give each setting its own default as text, which must read back as the same value."""
    given = {
        f"FACECAM_{section}_{name}".upper(): str(value)
        for section, values in Settings().to_dict().items()
        for name, value in values.items()
        if value is not None
    }

    assert load_settings(environment=given) == Settings()


def test_settings_are_immutable() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Settings().detect.threads = 1  # type: ignore[misc]


@pytest.fixture
def notices(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """Record the notices about settings, as in a process that has not logged one yet."""
    logged_once = settings_module._log_renamed, settings_module._log_ignored, settings_module._present_network
    for function in logged_once:
        function.cache_clear()
    yield caplog
    for function in logged_once:
        function.cache_clear()


OLD, NEW = "identify.stranger_rate", "identify.false_positive_identification_rate"


@pytest.mark.parametrize("source", ["file", "environment", "options"])
def test_an_earlier_key_is_accepted_from_every_source_with_one_notice(
    working_folder: Path, notices: pytest.LogCaptureFixture, source: str
) -> None:
    if source == "file":
        configured(working_folder, "[identify]\nstranger_rate = 0.02\n")
    environment = {"FACECAM_IDENTIFY_STRANGER_RATE": "0.02"} if source == "environment" else {}
    options = {OLD: 0.02} if source == "options" else {}

    for _ in range(2):
        loaded = load_settings(environment=environment, options=options)

    assert loaded.identify.false_positive_identification_rate == 0.02
    assert notices.messages == [f"the setting {OLD} is now called {NEW}; rename it, the earlier name will be removed"]


def test_the_settings_in_an_old_logs_session_file_are_accepted(notices: pytest.LogCaptureFixture) -> None:
    recorded = Settings().to_dict()
    del recorded["identify"]["false_positive_identification_rate"]
    recorded["identify"]["stranger_rate"] = 0.02

    loaded = Settings().replace(
        {f"{section}.{name}": value for section, values in recorded.items() for name, value in values.items()}
    )

    assert loaded.identify.false_positive_identification_rate == 0.02
    assert len(notices.messages) == 1


def test_both_names_of_a_setting_in_one_source_are_an_error_that_names_both(working_folder: Path) -> None:
    configured(working_folder, "[identify]\nstranger_rate = 0.02\nfalse_positive_identification_rate = 0.01\n")

    with pytest.raises(SettingsError, match=rf"{OLD} and {NEW} are both set"):
        load_settings(environment={})


def test_a_present_name_in_the_environment_wins_over_an_earlier_name_in_the_file(working_folder: Path) -> None:
    configured(working_folder, "[identify]\nstranger_rate = 0.02\n")

    loaded = load_settings(environment={"FACECAM_IDENTIFY_FALSE_POSITIVE_IDENTIFICATION_RATE": "0.05"})

    assert loaded.identify.false_positive_identification_rate == 0.05


def test_every_renamed_key_leads_to_a_setting() -> None:
    tree = Settings().to_dict()
    keys = {f"{section}.{name}" for section, values in tree.items() for name in values}

    assert set(RENAMED_KEYS.values()) <= keys
    assert not RENAMED_KEYS.keys() & keys


RETIRED = "nn4_small2_facecam_v1"


def test_the_default_network_is_the_registrys() -> None:
    assert Settings().identify.network == DEFAULT_NETWORK
    assert all(embedding_network(successor) for successor in RETIRED_NETWORKS.values())


@pytest.mark.parametrize("source", ["file", "environment", "options", "python"])
def test_a_retired_network_means_its_successor_with_one_notice(
    working_folder: Path, notices: pytest.LogCaptureFixture, source: str
) -> None:
    if source == "file":
        configured(working_folder, f'[identify]\nnetwork = "{RETIRED}"\n')
    environment = {"FACECAM_IDENTIFY_NETWORK": RETIRED} if source == "environment" else {}
    options = {"identify.network": RETIRED} if source == "options" else {}

    for _ in range(2):
        loaded = load_settings(environment=environment, options=options)
        if source == "python":
            loaded = Settings(identify=IdentifySettings(network=RETIRED))

    assert loaded == Settings()
    assert len(notices.messages) == 1
    assert f"{RETIRED} was replaced by {DEFAULT_NETWORK}" in notices.messages[0]


@pytest.mark.parametrize("named", ["", f'network = "{RETIRED}"\n'])
def test_distances_in_an_earlier_file_belong_to_the_retired_network_and_are_ignored_with_one_notice(
    working_folder: Path, notices: pytest.LogCaptureFixture, named: str
) -> None:
    configured(working_folder, f"[identify]\n{named}threshold_l2 = 0.4\nmargin_l2 = 0.04\nmirrored = false\n")

    for _ in range(2):
        loaded = load_settings(environment={}).identify

    assert loaded == IdentifySettings(mirrored=False)
    (notice,) = [message for message in notices.messages if "ignored" in message]
    assert notice.startswith("identify.threshold_l2, identify.margin_l2: ignored, because set for the network")
    assert RETIRED in notice
    assert "facecam calibrate --apply" in notice
    assert f'distances_network = "{DEFAULT_NETWORK}"' in notice
    (ignored,) = ignored_distances(None, DEFAULT_NETWORK, environment={})
    assert str(ignored) == notice


def test_distances_in_a_file_that_names_their_network_belong_to_it(working_folder: Path) -> None:
    configured(working_folder, f'[identify]\nnetwork = "{HIGH_ACCURACY_NETWORK}"\nthreshold_l2 = 0.9\n')

    same = load_settings(environment={}).identify
    other = load_settings(options={"identify.network": DEFAULT_NETWORK}, environment={}).identify

    assert (same.threshold_l2, same.distances_network) == (0.9, HIGH_ACCURACY_NETWORK)
    assert (other.threshold_l2, other.distances_network) == (None, "")


def test_the_key_says_to_which_network_distances_belong(working_folder: Path) -> None:
    configured(working_folder, f'[identify]\ndistances_network = "{DEFAULT_NETWORK}"\nunsure_band_l2 = 0.2\n')

    assert load_settings(environment={}).identify.unsure_band_l2 == 0.2
    assert load_settings(options={"identify.network": HIGH_ACCURACY_NETWORK}, environment={}).identify.unsure_band_l2 is None
    assert not ignored_distances(None, DEFAULT_NETWORK, environment={})


@pytest.mark.parametrize("source", ["environment", "options", "python", "replace"])
def test_distances_from_elsewhere_belong_to_the_network_in_use(
    working_folder: Path, notices: pytest.LogCaptureFixture, source: str
) -> None:
    configured(working_folder, f'[identify]\nnetwork = "{HIGH_ACCURACY_NETWORK}"\n')
    environment = {"FACECAM_IDENTIFY_THRESHOLD_L2": "0.9"} if source == "environment" else {}
    options = {"identify.threshold_l2": 0.9} if source == "options" else {}

    identify = load_settings(environment=environment, options=options).identify
    if source == "python":
        identify = IdentifySettings(network=HIGH_ACCURACY_NETWORK, threshold_l2=0.9)
    if source == "replace":
        changes = {"identify.threshold_l2": 0.9, "identify.network": HIGH_ACCURACY_NETWORK}
        identify = Settings().replace({"identify.threshold_l2": 1.1}).replace(changes).identify

    assert (identify.threshold_l2, identify.distances_network) == (0.9, HIGH_ACCURACY_NETWORK)
    assert not notices.messages


def test_a_value_from_elsewhere_does_not_make_the_files_values_its_own(working_folder: Path) -> None:
    configured(working_folder, "[identify]\nthreshold_l2 = 0.4\nmargin_l2 = 0.04\n")

    loaded = load_settings(environment={"FACECAM_IDENTIFY_THRESHOLD_L2": "0.9"}).identify

    assert (loaded.threshold_l2, loaded.margin_l2) == (0.9, None)


def test_another_network_ignores_the_distances_that_were_in_force(notices: pytest.LogCaptureFixture) -> None:
    pinned = Settings().replace({"identify.threshold_l2": 1.1, "identify.margin_l2": 0.2})

    replaced = pinned.replace({"identify.network": HIGH_ACCURACY_NETWORK}).identify
    rebuilt = dataclasses.replace(pinned.identify, network=HIGH_ACCURACY_NETWORK)

    assert replaced == rebuilt == IdentifySettings(network=HIGH_ACCURACY_NETWORK)
    assert len(notices.messages) == 1


def test_an_ignored_distance_out_of_range_is_an_error_nevertheless(working_folder: Path) -> None:
    configured(working_folder, "[identify]\nthreshold_l2 = 5\n")

    with pytest.raises(SettingsError, match=r"^facecam\.toml, line 2: identify\.threshold_l2 is 5\.0, expected"):
        load_settings(environment={})


def test_settings_without_distances_are_equal_whatever_was_pinned_before() -> None:
    pinned = IdentifySettings(threshold_l2=1.1)

    assert dataclasses.replace(pinned, threshold_l2=None) == IdentifySettings()
