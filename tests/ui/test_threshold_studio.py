"""The threshold studio shows the values of `calibrate`, and restores the settings unless they are applied."""

from __future__ import annotations

import shutil
import tomllib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from facecam.gallery.gallery import Gallery, analysis_conditions
from facecam.networks.embedding_networks import DEFAULT_NETWORK
from facecam.recognition.calibration import ClosestPair, calibrate
from facecam.recognition.face_analyzer import open_face_analyzer
from facecam.settings import Mode, Settings, load_settings
from facecam.ui.session_controller import AppPaths, SessionController
from facecam.ui.threshold.studio import ThresholdStudio
from tests.ui.leaks import count_objects, open_and_close

SETTINGS = Settings()
OpenStudio = Callable[..., ThresholdStudio]


def load_gallery(folder: Path) -> Gallery:
    with open_face_analyzer(SETTINGS) as analyzer:
        return Gallery.load(folder, analyzer, conditions=analysis_conditions(SETTINGS))


@pytest.fixture(scope="module")
def two_people(tmp_path_factory: pytest.TempPathFactory, portraits: dict[str, Path]) -> Gallery:
    """Eileen Collins and Grace Hopper, in a folder that no test changes."""
    folder = tmp_path_factory.mktemp("two people") / "gallery"
    for name in ("Eileen Collins", "Grace Hopper"):
        (folder / name).mkdir(parents=True)
        shutil.copy(portraits[name.lower().replace(" ", "_")], folder / name)
    return load_gallery(folder)


@pytest.fixture
def idle(make_controller: Callable[..., SessionController], tmp_path: Path) -> SessionController:
    """Controller that is not started and saves settings in the test's folder."""
    controller = make_controller()
    controller.paths = AppPaths(tmp_path / "gallery", None, tmp_path / "facecam.toml")
    (tmp_path / "facecam.toml").write_text("[track]\nmin_iou = 0.4 # mine\n", encoding="utf-8")
    return controller


@pytest.fixture
def open_studio(qtbot: QtBot, idle: SessionController) -> OpenStudio:
    """Return a function that opens a studio on a gallery and waits for the calibration."""

    def open_on(gallery: Gallery | None, settings: Settings = SETTINGS) -> ThresholdStudio:
        idle.gallery = gallery
        idle.request = replace(idle.request, settings=settings)
        studio = ThresholdStudio(idle)
        qtbot.addWidget(studio)
        studio.show()
        qtbot.waitUntil(lambda: not studio._jobs.is_busy)
        return studio

    return open_on


@pytest.fixture
def studio(open_studio: OpenStudio, two_people: Gallery) -> ThresholdStudio:
    return open_studio(two_people)


def threshold_of(controller: SessionController) -> float | None:
    return controller.request.settings.identify.threshold_l2


def test_the_values_are_those_of_calibrate(studio: ThresholdStudio, two_people: Gallery) -> None:
    expected = calibrate(two_people, SETTINGS.identify)

    assert studio._calibration is not None
    assert studio._controls.number.value() == pytest.approx(expected.current.threshold_l2, abs=5e-4)
    automatic = studio._calibration.at_fpir(0.01)
    assert automatic.false_positive_identification_rate == pytest.approx(
        expected.current.false_positive_identification_rate, rel=1e-4
    )
    assert automatic.false_negative_identification_rate == pytest.approx(
        expected.current.false_negative_identification_rate, rel=1e-4
    )
    assert studio._calibration.closest == expected.closest


def test_the_texts_agree_with_those_of_calibrate(open_studio: OpenStudio, two_people: Gallery) -> None:
    fixed = replace(SETTINGS, identify=replace(SETTINGS.identify, threshold_l2=1.1))
    studio = open_studio(two_people, fixed)
    sentence = calibrate(two_people, fixed.identify).sentence()

    texts = f"{studio._strangers.text()} {studio._misses.text()}".replace("About", "about").replace(".", "")
    assert all(word in sentence for word in texts.split())


def test_the_closest_pair_is_shown_with_both_photos(studio: ThresholdStudio, two_people: Gallery, qtbot: QtBot) -> None:
    closest = calibrate(two_people).closest
    assert isinstance(closest, ClosestPair)

    assert tuple(name.accessibleName() for name in studio._pair._names) == closest.names
    assert f"{closest.distance_l2:.3f}" in studio._pair._text.text()
    paths = [view._path for view in studio._pair._photos]
    assert [f"{path.parent.name}/{path.name}" for path in paths if path] == list(closest.sample_ids)
    qtbot.waitUntil(lambda: all(view.pixmap for view in studio._pair._photos))


def test_people_with_a_lower_threshold_are_counted_while_it_is_automatic(
    open_studio: OpenStudio, tmp_path: Path, portraits: dict[str, Path], test_data: Path, qtbot: QtBot
) -> None:
    """The cohort of the packaged distances resembles young children most: their faces have many others close by."""
    for name, photo in (
        ("Grace Hopper", portraits["grace_hopper"]),
        ("Ada", test_data / "data" / "fairface-val" / "images" / "2701.jpg"),
    ):
        (tmp_path / "people" / name).mkdir(parents=True)
        shutil.copy(photo, tmp_path / "people" / name)
    studio = open_studio(load_gallery(tmp_path / "people"))

    counted = "People with a lower threshold of their own, whom many faces resemble or whose photos are very similar: 1."
    assert counted in studio._confusable.text()
    qtbot.keyClick(studio._controls.slider, Qt.Key.Key_Right)
    assert "lower threshold of their own" not in studio._confusable.text()


def test_the_closest_pair_can_be_so_by_the_mean_of_a_persons_photos(
    open_studio: OpenStudio, tmp_path: Path, test_data: Path
) -> None:
    photos = {path.stem[-4:]: path for path in (test_data / "data" / "lfw-view1" / "images" / "Ricardo_Lagos").iterdir()}
    for name, numbers in (("Ricardo Lagos", ("0001", "0002", "0003")), ("Ada", ("0022",))):
        (tmp_path / "people" / name).mkdir(parents=True)
        for number in numbers:
            shutil.copy(photos[number], tmp_path / "people" / name)
    gallery = load_gallery(tmp_path / "people")
    closest = calibrate(gallery).closest
    assert closest is not None

    studio = open_studio(gallery)

    distance = f"{closest.distance_l2:.3f} to the mean of the photos of Ricardo Lagos"
    assert studio._pair._text.text().startswith(f"Distance {distance}: ")


def test_moving_the_slider_fixes_the_threshold_of_the_live_video(
    studio: ThresholdStudio, idle: SessionController, qtbot: QtBot
) -> None:
    before = studio._controls.slider.value()
    assert studio._controls.slider.focusPolicy() & Qt.FocusPolicy.TabFocus
    studio._controls.slider.setFocus()

    qtbot.keyClick(studio._controls.slider, Qt.Key.Key_Right)
    qtbot.waitUntil(lambda: threshold_of(idle) is not None)
    assert threshold_of(idle) == pytest.approx((before + 1) * 0.005)
    assert studio._controls.fixed.isChecked()
    qtbot.keyClick(studio._controls.slider, Qt.Key.Key_PageUp)

    qtbot.waitUntil(lambda: threshold_of(idle) == pytest.approx((before + 5) * 0.005))


def test_a_click_in_the_histogram_sets_the_threshold(studio: ThresholdStudio, idle: SessionController, qtbot: QtBot) -> None:
    plot = studio._histogram._plot()

    qtbot.mouseClick(studio._histogram, Qt.MouseButton.LeftButton, pos=plot.center().toPoint())

    qtbot.waitUntil(lambda: threshold_of(idle) == pytest.approx(studio._histogram.far_l2 / 2, abs=0.01))


def test_a_quick_drag_changes_the_settings_once(studio: ThresholdStudio, idle: SessionController, qtbot: QtBot) -> None:
    changes: list[float | None] = []
    idle.request_changed.connect(lambda: changes.append(threshold_of(idle)))

    for step in range(30, 80):
        studio._controls.slider.setValue(step)
    qtbot.waitUntil(lambda: threshold_of(idle) == pytest.approx(79 * 0.005))

    assert len(changes) == 1


def test_closing_without_applying_restores_the_settings(
    studio: ThresholdStudio, idle: SessionController, qtbot: QtBot, tmp_path: Path
) -> None:
    studio._controls.number.setValue(0.5)
    qtbot.waitUntil(lambda: threshold_of(idle) == 0.5)

    studio.close()

    assert idle.request.settings == SETTINGS
    assert "threshold_l2" not in (tmp_path / "facecam.toml").read_text(encoding="utf-8")
    assert studio._apply.text()


def test_revert_restores_a_fixed_threshold(
    open_studio: OpenStudio, two_people: Gallery, idle: SessionController, qtbot: QtBot
) -> None:
    fixed = replace(SETTINGS, identify=replace(SETTINGS.identify, threshold_l2=0.4))
    studio = open_studio(two_people, fixed)
    studio._controls.automatic.click()
    qtbot.waitUntil(lambda: threshold_of(idle) is None)

    qtbot.mouseClick(studio._revert, Qt.MouseButton.LeftButton)

    assert threshold_of(idle) == 0.4
    assert studio._controls.fixed.isChecked()
    assert not studio._apply.isEnabled()


def test_an_applied_threshold_is_saved_and_the_rest_of_the_file_stays(
    studio: ThresholdStudio, idle: SessionController, qtbot: QtBot, tmp_path: Path
) -> None:
    studio._controls.number.setValue(0.35)

    qtbot.mouseClick(studio._apply, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "Saved in" in studio._status.text())
    studio.close()

    text = (tmp_path / "facecam.toml").read_text(encoding="utf-8")
    assert tomllib.loads(text)["identify"] == {
        "threshold_l2": 0.35,
        "false_positive_identification_rate": 0.01,
        "distances_network": DEFAULT_NETWORK,
    }
    assert load_settings(tmp_path / "facecam.toml", environment={}).identify == idle.request.settings.identify
    assert "min_iou = 0.4 # mine" in text
    assert threshold_of(idle) == 0.35


def test_automatic_removes_the_fixed_threshold_from_the_file(
    open_studio: OpenStudio, two_people: Gallery, qtbot: QtBot, tmp_path: Path
) -> None:
    fixed = replace(SETTINGS, identify=replace(SETTINGS.identify, threshold_l2=0.4))
    (tmp_path / "facecam.toml").write_text("[identify]\nthreshold_l2 = 0.4\n", encoding="utf-8")
    studio = open_studio(two_people, fixed)
    studio._controls.rate.setCurrentIndex(studio._controls.rate.findData(0.002))
    studio._controls.rate.activated.emit(0)

    studio.apply()
    studio.close()

    assert tomllib.loads((tmp_path / "facecam.toml").read_text(encoding="utf-8")) == {
        "identify": {"false_positive_identification_rate": 0.002}
    }


def test_apply_replaces_a_threshold_of_another_network(open_studio: OpenStudio, two_people: Gallery, tmp_path: Path) -> None:
    (tmp_path / "facecam.toml").write_text("[identify]\nthreshold_l2 = 0.4\n", encoding="utf-8")
    studio = open_studio(two_people)
    assert studio._controls.automatic.isChecked()
    assert studio._apply.isEnabled()

    studio.apply()
    assert not studio._apply.isEnabled()
    studio.close()

    assert tomllib.loads((tmp_path / "facecam.toml").read_text(encoding="utf-8")) == {
        "identify": {"false_positive_identification_rate": 0.01}
    }


def test_a_setting_that_cannot_be_saved_is_reported(
    open_studio: OpenStudio, two_people: Gallery, qtbot: QtBot, tmp_path: Path
) -> None:
    (tmp_path / "facecam.toml").write_text("identify = 3\n", encoding="utf-8")
    studio = open_studio(two_people)
    studio._controls.number.setValue(0.35)

    studio.apply()

    qtbot.waitUntil(lambda: "not saved" in studio._status.text())
    assert "facecam.toml" in studio._status.text()


def test_an_environment_variable_that_overrides_the_setting_is_named(
    open_studio: OpenStudio, two_people: Gallery, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FACECAM_IDENTIFY_THRESHOLD_L2", "0.3")
    studio = open_studio(two_people)
    studio._controls.number.setValue(0.35)

    studio.apply()

    qtbot.waitUntil(lambda: "FACECAM_IDENTIFY_THRESHOLD_L2" in studio._status.text())


def test_closing_keeps_a_rate_that_was_changed_elsewhere(studio: ThresholdStudio, idle: SessionController) -> None:
    idle.change(SETTINGS.replace({"identify.false_positive_identification_rate": 0.05}))
    studio.close()

    assert idle.request.settings.identify.false_positive_identification_rate == 0.05


def test_an_empty_gallery_offers_enrollment(open_studio: OpenStudio, tmp_path: Path, qtbot: QtBot) -> None:
    studio = open_studio(Gallery(tmp_path / "gallery", "some"))
    assert "gallery is empty" in studio._missing.text()

    with qtbot.waitSignal(studio.page_requested) as signal:
        qtbot.mouseClick(studio._enroll, Qt.MouseButton.LeftButton)

    assert signal.args == ["enroll", None]


def test_a_gallery_of_one_person_suggests_a_second(open_studio: OpenStudio, gallery: Path) -> None:
    studio = open_studio(load_gallery(gallery))

    assert "second person" in studio._pair._text.text()
    assert studio._strangers.text()
    assert "of 1" not in studio._confusable.text()


def test_objects_mode_suggests_switching_to_faces(open_studio: OpenStudio, idle: SessionController) -> None:
    idle.request = replace(idle.request, mode=Mode.OBJECTS)

    assert "Switch to Faces" in open_studio(None)._missing.text()


def test_another_gallery_is_calibrated_again(
    studio: ThresholdStudio, gallery: Path, idle: SessionController, qtbot: QtBot
) -> None:
    idle.gallery = load_gallery(gallery)
    idle.gallery_changed.emit()

    qtbot.waitUntil(lambda: "second person" in studio._pair._text.text())


def test_faces_in_the_video_are_marked_at_their_distance(controller: SessionController, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: controller.gallery is not None)
    studio = ThresholdStudio(controller)
    qtbot.addWidget(studio)
    studio.show()

    qtbot.waitUntil(lambda: "Eileen Collins, known." in studio._faces.text())
    assert any(face.name == "Eileen Collins" for face in studio._histogram._faces)
    studio._controls.number.setValue(0.005)

    qtbot.waitUntil(lambda: ", known." not in studio._faces.text())
    studio.close()
    qtbot.waitUntil(lambda: controller.results[0][1].threshold_l2 != 0.005)


def test_opening_and_closing_leaks_no_objects(two_people: Gallery, idle: SessionController, qtbot: QtBot) -> None:
    idle.gallery = two_people
    open_and_close(qtbot, lambda: ThresholdStudio(idle), 3)
    before = count_objects()

    open_and_close(qtbot, lambda: ThresholdStudio(idle), 10)

    assert count_objects() == before
