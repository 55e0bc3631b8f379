"""Interleaved timing: contestants take turns, A B C A B C, so that other load on the machine affects all of them alike.

A ratio is computed within each round, between neighbors in time, and only then is its median taken: a round in which the machine
was busy slows both sides of its ratio.
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
    """A compared implementation. `run(number)` does the work once; equal numbers stand for equal input.

    The time of a turn is the mean of `calls` timed calls, for work that differs from call to call.
    """

    name: str
    run: Callable[[int], object]
    calls: int = 1


@dataclass(frozen=True, slots=True)
class Turns:
    """Schedule: timed rounds, warm-up rounds before them, and seconds of rest before each turn.

    Each turn begins with `lead` untimed calls: the neighbor has emptied the processor's caches, and in use a program is its own
    neighbor. The rest lets a neighbor's threads stop spinning. `clock` is in seconds: time.process_time counts the processor's,
    of all threads, which other programs disturb less.
    """

    rounds: int = 20
    warm_up: int = 2
    lead: int = 1
    rest_s: float = 0.005
    clock: Clock = time.perf_counter


@dataclass(frozen=True, slots=True)
class Summary:
    """Median, 10th and 90th percentile of a contestant's times, and its speed relative to the reference."""

    median_ms: float
    p10_ms: float
    p90_ms: float
    times_as_fast: float | None
    rounds: int


def take_turns(contestants: Sequence[Contestant], turns: Turns) -> dict[str, list[float]]:
    """Return milliseconds per call by contestant, one for each timed round."""
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
    """Summarize each contestant; `times_as_fast` is None when the reference did not take part."""
    reference_times = times.get(reference or "")
    return {name: _summary(own, reference_times) for name, own in times.items()}


def _summary(own: Sequence[float], reference_times: Sequence[float] | None) -> Summary:
    p10, median, p90 = (float(value) for value in np.percentile(own, (10, 50, 90)))
    ratio = None if reference_times is None else statistics.median(b / a for a, b in zip(own, reference_times, strict=True))
    return Summary(median, p10, p90, ratio, len(own))
