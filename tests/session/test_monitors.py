"""FrameHealthMonitor, ClockMonitor, and the deletion of an earlier version's cache."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from facecam.session.capture_worker import FrameFault, FrameHealthMonitor
from facecam.session.housekeeping import ClockMonitor, delete_old_compiled_networks
from facecam.types import EventCode, Frame

NOISE = np.random.default_rng(1)


def frame(bgr: np.ndarray, t_ms: float) -> Frame:
    return Frame(bgr, 0, t_ms, 0.0, "fake")


def noisy(mean: int = 90) -> np.ndarray:
    return NOISE.integers(mean - 9, mean + 10, (48, 64, 3)).astype(np.uint8)


def faults(monitor: FrameHealthMonitor, images: list[np.ndarray], from_ms: float = 0.0) -> list[FrameFault | None]:
    return [monitor.check(frame(bgr, from_ms + 100 * number)) for number, bgr in enumerate(images)]


def test_the_same_image_for_two_seconds_is_frozen() -> None:
    found = faults(FrameHealthMonitor(), [noisy()] * 22)

    assert found[:20] == [None] * 20
    assert found[20] is FrameFault.FROZEN


def test_sensor_noise_is_not_frozen() -> None:
    assert set(faults(FrameHealthMonitor(), [noisy() for _ in range(50)])) == {None}


def test_one_changing_pixel_is_not_frozen() -> None:
    still = noisy()
    images = []
    for number in range(50):
        changed = still.copy()
        changed[47, 61, 2] = number  # none of those that are compared first
        images.append(changed)

    assert set(faults(FrameHealthMonitor(), images)) == {None}


def test_an_image_that_returns_after_reconnecting_is_a_still_scene() -> None:
    monitor, still = FrameHealthMonitor(), noisy()
    assert faults(monitor, [still] * 21)[-1] is FrameFault.FROZEN
    monitor.reset()

    assert set(faults(monitor, [still] * 60, 3000)) == {None}


def test_a_source_that_freezes_at_another_image_is_frozen_again() -> None:
    monitor = FrameHealthMonitor()
    assert faults(monitor, [noisy()] * 21)[-1] is FrameFault.FROZEN
    monitor.reset()

    assert faults(monitor, [noisy()] * 21, 3000)[-1] is FrameFault.FROZEN


def test_black_is_reported_after_two_seconds_until_the_first_bright_image() -> None:
    monitor = FrameHealthMonitor()
    dark = [NOISE.integers(0, 6, (48, 64, 3)).astype(np.uint8) for _ in range(25)]

    assert [found for found in faults(monitor, dark) if found] == [FrameFault.BLACK] * 5
    assert monitor.check(frame(noisy(), 2600)) is None


def test_a_dim_room_is_not_black() -> None:
    assert set(faults(FrameHealthMonitor(), [noisy(22) for _ in range(30)])) == {None}


@pytest.mark.parametrize(("moved_s", "message"), [(3600, "+3600 s"), (-3600, "-3600 s"), (1.5, None), (-1.5, None)])
def test_a_clock_jump_is_reported_once(moved_s: float, message: str | None) -> None:
    now = {"wall": 1e9, "monotonic": 50.0}
    monitor = ClockMonitor(lambda: now["wall"], lambda: now["monotonic"])
    now["monotonic"] += 10
    now["wall"] += 10 + moved_s

    event = monitor.check()
    assert (event is not None) == (message is not None)
    assert message is None or (event is not None and message in event.message and event.code is EventCode.CLOCK_MOVED)
    assert monitor.check() is None


@pytest.fixture
def old_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache with two networks that an earlier version compiled."""
    monkeypatch.delenv("FACECAM_CACHE", raising=False)
    monkeypatch.setattr("platformdirs.user_cache_dir", lambda *_, **__: str(tmp_path / "cache"))
    folder = tmp_path / "cache" / "compiled"
    folder.mkdir(parents=True)
    for name in ("pnet-0a1b.litert", "rnet-0a1b.litert"):
        (folder / name).write_bytes(b"old")
    return folder


def test_the_cache_of_an_earlier_version_is_deleted_once(old_cache: Path) -> None:
    delete_old_compiled_networks()
    delete_old_compiled_networks()

    assert not old_cache.exists()
    assert old_cache.parent.is_dir()


def test_the_cache_named_by_the_earlier_variable_is_deleted(old_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    named = old_cache.parent.rename(old_cache.parents[1] / "named")
    monkeypatch.setenv("FACECAM_CACHE", str(named))

    delete_old_compiled_networks()

    assert list(named.iterdir()) == []


def test_other_files_in_the_old_cache_stay(old_cache: Path) -> None:
    (old_cache / "notes.txt").write_text("mine", encoding="utf-8")

    delete_old_compiled_networks()

    assert [path.name for path in old_cache.iterdir()] == ["notes.txt"]
