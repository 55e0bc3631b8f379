"""Run all parts of the benchmark: `python -m benchmarks`. Writes one table to the screen, and JSON, Markdown and a plot."""

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
    """Run the requested parts. Returns 1 when nothing could be measured."""
    args = _parser().parse_args(arguments)
    measured: list[Row] = []
    facts = {**machine.describe(), "frames": f"composed from {compose.material()}", "clock": args.clock}
    facts["threads in detection and embedding"] = f"{args.threads} for facecam and YuNet"
    for name in args.parts or PARTS:
        print(f"measuring: {name}", file=sys.stderr, flush=True)
        measured += PARTS[name](args)
    _show(measured, facts)
    if args.output is not None:
        for path in report.write(measured, facts, args.output):
            print(f"written: {path}", file=sys.stderr)
    return 0 if any(row.value is not None for row in measured) else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"only these: {', '.join(PARTS)}", type=_part)
    parser.add_argument("--rounds", type=int, default=20, help="timed rounds for each case (20)")
    parser.add_argument("--threads", type=int, default=2, help="threads of facecam and YuNet in detection and embedding (2)")
    parser.add_argument("--quick", action="store_true", help="few rounds, and the first case of each part")
    parser.add_argument("--clock", choices=_CLOCKS, default="wall", help="wall time, or processor time of all threads")
    parser.add_argument("--output", type=Path, metavar="DIR", help="write results.json, results.md and results.png there")
    return parser


def _part(text: str) -> str:
    if text not in PARTS:
        raise argparse.ArgumentTypeError(f"unknown part {text!r}; choose from {', '.join(PARTS)}")
    return text


def _turns(args: argparse.Namespace) -> Turns:
    rounds, warm_up = (min(args.rounds, 3), 1) if args.quick else (args.rounds, 2)
    return Turns(rounds, warm_up, clock=_CLOCKS[args.clock])


def _detection(args: argparse.Namespace) -> Iterator[Row]:
    return detection.measure(_turns(args), detection.CASES[:_QUICK_CASES] if args.quick else detection.CASES, args.threads)


def _embedding(args: argparse.Namespace) -> Iterator[Row]:
    return embedding.measure(_turns(args), embedding.COUNTS[:_QUICK_CASES] if args.quick else embedding.COUNTS, args.threads)


def _whole_frame(args: argparse.Namespace) -> Iterator[Row]:
    return whole_frame.measure(_turns(args), whole_frame.CASES[:_QUICK_CASES] if args.quick else whole_frame.CASES)


def _video(args: argparse.Namespace) -> Iterator[Row]:
    if args.quick:
        return video_cost.measure(2.0, 1, video_cost.CASES[:_QUICK_CASES])
    return video_cost.measure(10.0, 5)


def _search(args: argparse.Namespace) -> Iterator[Row]:
    return search.measure(_turns(args), search.SIZES[:_QUICK_SIZES] if args.quick else search.SIZES)


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
    console.print(report.table(measured, "facecam and its peers"))
    for line in report.markdown([], facts).splitlines():
        console.print(line.removeprefix("- "), markup=False)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
