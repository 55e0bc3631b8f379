"""`python -m benchmarks`: every part in one run, one table on the screen, and the same as JSON, Markdown and a plot."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from benchmarks import compose, detection, embedding, machine, report, search, video_cost, whole_frame
from benchmarks.interleaved import Turns
from benchmarks.report import Row

_QUICK_CASES = 1
_QUICK_SIZES = 2
_PIPE_COLUMNS = 150
_CLOCKS = {"wall": time.perf_counter, "processor": time.process_time}


def main(arguments: list[str]) -> int:
    """Run what was asked for; the exit status is 0 unless nothing could be measured."""
    asked = _parser().parse_args(arguments)
    measured: list[Row] = []
    facts = {**machine.describe(), "frames": f"composed from {compose.material()}", "clock": asked.clock}
    for name in asked.parts or PARTS:
        print(f"measuring: {name}", file=sys.stderr, flush=True)
        measured += PARTS[name](asked)
    _show(measured, facts)
    if asked.output is not None:
        for path in report.write(measured, facts, asked.output):
            print(f"written: {path}", file=sys.stderr)
    return 0 if any(row.value is not None for row in measured) else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"only these: {', '.join(PARTS)}", type=_part)
    parser.add_argument("--rounds", type=int, default=20, help="timed rounds for each case (20)")
    parser.add_argument("--quick", action="store_true", help="few rounds, and the first case of each part")
    parser.add_argument(
        "--clock", choices=_CLOCKS, default="wall", help="what passes, or what all threads spend of the processor"
    )
    parser.add_argument("--output", type=Path, metavar="DIR", help="write results.json, results.md and results.png there")
    return parser


def _part(text: str) -> str:
    if text not in PARTS:
        raise argparse.ArgumentTypeError(f"{text!r} is no part; choose from {', '.join(PARTS)}")
    return text


def _turns(asked: argparse.Namespace) -> Turns:
    rounds, warm_up = (min(asked.rounds, 3), 1) if asked.quick else (asked.rounds, 2)
    return Turns(rounds, warm_up, clock=_CLOCKS[asked.clock])


def _detection(asked: argparse.Namespace) -> Iterator[Row]:
    return detection.measure(_turns(asked), detection.CASES[:_QUICK_CASES] if asked.quick else detection.CASES)


def _embedding(asked: argparse.Namespace) -> Iterator[Row]:
    return embedding.measure(_turns(asked))


def _whole_frame(asked: argparse.Namespace) -> Iterator[Row]:
    return whole_frame.measure(_turns(asked), whole_frame.CASES[:_QUICK_CASES] if asked.quick else whole_frame.CASES)


def _video(asked: argparse.Namespace) -> Iterator[Row]:
    if asked.quick:
        return video_cost.measure(2.0, 1, video_cost.CASES[:_QUICK_CASES])
    return video_cost.measure(10.0, 5)


def _search(asked: argparse.Namespace) -> Iterator[Row]:
    return search.measure(_turns(asked), search.SIZES[:_QUICK_SIZES] if asked.quick else search.SIZES)


PARTS: dict[str, Callable[[argparse.Namespace], Iterator[Row]]] = {
    "detection": _detection,
    "embedding": _embedding,
    "whole-frame": _whole_frame,
    "video": _video,
    "search": _search,
}


def _show(measured: list[Row], facts: dict[str, object]) -> None:
    from rich.console import Console

    console = Console(width=None if sys.stdout.isatty() else _PIPE_COLUMNS, highlight=False)
    console.print(report.table(measured, "facecam beside its peers"))
    for line in report.markdown([], facts).splitlines():
        console.print(line.removeprefix("- "), markup=False)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
