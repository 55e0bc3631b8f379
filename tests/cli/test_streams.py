"""What is printed, wherever it goes: a closed pipe, a full disk, an old encoding, a terminal that obeys control characters."""

from __future__ import annotations

import contextlib
import gc
import io
import itertools
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from facecam.cli import context
from facecam.cli.main import main
from tests.cli.conftest import Command, environment_in, run_in
from tests.cli.test_outputs import log_in

PERSON = "[red]Ada[link] 陳 Ümit"
FOLDER = "x[bold]y ж"
HOSTILE = "Eve\x1b]0;owned\x07\x9b31m\u202eecila\x7f"

COMMANDS = [
    "people list",
    "people list --json -",
    "people rename PERSON [blue]Grace陳",
    "people remove PERSON --yes",
    "enroll [green]Bo FOLDER/photo.jpg",
    "identify FOLDER/photo.jpg FOLDER/broken.jpg",
    "classify FOLDER/photo.jpg",
    "compare FOLDER/photo.jpg FOLDER/photo.jpg --json -",
    "compare FOLDER/photo.jpg FOLDER/broken.jpg",
    "explain FOLDER/photo.jpg",
    "calibrate",
    "calibrate --json -",
    "gallery doctor",
    "gallery doctor --json -",
    "gallery verify",
    "gallery export FOLDER/out.zip",
    "gallery import FOLDER/people",
    "log list FOLDER",
    "log schema",
    "log export FOLDER -o FOLDER/out.parquet",
    "log merge FOLDER -o merged陳.csv",
    "replay LOG",
    "replay LOG --json -",
    "report FOLDER -o FOLDER/report.html",
    "run --no-window --source FOLDER/frames --log FOLDER",
    "doctor --source FOLDER/broken.jpg",
    "models list",
    "models list --json -",
    "models verify FOLDER",
    "evaluate lfw FOLDER --pairs FOLDER/pairs.txt",
    "evaluate groups FOLDER",
    "bench --source FOLDER/frames --seconds 0.1",
    "forget-label [red]mug",
    "--help",
    "nonsense",
]


@pytest.fixture
def home(tmp_path: Path, portraits: dict[str, Path]) -> Path:
    """Folder with names that look like markup and that no 8-bit encoding has."""
    person, folder = tmp_path / "gallery" / PERSON, tmp_path / FOLDER
    for parent in (person, folder / "people" / f"{PERSON} 2", folder / "frames"):
        parent.mkdir(parents=True)
        shutil.copy(portraits["eileen_collins"], parent / "1 [i]陳.jpg")
    shutil.copy(portraits["eileen_collins"], folder / "photo.jpg")
    (folder / "broken.jpg").write_bytes(b"no image")
    log = log_in(folder)
    log.write_bytes(log.read_bytes().replace(b"Eileen Collins", PERSON.encode()))
    return tmp_path


def arguments(home: Path, command: str) -> list[str]:
    log = next(home.rglob("*-f198.csv"))
    words = {"PERSON": PERSON, "LOG": str(log)}
    return [words.get(word, word.replace("FOLDER", FOLDER)) for word in command.split(" ")]


def run_into(home: Path, out: io.TextIOWrapper, err: io.TextIOWrapper, *args: str) -> int:
    """Run `facecam ARGS` in this process with these streams and return the exit code."""
    vars(context.invocation).update(vars(context.Invocation()))
    code: int | str | None = 0
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        patch.chdir(home)
        for name, value in environment_in(home).items():
            patch.setenv(name, value)
        patch.setattr(sys, "argv", ["facecam", *args])
        try:
            main()
        except SystemExit as ended:
            code = ended.code
        finally:
            gc.enable()
    return int(code or 0)


def run_in_shell(home: Path, command: str) -> subprocess.CompletedProcess[str]:
    """Run a command of bash in `home`."""
    return subprocess.run(
        ["bash", "-c", command], cwd=home, env=environment_in(home), capture_output=True, text=True, check=False
    )


@contextlib.contextmanager
def closed_pipe() -> Iterator[io.TextIOWrapper]:
    """Yield a stream whose reader has gone. Unlike Python's own stdout, it is closed afterward."""
    reader, writer = os.pipe()
    os.close(reader)
    stream = io.TextIOWrapper(os.fdopen(writer, "wb"), "utf-8")
    try:
        yield stream
    finally:
        with contextlib.suppress(BrokenPipeError):
            stream.close()


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_does_its_work_though_nobody_reads_its_output(home: Path, command: str) -> None:
    args = arguments(home, command)
    shutil.copytree(home, home.with_name("twin"), dirs_exist_ok=True)
    expected = run_in(home.with_name("twin"), *args).returncode
    shutil.rmtree(home.with_name("twin"))

    with closed_pipe() as out, closed_pipe() as err:
        assert run_into(home, out, err, *args) == expected


@pytest.mark.parametrize(("command", "encoding"), [*zip(COMMANDS, itertools.cycle(("cp1252", "ascii")), strict=False)])
def test_characters_that_the_output_cannot_encode_are_escaped(home: Path, command: str, encoding: str) -> None:
    out, err = io.TextIOWrapper(io.BytesIO(), encoding), io.TextIOWrapper(io.BytesIO(), encoding)

    code = run_into(home, out, err, *arguments(home, command))

    texts = [stream.buffer.getvalue().decode(encoding) for stream in (out, err) if not stream.flush()]
    assert code in (0, 1, 2, 3)
    assert "Traceback" not in texts[1]
    printed = "".join(texts)
    for name in (PERSON, FOLDER):
        plain = name.split(" ")[0]
        assert (
            printed.count(plain) == printed.count(name.encode(encoding, "backslashreplace").decode(encoding))
            or "--json -" in command
        )
    if command.endswith("--json -") and code in (0, 3):
        assert json.loads(texts[0]) is not None


def test_json_has_the_same_content_in_every_encoding(home: Path) -> None:
    found = []
    for encoding in ("utf-8", "cp1252", "ascii"):
        out, err = io.TextIOWrapper(io.BytesIO(), encoding), io.TextIOWrapper(io.BytesIO(), "utf-8")
        assert run_into(home, out, err, "people", "list", "--json", "-") == 0
        out.flush()
        found.append(json.loads(out.buffer.getvalue().decode(encoding)))

    assert found[0]["people"][0]["name"] == PERSON
    assert found[0] == found[1] == found[2]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such file names")
@pytest.mark.parametrize(
    "command", [command for command in COMMANDS if "FOLDER" in command or "list" in command or "LOG" in command]
)
def test_control_characters_of_names_are_not_printed(home: Path, command: str) -> None:
    (home / FOLDER).rename(home / HOSTILE)
    shutil.copytree(home / "gallery" / PERSON, home / "gallery" / HOSTILE)
    args = [word.replace(FOLDER, HOSTILE) for word in arguments(home, command)]

    done = run_in(home, *args)

    assert not re.findall("[\0-\x08\x0b-\x1f\x7f-\x9f\u202e]", done.stdout + done.stderr)
    if "--json -" in command and done.returncode in (0, 3):
        assert json.loads(done.stdout) is not None
    elif HOSTILE.split("\x1b", maxsplit=1)[0] in done.stdout + done.stderr:
        assert r"Eve\x1b]0;owned\x07\x9b31m\u202eecila\x7f" in done.stdout + done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no non-blocking pipes")
def test_a_slow_reader_of_a_pipe_that_does_not_block_gets_everything(home: Path) -> None:
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    command = [sys.executable, "-c", "import sys, facecam.cli.context as c; c.open_streams(); print('x' * 300_000)"]
    with subprocess.Popen(command, cwd=home, env=environment_in(home), stdout=writer) as process:
        os.close(writer)
        with os.fdopen(reader, "rb") as pipe:
            time.sleep(0.5)
            assert len(pipe.read()) == 300_001

    assert process.returncode == 0


def test_a_full_disk_behind_stdout_is_reported(home: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    err = io.TextIOWrapper(io.BytesIO(), "utf-8")
    with contextlib.suppress(OSError), Path("/dev/full").open("w", encoding="utf-8") as out:
        assert run_into(home, out, err, "log", "schema") == 1

    err.flush()
    assert err.buffer.getvalue().decode() == "facecam: the output cannot be written: No space left on device\n"


@pytest.mark.skipif(sys.platform == "win32", reason="needs a shell with pipes")
@pytest.mark.parametrize(
    "shell", ["{} log schema | head -1", "{} models list --json - | head -1", "{} log schema >&-", "{} x 2>&-"]
)
def test_a_shell_sees_neither_a_traceback_nor_another_exit_code(home: Path, shell: str) -> None:
    command = shell.format(f"{sys.executable} -m facecam")

    done = run_in_shell(home, f"set -o pipefail; {command}")

    assert (done.returncode, done.stderr) == (2 if " x " in shell else 0, "")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows ends processes without a signal")
@pytest.mark.parametrize(
    ("command", "name"),
    [
        ("report FOLDER/big.csv -o r.html", "SIGTERM"),
        ("log export FOLDER/big.csv -o r.parquet", "SIGHUP"),
        pytest.param("report FOLDER/big.csv -o r.html", "SIGHUP", marks=pytest.mark.long),
        pytest.param("report FOLDER/big.csv -o r.html", "SIGINT", marks=pytest.mark.long),
        pytest.param("log export FOLDER/big.csv -o r.parquet", "SIGTERM", marks=pytest.mark.long),
        pytest.param("log export FOLDER/big.csv -o r.parquet", "SIGINT", marks=pytest.mark.long),
    ],
)
def test_a_signal_ends_a_command_without_a_traceback_and_without_half_a_file(home: Path, command: str, name: str) -> None:
    number = signal.Signals[name]
    log = next(home.rglob("*-f198.csv"))
    header, _, rows = log.read_bytes().partition(b"\n")
    (home / FOLDER / "big.csv").write_bytes(header + b"\n" + rows * 1500)
    args = [sys.executable, "-m", "facecam", *arguments(home, command)]

    with subprocess.Popen(args, cwd=home, env=environment_in(home), stdout=-1, stderr=-1, text=True) as process:
        deadline = time.monotonic() + 60
        # An export has begun when its unfinished file is there; a report reads for seconds.
        while process.poll() is None and time.monotonic() < deadline:
            if list(home.glob(".part-*")) or (command.startswith("report") and "pyarrow" in maps(process.pid)):
                break
            time.sleep(0.02)
        process.send_signal(number)
        _, err = process.communicate(timeout=60)

    assert process.returncode == 128 + number, err
    assert "Traceback" not in err
    assert not list(home.glob(".part-*"))
    assert not list(home.glob("r.*"))


def maps(pid: int) -> str:
    """Return the files that a process has in memory, all of which it needs on a system without /proc."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/maps").read_text(encoding="utf-8")
    return "pyarrow"


def test_a_full_disk_ends_a_run_with_exit_code_1_and_every_row_is_accounted_for(home: Path) -> None:
    pytest.importorskip("resource", reason="this system does not limit the size of files")
    command = f"ulimit -f 12; exec {sys.executable} -m facecam run --no-window --source demo --log logs --gallery none"

    done = run_in_shell(home, command)

    assert done.returncode == 1, done.stderr
    (details,) = (home / "logs").rglob("*Z-*.json")
    content = json.loads(details.read_text(encoding="utf-8"))
    assert content["rows_lost"] > 0
    assert content["ended_at_utc"]
    assert "cannot be written (File too large): " in done.stderr
    assert f"facecam: the log {details.with_suffix('.csv').relative_to(home)} lacks {content['rows_lost']} rows" in done.stderr
    listed = run_in(home, "log", "list", "logs").stdout.splitlines()[1].split()
    assert listed[5:7] == [str(content["rows"]), str(content["rows_lost"])]


def test_log_records_show_no_control_characters(facecam: Command, home: Path) -> None:
    done = facecam("run", "--no-window", "--source", str(home / HOSTILE / "missing.mp4"), "--verbose")

    assert done.returncode == 1
    assert "\x1b" not in done.stderr
    assert r"\x1b]0;owned" in done.stderr


@pytest.mark.parametrize("command", ["report LOG -o out.html", "log merge LOG -o out.csv", "explain FOLDER/photo.jpg -o out.png"])
def test_a_disk_that_fills_while_a_file_is_written_leaves_no_part_of_it(home: Path, command: str) -> None:
    """The system's limit on a file's size is what a full disk is to a command."""
    pytest.importorskip("resource", reason="this system does not limit the size of files")
    args = shlex.join([sys.executable, "-m", "facecam", *arguments(home, command)])

    done = run_in_shell(home, f"ulimit -f 20; exec {args}")

    assert done.returncode == 1
    assert "cannot be written" in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr
    assert not [path for path in home.iterdir() if path.name.startswith((".part-", "out."))]
