"""Cover strangers in the real window: nothing of a stranger's face is left in the video, cards, snapshots and recordings."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QRectF
from PySide6.QtGui import QColor, QImage, QPainter, QPixmap
from PySide6.QtWidgets import QLabel, QListWidget, QWidget
from pytestqt.qtbot import QtBot

from facecam.imageio import read_image
from facecam.rendering.privacy import COVER_BGR
from facecam.session.visitors import VisitorSummary, VisitorTracker
from facecam.settings import Settings
from facecam.types import Box, DecisionStatus, Image, Result, Sighting
from facecam.ui.enrollment.mirror_view import MirrorView
from facecam.ui.explanation.panel import ExplanationPanel
from facecam.ui.name_field import NameField
from facecam.ui.person_card import ROW, visitor_image
from facecam.ui.preferences import open_store
from facecam.ui.session_controller import SessionController
from facecam.ui.video.overlay_painter import ImagePlacement
from facecam.ui.window.pages import PEOPLE, WHY
from facecam.ui.window.window import Window
from tests.session.video_files import images_in
from tests.ui.fakes import idle_controller, make_frame, make_result, make_sighting, show_result
from tests.ui.portraits import EILEEN, GRACE, enroll_portraits, portraits_controller, tracks_by_name

FRAME_INSIDE = 0.15
"""Share of a side within which the stroke of a portrait lies."""


@pytest.fixture
def window(tmp_path: Path, make_window: Callable[[SessionController], Window]) -> Iterator[Window]:
    """A window on a session that shows Eileen Collins, who is enrolled, beside Grace Hopper, who is not."""
    enroll_portraits(tmp_path / "gallery", EILEEN)
    controller = portraits_controller(tmp_path, EILEEN, GRACE)
    window = make_window(controller)
    controller.start()
    yield window
    assert controller.stop()


def pixels(image: QImage) -> Image:
    """Return the pixels (height, width, 3) BGR."""
    converted = image.convertToFormat(QImage.Format.Format_RGB32)
    data = np.frombuffer(converted.constBits(), np.uint8).reshape(converted.height(), converted.bytesPerLine() // 4, 4)
    return data[:, : converted.width(), :3].copy()


def boxes(window: Window) -> dict[DecisionStatus, Box]:
    """Return the newest box of each status."""
    _, result = window.controller.results[0]
    return {item.track_decision.decision.status: item.face.box for item in result.sightings}


def wait_for_both(qtbot: QtBot, window: Window) -> dict[DecisionStatus, Box]:
    """Wait until the known person and the stranger are decided."""
    decided = {DecisionStatus.KNOWN, DecisionStatus.UNKNOWN}
    qtbot.waitUntil(lambda: bool(window.controller.results) and set(boxes(window)) == decided)
    return boxes(window)


def visitor_of(window: Window, name: str | None) -> VisitorSummary:
    """Return the known person, or the stranger for None."""
    visitor = window.controller.visitor_tracker.visitor_of(tracks_by_name(window.controller)[name])
    assert visitor is not None
    return visitor


def part(image: Image, box: Box, margin: float = 0.2) -> Image:
    """Return the pixels of a box with a margin in its sides."""
    left, top = round(box.x - margin * box.w), round(box.y - margin * box.h)
    right, bottom = round(box.x + (1 + margin) * box.w), round(box.y + (1 + margin) * box.h)
    return image[max(0, top) : bottom, max(0, left) : right]


def inner(image: Image) -> Image:
    """Return a portrait without its stroke."""
    edge = round(FRAME_INSIDE * min(image.shape[:2]))
    return image[edge:-edge, edge:-edge]


def is_flat(image: Image, tolerance: int = 0) -> bool:
    assert image.size
    return bool((np.abs(image.astype(int) - COVER_BGR) <= tolerance).all())


def test_the_video_in_the_window_has_one_color_under_the_shape(qtbot: QtBot, window: Window) -> None:
    wait_for_both(qtbot, window)
    window.video.shows_annotations = False
    window.app_actions["cover"].trigger()
    shown = boxes(window)
    (_, tile), *_ = window.video.tiles()

    image = pixels(window.video.grab().toImage())

    assert tile.fit is not None
    faces = {}
    for status, box in shown.items():
        rect = tile.fit.transform.mapRect(QRectF(box.x, box.y, box.w, box.h))
        faces[status] = part(image, Box(rect.x(), rect.y(), rect.width(), rect.height()))
    assert is_flat(faces[DecisionStatus.UNKNOWN])
    assert not is_flat(faces[DecisionStatus.KNOWN], 60)


def test_a_snapshot_has_one_color_under_the_shape(qtbot: QtBot, window: Window, tmp_path: Path) -> None:
    wait_for_both(qtbot, window)
    window.video.shows_annotations = False
    window.app_actions["cover"].trigger()
    shown = boxes(window)

    window.app_actions["snapshot"].trigger()

    qtbot.waitUntil(lambda: bool(list((tmp_path / "Pictures").rglob("*.png"))))
    qtbot.waitUntil(lambda: "Saved as" in window.toast.text)
    (path,) = (tmp_path / "Pictures").rglob("*.png")
    image = read_image(path)
    assert is_flat(part(image, shown[DecisionStatus.UNKNOWN]))
    assert not is_flat(part(image, shown[DecisionStatus.KNOWN]), 60)


def test_a_recording_has_one_color_under_the_shape_in_every_frame(qtbot: QtBot, window: Window) -> None:
    wait_for_both(qtbot, window)
    window.video.shows_annotations = False
    window.app_actions["mirror"].trigger()
    assert not window.video.is_mirrored(0)
    window.app_actions["cover"].trigger()
    shown = wait_for_both(qtbot, window)

    window.app_actions["record"].trigger()
    for _ in range(8):
        with qtbot.waitSignal(window.controller.recognized):
            pass
    with qtbot.waitSignal(window.recorder.saved) as saved:
        window.app_actions["record"].trigger()

    images = images_in(saved.args[0])
    assert len(images) > 5
    for image in images:
        assert is_flat(part(image, shown[DecisionStatus.UNKNOWN], 0.1), 12), "the video is compressed"
        assert not is_flat(part(image, shown[DecisionStatus.KNOWN]), 60)


def test_the_card_of_a_stranger_has_one_color(qtbot: QtBot, window: Window) -> None:
    wait_for_both(qtbot, window)
    window.pages.open(PEOPLE)
    qtbot.waitUntil(lambda: {EILEEN, None} <= set(tracks_by_name(window.controller)))
    window.app_actions["cover"].trigger()
    panel = window.pages.get_or_create(PEOPLE)
    assert isinstance(panel, QListWidget)
    qtbot.waitUntil(lambda: len(cards(panel)) == 2)

    portraits = {name: inner(portrait_in(panel, name)) for name in (EILEEN, None)}

    assert is_flat(portraits[None])
    assert not is_flat(portraits[EILEEN], 60)
    window.app_actions["cover"].trigger()
    assert not is_flat(inner(portrait_in(panel, None)), 60)


def cards(panel: QListWidget) -> dict[str | None, int]:
    """Return the rows of the visitors by name."""
    rows = (panel.item(number).data(ROW) for number in range(panel.count()))
    return {row.visitor.name: number for number, row in enumerate(rows) if row.visitor is not None}


def portrait_in(panel: QListWidget, name: str | None) -> Image:
    """Return the pixels of a card's portrait, the square at its left edge."""
    rect = panel.visualItemRect(panel.item(cards(panel)[name]))
    image = pixels(panel.viewport().grab(rect).toImage())
    gap = round(panel.fontMetrics().height() * 0.42)
    return image[gap:-gap, gap : len(image) - gap]


def test_the_name_field_shows_one_color_for_a_stranger(qtbot: QtBot, window: Window) -> None:
    wait_for_both(qtbot, window)
    qtbot.waitUntil(lambda: {EILEEN, None} <= set(tracks_by_name(window.controller)))
    window.app_actions["cover"].trigger()

    def portrait(name: str | None) -> Image:
        field = NameField(window.controller, visitor_of(window, name), window)
        field.open_at(window.mapToGlobal(QPoint(10, 10)))
        shown = largest_pixmap(field)
        field.close()
        return inner(pixels(shown.toImage()))

    assert is_flat(portrait(None))
    assert not is_flat(portrait(EILEEN), 60)


def largest_pixmap(widget: QWidget) -> QPixmap:
    return max((label.pixmap() for label in widget.findChildren(QLabel)), key=lambda pixmap: pixmap.width())


def test_why_shows_one_color_for_a_stranger_also_while_it_is_frozen(qtbot: QtBot, window: Window) -> None:
    wait_for_both(qtbot, window)
    window.pages.open(WHY, tracks_by_name(window.controller)[None])
    panel = window.findChild(ExplanationPanel)
    assert panel is not None
    qtbot.waitUntil(lambda: panel.report is not None)
    panel.freeze.setChecked(True)
    assert not is_flat(pixels(panel.face.image.pixmap.toImage()), 60)

    window.app_actions["cover"].trigger()

    assert is_flat(pixels(panel.face.image.pixmap.toImage()))


class HeatmapOfEveryFace:
    """Stands in for the HeatmapLayer, whose worker needs a minute: fills the box of each face in the result that it is given."""

    def paint(  # the signature of HeatmapLayer
        self,
        painter: QPainter,
        slot: int,  # noqa: ARG002
        fit: ImagePlacement,
        result: Result,
        *,
        known_only: bool = False,
    ) -> None:
        shown = (item for item in result.sightings if not known_only or is_known(item))
        for box in (item.face.box for item in shown):
            painter.fillRect(fit.transform.mapRect(QRectF(box.x, box.y, box.w, box.h)), QColor("red"))


def is_known(sighting: Sighting) -> bool:
    return sighting.track_decision.decision.status is DecisionStatus.KNOWN


def test_no_heatmap_is_painted_over_a_stranger(qtbot: QtBot, window: Window) -> None:
    shown = wait_for_both(qtbot, window)
    window.video.heatmaps = HeatmapOfEveryFace()

    def faces() -> dict[DecisionStatus, Image]:
        image = window.video.snapshot()
        assert image is not None
        return {status: part(pixels(image), box, -0.3) for status, box in shown.items()}

    assert not is_flat(faces()[DecisionStatus.UNKNOWN], 60)
    window.app_actions["cover"].trigger()

    assert is_flat(faces()[DecisionStatus.UNKNOWN])
    assert not is_flat(faces()[DecisionStatus.KNOWN], 60)


def test_the_choice_of_an_earlier_version_to_blur_strangers_covers_them(
    make_window: Callable[[SessionController], Window],
) -> None:
    open_store().setValue("blur", True)

    window = make_window(idle_controller())

    assert window.video.covers_strangers
    assert window.store.value("cover", type=bool)
    assert not window.store.contains("blur")


def test_the_person_who_is_enrolled_is_not_covered(qtbot: QtBot) -> None:
    controller = idle_controller()
    controller.covers_strangers = True
    mirror = MirrorView(controller)
    qtbot.addWidget(mirror)
    noise = np.random.default_rng(2).integers(0, 90, (480, 640, 3), np.uint8)

    show_result(controller, make_frame(noise), make_sighting(Box(200, 150, 200, 200), DecisionStatus.UNKNOWN))

    assert not is_flat(pixels(mirror.grab().toImage())[100:-100, 100:-100], 10)


def test_every_frame_is_searched_while_strangers_are_covered_also_in_the_next_session(
    qtbot: QtBot, tmp_path: Path, make_window: Callable[[SessionController], Window]
) -> None:
    controller = portraits_controller(tmp_path, EILEEN)
    controller.request = replace(controller.request, settings=Settings())
    window = make_window(controller)
    searched: list[bool] = []
    controller.recognized.connect(lambda slot: searched.append(controller.results[slot][1].is_searched))
    controller.start()
    qtbot.waitUntil(lambda: len(searched) > 8)
    assert searched.count(True) < 4

    window.app_actions["cover"].trigger()
    qtbot.waitUntil(lambda: searched[-1] and searched[-2])
    searched.clear()
    qtbot.waitUntil(lambda: len(searched) > 8)
    assert all(searched)
    with qtbot.waitSignal(controller.started):
        controller.start()
    searched.clear()
    qtbot.waitUntil(lambda: len(searched) > 8)
    assert all(searched)
    assert controller.stop()


@pytest.mark.parametrize("status", [DecisionStatus.UNKNOWN, DecisionStatus.UNSURE, DecisionStatus.SKIPPED])
def test_the_portrait_of_everyone_who_is_not_known_has_one_color(status: DecisionStatus) -> None:
    frame = make_frame(np.random.default_rng(2).integers(0, 90, (480, 640, 3), np.uint8))
    visitors = VisitorTracker()
    visitors.update(0, frame, make_result(frame, make_sighting(Box(200, 150, 200, 200), status)))
    visitor = visitors.visitor_of(1)
    assert visitor is not None

    assert is_flat(inner(pixels(visitor_image(visitor, 340, covers_strangers=True))))
    assert not is_flat(inner(pixels(visitor_image(visitor, 340, covers_strangers=False))), 60)
    left = replace(visitor, track_ids=())
    assert is_flat(inner(pixels(visitor_image(left, 340, covers_strangers=True))))


def test_the_portrait_of_a_known_person_has_one_color_where_a_stranger_is_beside_them() -> None:
    noise = np.random.default_rng(2).integers(0, 90, (480, 640, 3), np.uint8)
    frame = make_frame(noise)
    known, stranger = Box(200, 150, 200, 200), Box(410, 150, 180, 180)
    visitors = VisitorTracker()
    faces = make_sighting(known), make_sighting(stranger, DecisionStatus.UNKNOWN, track_id=2)
    visitors.update(0, frame, make_result(frame, *faces))
    visitor = visitors.visitor_of(1)
    assert visitor is not None

    image = inner(pixels(visitor_image(visitor, 340, covers_strangers=True)))

    right_edge = image[60:180, -20:]
    assert is_flat(right_edge[2:-2, 2:], 1)
    assert not is_flat(image[:, :100], 10), "the face is not covered"
