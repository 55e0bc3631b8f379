"""What the measured times say."""

from __future__ import annotations

import pytest

from facecam.diagnostics.findings import Verdict
from facecam.diagnostics.machine import needed_networks
from facecam.diagnostics.speed import rated, speed, stage_times
from facecam.errors import ModelError
from facecam.networks.convert import ensure_compiled
from facecam.settings import Settings


@pytest.fixture(scope="module")
def settings() -> Settings:
    """The defaults, with their networks compiled."""
    ensure_compiled(needed_networks(Settings()))
    return Settings()


def test_every_stage_takes_some_time_and_following_less_than_searching(settings: Settings) -> None:
    times = stage_times(settings)

    assert min(times.search_ms, times.follow_ms, times.embed_ms, times.express_ms, times.label_ms) > 0
    assert times.follow_ms < times.search_ms


def test_the_stages_come_before_what_they_add_up_to(settings: Settings) -> None:
    stages, whole = speed(settings)

    assert stages.found.startswith("search ")
    assert "frames per second" in whole.found


def test_too_slow_a_machine_is_a_warning() -> None:
    assert rated(4.2).verdict is Verdict.WARNING
    assert rated(30).verdict is Verdict.OK


def test_a_detector_that_would_load_tensorflow_is_not_measured() -> None:
    (finding,) = speed(Settings().replace({"detect.detector": "package"}))

    assert "not measured" in finding.found
    assert finding.verdict is Verdict.OK


def test_settings_that_hide_the_face_are_said_so(settings: Settings) -> None:
    blind = settings.replace({"detect.right": 0.1})

    with pytest.raises(ModelError, match="no face is found in the demo's portrait"):
        stage_times(blind)
