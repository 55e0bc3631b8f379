"""Checks of output paths, and atomic writes through links and to devices."""

from __future__ import annotations

import os
import socket
import sys
import time
from pathlib import Path

import pytest

from facecam.errors import OutputError
from facecam.fileio import (
    check_output,
    check_output_folder,
    is_replaceable,
    parse_json,
    parse_toml,
    read_regular,
    write_atomic,
    write_output,
    write_private,
)


def test_a_new_file_in_an_existing_folder_passes_and_leaves_nothing(tmp_path: Path) -> None:
    check_output(tmp_path / "new.json")

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("overwrite", [False, True])
def test_an_input_is_refused_through_every_link(tmp_path: Path, overwrite: bool) -> None:
    source = tmp_path / "source"
    source.write_text("input", encoding="utf-8")
    (tmp_path / "hard").hardlink_to(source)
    (tmp_path / "soft").symlink_to("source")

    for name in ("source", "hard", "soft"):
        with pytest.raises(OutputError, match=rf"{name} is an input of this command; name another file"):
            check_output(tmp_path / name, [tmp_path / "missing", source], overwrite=overwrite)


def test_a_file_in_a_folder_of_inputs_is_refused_unless_facecam_can_make_it_again(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    log, report = tmp_path / "logs" / "1.csv", tmp_path / "logs" / "report.md"
    log.write_text("schema_version,session_id\n", encoding="utf-8")
    report.write_text("# facecam report: 1.csv\n", encoding="utf-8")

    check_output(report, [tmp_path / "logs"])
    check_output(tmp_path / "logs" / "new.html", [tmp_path / "logs"])
    with pytest.raises(OutputError, match=r"1\.csv is in the folder .*logs, which this command reads"):
        check_output(log, [tmp_path / "logs"], overwrite=True)


def test_another_file_needs_overwrite(tmp_path: Path) -> None:
    path = tmp_path / "mine.html"
    path.write_text("<!DOCTYPE html><title>mine</title>", encoding="utf-8")

    with pytest.raises(OutputError, match=r"mine\.html exists; name another file, or add --overwrite"):
        check_output(path)
    check_output(path, overwrite=True)


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (b"", True),
        (b"# facecam report: hall\n", True),
        (b"Notes on\n# facecam report: hall\n", False),
        (b'<!DOCTYPE html>\n<meta charset="utf-8">\n<meta name="generator" content="facecam">', True),
        (b"\x89PNG\r\n\x1a\n" + bytes(25) + b"\0\0\0\x10tEXtSoftware\0facecam", True),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), False),
        (b"schema_version,session_id,ts_utc\n", False),
        (b"{}", False),
    ],
)
def test_only_what_can_be_made_again_is_replaceable(tmp_path: Path, head: bytes, expected: bool) -> None:
    (tmp_path / "file").write_bytes(head)

    assert is_replaceable(tmp_path / "file") is expected


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("folder", "is a folder; choose another name"),
        ("missing/file", "the folder .*missing does not exist; create it first"),
        ("file/file", "the folder .*file does not exist"),
        ("n" * 300, "cannot be written: File name too long"),
    ],
)
def test_a_path_that_cannot_be_written_is_one_sentence(tmp_path: Path, name: str, message: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()

    with pytest.raises(OutputError, match=message) as raised:
        check_output(tmp_path / name)
    assert "\n" not in str(raised.value)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs a folder that even root cannot write to")
def test_a_folder_that_cannot_be_written_is_found_although_permissions_allow_it() -> None:
    with pytest.raises(OutputError, match=r"/proc/file cannot be written: No such file or directory; name another file"):
        check_output(Path("/proc/file"))
    with pytest.raises(OutputError, match=r"the folder /proc/a/b cannot be written"):
        check_output_folder(Path("/proc/a/b"), "network.json")


def test_a_folder_is_accepted_when_it_is_new_empty_or_facecams_own(tmp_path: Path) -> None:
    for name in ("empty", "own", "foreign"):
        (tmp_path / name).mkdir()
    (tmp_path / "own" / "network.json").touch()
    (tmp_path / "foreign" / "notes").touch()

    for name in ("empty", "own", "new/nested"):
        check_output_folder(tmp_path / name, "network.json")
    with pytest.raises(OutputError, match="foreign holds other files; name a new or an empty folder"):
        check_output_folder(tmp_path / "foreign", "network.json")
    assert not (tmp_path / "new").exists()


def test_writing_through_a_link_keeps_the_link(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    target = tmp_path / "elsewhere" / "file"
    target.write_bytes(b"old")
    (tmp_path / "link").symlink_to(target)

    write_atomic(tmp_path / "link", b"new")

    assert (tmp_path / "link").is_symlink()
    assert target.read_bytes() == b"new"


@pytest.mark.skipif(os.name == "nt", reason="Windows has no named pipes in folders")
def test_a_pipe_is_written_and_not_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)

    check_output(pipe)
    write_output(pipe, b"{}")

    assert os.read(reader, 10) == b"{}"
    os.close(reader)
    assert pipe.is_fifo()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs /proc")
def test_a_pipe_without_a_name_is_written(tmp_path: Path) -> None:
    reader, writer = os.pipe()
    path = Path(f"/proc/self/fd/{writer}")  # as /dev/stdout in a shell pipeline

    check_output(path)
    write_output(path, b"{}")

    assert os.read(reader, 10) == b"{}"
    os.close(reader)
    os.close(writer)


def test_a_file_named_as_a_missing_input_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"missing is an input of this command"):
        check_output(tmp_path / "missing", [tmp_path / "x" / ".." / "missing"])


def test_an_input_that_is_no_path_is_ignored(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    check_output(tmp_path / "file", [Path("rtsp://" + "n" * 300)])


def test_a_link_into_a_missing_folder_names_that_folder(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "missing" / "file")

    with pytest.raises(OutputError, match=r"link cannot be written: the folder .*missing does not exist"):
        check_output(tmp_path / "link")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no permission bits")
def test_a_replaced_file_keeps_its_permissions(tmp_path: Path) -> None:
    path = tmp_path / "private"
    path.touch(mode=0o600)

    write_atomic(path, b"new")

    assert path.stat().st_mode & 0o777 == 0o600


def test_a_failed_write_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"missing/file cannot be written: No such file or directory"):
        write_output(tmp_path / "missing" / "file", b"")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no named pipes in folders")
def test_only_a_regular_file_is_read_and_nothing_is_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("pipe")
    (tmp_path / "zero").symlink_to("/dev/zero")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "socket"))

        for name, kind in {"pipe": "pipe", "link": "pipe", "zero": "device", "socket": "socket"}.items():
            with pytest.raises(OSError, match=f"it is a {kind}, not a file"):
                read_regular(tmp_path / name, 100)
    with pytest.raises(IsADirectoryError):
        read_regular(tmp_path, 100)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no named pipes in folders")
@pytest.mark.timeout(20)  # writing to a pipe waits for a reader
def test_a_pipe_or_a_link_to_a_device_in_place_of_a_cache_is_replaced(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("/dev/zero")

    for name in ("pipe", "link", "new"):
        write_private(tmp_path / name, b"content")

    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == dict.fromkeys(("pipe", "link", "new"), b"content")
    assert not any(path.is_symlink() for path in tmp_path.iterdir())
    assert Path("/dev/zero").is_char_device()


def test_a_file_is_read_up_to_a_limit(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x" * 2048)

    assert read_regular(tmp_path / "file", 2048) == b"x" * 2048
    with pytest.raises(OSError, match="it has more than 1 KB"):
        read_regular(tmp_path / "file", 2047)


def test_a_file_with_a_hole_is_not_read_beyond_the_limit(tmp_path: Path) -> None:
    with (tmp_path / "file").open("wb") as file:
        file.truncate(1 << 40)

    with pytest.raises(OSError, match="it has more than 64 MB"):
        read_regular(tmp_path / "file", 64 << 20)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs /proc")
def test_a_file_of_unknown_size_is_read_up_to_the_limit() -> None:
    assert Path("/proc/self/maps").stat().st_size == 0
    assert b"python" in read_regular("/proc/self/maps", 10 << 20)
    with pytest.raises(OSError, match="it has more than 1 KB"):
        read_regular("/proc/self/maps", 1024)


@pytest.mark.parametrize(
    "toml",
    [
        b"a = " + b"[" * 30_000 + b"]" * 30_000,
        b"a = " + b"{a = " * 10_000,
        b"a." * 32_000 + b"a = 1",
        b'"=".' + b"a." * 32_000 + b"a = 1",
        b"[" + b"a." * 32_000 + b"a]",
        b"a = " + b"9" * 64_000,
        b"\xff = 1",
    ],
    ids=["arrays", "tables", "key", "quoted key", "header", "number", "encoding"],
)
def test_hostile_toml_is_refused(toml: bytes) -> None:
    started_s = time.process_time()

    with pytest.raises(ValueError, match=r"."):
        parse_toml(toml)

    assert time.process_time() - started_s < 1


@pytest.mark.parametrize("text", [b"[" * 60_000, b'{"a":' * 10_000, b"9" * 60_000, b"\xff", b""])
def test_hostile_json_is_refused(text: bytes) -> None:
    started_s = time.process_time()

    with pytest.raises(ValueError, match=r"."):
        parse_json(text)

    assert time.process_time() - started_s < 1


def test_a_byte_order_mark_is_skipped() -> None:
    assert parse_toml(b'\xef\xbb\xbfname = "Ada"\r\n') == {"name": "Ada"}
    assert parse_json(b'\xef\xbb\xbf{"name": "Ada"}') == {"name": "Ada"}
