"""Read damaged files, each in a process that is watched: `python -m tools.fuzz image --minutes 30`.

Fails on an exception that is not facecam's own, on a crash, on more than MAX_S for one file, and on more than MAX_BYTES above
the memory of the process with the valid files read. An input depends on its number alone: `--first N --count 1` repeats one.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from tools.fuzz.mutations import mutate
from tools.fuzz.readers import READERS, read

MAX_S = 5.0
"""Longest time for one file."""
MAX_BYTES = 2**30
"""Most memory above that of the idle process."""

_TOO_SLOW = f"took more than {MAX_S:g} s"
_START_S = 120.0
_POLL_S = 0.05
_RSS_UNIT = 1 if sys.platform == "darwin" else 1024
_MEMORY_CODE = 3


@dataclass(slots=True)
class Result:
    """Outcome for one reader: the number of files read, and (number of the input, what happened) of each failure."""

    reader: str
    count: int = 0
    failures: list[tuple[int, str]] = field(default_factory=list)


def damaged_file(reader: str, number: int) -> tuple[str, bytes]:
    """Return suffix and content of the input with this number."""
    rng = random.Random(f"{reader} {number}")
    valid = READERS[reader].valid()
    suffix, content = rng.choice(valid)
    return suffix, mutate(content, [other for _, other in valid], rng)


def fuzz(reader: str, first: int, count: int | None, until_s: float, failures: Path | None = None) -> Result:
    """Read the inputs from number `first` on, at most `count`, until the time `until_s` (time.monotonic).

    Failing inputs are written to the folder `failures`.
    """
    result, number = Result(reader), first
    end = first + count if count is not None else sys.maxsize
    with tempfile.TemporaryDirectory() as folder:
        while number < end and time.monotonic() < until_s and len(result.failures) < 50:
            number, failure = _run_child(reader, number, end, until_s, Path(folder))
            if failure == _TOO_SLOW:  # Other programs may have kept the processor busy.
                _, failure = _run_child(reader, number - 1, number, time.monotonic() + _START_S, Path(folder))
            result.count = number - first
            if failure is not None:
                result.failures.append((number - 1, failure))
                if failures is not None:
                    suffix, content = damaged_file(reader, number - 1)
                    failures.mkdir(parents=True, exist_ok=True)
                    (failures / f"{reader}-{number - 1}{suffix}").write_bytes(content)
    return result


def _run_child(reader: str, number: int, end: int, until_s: float, folder: Path) -> tuple[int, str | None]:
    """Let a process read inputs from `number` on; return the number after the last one, and its failure if it has one."""
    log = folder / "child.log"
    with log.open("wb") as errors:
        command = [sys.executable, "-m", "tools.fuzz", reader, "--child", str(folder), "--first", str(number), "--count"]
        child = subprocess.Popen([*command, str(end - number)], stdout=subprocess.PIPE, stderr=errors)
    assert child.stdout is not None
    os.set_blocking(child.stdout.fileno(), False)
    current, since_s, received = number - 1, time.monotonic(), b""
    try:
        while True:
            running = child.poll() is None
            received += child.stdout.read() or b""
            *lines, received = received.split(b"\n")
            if lines:
                current, since_s = int(lines[-1]), time.monotonic()
            if not running:
                break
            if time.monotonic() > until_s and current > number:  # one input is read, however slow the machine
                return max(current, number), None
            if time.monotonic() - since_s > (MAX_S if current >= number else _START_S):
                return current + 1, _TOO_SLOW
            time.sleep(_POLL_S)
    finally:
        child.kill()
        child.wait()
        child.stdout.close()
    if child.returncode == 0:
        return end, None
    text = log.read_text(encoding="utf-8", errors="replace").strip()
    return current + 1, f"exit code {child.returncode}: {text[-3000:]}"


def _read_inputs(reader: str, first: int, count: int, folder: Path) -> int:
    """Read inputs and print the number of each before it. Returns 1 after an exception, 3 when memory grew too much."""
    for suffix, content in READERS[reader].valid():
        path = folder / f"valid{suffix}"
        path.write_bytes(content)
        read(reader, path)
    warnings.simplefilter("ignore")
    idle_bytes = _peak_bytes()
    for number in range(first, first + count):
        suffix, content = damaged_file(reader, number)
        path = folder / f"input{suffix}"
        path.write_bytes(content)
        print(number, flush=True)
        try:
            read(reader, path)
        except Exception:  # noqa: BLE001 - the exception is what is searched for
            traceback.print_exc()
            return 1
        if _peak_bytes() - idle_bytes > MAX_BYTES:
            print(f"took {(_peak_bytes() - idle_bytes) >> 20} MB more than when idle", file=sys.stderr)
            return _MEMORY_CODE
    return 0


def _peak_bytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _RSS_UNIT


def main(arguments: list[str]) -> int:
    """Fuzz the readers one after another and print what failed. Returns 1 if anything did."""
    parser = argparse.ArgumentParser(prog="python -m tools.fuzz", description=__doc__)
    parser.add_argument("readers", nargs="*", metavar="READER", help=f"{', '.join(READERS)}; all without one")
    parser.add_argument("--minutes", type=float, default=1.0, help="for each reader; default: %(default)g")
    parser.add_argument("--first", type=int, default=0, metavar="N", help="number of the first input; default: %(default)d")
    parser.add_argument("--count", type=int, metavar="N", help="number of inputs; default: as many as fit")
    parser.add_argument("--failures", type=Path, metavar="DIR", help="write failing inputs there")
    parser.add_argument("--child", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args(arguments)
    if unknown := set(args.readers) - READERS.keys():
        parser.error(f"unknown: {', '.join(sorted(unknown))}; expected {', '.join(READERS)}")
    if args.child is not None:
        return _read_inputs(args.readers[0], args.first, args.count, args.child)
    failed = False
    for reader in args.readers or READERS:
        result = fuzz(reader, args.first, args.count, time.monotonic() + 60 * args.minutes, args.failures)
        print(f"{reader}: {result.count} files from number {args.first} on, {len(result.failures)} failures", flush=True)
        kinds = Counter(text.rsplit("\n", 1)[-1] for _, text in result.failures)
        for number, text in result.failures:
            if kinds.pop(text.rsplit("\n", 1)[-1], None) is not None:
                print(f"  number {number}: {text}")
        failed |= bool(result.failures)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
