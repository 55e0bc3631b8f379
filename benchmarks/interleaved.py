"""Contestants that take turns, A B C A B C, so that whatever the machine does meanwhile meets all of them alike.

Pure but for the clock and the pause. A ratio is computed within each round, between neighbors in time, and only then is its
median taken: a round in which the machine was busy slows both sides of its ratio.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

Clock = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Contestant:
    """One way of doing the work. `run(number)` does it once; equal numbers stand for equal input.

    `calls` is how many timed calls make up one turn, whose time is their mean: for work that differs from call to call.
    """

    name: str
    run: Callable[[int], object]
    calls: int = 1


@dataclass(frozen=True, slots=True)
class Turns:
    """How the turns go: rounds that are timed, rounds before them that are not, and seconds of rest before each turn.

    Each turn begins with `lead` calls that are not timed: the neighbor has emptied the processor's caches, and in use a
    program is its own neighbor. The rest lets a neighbor's threads stop spinning. `clock` is in seconds: time.process_time
    counts the processor's, of all threads, which other programs disturb less.
    """

    rounds: int = 20
    warm_up: int = 2
    lead: int = 1
    rest_s: float = 0.005
    clock: Clock = time.perf_counter


@dataclass(frozen=True, slots=True)
class Summary:
    """Median, 10th and 90th percentile of a contestant's times, and how many times as fast as the reference it was."""

    median_ms: float
    p10_ms: float
    p90_ms: float
    times_as_fast: float | None
    rounds: int


def take_turns(contestants: Sequence[Contestant], turns: Turns) -> dict[str, list[float]]:
    """Milliseconds per call by contestant, one for each timed round."""
    times: dict[str, list[float]] = {contestant.name: [] for contestant in contestants}
    for number in range(turns.warm_up + turns.rounds):
        for contestant in contestants:
            spent = _turn(contestant, number, turns)
            if number >= turns.warm_up:
                times[contestant.name].append(spent)
    return times


def _turn(contestant: Contestant, number: int, turns: Turns) -> float:
    first = number * contestant.calls
    if turns.rest_s:
        time.sleep(turns.rest_s)
    for _ in range(turns.lead):
        contestant.run(max(first - 1, 0))
    started = turns.clock()
    for call in range(first, first + contestant.calls):
        contestant.run(call)
    return (turns.clock() - started) * 1e3 / contestant.calls


def summarize(times: Mapping[str, Sequence[float]], reference: str | None) -> dict[str, Summary]:
    """A summary for each contestant; `times_as_fast` is None when the reference did not take part."""
    beside = times.get(reference or "")
    return {name: _summary(own, beside) for name, own in times.items()}


def _summary(own: Sequence[float], beside: Sequence[float] | None) -> Summary:
    p10, median, p90 = (float(value) for value in np.percentile(own, (10, 50, 90)))
    ratio = None if beside is None else statistics.median(b / a for a, b in zip(own, beside, strict=True))
    return Summary(median, p10, p90, ratio, len(own))
