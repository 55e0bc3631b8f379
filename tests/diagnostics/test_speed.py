"""Measured stage times and their rating."""

from __future__ import annotations

from pathlib import Path

import pytest

from facecam.diagnostics.machine import Verdict
from facecam.diagnostics.speed import (
    COMPARED_NETWORKS,
    check_speed,
    embedding_costs,
    measure_embedding_costs,
    measure_stages,
    rate_speed,
)
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


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Empty cache folder of the user, which does not exist yet."""
    monkeypatch.setenv("FACECAM_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_the_cost_of_both_embedding_networks_is_measured_once_for_these_settings(settings: Settings, cache: Path) -> None:
    assert embedding_costs(settings.identify) == {}
    runs: list[tuple[int, int]] = []

    measured = measure_embedding_costs(settings.identify, lambda done, total: runs.append((done, total)))

    assert tuple(measured) == COMPARED_NETWORKS
    assert min(measured.values()) > 0
    assert runs[-1][0] == runs[-1][1]
    assert embedding_costs(settings.identify) == measured
    assert embedding_costs(settings.replace({"identify.mirrored": False}).identify) == {}


def test_the_costs_with_and_without_the_mirror_image_are_kept_side_by_side(settings: Settings, cache: Path) -> None:
    single = settings.replace({"identify.mirrored": False}).identify

    measured = measure_embedding_costs(settings.identify), measure_embedding_costs(single)

    assert (embedding_costs(settings.identify), embedding_costs(single)) == measured


@pytest.mark.parametrize("text", ["", "[1]", "\xff", '{"nn4_small2_facecam_v2": "fast"}'])
def test_damaged_costs_count_as_not_measured(settings: Settings, cache: Path, text: str) -> None:
    cache.mkdir()
    (cache / "embedding_costs.json").write_text(text, encoding="latin-1")

    assert embedding_costs(settings.identify) == {}
    assert measure_embedding_costs(settings.identify) == embedding_costs(settings.identify)
