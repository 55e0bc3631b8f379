"""Arithmetic of the benchmark, and its shortest run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks import report
from benchmarks.interleaved import Contestant, Turns, summarize, take_turns

ROOT = Path(__file__).parents[2]


class Clock:
    """Seconds that pass only when work is done."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s

    def work(self, seconds: Callable[[int], float]) -> Callable[[int], None]:
        def run(number: int) -> None:
            self.now_s += seconds(number)

        return run


def test_contestants_take_turns() -> None:
    calls: list[str] = []
    contestants = [Contestant(name, lambda _, name=name: calls.append(name)) for name in "abc"]

    take_turns(contestants, Turns(rounds=2, warm_up=1, lead=0, rest_s=0))

    assert calls == list("abcabcabc")


def test_equal_rounds_have_equal_numbers_and_the_warm_up_is_not_timed() -> None:
    clock = Clock()
    work = clock.work(lambda number: number + 1)

    times = take_turns([Contestant("a", work), Contestant("b", work)], Turns(rounds=2, warm_up=1, lead=0, rest_s=0, clock=clock))

    assert times == {"a": [2000, 3000], "b": [2000, 3000]}


def test_lead_calls_of_a_turn_are_not_timed() -> None:
    clock = Clock()
    numbers: list[int] = []

    def run(number: int) -> None:
        numbers.append(number)
        clock.now_s += 1

    times = take_turns([Contestant("a", run)], Turns(rounds=1, warm_up=1, lead=2, rest_s=0, clock=clock))

    assert times == {"a": [1000]}
    assert numbers == [0, 0, 0, 0, 0, 1]


def test_a_turn_of_several_calls_is_their_mean() -> None:
    clock = Clock()
    work = clock.work(lambda number: 4.0 if number % 4 == 0 else 0.0)

    times = take_turns([Contestant("a", work, calls=4)], Turns(rounds=2, warm_up=0, lead=0, rest_s=0, clock=clock))

    assert times == {"a": [1000, 1000]}


def test_a_ratio_is_the_median_of_ratios_within_rounds() -> None:
    summaries = summarize({"ours": [1, 10, 2], "theirs": [5, 100, 6]}, "theirs")

    assert summaries["ours"].times_as_fast == 5  # of 5, 10 and 3; the medians alone would give 3
    assert summaries["theirs"].times_as_fast == 1
    assert summaries["ours"].median_ms == 2


def test_spread_is_the_10th_and_90th_percentile() -> None:
    summary = summarize({"ours": list(range(11))}, None)["ours"]

    assert (summary.p10_ms, summary.median_ms, summary.p90_ms, summary.times_as_fast) == (1, 5, 9, None)


def test_a_missing_peer_is_a_row_with_the_reason() -> None:
    text = report.markdown([report.Row("detection", "a case", "a peer", remark="it is not installed")], {"cores": 2})

    assert "| a case | a peer | - |  |  | it is not installed |" in text


@pytest.mark.long
def test_the_shortest_run_measures_detection_and_writes_results(tmp_path: Path) -> None:
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), *filter(None, sys.path)])}
    command = [sys.executable, "-m", "benchmarks", "detection", "--quick", "--output", str(tmp_path)]

    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    written = json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))
    medians = {row["name"]: row["value"] for row in written["rows"]}
    assert medians["facecam, from 20 px"] < medians["mtcnn package"]
    assert (tmp_path / "results.md").is_file()
    assert (tmp_path / "results.png").is_file()
    assert "facecam, from 20 px" in done.stdout
