"""Memory and time that hostile files cost: `python -m benchmarks.hostile_input [--output TABLE.md] [NAME ...]`.

Each file of `benchmarks.hostile_files` is read by facecam's own reader in a process of its own, whose address space is limited.
The process reads small valid files first; what it takes above that is the figure in the table.
"""

from __future__ import annotations

import argparse
import gc
import json
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.hostile_files import HOSTILE_FILES, HostileFile

ADDRESS_SPACE_BYTES = 12 * 2**30
"""Limit of the process. Threads and libraries reserve several GB that they never use."""

_TIMEOUT_S = 300.0
_STATUS, _CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")


@dataclass(frozen=True, slots=True)
class Measurement:
    """Outcome of reading one file: facecam's error, "" for one that was read, and memory and time above the idle process.

    `failure` is the traceback of an error that is not facecam's, or the exit code of a process that ended.
    """

    error: str
    peak_mb: float
    seconds: float
    failure: str = ""


def measure(files: Sequence[HostileFile], folder: Path) -> dict[str, Measurement]:
    """Write files into the folder and read them, those of one kind in one process. Returns the outcome of each by its name."""
    found: dict[str, Measurement] = {}
    for kind in dict.fromkeys(file.kind for file in files):
        own = [file for file in files if file.kind == kind]
        for file in own:
            (folder / file.name).write_bytes(file.content())
        found |= dict(
            zip((file.name for file in own), measure_paths(kind, [str(folder / file.name) for file in own]), strict=True)
        )
    return found


def measure_paths(kind: str, paths: Sequence[str]) -> list[Measurement]:
    """Read files, or addresses of the kind `address`, in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.hostile_input", "--child", kind, *paths]
    done = subprocess.run(command, capture_output=True, text=True, timeout=_TIMEOUT_S, check=False)
    found = [Measurement(**json.loads(line)) for line in done.stdout.splitlines() if line.startswith("{")]
    failure = Measurement("", 0.0, 0.0, f"exit code {done.returncode}: {done.stderr[-2000:]}")
    return [*found, *[failure] * (len(paths) - len(found))]


def _read(kind: str, path: str) -> str:
    """Read a file and return facecam's error, "" for one that was read."""
    from facecam.errors import FacecamError
    from tools.fuzz.readers import read

    try:
        if kind == "roster":
            from facecam.report.attendance import read_roster

            read_roster(Path(path))
        elif kind == "address":
            _read_address(path)
        else:
            return read(kind, Path(path)) or ""
    except FacecamError as error:
        return str(error)
    return ""


def _read_address(address: str) -> None:
    """Read from an address for five seconds."""
    from facecam.capture.source import open_source
    from facecam.settings import CaptureSettings

    until_s = time.monotonic() + 5
    with open_source(address, CaptureSettings(), time.monotonic()) as source:
        while time.monotonic() < until_s and source.read() is not None:
            pass


def _warm_up(kind: str) -> None:
    """Read small valid files, so that libraries are loaded."""
    from tools.fuzz.readers import READERS

    reader = "video" if kind == "address" else kind
    if reader not in READERS:
        return
    with tempfile.TemporaryDirectory() as folder:
        for suffix, content in READERS[reader].valid():
            path = Path(folder, f"valid{suffix}")
            path.write_bytes(content)
            _read(reader, str(path))


def _child(kind: str, *paths: str) -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE_BYTES, ADDRESS_SPACE_BYTES))
    _warm_up(kind)
    for path in paths:
        gc.collect()
        if _CLEAR.exists():
            _CLEAR.write_text("5", encoding="ascii")  # The highest memory so far becomes the present one.
        idle_mb, began_s = _peak_mb(), time.perf_counter()
        error = _read(kind, path)
        seconds = time.perf_counter() - began_s
        print(json.dumps(asdict(Measurement(error, _peak_mb() - idle_mb, seconds))), flush=True)


def _peak_mb() -> float:
    """Return the highest memory of this process. Linux counts that of the parent in `ru_maxrss`."""
    if _STATUS.exists():
        peak = re.search(r"VmHWM:\s*(\d+) kB", _STATUS.read_text(encoding="ascii"))
        assert peak is not None
        return int(peak[1]) / 1024
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 1024)


def table(rows: Iterable[tuple[HostileFile, int, Measurement]]) -> str:
    """Return the figures as a Markdown table."""
    lines = ["| file | read as | size | bound | what happens | peak memory | time |", "|---|---|---:|---|---|---:|---:|"]
    for file, size_bytes, found in rows:
        outcome = (found.failure and "FAILED") or ("refused" if found.error else "read")
        size = f"{size_bytes / 1e6:.1f} MB" if size_bytes >= 100_000 else f"{size_bytes / 1e3:.1f} KB"
        cells = (f"`{file.name}`", file.kind, size, file.bound, outcome, f"{found.peak_mb:.0f} MB", f"{found.seconds:.1f} s")
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def main(arguments: list[str]) -> int:
    """Measure the files and print the table. Returns 1 when a bound is not kept."""
    if arguments[:1] == ["--child"]:
        _child(*arguments[1:])
        return 0
    parser = argparse.ArgumentParser(prog="python -m benchmarks.hostile_input", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="only these files")
    parser.add_argument("--output", type=Path, metavar="FILE", help="write the table there")
    args = parser.parse_args(arguments)
    rows: list[tuple[HostileFile, int, Measurement]] = []
    has_failed = False
    with tempfile.TemporaryDirectory() as folder:
        for file in HOSTILE_FILES:
            if args.names and file.name not in args.names:
                continue
            found = measure([file], Path(folder))[file.name]
            rows.append((file, Path(folder, file.name).stat().st_size, found))
            Path(folder, file.name).unlink()
            is_kept = not found.failure and found.peak_mb <= file.most_mb
            has_failed |= not is_kept
            print(f"{file.name}: {found.peak_mb:.0f} MB, {found.seconds:.1f} s {found.failure or found.error}", file=sys.stderr)
    text = table(rows)
    print(text)
    if args.output is not None:
        args.output.write_text(text, encoding="utf-8")
    return int(has_failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
