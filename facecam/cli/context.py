"""State and helpers of all commands: invocation, output, settings, folders, progress and JSON.

Whatever is printed goes through `visible`, and the streams survive what their readers do: a command never fails, and never stops
halfway, because of a name that cannot be printed or a reader that has gone.

Does not import Typer, which takes 60 ms: `facecam` without arguments opens its window without it.
"""

from __future__ import annotations

import contextlib
import errno
import io
import json
import logging
import os
import re
import select
import shlex
import stat
import sys
import time
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from facecam.errors import ModelError
from facecam.fileio import MAX_TEXT_BYTES, data_dir, expand_home, read_regular, write_output
from facecam.messages import UNSHOWN
from facecam.messages import visible as visible  # noqa: PLC0414 - every command prints with it
from facecam.settings import RETIRED_NETWORKS, Mode, Settings, gallery_dir_from_config, load_settings

if TYPE_CHECKING:
    from rich.console import Console

_PIPE_WIDTH = 10_000
_PASSPHRASE_ATTEMPTS = 3

NETWORK_OF = {Mode.FACES: "identify.network", Mode.OBJECTS: "objects.network"}
"""Setting that --network changes in each mode."""


@dataclass
class Invocation:
    """Common options of this process, set before a command runs, and its start (time.monotonic)."""

    config: Path | None = None
    debug: bool = False
    quiet: bool = False
    verbose: bool = False
    overwrite: bool = False
    passphrase_file: Path | None = None
    started_at_s: float = field(default_factory=time.monotonic)


invocation = Invocation()


class _Formatter(logging.Formatter):
    """Formats facecam's own records like errors; with --verbose, and for records of other packages, with level and logger."""

    def format(self, record: logging.LogRecord) -> str:
        text = super().format(record)
        is_own = record.name.partition(".")[0] == "facecam" and not invocation.verbose
        return visible(f"facecam: {text}" if is_own else f"{record.levelname} {record.name}: {text}")


def log_to_stderr() -> None:
    """Send log records to stderr, from the level that --quiet or --verbose sets."""
    level = logging.DEBUG if invocation.verbose else logging.ERROR if invocation.quiet else logging.WARNING
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Formatter("%(message)s"))
    logging.basicConfig(level=level, handlers=[handler])


class _StandardStream(io.RawIOBase):
    """File descriptor of stdout or stderr to which writing never raises.

    After an error everything is discarded, and the command goes on: `gallery import DIR | head -1` imports every photo.
    `error` is the reason, None when the reader has closed a pipe or a terminal.
    """

    def __init__(self, descriptor: int, name: str) -> None:
        self._descriptor = descriptor
        self._is_open = True
        self.name = name
        self.error: OSError | None = None

    def fileno(self) -> int:
        return self._descriptor

    def isatty(self) -> bool:
        return os.isatty(self._descriptor)

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        while self._is_open:
            try:
                return os.write(self._descriptor, data)
            except BlockingIOError:  # another program on this terminal or pipe has made it non-blocking
                select.select((), (self._descriptor,), ())
            except OSError as error:
                self._is_open = False
                # Windows reports a closed pipe as EINVAL.
                if error.errno not in (errno.EPIPE, errno.EIO, *([errno.EINVAL] if sys.platform == "win32" else [])):
                    self.error = error
        return memoryview(data).nbytes


def open_streams() -> None:
    """Replace stdout and stderr by streams to which writing never raises. Characters that they cannot encode become escapes."""
    for name in ("stdout", "stderr"):
        setattr(sys, name, _reopened(getattr(sys, name), name))


def _reopened(stream: TextIO | None, name: str) -> TextIO:
    if stream is None:  # it was closed, or Windows runs a program without a console
        return Path(os.devnull).open("w", encoding="utf-8")
    if not isinstance(stream, io.TextIOWrapper):
        return stream
    stream.reconfigure(errors="backslashreplace")
    on_console = sys.platform == "win32" and stream.isatty()  # it takes Unicode, which a file descriptor there does not
    if on_console or not isinstance(getattr(stream.buffer, "raw", stream.buffer), io.FileIO):
        return stream
    stream.flush()
    raw = _StandardStream(stream.fileno(), f"<{name}>")
    line_buffering = stream.line_buffering or stream.write_through
    return io.TextIOWrapper(io.BufferedWriter(raw), stream.encoding, "backslashreplace", line_buffering=line_buffering)


def output_error() -> OSError | None:
    """Write what stdout still holds, and return the error because of which some of the output is missing, if any."""
    try:
        sys.stdout.flush()
    except OSError as error:
        return error
    raw = getattr(getattr(sys.stdout, "buffer", None), "raw", None)
    return raw.error if isinstance(raw, _StandardStream) else None


def out() -> Console:
    """Return the console for results: stdout, without line breaks in a pipe. Texts are printed literally."""
    from rich.console import Console

    on_terminal = sys.stdout.isatty()
    width = None if on_terminal else _PIPE_WIDTH
    return Console(width=width, soft_wrap=not on_terminal, highlight=False, markup=False, emoji=False)


def err() -> Console:
    """Return the console for everything else: stderr, silent with --quiet. Texts are printed literally."""
    from rich.console import Console

    return Console(stderr=True, quiet=invocation.quiet, highlight=False, markup=False, emoji=False)


def print_result(text: str = "") -> None:
    """Print a line to stdout without breaking it."""
    out().print(visible(text), soft_wrap=True)


def print_note(text: str, style: str | None = None) -> None:
    """Print a line to stderr without breaking it."""
    err().print(visible(text), style=style, soft_wrap=True)


def print_table(
    rows: Iterable[Iterable[object]], head: Sequence[str] = (), *, right: Sequence[str] = (), fold: bool = True
) -> None:
    """Print aligned columns, fractions with four decimals. Columns named in `right` are aligned to the right.

    With `fold`, long cells fold on a terminal.
    """
    from rich.table import Table

    table = Table(box=None, pad_edge=False, show_header=bool(head))
    for title in head:
        table.add_column(title, justify="right" if title in right else "left", overflow="fold")
    for row in rows:
        table.add_row(*(f"{cell:.4f}" if isinstance(cell, float) else visible(str(cell)).replace("\n", "\\n") for cell in row))
    console = out()
    if fold and console.is_terminal:
        console.print(table)
        return
    console.width = _PIPE_WIDTH
    with console.capture() as captured:
        console.print(table)
    for line in captured.get().splitlines():
        console.print(line.rstrip(), soft_wrap=True)


def write_json(target: str | None, payload: Any) -> None:
    """Write `payload` to the file of --json; "-" is stdout, None writes nothing."""
    if target is None:
        return
    is_utf8 = target != "-" or (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
    text = json.dumps(payload, ensure_ascii=not is_utf8, indent=2) + "\n"
    text = UNSHOWN.sub(_json_escape, text)
    if target == "-":
        sys.stdout.write(text)
    else:
        write_output(Path(target), text.encode())


def _json_escape(found: re.Match[str]) -> str:
    units = found[0].encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[start : start + 2].hex()}" for start in range(0, len(units), 2))


def present(target: str | None, payload: Any, print_text: Callable[[], None]) -> None:
    """Print a result as text, unless its JSON goes to stdout, and write `payload` as in `write_json`."""
    if target != "-":
        print_text()
    write_json(target, payload)


@contextlib.contextmanager
def warnings_as_notes() -> Iterator[None]:
    """Print warnings, such as those about skipped parts of a log, as plain sentences to stderr."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield
    for warning in caught:
        print_note(str(warning.message))


def empty_gallery_message(folder: Path, source: str = "PHOTO ...") -> str:
    """Return the message for a gallery without people. `source` follows the name in the suggested command."""
    return f"no one is enrolled in {folder}; to add a person: facecam enroll NAME {source}"


@contextlib.contextmanager
def progress(description: str) -> Iterator[Callable[..., None]]:
    """Show a progress bar on stderr, but not with --quiet or without a terminal.

    Yields `report_progress(done, total, description)`; total is None if unknown, and description is optional.
    """
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err(), transient=True, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task(visible(description), total=None)

        def report_progress(done: int, total: int | None, new_description: str | None = None) -> None:
            bar.update(task, completed=done, total=total, description=new_description and visible(new_description))

        yield report_progress


def settings(options: Mapping[str, Any] | None = None) -> Settings:
    """Load the settings: defaults < configuration file < environment < `options` (`section.name`; None means not given).

    `identify.network` among the options is a value of --network, see `embedding_network_name`.
    """
    given = dict(options or {})
    if (network := given.get("identify.network")) is not None:
        given["identify.network"] = embedding_network_name(network)
    return load_settings(invocation.config, given)


def embedding_network_name(option: str) -> str:
    """Return the name of the embedding network that --network chooses: a name, a short label, or the path of a file.

    Raises:
        ModelError: The network is unknown; the message lists the choices.
    """
    from facecam.networks.embedding_networks import DEFAULT_NETWORK, HIGH_ACCURACY_NETWORK
    from facecam.networks.manifest import entries, is_left_out

    labeled = {network_label(name): name for name in (DEFAULT_NETWORK, HIGH_ACCURACY_NETWORK)}
    names = [model.name for model in entries() if model.embedding is not None and not is_left_out(model)]
    if option in labeled or option in names or option in RETIRED_NETWORKS:
        return labeled.get(option, option)
    path = expand_home(option)
    if path.suffix.lower() in (".tflite", ".keras") or "/" in option or os.sep in option:
        return str(path.absolute())
    raise ModelError(f"unknown network {option}; choose {', '.join([*labeled, *names])}, or name a FILE.tflite of yours")


def network_label(name: str) -> str:
    """Return the short name of an embedding network as --network accepts it."""
    from facecam.networks.embedding_networks import embedding_network

    return embedding_network(name).label.replace(" ", "-")


def user_data_dir(name: str) -> Path:
    """Return a folder in the user's data folder."""
    return data_dir() / name


def gallery_dir(option: str | None, *, announce: bool = True, unlock: bool = True) -> Path:
    """Return the gallery's folder: --gallery, $FACECAM_GALLERY, `[gallery] dir` of facecam.toml, ./gallery, the user's.

    With `announce`, print a note about ./gallery, which may be there by chance, and with `unlock` too, unlock an encrypted one.
    """
    root = _gallery_dir(option, announce=announce)
    if announce and unlock:
        unlock_gallery(root)
    return root


def unlock_gallery(root: Path) -> None:
    """Unlock an encrypted gallery: with the system's keyring, --passphrase-file, or a question on the terminal.

    Raises:
        LockedGalleryError: There is neither.
        GalleryError: The passphrase is wrong, three times on a terminal, or the file cannot be read.
    """
    if not any(os.path.lexists(root / name) for name in (".encryption.toml", ".journal")):
        return  # a plain gallery, for which nothing is imported
    from facecam.errors import LockedGalleryError, WrongPassphraseError
    from facecam.gallery import files
    from facecam.gallery.keychain import unlock_from_keyring

    if not files.is_locked(root) or unlock_from_keyring(root):
        return
    if invocation.passphrase_file is not None:
        try:
            files.unlock_gallery(root, read_passphrase_file(invocation.passphrase_file))
        except WrongPassphraseError as error:
            raise WrongPassphraseError(
                "the passphrase in {file} does not open the gallery {gallery}; name the right file by --passphrase-file",
                file=invocation.passphrase_file,
                gallery=root,
            ) from error
        return
    if not sys.stdin.isatty():
        raise LockedGalleryError(
            "the gallery {gallery} is encrypted; enter its passphrase on a terminal, or name a file with it by --passphrase-file",
            gallery=root,
        )
    for attempt in range(_PASSPHRASE_ATTEMPTS):
        try:
            files.unlock_gallery(root, ask_passphrase(f"Passphrase of {root}"))
        except WrongPassphraseError as error:
            if attempt == _PASSPHRASE_ATTEMPTS - 1:
                raise
            print_note(str(error))
        else:
            return


def read_passphrase_file(path: Path) -> str:
    """Return the passphrase in a file without its line end; "-" is stdin. GalleryError when it cannot be read or is empty."""
    from facecam.errors import GalleryError

    try:
        data = sys.stdin.buffer.readline(MAX_TEXT_BYTES) if str(path) == "-" else read_regular(path, MAX_TEXT_BYTES)
        passphrase = data.decode("utf-8-sig").rstrip("\r\n")
    except (OSError, ValueError) as error:
        raise GalleryError("the passphrase cannot be read from {path}: {reason}", path=path, reason=error) from error
    if not passphrase:
        raise GalleryError("the file {path} has no passphrase", path=path)
    if os.name == "posix" and path.is_file() and path.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH):
        print_note(f"other users can read the passphrase in {path}; to change that: chmod 600 {shlex.quote(str(path))}")
    return passphrase


def ask_passphrase(question: str) -> str:
    """Ask on the terminal without showing what is typed."""
    from getpass import getpass

    try:
        return getpass(f"{visible(question)}: ")
    except EOFError:  # Ctrl-D
        raise KeyboardInterrupt from None


def _gallery_dir(option: str | None, *, announce: bool) -> Path:
    named = option or os.environ.get("FACECAM_GALLERY") or gallery_dir_from_config(invocation.config)
    if named:
        return expand_home(named)
    if not Path("gallery").is_dir():
        return user_data_dir("gallery")
    if announce:
        print_note(f"using the gallery in the working folder, {Path('gallery').absolute()}; choose another with --gallery")
    return Path("gallery")


def log_dir(option: Path | None) -> Path:
    """Return the folder of logs: the option, else the user's."""
    return expand_home(option) if option else user_data_dir("logs")
