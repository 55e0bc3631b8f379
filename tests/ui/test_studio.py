"""The threshold studio: its figures are those of calibrate, and what is tried is given back unless it is applied."""

from __future__ import annotations

import shutil
import tomllib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from facecam.gallery.gallery import Gallery, reading_conditions
from facecam.recognition.calibration import ClosestPair, calibrate
from facecam.recognition.face_analyzer import open_face_analyzer
from facecam.settings import Mode, Settings
from facecam.ui.session_controller import AppPaths, SessionController
from facecam.ui.threshold.studio import ThresholdStudio
from tests.ui.leaks import count_objects, open_and_close

SETTINGS = Settings()
Opened = Callable[..., ThresholdStudio]


def load(folder: Path) -> Gallery:
    with open_face_analyzer(SETTINGS) as reader:
        return Gallery.load(folder, reader, conditions=reading_conditions(SETTINGS))


@pytest.fixture
def both(gallery: Path, portraits: dict[str, Path]) -> Gallery:
    """Eileen Collins and Grace Hopper."""
    (gallery / "Grace Hopper").mkdir()
    shutil.copy(portraits["grace_hopper"], gallery / "Grace Hopper")
    return load(gallery)


@pytest.fixture
def still(make_live: Callable[..., SessionController], tmp_path: Path) -> SessionController:
    """A Live that is not started, and keeps settings in the test's folder."""
    live = make_live()
    live.places = AppPaths(tmp_path / "gallery", None, tmp_path / "facecam.toml")
    (tmp_path / "facecam.toml").write_text("[track]\nmin_iou = 0.4 # mine\n", encoding="utf-8")
    return live


@pytest.fixture
def opened(qtbot: QtBot, still: SessionController) -> Opened:
    """Opens a studio on a gallery, and waits until it has measured."""

    def open_on(gallery: Gallery | None, settings: Settings = SETTINGS) -> ThresholdStudio:
        still.gallery = gallery
        still.wish = replace(still.wish, settings=settings)
        studio = ThresholdStudio(still)
        qtbot.addWidget(studio)
        studio.show()
        qtbot.waitUntil(lambda: not studio._jobs.busy)
        return studio

    return open_on


def threshold_of(live: SessionController) -> float | None:
    return live.wish.settings.identify.threshold_l2


def test_the_figures_are_those_of_calibrate(opened: Opened, both: Gallery) -> None:
    studio = opened(both)
    found = calibrate(both, SETTINGS.identify)

    assert studio._what_if is not None
    assert studio._chooser.number.value() == pytest.approx(found.now.threshold_l2, abs=5e-4)
    automatic = studio._what_if.for_rate(0.01)
    assert automatic.stranger_share == pytest.approx(found.now.stranger_share, rel=1e-4)
    assert automatic.miss_share == pytest.approx(found.now.miss_share, rel=1e-4)
    assert studio._what_if.found.closest == found.closest


def test_the_sentences_say_what_calibrate_says(opened: Opened, both: Gallery) -> None:
    pinned = replace(SETTINGS, identify=replace(SETTINGS.identify, threshold_l2=0.45))
    studio = opened(both, pinned)
    sentence = calibrate(both, pinned.identify).sentence()

    told = f"{studio._strangers.text()} {studio._misses.text()}".replace("About", "about").replace(".", "")
    assert all(word in sentence for word in told.split())


def test_the_closest_pair_stands_there_with_both_photos(opened: Opened, both: Gallery, qtbot: QtBot) -> None:
    studio = opened(both)
    closest = calibrate(both).closest
    assert isinstance(closest, ClosestPair)

    assert tuple(name.whole() for name in studio._pair._names) == closest.names
    assert f"{closest.distance_l2:.3f}" in studio._pair._told.text()
    paths = [view._path for view in studio._pair._photos]
    assert [f"{path.parent.name}/{path.name}" for path in paths if path] == list(closest.sample_ids)
    qtbot.waitUntil(lambda: all(view._thumbnails.pixmap(view._path) for view in studio._pair._photos))


def test_moving_the_slider_pins_the_threshold_on_the_running_picture(
    opened: Opened, both: Gallery, still: SessionController, qtbot: QtBot
) -> None:
    studio = opened(both)
    before = studio._chooser.slider.value()
    studio._chooser.slider.setFocus()

    qtbot.keyClick(studio._chooser.slider, Qt.Key.Key_Right)
    qtbot.waitUntil(lambda: threshold_of(still) is not None)
    assert threshold_of(still) == pytest.approx((before + 1) * 0.005)
    assert studio._chooser.pinned.isChecked()
    qtbot.keyClick(studio._chooser.slider, Qt.Key.Key_PageUp)

    qtbot.waitUntil(lambda: threshold_of(still) == pytest.approx((before + 5) * 0.005))


def test_a_click_in_the_histogram_is_a_threshold(opened: Opened, both: Gallery, still: SessionController, qtbot: QtBot) -> None:
    studio = opened(both)
    plot = studio._histogram._plot()

    qtbot.mouseClick(studio._histogram, Qt.MouseButton.LeftButton, pos=plot.center().toPoint())

    qtbot.waitUntil(lambda: threshold_of(still) == pytest.approx(studio._histogram.far_l2 / 2, abs=0.01))


def test_a_drag_is_a_few_changes_and_not_a_hundred(opened: Opened, both: Gallery, still: SessionController, qtbot: QtBot) -> None:
    studio = opened(both)
    changes: list[float | None] = []
    still.wish_changed.connect(lambda: changes.append(threshold_of(still)))

    for step in range(30, 80):
        studio._chooser.slider.setValue(step)
    qtbot.waitUntil(lambda: threshold_of(still) == pytest.approx(79 * 0.005))

    assert len(changes) == 1


def test_closing_without_applying_gives_the_settings_back(
    opened: Opened, both: Gallery, still: SessionController, qtbot: QtBot
) -> None:
    studio = opened(both)
    studio._chooser.pick(0.5)
    qtbot.waitUntil(lambda: threshold_of(still) == 0.5)

    studio.close()

    assert still.wish.settings == SETTINGS
    assert studio._apply.text()


def test_revert_goes_back_to_a_pinned_threshold(opened: Opened, both: Gallery, still: SessionController, qtbot: QtBot) -> None:
    pinned = replace(SETTINGS, identify=replace(SETTINGS.identify, threshold_l2=0.4))
    studio = opened(both, pinned)
    studio._chooser.automatic.click()
    qtbot.waitUntil(lambda: threshold_of(still) is None)

    qtbot.mouseClick(studio._revert, Qt.MouseButton.LeftButton)

    assert threshold_of(still) == 0.4
    assert studio._chooser.pinned.isChecked()
    assert not studio._apply.isEnabled()


def test_an_applied_threshold_is_kept_and_the_rest_of_the_file_stays(
    opened: Opened, both: Gallery, still: SessionController, qtbot: QtBot, tmp_path: Path
) -> None:
    studio = opened(both)
    studio._chooser.pick(0.35)

    qtbot.mouseClick(studio._apply, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "Kept in" in studio._status.text())
    studio.close()

    text = (tmp_path / "facecam.toml").read_text(encoding="utf-8")
    assert tomllib.loads(text)["identify"] == {"threshold_l2": 0.35, "stranger_rate": 0.01}
    assert "min_iou = 0.4 # mine" in text
    assert threshold_of(still) == 0.35


def test_automatic_takes_the_pin_out_of_the_file(opened: Opened, both: Gallery, qtbot: QtBot, tmp_path: Path) -> None:
    pinned = replace(SETTINGS, identify=replace(SETTINGS.identify, threshold_l2=0.4))
    (tmp_path / "facecam.toml").write_text("[identify]\nthreshold_l2 = 0.4\n", encoding="utf-8")
    studio = opened(both, pinned)
    studio._chooser.rate.setCurrentIndex(studio._chooser.rate.findData(0.002))
    studio._chooser.rate.activated.emit(0)

    studio.apply()
    studio.close()

    assert tomllib.loads((tmp_path / "facecam.toml").read_text(encoding="utf-8")) == {"identify": {"stranger_rate": 0.002}}


def test_what_cannot_be_kept_is_said(opened: Opened, both: Gallery, qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "facecam.toml").write_text("identify = {mirrored = true}\n", encoding="utf-8")
    studio = opened(both)
    studio._chooser.pick(0.35)

    studio.apply()

    qtbot.waitUntil(lambda: "not kept" in studio._status.text())
    assert "facecam.toml" in studio._status.text()


def test_a_variable_that_wins_is_named(opened: Opened, both: Gallery, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FACECAM_IDENTIFY_THRESHOLD_L2", "0.3")
    studio = opened(both)
    studio._chooser.pick(0.35)

    studio.apply()

    qtbot.waitUntil(lambda: "FACECAM_IDENTIFY_THRESHOLD_L2" in studio._status.text())


def test_a_rate_changed_elsewhere_is_no_trial(opened: Opened, both: Gallery, still: SessionController) -> None:
    studio = opened(both)

    still.change(SETTINGS.replace({"identify.stranger_rate": 0.05}))
    studio.close()

    assert still.wish.settings.identify.stranger_rate == 0.05


def test_an_empty_gallery_is_told_what_is_missing(opened: Opened, tmp_path: Path, qtbot: QtBot) -> None:
    studio = opened(Gallery(tmp_path / "gallery", "some"))
    assert "Nobody is enrolled" in studio._missing.text()

    with qtbot.waitSignal(studio.page_wanted) as wanted:
        qtbot.mouseClick(studio._enroll, Qt.MouseButton.LeftButton)

    assert wanted.args == ["enroll", None]


def test_one_person_is_told_that_a_second_is_missing(opened: Opened, gallery: Path) -> None:
    studio = opened(load(gallery))

    assert "second person" in studio._pair._told.text()
    assert studio._strangers.text()
    assert "of 1" not in studio._near.text()


def test_while_objects_are_looked_at_it_says_so(opened: Opened, still: SessionController) -> None:
    still.wish = replace(still.wish, mode=Mode.OBJECTS)

    assert "Switch to faces" in opened(None)._missing.text()


def test_another_gallery_is_measured_anew(
    opened: Opened, both: Gallery, gallery: Path, still: SessionController, qtbot: QtBot
) -> None:
    studio = opened(both)
    shutil.rmtree(gallery / "Grace Hopper")

    still.gallery = load(gallery)
    still.gallery_changed.emit()

    qtbot.waitUntil(lambda: "second person" in studio._pair._told.text())


def test_who_is_in_the_picture_stands_at_their_distance(live: SessionController, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: live.gallery is not None, timeout=60_000)
    studio = ThresholdStudio(live)
    qtbot.addWidget(studio)
    studio.show()

    qtbot.waitUntil(lambda: "Eileen Collins, gets the name" in studio._now.text(), timeout=60_000)
    assert any(mark.name == "Eileen Collins" for mark in studio._histogram._seen)
    studio._chooser.pick(0.005)

    qtbot.waitUntil(lambda: "gets the name" not in studio._now.text(), timeout=60_000)
    studio.close()
    qtbot.waitUntil(lambda: live.results[0][1].threshold_l2 != 0.005, timeout=60_000)


def test_opening_and_closing_fifty_times_leaves_nothing_behind(both: Gallery, still: SessionController, qtbot: QtBot) -> None:
    still.gallery = both
    open_and_close(qtbot, lambda: ThresholdStudio(still), 3)
    before = count_objects()

    open_and_close(qtbot, lambda: ThresholdStudio(still), 50)

    assert count_objects() == before
