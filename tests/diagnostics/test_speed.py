"""Measured stage times and their rating."""

from __future__ import annotations

import pytest

from facecam.diagnostics.machine import Verdict
from facecam.diagnostics.speed import check_speed, measure_stages, rate_speed
from facecam.errors import ModelError
from facecam.settings import Settings


@pytest.fixture(scope="module")
def settings() -> Settings:
    return Settings()


def test_every_stage_takes_time_and_following_less_than_searching(settings: Settings) -> None:
    times = measure_stages(settings)

    assert list(times) == ["search", "following", "embedding", "expression", "object label"]
    assert min(times.values()) > 0
    assert times["following"] < times["search"]


def test_the_stages_are_reported_before_the_frame_rate(settings: Settings) -> None:
    stages, whole = check_speed(settings)

    assert stages.found.startswith("search ")
    assert "frames per second" in whole.found


def test_too_slow_a_machine_is_a_warning() -> None:
    assert rate_speed(4.2).verdict is Verdict.WARNING
    assert rate_speed(30).verdict is Verdict.OK


def test_a_detector_that_would_load_tensorflow_is_not_measured() -> None:
    (finding,) = check_speed(Settings().replace({"detect.detector": "package"}))

    assert "not measured" in finding.found
    assert finding.verdict is Verdict.OK


def test_settings_that_exclude_the_face_raise_an_error(settings: Settings) -> None:
    blind = settings.replace({"detect.right": 0.1})

    with pytest.raises(ModelError, match="no face found in the demo's portrait"):
        measure_stages(blind)
