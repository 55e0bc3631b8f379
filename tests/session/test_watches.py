"""What a live picture and the system's clock give away about themselves."""

from __future__ import annotations

import numpy as np
import pytest

from facecam.session.capture_worker import FrameFault, FrameHealthMonitor
from facecam.session.housekeeping import ClockMonitor
from facecam.types import Frame

NOISE = np.random.default_rng(1)


def frame(bgr: np.ndarray, t_ms: float) -> Frame:
    return Frame(bgr, 0, t_ms, 0.0, "fake")


def lively(mean: int = 90) -> np.ndarray:
    return NOISE.integers(mean - 9, mean + 10, (48, 64, 3)).astype(np.uint8)


def faults(watch: FrameHealthMonitor, pictures: list[np.ndarray], from_ms: float = 0.0) -> list[FrameFault | None]:
    return [watch.see(frame(bgr, from_ms + 100 * number)) for number, bgr in enumerate(pictures)]


def test_the_same_picture_for_two_seconds_is_frozen() -> None:
    said = faults(FrameHealthMonitor(), [lively()] * 22)

    assert said[:20] == [None] * 20
    assert said[20] is FrameFault.FROZEN


def test_a_sensors_noise_is_life_enough() -> None:
    assert set(faults(FrameHealthMonitor(), [lively() for _ in range(50)])) == {None}


def test_one_pixel_that_changes_is_life_enough() -> None:
    still = lively()
    pictures = []
    for number in range(50):
        changed = still.copy()
        changed[47, 61, 2] = number  # none of those that are compared first
        pictures.append(changed)

    assert set(faults(FrameHealthMonitor(), pictures)) == {None}


def test_what_is_the_same_again_after_reconnecting_is_a_still_scene() -> None:
    watch, still = FrameHealthMonitor(), lively()
    assert faults(watch, [still] * 21)[-1] is FrameFault.FROZEN
    watch.reopened()

    assert set(faults(watch, [still] * 60, 3000)) == {None}


def test_a_source_that_freezes_at_another_picture_later_is_frozen_again() -> None:
    watch = FrameHealthMonitor()
    assert faults(watch, [lively()] * 21)[-1] is FrameFault.FROZEN
    watch.reopened()

    assert faults(watch, [lively()] * 21, 3000)[-1] is FrameFault.FROZEN


def test_black_is_told_after_two_seconds_and_ends_with_the_first_light() -> None:
    watch = FrameHealthMonitor()
    dark = [NOISE.integers(0, 6, (48, 64, 3)).astype(np.uint8) for _ in range(25)]

    assert [said for said in faults(watch, dark) if said] == [FrameFault.BLACK] * 5
    assert watch.see(frame(lively(), 2600)) is None


def test_a_dim_room_is_not_black() -> None:
    assert set(faults(FrameHealthMonitor(), [lively(22) for _ in range(30)])) == {None}


@pytest.mark.parametrize(("moved_s", "told"), [(3600, "+3600 s"), (-3600, "-3600 s"), (1.5, None), (-1.5, None)])
def test_a_clock_that_is_set_is_told_once(moved_s: float, told: str | None) -> None:
    now = {"wall": 1e9, "monotonic": 50.0}
    watch = ClockMonitor(lambda: now["wall"], lambda: now["monotonic"])
    now["monotonic"] += 10
    now["wall"] += 10 + moved_s

    event = watch.look()
    assert (event is not None) == (told is not None)
    assert told is None or (event is not None and told in event.message)
    assert watch.look() is None
