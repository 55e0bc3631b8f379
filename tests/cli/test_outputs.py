"""Output files of all commands: checked before the work begins, never an input, and replaced only if that loses nothing."""

from __future__ import annotations

import inspect
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import typer

from facecam import imageio
from facecam.cli import options
from facecam.cli.main import application
from facecam.cli.options import Input, Output, _hint, _marker
from facecam.session import recording
from tests.cli.conftest import Command

COMMANDS = {
    "bench --source input": ["--json"],
    "calibrate gallery": ["--json", "--picture"],
    "cameras": ["--json"],
    "classify input": ["--csv"],
    "compare input input": ["--json", "--picture"],
    "doctor --source input": ["--json"],
    "evaluate expressions input": ["--json", "--picture"],
    "evaluate groups gallery": ["--json", "--picture"],
    "evaluate lfw gallery --pairs input": ["--json", "--picture"],
    "evaluate names gallery --pairs input --train-pairs input": ["--json"],
    "explain input": ["-o / --output"],
    "export-person Ada": ["--output / -o"],
    "find Ada input": ["--json", "--output / -o"],
    "forget-label mug": ["--json", "--picture"],
    "gallery doctor": ["--json"],
    "gallery export": ["FILE.zip|DIR"],
    "gallery import input": ["--json"],
    "gallery verify": ["--json"],
    "identify input": ["--csv"],
    "licenses": ["--json", "--texts"],
    "log export input": ["--output / -o"],
    "log list": ["--csv", "--json"],
    "log merge input": ["--output / -o"],
    "log schema": ["--json"],
    "models convert input.keras --embedding": ["-o / --output"],
    "models list": ["--json"],
    "models verify gallery": ["--json"],
    "people list": ["--json"],
    "privacy": ["--json"],
    "replay input": ["--json"],
    "report input": ["-o / --output"],
    "run --no-window --source input": ["--record"],
    "teach mug input": ["--json", "--picture"],
    "train --recipe mlp --data gallery": ["--json"],
}
"""Arguments of each command, and the options that name a file to write. `input` is a file that no command can read."""

FOLDERS = {
    ("demo", "-o / --output"),
    ("find", "--thumbnails"),
    ("process", "--out / -o"),
    ("train", "-o / --output"),
    ("run", "--log"),
}

LOGS = Path(__file__).parents[1] / "logbook" / "version_1"

CASES = [(command.split(), option) for command, options in COMMANDS.items() for option in options]


def log_in(folder: Path) -> Path:
    """Copy a log with its details to a folder and return its path."""
    for source in sorted(LOGS.glob("20261130T023832Z-*")):
        shutil.copy(source, folder)
    return folder / "20261130T023832Z-f198.csv"


def parameters(app: typer.Typer, prefix: str = "") -> Iterator[tuple[str, inspect.Parameter]]:
    """Yield the full name of each command with each of its options and arguments."""
    for command in app.registered_commands:
        assert command.callback is not None
        for parameter in inspect.signature(command.callback).parameters.values():
            yield f"{prefix}{command.name}", parameter
    for group in app.registered_groups:
        assert group.typer_instance is not None
        yield from parameters(group.typer_instance, f"{group.name} ")


def test_every_path_of_a_command_with_outputs_is_marked_as_read_or_written() -> None:
    every = list(parameters(application()))
    writing = {command for command, parameter in every if _marker(parameter, Output)}

    unmarked = [
        (command, parameter.name)
        for command, parameter in every
        if command in writing and ("Path" in str(parameter.annotation) or parameter.name in ("source", "gallery", "data"))
        if not (_marker(parameter, Input) or _marker(parameter, Output))
    ]

    assert len(writing) > 20
    assert unmarked == []


def test_the_table_of_this_test_has_every_output_of_every_command() -> None:
    found = {(command, _hint(parameter)) for command, parameter in parameters(application()) if _marker(parameter, Output)}
    covered = {
        (name, option)
        for command, options in COMMANDS.items()
        for option in options
        for name, _ in found
        if f"{command} ".startswith(f"{name} ")
    }

    assert covered | FOLDERS == found


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "input").write_text("read, never written", encoding="utf-8")
    (tmp_path / "facecam.toml").write_text("# read, never written", encoding="utf-8")
    (tmp_path / "gallery" / "Ada").mkdir(parents=True)
    (tmp_path / "gallery" / "Ada" / "1.jpg").write_text("read, never written", encoding="utf-8")
    (tmp_path / "mine.txt").write_text("written by the user", encoding="utf-8")
    return tmp_path


def unwritable_folder(home: Path) -> Path:
    """Return a folder in which this user cannot create a file. The administrator cannot in /proc, and needs no permissions."""
    if not hasattr(os, "geteuid"):
        pytest.skip("this system has no such permissions")
    if os.geteuid() == 0:
        return Path("/proc")
    (home / "read only").mkdir(mode=0o500, exist_ok=True)
    return home / "read only"


def refusal(facecam: Command, command: list[str], option: str, path: str, *more: str) -> str:
    """Return the message of a command that does not begin its work because of an output."""
    named = [] if option.startswith("FILE") else [option.partition(" ")[0]]
    done = facecam(*command, *named, path, *more)
    assert done.returncode == 2, done.stderr
    message = done.stderr.splitlines()[-1]
    assert message.startswith(f"Error: Invalid value for {option}: ")
    return message


@pytest.mark.parametrize(("command", "option"), CASES, ids=lambda value: " ".join(value) if isinstance(value, list) else value)
def test_an_output_is_checked_before_the_work_begins(facecam: Command, home: Path, command: list[str], option: str) -> None:
    assert "the folder missing does not exist" in refusal(facecam, command, option, "missing/result.json")
    assert "gallery is a folder" in refusal(facecam, command, option, "gallery")
    assert "add --overwrite" in refusal(facecam, command, option, "mine.txt")
    assert "cannot be written: " in refusal(facecam, command, option, f"{unwritable_folder(home)}/result.json")
    read = next((name for name in ("input", "gallery/Ada/1.jpg") if name.partition("/")[0] in command), "facecam.toml")
    (home / "hard link").hardlink_to(home / read)
    (home / "symlink").symlink_to(home / read)
    for name in (read, "symlink"):
        message = refusal(facecam, command, option, name, "--overwrite")
        assert "is an input of this command" in message or "which this command reads" in message
    if "gallery" not in command:
        assert "is an input of this command" in refusal(facecam, command, option, "hard link", "--overwrite")

    assert (home / read).read_text(encoding="utf-8").endswith("read, never written")
    assert (home / "mine.txt").read_text(encoding="utf-8") == "written by the user"
    assert not list(home.rglob(".part-*"))


@pytest.mark.parametrize("command", [["demo", "--no-window"], ["train", "--recipe", "mlp", "--data", "gallery"]])
def test_a_folder_with_other_files_is_refused(facecam: Command, home: Path, command: list[str]) -> None:
    assert "holds other files" in refusal(facecam, command, "-o / --output", ".")
    assert "cannot be written: Not a directory" in refusal(facecam, command, "-o / --output", "input/folder")


def test_a_folder_for_logs_may_hold_other_files_but_must_be_writable(facecam: Command, home: Path) -> None:
    command = ["run", "--no-window", "--source", "input"]

    assert facecam(*command, "--log", ".").returncode == 1, "the source cannot be read"
    assert "cannot be written: Not a directory" in refusal(facecam, command, "--log", "input/folder")


def test_what_facecam_can_make_again_is_replaced_without_a_question(
    facecam: Command, portraits: dict[str, Path], tmp_path: Path
) -> None:
    log_in(tmp_path)
    for command in (
        ["compare", portraits["grace_hopper"], portraits["grace_hopper"], "--picture", "figure.png"],
        ["calibrate", "--picture", "figure.png"],
        ["report", ".", "-o", "report.html"],
        ["report", ".", "-o", "report.md"],
    ):
        for _ in range(2):
            done = facecam(*command)
            assert done.returncode == 0, done.stderr


def test_data_are_replaced_with_overwrite_only(
    facecam: Command, gallery: Path, portraits: dict[str, Path], tmp_path: Path
) -> None:
    log = log_in(tmp_path)
    for command in (
        ["models", "list", "--json", "out.json"],
        ["classify", portraits["coffee"], "--csv", "out.csv"],
        ["log", "merge", log, "-o", "merged.csv"],
        ["log", "export", log, "-o", "out.parquet"],
        ["gallery", "export", "gallery.zip"],
    ):
        target = tmp_path / str(command[-1])
        assert facecam(*command).returncode == 0
        written = target.read_bytes()
        assert facecam(*command).returncode == 2
        target.write_bytes(b"mine")
        assert facecam(*command).returncode == 2
        assert target.read_bytes() == b"mine"
        assert facecam(*command, "--overwrite").returncode == 0
        assert target.read_bytes()[:20] == written[:20]


def test_an_empty_file_such_as_from_mktemp_is_filled(facecam: Command, tmp_path: Path) -> None:
    (tmp_path / "out.json").touch()

    assert facecam("models", "list", "--json", "out.json").returncode == 0
    assert json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))


def test_the_images_of_a_markdown_report_and_of_several_sources_are_checked_too(facecam: Command, home: Path) -> None:
    shutil.copy(home / "mine.txt", home / "out.png")
    shutil.copy(home / "mine.txt", home / "out-2.mp4")

    assert "out.png exists" in refusal(facecam, ["report", "input"], "-o / --output", "out.md")
    sources = ["run", "--no-window", "--source", "input", "--source", "input"]
    assert "out-2.mp4 exists" in refusal(facecam, sources, "--record", "out.mp4")


def test_the_details_of_a_log_are_an_input(facecam: Command, tmp_path: Path) -> None:
    log = log_in(tmp_path)
    details = log.with_suffix(".json").read_bytes()

    refused = refusal(facecam, ["replay", str(log)], "--json", str(log.with_suffix(".json")), "--overwrite")

    assert "is an input" in refused
    assert log.with_suffix(".json").read_bytes() == details


def test_two_outputs_to_one_file_are_refused_however_it_is_written(facecam: Command, home: Path) -> None:
    (home / "link").symlink_to("out")
    for name in ("out", "gallery/../out", str(home / "out"), "link"):
        message = refusal(facecam, ["compare", "input", "input", "--json", "out"], "--picture", name)
        assert "is named for two outputs" in message
    assert "out.png is named for two" in refusal(facecam, ["report", "input", "--format", "md"], "-o / --output", "out.png")


def test_a_file_in_a_folder_that_the_same_command_replaces_is_refused(facecam: Command, home: Path) -> None:
    (home / "net").mkdir()
    (home / "net" / "network.json").write_text("an earlier network", encoding="utf-8")
    command = ["train", "--recipe", "mlp", "--data", "gallery", "-o", "net"]

    for name in ("net/network.json", "net/result.json", "gallery/../net/result.json"):
        assert "is in the folder net, which this command writes" in refusal(facecam, command, "--json", name, "--overwrite")


def test_a_video_may_be_recorded_in_the_folder_of_logs(facecam: Command, home: Path) -> None:
    done = facecam("run", "--no-window", "--source", "input", "--log", ".", "--record", "out.mp4")

    assert done.returncode == 1, "the source cannot be read"


@pytest.mark.parametrize(
    ("command", "option", "name", "format_listed"),
    [
        ("run --no-window --source input", "--record", "out.mov", ".mp4 or .mkv"),
        ("compare input input", "--picture", "out", ".png, .jpg"),
        ("explain input", "-o / --output", "out.svg", ".png, .jpg"),
        ("find Ada input", "--output / -o", "out.xlsx", ".csv or .parquet"),
        ("calibrate", "--picture", "out.bmp", ".png, .jpg"),
        ("teach mug input", "--picture", "out.jpg", ".png"),
        ("log export input", "--output / -o", "out.txt", ".csv, .parquet, .xlsx, .vtt or .eaf"),
        ("log merge input", "--output / -o", "out.parquet", ".csv"),
        ("report input", "-o / --output", "out.docx", ".html, .md or .png"),
    ],
)
def test_a_name_without_a_known_format_is_refused(
    facecam: Command, home: Path, command: str, option: str, name: str, format_listed: str
) -> None:
    assert f"end its name in {format_listed}" in refusal(facecam, command.split(), option, name)


def test_a_report_whose_name_contradicts_the_format_is_refused(facecam: Command, home: Path) -> None:
    message = refusal(facecam, ["report", "input"], "-o / --output", "out.html", "--format", "md")

    assert "out.html cannot be written in this format: --format is md" in message


def test_an_export_into_the_gallery_or_over_another_file_is_a_usage_error(facecam: Command, home: Path) -> None:
    assert "is in the gallery" in refusal(facecam, ["gallery", "export"], "FILE.zip|DIR", "gallery/out.zip")
    assert "exists" in refusal(facecam, ["gallery", "export"], "FILE.zip|DIR", "mine.txt", "--overwrite")


def test_the_formats_of_outputs_are_those_that_facecam_writes(tmp_path: Path) -> None:
    (record,) = [output for _, p in parameters(application("run")) if p.name == "record" and (output := _marker(p, Output))]

    assert tuple(record.suffixes) == recording.SUFFIXES
    assert set(options.IMAGE_SUFFIXES) < imageio.IMAGE_SUFFIXES
    for suffix in options.IMAGE_SUFFIXES:
        imageio.write_image(tmp_path / f"a{suffix}", np.zeros((9, 9, 3), np.uint8))


def test_a_source_in_the_home_folder_is_an_input(facecam: Command, home: Path) -> None:
    command = ["run", "--no-window", "--source", "~/input"]

    assert "is an input" in refusal(facecam, command, "--record", "input", "--overwrite")


@pytest.mark.parametrize(
    ("command", "option", "name"),
    [
        ("compare input other.jpg", "--picture", "other.jpg"),
        ("compare input other.jpg", "--json", "other.jpg"),
        ("identify input other.jpg", "--csv", "other.jpg"),
        ("run --no-window --source input --source other.jpg", "--record", "other.jpg"),
    ],
)
def test_every_input_of_a_command_is_protected(facecam: Command, home: Path, command: str, option: str, name: str) -> None:
    shutil.copy(home / "mine.txt", home / "other.jpg")

    assert f"{name} is an input of this command" in refusal(facecam, command.split(), option, name, "--overwrite")
    assert (home / name).read_bytes() == (home / "mine.txt").read_bytes()


def test_a_photo_in_place_of_a_table_is_kept(facecam: Command, home: Path) -> None:
    """`--csv` takes the first photo for its file."""
    assert "mine.txt exists" in refusal(facecam, ["identify"], "--csv", "mine.txt", "input")


def test_the_later_parts_of_a_log_are_inputs(facecam: Command, tmp_path: Path) -> None:
    log = log_in(tmp_path)
    later = shutil.copy(log, log.with_suffix(".2.csv"))

    assert "is an input" in refusal(facecam, ["log", "merge", str(log)], "--output / -o", str(later), "--overwrite")


def test_a_configuration_file_is_an_input_even_if_it_is_missing(facecam: Command, tmp_path: Path) -> None:
    own = tmp_path / ".config" / "facecam"
    own.mkdir(parents=True)

    for path in ("facecam.toml", str(own / "facecam.toml")):
        assert "is an input" in refusal(facecam, ["models", "list"], "--json", path, "--overwrite")


def test_taught_objects_are_inputs(facecam: Command, home: Path) -> None:
    folder = home / "data" / "facecam" / "objects"
    folder.mkdir(parents=True)
    shutil.copy(home / "mine.txt", folder / "taught.json")

    assert "which this command reads" in refusal(
        facecam, ["forget-label", "mug"], "--json", str(folder / "taught.json"), "--overwrite"
    )


def test_a_folder_named_as_a_mode_is_no_input(facecam: Command, home: Path) -> None:
    (home / "faces").mkdir()
    shutil.copy(home / "mine.txt", home / "faces" / "out.png")

    done = facecam("explain", "input", "-o", "faces/out.png", "--overwrite")

    assert "input could not be decoded" in done.stderr


def test_a_hyphen_is_stdout_only_for_json(facecam: Command, home: Path) -> None:
    message = 'only --json writes to stdout with "-"; name a file'

    assert message in refusal(facecam, ["identify", "input"], "--csv", "-")
    assert message in refusal(facecam, ["gallery", "export"], "FILE.zip|DIR", "-")


@pytest.mark.parametrize(
    "command",
    [
        "models list --json",
        "identify gallery/Ada/1.jpg --csv",
        "log merge LOG -o",
        "log export LOG --format csv -o",
        "report LOG -o",
        "calibrate --json",
    ],
)
def test_a_device_that_is_full_is_reported_in_one_sentence(facecam: Command, home: Path, command: str) -> None:
    """Whether a device takes data shows only when they are written."""
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    log = log_in(home)

    done = facecam(*command.replace("LOG", log.name).split(), "/dev/full")

    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("facecam: /dev/full cannot be written")
    assert "No space left on device" in done.stderr


def test_a_report_of_two_files_leaves_none_of_them_when_the_second_fails(facecam: Command, tmp_path: Path) -> None:
    """The first one is the image, the second one, the text, goes to a device that is full."""
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    log = log_in(tmp_path)
    (tmp_path / "full.md").symlink_to("/dev/full")

    done = facecam("report", log, "-o", "full.md")

    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == "facecam: full.md cannot be written: No space left on device"
    assert not (tmp_path / "full.png").exists()
