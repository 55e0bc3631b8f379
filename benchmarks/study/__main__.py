"""Run the study: `python -m benchmarks.study DIR` measures every step with both networks and prints the tables.

DIR holds LFW's view 1: images/, pairsDevTrain.txt and pairsDevTest.txt. With all pairs it takes about half an hour on two
cores; with --cache an interrupted run continues.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from benchmarks.study.crops import FaceCache
from benchmarks.study.steps import HALVES, collect, measure
from benchmarks.study.tables import Study, markdown
from facecam.evaluation.lfw import read_pairs
from facecam.fileio import write_atomic
from facecam.networks.manifest import entries

LISTS = dict(zip(HALVES, ("pairsDevTrain.txt", "pairsDevTest.txt"), strict=True))


def main(arguments: list[str]) -> int:
    """Measure, print and write. Returns 0."""
    args = _parser().parse_args(arguments)
    lists = {half: read_pairs(args.directory / name) for half, name in LISTS.items()}
    studies = []
    with Progress(console=Console(stderr=True), transient=True) as bar, tempfile.TemporaryDirectory() as fresh:
        cache = FaceCache(args.directory / "images", args.cache or Path(fresh))
        task = bar.add_task("")
        for network in args.network or [model.name for model in entries() if model.role == "embedding"]:
            data = collect(
                cache,
                network,
                lists,
                args.train_every,
                lambda what, done, total: bar.update(task, description=what, completed=done, total=total),
            )
            studies.append(Study(network, args.train_every, *measure(data)))
    print("\n".join(markdown(study) for study in studies))
    if args.output is not None:
        args.output.mkdir(parents=True, exist_ok=True)
        write_atomic(args.output / "study.json", json.dumps([asdict(study) for study in studies], indent=2).encode())
        write_atomic(args.output / "study.md", "\n".join(markdown(study) for study in studies).encode())
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.study", description=__doc__)
    parser.add_argument("directory", type=Path, metavar="DIR", help="LFW's view 1: images/ and its two lists of pairs")
    parser.add_argument("--network", action="append", metavar="NAME", help="only this one (all of the manifest)")
    parser.add_argument("--train-every", type=int, default=1, metavar="N", help="choose on every N-th training pair (1)")
    parser.add_argument("--cache", type=Path, metavar="DIR", help="keep faces and embeddings there; delete it when code changes")
    parser.add_argument("--output", type=Path, metavar="DIR", help="write study.json and study.md there")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
